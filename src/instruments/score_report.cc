// Reports of scores.
#include "instruments/score_report.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "instruments/answers_json.h"
#include "json/json.h"

namespace stepwell::instruments {
namespace {

// A JSON object whose members come out sorted; values are rendered JSON.
using Members = std::map<std::string, std::string>;

std::string Render(const Members& members) {
  json::Writer writer;
  writer.BeginObject();
  for (const auto& [key, value] : members) writer.Key(key).Raw(value);
  writer.EndObject();
  return writer.Take();
}

std::string Number(const std::optional<Rational>& value) {
  if (!value.has_value()) return "null";
  return ToJsonNumber(*value);
}

std::string TextOrNull(std::string_view text) {
  if (text.empty()) return "null";
  return json::Quote(text);
}

std::string_view TriJson(Tri value) {
  static constexpr std::string_view kNames[] = {"false", "true", "\"unknown\""};
  return kNames[static_cast<size_t>(value)];
}

template <class Indexes>
std::string ItemList(const Instrument& instrument, const Indexes& items) {
  json::Writer writer;
  writer.BeginArray();
  for (uint16_t item : items) writer.String(instrument.items()[item].id);
  writer.EndArray();
  return writer.Take();
}

std::string ProvenanceJson(const Provenance& provenance) {
  Members out;
  out["mark"] = json::Quote(MarkName(provenance.mark));
  out["source"] = json::Quote(provenance.source);
  if (!provenance.version.empty()) {
    out["edition"] = json::Quote(provenance.version);
  }
  return Render(out);
}

// What ScoreJson works on.
struct Work {
  const Instrument& instrument;
  MatchResult match;
  ScoreContext context;
  int16_t profile = -1;
  ScoreResult result;
};

// Applies one member of the context; false when the instrument knows none of
// this name.
bool ApplyFlag(std::string_view name, bool value, Work& work,
               std::vector<uint16_t>& ignored) {
  bool known = false;
  for (size_t i = 0; i < work.instrument.items().size(); ++i) {
    if (work.instrument.items()[i].not_applicable_flag != name) continue;
    known = true;
    if (!value) continue;
    const auto item = static_cast<uint16_t>(i);
    if (work.match.answers[i].state == Answer::State::kValue) {
      ignored.push_back(item);
    }
    work.match.answers.Set(item, {Answer::State::kNotApplicable, 0});
  }
  return known;
}

absl::Status ApplyContext(json::Value context, Work& work,
                          std::vector<uint16_t>& ignored) {
  if (!context.is_object()) {
    return InvalidInput("the context is an object, like {\"sex\": \"female\"}",
                        {context.pointer(), std::nullopt});
  }
  for (json::Value member : json::Children(context)) {
    const ErrorPlace place{member.pointer(), std::nullopt};
    if (member.key() == "age") {
      constexpr int64_t kAgeMax = 150;
      const std::optional<int64_t> age = member.int64_value();
      if (!age.has_value() || *age < 0 || *age > kAgeMax) {
        return InvalidInput("age is a whole number of years, 0 to 150", place);
      }
      work.context.age = static_cast<int32_t>(*age);
    } else if (member.key() == "sex") {
      if (!member.is_string() ||
          !SexFromName(member.string_value(), &work.context.sex)) {
        return InvalidInput("sex is female, male, other or unknown", place);
      }
    } else if (!member.is_bool() ||
               !ApplyFlag(member.key(), member.bool_value(), work, ignored)) {
      return InvalidInput(absl::StrCat("the context of ", work.instrument.id(),
                                       " has no true-or-false member \"",
                                       ToAbsl(member.key()), "\""),
                          place);
    }
  }
  return absl::OkStatus();
}

// {"subscale or score": {"norm": {"value", "band"}}}; null while the vendor's
// table has nothing for this person.
Members NormsOf(const Work& work) {
  Members out;
  for (size_t i = 0; i < work.result.scales.size(); ++i) {
    const Scale& scale = work.instrument.scales()[i];
    Members norms;
    for (const NormTable& table : scale.norms) {
      const auto& score = work.result.scales[i].score;
      std::optional<Rational> norm;
      if (score.has_value()) {
        norm = NormOf(table, *score, work.context.sex, work.context.age);
      }
      std::string_view band;
      if (norm.has_value()) band = NormBandId(table, *norm);
      Members one;
      one["band"] = TextOrNull(band);
      one["source"] = ProvenanceJson(table.provenance);
      one["value"] = Number(norm);
      norms[table.id] = Render(one);
    }
    if (norms.empty()) continue;
    const std::string_view name = scale.id;
    out[std::string(name.empty() ? "score" : name)] = Render(norms);
  }
  return out;
}

std::string ProblemsJson(const std::vector<AnswerProblem>& problems) {
  json::Writer w;
  w.BeginArray();
  for (const AnswerProblem& problem : problems) {
    w.BeginObject();
    w.Key("code").String(problem.code);
    w.Key("item").String(problem.item);
    w.Key("message").String(problem.message);
    w.EndObject();
  }
  w.EndArray();
  return w.Take();
}

Members Details(const Work& work) {
  const Instrument& instrument = work.instrument;
  const ScoreResult& result = work.result;
  Members out;
  if (const ScaleScore* total = result.total(instrument)) {
    // Of what was answered (turned where the item is reversed, before any
    // transform); without a score they would be one in disguise, and digits
    // side by side have no mean.
    std::optional<Rational> raw, mean;
    if (total->exact.has_value()) {
      raw = total->sum;
      if (instrument.scales()[0].method != ScaleMethod::kDigits) {
        mean = Rational(total->sum, total->answered);
      }
    }
    out["raw"] = Number(raw);
    out["mean"] = Number(mean);
    out["min"] = ToJsonNumber(total->min);
    out["max"] = ToJsonNumber(total->max);
    out["n_answered"] = absl::StrCat(total->answered);
    out["n_items"] = absl::StrCat(total->counted);
    if (!instrument.scales()[0].bands.empty()) {
      out["band_source"] =
          ProvenanceJson(instrument.scales()[0].bands_provenance);
    }
  }
  Members bands;
  for (size_t i = instrument.has_total() ? 1 : 0; i < result.scales.size();
       ++i) {
    const Scale& scale = instrument.scales()[i];
    if (scale.bands.empty()) continue;
    const int16_t band = result.scales[i].band;
    bands[scale.id] =
        TextOrNull(band < 0 ? std::string_view() : scale.bands[band].id);
  }
  if (!bands.empty()) out["bands"] = Render(bands);
  if (const Members norms = NormsOf(work); !norms.empty()) {
    out["norms"] = Render(norms);
  }
  for (const ScaleScore& score : result.scales) {
    if (score.rules_disagree) out["rules_disagree"] = "true";
  }
  for (const RiskMarker& marker : instrument.risk_markers()) {
    const Answer& answer = work.match.answers[marker.item];
    std::optional<Rational> value;
    if (answer.state == Answer::State::kValue) value = answer.value;
    out[absl::StrCat("item", marker.item + 1)] = Number(value);
  }
  if (!instrument.risk_markers().empty()) {
    out["risk"] = TriJson(result.risk());
  }
  if (result.tier >= 0) {
    out["tier"] = json::Quote(TierId(instrument, result));
  }
  out["out_of_range"] = ItemList(instrument, result.out_of_range);
  out["ignored"] = ItemList(instrument, result.ignored);
  out["against_skip"] = ItemList(instrument, result.against_skip);
  out["coding"] = TextOrNull(instrument.coding());
  out["fingerprint"] = json::Quote(ToHex(instrument.fingerprint()));
  out["profile"] =
      TextOrNull(work.profile < 0 ? std::string_view()
                                  : instrument.profiles()[work.profile].id);
  out["problems"] = ProblemsJson(work.match.problems);
  return out;
}

// Flags by name: those of the instrument, of the chosen profile, and risk.
std::map<std::string, Tri> FlagsOf(const Work& work) {
  std::map<std::string, Tri> flags;
  for (size_t i = 0; i < work.result.flags.size(); ++i) {
    const Flag& flag = work.instrument.flags()[i];
    if (flag.profile >= 0 && flag.profile != work.profile) continue;
    flags[flag.id] = work.result.flags[i];
  }
  for (size_t i = 0; i < work.result.risks.size(); ++i) {
    flags[work.instrument.risk_markers()[i].id] = work.result.risks[i];
  }
  return flags;
}

// What is wrong with the first answer that cannot be used: the code of its
// first problem (docs/reference/cli.md).
std::string ErrorOf(const Work& work) {
  std::string code;
  for (const AnswerProblem& problem : work.match.problems) {
    if (code.empty() && problem.item_index == work.result.out_of_range[0]) {
      code = problem.code;
    }
  }
  return code;
}

std::string ScoreText(const Work& work) {
  const Instrument& instrument = work.instrument;
  const ScoreResult& result = work.result;
  Members flags, subscales, out;
  for (const auto& [id, value] : FlagsOf(work)) flags[id] = TriJson(value);
  for (size_t i = instrument.has_total() ? 1 : 0; i < result.scales.size();
       ++i) {
    subscales[instrument.scales()[i].id] = Number(result.scales[i].score);
  }
  const ScaleScore* total = result.total(instrument);
  const bool prorated =
      std::any_of(result.scales.begin(), result.scales.end(),
                  [](const ScaleScore& scale) { return scale.prorated; });
  out["instrument"] = json::Quote(instrument.id());
  out["version"] = json::Quote(instrument.version());
  const std::optional<Rational> none;
  out["score"] = Number(total != nullptr ? total->score : none);
  out["score_exact"] = Number(total != nullptr ? total->exact : none);
  out["band"] = TextOrNull(BandId(instrument, result));
  out["flags"] = Render(flags);
  out["subscales"] = Render(subscales);
  out["missing"] = ItemList(instrument, result.missing);
  out["complete"] = result.complete ? "true" : "false";
  out["prorated"] = prorated ? "true" : "false";
  out["details"] = Render(Details(work));
  if (!result.out_of_range.empty()) {
    out["error"] = json::Quote(ErrorOf(work));
    out["item"] = absl::StrCat(result.out_of_range[0] + 1);
  }
  return Render(out);
}

// A row of item ids, unless there are none.
void ListItems(const char* label, const Instrument& instrument,
               const absl::InlinedVector<uint16_t, 4>& items,
               std::vector<ReportRow>& rows) {
  if (items.empty()) return;
  std::vector<std::string> ids;
  for (uint16_t item : items) ids.push_back(instrument.items()[item].id);
  rows.push_back({label, absl::StrJoin(ids, ", ")});
}

std::string ScaleText(const Scale& scale, const ScaleScore& score) {
  if (!score.score.has_value()) return "none can be given";
  std::string text =
      absl::StrCat(ToJsonNumber(*score.score), " of ", ToJsonNumber(score.max));
  if (score.band >= 0) absl::StrAppend(&text, ", ", scale.bands[score.band].id);
  if (score.prorated) {
    absl::StrAppend(&text, " (prorated from ", ToJsonNumber(*score.exact), ")");
  }
  return text;
}

std::vector<ReportRow> ScoreRows(const Work& work) {
  const Instrument& instrument = work.instrument;
  const ScoreResult& result = work.result;
  std::vector<ReportRow> rows;
  rows.push_back(
      {"instrument", absl::StrCat(instrument.title(), " (", instrument.id(),
                                  " version ", instrument.version(), ")")});
  for (size_t i = 0; i < result.scales.size(); ++i) {
    const Scale& scale = instrument.scales()[i];
    rows.push_back({scale.id.empty() ? "score" : absl::StrCat("  ", scale.id),
                    ScaleText(scale, result.scales[i])});
  }
  if (result.tier >= 0) {
    rows.push_back({"tier", std::string(TierId(instrument, result))});
  }
  for (const auto& [id, value] : FlagsOf(work)) {
    rows.push_back({id, value == Tri::kUnknown ? "unknown"
                        : value == Tri::kTrue  ? "yes"
                                               : "no"});
  }
  ListItems("missing", instrument, result.missing, rows);
  ListItems("out of range", instrument, result.out_of_range, rows);
  ListItems("ignored", instrument, result.ignored, rows);
  ListItems("against skip logic", instrument, result.against_skip, rows);
  for (const AnswerProblem& problem : work.match.problems) {
    rows.push_back({"problem", problem.message});
  }
  return rows;
}

absl::Status CheckCoding(const Instrument& instrument,
                         std::string_view coding) {
  if (coding.empty() || coding == instrument.coding()) {
    return absl::OkStatus();
  }
  std::string_view own = instrument.coding();
  if (own.empty()) own = "without a name";
  return InvalidInput(absl::StrCat(
      instrument.id(), " is coded ", ToAbsl(own), ", not ", ToAbsl(coding),
      "; the same form coded otherwise is an instrument of its own, like "
      "k10-0-4"));
}

// A service's threshold lies where a document's may: above the least value, so
// that "not at all" is no risk, and within reach.
absl::Status CheckRiskThreshold(const Instrument& instrument,
                                std::optional<int32_t> threshold) {
  if (!threshold.has_value()) return absl::OkStatus();
  if (instrument.risk_markers().empty()) {
    return InvalidInput(absl::StrCat(
        instrument.id(), " has no risk item that a threshold could be of"));
  }
  for (const RiskMarker& marker : instrument.risk_markers()) {
    const ItemPlan& item = instrument.plan()[marker.item];
    if (*threshold > item.min && *threshold <= item.max) continue;
    return InvalidInput(
        absl::StrCat("the risk threshold ", *threshold, " is none of the item ",
                     instrument.items()[marker.item].id, " of ",
                     instrument.id(), ": ", item.min + 1, " to ", item.max));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int16_t> ProfileNamed(const Instrument& instrument,
                                     std::string_view id) {
  if (id.empty()) return instrument.default_profile();
  if (const auto index = instrument.FindProfile(id)) {
    return static_cast<int16_t>(*index);
  }
  std::vector<std::string> ids;
  for (const Profile& profile : instrument.profiles()) {
    ids.push_back(profile.id);
  }
  if (ids.empty()) ids.push_back("none");
  return NotFound(absl::StrCat(instrument.id(), " has no profile \"",
                               ToAbsl(id), "\"; it has ",
                               absl::StrJoin(ids, ", ")));
}

absl::StatusOr<PreparedOptions> PrepareOptions(const Instrument& instrument,
                                               const ScoreOptions& options) {
  STEPWELL_RETURN_IF_ERROR(CheckCoding(instrument, options.coding));
  STEPWELL_RETURN_IF_ERROR(
      CheckRiskThreshold(instrument, options.risk_threshold));
  Work work{instrument, {Answers(instrument), {}}, {}, -1, {}};
  work.context.missing = options.missing;
  work.context.risk_at_least = options.risk_threshold;
  STEPWELL_ASSIGN_OR_RETURN(work.profile,
                            ProfileNamed(instrument, options.profile));
  if (!options.context.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(const json::Document given,
                              json::Parse(options.context));
    std::vector<uint16_t> ignored;
    STEPWELL_RETURN_IF_ERROR(ApplyContext(given.root(), work, ignored));
    for (const Answer& answer : work.match.answers.view()) {
      if (answer.state != Answer::State::kMissing) {
        return InvalidInput(
            "what does not apply differs by person: give it as a column of "
            "true and false");
      }
    }
  }
  return PreparedOptions{work.context, work.profile};
}

absl::StatusOr<Report> ScoreJson(const Instrument& instrument,
                                 std::string_view answers,
                                 const ScoreOptions& options) {
  STEPWELL_RETURN_IF_ERROR(CheckCoding(instrument, options.coding));
  STEPWELL_RETURN_IF_ERROR(
      CheckRiskThreshold(instrument, options.risk_threshold));
  json::ParseOptions limits;
  limits.bytes_max = limits::kCommandBytesMax;
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(answers, limits));
  json::Value list = document.root(), context;
  if (const json::Value inner = list.Find("answers");
      inner.is_array() || inner.is_object()) {
    for (const json::Value member : json::Children(list)) {
      if (member.key() == "answers" || member.key() == "context") continue;
      return InvalidInput(
          absl::StrCat("beside `answers` stands `", ToAbsl(member.key()),
                       "`; only `context` may"),
          {member.pointer(), std::nullopt});
    }
    context = list.Find("context");
    list = inner;
  }
  STEPWELL_ASSIGN_OR_RETURN(MatchResult match,
                            ReadJsonAnswers(instrument, list));
  Work work{instrument, std::move(match), {}, -1, {}};
  work.context.missing = options.missing;
  work.context.risk_at_least = options.risk_threshold;
  STEPWELL_ASSIGN_OR_RETURN(work.profile,
                            ProfileNamed(instrument, options.profile));
  std::vector<uint16_t> ignored;
  if (context) {
    STEPWELL_RETURN_IF_ERROR(ApplyContext(context, work, ignored));
  }
  if (!options.context.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(const json::Document given,
                              json::Parse(options.context, limits));
    STEPWELL_RETURN_IF_ERROR(ApplyContext(given.root(), work, ignored));
  }
  work.result = Score(instrument, work.match.answers.view(), work.context);
  work.result.ignored.insert(work.result.ignored.end(), ignored.begin(),
                             ignored.end());
  std::sort(work.result.ignored.begin(), work.result.ignored.end());
  const ScaleScore* total = work.result.total(instrument);
  Report report;
  report.ok =
      work.result.out_of_range.empty() &&
      (total != nullptr ? total->score.has_value() : work.result.complete);
  report.json = ScoreText(work);
  report.rows = ScoreRows(work);
  return report;
}

}  // namespace stepwell::instruments
