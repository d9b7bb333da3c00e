#include "protocol/migration_kinds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace stepwell::protocol {
namespace {

const std::string& NameOf(const std::string& name) { return name; }
template <class T>
const std::string& NameOf(const T& thing) {
  if constexpr (requires { thing.name; }) {
    return thing.name;
  } else {
    return thing.id;
  }
}

template <class Table>
std::vector<std::string> NamesOf(const Table& table) {
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const auto& thing : table) names.push_back(NameOf(thing));
  return names;
}

std::vector<std::string> PhaseNames(const Protocol& protocol) {
  std::vector<std::string> names;
  for (const Phase& phase : protocol.phases) {
    names.push_back(absl::StrCat(protocol.at(phase.track).id, "/", phase.id));
  }
  return names;
}

// What numbers of answers, bands and tiers in the log stand for.
template <class List, class Name>
bool SameNames(const List& a, const List& b, Name name) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [&](const auto& x, const auto& y) { return name(x) == name(y); });
}

std::string CannotBe(const ImportedInstrument& from,
                     const ImportedInstrument& to) {
  const auto id = [](const auto& part) { return part.id; };
  const auto self = [](const std::string& name) { return name; };
  const instruments::Instrument& a = *from.instrument;
  const instruments::Instrument& b = *to.instrument;
  if (from.id != to.id) return "it is another instrument";
  if (!SameNames(a.items(), b.items(), id) ||
      !SameNames(a.scales(), b.scales(), id) ||
      !SameNames(a.tiers().ids, b.tiers().ids, self)) {
    return "its items, scales or tiers are others";
  }
  for (size_t i = 0; i < a.scales().size(); ++i) {
    if (!SameNames(a.scales()[i].bands, b.scales()[i].bands, id)) {
      return "its bands are others";
    }
  }
  return "";
}

bool IsPrefix(const std::vector<std::string>& a,
              const std::vector<std::string>& b) {
  return a.size() <= b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::string CannotBe(const ImportedProgram& from, const ImportedProgram& to) {
  if (!IsPrefix(from.sets, to.sets)) {
    return "its sets are others: new ones stand behind those it had";
  }
  if (!IsPrefix(from.guidance, to.guidance)) {
    return "its levels of guidance are others: new ones stand behind those it "
           "had";
  }
  return "";
}

std::string CannotBe(const Element& from, const Element& to) {
  if (from.kind != to.kind) return "it is an item of another kind";
  const bool same_role = from.program.IsNone() == to.program.IsNone() &&
                         from.exercise_of.IsNone() == to.exercise_of.IsNone() &&
                         from.checks.IsNone() == to.checks.IsNone();
  return same_role ? "" : "it has another part in a program";
}

std::string CannotBe(const Fact& from, const Fact& to) {
  return from.kind == to.kind ? "" : "it is a fact of another type";
}

template <class T>
std::function<std::string(uint16_t, uint16_t)> Checked(
    const std::vector<T>& before, const std::vector<T>& after) {
  return [&before, &after](uint16_t a, uint16_t b) {
    return CannotBe(before[a], after[b]);
  };
}

uint16_t FindIn(const std::vector<std::string>& names, std::string_view name) {
  const auto it = std::find(names.begin(), names.end(), name);
  return it == names.end() ? MigratedKind::kNone
                           : static_cast<uint16_t>(it - names.begin());
}

// The new name of a phase that says nothing else: its track may have one.
std::string PhaseAfter(const std::string& phase, const MigratedKind& tracks) {
  const size_t slash = phase.find('/');
  const uint16_t track = tracks.FindBefore(phase.substr(0, slash));
  const uint16_t now =
      track < tracks.map.size() ? tracks.map[track] : MigratedKind::kNone;
  if (now == MigratedKind::kNone) return "";
  return tracks.after[now] + phase.substr(slash);
}

bool IsTaken(const MigratedKind& kind, uint16_t number) {
  return !kind.may_merge &&
         std::find(kind.map.begin(), kind.map.end(), number) != kind.map.end();
}

template <class Id>
void Take(const std::vector<uint16_t>& map, std::vector<Id>& table) {
  bool same = true;
  for (size_t i = 0; i < map.size(); ++i) same = same && map[i] == i;
  if (same) return;  // an empty table says so
  for (const uint16_t number : map) table.push_back(Id(number));
}

}  // namespace

uint16_t MigratedKind::FindBefore(std::string_view name) const {
  return FindIn(before, name);
}
uint16_t MigratedKind::FindAfter(std::string_view name) const {
  return FindIn(after, name);
}

std::vector<MigratedKind> KindsOf(const Protocol& from, const Protocol& to) {
  std::vector<MigratedKind> kinds;
  const auto add = [&kinds](std::string_view field, std::string_view word,
                            auto before, auto after, bool may_merge = false) {
    MigratedKind kind;
    kind.field = field;
    kind.word = word;
    kind.before = std::move(before);
    kind.after = std::move(after);
    kind.may_merge = may_merge;
    kind.map.assign(kind.before.size(), MigratedKind::kNone);
    kinds.push_back(std::move(kind));
  };
  add("items", "item", NamesOf(from.elements), NamesOf(to.elements));
  kinds.back().cannot = Checked(from.elements, to.elements);
  add("tracks", "track", NamesOf(from.tracks), NamesOf(to.tracks));
  add("phases", "phase", PhaseNames(from), PhaseNames(to), true);
  add("clocks", "clock", NamesOf(from.clocks), NamesOf(to.clocks));
  add("milestones", "milestone", NamesOf(from.milestones),
      NamesOf(to.milestones));
  add("facts", "fact", NamesOf(from.facts), NamesOf(to.facts));
  kinds.back().cannot = Checked(from.facts, to.facts);
  add("routes", "route", NamesOf(from.routes), NamesOf(to.routes), true);
  add("pools", "pool", NamesOf(from.pools), NamesOf(to.pools), true);
  add("tiers", "risk tier", NamesOf(from.risk.tiers), NamesOf(to.risk.tiers),
      true);
  add("instruments", "instrument", NamesOf(from.instruments),
      NamesOf(to.instruments));
  kinds.back().cannot = Checked(from.instruments, to.instruments);
  add("programs", "program", NamesOf(from.programs), NamesOf(to.programs));
  kinds.back().cannot = Checked(from.programs, to.programs);
  add("consents", "consent", NamesOf(from.purposes), NamesOf(to.purposes));
  add("outcomes", "outcome", NamesOf(from.outcomes), NamesOf(to.outcomes),
      true);
  add("templates", "template", NamesOf(from.templates), NamesOf(to.templates),
      true);
  return kinds;
}

MigratedKind& KindCalled(std::vector<MigratedKind>& kinds,
                         std::string_view field) {
  return *std::find_if(
      kinds.begin(), kinds.end(),
      [field](const MigratedKind& kind) { return kind.field == field; });
}

namespace {

// An item of a program stays in what becomes of that program.
void LoseStrays(const Protocol& from, const Protocol& to,
                std::vector<MigratedKind>& kinds) {
  MigratedKind& items = KindCalled(kinds, "items");
  const MigratedKind& programs = KindCalled(kinds, "programs");
  for (uint16_t i = 0; i < items.map.size(); ++i) {
    const ProgramRef program = from.elements[i].program;
    if (items.map[i] == MigratedKind::kNone || program.IsNone()) continue;
    if (to.elements[items.map[i]].program.value ==
        programs.map[program.value]) {
      continue;
    }
    items.map[i] = MigratedKind::kNone;
    items.lost[i] = "its program becomes another one, or none";
  }
}

}  // namespace

void MapByName(const Protocol& from, const Protocol& to,
               std::vector<MigratedKind>& kinds) {
  for (MigratedKind& kind : kinds) {
    for (uint16_t i = 0; i < kind.before.size(); ++i) {
      if (kind.map[i] != MigratedKind::kNone) continue;
      const std::string name =
          kind.field == "phases"
              ? PhaseAfter(kind.before[i], KindCalled(kinds, "tracks"))
              : kind.before[i];
      const uint16_t same = kind.FindAfter(name);
      if (same == MigratedKind::kNone || IsTaken(kind, same)) continue;
      if (!kind.cannot || kind.cannot(i, same).empty()) kind.map[i] = same;
    }
  }
  LoseStrays(from, to, kinds);
}

SymbolTables TablesOf(const std::vector<MigratedKind>& kinds) {
  SymbolTables tables;
  size_t next = 0;
  SymbolTables::Fields(tables, [&](int, const char*, auto& table) {
    Take(kinds[next++].map, table);
  });
  return tables;
}

std::vector<Unmapped> UnmappedOf(const std::vector<MigratedKind>& kinds) {
  std::vector<Unmapped> unmapped;
  for (const MigratedKind& kind : kinds) {
    for (uint16_t i = 0; i < kind.map.size(); ++i) {
      if (kind.map[i] != MigratedKind::kNone) continue;
      const uint16_t same = kind.FindAfter(kind.before[i]);
      Unmapped what{std::string(kind.field), i, kind.before[i], ""};
      const auto lost = kind.lost.find(i);
      if (lost != kind.lost.end()) {
        what.why = lost->second;
      } else if (same != MigratedKind::kNone && kind.cannot) {
        what.why = kind.cannot(i, same);
      }
      unmapped.push_back(std::move(what));
    }
  }
  return unmapped;
}

}  // namespace stepwell::protocol
