#include "metrics/course.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace stepwell::metrics {

using namespace engine;  // NOLINT: the events' names, here and only here

namespace {

std::optional<double> ValueOf(const std::optional<Ratio>& score) {
  if (!score) return std::nullopt;
  return static_cast<double>(score->numerator) /
         static_cast<double>(score->denominator);
}

// Nothing for what a damaged log names and the protocol lacks.
template <class Tag, class T>
const T* Find(const std::vector<T>& list, protocol::Symbol<Tag> which) {
  return which.value < list.size() ? &list[which.value] : nullptr;
}

// Part of the program of everybody who takes it.
bool IsGiven(const protocol::Element& module) {
  return !module.optional && module.set == 0xFF;
}

struct Taker {
  Course& course;
  const Event& event;
  const protocol::Protocol& protocol;

  Course::Item* At(uint32_t ordinal) {
    return ordinal < course.items.size() ? &course.items[ordinal] : nullptr;
  }
  void AddEffort(Activity activity, std::optional<int32_t> minutes,
                 std::optional<uint32_t> alert = std::nullopt) {
    course.efforts.push_back(
        {activity, event.at, minutes, course.acting, alert, std::nullopt});
  }

  void operator()(const CommandRecorded& e) {
    course.acting = e.envelope.actor.staff;
  }
  void Own(StaffId staff) { course.owners.push_back({event.at, staff}); }
  // The facts that a new episode begins without say nothing from here on.
  void Forget(FactId fact) {
    course.text_facts.push_back({fact, event.at, ""});
  }

  void operator()(const CaseOpened& e) {
    course.is_open = true;
    course.episodes.push_back({event.at, std::nullopt, "", std::nullopt});
    Own(e.owner.staff);
  }
  void operator()(const EpisodeOpened& e) {
    course.is_open = true;
    course.episodes.push_back({event.at, std::nullopt, "", std::nullopt});
    for (const FactId fact : e.facts_dropped) Forget(fact);
  }
  void operator()(const EpisodeClosed&) {
    course.is_open = false;
    course.closed_at = event.at;
    if (!course.episodes.empty()) course.episodes.back().closed_at = event.at;
  }
  void operator()(const ReferralAttached& e) {
    AddToEpisode(e.referral);
    if (course.referrals++ > 0) return;
    course.scores.clear();  // of care elsewhere: no change of this one's
    course.route = e.referral.route;
    course.referred_at = e.referral.wait_from;
  }
  // It was of another patient, one of several of the episode.
  void Unrefer(ReferralId id) {
    --course.referrals;
    if (course.episodes.empty()) return;
    Course::Episode& episode = course.episodes.back();
    std::erase_if(episode.referrals,
                  [id](const Course::Referred& one) { return one.id == id; });
    DateEpisode(episode);
    if (course.episodes.size() > 1 || episode.referrals.empty()) return;
    course.route = episode.referrals.front().route;
    course.referred_at = episode.referrals.front().wait_from;
  }
  void AddToEpisode(const Referral& referral) {
    if (course.episodes.empty()) return;
    course.episodes.back().referrals.push_back(
        {referral.id, referral.route, referral.wait_from});
    DateEpisode(course.episodes.back());
  }
  void DateEpisode(Course::Episode& episode) {
    if (episode.referrals.empty()) return;
    const Course::Referred& first = episode.referrals.front();
    episode.referred_at = first.wait_from;
    for (const Course::Referred& one : episode.referrals) {
      episode.referred_at = std::min(*episode.referred_at, one.wait_from);
    }
    const auto* route = Find(protocol.routes, first.route);
    if (route != nullptr) episode.route = route->id;
  }
  void operator()(const CaseAssigned& e) { Own(e.owner.staff); }
  void operator()(const FactRecorded& e) {
    // Without a value it is not known any more: what said it was taken back.
    if (e.value.kind == FactValue::Kind::kNone) Forget(e.fact);
    if (e.value.kind != FactValue::Kind::kText) return;
    auto to = course.text_facts.end();
    if (e.outdone) {  // before what was known already
      to = std::find_if(course.text_facts.begin(), to,
                        [&](const Course::TextFact& known) {
                          return known.fact == e.fact && event.at < known.at;
                        });
    }
    course.text_facts.insert(to, {e.fact, event.at, e.value.text});
  }
  void operator()(const MilestoneReached& e) {
    course.milestones.push_back({e.milestone, event.at});
  }
  void operator()(const ItemOpened& e) {
    Course::Item item;
    item.element = e.key.element;
    item.of_patient = e.owner.IsPatient();
    if (const auto* element = Find(protocol.elements, e.key.element)) {
      item.activity = ActivityOf(*element);
      item.by_data = element->by_data;
      item.is_contact = element->counts_as_contact;
      item.is_form = element->kind == protocol::ItemKind::kQuestionnaire;
    }
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
      item->ended_by = item->first_by.value != 0
                           ? std::exchange(item->first_by, StaffId(0))
                           : course.acting;
      course.done_last = e.item;
    }
  }
  // Their work, whatever the second person says; what is signed is counted with
  // the item.
  void operator()(const SignAsked& e) {
    if (Course::Item* item = At(e.item)) {
      item->first_by = e.by;
      course.efforts.push_back(
          {item->activity, event.at, e.minutes, e.by, std::nullopt, e.item});
    }
  }
  void operator()(const SignSettled& e) {
    if (e.given) {
      std::erase_if(course.efforts, [&](const Course::Effort& effort) {
        return effort.unsigned_item == e.item;
      });
    } else {
      EndSign(e.item);
    }
    AddEffort(Activity::kSupervision, e.minutes);
  }
  void EndSign(uint32_t ordinal) {
    if (Course::Item* item = At(ordinal)) item->first_by = StaffId(0);
    for (Course::Effort& effort : course.efforts) {
      if (effort.unsigned_item == ordinal) effort.unsigned_item.reset();
    }
  }
  void operator()(const ItemEnded& e) {
    if (Course::Item* item = At(e.item)) {
      item->status = e.status;
      item->ended_at = event.at;
      EndSign(e.item);
    }
  }
  void operator()(const EnrolmentStarted& e) {
    Course::Enrolment enrolment;
    enrolment.at = event.at;
    if (const auto* program = Find(protocol.programs, e.program)) {
      enrolment.program = program->id;
      enrolment.modules = static_cast<uint32_t>(std::count_if(
          program->modules.begin(), program->modules.end(),
          [&](ElementId module) { return IsGiven(protocol.at(module)); }));
    }
    course.enrolments.push_back(std::move(enrolment));
  }
  // It follows the end of its item.
  void operator()(const ModuleCompleted& e) {
    Course::ModuleDone done;
    done.at = event.at;
    done.program = e.program;
    done.item = course.done_last;
    const auto* program = Find(protocol.programs, e.program);
    if (program != nullptr) {
      for (const ElementId id : program->modules) {
        const protocol::Element& element = protocol.at(id);
        if (element.module == e.module) done.is_given = IsGiven(element);
      }
    }
    course.modules_done.push_back(done);
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
      // It is of the time of what it replaces, unless it names another.
      if (event.at < event.recorded) known.at = event.at;
      return;
    }
    course.responses.push_back({e.response_id, event.seq, event.at});
  }
  void operator()(const ScoreRecorded& e) {
    Course::Score score;
    score.instrument = e.instrument;
    score.seq = event.seq;
    score.response_seq = e.response_seq;
    score.at = event.at;
    for (const Course::Response& response : course.responses) {
      if (response.seq == e.response_seq) score.at = response.at;
    }
    score.value = ValueOf(e.score);
    score.exact = e.score;
    score.prorated = e.prorated;
    course.scores.push_back(score);
  }
  void operator()(const Amended& e) {
    for (const CorrectedScore& corrected : e.scores) {
      for (Course::Score& score : course.scores) {
        if (score.seq != corrected.seq) continue;
        score.value = ValueOf(corrected.score);
        score.exact = corrected.score;
      }
    }
  }
  void operator()(const Migrated& e) {
    const protocol::SymbolTables& tables = e.tables;
    course.route = tables.Map(course.route);
    for (Course::Item& item : course.items) {
      item.element = tables.Map(item.element);
    }
    for (Course::Milestone& reached : course.milestones) {
      reached.milestone = tables.Map(reached.milestone);
    }
    for (Course::Score& score : course.scores) {
      score.instrument = tables.Map(score.instrument);
    }
    for (Course::TextFact& fact : course.text_facts) {
      fact.fact = tables.Map(fact.fact);
    }
    for (Course::ModuleDone& done : course.modules_done) {
      done.program = tables.Map(done.program);
    }
    for (Course::Alert& alert : course.alerts) {
      alert.owner.pool = tables.Map(alert.owner.pool);
      alert.tier = tables.Map(alert.tier);
      alert.source.instrument = tables.Map(alert.source.instrument);
    }
    for (Course::AlertNow& now : course.alerts_now) {
      now.tier = tables.Map(now.tier);
      now.source.instrument = tables.Map(now.source.instrument);
      now.owner.pool = tables.Map(now.owner.pool);
    }
    for (engine::FollowUpState& known : course.follow_ups) {
      known.window = tables.Map(known.window);
    }
    std::erase_if(course.follow_ups, [](const engine::FollowUpState& known) {
      return known.window.IsNone();
    });
  }
  Course::AlertSource SourceOf(uint64_t response_seq, uint64_t flag_seq) const {
    if (flag_seq != 0) return {Course::AlertFrom::kFlag, {}};
    if (response_seq == 0) return {};
    Course::AlertSource source{Course::AlertFrom::kAnswers, {}};
    for (const Course::Score& score : course.scores) {
      if (score.response_seq == response_seq) {
        source.instrument = score.instrument;
      }
    }
    return source;
  }
  void AddAlert(Course::AlertKind kind, uint32_t alert, const Owner& owner,
                const Course::AlertSource* source = nullptr) {
    if (alert >= course.alerts_now.size()) return;
    Course::AlertNow& now = course.alerts_now[alert];
    now.owner = owner;
    course.alerts.push_back({kind, event.at, owner, now.tier,
                             source == nullptr ? now.source : *source});
  }
  void operator()(const AlertRaised& e) {
    const auto alert = static_cast<uint32_t>(course.alerts_now.size());
    course.alerts_now.push_back(
        {e.tier, SourceOf(e.response_seq, e.flag_seq), e.owner});
    AddAlert(Course::AlertKind::kRaised, alert, e.owner);
  }
  void operator()(const AlertEvidenceAdded& e) {
    if (!e.rearmed) return;
    const Course::AlertSource source = SourceOf(e.response_seq, e.flag_seq);
    AddAlert(Course::AlertKind::kRepeated, e.alert, e.owner, &source);
  }
  void operator()(const AlertRetiered& e) {
    if (e.alert < course.alerts_now.size()) {
      course.alerts_now[e.alert].tier = e.tier;
    }
    AddAlert(Course::AlertKind::kRetiered, e.alert, e.owner);
  }
  void operator()(const AlertEscalated& e) {
    // A rung that comes again passes it on to nobody.
    if (e.alert < course.alerts_now.size() &&
        course.alerts_now[e.alert].owner != e.owner) {
      AddAlert(Course::AlertKind::kEscalated, e.alert, e.owner);
    }
  }
  void operator()(const AlertStepped& e) {
    if (e.alert < course.alerts_now.size()) {
      course.alerts_now[e.alert].owner = e.owner;
    }
    AddEffort(Activity::kAlert, e.minutes, e.alert);
  }
  void operator()(const MessageSent& e) {
    AddEffort(Activity::kMessage, e.minutes);
  }
  // Closed without an answer: work when somebody says that it was.
  void operator()(const MessageSettled& e) {
    if (e.minutes) AddEffort(Activity::kMessage, e.minutes);
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
  void operator()(const FollowUpChanged& e) { ApplyTo(course.follow_ups, e); }
  void operator()(const FollowUpAnswered& e) {
    ApplyTo(course.follow_ups, e, event.seq, event.at);
  }
  // The one whose item is open again, else the latest of the program.
  void TakeBackModule(ProgramRef program, const Voided& e) {
    auto& all = course.modules_done;
    auto found = all.end();
    for (auto it = all.begin(); it != all.end(); ++it) {
      if (it->program != program) continue;
      found = it;
      const auto& open = e.items_reopened;
      if (std::find(open.begin(), open.end(), it->item) != open.end()) break;
    }
    if (found != all.end()) all.erase(found);
  }
  // An alert goes back by its last step.
  void TakeBackStep(const AlertBefore& before) {
    auto& all = course.efforts;
    const auto step = std::find_if(
        all.rbegin(), all.rend(),
        [&](const Course::Effort& e) { return e.alert == before.alert; });
    if (step != all.rend()) all.erase(std::next(step).base());
  }
  void operator()(const Voided& e) {
    TakeBack(course.follow_ups, e.window_answers);
    for (const ReferralId id : e.referrals) Unrefer(id);
    course.voided_responses += static_cast<uint32_t>(e.responses.size());
    for (const uint64_t seq : e.scores) {
      for (Course::Score& score : course.scores) {
        if (score.seq == seq) score.is_void = true;
      }
    }
    for (const uint64_t seq : e.responses_restored) Restore(e, seq);
    for (const FactId fact : e.facts) Forget(fact);
    for (const FactState& fact : e.facts_restored) {
      if (fact.value.kind != FactValue::Kind::kText) continue;
      course.text_facts.push_back({fact.fact, event.at, fact.value.text});
    }
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
    for (const ProgramRef program : e.modules) TakeBackModule(program, e);
    for (const AlertBefore& before : e.alerts_before) TakeBackStep(before);
    less(course.programs_completed, e.programs.size());
  }
  template <class E>
  void operator()(const E&) {}
};

}  // namespace

const char* ActivityName(Activity activity) {
  static constexpr const char* kNames[kActivities] = {
      "appointment",   "check",   "task",  "decision",   "letter",
      "questionnaire", "message", "alert", "supervision"};
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

bool IsStaffWork(const Course::Item& item) {
  return item.status == ItemStatus::kDone && !item.of_patient && !item.by_data;
}

std::vector<Instant> ContactsOf(const Course& course) {
  std::vector<Instant> contacts;
  for (const Course::Item& item : course.items) {
    if (item.status == ItemStatus::kDone && item.is_contact) {
      contacts.push_back(item.ended_at);
    }
  }
  std::sort(contacts.begin(), contacts.end());
  return contacts;
}

ScorePair FirstAndLast(const Course& course, InstrumentRef instrument,
                       const Window& window, Prorated prorated) {
  const Course::Score *first = nullptr, *last = nullptr;
  ScorePair pair;
  for (const Course::Score& score : course.scores) {
    if (score.instrument != instrument || score.is_void || !score.value ||
        !window.Contains(score.at)) {
      continue;
    }
    if (score.prorated && prorated == Prorated::kIsLeftOut) {
      ++pair.left_out;
      continue;
    }
    // Of the same time the one that was recorded first comes first.
    if (first == nullptr || score.at < first->at) first = &score;
    if (last == nullptr || score.at >= last->at) last = &score;
  }
  if (first != nullptr) pair.first = first->value;
  if (last != first) pair.last = last->value;
  return pair;
}

}  // namespace stepwell::metrics
