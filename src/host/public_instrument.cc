#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "instruments/instrument.h"
#include "instruments/score_report.h"
#include "stepwell/instrument.h"

namespace stepwell {
namespace {

using instruments::Instrument;
using instruments::MissingPolicy;

absl::StatusOr<std::shared_ptr<const Instrument>> FindInstrument(
    const std::string& given) {
  if (given.empty() || given.find_first_not_of(" \t\r\n") == given.npos ||
      given[given.find_first_not_of(" \t\r\n")] != '{') {
    return instruments::LoadCatalogueInstrument(given);
  }
  STEPWELL_ASSIGN_OR_RETURN(instruments::LoadResult loaded,
                            instruments::LoadInstrument(given));
  if (loaded.instrument != nullptr) return std::move(loaded.instrument);
  for (const Issue& issue : loaded.issues) {
    if (issue.severity != Severity::kError) continue;
    return InvalidInput(
        absl::StrCat("the instrument has errors: ", issue.message),
        {issue.pointer, std::nullopt});
  }
  return InvalidInput("the instrument has errors");
}

absl::StatusOr<MissingPolicy> MissingFromName(const std::string& name) {
  if (name.empty()) return MissingPolicy::kDocument;
  if (name == "strict") return MissingPolicy::kStrict;
  if (name == "prorate") return MissingPolicy::kProrate;
  return InvalidInput(absl::StrCat("no way to treat missing answers is called ",
                                   name, "; strict or prorate"));
}

InstrumentReport ToPublic(instruments::Report report) {
  InstrumentReport out;
  out.ok = report.ok;
  out.json = std::move(report.json);
  for (instruments::ReportRow& row : report.rows) {
    out.rows.emplace_back(std::move(row.label), std::move(row.value));
  }
  return out;
}

absl::StatusOr<std::optional<instruments::Rational>> ReadScore(
    const char* name, const std::string& text) {
  if (text.empty()) return std::optional<instruments::Rational>();
  const auto number = instruments::ParseRational(text);
  if (number) return number;
  return InvalidInput(absl::StrCat(
      name, " is a decimal number like 14 or 9.5, not \"", text, "\""));
}

}  // namespace

absl::StatusOr<InstrumentReport> ScoreInstrument(const ScoreRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const auto instrument,
                            FindInstrument(request.instrument));
  instruments::ScoreOptions options;
  options.context = request.context;
  options.coding = request.coding;
  options.profile = request.profile;
  options.risk_threshold = request.risk_threshold;
  STEPWELL_ASSIGN_OR_RETURN(options.missing, MissingFromName(request.missing));
  STEPWELL_ASSIGN_OR_RETURN(
      instruments::Report report,
      instruments::ScoreJson(*instrument, request.answers, options));
  return ToPublic(std::move(report));
}

absl::StatusOr<InstrumentReport> InstrumentChange(
    const ChangeRequest& request) {
  STEPWELL_ASSIGN_OR_RETURN(const auto instrument,
                            FindInstrument(request.instrument));
  STEPWELL_ASSIGN_OR_RETURN(const auto pre, ReadScore("pre", request.pre));
  STEPWELL_ASSIGN_OR_RETURN(const auto post, ReadScore("post", request.post));
  instruments::ChangeOptions options;
  options.profile = request.profile;
  STEPWELL_ASSIGN_OR_RETURN(
      instruments::Report report,
      instruments::ChangeJson(*instrument, pre, post, options));
  return ToPublic(std::move(report));
}

std::vector<std::string> InstrumentIds() {
  return instruments::CatalogueInstrumentIds();
}

}  // namespace stepwell
