// MigrateCase: what the case holds is looked for in the tables; then the one
// event, what the document says of open items, clocks and facts, and the
// ordinary work of the new version.
#include "engine/migrate.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/invariants.h"
#include "engine/macrostep.h"
#include "engine/remap.h"

namespace stepwell::engine {
namespace {

using protocol::ClockPolicy;
using protocol::Migration;
using protocol::Protocol;
using protocol::Unmapped;

// The member of the document that maps symbols of this kind.
template <class Symbol>
std::string_view FieldOf() {
  std::string_view field;
  protocol::SymbolTables none;
  protocol::SymbolTables::Fields(
      none, [&field]<class T>(int, const char* name, const T&) {
        if constexpr (std::is_same_v<typename T::value_type, Symbol>) {
          field = name;
        }
      });
  return field;
}

class Holdings {
 public:
  Holdings(const Protocol& to, const Migration& migration, MigratedCase& result)
      : to_(to), migration_(migration), result_(result) {}

  void Look(const CaseState& state) {
    VisitSymbols(state, [this](const auto& symbol) { LookAt(symbol); });
    for (const ClockState& clock : state.clocks) LookAtClock(clock);
    for (uint16_t i = 0; i < state.tracks.size(); ++i) LookAt(TrackId(i));
  }

 private:
  template <class Symbol>
  void LookAt(Symbol symbol) {
    // Clocks need a word about what they are of: LookAtClock.
    if constexpr (!std::is_same_v<Symbol, ClockDefId>) {
      if (symbol.IsNone() || !migration_.tables.Map(symbol).IsNone()) return;
      Say(FieldOf<Symbol>(), symbol.value);
    }
  }

  void LookAtClock(const ClockState& clock) {
    if (clock.def.IsNone() || !migration_.tables.Map(clock.def).IsNone()) {
      return;
    }
    if (!migration_.stops[clock.def.value]) {
      Say("clocks", clock.def.value);
    } else if (clock.subject.kind != SubjectKind::kCase) {
      Add(MigrationVerdict::kRefused,
          absl::StrCat("clocks: ", NameOf("clocks", clock.def.value),
                       " runs for an item, an alert or a message, and cannot "
                       "just stop: map it to a clock"));
    }
  }

  std::string NameOf(std::string_view field, uint16_t number) const {
    const Unmapped* what = migration_.Find(field, number);
    return what == nullptr ? absl::StrCat("#", number) : what->name;
  }

  void Say(std::string_view field, uint16_t number) {
    const Unmapped* what = migration_.Find(field, number);
    const bool hopeless = what != nullptr && !what->why.empty();
    const std::string name =
        absl::StrCat(ToAbsl(field), ": ", NameOf(field, number));
    Add(hopeless ? MigrationVerdict::kRefused : MigrationVerdict::kChoice,
        hopeless ? absl::StrCat(name, ": ", what->why)
                 : absl::StrCat(name, " is nothing in version ", to_.version,
                                ": say what becomes of it"));
  }

  void Add(MigrationVerdict verdict, std::string reason) {
    result_.verdict = std::max(result_.verdict, verdict);
    if (std::find(result_.reasons.begin(), result_.reasons.end(), reason) ==
        result_.reasons.end()) {
      result_.reasons.push_back(std::move(reason));
    }
  }

  const Protocol& to_;
  const Migration& migration_;
  MigratedCase& result_;
};

// Repeats what the new version does not repeat, or no longer weekly.
bool IsOver(const ClockState& clock, const Migration& migration,
            const Protocol& to, const CaseState& state) {
  if (!clock.def.IsNone()) return migration.stops[clock.def.value];
  const uint32_t about = clock.subject.ordinal;
  if (clock.subject.kind == SubjectKind::kCadence) {
    const ElementId element(static_cast<uint16_t>(about));
    return !to.at(migration.tables.Map(element)).every;
  }
  if (IsDate(clock.subject)) {
    const ElementId module(static_cast<uint16_t>(about));
    return to.at(migration.tables.Map(module)).release !=
           protocol::ReleasePolicy::kOnDate;
  }
  const ProgramRef program = state.enrolments[about >> 16].program;
  return !to.at(migration.tables.Map(program)).every;
}

// A step of its ladder is still to come, or will be when it goes on.
bool HasStep(const ClockState& clock, const protocol::ClockDef& before) {
  return !clock.next_due.IsNever() ||
         ((clock.paused_at || clock.waits_for_effect != 0) &&
          clock.next_rung < before.ladder.size());
}

// Deadlines of risk are never put back.
void KeepEarlier(const ClockState& before, MigratedClock& after) {
  if (before.due < after.due) {
    after.started_at = before.started_at;
    after.due = before.due;
  }
  after.next_due = std::min(after.next_due, before.next_due);
}

// `m` is of the new version and has its calendars; its state is still the old.
MigratedClock MovedClock(const Macrostep& m, const Protocol& from,
                         const Migration& migration, const ClockState& clock) {
  MigratedClock moved{clock.ordinal, clock.started_at, clock.due,
                      clock.next_rung, clock.next_due};
  const ClockDefId id = migration.tables.Map(clock.def);
  const protocol::ClockDef& def = m.protocol.at(id);
  const ClockPolicy policy = migration.policies[id.value];
  const bool waits = clock.paused_at || clock.waits_for_effect != 0;
  const bool has_step = HasStep(clock, from.at(clock.def));
  if (policy == ClockPolicy::kRestart) {
    moved.started_at = clock.paused_at.value_or(m.due_now);
    moved.due = m.DueOf(id, moved.started_at);
    moved.next_rung = 0;
    moved.next_due = m.FirstRungDue(id, moved.started_at, moved.due);
  } else if (has_step) {
    // A ladder that became shorter: its last step is what is left of it.
    moved.next_rung =
        std::min(moved.next_rung, static_cast<uint8_t>(def.ladder.size() - 1));
    if (policy == ClockPolicy::kRemaining) {
      moved.due = m.DueOf(id, clock.started_at);
      moved.next_due = std::max(
          m.due_now,
          m.PlannedRung(def, moved.next_rung, moved.started_at, moved.due));
    }
  }
  if (waits) moved.next_due = clock.next_due;
  if (clock.subject.kind == SubjectKind::kAlert) KeepEarlier(clock, moved);
  return moved;
}

std::vector<MigratedClock> MovedClocks(const Macrostep& m, const Protocol& from,
                                       const Migration& migration,
                                       const CaseState& state) {
  std::vector<MigratedClock> moved;
  for (const ClockState& clock : state.clocks) {
    if (clock.def.IsNone() || migration.tables.Map(clock.def).IsNone()) {
      continue;
    }
    const MigratedClock after = MovedClock(m, from, migration, clock);
    const MigratedClock before{clock.ordinal, clock.started_at, clock.due,
                               clock.next_rung, clock.next_due};
    if (!(after == before)) moved.push_back(after);
  }
  return moved;
}

// What the document says beyond names.
void CarryOut(Macrostep& m, const Migration& migration,
              const std::vector<uint32_t>& cancelled) {
  for (uint16_t t = 0; t < m.protocol.tracks.size(); ++t) {
    if (!m.state.tracks[t].phase.IsNone()) continue;
    const PhaseId initial = m.protocol.tracks[t].initial;
    m.Emit(TrackMoved{TrackId(t), {}, initial});
    m.Raise(protocol::TriggerKind::kPhaseEntered, initial.value);
  }
  for (uint16_t i = 0; i < m.state.enrolments.size(); ++i) {
    if (m.state.enrolments[i].episode == m.state.episode()) m.ArmReleases(i);
  }
  for (const uint32_t item : cancelled) {
    m.EndItem(item, ItemStatus::kCancelled);
  }
  for (const ClockDefId clock : migration.starts) {
    const bool runs = std::any_of(
        m.state.clocks.begin(), m.state.clocks.end(),
        [&](const ClockState& running) { return running.def == clock; });
    if (!runs) m.StartClock(clock, {}, m.due_now);
  }
  for (const auto& [fact, value] : migration.defaults) {
    const bool known = std::any_of(
        m.state.facts.begin(), m.state.facts.end(),
        [fact = fact](const FactState& f) { return f.fact == fact; });
    if (!known) m.SetFact(fact, value);
  }
  m.NoteConsentAges();
}

std::vector<uint32_t> OpenItemsToCancel(const Migration& migration,
                                        const CaseState& state) {
  std::vector<uint32_t> items;
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (IsOpen(item.status) && migration.cancels[item.key.element.value]) {
      items.push_back(i);
    }
  }
  return items;
}

Command CommandOf(const CaseState& state, const Migration& migration,
                  Envelope envelope) {
  if (envelope.reason.empty()) envelope.reason = migration.reason;
  Command command;
  command.envelope = std::move(envelope);
  command.case_id = state.id;
  return command;
}

// Laws that hold here and would not hold there.
void AddBrokenLaws(const Protocol& from, const Protocol& to,
                   const CaseState& before, Instant now, MigratedCase& result) {
  std::vector<std::string> broken = BrokenInvariants(to, result.state, now);
  if (broken.empty()) return;
  const std::vector<std::string> known = BrokenInvariants(from, before, now);
  for (std::string& law : broken) {
    if (std::find(known.begin(), known.end(), law) != known.end()) continue;
    result.verdict = MigrationVerdict::kRefused;
    result.reasons.push_back(absl::StrCat("law ", law));
  }
}

constexpr size_t kNamedMax = 5;  // differences in the text of a task

Amended EventOf(const Amendment& amendment) {
  return {amendment.id, amendment.approver, amendment.found.scores,
          amendment.found.differences};
}

// What has to be looked at, for the person who does.
std::string DetailsOf(const Amendment& amendment, const Zone& zone) {
  std::string details;
  size_t named = 0, more = 0;
  for (const Difference& d : amendment.found.differences) {
    if (!d.act) continue;
    if (named == kNamedMax) {
      ++more;
      continue;
    }
    ++named;
    absl::StrAppend(&details, "; ", FormatInstant(d.at, zone), " (event ",
                    d.seq, "): ", d.kind, " ", d.what, " ", d.before, " -> ",
                    d.after);
  }
  if (more > 0) absl::StrAppend(&details, "; and ", more, " more");
  return details;
}

// What was missed is raised now, and a person is told why.
void MakeGood(Macrostep& m, const Amendment& amendment,
              const std::vector<TierId>& tiers) {
  for (const MissedAlert& missed : amendment.found.missed) {
    const TierId tier = tiers.empty() ? missed.tier : tiers[missed.tier.value];
    if (!tier.IsNone()) m.RaiseAlert(tier, missed.response_seq);
  }
  const bool asks = std::any_of(
      amendment.found.scores.begin(), amendment.found.scores.end(),
      [](const CorrectedScore& s) { return s.risk == Answer3::kUnknown; });
  const ElementId ask = m.protocol.risk.missing_element;
  if (asks && !ask.IsNone() && m.OpenItemOf(ask) < 0) {
    m.OpenItem(ask, absl::StrCat("amendment ", amendment.id,
                                 ": a risk item was not answered readably"));
  }
  if (!amendment.found.MustAct()) return;
  m.OpenReview(absl::StrCat("amendment ", amendment.id,
                            ": look at what would have been otherwise"),
               DetailsOf(amendment, *m.protocol.zone));
}

}  // namespace

absl::StatusOr<MigratedCase> AmendInPlace(const Protocol& protocol,
                                          const std::vector<TierId>& tiers,
                                          const CaseState& before,
                                          const World& world, Envelope envelope,
                                          Instant now,
                                          const Amendment& amendment) {
  MigratedCase result;
  result.state = before;
  const Instant effective = std::max(now, before.last_at);
  Command command;
  command.envelope = std::move(envelope);
  command.case_id = before.id;
  Macrostep m(protocol, result.state, world, command, effective);
  m.due_now = m.risk_now = std::min(now, effective);
  m.Emit(CommandRecorded{command.envelope, "amend_case"});
  if (now != effective) m.Emit(SkewRecorded{now});
  m.Emit(EventOf(amendment));
  MakeGood(m, amendment, tiers);
  STEPWELL_RETURN_IF_ERROR(m.Settle());
  result.events = std::move(m.events);
  return result;
}

absl::StatusOr<MigratedCase> MigrateCase(
    const Protocol& from, const Protocol& to, const Migration& migration,
    const CaseState& before, const World& world, Envelope envelope, Instant now,
    const Amendment* amendment) {
  if (!before.Exists() || before.IsClosed() ||
      before.protocol != migration.from) {
    return Precondition(
        "the case is closed, or not on the version that the migration is from");
  }
  MigratedCase result;
  Holdings(to, migration, result).Look(before);
  result.state = before;
  if (result.verdict != MigrationVerdict::kFine) return result;

  CaseState& state = result.state;
  const Instant effective = std::max(now, before.last_at);
  const Command command = CommandOf(before, migration, std::move(envelope));
  const auto append = [&](EventBody body) {
    result.events.push_back(
        {state.version + 1, effective, effective, std::move(body)});
    Apply(result.events.back(), state);
  };
  append(CommandRecorded{command.envelope,
                         amendment == nullptr ? "migrate_case" : "amend_case"});
  if (now != effective) append(SkewRecorded{now});
  for (const ClockState& clock : before.clocks) {
    if (IsOver(clock, migration, to, before)) {
      append(ClockStopped{clock.ordinal});
    }
  }
  Migrated migrated{from.hash,        to.hash,
                    migration.id,     static_cast<uint16_t>(to.tracks.size()),
                    migration.tables, {}};
  const std::vector<uint32_t> cancelled = OpenItemsToCancel(migration, state);
  {
    Macrostep calendars(to, state, world, command, effective);
    calendars.due_now = std::min(now, effective);
    migrated.clocks = MovedClocks(calendars, from, migration, state);
  }
  append(std::move(migrated));
  if (amendment != nullptr) append(EventOf(*amendment));

  Macrostep m(to, state, world, command, effective);
  m.due_now = m.risk_now = std::min(now, effective);
  if (amendment != nullptr) MakeGood(m, *amendment, {});
  CarryOut(m, migration, cancelled);
  STEPWELL_RETURN_IF_ERROR(m.Settle());
  std::move(m.events.begin(), m.events.end(),
            std::back_inserter(result.events));
  AddBrokenLaws(from, to, before, effective, result);
  if (result.verdict != MigrationVerdict::kFine) {
    result.events.clear();
    result.state = before;
  }
  return result;
}

void IntoNumbersOf(const Migrated& migrated, std::span<Event> events) {
  for (Event& event : events) {
    std::visit([&](auto& body) { Remap(body, migrated.tables); }, event.body);
  }
}

}  // namespace stepwell::engine
