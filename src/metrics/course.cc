#include "metrics/course.h"

#include <algorithm>
#include <variant>

namespace stepwell::metrics {

using namespace engine;  // NOLINT: the events' names, here and only here

namespace {

struct Taker {
  Course& course;
  const Event& event;
  const protocol::Protocol& protocol;

  Course::Item* At(uint32_t ordinal) {
    return ordinal < course.items.size() ? &course.items[ordinal] : nullptr;
  }
  void AddEffort(Activity activity, std::optional<int32_t> minutes) {
    course.efforts.push_back({activity, event.at, minutes, course.acting});
  }

  void operator()(const CommandRecorded& e) {
    course.acting = e.envelope.actor.staff;
  }
  void operator()(const CaseOpened&) { course.is_open = true; }
  void operator()(const EpisodeOpened&) { course.is_open = true; }
  void operator()(const EpisodeClosed&) {
    course.is_open = false;
    course.closed_at = event.at;
  }
  void operator()(const ReferralAttached& e) {
    if (course.referrals++ > 0) return;
    course.scores.clear();  // of care elsewhere: no change of this one's
    course.route = e.referral.route;
    course.referred_at = e.referral.wait_from;
  }
  void operator()(const MilestoneReached& e) {
    course.milestones.push_back({e.milestone, event.at});
  }
  void operator()(const ItemOpened& e) {
    Course::Item item;
    item.element = e.key.element;
    item.of_patient = e.owner.IsPatient();
    item.opened_at = event.at;
    course.items.push_back(item);
  }
  void operator()(const ItemStarted& e) {
    if (Course::Item* item = At(e.item)) {
      item->status = ItemStatus::kActive;
      item->started_at = event.at;
    }
  }
  void operator()(const ItemDone& e) {
    if (Course::Item* item = At(e.item)) {
      item->status = ItemStatus::kDone;
      item->ended_at = event.at;
      item->minutes = e.minutes;
      item->ended_by = course.acting;
    }
  }
  void operator()(const ItemEnded& e) {
    if (Course::Item* item = At(e.item)) {
      item->status = e.status;
      item->ended_at = event.at;
    }
  }
  void operator()(const EnrolmentStarted&) { ++course.enrolments; }
  void operator()(const ModuleCompleted&) {
    course.modules_done.push_back(event.at);
  }
  void operator()(const ProgramCompleted&) {
    course.programs_completed.push_back(event.at);
  }
  void operator()(const ResponseReceived& e) {
    if (e.response_id.empty()) return;
    for (Course::Response& known : course.responses) {
      if (known.id != e.response_id) continue;
      // An amendment takes the scores of what it replaces out.
      for (Course::Score& score : course.scores) {
        if (score.response_seq == known.seq) score.is_void = true;
      }
      known.seq = event.seq;
      return;
    }
    course.responses.push_back({e.response_id, event.seq});
  }
  void operator()(const ScoreRecorded& e) {
    Course::Score score;
    score.instrument = e.instrument;
    score.seq = event.seq;
    score.response_seq = e.response_seq;
    score.at = event.at;
    if (e.score) {
      score.value = static_cast<double>(e.score->numerator) /
                    static_cast<double>(e.score->denominator);
    }
    course.scores.push_back(score);
  }
  void operator()(const AlertRaised& e) {
    course.alerts.push_back({Course::AlertKind::kRaised, event.at, e.owner});
  }
  void operator()(const AlertEvidenceAdded& e) {
    if (!e.rearmed) return;
    course.alerts.push_back({Course::AlertKind::kRepeated, event.at, e.owner});
  }
  void operator()(const AlertEscalated& e) {
    course.alerts.push_back({Course::AlertKind::kEscalated, event.at, e.owner});
  }
  void operator()(const AlertStepped& e) {
    AddEffort(Activity::kAlert, e.minutes);
  }
  void operator()(const MessageSent& e) {
    AddEffort(Activity::kMessage, e.minutes);
  }
  // What an amendment that is taken back had replaced.
  void Restore(const Voided& voided, uint64_t seq) {
    for (Course::Response& response : course.responses) {
      if (response.seq == voided.responses.front()) response.seq = seq;
    }
    for (Course::Score& score : course.scores) {
      if (score.response_seq == seq) score.is_void = false;
    }
  }
  void operator()(const Voided& e) {
    course.voided_responses += static_cast<uint32_t>(e.responses.size());
    for (const uint64_t seq : e.scores) {
      for (Course::Score& score : course.scores) {
        if (score.seq == seq) score.is_void = true;
      }
    }
    for (const uint64_t seq : e.responses_restored) Restore(e, seq);
    for (const MilestoneId id : e.milestones) {
      std::erase_if(course.milestones, [&](const Course::Milestone& known) {
        return known.milestone == id;
      });
    }
    for (const uint32_t ordinal : e.items_reopened) {
      if (Course::Item* item = At(ordinal)) {
        item->status = ItemStatus::kAvailable;
        item->minutes.reset();
        item->ended_by = {};
      }
    }
    for (const uint32_t ordinal : e.items_withdrawn) {
      if (Course::Item* item = At(ordinal))
        item->status = ItemStatus::kCancelled;
    }
    // The event says how many, not which: the latest.
    const auto less = [](std::vector<Instant>& times, size_t by) {
      times.resize(times.size() - std::min(times.size(), by));
    };
    less(course.modules_done, e.modules.size());
    less(course.programs_completed, e.programs.size());
  }
  template <class E>
  void operator()(const E&) {}
};

}  // namespace

const char* ActivityName(Activity activity) {
  static constexpr const char* kNames[kActivities] = {
      "appointment", "check",         "task",    "decision",
      "letter",      "questionnaire", "message", "alert"};
  return kNames[static_cast<size_t>(activity)];
}

Activity ActivityOf(const protocol::Element& element) {
  switch (element.kind) {
    case protocol::ItemKind::kQuestionnaire:
      return Activity::kQuestionnaire;
    case protocol::ItemKind::kMessage:
      return Activity::kLetter;
    case protocol::ItemKind::kAppointment:
      return Activity::kAppointment;
    case protocol::ItemKind::kDecision:
      return Activity::kDecision;
    case protocol::ItemKind::kModule:
    case protocol::ItemKind::kTask:
      break;
  }
  return element.checks.IsNone() ? Activity::kTask : Activity::kCheck;
}

void Course::Take(const Event& event, const protocol::Protocol& protocol) {
  std::visit(Taker{*this, event, protocol}, event.body);
}

bool IsStaffWork(const Course::Item& item, const protocol::Protocol& protocol) {
  return item.status == ItemStatus::kDone && !item.of_patient &&
         !protocol.at(item.element).by_data;
}

std::vector<Instant> ContactsOf(const Course& course,
                                const protocol::Protocol& protocol) {
  std::vector<Instant> contacts;
  for (const Course::Item& item : course.items) {
    if (item.status == ItemStatus::kDone &&
        protocol.at(item.element).counts_as_contact) {
      contacts.push_back(item.ended_at);
    }
  }
  std::sort(contacts.begin(), contacts.end());
  return contacts;
}

ScorePair FirstAndLast(const Course& course, InstrumentRef instrument) {
  ScorePair pair;
  bool any = false;
  for (const Course::Score& score : course.scores) {
    if (score.instrument != instrument || score.is_void || !score.value) {
      continue;
    }
    (any ? pair.last : pair.first) = score.value;
    any = true;
  }
  return pair;
}

}  // namespace stepwell::metrics
