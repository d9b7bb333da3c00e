// Reports of the change of one case.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "instruments/change.h"
#include "instruments/score_report.h"
#include "json/json.h"

namespace stepwell::instruments {
namespace {

void WriteNumber(json::Writer& writer, const std::optional<Rational>& value) {
  value.has_value() ? writer.Raw(ToJsonNumber(*value)) : writer.Null();
}

// Whether a threshold holds: "unknown" when the score is missing.
void WriteThreshold(json::Writer& writer, const Rule& rule,
                    const std::optional<Rational>& score) {
  if (!score.has_value()) {
    writer.String("unknown");
    return;
  }
  const RuleNode& node = rule.nodes[0];
  writer.Bool((!node.low.has_value() || *score >= *node.low) &&
              (!node.high.has_value() || *score <= *node.high));
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
  if (cutoff.flag >= 0) {
    const Rule& rule = instrument.flags()[cutoff.flag].rule;
    writer.Key("post");
    WriteThreshold(writer, rule, pair.post);
    writer.Key("pre");
    WriteThreshold(writer, rule, pair.pre);
  }
  writer.Key("source").String(cutoff.provenance.source);
  writer.Key("value").Raw(ToJsonNumber(cutoff.value));
  writer.EndObject();
}

absl::Status WriteJacobsonTruax(const Reliability& reliability,
                                const Pair& pair, json::Writer& writer,
                                std::vector<ReportRow>& rows) {
  const auto real = [](const std::optional<Rational>& value) {
    return value.has_value() ? std::optional<double>(value->ToDouble())
                             : std::nullopt;
  };
  STEPWELL_ASSIGN_OR_RETURN(
      const JacobsonTruaxResult result,
      JacobsonTruax({*reliability.sd, reliability.value, 1.96, std::nullopt},
                    real(pair.pre), real(pair.post), pair.direction));
  writer.BeginObject();
  writer.Key("class").String(ChangeClassName(result.change));
  writer.Key("index");
  result.index.has_value() ? writer.Double(*result.index) : writer.Null();
  writer.Key("mark").String(MarkName(reliability.provenance.mark));
  writer.Key("min_detectable").Double(result.min_detectable);
  writer.Key("reliability").Double(reliability.value);
  writer.Key("reliability_kind").String(reliability.kind);
  writer.Key("s_diff").Double(result.s_diff);
  writer.Key("sd").Double(*reliability.sd);
  writer.Key("smallest_integer_change").Int(result.smallest_integer_change);
  writer.EndObject();
  rows.push_back({absl::StrCat("Jacobson-Truax (", reliability.kind, ")"),
                  std::string(ChangeClassName(result.change))});
  return absl::OkStatus();
}

absl::StatusOr<int16_t> ProfileOf(const Instrument& instrument,
                                  const std::string& id) {
  if (id.empty()) return instrument.default_profile();
  const auto index = instrument.FindProfile(id);
  if (!index.has_value()) {
    return NotFound(
        absl::StrCat(instrument.id(), " has no profile \"", id, "\""));
  }
  return static_cast<int16_t>(*index);
}

absl::Status CheckScore(const Instrument& instrument, const char* which,
                        const std::optional<Rational>& score) {
  const Scale& scale = instrument.scales()[0];
  if (!score.has_value() || (*score >= scale.min && *score <= scale.max)) {
    return absl::OkStatus();
  }
  return InvalidInput(
      absl::StrCat("the ", which, " score ", ToJsonNumber(*score),
                   " lies outside ", ToJsonNumber(scale.min), " to ",
                   ToJsonNumber(scale.max), " of ", instrument.id()));
}

}  // namespace

absl::StatusOr<Report> ChangeJson(const Instrument& instrument,
                                  const std::optional<Rational>& pre,
                                  const std::optional<Rational>& post,
                                  const ChangeOptions& options) {
  if (!instrument.has_total()) {
    return InvalidInput(
        absl::StrCat(instrument.id(), " has no total score to compare"));
  }
  STEPWELL_RETURN_IF_ERROR(CheckScore(instrument, "first", pre));
  STEPWELL_RETURN_IF_ERROR(CheckScore(instrument, "last", post));
  STEPWELL_ASSIGN_OR_RETURN(const int16_t profile,
                            ProfileOf(instrument, options.profile));
  const Pair pair{pre, post, instrument.direction()};
  Report report;
  report.ok = pre.has_value() && post.has_value();
  json::Writer writer;
  writer.BeginObject().Key("cutoffs").BeginArray();
  if (profile >= 0) {
    for (const Cutoff& cutoff : instrument.profiles()[profile].cutoffs) {
      if (cutoff.scale != 0) continue;
      WriteCutoff(instrument, cutoff, pair, writer, report.rows);
    }
  }
  writer.EndArray();
  writer.Key("instrument").String(instrument.id());
  writer.Key("jacobson_truax").BeginArray();
  for (const Reliability& reliability : instrument.reliabilities()) {
    if (reliability.scale != 0 || !reliability.sd.has_value()) continue;
    STEPWELL_RETURN_IF_ERROR(
        WriteJacobsonTruax(reliability, pair, writer, report.rows));
  }
  writer.EndArray();
  writer.Key("post");
  WriteNumber(writer, post);
  writer.Key("pre");
  WriteNumber(writer, pre);
  writer.Key("profile");
  profile < 0 ? writer.Null()
              : writer.String(instrument.profiles()[profile].id);
  writer.Key("version").String(instrument.version());
  writer.EndObject();
  report.json = writer.Take();
  return report;
}

}  // namespace stepwell::instruments
