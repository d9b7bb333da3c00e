// Reports of the change of one case.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "instruments/change_rule.h"
#include "instruments/possible_scores.h"
#include "instruments/score_report.h"
#include "json/json.h"

namespace stepwell::instruments {
namespace {

void WriteNumber(json::Writer& writer, const std::optional<Rational>& value) {
  if (!value.has_value()) {
    writer.Null();
    return;
  }
  writer.Raw(ToJsonNumber(*value));
}

// Whether a threshold holds: unknown when the score is missing.
Tri HoldsFor(const RuleNode& node, const std::optional<Rational>& score) {
  if (!score.has_value()) return Tri::kUnknown;
  const bool holds = (!node.low.has_value() || *score >= *node.low) &&
                     (!node.high.has_value() || *score <= *node.high);
  return holds ? Tri::kTrue : Tri::kFalse;
}

void WriteTri(json::Writer& writer, Tri value) {
  value == Tri::kUnknown ? writer.String("unknown")
                         : writer.Bool(value == Tri::kTrue);
}

// "yes, then no"
std::string BeforeAndAfter(Tri before, Tri after) {
  static constexpr std::string_view kWords[] = {"no", "yes", "unknown"};
  return absl::StrCat(ToAbsl(kWords[static_cast<size_t>(before)]), ", then ",
                      ToAbsl(kWords[static_cast<size_t>(after)]));
}

struct Pair {
  std::optional<Rational> pre, post;
  Direction direction;
};

ChangeClass ClassOf(const Cutoff& cutoff, const Pair& pair) {
  return cutoff.kind == CutoffKind::kResponse
             ? PercentChange(pair.pre, pair.post, cutoff.value, pair.direction)
             : ThresholdChange(pair.pre, pair.post, cutoff.value,
                               pair.direction);
}

void WriteCutoff(const Instrument& instrument, const Cutoff& cutoff,
                 const Pair& pair, json::Writer& writer,
                 std::vector<ReportRow>& rows) {
  writer.BeginObject();
  if (cutoff.flag < 0) {
    const std::string_view name = ChangeClassName(ClassOf(cutoff, pair));
    writer.Key("class").String(name);
    rows.push_back({cutoff.id, std::string(name)});
  }
  writer.Key("id").String(cutoff.id);
  writer.Key("kind").String(CutoffKindName(cutoff.kind));
  writer.Key("mark").String(MarkName(cutoff.provenance.mark));
  if (cutoff.only_for != Sex::kUnknown) {
    writer.Key("only_for").String(SexName(cutoff.only_for));
  }
  if (cutoff.flag >= 0) {
    const RuleNode& rule =
        instrument.flags()[cutoff.flag].rule.nodes[cutoff.node];
    const Tri before = HoldsFor(rule, pair.pre);
    const Tri after = HoldsFor(rule, pair.post);
    writer.Key("post");
    WriteTri(writer, after);
    writer.Key("pre");
    WriteTri(writer, before);
    const bool of_all = cutoff.only_for == Sex::kUnknown;
    rows.push_back({of_all
                        ? cutoff.id
                        : absl::StrCat(cutoff.id, " (",
                                       ToAbsl(SexName(cutoff.only_for)), ")"),
                    BeforeAndAfter(before, after)});
  }
  writer.Key("source").String(cutoff.provenance.source);
  writer.Key("value").Raw(ToJsonNumber(cutoff.value));
  writer.EndObject();
}

// The index of one case by the numbers that the document fixes.
void WriteIndex(ChangeMethod method, const Reliability& reliability,
                const Pair& pair, json::Writer& writer,
                std::vector<ReportRow>& rows) {
  ChangeConstants constants;
  constants.reliability = reliability.value;
  constants.sd_pre = reliability.sd;
  constants.mean_pre = reliability.mean;
  // The loader takes no numbers that a rule would refuse.
  const ChangeRule rule = *ChangeRule::Make(method, constants, pair.direction,
                                            ChangeRule::Use::kOneCase);
  const ChangeRule::Verdict verdict = rule.Judge(pair.pre, pair.post);
  writer.BeginObject();
  writer.Key("class").String(ChangeClassName(verdict.change));
  writer.Key("index");
  verdict.index.has_value() ? writer.Double(*verdict.index) : writer.Null();
  writer.Key("mark").String(MarkName(reliability.provenance.mark));
  if (reliability.mean.has_value()) {
    writer.Key("mean").Double(*reliability.mean);
  }
  if (method == ChangeMethod::kJacobsonTruax) {
    writer.Key("min_detectable").Double(rule.min_detectable());
  }
  writer.Key("reliability").Double(reliability.value);
  writer.Key("reliability_kind").String(reliability.kind);
  if (method == ChangeMethod::kJacobsonTruax) {
    writer.Key("s_diff").Double(rule.s_diff());
  }
  writer.Key("sd").Double(*reliability.sd);
  if (method == ChangeMethod::kJacobsonTruax) {
    writer.Key("smallest_integer_change").Int(rule.smallest_integer_change());
  }
  writer.EndObject();
  rows.push_back({absl::StrCat(ToAbsl(ChangeMethodName(method)), " (",
                               reliability.kind, ")"),
                  std::string(ChangeClassName(verdict.change))});
}

// Every index that the document's numbers allow; the method's name is the key.
void WriteIndexes(const Instrument& instrument, uint16_t scale,
                  const Pair& pair, json::Writer& writer,
                  std::vector<ReportRow>& rows) {
  writer.Key("indexes").BeginObject();
  for (const ChangeMethod method :
       {ChangeMethod::kEdwardsNunnally, ChangeMethod::kGulliksenLordNovick,
        ChangeMethod::kJacobsonTruax, ChangeMethod::kNunnallyKotsch}) {
    writer.Key(ChangeMethodName(method)).BeginArray();
    for (const Reliability& reliability : instrument.reliabilities()) {
      const bool enough = reliability.mean.has_value() ||
                          method == ChangeMethod::kJacobsonTruax;
      if (reliability.scale != scale || !reliability.sd.has_value() ||
          !enough) {
        continue;
      }
      WriteIndex(method, reliability, pair, writer, rows);
    }
    writer.EndArray();
  }
  writer.EndObject();
}

absl::Status CheckScore(const PossibleScores& possible, const char* which,
                        const std::optional<Rational>& score) {
  const std::string why_not =
      score.has_value() ? possible.WhyNot(*score) : std::string();
  if (why_not.empty()) return absl::OkStatus();
  return InvalidInput(absl::StrCat("the ", which, " score ",
                                   ToJsonNumber(*score), " ", why_not));
}

// "12, moderate"
std::string ScoreText(const Scale& scale,
                      const std::optional<Rational>& score) {
  if (!score.has_value()) return "missing";
  std::string text = ToJsonNumber(*score);
  for (size_t i = scale.bands.size(); i-- > 0;) {
    if (*score < scale.bands[i].from) continue;
    absl::StrAppend(&text, ", ", scale.bands[i].id);
    break;
  }
  return text;
}

// "D, A, S", or "none".
std::string SubscaleIds(const Instrument& instrument) {
  std::vector<std::string> ids;
  for (const Scale& scale : instrument.scales()) {
    if (!scale.id.empty()) ids.push_back(scale.id);
  }
  if (ids.empty()) ids.push_back("none");
  return absl::StrJoin(ids, ", ");
}

}  // namespace

absl::StatusOr<uint16_t> ScaleNamed(const Instrument& instrument,
                                    const std::string& subscale) {
  if (const auto index = instrument.FindScale(subscale)) return *index;
  if (subscale.empty()) {
    return InvalidInput(absl::StrCat(
        instrument.id(), " has no total score to compare; name a subscale: ",
        SubscaleIds(instrument)));
  }
  return NotFound(absl::StrCat(instrument.id(), " has no subscale \"", subscale,
                               "\"; it has ", SubscaleIds(instrument)));
}

absl::StatusOr<Report> ChangeJson(const Instrument& instrument,
                                  const std::optional<Rational>& pre,
                                  const std::optional<Rational>& post,
                                  const ChangeOptions& options) {
  STEPWELL_ASSIGN_OR_RETURN(const uint16_t index,
                            ScaleNamed(instrument, options.subscale));
  const Scale& scale = instrument.scales()[index];
  const PossibleScores possible(instrument, scale);
  STEPWELL_RETURN_IF_ERROR(CheckScore(possible, "first", pre));
  STEPWELL_RETURN_IF_ERROR(CheckScore(possible, "last", post));
  STEPWELL_ASSIGN_OR_RETURN(const int16_t profile,
                            ProfileNamed(instrument, options.profile));
  const Pair pair{pre, post, instrument.direction()};
  Report report;
  report.ok = pre.has_value() && post.has_value();
  report.rows.push_back({"first score", ScoreText(scale, pre)});
  report.rows.push_back({"last score", ScoreText(scale, post)});
  const size_t scores = report.rows.size();
  json::Writer writer;
  writer.BeginObject().Key("cutoffs").BeginArray();
  if (profile >= 0) {
    for (const Cutoff& cutoff : instrument.profiles()[profile].cutoffs) {
      if (cutoff.scale != index) continue;
      WriteCutoff(instrument, cutoff, pair, writer, report.rows);
    }
  }
  writer.EndArray();
  if (pair.direction != Direction::kNone) {
    WriteIndexes(instrument, index, pair, writer, report.rows);
  }
  if (report.rows.size() == scores) {
    report.rows.push_back(
        {"change", "not judged: the document has no cut-off and no SD for it"});
  }
  writer.Key("instrument").String(instrument.id());
  writer.Key("post");
  WriteNumber(writer, post);
  writer.Key("pre");
  WriteNumber(writer, pre);
  writer.Key("profile");
  profile < 0 ? writer.Null()
              : writer.String(instrument.profiles()[profile].id);
  if (!scale.id.empty()) writer.Key("subscale").String(scale.id);
  writer.Key("version").String(instrument.version());
  writer.EndObject();
  report.json = writer.Take();
  return report;
}

}  // namespace stepwell::instruments
