// Looking names up: bounds are checked, for a log may be older or newer than
// the protocol that it is shown with.
#include "wire/names.h"

#include "absl/strings/str_cat.h"
#include "base/time_text.h"

namespace stepwell::wire {
namespace {

std::string Numbered(uint64_t number) { return absl::StrCat("#", number); }

const std::string& IdOf(const std::string& name) { return name; }
const std::string& IdOf(const protocol::ImportedInstrument& x) {
  return x.name;
}
const std::string& IdOf(const protocol::ImportedProgram& x) { return x.name; }
const std::string& IdOf(const protocol::ImportedCalendar& x) { return x.name; }
template <class T>
const std::string& IdOf(const T& value) {
  return value.id;
}

template <class Id, class Table>
std::string Look(const Names& names, Id id, Table protocol::Protocol::*table) {
  if (id.IsNone()) return "";
  if (names.protocol == nullptr) return Numbered(id.value);
  const Table& entries = names.protocol->*table;
  if (id.value >= entries.size()) return Numbered(id.value);
  return IdOf(entries[id.value]);
}

const instruments::Instrument* InstrumentOf(const Names& names,
                                            protocol::InstrumentRef ref) {
  if (names.protocol == nullptr || ref.IsNone() ||
      ref.value >= names.protocol->instruments.size()) {
    return nullptr;
  }
  return names.protocol->at(ref).instrument.get();
}

}  // namespace

using protocol::Protocol;

std::string NameOf(const Names& names, protocol::ElementId id) {
  return Look(names, id, &Protocol::elements);
}
std::string NameOf(const Names& names, protocol::TrackId id) {
  return Look(names, id, &Protocol::tracks);
}
std::string NameOf(const Names& names, protocol::PhaseId id) {
  const std::string phase = Look(names, id, &Protocol::phases);
  if (id.IsNone() || names.protocol == nullptr ||
      id.value >= names.protocol->phases.size()) {
    return phase;
  }
  return absl::StrCat(NameOf(names, names.protocol->at(id).track), "/", phase);
}
std::string NameOf(const Names& names, protocol::ClockDefId id) {
  return Look(names, id, &Protocol::clocks);
}
std::string NameOf(const Names& names, protocol::RuleId id) {
  return Look(names, id, &Protocol::rules);
}
std::string NameOf(const Names& names, protocol::MilestoneId id) {
  return Look(names, id, &Protocol::milestones);
}
std::string NameOf(const Names& names, protocol::FactId id) {
  return Look(names, id, &Protocol::facts);
}
std::string NameOf(const Names& names, protocol::RouteId id) {
  return Look(names, id, &Protocol::routes);
}
std::string NameOf(const Names& names, protocol::PoolId id) {
  return Look(names, id, &Protocol::pools);
}
std::string NameOf(const Names& names, protocol::InstrumentRef id) {
  return Look(names, id, &Protocol::instruments);
}
std::string NameOf(const Names& names, protocol::ProgramRef id) {
  return Look(names, id, &Protocol::programs);
}
std::string NameOf(const Names& names, protocol::CalendarRef id) {
  return Look(names, id, &Protocol::calendars);
}
std::string NameOf(const Names& names, protocol::PurposeId id) {
  return Look(names, id, &Protocol::purposes);
}
std::string NameOf(const Names& names, protocol::OutcomeId id) {
  return Look(names, id, &Protocol::outcomes);
}
std::string NameOf(const Names& names, protocol::TemplateId id) {
  return Look(names, id, &Protocol::templates);
}
std::string NameOf(const Names& names, protocol::TierId id) {
  if (id.IsNone()) return "";
  if (names.protocol == nullptr ||
      id.value >= names.protocol->risk.tiers.size()) {
    return Numbered(id.value);
  }
  return names.protocol->at(id).id;
}

std::string NameOf(const Names& names, StaffId id) {
  if (id.value == 0) return "";
  std::string name = names.staff_name ? names.staff_name(id) : "";
  return name.empty() ? Numbered(id.value) : name;
}

std::string NameOf(const Names& names, const engine::Owner& owner) {
  if (owner.IsPatient()) return EnumName(owner.kind);
  if (owner.staff.value != 0) return NameOf(names, owner.staff);
  return NameOf(names, owner.pool);
}

std::string ItemName(const Names& names, uint32_t ordinal) {
  if (names.state == nullptr || ordinal >= names.state->items.size()) {
    return "";
  }
  return NameOf(names, names.state->items[ordinal].key.element);
}

std::string NameOf(const Names& names, const engine::Subject& subject) {
  const std::string kind = EnumName(subject.kind);
  switch (subject.kind) {
    case engine::SubjectKind::kCase:
      return kind;
    case engine::SubjectKind::kItem: {
      const std::string name = ItemName(names, subject.ordinal);
      if (!name.empty()) return absl::StrCat(kind, ":", name);
      break;
    }
    case engine::SubjectKind::kCadence:
      return absl::StrCat(
          kind, ":",
          NameOf(names,
                 protocol::ElementId(static_cast<uint16_t>(subject.ordinal))));
    case engine::SubjectKind::kRelease:
      return absl::StrCat(
          kind, ":",
          engine::IsDate(subject)
              ? NameOf(names, protocol::ElementId(
                                  static_cast<uint16_t>(subject.ordinal)))
              : "weekly");
    default:
      break;
  }
  return absl::StrCat(kind, ":", subject.ordinal);
}

std::string InstrumentItemName(const Names& names,
                               protocol::InstrumentRef instrument,
                               uint16_t item) {
  const instruments::Instrument* found = InstrumentOf(names, instrument);
  if (found == nullptr || item >= found->items().size()) return Numbered(item);
  return found->items()[item].id;
}

std::string ModuleName(const Names& names, protocol::ProgramRef program,
                       uint16_t module) {
  if (names.protocol == nullptr || program.IsNone() ||
      program.value >= names.protocol->programs.size()) {
    return "";
  }
  const auto& modules = names.protocol->programs[program.value].modules;
  return module < modules.size() ? NameOf(names, modules[module]) : "";
}

namespace {

std::string NameIn(const Names& names, protocol::ProgramRef program,
                   std::vector<std::string> protocol::ImportedProgram::*table,
                   uint8_t number) {
  if (names.protocol != nullptr &&
      program.value < names.protocol->programs.size()) {
    const auto& known = names.protocol->at(program).*table;
    if (number < known.size()) return known[number];
  }
  return Numbered(number);
}

}  // namespace

std::string GuidanceName(const Names& names, protocol::ProgramRef program,
                         uint8_t level) {
  if (names.protocol != nullptr &&
      program.value < names.protocol->programs.size() &&
      names.protocol->at(program).guidance.empty()) {
    return "";  // it has none
  }
  return NameIn(names, program, &protocol::ImportedProgram::guidance, level);
}

std::string SetName(const Names& names, protocol::ProgramRef program,
                    uint8_t set) {
  return NameIn(names, program, &protocol::ImportedProgram::sets, set);
}

std::string BandName(const Names& names, protocol::InstrumentRef instrument,
                     uint8_t band) {
  const instruments::Instrument* found = InstrumentOf(names, instrument);
  if (found == nullptr || !found->has_total() ||
      band >= found->scales()[0].bands.size()) {
    return Numbered(band);
  }
  return found->scales()[0].bands[band].id;
}

std::string TierName(const Names& names, protocol::InstrumentRef instrument,
                     uint8_t tier) {
  const instruments::Instrument* found = InstrumentOf(names, instrument);
  if (found == nullptr || tier >= found->tiers().ids.size()) {
    return Numbered(tier);
  }
  return found->tiers().ids[tier];
}

bool AsksRisk(const Names& names, protocol::InstrumentRef instrument) {
  if (names.protocol == nullptr ||
      instrument.value >= names.protocol->instruments.size()) {
    return true;
  }
  return !names.protocol->at(instrument).instrument->risk_markers().empty();
}

std::string TimeText(const Names& names, Instant instant) {
  if (instant.IsNever()) return "never";
  if (!IsInCalendarRange(instant)) return absl::StrCat("#", instant.us);
  if (names.zone == nullptr) return FormatInstantUtc(instant);
  // The offset goes; an hour that comes twice is told apart in JSON.
  std::string text = FormatInstant(instant, *names.zone);
  text.resize(text.size() - std::string_view("+01:00").size());
  if (text.size() == 19 && text.ends_with(":00")) text.resize(16);
  return text;
}

}  // namespace stepwell::wire
