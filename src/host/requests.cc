// Requests as JSON: read strictly, like the commands of staff.
#include "stepwell/requests.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "json/json.h"
#include "wire/members.h"

namespace stepwell {
namespace {

using wire::Members;

constexpr int64_t kLinesMax = 10'000;
// East and west of Greenwich: what a date-time can write.
constexpr int64_t kOffsetMinutesMax = 14 * 60;

// Reads the members that `read` asks for; any other is a mistake.
template <class Read>
absl::Status ReadRequest(std::string_view text, const Read& read) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  Members members(document.root(), /*lenient=*/false);
  read(members);
  members.Finish();
  return members.status();
}

// One of the words; empty when it is absent or wrong.
std::string Word(Members& members, std::string_view key,
                 const std::vector<std::string>& words) {
  const std::string given = members.TextOr(key);
  for (const std::string& word : words) {
    if (given == word) return given;
  }
  if (!given.empty()) members.FailName(key, given, words);
  return "";
}

// The member as JSON text; empty when it is absent.
std::string JsonText(Members& members, std::string_view key) {
  const json::Value value = members.Get(key);
  if (!value) return "";
  if (!value.is_object()) members.Fail(value, "expected an object");
  return json::ToText(value);
}

// A number as it stands in the text; empty when it is missing.
std::string NumberText(Members& members, std::string_view key) {
  const json::Value value = members.Get(key);
  if (!value) return "";
  if (value.is_number()) return std::string(value.number_text());
  members.Fail(value, "expected a number, or null for a missing score");
  return "";
}

}  // namespace

absl::StatusOr<DiagramOptions> DiagramOptionsFromJson(std::string_view text) {
  DiagramOptions options;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    const std::string as = Word(members, "as", {"svg", "dot", "mermaid"});
    if (as == "dot") options.format = DiagramFormat::kDot;
    if (as == "mermaid") options.format = DiagramFormat::kMermaid;
    options.language = members.TextOr("language");
  }));
  return options;
}

namespace {

std::optional<int> SmallNumber(Members& members, std::string_view key) {
  const auto number = members.Integer(key, -1000, 1000);
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

}  // namespace

absl::StatusOr<WorklistQuery> WorklistQueryFromJson(std::string_view text) {
  WorklistQuery query;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    query.owner = members.TextOr("owner");
    query.include_pools = members.Bool("include_pools").value_or(true);
    query.overdue_only = members.Bool("overdue_only").value_or(false);
    query.kind = Word(members, "kind",
                      {"item", "homework", "letter", "alert", "message",
                       "unread", "parked", "waiting", "patient"});
    query.limit =
        static_cast<size_t>(members.Integer("limit", 1, kLinesMax)
                                .value_or(static_cast<int64_t>(query.limit)));
    query.after = members.TextOr("after");
    query.with_text = members.Bool("with_text").value_or(false);
    query.viewer = members.TextOr("viewer");
    query.whose = Word(members, "whose", {"mine", "team", "unowned"});
    query.due = Word(members, "due", {"overdue", "today"});
    query.priority_min = SmallNumber(members, "priority_min");
    query.priority_max = SmallNumber(members, "priority_max");
    query.deferred = members.Bool("deferred");
    query.with_counts = members.Bool("with_counts").value_or(false);
  }));
  return query;
}

absl::StatusOr<ScoreRequest> ScoreRequestFromJson(std::string_view text) {
  ScoreRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    request.context = JsonText(members, "context");
    request.coding = members.TextOr("coding");
    request.profile = members.TextOr("profile");
    request.missing = Word(members, "missing", {"strict", "prorate"});
    if (const auto threshold =
            members.Integer("risk_threshold", INT32_MIN, INT32_MAX)) {
      request.risk_threshold = static_cast<int32_t>(*threshold);
    }
  }));
  return request;
}

absl::StatusOr<ChangeRequest> ChangeRequestFromJson(std::string_view text) {
  ChangeRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    request.pre = NumberText(members, "pre");
    request.post = NumberText(members, "post");
    request.profile = members.TextOr("profile");
    request.subscale = members.TextOr("subscale");
  }));
  return request;
}

namespace {

// A number, or nothing when it is absent.
std::optional<double> Real(Members& members, std::string_view key) {
  const json::Value value = members.Get(key);
  if (!value) return std::nullopt;
  const auto number = value.double_value();
  if (!number.has_value()) members.Fail(value, "expected a number");
  return number;
}

// {"mean": 14.2, "sd": 6.1}
std::optional<GroupNumbers> GroupOf(Members& members, std::string_view key) {
  const json::Value value = members.Get(key);
  if (!value) return std::nullopt;
  const auto mean = value.Find("mean").is_number()
                        ? value.Find("mean").double_value()
                        : std::nullopt;
  const auto sd = value.Find("sd").is_number() ? value.Find("sd").double_value()
                                               : std::nullopt;
  if (!mean || !sd || value.size() != 2) {
    members.Fail(value, "expected {\"mean\": number, \"sd\": number}");
    return std::nullopt;
  }
  return GroupNumbers{*mean, *sd};
}

}  // namespace

absl::StatusOr<std::optional<TableChangeRequest>> TableChangeRequestFromJson(
    std::string_view text, bool has_columns) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  if (!has_columns && !document.root().Find("csv")) {
    return std::optional<TableChangeRequest>();
  }
  TableChangeRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    request.csv = members.TextOr("csv");
    request.pre = members.TextOr("pre");
    request.post = members.TextOr("post");
    request.method = members.TextOr("method", request.method);
    request.better = Word(members, "better", {"lower", "higher"});
    request.cutoff = Word(members, "cutoff", {"a", "b", "c"});
    request.reliability = Real(members, "reliability");
    request.reliability_post = Real(members, "reliability_post");
    request.sd = Real(members, "sd");
    request.mean = Real(members, "mean");
    request.critical = Real(members, "critical");
    request.clinical = GroupOf(members, "clinical");
    request.functional = GroupOf(members, "functional");
    request.by = NumberText(members, "by");
    request.remission = NumberText(members, "remission");
    request.subscale = members.TextOr("subscale");
  }));
  return std::optional<TableChangeRequest>(std::move(request));
}

absl::StatusOr<OutcomesRequest> OutcomesRequestFromJson(std::string_view text) {
  OutcomesRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    request.definition = members.TextOr("definition", request.definition);
    request.by = members.TextOr("by");
    request.from = members.TextOr("from");
    request.to = members.TextOr("to");
    request.suppress_below = static_cast<uint32_t>(
        members.Integer("suppress_below", 0, INT32_MAX).value_or(0));
  }));
  return request;
}

namespace {

LogOutcomesRequest ReadLogOutcomes(Members& members) {
  LogOutcomesRequest request;
  request.definition = members.TextOr("definition", request.definition);
  request.by =
      Word(members, "by",
           {"route", "program", "therapist", "month", "quarter", "year"});
  request.from = members.TextOr("from");
  request.to = members.TextOr("to");
  request.suppress_below = static_cast<uint32_t>(
      members.Integer("suppress_below", 0, INT32_MAX).value_or(0));
  request.complaint = members.TextOr("complaint");
  if (const auto core = members.Integer("core_modules", 1, UINT16_MAX)) {
    request.core_modules = static_cast<uint32_t>(*core);
  }
  request.as_known_at = members.Time("as_known_at");
  request.log_head = members.TextOr("log_head");
  request.as_corrected = members.Bool("as_corrected").value_or(false);
  return request;
}

}  // namespace

absl::StatusOr<LogOutcomesRequest> LogOutcomesRequestFromJson(
    std::string_view text) {
  LogOutcomesRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(
      text, [&](Members& members) { request = ReadLogOutcomes(members); }));
  return request;
}

absl::StatusOr<LogTableRequest> LogTableRequestFromJson(std::string_view text) {
  LogTableRequest request;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    request.as_known_at = members.Time("as_known_at");
    request.complaint = members.TextOr("complaint");
    request.instrument = JsonText(members, "instrument");
  }));
  return request;
}

absl::StatusOr<std::optional<LogOutcomesRequest>> OutcomesExportFromJson(
    std::string_view text) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  const json::Value root = document.root();
  const json::Value format =
      root.is_object() ? root.Find("format") : json::Value();
  std::optional<LogOutcomesRequest> request;
  if (!format || !format.is_string() || format.string_value() != "outcomes") {
    return request;
  }
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    members.TextOr("format");
    request = ReadLogOutcomes(members);
  }));
  return request;
}

absl::StatusOr<ExpressionOptions> ExpressionOptionsFromJson(
    std::string_view text) {
  ExpressionOptions options;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    options.r4_model = Word(members, "model", {"r4", "none"}) != "none";
    options.context = members.TextOr("context");
    std::string questionnaire = JsonText(members, "questionnaire");
    if (!questionnaire.empty())
      options.questionnaire = std::move(questionnaire);
    std::string variables = JsonText(members, "variables");
    if (!variables.empty()) options.variables = std::move(variables);
    options.offset_minutes = static_cast<int>(
        members.Integer("offset_minutes", -kOffsetMinutesMax, kOffsetMinutesMax)
            .value_or(0));
  }));
  return options;
}

absl::StatusOr<ExportOptions> ExportOptionsFromJson(std::string_view text) {
  ExportOptions options;
  STEPWELL_RETURN_IF_ERROR(ReadRequest(text, [&](Members& members) {
    options.format = members.TextOr("format", options.format);
    options.layout = members.TextOr("layout", options.layout);
    options.who = members.TextOr("who");
    options.types = members.TextList("types");
    options.base_url = members.TextOr("base_url");
    options.after = members.TextOr("after");
    options.persons_max = static_cast<uint64_t>(
        members.Integer("persons_max", 0, INT64_MAX).value_or(0));
  }));
  return options;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
PlanSettingsFromJson(std::string_view text) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document,
                            json::Parse(text.empty() ? "{}" : text));
  if (!document.root().is_object()) {
    return InvalidInput("expected an object of paths with their values");
  }
  std::vector<std::pair<std::string, std::string>> settings;
  for (json::Value value : json::Children(document.root())) {
    settings.emplace_back(std::string(value.key()), json::ToText(value));
  }
  return settings;
}

}  // namespace stepwell
