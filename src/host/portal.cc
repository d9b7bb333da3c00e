// What one person sees of the service: the patient, or somebody who belongs to
// one. What is asked of a parent and what is asked of the child stand apart.
#include <algorithm>

#include "engine/availability.h"
#include "engine/view.h"
#include "host/names.h"
#include "host/service_impl.h"
#include "runtime/rows.h"

namespace stepwell::host {

namespace {

constexpr const char* kKinds[] = {"questionnaire", "module",      "task",
                                  "message",       "appointment", "decision"};

void AddBooking(const engine::CaseState& state, uint32_t ordinal, Instant now,
                PortalEntry& entry) {
  const engine::ItemState& item = state.items[ordinal];
  const auto name = [](const auto& names, auto value) {
    const size_t number = static_cast<size_t>(value);
    return number < std::size(names) ? std::string(names[number])
                                     : std::string();
  };
  entry.appointment = name(protocol::kAppointmentNames, item.appointment);
  const engine::AppointmentState* booked = state.AppointmentOf(ordinal);
  if (booked == nullptr) return;
  entry.mode = name(protocol::kContactModeNames, booked->mode);
  entry.place = booked->place;
  entry.group = booked->group;
  for (const engine::Slot& slot : booked->offered) {
    if (slot.starts_at < now) continue;
    entry.slots.push_back({slot.id, slot.starts_at, slot.minutes,
                           name(protocol::kContactModeNames, slot.mode),
                           slot.place});
  }
}

void AddGroups(const std::vector<engine::GroupState>& groups,
               const std::string& kind, Instant now, PortalEntry& entry) {
  for (const engine::GroupState& group : groups) {
    if (group.kind != kind || group.status != engine::GroupStatus::kOpen ||
        group.starts_at <= now) {
      continue;
    }
    entry.groups.push_back(
        {group.id, group.starts_at,
         static_cast<int>(group.places) - static_cast<int>(group.Seated())});
  }
}

// One case as somebody sees it: the patient, or (with a role) a related person.
struct CasePortal {
  const engine::CaseState& state;
  const protocol::Protocol& protocol;
  const std::string& role;
  const std::vector<engine::GroupState>& groups;
  Portal& portal;
  // Which entries have a draft, and the keys of their texts.
  std::vector<std::pair<size_t, std::string>> drafts = {};

  PortalEntry EntryOf(const protocol::Element& element) const {
    PortalEntry entry;
    entry.case_id = CaseText(state.id);
    entry.item = element.id;
    entry.kind = kKinds[static_cast<size_t>(element.kind)];
    entry.title = element.title;
    entry.role = role;
    if (!element.instrument.IsNone()) {
      entry.instrument = protocol.at(element.instrument).id;
    }
    return entry;
  }

  // An appointment is the patient's to know of, whoever holds it.
  bool Sees(uint32_t ordinal, const protocol::Element& element) const {
    const bool of_related = element.performer == protocol::Performer::kRelated;
    if (of_related || !role.empty()) return of_related && element.role == role;
    return state.items[ordinal].owner.IsPatient() ||
           IsAppointment(ordinal, element);
  }

  bool IsAppointment(uint32_t ordinal, const protocol::Element& element) const {
    return element.kind == protocol::ItemKind::kAppointment &&
           (state.items[ordinal].appointment !=
                engine::AppointmentStatus::kNone ||
            IsSeat(element) || state.AppointmentOf(ordinal) != nullptr);
  }

  static bool IsSeat(const protocol::Element& element) {
    return element.booking != nullptr && element.booking->group >= 0;
  }

  void AddItems(Instant now) {
    for (uint32_t ordinal = 0; ordinal < state.items.size(); ++ordinal) {
      const engine::ItemState& item = state.items[ordinal];
      const protocol::Element& element = protocol.at(item.key.element);
      if (!engine::IsOpen(item.status) || !Sees(ordinal, element)) continue;
      PortalEntry entry = EntryOf(element);
      entry.state = engine::StatusName(item.status);
      entry.occurrence = item.key.occurrence;
      entry.since = item.opened_at;
      entry.due = item.due;
      entry.appointment_at =
          item.appointment == engine::AppointmentStatus::kNone
              ? Instant::Never()
              : item.appointment_at;
      if (IsAppointment(ordinal, element)) {
        AddBooking(state, ordinal, now, entry);
      }
      if (IsSeat(element)) {
        const auto kind = static_cast<size_t>(element.booking->group);
        AddGroups(groups, protocol.groups[kind].id, now, entry);
      }
      AddDraft(ordinal, entry);
      AddWindow(item.key.element, entry);
      portal.entries.push_back(std::move(entry));
    }
  }

  void AddDraft(uint32_t ordinal, PortalEntry& entry) {
    const engine::DraftState* draft = state.DraftOf(ordinal);
    if (draft == nullptr || draft->key.empty()) return;
    entry.draft_at = draft->at;
    drafts.emplace_back(portal.entries.size(), draft->key);
  }

  // Until when an answer is on time.
  void AddWindow(engine::ElementId id, PortalEntry& entry) const {
    const protocol::ClockDefId window = protocol.at(id).window;
    const engine::FollowUpState* known =
        window.IsNone() ? nullptr : engine::FollowUpOf(state, window);
    if (known == nullptr || !known->Listens()) return;
    entry.window = protocol.at(window).id;
    entry.closes = known->closes;
  }

  void AddOffered(Instant now) {
    if (!role.empty()) return;
    for (const engine::ElementId offered :
         engine::OfferedItems(protocol, state, now)) {
      PortalEntry entry = EntryOf(protocol.at(offered));
      entry.state = "offered";
      entry.since = entry.due = entry.appointment_at = Instant::Never();
      portal.entries.push_back(std::move(entry));
    }
  }

  void AddConsents() {
    for (const engine::AskedConsent& asked :
         engine::AskedConsents(protocol, state)) {
      if (asked.of != role) continue;
      portal.consents.push_back(
          {CaseText(state.id), protocol.purposes[asked.purpose.value],
           protocol.purpose_titles[asked.purpose.value], asked.since, role});
    }
  }

  // What staff write is for the patient's eyes.
  void AddUnread() {
    if (!role.empty()) return;
    for (const engine::UnreadState& message : state.unread) {
      portal.unread.push_back(
          {CaseText(state.id), message.id, message.thread, message.sent_at});
    }
  }

  void AddCrisis() {
    const protocol::TemplateId crisis = protocol.risk.show_now;
    if (role.empty() && engine::HasOpenAlert(state) && !crisis.IsNone()) {
      portal.show_now = protocol.template_texts[crisis.value];
    }
  }
};

}  // namespace

absl::Status ServiceImpl::AddToPortal(CaseId id,
                                      const std::vector<PersonId>& related,
                                      Instant now, Portal& portal) {
  STEPWELL_ASSIGN_OR_RETURN(const auto loaded, runtime_->LoadCase(id));
  const engine::CaseState& state = *loaded.state;
  std::vector<std::string> roles;
  if (related.empty()) roles.emplace_back();
  for (const engine::RelatedState& each : state.related) {
    const bool theirs =
        !each.ended_at && engine::Contains(related, each.person);
    if (theirs && !engine::Contains(roles, each.role)) {
      roles.push_back(each.role);
    }
  }
  std::vector<engine::GroupState> groups;
  if (!loaded.protocol->groups.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(groups, runtime_->Groups());
  }
  for (const std::string& role : roles) {
    CasePortal part{state, *loaded.protocol, role, groups, portal};
    part.AddItems(now);
    part.AddOffered(now);
    part.AddConsents();
    part.AddUnread();
    part.AddCrisis();
    for (const auto& [entry, key] : part.drafts) {
      STEPWELL_ASSIGN_OR_RETURN(
          const auto text,
          runtime_->store().GetDocument(runtime::kDraftSpace, key));
      // The host keeps it, or it was erased.
      if (text) portal.entries[entry].draft = *text;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Portal> ServiceImpl::QueryPortal(std::string_view who,
                                                Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(const PersonId named, FindPersonOf(who));
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                            runtime_->LoadPerson(named));
  Portal portal;
  portal.person_id = PersonText(state.id);
  if (state.case_id.value != 0) {
    STEPWELL_RETURN_IF_ERROR(AddToPortal(state.case_id, {}, now, portal));
  }
  // Also where they are known by a record that was merged.
  STEPWELL_ASSIGN_OR_RETURN(const auto records, runtime_->RecordsOf(state.id));
  STEPWELL_ASSIGN_OR_RETURN(const auto cases,
                            runtime_->CasesRelatedTo(records));
  for (const CaseId id : cases) {
    STEPWELL_RETURN_IF_ERROR(AddToPortal(id, records, now, portal));
  }
  if (state.case_id.value == 0 && cases.empty()) {
    return NotFound("the person has no case");
  }
  return portal;
}

}  // namespace stepwell::host
