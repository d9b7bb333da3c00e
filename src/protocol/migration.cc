// The document of a migration: LoadMigration and PlanByNames.
#include "protocol/migration.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/status.h"
#include "base/strings.h"
#include "protocol/loading.h"
#include "protocol/migration_kinds.h"
#include "protocol/reader.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "$schema",   "migration",   "title",      "from",     "to",
    "reason",    "approver",    "items",      "tracks",   "phases",
    "clocks",    "facts",       "milestones", "routes",   "pools",
    "tiers",     "instruments", "programs",   "consents", "outcomes",
    "templates", "deadlines",   "cancel",     "start",    "defaults",
    "otherwise"};
// In the order of ClockPolicy.
constexpr std::string_view kPolicies[] = {"keep", "remaining", "restart"};
constexpr std::string_view kOtherwise[] = {"refuse"};

std::string VersionOf(const Protocol& protocol) {
  return absl::StrCat(protocol.id, "@", protocol.version);
}

void CheckVersion(ObjectReader& object, std::string_view key,
                  const Protocol& protocol) {
  const auto text = object.NeedText(key);
  if (!text || *text == VersionOf(protocol)) return;
  object.Error(
      key, "wrong_version",
      absl::StrCat("it is for `", ToAbsl(text->substr(0, 80)),
                   "`, and the protocol is ", VersionOf(protocol)),
      absl::StrCat("\"", ToAbsl(key), "\": \"", VersionOf(protocol), "\""));
}

struct MigrationReader {
  const Protocol& from;
  const Protocol& to;
  Migration& migration;
  Issues& issues;
  std::vector<MigratedKind> kinds;

  // A name of the list; kNone with an issue.
  uint16_t Resolve(const std::vector<std::string>& names, std::string_view word,
                   const Protocol& of, json::Value value,
                   std::string_view name) {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it != names.end()) return static_cast<uint16_t>(it - names.begin());
    AddError(issues, "unknown_reference", value.pointer(),
             absl::StrCat(VersionOf(of), " has no ", ToAbsl(word), " `",
                          ToAbsl(name.substr(0, 80)), "`"),
             SuggestName(name, names));
    return MigratedKind::kNone;
  }

  void ReadLine(MigratedKind& kind, json::Value value) {
    const uint16_t old =
        Resolve(kind.before, kind.word, from, value, value.key());
    if (value.is_null() && kind.field == "clocks") {
      if (old != MigratedKind::kNone) migration.stops[old] = true;
      return;
    }
    if (!value.is_string()) {
      WrongType(value,
                kind.field == "clocks" ? "a name of the new version or null"
                                       : "a name of the new version",
                issues);
      return;
    }
    const uint16_t now =
        Resolve(kind.after, kind.word, to, value, value.string_value());
    if (old == MigratedKind::kNone || now == MigratedKind::kNone) return;
    const std::string why = kind.cannot ? kind.cannot(old, now) : "";
    if (!why.empty()) {
      AddError(issues, "cannot_map", value.pointer(),
               absl::StrCat("`", kind.before[old], "` cannot become `",
                            kind.after[now], "`: ", why),
               "keep it in the new version, or map it to a like thing");
      return;
    }
    const bool taken =
        std::find(kind.map.begin(), kind.map.end(), now) != kind.map.end();
    if (taken && !kind.may_merge) {
      AddError(issues, "cannot_map", value.pointer(),
               absl::StrCat("another ", ToAbsl(kind.word), " becomes `",
                            kind.after[now], "` already"),
               "one each: what cases hold of the two would be mixed up");
      return;
    }
    kind.map[old] = now;
  }

  void ReadMaps(ObjectReader& object) {
    for (MigratedKind& kind : kinds) {
      for (const json::Value value :
           json::Children(object.Object(kind.field))) {
        ReadLine(kind, value);
      }
    }
  }

  // A phase keeps its track: a case is in one phase of each.
  void CheckPhases(ObjectReader& object) {
    const std::vector<uint16_t>& tracks = KindCalled(kinds, "tracks").map;
    const MigratedKind& phases = KindCalled(kinds, "phases");
    for (uint16_t i = 0; i < phases.map.size(); ++i) {
      if (phases.map[i] == MigratedKind::kNone) continue;
      const TrackId before = from.phases[i].track;
      const TrackId after = to.phases[phases.map[i]].track;
      if (tracks[before.value] == after.value) continue;
      AddError(issues, "cannot_map",
               Below(object.PointerTo("phases"), phases.before[i]),
               absl::StrCat("`", phases.before[i], "` cannot become `",
                            phases.after[phases.map[i]],
                            "`: its track becomes another one"),
               "map it to a phase of the track that its own becomes");
    }
  }

  void ReadDeadlines(ObjectReader& object) {
    const MigratedKind& clocks = KindCalled(kinds, "clocks");
    for (const json::Value value : json::Children(object.Object("deadlines"))) {
      const uint16_t clock =
          Resolve(clocks.after, clocks.word, to, value, value.key());
      const std::string_view word =
          value.is_string() ? value.string_value() : std::string_view();
      const auto it =
          std::find(std::begin(kPolicies), std::end(kPolicies), word);
      if (it == std::end(kPolicies)) {
        AddError(issues, "unknown_value", value.pointer(),
                 "it is no word for a deadline",
                 "\"keep\", \"remaining\" or \"restart\"");
      } else if (clock != MigratedKind::kNone) {
        migration.policies[clock] =
            static_cast<ClockPolicy>(it - std::begin(kPolicies));
      }
    }
  }

  // The texts of an array; one of another type is an issue.
  template <class F>
  void EachName(ObjectReader& object, std::string_view key, F&& take) {
    for (const json::Value value : json::Children(object.Array(key))) {
      if (value.is_string()) {
        take(value);
      } else {
        WrongType(value, "a name", issues);
      }
    }
  }

  void ReadLists(ObjectReader& object) {
    const MigratedKind& items = KindCalled(kinds, "items");
    EachName(object, "cancel", [&](json::Value value) {
      const uint16_t item =
          Resolve(items.before, items.word, from, value, value.string_value());
      if (item != MigratedKind::kNone) migration.cancels[item] = true;
    });
    const MigratedKind& clocks = KindCalled(kinds, "clocks");
    EachName(object, "start", [&](json::Value value) {
      const uint16_t clock =
          Resolve(clocks.after, clocks.word, to, value, value.string_value());
      if (clock == MigratedKind::kNone) return;
      if (to.clocks[clock].start.empty()) {
        AddError(issues, "cannot_map", value.pointer(),
                 absl::StrCat("`", clocks.after[clock],
                              "` is no clock of the case: it has no `start`"),
                 "clocks of items, alerts and messages start with these");
        return;
      }
      migration.starts.push_back(ClockDefId(clock));
    });
  }

  void ReadDefaults(ObjectReader& object) {
    const MigratedKind& facts = KindCalled(kinds, "facts");
    for (const json::Value value : json::Children(object.Object("defaults"))) {
      const uint16_t fact =
          Resolve(facts.after, facts.word, to, value, value.key());
      if (fact == MigratedKind::kNone) continue;
      if (const auto given = ReadFactValue(value, to.facts[fact].kind)) {
        migration.defaults.push_back({FactId(fact), *given});
      } else {
        WrongType(value, "a value of the fact's type", issues);
      }
    }
  }

  void Read(json::Value root) {
    ObjectReader object(root, "a migration", kFields, issues);
    if (!object.ok()) return;
    migration.id = std::string(object.NeedText("migration").value_or(""));
    object.Text("$schema");
    object.Text("title");
    migration.reason = std::string(object.NeedText("reason").value_or(""));
    migration.approver = std::string(object.Text("approver").value_or(""));
    for (const char* key : {"migration", "reason", "approver"}) {
      if (object.Get(key).is_string() &&
          IsBlank(object.Get(key).string_value())) {
        object.Error(key, "blank_text", "this text is blank",
                     "write what it is there to say");
      }
    }
    CheckVersion(object, "from", from);
    CheckVersion(object, "to", to);
    object.Choice("otherwise", kOtherwise);
    ReadMaps(object);
    MapByName(from, to, kinds);
    for (size_t i = 0; i < migration.stops.size(); ++i) {
      if (migration.stops[i]) {
        KindCalled(kinds, "clocks").map[i] = MigratedKind::kNone;
      }
    }
    CheckPhases(object);
    ReadDeadlines(object);
    ReadLists(object);
    ReadDefaults(object);
  }
};

Migration Empty(const Protocol& from, const Protocol& to) {
  Migration migration;
  migration.from = from.hash;
  migration.to = to.hash;
  migration.stops.assign(from.clocks.size(), false);
  migration.cancels.assign(from.elements.size(), false);
  migration.policies.assign(to.clocks.size(), ClockPolicy::kKeep);
  return migration;
}

}  // namespace

const Unmapped* Migration::Find(std::string_view kind, uint16_t number) const {
  for (const Unmapped& what : unmapped) {
    if (what.number == number && what.kind == kind) return &what;
  }
  return nullptr;
}

absl::StatusOr<MigrationResult> LoadMigration(std::string_view text,
                                              const Protocol& from,
                                              const Protocol& to) {
  STEPWELL_ASSIGN_OR_RETURN(const json::Document document, json::Parse(text));
  MigrationResult result;
  auto migration = std::make_shared<Migration>(Empty(from, to));
  MigrationReader reader{from, to, *migration, result.issues,
                         KindsOf(from, to)};
  reader.Read(document.root());
  if (HasError(result.issues)) return result;
  migration->tables = TablesOf(reader.kinds);
  migration->unmapped = UnmappedOf(reader.kinds);
  result.migration = std::move(migration);
  return result;
}

AutoPlan PlanByNames(const Protocol& from, const Protocol& to) {
  std::vector<MigratedKind> kinds = KindsOf(from, to);
  MapByName(from, to, kinds);
  json::Writer w(true);
  w.BeginObject();
  w.Key("migration")
      .String(absl::StrCat(from.id, "_", from.version, "_to_", to.version));
  w.Key("from").String(VersionOf(from));
  w.Key("to").String(VersionOf(to));
  w.Key("reason").String(
      absl::StrCat("version ", to.version, " replaces ", from.version));
  w.Key("otherwise").String("refuse");
  w.EndObject();
  return {w.Take(), UnmappedOf(kinds)};
}

}  // namespace stepwell::protocol
