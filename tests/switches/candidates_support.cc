#include "switches/candidates_support.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "stepwell/time_text.h"

namespace stepwell::testing {

using protocol::ImportedProgram;
using protocol::ItemKind;
using protocol::Protocol;

namespace {

std::string Work(const std::string& item, const char* action) {
  return absl::StrCat(R"("command":"work_item","item":")", item,
                      R"(","action":")", action,
                      R"(","reason":"fits this patient")");
}

std::string Enrolment(const std::string& program, const char* action,
                      const std::string& more = "") {
  return absl::StrCat(R"("command":"change_enrolment","program":")", program,
                      R"(","action":")", action,
                      R"(","reason":"fits this patient")", more);
}

bool IsOpen(const CaseSummary& summary, const std::string& item) {
  return std::any_of(summary.open_items.begin(), summary.open_items.end(),
                     [&](const WorkLine& line) { return line.what == item; });
}

// Modules first: they are what is skipped, locked and repeated most.
std::vector<std::string> Items(const Protocol& protocol) {
  std::vector<std::string> modules, others;
  for (const protocol::Element& element : protocol.elements) {
    (element.kind == ItemKind::kModule ? modules : others)
        .push_back(element.id);
  }
  modules.insert(modules.end(), others.begin(), others.end());
  return modules;
}

std::vector<std::string> WorkOnItems(const char* action, bool open,
                                     const Protocol& protocol,
                                     const CaseSummary& summary) {
  std::vector<std::string> commands;
  for (const std::string& item : Items(protocol)) {
    const bool listed = IsOpen(summary, item);
    if (open ? !listed && protocol.at(protocol.FindElement(item)).kind !=
                              ItemKind::kModule
             : listed) {
      continue;
    }
    commands.push_back(Work(item, action));
  }
  return commands;
}

std::string Modules(const Protocol& protocol,
                    const std::vector<protocol::ElementId>& modules) {
  std::string names;
  for (const protocol::ElementId id : modules) {
    absl::StrAppend(&names, names.empty() ? "" : ",", "\"", protocol.at(id).id,
                    "\"");
  }
  return absl::StrCat(",\"modules\":[", names, "]");
}

void OfProgram(const std::string& name, const Protocol& protocol,
               const ImportedProgram& program,
               std::vector<std::string>& commands) {
  const auto& modules = program.modules;
  const auto add = [&](const char* action, const std::string& more = "") {
    commands.push_back(Enrolment(program.name, action, more));
  };
  if (name == "start" || name == "booster") add("start");
  if (name == "end") add("end");
  if (name == "language") add("language", R"(,"language":"sv")");
  for (const std::string& level : program.guidance) {
    if (name == "guidance") {
      add("guidance", absl::StrCat(R"(,"guidance":")", level, "\""));
    }
  }
  if (name == "reorder") {
    add("reorder", Modules(protocol, {modules.back()}));
  }
  for (size_t i = modules.size(); i-- > 0;) {
    if (name == "exclude") add("exclude", Modules(protocol, {modules[i]}));
    if (name == "include") add("include", Modules(protocol, {modules[i]}));
  }
  for (const ImportedProgram& other : protocol.programs) {
    if (name != "switch_program" || other.name == program.name) continue;
    add("switch", absl::StrCat(R"(,"to":")", other.name, "\""));
  }
}

}  // namespace

const std::vector<Switch>& Switches() {
  static const auto* const switches = new std::vector<Switch>{
      {"skip", nullptr, {"ItemEnded"}},
      {"skip_ahead", nullptr, {"ItemOpened", "ItemEnded"}},
      {"insert", nullptr, {"ItemOpened"}},
      {"repeat", "ItemDone", {"ItemOpened"}},
      {"lock", nullptr, {"ItemLocked"}},
      {"unlock", "ItemLocked", {"ItemLocked"}},
      {"reorder", nullptr, {"EnrolmentChanged"}},
      {"exclude", nullptr, {"EnrolmentChanged"}},
      {"include", "EnrolmentChanged", {"EnrolmentChanged"}},
      {"start", nullptr, {"EnrolmentStarted", "ItemOpened"}},
      {"end", nullptr, {"EnrolmentEnded"}},
      {"switch_program", nullptr, {"EnrolmentEnded", "EnrolmentStarted"}},
      {"booster", "ProgramCompleted", {"ItemOpened"}},
      {"guidance", nullptr, {"EnrolmentChanged"}},
      {"language", nullptr, {"EnrolmentChanged"}},
      {"pause", nullptr, {"CasePaused"}},
      {"resume", "CasePaused", {"CaseResumed"}},
      {"another_therapist", "CaseAssigned", {"CaseAssigned"}},
      {"another_phase", nullptr, {"TrackMoved"}},
  };
  return *switches;
}

std::vector<std::string> Candidates(const std::string& name,
                                    const Protocol& protocol,
                                    const CaseSummary& summary, Instant now) {
  std::vector<std::string> commands;
  if (name == "skip") return WorkOnItems("skip", true, protocol, summary);
  if (name == "skip_ahead") {
    return WorkOnItems("skip", false, protocol, summary);
  }
  if (name == "insert") return WorkOnItems("open", false, protocol, summary);
  if (name == "repeat") return WorkOnItems("repeat", false, protocol, summary);
  if (name == "lock") return WorkOnItems("lock", true, protocol, summary);
  if (name == "unlock") return WorkOnItems("unlock", false, protocol, summary);
  if (name == "pause") {
    return {absl::StrCat(R"("command":"pause_case","reason":"travels",)",
                         R"("review_at":")", TimeText(now + WallDays(30)),
                         "\"")};
  }
  if (name == "resume") return {R"("command":"resume_case","reason":"back")"};
  if (name == "another_therapist") {
    return {absl::StrCat(R"("command":"assign_case","pool":")",
                         summary.owner_pool, R"(","staff":"second")",
                         R"(,"reason":"leave")")};
  }
  if (name == "another_phase") {
    for (const protocol::Element& element : protocol.elements) {
      if (element.kind != ItemKind::kDecision || !IsOpen(summary, element.id)) {
        continue;
      }
      for (const protocol::OutcomeId outcome : element.outcomes) {
        commands.push_back(
            absl::StrCat(Work(element.id, "complete"), R"(,"outcome":")",
                         protocol.outcomes[outcome.value], R"(","minutes":5)"));
      }
    }
    return commands;
  }
  for (const ImportedProgram& program : protocol.programs) {
    OfProgram(name, protocol, program, commands);
  }
  if (name == "booster") {  // where no whole program fits, a module does
    for (const char* action : {"repeat", "open"}) {
      const auto more = WorkOnItems(action, false, protocol, summary);
      commands.insert(commands.end(), more.begin(), more.end());
    }
  }
  return commands;
}

}  // namespace stepwell::testing
