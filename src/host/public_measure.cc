// Tables in, figures out: names and texts become the rooms' own types.
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "host/reports.h"
#include "host/table_input.h"
#include "instruments/cohort.h"
#include "stepwell/measure.h"

namespace stepwell {
namespace {

using instruments::ChangeMethod;
using instruments::CohortRequest;

absl::StatusOr<ChangeMethod> MethodNamed(const std::string& name) {
  if (const auto method = instruments::ChangeMethodFromName(name)) {
    return *method;
  }
  return InvalidInput(absl::StrCat("there is no method \"", name,
                                   "\"; jt, gln, en, nk, hll, ha, percent or "
                                   "mcid"));
}

absl::StatusOr<instruments::Direction> DirectionNamed(const std::string& name) {
  if (name == "lower") return instruments::Direction::kLowerIsBetter;
  if (name == "higher") return instruments::Direction::kHigherIsBetter;
  return InvalidInput(absl::StrCat(
      "which scores are better: lower or higher, not \"", name, "\""));
}

absl::StatusOr<std::optional<instruments::CutoffRule>> CutoffNamed(
    const std::string& name) {
  using instruments::CutoffRule;
  std::optional<CutoffRule> rule;
  if (name == "a") rule = CutoffRule::kA;
  if (name == "b") rule = CutoffRule::kB;
  if (name == "c") rule = CutoffRule::kC;
  if (rule.has_value() || name.empty()) return rule;
  return InvalidInput(
      absl::StrCat("the cutoff is a, b or c, not \"", name, "\""));
}

absl::StatusOr<std::optional<instruments::Rational>> NumberOf(
    const char* what, const std::string& text) {
  if (text.empty()) return std::optional<instruments::Rational>();
  const auto number = instruments::ParseScore(text);
  if (number.has_value()) return number;
  return InvalidInput(
      absl::StrCat(what, " is a decimal number, not \"", text, "\""));
}

std::optional<instruments::Group> GroupOf(
    const std::optional<GroupNumbers>& group) {
  if (!group.has_value()) return std::nullopt;
  return instruments::Group{group->mean, group->sd};
}

// A number that the method does not use would be ignored in silence.
absl::Status CheckUsed(const TableChangeRequest& request, ChangeMethod method) {
  const bool index = instruments::IsReliableChangeIndex(method);
  const bool clinical = request.cutoff == "a" || request.cutoff == "c";
  const bool functional = request.cutoff == "b" || request.cutoff == "c";
  const struct {
    const char* name;
    bool given, used;
  } kNumbers[] = {
      {"reliability", request.reliability.has_value(), index},
      {"reliability-post", request.reliability_post.has_value(),
       method == ChangeMethod::kNunnallyKotsch},
      {"sd", request.sd.has_value(), index},
      {"mean", request.mean.has_value(),
       index && method != ChangeMethod::kJacobsonTruax},
      {"critical", request.critical.has_value(), index},
      {"by", !request.by.empty(), !index},
      {"remission", !request.remission.empty(),
       method == ChangeMethod::kPercent},
      {"clinical", request.clinical.has_value(), clinical},
      {"functional", request.functional.has_value(), functional},
  };
  for (const auto& number : kNumbers) {
    if (!number.given || number.used) continue;
    return InvalidInput(absl::StrCat(
        number.name, " is not used by the method ", request.method,
        request.cutoff.empty() ? " without a cutoff"
                               : absl::StrCat(" with cutoff ", request.cutoff),
        ": leave it out"));
  }
  return absl::OkStatus();
}

absl::StatusOr<CohortRequest> CohortOf(const TableChangeRequest& request) {
  CohortRequest out;
  STEPWELL_ASSIGN_OR_RETURN(out.method, MethodNamed(request.method));
  STEPWELL_ASSIGN_OR_RETURN(out.direction, DirectionNamed(request.better));
  STEPWELL_ASSIGN_OR_RETURN(out.cutoff, CutoffNamed(request.cutoff));
  STEPWELL_ASSIGN_OR_RETURN(out.constants.by, NumberOf("by", request.by));
  STEPWELL_ASSIGN_OR_RETURN(out.remission,
                            NumberOf("remission", request.remission));
  STEPWELL_RETURN_IF_ERROR(CheckUsed(request, out.method));
  if (out.method == ChangeMethod::kPercent && request.by.empty()) {
    out.constants.by = 50;  // response: a fall of at least half
  }
  if (instruments::IsReliableChangeIndex(out.method)) {
    if (!request.reliability.has_value()) {
      return InvalidInput(
          absl::StrCat("the method ", request.method, " needs a reliability"));
    }
    out.constants.reliability = *request.reliability;
  }
  out.constants.reliability_post = request.reliability_post;
  out.constants.sd_pre = request.sd;
  out.constants.mean_pre = request.mean;
  out.constants.critical = request.critical;
  out.clinical = GroupOf(request.clinical);
  out.functional = GroupOf(request.functional);
  return out;
}

}  // namespace

namespace host {

absl::StatusOr<InstrumentReport> ChangeOfTable(
    TableChangeRequest request, const instruments::Instrument* instrument) {
  const instruments::Reliability* used = nullptr;
  uint16_t scale = 0;
  if (instrument == nullptr && !request.subscale.empty()) {
    return InvalidInput("`subscale` goes with an instrument");
  }
  if (instrument != nullptr) {
    STEPWELL_ASSIGN_OR_RETURN(
        scale, instruments::ScaleNamed(*instrument, request.subscale));
    const instruments::Direction direction = instrument->direction();
    if (request.better.empty() && direction != instruments::Direction::kNone) {
      request.better = direction == instruments::Direction::kHigherIsBetter
                           ? "higher"
                           : "lower";
    }
    const auto method = instruments::ChangeMethodFromName(request.method);
    if (!request.reliability && method &&
        instruments::IsReliableChangeIndex(*method)) {
      used = instruments::DefaultReliability(*instrument, scale);
    }
    if (used != nullptr) request.reliability = used->value;
  }
  instruments::TableChangeRequest table;
  STEPWELL_ASSIGN_OR_RETURN(table.cohort, CohortOf(request));
  table.cohort.instrument = instrument;
  table.cohort.scale = scale;
  table.cohort.reliability = used;
  table.pre_column = request.pre;
  table.post_column = request.post;
  std::string kept;
  STEPWELL_ASSIGN_OR_RETURN(const std::string_view csv,
                            TableText(request, kept));
  if (request.pre.empty() || request.post.empty()) {
    return InvalidInput(
        "`pre` and `post` name the columns of first and last scores");
  }
  STEPWELL_ASSIGN_OR_RETURN(instruments::Report report,
                            instruments::TableChange(table, csv));
  return ToPublic(std::move(report));
}

}  // namespace host

absl::StatusOr<InstrumentReport> ChangeOfTable(
    const TableChangeRequest& request) {
  return host::ChangeOfTable(request, nullptr);
}

}  // namespace stepwell
