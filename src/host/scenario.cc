// The player of scenario files: reads lines, sends commands, compares events.
#include "stepwell/scenario.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/limits.h"
#include "base/span.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "host/protocol_impl.h"
#include "host/scenario_diff.h"
#include "host/service_impl.h"
#include "json/json.h"
#include "stepwell/requests.h"
#include "stepwell/service.h"
#include "wire/command_json.h"

namespace stepwell {
namespace {

using host::ScenarioStep;

// Of one advance, in its unit: further is no scenario, and must not overflow.
constexpr int64_t kAdvanceMax = 1'000'000;

std::string Trim(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(ToAbsl(text)));
}

class Player {
 public:
  explicit Player(const ScenarioOptions& options) : options_(options) {}

  absl::StatusOr<ScenarioResult> Play(std::string_view script) {
    STEPWELL_RETURN_IF_ERROR(ReadHead(script));
    const std::vector<std::string> lines = absl::StrSplit(ToAbsl(script), '\n');
    while (result_.ok && static_cast<size_t>(line_) < lines.size()) {
      const std::string line = Trim(lines[static_cast<size_t>(line_++)]);
      if (line.empty() || line[0] == '#') continue;
      const absl::Status status = Line(line);
      if (!status.ok()) {
        return Annotate(status, absl::StrCat("line ", line_));
      }
    }
    if (service_ == nullptr) {
      return InvalidInput("the script has no line: it begins with a clock");
    }
    if (result_.ok) STEPWELL_RETURN_IF_ERROR(Leave());
    result_.log = Log();
    AddCases();
    if (missing_.empty()) return result_;
    ScenarioResult result = result_;
    result.message += Difference(lines);
    return result;
  }

 private:
  absl::Status ReadHead(std::string_view script) {
    protocol_ = options_.protocol.empty() ? ScenarioProtocol(script)
                                          : options_.protocol;
    if (protocol_.empty()) {
      return InvalidInput(
          "the script names no protocol: \"# protocol: catalogue:NAME\" or "
          "\"# protocol: FILE.json\"");
    }
    if (options_.protocol.empty() &&
        !absl::StartsWith(protocol_, "catalogue:")) {
      return InvalidInput(absl::StrCat(
          "the script's protocol is the file ", protocol_,
          ", and the player reads no files: give it the document"));
    }
    return absl::OkStatus();
  }

  // How the missing event differs from what came. What came later is known on
  // a store in memory only: nobody looks at that one afterwards.
  std::string Difference(const std::vector<std::string>& lines) {
    const size_t now = steps_.size() - 1;
    if (options_.store == "memory:") LookAhead(lines);
    const std::span<const ScenarioStep> steps = steps_;
    return host::EventDifference(missing_, steps[now], steps.first(now),
                                 steps.subspan(now + 1));
  }

  // Does the commands that are left, until one cannot be done.
  void LookAhead(const std::vector<std::string>& lines) {
    while (static_cast<size_t>(line_) < lines.size()) {
      const std::string line = Trim(lines[static_cast<size_t>(line_++)]);
      if (line.empty() || line[0] != '>') continue;
      if (!Line(line).ok()) return;
    }
  }

  absl::Status Line(const std::string& line) {
    if (absl::StartsWith(line, "clock ")) return Clock(line.substr(6));
    if (service_ == nullptr) {
      return InvalidInput("a script begins with a clock line");
    }
    if (line[0] == '>') return Command(Trim(line.substr(1)));
    ++result_.expectations;
    if (line[0] == '=') return Ask(Trim(line.substr(1)));
    if (line[0] == '!') return ExpectNone(Trim(line.substr(1)));
    return Expect(line);
  }

  absl::Status Clock(const std::string& text) {
    const std::vector<std::string> parts =
        absl::StrSplit(text, ' ', absl::SkipEmpty());
    if (parts.empty() || parts.size() > 2) {
      return InvalidInput("clock TIME [ZONE]");
    }
    if (parts.size() == 2) {
      zone_ = FindZone(parts[1]);
      if (zone_ == nullptr) {
        return InvalidInput(absl::StrCat("unknown zone ", parts[1]));
      }
    }
    const std::optional<Instant> at = ParseInstant(parts[0], *zone_);
    if (!at) return InvalidInput(absl::StrCat(parts[0], " is no time"));
    now_ = *at;
    if (service_ != nullptr) return absl::OkStatus();
    // A play needs no approval: it is how a draft is tried out, and how one
    // that is retired is seen to do what it did.
    AddCall(ScenarioCall::Kind::kCreate, protocol_);
    STEPWELL_ASSIGN_OR_RETURN(auto protocol, host::CompileDocument(protocol_));
    STEPWELL_ASSIGN_OR_RETURN(
        service_, host::CreateService(options_.store, ServiceOptions().tenant,
                                      std::move(protocol), now_));
    return absl::OkStatus();
  }

  // "verb {json} [by STAFF] [as NAME]".
  absl::Status Command(std::string text) {
    STEPWELL_RETURN_IF_ERROR(Leave());
    steps_.push_back({line_, text, {}, {}});
    if (absl::StartsWith(text, "advance ")) return Advance(text.substr(8));
    for (const auto& [name, id] : names_) {
      text = ReplaceName(std::move(text), name, id);
    }
    for (const auto& [event, seq] : last_seq_) {
      text = absl::StrReplaceAll(
          text, {{absl::StrCat("\"@", event, "\""), absl::StrCat(seq)}});
    }
    const size_t open = text.find('{');
    const size_t close = text.rfind('}');
    if (open == std::string::npos) {
      return InvalidInput("a command is written as: > verb {json}");
    }
    if (close == std::string::npos) {
      return InvalidInput("the JSON of the command is cut short: no } ends it");
    }
    const std::string verb = Trim(text.substr(0, open));
    std::string by, as;
    const std::vector<std::string> tail =
        absl::StrSplit(text.substr(close + 1), ' ', absl::SkipEmpty());
    for (size_t i = 0; i + 1 < tail.size(); i += 2) {
      if (tail[i] == "by") by = tail[i + 1];
      if (tail[i] == "as") as = tail[i + 1];
    }
    STEPWELL_ASSIGN_OR_RETURN(const json::Document given,
                              json::Parse(text.substr(open, close - open + 1)));
    const std::string command = Complete(verb, given.root(), by);
    if (verb == "add_staff" && first_staff_.empty()) {
      first_staff_ = given.root().Find("staff").string_value();
    }
    ++result_.commands;
    AddCall(ScenarioCall::Kind::kSubmit, command);
    reply_ = service_->Submit(command, now_);
    if (!reply_.ok()) return absl::OkStatus();  // `error` may expect it
    if (!reply_->case_id.empty()) case_ = reply_->case_id;
    if (!as.empty()) {
      names_[as] =
          reply_->case_id.empty() ? reply_->person_id : reply_->case_id;
    }
    return TakeEvents();
  }

  static std::string ReplaceName(std::string text, const std::string& name,
                                 const std::string& id) {
    const std::string token = absl::StrCat("\"@", name, "\"");
    for (size_t at = text.find(token); at != std::string::npos;
         at = text.find(token, at)) {
      text.replace(at, token.size(), absl::StrCat("\"", id, "\""));
    }
    return text;
  }

  // Adds what the line leaves out: id, actor, case.
  std::string Complete(const std::string& verb, json::Value given,
                       const std::string& by) const {
    const bool patient = wire::IsPatientVerb(verb);
    const bool service = wire::IsServiceVerb(verb);
    json::Writer w;
    w.BeginObject();
    for (json::Value member : json::Children(given)) {
      w.Key(member.key()).Raw(json::ToText(member));
    }
    if (!given.Find("id")) w.Key("id").String(absl::StrCat("line-", line_));
    w.Key("command").String(verb);
    if (!given.Find("actor")) {
      w.Key("actor").BeginObject();
      const std::string staff = by.empty() ? first_staff_ : by;
      if (patient && by.empty()) {
        w.Key("role").String("patient");
      } else if ((service || verb == "settle_effect") && by.empty() &&
                 verb != "dismiss_parked" && verb != "file_parked") {
        w.Key("role").String("integration");
      } else {
        w.Key("role").String("staff").Key("staff").String(staff);
      }
      w.EndObject();
    }
    const bool needs_case = !service || verb == "file_parked";
    if (needs_case && !given.Find("case") && !given.Find("person") &&
        !case_.empty()) {
      w.Key("case").String(case_);
    }
    w.EndObject();
    return w.Take();
  }

  // "8d", "3h", "30m", "to TIME", with a trailing "catch-up".
  absl::Status Advance(std::string text) {
    AdvanceOptions options;
    if (absl::EndsWith(text, " catch-up")) {
      options.catch_up = true;
      text.resize(text.size() - 9);
    }
    Instant to = now_;
    int64_t amount = 0;
    if (absl::StartsWith(text, "to ")) {
      const std::optional<Instant> at = ParseInstant(text.substr(3), *zone_);
      if (!at) return InvalidInput("advance to TIME");
      to = *at;
    } else if (text.size() > 1 &&
               absl::SimpleAtoi(text.substr(0, text.size() - 1), &amount) &&
               std::abs(amount) <= kAdvanceMax) {
      const char unit = text.back();
      to = now_ + (unit == 'd'   ? WallDays(amount)
                   : unit == 'h' ? Hours(amount)
                                 : Minutes(amount));
    } else {
      return InvalidInput("advance 8d | 3h | 30m | to TIME");
    }
    if (to < now_) {
      return InvalidInput("time goes forward: advance to a later time");
    }
    ++result_.commands;
    AddCall(ScenarioCall::Kind::kAdvance, "");
    result_.calls.back().now = to;
    result_.calls.back().catch_up = options.catch_up;
    const auto advanced = service_->Advance(to, options);
    reply_ = advanced.ok() ? absl::StatusOr<Reply>(Reply())
                           : absl::StatusOr<Reply>(advanced.status());
    if (advanced.ok()) now_ = to;
    return TakeEvents();
  }

  // The new events of the case that the script is about.
  absl::Status TakeEvents() {
    if (case_.empty()) return absl::OkStatus();
    STEPWELL_ASSIGN_OR_RETURN(const CaseSummary summary,
                              service_->QueryCase(case_, now_));
    uint64_t& seen = seen_[case_];
    ScenarioStep& step = steps_.back();
    for (const TimelineEntry& entry : summary.timeline) {
      if (entry.seq <= seen) continue;
      step.events.push_back(entry.text);
      last_seq_[entry.event] = entry.seq;
    }
    seen = summary.version;
    step.met_by.assign(step.events.size(), 0);
    result_.events += step.events.size();
    return absl::OkStatus();
  }

  // A refusal or an error that the script did not expect ends it.
  absl::Status Leave() {
    if (!reply_.ok()) {
      FailCommand("the command to be done");
    } else if (Refused()) {
      FailCommand("the command to be accepted");
    }
    expected_reply_ = false;
    return absl::OkStatus();
  }

  // What was expected did not come because the command was not done: the line
  // to look at is that of the command.
  void FailCommand(const std::string& expected) {
    const int line = std::exchange(line_, steps_.back().line);
    Fail(expected,
         reply_.ok() ? RefusedText() : std::string(reply_.status().message()));
    line_ = line;
  }

  // It was refused, and no line expects that.
  bool Refused() const {
    return reply_->kind == Reply::Kind::kRejected && !expected_reply_;
  }
  std::string RefusedText() const {
    return absl::StrCat("rejected ", reply_->code, ": ", reply_->reason);
  }

  void Fail(const std::string& expected, const std::string& got) {
    if (!result_.ok) return;
    result_.ok = false;
    result_.line = line_;
    result_.message = absl::StrCat("expected ", expected);
    if (!got.empty()) absl::StrAppend(&result_.message, ", got ", got);
  }

  absl::Status Expect(const std::string& line) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest =
        word.size() == line.size() ? "" : Trim(line.substr(word.size()));
    if (word == "error") {
      if (reply_.ok() || !absl::StrContains(reply_.status().message(), rest)) {
        Fail(line,
             reply_.ok() ? "no error" : std::string(reply_.status().message()));
      }
      reply_ = Reply();
      return absl::OkStatus();
    }
    if (!reply_.ok()) {
      FailCommand(line);
      return absl::OkStatus();
    }
    if (word == "rejected" || word == "parked" || word == "accepted" ||
        word == "repeated" || word == "show_now") {
      ExpectReply(word, rest);
      return absl::OkStatus();
    }
    uint64_t times = 0;
    if (IsTimes(word, times)) {
      STEPWELL_RETURN_IF_ERROR(host::CheckEventLine(rest));
      ExpectTimes(times, line, rest);
      return absl::OkStatus();
    }
    ExpectEvent(line);
    return absl::OkStatus();
  }

  // Events come in order; others may lie between them.
  void ExpectEvent(const std::string& line) {
    ScenarioStep& step = steps_.back();
    size_t next = step.events.size();
    while (next > 0 && step.met_by[next - 1] == 0) --next;
    for (size_t i = next; i < step.events.size(); ++i) {
      if (!host::EventMatches(line, step.events[i])) continue;
      step.met_by[i] = line_;
      return;
    }
    if (Refused()) return FailCommand(line);
    missing_ = line;
    Fail(line, "");
  }

  // "2x EventName field=value": as often as that, no matter where.
  static bool IsTimes(const std::string& word, uint64_t& times) {
    return word.size() > 1 && word.back() == 'x' &&
           absl::SimpleAtoi(word.substr(0, word.size() - 1), &times);
  }

  void ExpectTimes(uint64_t times, const std::string& line,
                   const std::string& event) {
    std::vector<std::string> these;
    for (const std::string& fresh : steps_.back().events) {
      if (host::EventMatches(event, fresh)) these.push_back(fresh);
    }
    if (these.size() == times) return;
    if (these.empty() && Refused()) return FailCommand(line);
    if (these.empty()) missing_ = event;
    Fail(line,
         these.empty()
             ? "none"
             : absl::StrCat(these.size(), " of them:", host::EventList(these)));
  }

  void ExpectReply(const std::string& word, const std::string& code) {
    expected_reply_ = true;
    const Reply& reply = *reply_;
    bool met = false;
    if (word == "rejected") met = reply.kind == Reply::Kind::kRejected;
    if (word == "parked") met = reply.kind == Reply::Kind::kParked;
    if (word == "accepted") met = reply.kind == Reply::Kind::kAccepted;
    if (word == "repeated") met = reply.repeated;
    if (word == "show_now") met = !reply.show_now.empty();
    if (!code.empty()) met = met && reply.code == code;
    if (!met) {
      Fail(absl::StrCat(word, " ", code), ToJson(reply));
    }
  }

  absl::Status ExpectNone(const std::string& line) {
    STEPWELL_RETURN_IF_ERROR(host::CheckEventLine(line));
    for (const std::string& event : steps_.back().events) {
      if (host::EventMatches(line, event))
        Fail(absl::StrCat("no ", line), event);
    }
    return absl::OkStatus();
  }

  // "= portal: a b", "= phase track: p", "= worklist OWNER: a b", "= queue:
  // class class", "= alerts:
  // tier state owner", "= closed", "= open", "= healthy", "= scores: ...".
  absl::Status Ask(const std::string& question) {
    // The colons of a query are its own.
    const size_t query_end =
        absl::StartsWith(question, "worklist {") ? question.find("}:") : 0;
    const size_t colon = question.find(':', query_end);
    const std::string head = Trim(question.substr(0, colon));
    const std::string want =
        colon == std::string::npos ? "" : Trim(question.substr(colon + 1));
    std::string got;
    if (head == "healthy") {
      STEPWELL_ASSIGN_OR_RETURN(got, Healthy());
    } else if (absl::StartsWith(head, "worklist")) {
      STEPWELL_ASSIGN_OR_RETURN(const WorklistQuery query,
                                QueryOf(Trim(head.substr(8))));
      STEPWELL_ASSIGN_OR_RETURN(const Worklist list,
                                service_->QueryWorklist(query, now_));
      got = Names(list.lines, &WorkLine::what);
    } else if (head == "queue") {
      WorklistQuery query;
      query.kind = "waiting";
      STEPWELL_ASSIGN_OR_RETURN(const Worklist list,
                                service_->QueryWorklist(query, now_));
      got = Names(list.lines, &WorkLine::what);
    } else if (absl::StartsWith(head, "portal")) {
      STEPWELL_ASSIGN_OR_RETURN(const Portal portal, PortalOf(head.substr(6)));
      got = Names(portal.entries, &PortalEntry::item);
    } else if (absl::StartsWith(head, "consents")) {
      STEPWELL_ASSIGN_OR_RETURN(const Portal portal, PortalOf(head.substr(8)));
      got = Names(portal.consents, &PortalConsent::purpose);
    } else if (absl::StartsWith(head, "unread")) {
      STEPWELL_ASSIGN_OR_RETURN(const Portal portal, PortalOf(head.substr(6)));
      got = Names(portal.unread, &PortalMessage::message_id);
    } else {
      STEPWELL_ASSIGN_OR_RETURN(const CaseSummary summary,
                                service_->QueryCase(case_, now_));
      STEPWELL_ASSIGN_OR_RETURN(got, OfCase(head, summary));
    }
    if (got != want) FailList(head, want, got);
    return absl::OkStatus();
  }

  // "OWNER": that list alone; "{...}": a query.
  static absl::StatusOr<WorklistQuery> QueryOf(const std::string& text) {
    if (absl::StartsWith(text, "{")) return WorklistQueryFromJson(text);
    WorklistQuery query;
    query.owner = text;
    query.include_pools = false;
    return query;
  }

  // Of the person who is named, else of the patient of the last case.
  absl::StatusOr<Portal> PortalOf(const std::string& who) {
    const std::string name = Trim(who);
    return service_->QueryPortal(name.empty() ? case_ : name, now_);
  }

  void FailList(const std::string& head, const std::string& want,
                const std::string& got) {
    const char* const glue = head == "alerts" ? ", " : " ";
    const std::vector<std::string> wanted =
        absl::StrSplit(want, glue, absl::SkipEmpty());
    const std::vector<std::string> had =
        absl::StrSplit(got, glue, absl::SkipEmpty());
    // "= open" asks for no list.
    const bool plain = head == "open" || head == "closed" || head == "healthy";
    Fail(plain ? head
               : absl::StrCat(head, ": ", want.empty() ? "nothing" : want),
         absl::StrCat(got.empty() ? "nothing" : got,
                      host::ListDifference(wanted, had)));
  }

  template <class Row>
  static std::string Names(const std::vector<Row>& rows,
                           std::string Row::*name) {
    return absl::StrJoin(rows, " ", [name](std::string* out, const Row& row) {
      out->append(row.*name);
    });
  }

  static absl::StatusOr<std::string> OfCase(const std::string& head,
                                            const CaseSummary& summary) {
    if (head == "open") return std::string(summary.open ? "" : "closed");
    if (head == "closed") return std::string(summary.open ? "open" : "");
    if (head == "items") return Names(summary.open_items, &WorkLine::what);
    if (head == "messages")
      return Names(summary.open_messages, &WorkLine::what);
    if (head == "alerts") {
      std::vector<std::string> alerts;
      for (const WorkLine& line : summary.open_alerts) {
        alerts.push_back(absl::StrCat(
            line.what, " ", line.state, " ",
            line.owner_staff.empty() ? line.owner_pool : line.owner_staff));
      }
      return absl::StrJoin(alerts, ", ");
    }
    if (head == "scores") {
      std::vector<std::string> scores;
      for (const auto& [instrument, score] : summary.scores) {
        scores.push_back(absl::StrCat(instrument, "=", score));
      }
      return absl::StrJoin(scores, " ");
    }
    for (const auto& [track, phase] : summary.phases) {
      if (head == "phase " + track || head == "phase") return phase;
    }
    return InvalidInput(absl::StrCat(
        "unknown question \"", head,
        "\": portal, phase, items, alerts, messages, scores, worklist, open, "
        "closed or healthy"));
  }

  // Every invariant holds and the log replays to the stored state.
  absl::StatusOr<std::string> Healthy() {
    STEPWELL_ASSIGN_OR_RETURN(const Health health, service_->CheckHealth(now_));
    STEPWELL_ASSIGN_OR_RETURN(const Verification proof, service_->Verify());
    std::vector<std::string> broken = health.violations;
    broken.insert(broken.end(), proof.differences.begin(),
                  proof.differences.end());
    return absl::StrJoin(broken, "; ");
  }

  void AddCall(ScenarioCall::Kind kind, const std::string& text) {
    result_.calls.push_back({kind, now_, text, false});
  }

  void AddCases() {
    for (const auto& [id, version] : seen_) {
      const auto summary = service_->QueryCase(id, now_);
      if (summary.ok()) result_.cases.push_back({id, summary->state_hash});
    }
  }

  std::string Log() {
    std::string log;
    for (const auto& [id, version] : seen_) {
      const auto summary = service_->QueryCase(id, now_);
      if (!summary.ok()) continue;
      absl::StrAppend(&log, "case ", id, "\n");
      for (const TimelineEntry& entry : summary->timeline) {
        absl::StrAppend(&log, "  ", entry.seq, " ", entry.text, "\n");
      }
    }
    return log;
  }

  const ScenarioOptions& options_;
  std::string protocol_;
  std::unique_ptr<Service> service_;
  const Zone* zone_ = &UtcZone();
  Instant now_;
  int line_ = 0;
  std::string case_, first_staff_;
  std::map<std::string, std::string> names_;
  std::map<std::string, uint64_t> seen_;
  std::map<std::string, uint64_t> last_seq_;            // by event name
  std::vector<ScenarioStep> steps_ = {ScenarioStep()};  // one a command
  std::string missing_;  // the event whose line failed the scenario
  absl::StatusOr<Reply> reply_ = Reply();
  bool expected_reply_ = false;
  ScenarioResult result_;
};

}  // namespace

std::string ScenarioProtocol(std::string_view script) {
  static constexpr absl::string_view kProtocol = "# protocol:";
  for (absl::string_view line : absl::StrSplit(ToAbsl(script), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (absl::ConsumePrefix(&line, kProtocol)) return Trim(ToStd(line));
  }
  return "";
}

absl::StatusOr<ScenarioResult> PlayScenario(std::string_view script,
                                            const ScenarioOptions& options) {
  if (script.size() > limits::kCommandBytesMax) {
    return TooLarge("a scenario has at most 1 MiB");
  }
  return Player(options).Play(script);
}

std::string ToJson(const ScenarioCall& call) {
  json::Writer w;
  w.BeginObject();
  w.Key("now_us").Int(call.now.us);
  switch (call.kind) {
    case ScenarioCall::Kind::kCreate:
      w.Key("create").String(call.text);
      break;
    case ScenarioCall::Kind::kSubmit:
      w.Key("submit").Raw(call.text);
      break;
    case ScenarioCall::Kind::kAdvance:
      w.Key("advance").Bool(true).Key("catch_up").Bool(call.catch_up);
      break;
  }
  w.EndObject();
  return w.Take();
}

std::string ToJson(const ScenarioResult& result) {
  json::Writer w;
  w.BeginObject();
  w.Key("ok").Bool(result.ok);
  w.Key("commands").UInt(result.commands);
  w.Key("events").UInt(result.events);
  w.Key("expectations").UInt(result.expectations);
  w.Key("cases").BeginArray();
  for (const auto& [id, hash] : result.cases) {
    w.BeginObject();
    w.Key("case").String(id).Key("state_hash").String(hash);
    w.EndObject();
  }
  w.EndArray();
  if (!result.ok) {
    w.Key("line").Int(result.line);
    w.Key("message").String(result.message);
    w.Key("log").String(result.log);
  }
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell
