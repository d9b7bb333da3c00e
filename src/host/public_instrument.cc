#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "exporter/arrow_reader.h"
#include "fhir/questionnaire.h"
#include "host/errors.h"
#include "host/reports.h"
#include "host/score_columns.h"
#include "instruments/change_rule.h"
#include "instruments/cohort.h"
#include "instruments/instrument.h"
#include "instruments/score_report.h"
#include "stepwell/instrument.h"

namespace stepwell {
namespace {

using instruments::MissingPolicy;
using LoadedInstrument = std::shared_ptr<const instruments::Instrument>;

// `coding` chooses among the documents of one form in the catalogue.
absl::StatusOr<LoadedInstrument> FindInstrument(std::string_view given,
                                                std::string_view coding = {}) {
  const size_t first = given.find_first_not_of(" \t\r\n");
  if (first == given.npos || given[first] != '{') {
    return instruments::LoadCatalogueInstrument(given, coding);
  }
  std::string made;  // of a FHIR Questionnaire
  if (fhir::IsQuestionnaire(given)) {
    STEPWELL_ASSIGN_OR_RETURN(fhir::QuestionnaireReading read,
                              fhir::ReadQuestionnaire(given));
    if (HasError(read.issues)) {
      return host::DocumentError("questionnaire", read.issues);
    }
    made = std::move(read.document);
    given = made;
  }
  STEPWELL_ASSIGN_OR_RETURN(instruments::LoadResult loaded,
                            instruments::LoadInstrument(given));
  if (loaded.instrument != nullptr) return std::move(loaded.instrument);
  return host::DocumentError("instrument", loaded.issues);
}

absl::StatusOr<MissingPolicy> MissingFromName(const std::string& name) {
  if (name.empty()) return MissingPolicy::kDocument;
  if (name == "strict") return MissingPolicy::kStrict;
  if (name == "prorate") return MissingPolicy::kProrate;
  return InvalidInput(absl::StrCat("no way to treat missing answers is called ",
                                   name, "; strict or prorate"));
}

absl::StatusOr<instruments::ScoreOptions> OptionsOf(
    const ScoreRequest& request) {
  instruments::ScoreOptions options;
  options.context = request.context;
  options.coding = request.coding;
  options.profile = request.profile;
  options.risk_threshold = request.risk_threshold;
  STEPWELL_ASSIGN_OR_RETURN(options.missing, MissingFromName(request.missing));
  return options;
}

absl::StatusOr<std::optional<instruments::Rational>> ReadScore(
    const char* name, const std::string& text) {
  if (text.empty()) return std::optional<instruments::Rational>();
  const auto number = instruments::ParseScore(text);
  if (number) return number;
  return InvalidInput(absl::StrCat(
      name, " is a decimal number like 14 or 9.5, not \"", text, "\""));
}

const char* DirectionName(instruments::Direction direction) {
  switch (direction) {
    case instruments::Direction::kLowerIsBetter:
      return "lower_is_better";
    case instruments::Direction::kHigherIsBetter:
      return "higher_is_better";
    case instruments::Direction::kNone:
      return "none";
  }
  return "";
}

void WriteItem(json::Writer& w, const instruments::Instrument& instrument,
               const instruments::Item& item) {
  w.BeginObject();
  w.Key("id").String(item.id);
  w.Key("kind").String(instruments::ItemKindName(item.kind));
  w.Key("required").Bool(item.required);
  const bool numbers = item.kind != instruments::ItemKind::kText &&
                       item.kind != instruments::ItemKind::kDate;
  if (numbers && item.values < instrument.value_sets().size()) {
    const instruments::ValueSet& set = instrument.value_sets()[item.values];
    w.Key("min").Int(set.min).Key("max").Int(set.max);
  }
  if (!item.link_id.empty()) w.Key("link_id").String(item.link_id);
  w.EndObject();
}

void WriteScales(json::Writer& w, const instruments::Instrument& instrument) {
  w.Key("scales").BeginArray();
  for (const instruments::Scale& scale : instrument.scales()) {
    w.BeginObject();
    w.Key("id").String(scale.id);
    w.Key("min").Raw(instruments::ToJsonNumber(scale.min));
    w.Key("max").Raw(instruments::ToJsonNumber(scale.max));
    w.Key("bands").BeginArray();
    for (const instruments::Band& band : scale.bands) {
      w.BeginObject();
      w.Key("id").String(band.id);
      w.Key("from").Raw(instruments::ToJsonNumber(band.from)).EndObject();
    }
    w.EndArray().EndObject();
  }
  w.EndArray();
}

// A question that concerns everybody and has no column would count as
// unanswered by all: a mistyped name, more likely.
absl::Status CheckItemColumns(const instruments::Instrument& instrument,
                              ArrowArrayStream* answers) {
  STEPWELL_ASSIGN_OR_RETURN(const exporter::ArrowReader reader,
                            exporter::ArrowReader::Open(answers));
  std::set<uint16_t> given;
  for (size_t i = 0; i < reader.columns(); ++i) {
    const auto item = instrument.FindItem(reader.name(i));
    if (item.has_value()) given.insert(*item);
  }
  if (given.empty()) return absl::OkStatus();  // it is said by who reads them
  std::vector<std::string> absent;
  for (uint16_t i = 0; i < instrument.items().size(); ++i) {
    const instruments::Item& item = instrument.items()[i];
    const bool of_all = item.required && !item.not_applicable &&
                        item.only_for == instruments::Sex::kUnknown;
    if (of_all && given.count(i) == 0) absent.push_back(item.id);
  }
  if (absent.empty()) return absl::OkStatus();
  return InvalidInput(absl::StrCat(
      "no column holds the answers to ", absl::StrJoin(absent, ", "), " of ",
      instrument.id(), "; give a column of nulls where nobody was asked"));
}

class InstrumentImpl final : public Instrument {
 public:
  explicit InstrumentImpl(LoadedInstrument loaded)
      : loaded_(std::move(loaded)) {}

  const std::string& id() const override { return loaded_->id(); }
  std::string InfoJson() const override;

  absl::StatusOr<InstrumentReport> Score(
      const ScoreRequest& request) const override {
    STEPWELL_ASSIGN_OR_RETURN(const instruments::ScoreOptions options,
                              OptionsOf(request));
    STEPWELL_ASSIGN_OR_RETURN(
        instruments::Report report,
        instruments::ScoreJson(*loaded_, request.answers, options));
    return host::ToPublic(std::move(report));
  }

  absl::StatusOr<InstrumentReport> ChangeOfTable(
      TableChangeRequest request) const override {
    return host::ChangeOfTable(std::move(request), loaded_.get());
  }

  absl::StatusOr<Table> ScoreColumns(
      ArrowArrayStream* answers, const ScoreRequest& request) const override {
    STEPWELL_ASSIGN_OR_RETURN(const instruments::ScoreOptions options,
                              OptionsOf(request));
    STEPWELL_RETURN_IF_ERROR(CheckItemColumns(*loaded_, answers));
    return host::ScoreStream(*loaded_, answers, options);
  }

  absl::StatusOr<InstrumentReport> Change(
      const ChangeRequest& request) const override {
    STEPWELL_ASSIGN_OR_RETURN(const auto pre, ReadScore("pre", request.pre));
    STEPWELL_ASSIGN_OR_RETURN(const auto post, ReadScore("post", request.post));
    instruments::ChangeOptions options;
    options.profile = request.profile;
    options.subscale = request.subscale;
    STEPWELL_ASSIGN_OR_RETURN(
        instruments::Report report,
        instruments::ChangeJson(*loaded_, pre, post, options));
    return host::ToPublic(std::move(report));
  }

 private:
  LoadedInstrument loaded_;
};

std::string InstrumentImpl::InfoJson() const {
  const instruments::Instrument& i = *loaded_;
  json::Writer w;
  w.BeginObject();
  w.Key("id").String(i.id()).Key("version").String(i.version());
  w.Key("title").String(i.title());
  w.Key("hash").String(ToHex(i.fingerprint()));
  if (!i.coding().empty()) w.Key("coding").String(i.coding());
  w.Key("direction").String(DirectionName(i.direction()));
  w.Key("items").BeginArray();
  for (const instruments::Item& item : i.items()) WriteItem(w, i, item);
  w.EndArray();
  WriteScales(w, i);
  w.Key("profiles").BeginArray();
  for (const instruments::Profile& profile : i.profiles()) {
    w.String(profile.id);
  }
  w.EndArray().Key("tiers").BeginArray();
  for (const std::string& tier : i.tiers().ids) w.String(tier);
  w.EndArray().Key("licence").BeginObject();
  w.Key("status").String(i.licence().status);
  w.Key("holder").String(i.licence().holder);
  w.Key("attribution").String(i.licence().attribution);
  w.Key("source").String(i.licence().source);
  w.Key("text_included").Bool(i.licence().text_included);
  w.EndObject().EndObject();
  return w.Take();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Instrument>> Instrument::Load(
    std::string_view instrument) {
  STEPWELL_ASSIGN_OR_RETURN(LoadedInstrument loaded,
                            FindInstrument(instrument));
  return std::make_shared<const InstrumentImpl>(std::move(loaded));
}

absl::StatusOr<InstrumentReport> ScoreInstrument(const ScoreRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(LoadedInstrument loaded,
                            FindInstrument(request.instrument, request.coding));
  return InstrumentImpl(std::move(loaded)).Score(request);
}

absl::StatusOr<InstrumentReport> InstrumentChange(
    const ChangeRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const auto instrument,
                            Instrument::Load(request.instrument));
  return instrument->Change(request);
}

std::vector<std::string> InstrumentIds() {
  return instruments::CatalogueInstrumentIds();
}

}  // namespace stepwell
