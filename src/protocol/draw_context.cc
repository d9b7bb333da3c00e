#include "protocol/draw_context.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {

PictureContext::PictureContext(const Protocol& protocol,
                               std::string_view language)
    : names_(protocol, language) {
  constexpr std::string_view kEntered = "phase.entered:";
  for (const json::Value clock : json::Children(root().Find("clocks"))) {
    clocks_.emplace(std::string(TextIn(clock, "id")), clock);
    for (const json::Value start : json::Children(clock.Find("start"))) {
      if (!start.is_string()) continue;
      const std::string_view event = start.string_value();
      if (event.substr(0, kEntered.size()) != kEntered) continue;
      from_[std::string(event.substr(kEntered.size()))].push_back(clock);
    }
  }
  FindRisk(protocol);
  FindRaised();
}

void PictureContext::FindRisk(const Protocol& protocol) {
  const json::Value risk = root().Find("risk");
  for (const json::Value tier : json::Children(risk.Find("tiers"))) {
    for (const char* step : {"acknowledge", "assess", "close"}) {
      risk_clocks_.emplace(TextIn(tier, step));
    }
  }
  for (const char* element : {"screen_element", "missing_element"}) {
    risk_items_.emplace(TextIn(risk, element));
  }
  for (const ImportedInstrument& imported : protocol.instruments) {
    if (!imported.instrument->risk_markers().empty()) {
      alerting_.emplace(imported.name);
    }
  }
}

bool PictureContext::NoteRaised(json::Value actions, const std::string& cause) {
  bool any = false;
  for (const json::Value action : json::Children(actions)) {
    const std::string_view tier = TextIn(action, "raise_alert");
    if (tier.empty()) continue;
    raised_[std::string(tier)].push_back(cause);
    any = true;
  }
  return any;
}

void PictureContext::FindRaised() {
  for (const json::Value rule : json::Children(root().Find("rules"))) {
    // "decision:safety=concern"
    const std::string_view on = TextIn(rule, "on");
    const size_t colon = std::min(on.find(':'), on.size());
    std::string_view item = on.substr(std::min(colon + 1, on.size()));
    const size_t equals = std::min(item.find('='), item.size());
    const std::string_view outcome = item.substr(equals);
    item = item.substr(0, equals);
    std::string cause =
        item.empty() ? std::string(on) : names_.Of("items", item);
    if (!outcome.empty()) {
      absl::StrAppend(&cause, ": ", ToAbsl(outcome.substr(1)));
    }
    if (NoteRaised(rule.Find("do"), ShownText(cause))) raising_.emplace(item);
  }
  for (const json::Value clock : json::Children(root().Find("clocks"))) {
    const std::string name = names_.Of("clocks", TextIn(clock, "id"));
    for (const json::Value rung : json::Children(clock.Find("ladder"))) {
      NoteRaised(rung.Find("do"), name);
    }
    for (const char* end : {"opens", "closes"}) {
      NoteRaised(clock.Find("window").Find(end).Find("do"), name);
    }
  }
}

void PictureContext::Add(PictureBox& box, Word word,
                         std::string_view text) const {
  if (text.empty()) return;
  box.lines.push_back(PlainLine(absl::StrCat(Say(word), ": ", ToAbsl(text))));
}

std::string PictureContext::List(json::Value list,
                                 std::string_view section) const {
  std::vector<std::string> names;
  for (const json::Value name : json::Children(list)) {
    if (!name.is_string()) continue;
    names.push_back(section.empty() ? ShownText(name.string_value())
                                    : names_.Of(section, name.string_value()));
  }
  return absl::StrJoin(names, ", ");
}

std::string PictureContext::Within(std::string_view clock) const {
  const auto it = clocks_.find(clock);
  if (it == clocks_.end()) return "";
  return absl::StrCat(Say(Word::kWithin), " ", Span(it->second, "budget"));
}

std::string PictureContext::ItemNote(json::Value item, bool anywhere) const {
  std::vector<std::string> parts;
  const std::string_view who = TextIn(item, "who"), mode = TextIn(item, "mode");
  const std::string every = Span(item.Find("repeat"), "every");
  if (!who.empty()) {
    parts.push_back(who == "patient" ? Say(Word::kPatient)
                    : who == "owner" ? Say(Word::kOwner)
                                     : std::string(who));
  }
  if (mode == "discretionary" && !anywhere) {
    parts.push_back(Say(Word::kOnDemand));
  }
  if (mode == "offered") parts.push_back(Say(Word::kOffered));
  if (!every.empty()) {
    parts.push_back(absl::StrCat(Say(Word::kEvery), " ", every));
  }
  std::string due = Within(TextIn(item, "due"));
  if (!due.empty()) parts.push_back(std::move(due));
  return absl::StrJoin(parts, ", ");
}

const std::vector<json::Value>& PictureContext::ClocksFrom(
    const std::string& phase) const {
  static const std::vector<json::Value> none;
  const auto it = from_.find(phase);
  return it == from_.end() ? none : it->second;
}

}  // namespace stepwell::protocol
