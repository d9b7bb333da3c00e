#include "scenarios/ladder_mutants_support.h"

#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"

namespace stepwell::testing {

using json::Value;

namespace {

// Members of an object that are to be replaced: name -> JSON, "" takes it out.
using Patch = std::map<std::string, std::string>;

json::Document ReadProtocol(const std::string& name) {
  auto read =
      json::Parse(FindCatalogueFile(absl::StrCat("protocols/", name, ".json")));
  if (!read.ok()) std::abort();
  return std::move(*read);
}

std::string Patched(Value object, Patch patch) {
  json::Writer w;
  w.BeginObject();
  for (Value member : json::Children(object)) {
    const auto it = patch.find(std::string(member.key()));
    const std::string text =
        it == patch.end() ? json::ToText(member) : it->second;
    if (!text.empty()) w.Key(member.key()).Raw(text);
    if (it != patch.end()) patch.erase(it);
  }
  for (const auto& [key, text] : patch) {
    if (!text.empty()) w.Key(key).Raw(text);
  }
  w.EndObject();
  return w.Take();
}

// The array with the element of this index, or of this `id`, patched; an id
// that is not there is appended, as an overlay does it.
std::string PatchedAt(Value array, size_t index, const Patch& patch) {
  json::Writer w;
  w.BeginArray();
  size_t i = 0;
  for (Value element : json::Children(array)) {
    w.Raw(i++ == index ? Patched(element, patch) : json::ToText(element));
  }
  w.EndArray();
  return w.Take();
}

std::string Without(Value array, size_t index) {
  json::Writer w;
  w.BeginArray();
  size_t i = 0;
  for (Value element : json::Children(array)) {
    if (i++ != index) w.Raw(json::ToText(element));
  }
  w.EndArray();
  return w.Take();
}

std::string PatchedOf(Value array, const std::string& id, Patch patch) {
  json::Writer w;
  w.BeginArray();
  bool found = false;
  for (Value element : json::Children(array)) {
    const bool same = element.Find("id").string_value() == id;
    w.Raw(same ? Patched(element, patch) : json::ToText(element));
    found = found || same;
  }
  if (!found) {
    patch["id"] = json::Quote(id);
    w.Raw(Patched(Value(), patch));
  }
  w.EndArray();
  return w.Take();
}

// "14 days" -> "28 days".
std::string Doubled(Value span) {
  const std::string text(span.string_value());
  const size_t blank = text.find(' ');
  int number = 0;
  if (!absl::SimpleAtoi(text.substr(0, blank), &number)) std::abort();
  return json::Quote(absl::StrCat(2 * number, text.substr(blank)));
}

int PercentOf(Value rung) {
  int percent = 0;
  const std::string text(rung.Find("at").string_value());
  if (!absl::SimpleAtoi(text.substr(0, text.find('%')), &percent)) return 0;
  return percent;
}

class Mutants {
 public:
  Mutants(Value root, std::vector<Mutant>& mutants)
      : root_(root), mutants_(mutants) {}

  void OfClock(Value clock) {
    id_ = clock.Find("id").string_value();
    ladder_ = clock.Find("ladder");
    window_ = clock.Find("window");
    has_subject_ = !clock.Find("start");
    Add("budget doubled", {{"budget", Doubled(clock.Find("budget"))}});
    if (clock.Find("zone"))
      Add("zone of the service", {{"zone", json::Quote("service")}});
    for (size_t rung = 0; rung < ladder_.size(); ++rung) OfRung(rung);
    if (window_) OfWindow();
    if (ladder_.size() < 2 && !window_) return;
    const std::string late =
        clock.Find("late") ? std::string(clock.Find("late").string_value())
                           : "fire";
    for (const char* other : {"fire", "coalesce", "shift"}) {
      if (late == other) continue;
      Add(absl::StrCat("late: ", other), {{"late", json::Quote(other)}});
    }
  }

 private:
  void OfRung(size_t number) {
    const Value rung = ladder_.at(number);
    const auto add = [&](const std::string& what, const char* member,
                         std::string text) {
      Add(absl::StrCat("rung ", number, ": ", what),
          {{"ladder", PatchedAt(ladder_, number,
                                {{member, std::move(text)},
                                 {"source", "\"assumption\""}})}});
    };
    // A clock of the case has nothing whose priority could rise.
    add("does nothing", "do",
        has_subject_ ? "[{\"priority\":1}]"
                     : "[{\"milestone\":\"no_matter\"}]");
    const Value deeds = rung.Find("do");
    for (size_t deed = 0; deed < deeds.size() && deeds.size() > 1; ++deed) {
      add(absl::StrCat("without deed ", deed), "do", Without(deeds, deed));
    }
    if (rung.Find("after")) {
      add("after doubled", "after", Doubled(rung.Find("after")));
    } else if (!window_) {  // the due date of a window is 100%
      const int before = number == 0 ? 0 : PercentOf(ladder_.at(number - 1));
      add("earlier", "at",
          json::Quote(absl::StrCat((before + PercentOf(rung)) / 2, "%")));
    }
    if (!rung.Find("repeat")) return;
    add("repeat doubled", "repeat", Doubled(rung.Find("repeat")));
    add("never repeats", "repeat", "");
  }

  void OfWindow() {
    const Value opens = window_.Find("opens"), closes = window_.Find("closes");
    const auto add = [&](const char* what, const char* end, std::string text) {
      Add(what, {{"window", Patched(window_, {{end, std::move(text)}})}});
    };
    add("opens earlier", "opens",
        opens ? Patched(opens, {{"before", Doubled(opens.Find("before"))}})
              : "{\"before\": \"1 day\"}");
    add("closes later", "closes",
        Patched(closes, {{"after", Doubled(closes.Find("after"))}}));
    if (!closes.Find("do").is_array()) return;
    add("closes with another deed", "closes",
        Patched(closes, {{"do", "[{\"milestone\":\"no_matter\"}]"}}));
  }

  void Add(std::string what, const Patch& patch) {
    Patch whole = {{"clocks", PatchedOf(root_.Find("clocks"), id_, patch)}};
    if (!has_subject_) {
      whole["milestones"] = PatchedOf(root_.Find("milestones"), "no_matter",
                                      {{"title", "\"No matter\""}});
    }
    mutants_.push_back({id_, std::move(what), Patched(root_, whole)});
  }

  const Value root_;
  std::vector<Mutant>& mutants_;
  std::string id_;
  Value ladder_, window_;
  bool has_subject_ = false;
};

}  // namespace

std::vector<Mutant> LadderMutants(const std::string& protocol) {
  std::vector<Mutant> mutants;
  const json::Document document = ReadProtocol(protocol);
  const Value base_name = document.root().Find("base");
  std::map<std::string, Value> own;
  Mutants all(document.root(), mutants);
  if (!base_name) {
    for (Value clock : json::Children(document.root().Find("clocks"))) {
      all.OfClock(clock);
    }
    return mutants;
  }
  const std::string base(base_name.string_value());
  const json::Document below = ReadProtocol(base.substr(0, base.find('@')));
  for (Value clock : json::Children(document.root().Find("clocks"))) {
    own[std::string(clock.Find("id").string_value())] = clock;
  }
  for (Value clock : json::Children(below.root().Find("clocks"))) {
    const auto it = own.find(std::string(clock.Find("id").string_value()));
    if (it == own.end()) {
      all.OfClock(clock);
      continue;
    }
    if (it->second.Find("remove")) {
      own.erase(it);
      continue;
    }
    // The clock as the overlay leaves it.
    Patch patch;
    for (Value member : json::Children(it->second)) {
      patch[std::string(member.key())] = json::ToText(member);
    }
    const auto merged = json::Parse(Patched(clock, patch));
    if (!merged.ok()) std::abort();
    all.OfClock(merged->root());
    own.erase(it);
  }
  for (const auto& [id, clock] : own) all.OfClock(clock);  // its own ones
  return mutants;
}

Mutant Unchanged(const std::string& protocol) {
  return {"", "unchanged", Patched(ReadProtocol(protocol).root(), {})};
}

}  // namespace stepwell::testing
