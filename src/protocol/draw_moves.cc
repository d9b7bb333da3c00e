#include "protocol/draw_moves.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw_context.h"

namespace stepwell::protocol {
namespace {

constexpr size_t kAnywhere = PictureEdge::kAnywhere;
using Places = std::set<size_t>;  // empty: anywhere

class Mover {
 public:
  Mover(const Names& names, json::Value track)
      : root_(names.root()), track_(track) {
    for (const json::Value phase : json::Children(track.Find("phases"))) {
      const size_t place = phases_.size();
      phases_.emplace(std::string(TextIn(phase, "id")), place);
      for (const json::Value item : json::Children(phase.Find("items"))) {
        const json::Value keep = item.Find("keep_on_exit");
        if (keep.is_bool() && keep.bool_value()) continue;
        items_.emplace(std::string(TextIn(item, "id")), place);
        if (item.Find("program")) AddProgram(names, item, place);
        due_[std::string(TextIn(item, "due"))].insert(place);
      }
    }
    for (const json::Value item :
         json::Children(root_.Find("items_anywhere"))) {
      due_anywhere_.insert(std::string(TextIn(item, "due")));
    }
  }

  std::vector<PictureEdge> Run() {
    for (const json::Value rule : json::Children(root_.Find("rules"))) {
      Visit(rule.Find("do"), TextIn(rule, "id"), FromRule(rule));
    }
    for (const json::Value clock : json::Children(root_.Find("clocks"))) {
      for (const json::Value rung : json::Children(clock.Find("ladder"))) {
        Visit(rung.Find("do"), TextIn(clock, "id"), FromClock(clock));
      }
    }
    std::vector<PictureEdge> edges;
    for (auto& [ends, labels] : moves_) {
      edges.push_back({ends.first, ends.second, std::move(labels)});
    }
    return edges;
  }

 private:
  // Its modules are items too, and so are the checks of their homework.
  void AddProgram(const Names& names, json::Value item, size_t place) {
    const std::string_view program = TextIn(item, "program");
    programs_.emplace(std::string(program), place);
    for (const json::Value module :
         json::Children(names.Program(program).Find("modules"))) {
      const std::string id = absl::StrCat(ToAbsl(TextIn(item, "prefix")),
                                          ToAbsl(TextIn(module, "id")));
      items_.emplace(id, place);
      items_.emplace(id + "_check", place);
    }
  }

  // The phase that "pathway/intake" names; kAnywhere when it is of another
  // track.
  size_t PlaceOf(std::string_view path) const {
    const size_t slash = path.find('/');
    if (slash == std::string_view::npos) return kAnywhere;
    if (path.substr(0, slash) != TextIn(track_, "id")) return kAnywhere;
    const auto it = phases_.find(path.substr(slash + 1));
    return it == phases_.end() ? kAnywhere : it->second;
  }

  // Where "item.done:call" or "decision:inclusion=include" can happen.
  Places FromEvent(std::string_view event) const {
    const size_t colon = event.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view kind = event.substr(0, colon);
    std::string_view name = event.substr(colon + 1);
    if (kind == "phase.entered") {
      const size_t place = PlaceOf(name);
      return place == kAnywhere ? Places{} : Places{place};
    }
    const bool program = kind == "program.completed";
    if (!program && kind.substr(0, 5) != "item." && kind != "decision" &&
        kind != "appointment.no_show") {
      return {};
    }
    name = name.substr(0, name.find('='));
    const auto& known = program ? programs_ : items_;
    const auto it = known.find(name);
    return it == known.end() ? Places{} : Places{it->second};
  }

  // The phases that a guard names: `tracks.pathway = 'dormant'`. This reads
  // the text and not the logic, which is enough to know what is meant.
  Places FromGuard(std::string_view guard) const {
    std::string text(guard);
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    const std::string left =
        absl::StrCat("tracks.", ToAbsl(TextIn(track_, "id")), "='");
    Places places;
    for (size_t at = text.find(left); at != std::string::npos;
         at = text.find(left, at + 1)) {
      const size_t begin = at + left.size();
      const size_t end = text.find('\'', begin);
      if (end == std::string::npos) break;
      const auto it = phases_.find(text.substr(begin, end - begin));
      if (it != phases_.end()) places.insert(it->second);
    }
    return places;
  }

  Places FromRule(json::Value rule) const {
    const Places guard = FromGuard(TextIn(rule, "if"));
    return guard.empty() ? FromEvent(TextIn(rule, "on")) : guard;
  }

  Places FromClock(json::Value clock) const {
    const std::string_view id = TextIn(clock, "id");
    const auto it = due_.find(id);
    if (it != due_.end() && due_anywhere_.count(id) == 0) return it->second;
    Places places;
    for (const json::Value start : json::Children(clock.Find("start"))) {
      const Places more =
          start.is_string() ? FromEvent(start.string_value()) : Places{};
      if (more.empty()) return {};
      places.insert(more.begin(), more.end());
    }
    return places;
  }

  // Of two phases a move to one starts in the other.
  Places From(const Places& known, size_t to) const {
    if (!known.empty()) return known;
    return phases_.size() == 2 ? Places{1 - to} : Places{kAnywhere};
  }

  void Visit(json::Value actions, std::string_view label, const Places& from) {
    for (const json::Value action : json::Children(actions)) {
      const size_t to = PlaceOf(TextIn(action, "move"));
      if (to == kAnywhere) continue;
      for (const size_t place : From(from, to)) {
        if (place == to) continue;
        std::vector<std::string>& labels = moves_[{place, to}];
        if (labels.empty() || labels.back() != label)
          labels.emplace_back(label);
      }
    }
  }

  json::Value root_, track_;
  std::map<std::string, size_t, std::less<>> phases_, items_, programs_;
  std::map<std::string, Places, std::less<>> due_;
  std::set<std::string, std::less<>> due_anywhere_;
  std::map<std::pair<size_t, size_t>, std::vector<std::string>> moves_;
};

}  // namespace

std::vector<PictureEdge> MovesOf(const Names& names, json::Value track) {
  return Mover(names, track).Run();
}

}  // namespace stepwell::protocol
