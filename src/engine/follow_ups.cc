// Follow-up windows. Their clocks say when they are; here is what an answer
// counts as, and what becomes of a window that moves, closes or outlives its
// episode.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/macrostep.h"
#include "engine/view.h"

namespace stepwell::engine {

using protocol::ClockDef;
using protocol::RungKind;
using protocol::TriggerKind;
using protocol::Window;

const FollowUpState* FollowUpOf(const CaseState& state, ClockDefId window) {
  for (auto it = state.follow_ups.rbegin(); it != state.follow_ups.rend();
       ++it) {
    if (it->window == window) return &*it;
  }
  return nullptr;
}

std::optional<Timing> TimingOf(const FollowUpState& follow_up) {
  for (auto it = follow_up.answers.rbegin(); it != follow_up.answers.rend();
       ++it) {
    if (it->timing != Timing::kSkipped) return it->timing;
  }
  return std::nullopt;
}

namespace {

FollowUpChanged AsItIs(const FollowUpState& known, WindowStatus status) {
  return {known.window, known.episode, known.clock,  status,     known.anchor,
          known.opens,  known.due,     known.closes, known.asked};
}

// What the window asks for; before it has opened, what it may ask for.
const std::vector<ElementId>& WantedOf(const FollowUpState& known,
                                       const Window& window) {
  return known.asked.empty() ? window.items : known.asked;
}

bool Wants(const FollowUpState& known, const Window& window,
           ElementId element) {
  const std::vector<ElementId>& wanted = WantedOf(known, window);
  return known.AnswerOf(element) == nullptr &&
         std::find(wanted.begin(), wanted.end(), element) != wanted.end();
}

// Nothing is waited for once `element` is answered.
bool IsLast(const FollowUpState& known, const Window& window,
            ElementId element) {
  const std::vector<ElementId>& wanted = WantedOf(known, window);
  return std::all_of(wanted.begin(), wanted.end(), [&](ElementId other) {
    return other == element || known.AnswerOf(other) != nullptr;
  });
}

bool WasAnswered(const FollowUpState& known) {
  return std::any_of(known.answers.begin(), known.answers.end(),
                     [](const WindowAnswer& answer) {
                       return answer.counts &&
                              answer.timing != Timing::kSkipped;
                     });
}

}  // namespace

Instant Macrostep::WindowOpens(const ClockDef& def, Instant started,
                               Instant due) const {
  const std::optional<Span>& before = def.window->before;
  if (!before) return due;
  return std::max(started, SubtractSpan(due, *before, ZoneFor(&def)));
}

Instant Macrostep::WindowCloses(const ClockDef& def, Instant due) const {
  const Span& after = def.window->after;
  const Instant closes = After(after, &def, due);
  // The last day counts to its end.
  if (!CountsDates(after)) return closes;
  const Zone& zone = ZoneFor(&def);
  return EndOfDay(zone, ToLocal(zone, closes).date);
}

bool Macrostep::IsAhead(ClockDefId id) const {
  const FollowUpState* known = FollowUpOf(state, id);
  return known != nullptr && known->IsAhead();
}

bool Macrostep::NoteWindows() {
  bool any = false;
  for (const ClockDefId id : protocol.windows) {
    const ClockState* clock = state.ClockOfCase(id);
    const FollowUpState* known = FollowUpOf(state, id);
    if (clock == nullptr) {
      if (known == nullptr || !known->IsAhead()) continue;
      const FollowUpState before = *known;
      Emit(AsItIs(before, WindowStatus::kWithdrawn));
      if (!state.died_at) CancelAsked(before);
    } else {
      const bool same = known != nullptr && known->clock == clock->ordinal;
      if (clock->paused_at || (same && known->due == clock->due)) continue;
      PlanWindow(id, ClockState(*clock));
    }
    any = true;
  }
  return any;
}

void Macrostep::PlanWindow(ClockDefId id, const ClockState& clock) {
  const ClockDef& def = protocol.at(id);
  FollowUpChanged planned;
  planned.window = id;
  planned.episode = state.episode();
  planned.clock = clock.ordinal;
  planned.status =
      clock.next_rung > 0 ? WindowStatus::kOpen : WindowStatus::kPlanned;
  planned.anchor = clock.started_at;
  planned.opens = WindowOpens(def, clock.started_at, clock.due);
  planned.due = clock.due;
  planned.closes = WindowCloses(def, clock.due);
  const FollowUpState* known = FollowUpOf(state, id);
  const bool goes_on = known != nullptr &&
                       known->status != WindowStatus::kSuperseded &&
                       (known->episode == state.episode() || known->IsAhead() ||
                        known->status == WindowStatus::kSuspended);
  if (!goes_on) {
    Emit(std::move(planned));
    return;
  }
  const FollowUpState before = *known;
  planned.episode = before.episode;
  if (before.clock == clock.ordinal) {  // a pause has moved it
    planned.status = before.status;
    planned.asked = before.asked;
    Emit(std::move(planned));
    return;
  }
  // Anchored anew: what was asked for and lies ahead again is not open now, and
  // what was answered counts where it lies within.
  Emit(planned);
  if (planned.opens > due_now) CancelAsked(before);
  for (const WindowAnswer& answer : before.answers) {
    if (answer.at < planned.opens && planned.anchor != before.anchor) continue;
    TellAnswer(answer.element, UINT32_MAX, answer.timing == Timing::kSkipped,
               answer.at, answer.seq);
  }
}

void Macrostep::CancelAsked(const FollowUpState& before) {
  for (const ElementId element : before.asked) {
    if (before.AnswerOf(element) == nullptr) CancelItems(element);
  }
}

void Macrostep::FireWindow(const ClockState& clock, uint8_t rung) {
  // What is answered already is neither asked for nor reminded of.
  const bool ahead = IsAhead(clock.def);
  const protocol::Rung& step = protocol.at(clock.def).ladder[rung];
  if (step.kind == RungKind::kCloses) {
    StopClock(clock.ordinal);
    if (ahead) MissWindow(clock.def);
  } else if (ahead && step.kind == RungKind::kOpens) {
    OpenWindow(clock);
  } else if (ahead) {
    Perform(step.actions, Signal(), clock.ordinal);
  }
}

void Macrostep::OpenWindow(const ClockState& clock, bool silent) {
  const ClockDef& def = protocol.at(clock.def);
  const FollowUpState before = *FollowUpOf(state, clock.def);
  FollowUpChanged opened = AsItIs(before, WindowStatus::kOpen);
  opened.asked.clear();
  for (const ElementId item : def.window->items) {
    if (before.AnswerOf(item) != nullptr || OpenItemOf(item) >= 0 ||
        MayOpen(item)) {
      opened.asked.push_back(item);
    }
  }
  if (opened.asked.empty()) {
    opened.status = WindowStatus::kSkipped;  // nothing is to be asked
    Emit(std::move(opened));
    return;
  }
  Emit(std::move(opened));
  std::vector<protocol::Action> actions = def.ladder.front().actions;
  std::erase_if(actions, [&](const protocol::Action& action) {
    return action.kind == protocol::ActionKind::kOpen
               ? before.AnswerOf(action.element) != nullptr
               : silent;
  });
  Perform(actions, Signal(), clock.ordinal);
}

void Macrostep::MissWindow(ClockDefId id) {
  const ClockDef& def = protocol.at(id);
  const FollowUpState before = *FollowUpOf(state, id);
  Emit(AsItIs(before, WindowStatus::kMissed));
  std::string missing;
  for (const ElementId element : WantedOf(before, *def.window)) {
    if (before.AnswerOf(element) != nullptr) continue;
    absl::StrAppend(&missing, "; ", protocol.at(element).id);
    const int64_t open = OpenItemOf(element);
    if (open >= 0 && def.window->items_expire) {
      EndItem(static_cast<uint32_t>(open), ItemStatus::kExpired);
    }
  }
  Raise(TriggerKind::kFollowUpMissed, id.value, {}, {}, now);
  const std::vector<protocol::Action>& actions = def.ladder.back().actions;
  Perform(actions, Signal());
  if (!protocol.GiveWork(actions)) {
    OpenReview(absl::StrCat("the follow-up ", def.id, " was missed"), missing);
  }
}

void Macrostep::AnswerWindow(ElementId element, uint32_t item, bool skipped) {
  TellAnswer(element, item, skipped, fact_at_, 0);
}

void Macrostep::TellAnswer(ElementId element, uint32_t item, bool skipped,
                           Instant at, uint64_t first) {
  const ClockDefId id = protocol.at(element).window;
  const FollowUpState* known = id.IsNone() ? nullptr : FollowUpOf(state, id);
  if (known == nullptr || !known->Listens()) return;
  const Window& window = *protocol.at(id).window;
  if (!Wants(*known, window, element)) return;
  FollowUpAnswered answered;
  answered.window = id;
  answered.episode = known->episode;
  answered.element = element;
  answered.item = item;
  answered.first = first;
  answered.timing = skipped               ? Timing::kSkipped
                    : at < known->opens   ? Timing::kEarly
                    : at <= known->closes ? Timing::kOnTime
                                          : Timing::kLate;
  answered.counts = answered.timing != Timing::kEarly || window.early_counts;
  answered.status = known->status;
  if (answered.counts && IsLast(*known, window, element)) {
    answered.status = skipped && !WasAnswered(*known) ? WindowStatus::kSkipped
                                                      : WindowStatus::kAnswered;
  }
  EmitAt(answered, at);
  if (answered.counts && answered.status == WindowStatus::kAnswered) {
    Raise(TriggerKind::kFollowUpAnswered, id.value);
  }
}

void Macrostep::AskAdopted() {
  for (const ClockDefId id : protocol.windows) {
    const ClockState* clock = state.ClockOfCase(id);
    const FollowUpState* known = FollowUpOf(state, id);
    if (clock == nullptr || known == nullptr ||
        known->status != WindowStatus::kOpen || known->closes < due_now) {
      continue;
    }
    const Instant opened = known->opens;
    for (uint32_t i = 0; i < state.items.size(); ++i) {
      const ItemState item = state.items[i];
      const bool skipped = item.status == ItemStatus::kSkipped;
      if ((skipped || item.status == ItemStatus::kDone) &&
          item.ended_at >= opened &&
          protocol.at(item.key.element).window == id) {
        TellAnswer(item.key.element, i, skipped, item.ended_at, 0);
      }
    }
    if (FollowUpOf(state, id)->status == WindowStatus::kOpen) {
      OpenWindow(ClockState(*clock), /*silent=*/true);
    }
  }
}

void Macrostep::SuspendWindows() {
  for (const ClockDefId id : protocol.windows) {
    if (!IsAhead(id)) continue;
    Emit(AsItIs(*FollowUpOf(state, id), WindowStatus::kSuspended));
  }
}

void Macrostep::ResumeWindows() {
  for (const ClockDefId id : protocol.windows) {
    const FollowUpState* known = FollowUpOf(state, id);
    if (known == nullptr || known->status != WindowStatus::kSuspended) continue;
    if (known->closes < due_now) {
      MissWindow(id);
    } else if (state.ClockOfCase(id) == nullptr) {
      StartClock(id, {}, known->anchor);
    }
  }
}

bool Macrostep::MovesWindow(ClockDefId id) {
  const Window* window = protocol.at(id).window.get();
  const FollowUpState* known = FollowUpOf(state, id);
  if (window == nullptr || known == nullptr) return false;
  if (known->episode != state.episode() && known->IsAhead()) {
    Emit(AsItIs(*known, WindowStatus::kSuperseded));
    return true;
  }
  return window->last_anchor;
}

bool Macrostep::IsWindowOver(ClockDefId id) const {
  const Window* window = protocol.at(id).window.get();
  const FollowUpState* known = FollowUpOf(state, id);
  return window != nullptr && !window->last_anchor && known != nullptr &&
         known->episode == state.episode() && known->Listens();
}

void Macrostep::WithdrawWindow(uint32_t clock) {
  for (const FollowUpState& known :
       std::vector<FollowUpState>(state.follow_ups)) {
    if (known.clock != clock || !known.Listens()) continue;
    StopClocksOf(known.window);
    Emit(AsItIs(known, WindowStatus::kWithdrawn));
    CancelAsked(known);
  }
}

void Macrostep::ListenAgain() {
  for (const ClockDefId id : protocol.windows) {
    if (!IsAhead(id) || state.ClockOfCase(id) != nullptr) continue;
    if (state.IsClosed()) {
      Emit(AsItIs(*FollowUpOf(state, id), WindowStatus::kSuspended));
    } else {
      MissWindow(id);  // it has closed since
    }
  }
}

}  // namespace stepwell::engine
