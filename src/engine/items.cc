// Items: what opens when, for whom, and how it ends.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"
#include "engine/macrostep.h"

namespace stepwell::engine {

using protocol::Element;
using protocol::ItemKind;
using protocol::ItemMode;
using protocol::Performer;
using protocol::TriggerKind;

Owner Macrostep::OnDuty(PoolId pool) const {
  const OnDutyIn first = FirstOnDuty(protocol, world, pool, risk_now);
  return {OwnerKind::kPool, first.pool, first.staff};
}

Owner Macrostep::LastOnDuty(PoolId pool) const {
  const OnDutyIn last = engine::LastOnDuty(protocol, world, pool, risk_now);
  return last.staff.value == 0 ? Owner()
                               : Owner{OwnerKind::kPool, last.pool, last.staff};
}

Owner Macrostep::HolderOf(const Subject& about) const {
  const auto owner_in = [&about](const auto& list) {
    return about.ordinal < list.size() ? list[about.ordinal].owner : Owner();
  };
  switch (about.kind) {
    case SubjectKind::kAlert:
      return owner_in(state.alerts);
    case SubjectKind::kItem:
      return owner_in(state.items);
    case SubjectKind::kMessage:
      return owner_in(state.messages);
    default:
      return {};
  }
}

bool Macrostep::IsThere(const Owner& holder, const Subject& about) const {
  if (holder.kind != OwnerKind::kPool || holder.pool.IsNone()) return false;
  const StaffId staff = holder.staff;
  if (IsAboutRisk(about)) {
    // Whoever has acknowledged an alert at hand has it, of its pools or not.
    const bool has_taken =
        about.kind == SubjectKind::kAlert &&
        state.alerts[about.ordinal].stage != AlertStage::kRaised;
    return staff.value != 0 && world.IsAtHand(staff, risk_now) &&
           (has_taken || !IsNoMore(holder));
  }
  return staff.value == 0
             ? world.IsAttended(holder.pool, due_now)
             : !IsNoMore(holder) && !world.IsToCome(staff, due_now) &&
                   !world.IsOnLeave(staff, due_now);
}

Owner Macrostep::WhoIsThere(const Owner& holder, const Subject& about,
                            bool passes) const {
  PoolId first = holder.pool;
  bool is_silent = true;
  if (about.kind == SubjectKind::kAlert) {
    const AlertState& alert = state.alerts[about.ordinal];
    first = protocol.at(alert.tier).pool;
    is_silent = alert.stage == AlertStage::kRaised;
  } else if (about.kind == SubjectKind::kItem) {
    const ItemState& item = state.items[about.ordinal];
    // Where it began, however far along it has come.
    const PoolId pool = protocol.at(item.key.element).pool;
    if (!pool.IsNone()) first = pool;
    is_silent = item.status == ItemStatus::kAvailable && !item.claimed;
  }
  const Owner last = LastOnDuty(first);
  if (!IsThere(holder, about) || IsBeyond(last, holder.pool)) {
    // Whoever has taken it, at night too, is the one who knows.
    const bool knows = !is_silent && IsStillHere(world, holder.staff, risk_now);
    return knows && last.staff.value == 0 ? holder : last;
  }
  const StaffId other =
      passes && is_silent && IsOpen(protocol, holder.pool, risk_now)
          ? world.NextOnDuty(holder.pool, holder.staff, risk_now)
          : StaffId();
  return other.value == 0 ? holder
                          : Owner{OwnerKind::kPool, holder.pool, other};
}

Owner Macrostep::OwnerIn(PoolId pool, const Subject& about, bool passes) const {
  const Owner on_duty = OnDuty(pool);
  const Owner holder = HolderOf(about);
  if (IsAboutRisk(about)) {
    if (on_duty.staff.value != 0) return on_duty;
    const Owner there = WhoIsThere(holder, about, passes);
    return there.staff.value != 0 ? there : on_duty;
  }
  // Deadlines in working time end when the clinic closes: what can wait is for
  // the pool in the morning, and not for those on call at night.
  if (world.IsAttended(pool, risk_now)) {
    return on_duty.pool == pool ? on_duty : Owner{OwnerKind::kPool, pool, {}};
  }
  return IsThere(holder, about) ? holder : on_duty;
}

bool Macrostep::IsNoMore(const Owner& owner) const {
  return owner.staff.value != 0 && !owner.pool.IsNone() &&
         (world.HasLeft(owner.staff, due_now) ||
          !StandsBehind(protocol, world, owner.pool, owner.staff, due_now));
}

Owner Macrostep::CaseOwner() const {
  return IsNoMore(state.owner) ? Owner{OwnerKind::kPool, state.owner.pool, {}}
                               : state.owner;
}

Owner Macrostep::OwnerFor(const Element& element) const {
  switch (element.performer) {
    case Performer::kPatient:
      return Patient();
    case Performer::kRelated:
      return {OwnerKind::kRelated, {}, {}};
    case Performer::kOwner:
      return CaseOwner();
    case Performer::kPool:
      return {OwnerKind::kPool, element.pool, {}};
  }
  return CaseOwner();
}

ItemKey Macrostep::NextKey(ElementId id) const {
  ItemKey key{id, state.episode(), 1, 0};
  // What outlives its episode and is open keeps its number to itself.
  for (const ItemState& item : state.items) {
    if (item.key.element == id &&
        (item.key.episode == state.episode() || IsOpen(item.status))) {
      key.occurrence = std::max(key.occurrence,
                                static_cast<uint16_t>(item.key.occurrence + 1));
    }
  }
  const ProgramRef program = protocol.at(id).program;
  if (!program.IsNone()) {
    key.enrolment =
        static_cast<uint16_t>(EnrolmentOf(protocol, state, program) + 1);
  }
  return key;
}

uint32_t Macrostep::OpenItem(ElementId id, std::string note) {
  const Element& element = protocol.at(id);
  const uint32_t ordinal = static_cast<uint32_t>(state.items.size());
  ItemOpened opened;
  opened.key = NextKey(id);
  opened.owner = OwnerFor(element);
  opened.priority = static_cast<int8_t>(element.priority);
  opened.note = std::move(note);
  const bool first = std::none_of(
      state.items.begin(), state.items.end(), [&](const ItemState& item) {
        return item.key.element == id && item.key.episode == state.episode();
      });
  const Instant from = TimeFor(id);
  if (!element.due.IsNone()) opened.due = DueOf(element.due, from);
  Emit(std::move(opened));
  const Subject subject = {SubjectKind::kItem, ordinal};
  if (!element.due.IsNone()) StartClock(element.due, subject, from);
  if (element.every && first) StartCadence(id, from);
  if (!first) ProposeSession(ordinal);
  Raise(TriggerKind::kItemAvailable, id.value, {}, subject, now);
  // Else it would stand in nobody's portal.
  if (element.performer == Performer::kRelated &&
      state.RelatedAs(element.role).empty()) {
    AskForRelated(element.role, absl::StrCat("are to do ", element.id));
  }
  return ordinal;
}

void Macrostep::SkipAhead(ElementId id) {
  const uint32_t ordinal = static_cast<uint32_t>(state.items.size());
  ItemOpened opened;
  opened.key = NextKey(id);
  opened.owner = OwnerFor(protocol.at(id));
  Emit(std::move(opened));
  EndItem(ordinal, ItemStatus::kSkipped);
}

void Macrostep::FinishItem(uint32_t ordinal, OutcomeId outcome,
                           std::optional<int32_t> minutes) {
  const ElementId id = state.items[ordinal].key.element;
  const Element& element = protocol.at(id);
  const Subject subject = {SubjectKind::kItem, ordinal};
  Emit(ItemDone{ordinal, outcome, minutes});
  StopClocks(subject);
  EndDraft(ordinal, DraftEnd::kHandedIn);
  AnswerWindow(id, ordinal, false);
  CompleteSeries(id);
  if (element.kind == ItemKind::kModule && !element.program.IsNone() &&
      !WasDoneBefore(ordinal)) {
    Emit(ModuleCompleted{element.program, element.module});
  }
  CompleteProgram(id);
  if (element.kind == ItemKind::kMessage) {
    protocol::Action letter;
    letter.kind = protocol::ActionKind::kNotify;
    letter.to = protocol::Recipient::kReferrer;
    Notify(letter, {TriggerKind::kItemDone, id.value, outcome, subject},
           UINT32_MAX);
  }
  Raise(TriggerKind::kItemDone, id.value, outcome, subject);
  if (!outcome.IsNone()) {
    Raise(TriggerKind::kDecision, id.value, outcome, subject);
  }
}

void Macrostep::EndDraft(uint32_t ordinal, DraftEnd how) {
  const DraftState* draft = state.DraftOf(ordinal);
  if (draft == nullptr || draft->key.empty()) return;
  Emit(DraftEnded{ordinal, std::string(draft->key), how});
}

bool Macrostep::WasDoneBefore(uint32_t ordinal) const {
  const ItemKey& key = state.items[ordinal].key;
  for (uint32_t i = 0; i < ordinal; ++i) {
    const ItemState& item = state.items[i];
    if (item.key.element == key.element &&
        item.key.enrolment == key.enrolment &&
        item.key.episode == key.episode && item.status == ItemStatus::kDone) {
      return true;
    }
  }
  return false;
}

void Macrostep::EndItem(uint32_t ordinal, ItemStatus status) {
  const ElementId id = state.items[ordinal].key.element;
  const Subject subject = {SubjectKind::kItem, ordinal};
  ReleaseBooking(ordinal, status == ItemStatus::kSkipped && KeepsSeat(ordinal));
  Emit(ItemEnded{ordinal, status});
  EndDraft(ordinal, DraftEnd::kAbandoned);
  StopClocks(subject);
  if (status != ItemStatus::kCancelled) CompleteSeries(id);
  if (status == ItemStatus::kSkipped) {
    AnswerWindow(id, ordinal, true);
    CompleteProgram(id);
    Raise(TriggerKind::kItemSkipped, id.value, {}, subject);
  } else if (status == ItemStatus::kExpired) {
    Raise(TriggerKind::kItemExpired, id.value, {}, subject, now);
  }
}

int64_t Macrostep::OpenItemOf(ElementId element) const {
  for (size_t i = state.items.size(); i-- > 0;) {
    if (state.items[i].key.element == element &&
        IsOpen(state.items[i].status)) {
      return static_cast<int64_t>(i);
    }
  }
  return -1;
}

std::vector<uint32_t> Macrostep::OpenItemsOf(
    ElementId element, std::optional<uint16_t> occurrence) const {
  std::vector<uint32_t> open;
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    const ItemState& item = state.items[i];
    if (item.key.element == element && IsOpen(item.status) &&
        (!occurrence || *occurrence == item.key.occurrence)) {
      open.push_back(i);
    }
  }
  return open;
}

bool Macrostep::OpensFor(const Element& element) const {
  if (!state.died_at) return true;
  return !protocol::IsOutside(element.performer) &&
         (element.kind == ItemKind::kMessage ||
          (element.kind == ItemKind::kDecision && !element.by_data));
}

bool Macrostep::Outlives(ElementId id) const { return protocol.Outlives(id); }

bool Macrostep::IsCurrent(const ItemKey& key) const {
  if (Outlives(key.element)) return true;
  if (state.IsClosed()) return false;
  const PhaseId phase = protocol.at(key.element).phase;
  if (phase.IsNone()) return key.episode == state.episode();
  if (key.enrolment > 0 && state.enrolments[key.enrolment - 1u].outside) {
    return key.episode == state.episode();
  }
  const protocol::Phase& of = protocol.at(phase);
  return (key.episode == state.episode() || of.carries) &&
         state.tracks[of.track.value].phase == phase;
}

void Macrostep::CancelItems(ElementId element) {
  for (uint32_t i = 0; i < state.items.size(); ++i) {
    if (state.items[i].key.element == element &&
        IsOpen(state.items[i].status)) {
      EndItem(i, ItemStatus::kCancelled);
    }
  }
}

namespace {

// An open review of this topic, whatever else its note tells.
bool AsksAbout(const protocol::Protocol& protocol, const ItemState& item,
               std::string_view topic) {
  return item.key.element == protocol.review_element && IsOpen(item.status) &&
         item.note.starts_with(topic) &&
         (item.note.size() == topic.size() || item.note[topic.size()] == ';');
}

}  // namespace

void EndReviews(Macrostep& m, std::string_view topic) {
  for (uint32_t i = 0; i < m.state.items.size(); ++i) {
    if (AsksAbout(m.protocol, m.state.items[i], topic)) {
      m.EndItem(i, ItemStatus::kCancelled);
    }
  }
}

void Macrostep::OpenReview(std::string topic, std::string_view details) {
  for (const ItemState& item : state.items) {
    if (AsksAbout(protocol, item, topic)) return;
  }
  topic += details;
  OpenItem(protocol.review_element, std::move(topic));
}

// Whether an element of the phase that has had an item may have another by
// itself.
bool Macrostep::OpensAgain(const ItemState& latest,
                           const protocol::Phase& phase,
                           const TrackState& track) const {
  const bool other_episode = latest.key.episode != episode_known_;
  if ((other_episode && !phase.carries) ||
      (!phase.resume && latest.opened_seq < track.entered_seq)) {
    return true;  // the phase starts afresh
  }
  // What leaving the phase cancelled opens again when it is entered again.
  return latest.status == ItemStatus::kCancelled &&
         latest.ended_seq < track.entered_seq;
}

bool Macrostep::IsOfEarlierModule(ElementId id, const ItemState& latest) const {
  const Element& element = protocol.at(id);
  const ElementId of =
      element.checks.IsNone() ? element.exercise_of : element.checks;
  if (of.IsNone() || IsOpen(latest.status)) return false;
  // Opening it by hand says so: what has to be done with it comes again.
  const ItemState* module = LatestItem(protocol, state, of);
  return module != nullptr && module->opened_seq > latest.ended_seq;
}

bool Macrostep::OpensNow(ElementId id) {
  const Element& element = protocol.at(id);
  if (element.mode != ItemMode::kAuto || !OpensFor(element)) return false;
  if (element.program.IsNone() ? !available.NeedsMet(element)
                               : !OpensInProgram(id)) {
    return false;
  }
  return !available.IsLocked(id) && guards_.Opens(element.when);
}

bool Macrostep::OpenEach(const std::vector<ElementId>& elements,
                         const TrackState* track) {
  // Asked of every element at every command: what stays the same is looked up
  // once.
  const int32_t* const latest = latest_.data();
  const protocol::Phase* const phase =
      track == nullptr ? nullptr : &protocol.at(track->phase);
  const auto begun = [&](ElementId need) { return latest[need.value] >= 0; };
  bool any = false;
  for (ElementId id : elements) {
    const int32_t ordinal = latest[id.value];
    bool next_session = false;
    if (ordinal >= 0) {
      const ItemState& item = state.items[static_cast<size_t>(ordinal)];
      const bool afresh = phase != nullptr &&
                          OpensAgain(item, *phase, *track) &&
                          !available.IsOutside(id);
      next_session = !afresh && IsNextSession(id, item);
      if (!afresh && !next_session && !IsOfEarlierModule(id, item)) continue;
    }
    const Element& element = protocol.at(id);
    // A series that has begun goes on, however it was begun.
    const bool opens =
        next_session
            ? OpensFor(element) && !available.IsLocked(id)
            : std::all_of(element.needs.begin(), element.needs.end(), begun) &&
                  OpensNow(id);
    if (!opens) continue;
    OpenItem(id);
    any = true;
  }
  return any;
}

void Macrostep::LookAtItems() {
  if (latest_.empty() || enrolments_known_ != state.enrolments.size() ||
      episode_known_ != state.episode()) {
    latest_.assign(protocol.elements.size(), -1);
    enrolment_.assign(protocol.programs.size(), 0);
    for (uint16_t p = 0; p < enrolment_.size(); ++p) {
      enrolment_[p] = EnrolmentOf(protocol, state, ProgramRef(p)) + 1;
    }
    items_known_ = 0;
    enrolments_known_ = state.enrolments.size();
    episode_known_ = state.episode();
  }
  for (; items_known_ < state.items.size(); ++items_known_) {
    const ItemKey& key = state.items[items_known_].key;
    if (key.element.value >= latest_.size() ||
        state.items[items_known_].withdrawn) {
      continue;
    }
    const ProgramRef program = protocol.at(key.element).program;
    if (program.IsNone() || key.enrolment == enrolment_[program.value]) {
      latest_[key.element.value] = static_cast<int32_t>(items_known_);
    }
  }
}

// Not with the elements of a phase that is active.
bool Macrostep::IsTakenAnywhere(size_t program) const {
  const PhaseId phase = protocol.programs[program].phase;
  if (phase.IsNone()) return true;
  const size_t enrolment = static_cast<size_t>(enrolment_[program] - 1);
  return state.enrolments[enrolment].outside &&
         state.tracks[protocol.at(phase).track.value].phase != phase;
}

bool Macrostep::OpenAvailable() {
  // One pass over the items instead of one an element: each element stands in
  // one phase, so what opens below is not asked for again.
  LookAtItems();
  bool any = false;
  for (size_t t = 0; t < state.tracks.size(); ++t) {
    const TrackState& track = state.tracks[t];
    if (!track.phase.IsNone()) {
      any = OpenEach(protocol.at(track.phase).elements, &track) || any;
    }
  }
  for (size_t p = 0; p < enrolment_.size(); ++p) {
    if (enrolment_[p] != 0 && IsTakenAnywhere(p)) {
      any = OpenEach(protocol.programs[p].elements, nullptr) || any;
    }
  }
  return any;
}

}  // namespace stepwell::engine
