// Commands in clinical order, and their events with the ordinals that things
// have in that order.
#include "engine/clinical.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "engine/apply.h"
#include "engine/availability.h"
#include "engine/command.h"
#include "engine/remap.h"
#include "engine/standing.h"

namespace stepwell::engine {
namespace {

// The events of one command.
struct Step {
  Instant at;  // its clinical time
  size_t from = 0, to = 0;
};

// The number that things had when they were recorded, and the one they have
// here; none of a thing that is not here.
class Numbers {
 public:
  void Recorded() { here_.push_back(UINT32_MAX); }
  void Here(size_t recorded) {
    if (recorded < here_.size()) here_[recorded] = next_++;
  }
  // False when it is not here.
  bool Turn(uint32_t& number) const {
    if (number == UINT32_MAX) return true;  // says "none"
    if (number >= here_.size() || here_[number] == UINT32_MAX) return false;
    number = here_[number];
    return true;
  }

 private:
  std::vector<uint32_t> here_;
  uint32_t next_ = 0;
};

// What was known of the patient.
struct Known {
  std::vector<FactState> facts;
  std::vector<ConsentState> consents;
};

class Folder {
 public:
  explicit Folder(std::span<const Event> log) : log_(log) {
    for (size_t i = 0; i < log.size(); ++i) {
      const Event& event = log[i];
      recorded_.push_back(Count(event));
      if (const auto* migrated = std::get_if<Migrated>(&event.body)) {
        migrated_.push_back({i, migrated});
      }
      if (std::holds_alternative<ItemOpened>(event.body)) items_.Recorded();
      if (std::holds_alternative<AlertRaised>(event.body)) alerts_.Recorded();
      if (std::holds_alternative<MessageReceived>(event.body)) {
        messages_.Recorded();
      }
      if (std::holds_alternative<EnrolmentStarted>(event.body)) {
        enrolments_.Recorded();
      }
    }
  }

  // But for what is in `never`. What is about something that comes later in
  // this order is taken when that has come, unless it was taken back; of a step
  // with an item, a program or an alert so is what followed from it.
  void Take(const Step& step, const std::vector<uint64_t>& never,
            bool taken_back) {
    came_ = false;
    const bool follows = IsWithThings(step);
    bool waits = false;
    for (size_t i = step.from; i < step.to; ++i) {
      if (Contains(never, log_[i].seq)) continue;
      if ((waits && follows) || !TakeEvent(i, step.at)) {
        waits = !taken_back;
        if (waits) waiting_.push_back({i, step, follows});
      }
    }
    while (came_) TakeWaiting();
  }
  // `before`: what the step found, which a Voided of it brings back.
  bool TakeEvent(size_t i, Instant at, const Known* before = nullptr) {
    Event event = log_[i];
    if (event.at == at) Stand(event);
    return TakeAs(std::move(event), i, before);
  }

  // With an amendment that is taken back the version before it stands again,
  // unless that was taken back later, which here came first.
  void TakeVoid(size_t i, Instant at, const std::vector<size_t>& voids,
                const Known& before) {
    TakeEvent(i, at, &before);
    const auto& restored = std::get<Voided>(log_[i].body).responses_restored;
    for (const size_t later : voids) {
      if (later <= i) continue;
      const Voided& voided = std::get<Voided>(log_[later].body);
      const bool again = std::ranges::any_of(
          voided.responses,
          [&](uint64_t response) { return Contains(restored, response); });
      if (!again) continue;
      Event event = log_[later];
      Voided said;
      said.target = voided.target;
      said.responses = voided.responses;
      said.scores = voided.scores;
      said.facts = voided.facts;
      said.facts_restored = voided.facts_restored;
      event.body = std::move(said);
      TakeAs(std::move(event), later, &before);
    }
  }

  Known KnownNow() const { return {past_.state.facts, past_.state.consents}; }

  ClinicalPast Finish() { return std::move(past_); }

 private:
  // An event about what has not come yet.
  struct Waiting {
    size_t place = 0;
    Step step;
    bool follows = false;  // what comes before it of its step
  };

  bool IsWithThings(const Step& step) const {
    const std::string_view verb =
        std::get<CommandRecorded>(log_[step.from].body).verb;
    return verb == WorkItem::kVerb || verb == PatientItem::kVerb ||
           verb == ChangeAppointment::kVerb || verb == ChangeEnrolment::kVerb ||
           verb == HandleAlert::kVerb;
  }

  void TakeWaiting() {
    came_ = false;
    std::vector<Waiting> still;
    for (const Waiting& each : waiting_) {
      const bool held = each.follows && !still.empty() &&
                        still.back().step.from == each.step.from;
      if (held || !TakeEvent(each.place, each.step.at)) still.push_back(each);
    }
    waiting_ = std::move(still);
  }

  // `event` is the one of that place in the log, or what is left of it here.
  // False when it is about what is not here.
  bool TakeAs(Event event, size_t i, const Known* before) {
    if (std::holds_alternative<Migrated>(event.body) || !IntoNow(event, i)) {
      return true;  // and will not be
    }
    if (auto* voided = std::get_if<Voided>(&event.body);
        voided != nullptr && before != nullptr) {
      BringBack(*before, *voided);
    }
    if (auto* opened = std::get_if<CaseOpened>(&event.body);
        opened != nullptr && !migrated_.empty()) {
      opened->tracks = migrated_.back().second->track_count;
      opened->protocol = migrated_.back().second->to;
    }
    if (!std::visit([this](auto& body) { return Turn(body); }, event.body)) {
      return false;
    }
    Note(event, recorded_[i]);
    Apply(event, past_.state);
    past_.events.push_back(std::move(event));
    return true;
  }

  // What stood when somebody noticed may have been taken back since, or was
  // said later than this.
  static void BringBack(const Known& before, Voided& voided) {
    voided.facts_restored.clear();
    for (const FactState& fact : before.facts) {
      if (Contains(voided.facts, fact.fact)) {
        voided.facts_restored.push_back(fact);
      }
    }
    voided.consents_restored.clear();
    for (const ConsentState& said : before.consents) {
      const bool touched = std::any_of(
          voided.consents.begin(), voided.consents.end(),
          [&](const ConsentState& gone) {
            return gone.purpose == said.purpose && gone.by == said.by;
          });
      if (touched) voided.consents_restored.push_back(said);
    }
  }

  // An older word that was entered after a newer one comes before it here, and
  // held until then.
  static void Stand(Event& event) {
    std::visit(
        [](auto& body) {
          if constexpr (requires { body.outdone; }) body.outdone = false;
        },
        event.body);
  }

  // How many of its kind came before it in the log.
  size_t Count(const Event& event) {
    if (std::holds_alternative<ItemOpened>(event.body)) return item_count_++;
    if (std::holds_alternative<AlertRaised>(event.body)) return alert_count_++;
    if (std::holds_alternative<MessageReceived>(event.body)) {
      return message_count_++;
    }
    if (std::holds_alternative<EnrolmentStarted>(event.body)) {
      return enrolment_count_++;
    }
    return 0;
  }

  void Note(const Event& event, size_t recorded) {
    const auto here = [&](Numbers& numbers) {
      numbers.Here(recorded);
      came_ = true;
    };
    if (std::holds_alternative<ItemOpened>(event.body)) here(items_);
    if (std::holds_alternative<AlertRaised>(event.body)) here(alerts_);
    if (std::holds_alternative<MessageReceived>(event.body)) here(messages_);
    if (std::holds_alternative<EnrolmentStarted>(event.body)) here(enrolments_);
  }

  // Numbers from 1; 0 = of none.
  bool TurnEnrolment(uint16_t& number) const {
    if (number == 0) return true;
    uint32_t index = number - 1u;
    if (!enrolments_.Turn(index)) return false;
    number = static_cast<uint16_t>(index + 1);
    return true;
  }

  bool TurnSubject(Subject& subject) const {
    switch (subject.kind) {
      case SubjectKind::kItem:
        return items_.Turn(subject.ordinal);
      case SubjectKind::kAlert:
        return alerts_.Turn(subject.ordinal);
      case SubjectKind::kMessage:
        return messages_.Turn(subject.ordinal);
      case SubjectKind::kRelease: {
        uint32_t index = subject.ordinal >> 16;
        if (!enrolments_.Turn(index)) return false;
        subject.ordinal = index << 16 | (subject.ordinal & 0xFFFFu);
        return true;
      }
      case SubjectKind::kCase:
      case SubjectKind::kCadence:
      case SubjectKind::kParked:
        return true;
    }
    return true;
  }

  // An answer counts from when it was given, whatever opened since to ask it.
  template <class T>
  bool TurnItem(uint32_t& item) const {
    if (items_.Turn(item)) return true;
    item = UINT32_MAX;
    return std::is_same_v<T, ResponseReceived> ||
           std::is_same_v<T, FollowUpAnswered>;
  }

  static void TurnList(std::vector<uint32_t>& list, const Numbers& numbers) {
    std::vector<uint32_t> here;
    for (uint32_t number : list) {
      if (numbers.Turn(number)) here.push_back(number);
    }
    list = std::move(here);
  }

  // Into the numbers of the version that the case is on now. False when that
  // does not know what the event is about.
  bool IntoNow(Event& event, size_t i) const {
    return std::visit(
        [&](auto& body) {
          const size_t before = Named(body);
          for (const auto& [at, migrated] : migrated_) {
            if (at > i) Remap(body, migrated->tables);
          }
          return Named(body) == before;
        },
        event.body);
  }

  template <class T>
  static size_t Named(const T& body) {
    size_t named = 0;
    VisitSymbols(body, [&](const auto& symbol) { named += !symbol.IsNone(); });
    return named;
  }

  // Every member that is a number of something, by its name in the field list.
  // False when the event is about what is not here.
  template <class T>
  bool Turn(T& body) const {
    bool here = true;
    T::Fields(body, [&]<class P>(int, std::string_view name, P& part) {
      if constexpr (std::is_same_v<P, Subject>) {
        here = here && TurnSubject(part);
      } else if constexpr (std::is_same_v<P, ItemKey>) {
        here = here && TurnEnrolment(part.enrolment);
      } else if constexpr (std::is_same_v<P, uint16_t>) {
        if (name == "enrolment") here = here && TurnEnrolment(part);
      } else if constexpr (std::is_same_v<P, uint32_t>) {
        if (name == "item") here = here && TurnItem<T>(part);
        if (name == "alert") here = here && alerts_.Turn(part);
        if (name == "message") here = here && messages_.Turn(part);
      } else if constexpr (std::is_same_v<P, std::vector<uint32_t>>) {
        if (name == "items_reopened" || name == "bookings_restored" ||
            name == "items_withdrawn") {
          TurnList(part, items_);
        }
        if (name == "alerts_marked") TurnList(part, alerts_);
      } else if constexpr (std::is_same_v<P, std::vector<AlertBefore>>) {
        std::erase_if(part, [this](auto& each) { return !this->Turn(each); });
      }
    });
    return here;
  }

  const std::span<const Event> log_;
  std::vector<size_t> recorded_;
  std::vector<std::pair<size_t, const Migrated*>> migrated_;  // by place
  size_t item_count_ = 0, alert_count_ = 0, message_count_ = 0,
         enrolment_count_ = 0;
  Numbers items_, alerts_, messages_, enrolments_;
  std::vector<Waiting> waiting_;  // in the order of their commands
  bool came_ = false;             // something that others may wait for
  ClinicalPast past_;
};

std::vector<Step> StepsOf(std::span<const Event> log) {
  std::vector<Step> steps;
  for (size_t i = 0; i < log.size(); ++i) {
    if (std::holds_alternative<CommandRecorded>(log[i].body)) {
      steps.push_back({log[i].at, i, i});
    }
    if (!steps.empty()) steps.back().to = i + 1;
  }
  return steps;
}

std::vector<size_t> VoidsIn(std::span<const Event> log) {
  std::vector<size_t> voids;
  for (size_t i = 0; i < log.size(); ++i) {
    if (std::holds_alternative<Voided>(log[i].body)) voids.push_back(i);
  }
  return voids;
}

// A word that was taken back alone was never said: what stood before it, when
// that was noticed, may have been taken back as well.
std::vector<uint64_t> NeverSaid(std::span<const Event> log,
                                std::vector<size_t>& voids) {
  std::vector<uint64_t> never;
  std::erase_if(voids, [&](size_t i) {
    const uint64_t target = std::get<Voided>(log[i].body).target;
    const auto said = std::ranges::find(log, target, &Event::seq);
    const bool alone = said != log.end() && StandsAlone(said->body);
    if (alone) never.push_back(target);
    return alone;
  });
  return never;
}

bool IsOf(const Event& voided, std::span<const Event> log, const Step& step) {
  const uint64_t target = std::get<Voided>(voided.body).target;
  return target >= log[step.from].seq && target <= log[step.to - 1].seq;
}

bool TakesBack(std::span<const Event> log, const Step& step) {
  return std::any_of(
      log.begin() + static_cast<std::ptrdiff_t>(step.from),
      log.begin() + static_cast<std::ptrdiff_t>(step.to),
      [](const Event& e) { return std::holds_alternative<Voided>(e.body); });
}

}  // namespace

std::optional<ClinicalPast> ClinicallyAt(std::span<const Event> log,
                                         Instant at) {
  std::vector<Step> steps = StepsOf(log);
  if (steps.empty() || steps[0].at > at) return std::nullopt;
  // The one that opened the case stays the first.
  std::stable_sort(steps.begin() + 1, steps.end(),
                   [](const Step& a, const Step& b) { return a.at < b.at; });
  std::vector<size_t> voids = VoidsIn(log);
  const std::vector<uint64_t> never = NeverSaid(log, voids);
  Folder folder(log);
  for (const Step& step : steps) {
    if (step.at > at) break;
    // With what it takes back, not when somebody noticed.
    if (TakesBack(log, step)) continue;
    const Known before = folder.KnownNow();
    std::vector<size_t> of_it;
    std::ranges::copy_if(voids, std::back_inserter(of_it),
                         [&](size_t i) { return IsOf(log[i], log, step); });
    folder.Take(step, never, !of_it.empty());
    for (const size_t i : of_it) {
      folder.TakeVoid(i, step.at, voids, before);
    }
  }
  return folder.Finish();
}

}  // namespace stepwell::engine
