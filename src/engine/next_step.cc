// Nobody is lost in silence: what keeps a case going, and what is put before a
// person where nothing does.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/macrostep.h"

namespace stepwell::engine {

using protocol::Element;

Macrostep::AtWork Macrostep::WhoIsAtWork() const {
  const bool message_open =
      std::any_of(state.messages.rbegin(), state.messages.rend(),
                  [](const MessageState& message) {
                    return message.status == MessageStatus::kOpen;
                  });
  if (message_open || HasOpenAlert(state)) return AtWork::kStaff;
  AtWork at_work = AtWork::kNobody;
  for (size_t i = state.items.size(); i-- > 0;) {
    const ItemState& item = state.items[i];
    if (!IsOpen(item.status)) continue;
    // A review of what staff did is no work for the patient.
    if (state.DrawnAs(static_cast<uint32_t>(i)) != nullptr) continue;
    if (!item.owner.IsPatient()) return AtWork::kStaff;
    if (!protocol.at(item.key.element).every) at_work = AtWork::kPatient;
  }
  return at_work;
}

bool Macrostep::WaitsForClock() const {
  return std::any_of(
      state.clocks.begin(), state.clocks.end(),
      [this](const ClockState& clock) { return LeadsToWork(clock); });
}

bool Macrostep::LeadsToWork(const ClockState& clock) const {
  // It stands still, or waits for a delivery, which ends.
  if (clock.paused_at ||
      (clock.next_due.IsNever() && clock.waits_for_effect == 0)) {
    return false;
  }
  if (clock.subject.kind == SubjectKind::kRelease ||
      (clock.subject.kind == SubjectKind::kItem &&
       state.DrawnAs(clock.subject.ordinal) != nullptr)) {
    return false;
  }
  if (clock.def.IsNone()) {
    const ElementId repeated(static_cast<uint16_t>(clock.subject.ordinal));
    return !protocol::IsOutside(protocol.at(repeated).performer);
  }
  if (clock.def == protocol.review_clock && state.paused_at &&
      clock.subject.kind == SubjectKind::kCase) {
    return true;  // the pause is up for review
  }
  const std::vector<protocol::Rung>& ladder = protocol.at(clock.def).ladder;
  for (size_t i = clock.next_rung; i < ladder.size(); ++i) {
    for (const protocol::Action& action : ladder[i].actions) {
      if (action.kind == protocol::ActionKind::kRaiseAlert ||
          (action.kind == protocol::ActionKind::kOpen &&
           !protocol::IsOutside(protocol.at(action.element).performer)) ||
          (action.kind == protocol::ActionKind::kEscalate &&
           clock.subject.kind == SubjectKind::kItem)) {
        return true;
      }
    }
  }
  return false;
}

bool Macrostep::WasReviewed(std::string_view topic, uint64_t since_seq,
                            Instant since) const {
  for (size_t i = state.items.size(); i-- > 0;) {
    const ItemState& item = state.items[i];
    if (item.opened_seq <= since_seq) return false;  // they are in order
    if (item.key.element == protocol.review_element &&
        item.opened_at >= since && item.note == topic) {
      return true;
    }
  }
  return false;
}

std::string Macrostep::LeftOut(bool at_work) {
  LookAtItems();
  uint64_t moved_seq = 0;
  for (const TrackState& track : state.tracks) {
    moved_seq = std::max(moved_seq, track.entered_seq);
  }
  for (size_t i = state.items.size(); i-- > 0;) {
    const ItemState& item = state.items[i];
    const ElementId id = item.key.element;
    if (IsOpen(item.status) || item.status == ItemStatus::kDone ||
        !item.note.empty() || id.value >= protocol.elements.size()) {
      continue;
    }
    const Element& element = protocol.at(id);
    // Of a program that has ended: that is asked about as a whole.
    const uint16_t enrolment = item.key.enrolment;
    if (enrolment > 0 && enrolment <= state.enrolments.size() &&
        !state.enrolments[enrolment - 1u].IsRunning()) {
      continue;
    }
    // What holds a program is said of the program.
    if (element.kind == protocol::ItemKind::kModule && enrolment > 0 &&
        available.IsLocked(id)) {
      continue;
    }
    // Others may go on meanwhile; a decision that nobody takes holds all up.
    if (at_work && element.kind != protocol::ItemKind::kDecision) continue;
    // Of no phase: what was left out before the case moved on is behind it.
    if (element.phase.IsNone() && item.ended_seq < moved_seq) continue;
    if (latest_[id.value] != static_cast<int32_t>(i) || Outlives(id) ||
        !IsCurrent(item.key)) {
      continue;
    }
    std::string topic =
        absl::StrCat("nothing is planned since ", element.id, " was left out");
    if (!WasReviewed(topic, item.ended_seq, Instant())) return topic;
  }
  return "";
}

std::string Macrostep::Untreated() const {
  for (const TrackState& track : state.tracks) {
    bool has_programs = false, goes_on = false;
    Instant since = track.entered_at;
    for (uint16_t p = 0; p < protocol.programs.size(); ++p) {
      if (track.phase.IsNone() || protocol.programs[p].phase != track.phase) {
        continue;
      }
      has_programs = true;
      for (const EnrolmentState& enrolment : state.enrolments) {
        if (enrolment.program != ProgramRef(p) ||
            enrolment.episode != state.episode()) {
          continue;
        }
        goes_on = goes_on || enrolment.IsRunning() || enrolment.completed;
        since = std::max(since, enrolment.ended_at.value_or(since));
      }
    }
    if (!has_programs || goes_on) continue;
    std::string topic =
        absl::StrCat("no program runs in ", protocol.at(track.phase).id);
    if (!WasReviewed(topic, track.entered_seq, since)) return topic;
  }
  return "";
}

namespace {

// The score that would release the module was measured since those before it,
// and does not.
bool IsHeldByScores(const Macrostep& m, const EnrolmentState& enrolment,
                    ElementId module) {
  uint64_t since = 0;
  for (const ElementId id : m.available.ModulesBefore(enrolment, module)) {
    if (!m.available.IsHandedIn(id)) return false;
    since = std::max(since, LatestItem(m.protocol, m.state, id)->opened_seq);
  }
  const InstrumentRef instrument = m.protocol.at(module).mastery.instrument;
  const bool measured =
      std::any_of(m.state.scores.begin(), m.state.scores.end(),
                  [&](const ScoreState& score) {
                    return score.instrument == instrument && !score.is_void &&
                           score.seq > since;
                  });
  return measured && !m.available.IsMastered(enrolment, module);
}

// What holds the module, or its check, until a person does something; "" when
// nothing does.
std::string HoldOf(const Macrostep& m, const EnrolmentState& enrolment,
                   ElementId id) {
  const Element& module = m.protocol.at(id);
  if (m.available.IsFinished(id)) {
    const ElementId check = module.check;
    const bool locked = !check.IsNone() && IsChecked(m.protocol, enrolment) &&
                        !m.available.IsFinished(check) &&
                        m.available.IsLocked(check);
    return locked ? absl::StrCat(m.protocol.at(check).id, " is locked") : "";
  }
  if (m.available.IsLocked(id)) return absl::StrCat(module.id, " is locked");
  switch (module.release) {
    case protocol::ReleasePolicy::kManual:
      return absl::StrCat(module.id, " waits to be released");
    case protocol::ReleasePolicy::kOnMastery:
      return IsHeldByScores(m, enrolment, id)
                 ? absl::StrCat(module.id, " is held back by the scores")
                 : "";
    default:
      return "";
  }
}

}  // namespace

std::string Macrostep::StandsStill() const {
  for (size_t i = 0; i < state.enrolments.size(); ++i) {
    const EnrolmentState& enrolment = state.enrolments[i];
    if (!enrolment.IsRunning() || enrolment.episode != state.episode()) {
      continue;
    }
    // Its time comes.
    bool goes_on = std::any_of(
        state.clocks.begin(), state.clocks.end(), [&](const auto& clock) {
          return clock.subject.kind == SubjectKind::kRelease &&
                 clock.subject.ordinal >> 16 == i;
        });
    uint64_t since_seq = 0;
    for (const ItemState& item : state.items) {
      if (item.key.enrolment != i + 1) continue;
      goes_on = goes_on || IsOpen(item.status);
      since_seq = std::max(since_seq, item.ended_seq);
    }
    if (goes_on) continue;
    std::string topic;
    EachModule(protocol, enrolment, [&](ElementId id) {
      topic = HoldOf(*this, enrolment, id);
      return topic.empty();
    });
    if (topic.empty()) continue;
    topic += ": nothing else is planned in the program";
    if (!WasReviewed(topic, since_seq, enrolment.started_at)) return topic;
  }
  return "";
}

bool Macrostep::AskWhatIsNext() {
  const AtWork at_work = WhoIsAtWork();
  if (at_work == AtWork::kStaff) return false;
  std::string topic;
  if (!WaitsForClock()) {
    topic = "nothing is planned for this case";
  } else if (!state.paused_at && !state.died_at) {
    const bool nobody = at_work == AtWork::kNobody;
    if (nobody) topic = Untreated();
    if (topic.empty() && nobody) topic = StandsStill();
    if (topic.empty()) topic = LeftOut(at_work == AtWork::kPatient);
  }
  if (topic.empty()) return false;
  OpenReview(std::move(topic));
  return true;
}

}  // namespace stepwell::engine
