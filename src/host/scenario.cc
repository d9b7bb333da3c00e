// The player of scenario files: reads lines, sends commands, compares events.
#include "stepwell/scenario.h"

#include <map>
#include <memory>
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
#include "host/service_impl.h"
#include "json/json.h"
#include "stepwell/service.h"
#include "wire/command_json.h"

namespace stepwell {
namespace {

std::string Trim(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// The words of an event line; a quoted value with blanks is one word.
std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
    if (c == ' ' && !quoted) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// The first word and every other expected word stand in the line.
bool Matches(const std::string& expected, const std::string& line) {
  const std::vector<std::string> want = Words(expected);
  const std::vector<std::string> have = Words(line);
  if (want.empty() || have.empty() || want[0] != have[0]) return false;
  for (size_t i = 1; i < want.size(); ++i) {
    bool found = false;
    for (size_t j = 1; j < have.size(); ++j)
      found = found || have[j] == want[i];
    if (!found) return false;
  }
  return true;
}

class Player {
 public:
  explicit Player(const ScenarioOptions& options) : options_(options) {}

  absl::StatusOr<ScenarioResult> Play(std::string_view script) {
    STEPWELL_RETURN_IF_ERROR(ReadHead(script));
    int number = 0;
    for (absl::string_view raw : absl::StrSplit(ToAbsl(script), '\n')) {
      line_ = ++number;
      const std::string line = Trim(ToStd(raw));
      if (line.empty() || line[0] == '#') continue;
      const absl::Status status = Line(line);
      if (!status.ok()) {
        return Annotate(status, absl::StrCat("line ", number));
      }
      if (!result_.ok) break;
    }
    if (result_.ok) STEPWELL_RETURN_IF_ERROR(Leave());
    result_.log = Log();
    return result_;
  }

 private:
  absl::Status ReadHead(std::string_view script) {
    std::string protocol = options_.protocol;
    for (absl::string_view raw : absl::StrSplit(ToAbsl(script), '\n')) {
      const std::string line = Trim(ToStd(raw));
      static constexpr absl::string_view kProtocol = "# protocol:";
      if (protocol.empty() && absl::StartsWith(line, kProtocol)) {
        protocol = Trim(line.substr(kProtocol.size()));
      }
    }
    if (protocol.empty()) {
      return InvalidInput(
          "the script names no protocol: \"# protocol: catalogue:NAME\"");
    }
    protocol_ = std::move(protocol);
    return absl::OkStatus();
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
    STEPWELL_ASSIGN_OR_RETURN(auto protocol, host::CompileDocument(protocol_));
    STEPWELL_ASSIGN_OR_RETURN(
        service_, host::CreateService(options_.store, ServiceOptions().tenant,
                                      std::move(protocol), now_));
    return absl::OkStatus();
  }

  // "verb {json} [by STAFF] [as NAME]".
  absl::Status Command(std::string text) {
    STEPWELL_RETURN_IF_ERROR(Leave());
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
    if (open == std::string::npos || close == std::string::npos) {
      return InvalidInput("a command is written as: > verb {json}");
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
               absl::SimpleAtoi(text.substr(0, text.size() - 1), &amount)) {
      const char unit = text.back();
      to = now_ + (unit == 'd'   ? WallDays(amount)
                   : unit == 'h' ? Hours(amount)
                                 : Minutes(amount));
    } else {
      return InvalidInput("advance 8d | 3h | 30m | to TIME");
    }
    ++result_.commands;
    const auto advanced = service_->Advance(to, options);
    reply_ = advanced.ok() ? absl::StatusOr<Reply>(Reply())
                           : absl::StatusOr<Reply>(advanced.status());
    if (advanced.ok()) now_ = to;
    return TakeEvents();
  }

  // The new events of the case that the script is about.
  absl::Status TakeEvents() {
    fresh_.clear();
    next_ = 0;
    if (case_.empty()) return absl::OkStatus();
    STEPWELL_ASSIGN_OR_RETURN(const CaseSummary summary,
                              service_->QueryCase(case_, now_));
    uint64_t& seen = seen_[case_];
    for (const TimelineEntry& entry : summary.timeline) {
      if (entry.seq <= seen) continue;
      fresh_.push_back(entry.text);
      last_seq_[entry.event] = entry.seq;
    }
    seen = summary.version;
    result_.events += fresh_.size();
    return absl::OkStatus();
  }

  // A refusal or an error that the script did not expect ends it.
  absl::Status Leave() {
    if (!reply_.ok()) {
      Fail("the command to be done", std::string(reply_.status().message()));
    } else if (reply_->kind == Reply::Kind::kRejected && !expected_reply_) {
      Fail("the command to be accepted",
           absl::StrCat("rejected ", reply_->code, ": ", reply_->reason));
    }
    expected_reply_ = false;
    return absl::OkStatus();
  }

  void Fail(const std::string& expected, const std::string& got) {
    if (!result_.ok) return;
    result_.ok = false;
    result_.line = line_;
    result_.message = absl::StrCat("expected ", expected, ", got ", got);
  }

  std::string FreshText() const {
    return fresh_.empty() ? "no events"
                          : absl::StrCat("\n  ", absl::StrJoin(fresh_, "\n  "));
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
      Fail(line, std::string(reply_.status().message()));
      return absl::OkStatus();
    }
    if (word == "rejected" || word == "parked" || word == "accepted" ||
        word == "repeated" || word == "show_now") {
      ExpectReply(word, rest);
      return absl::OkStatus();
    }
    uint64_t times = 0;
    if (IsTimes(word, times)) {
      ExpectTimes(times, line, rest);
      return absl::OkStatus();
    }
    // Events come in order; others may lie between them.
    for (size_t i = next_; i < fresh_.size(); ++i) {
      if (!Matches(line, fresh_[i])) continue;
      next_ = i + 1;
      return absl::OkStatus();
    }
    Fail(line, FreshText());
    return absl::OkStatus();
  }

  // "2x EventName field=value": as often as that, no matter where.
  static bool IsTimes(const std::string& word, uint64_t& times) {
    return word.size() > 1 && word.back() == 'x' &&
           absl::SimpleAtoi(word.substr(0, word.size() - 1), &times);
  }

  void ExpectTimes(uint64_t times, const std::string& line,
                   const std::string& event) {
    uint64_t found = 0;
    for (const std::string& fresh : fresh_) found += Matches(event, fresh);
    if (found != times) Fail(line, absl::StrCat(found, " of them"));
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
    for (const std::string& event : fresh_) {
      if (Matches(line, event)) Fail(absl::StrCat("no ", line), event);
    }
    return absl::OkStatus();
  }

  // "= portal: a b", "= phase track: p", "= worklist OWNER: a b", "= alerts:
  // tier state owner", "= closed", "= open", "= healthy", "= scores: ...".
  absl::Status Ask(const std::string& question) {
    const size_t colon = question.find(':');
    const std::string head = Trim(question.substr(0, colon));
    const std::string want =
        colon == std::string::npos ? "" : Trim(question.substr(colon + 1));
    std::string got;
    if (head == "healthy") {
      STEPWELL_ASSIGN_OR_RETURN(got, Healthy());
    } else if (absl::StartsWith(head, "worklist")) {
      WorklistQuery query;
      query.owner = Trim(head.substr(8));
      query.include_pools = false;
      STEPWELL_ASSIGN_OR_RETURN(const Worklist list,
                                service_->QueryWorklist(query, now_));
      got = Names(list.lines, &WorkLine::what);
    } else if (head == "portal") {
      STEPWELL_ASSIGN_OR_RETURN(const Portal portal,
                                service_->QueryPortal(case_, now_));
      got = Names(portal.entries, &PortalEntry::item);
    } else if (head == "consents") {
      STEPWELL_ASSIGN_OR_RETURN(const Portal portal,
                                service_->QueryPortal(case_, now_));
      got = Names(portal.consents, &PortalConsent::purpose);
    } else {
      STEPWELL_ASSIGN_OR_RETURN(const CaseSummary summary,
                                service_->QueryCase(case_, now_));
      STEPWELL_ASSIGN_OR_RETURN(got, OfCase(head, summary));
    }
    if (got != want) Fail(absl::StrCat(head, ": ", want), got);
    return absl::OkStatus();
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
  std::map<std::string, uint64_t> last_seq_;  // by event name
  std::vector<std::string> fresh_;
  size_t next_ = 0;
  absl::StatusOr<Reply> reply_ = Reply();
  bool expected_reply_ = false;
  ScenarioResult result_;
};

}  // namespace

absl::StatusOr<ScenarioResult> PlayScenario(std::string_view script,
                                            const ScenarioOptions& options) {
  if (script.size() > limits::kCommandBytesMax) {
    return TooLarge("a scenario has at most 1 MiB");
  }
  return Player(options).Play(script);
}

std::string ToJson(const ScenarioResult& result) {
  json::Writer w;
  w.BeginObject();
  w.Key("ok").Bool(result.ok);
  w.Key("commands").UInt(result.commands);
  w.Key("events").UInt(result.events);
  w.Key("expectations").UInt(result.expectations);
  if (!result.ok) {
    w.Key("line").Int(result.line);
    w.Key("message").String(result.message);
    w.Key("log").String(result.log);
  }
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell
