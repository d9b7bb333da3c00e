#include "host/log_rows.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_join.h"

namespace stepwell::host {

using namespace engine;  // NOLINT: the events' names, here and only here

struct RowTaker {
  CaseRows& rows;
  const Event& event;
  const wire::Names& names;

  RowTimes Times() const { return {event.at, event.recorded}; }
  uint16_t Episode() const {
    return static_cast<uint16_t>(rows.episodes.size());
  }
  template <class T>
  static T* At(std::vector<T>& list, size_t index) {
    return index < list.size() ? &list[index] : nullptr;
  }
  template <class T>
  T* BySeq(std::vector<T>& list, uint64_t seq) {
    const auto it = std::find_if(list.begin(), list.end(),
                                 [&](const T& row) { return row.seq == seq; });
    return it == list.end() ? nullptr : &*it;
  }
  template <class Id>
  std::string Name(Id id) const {
    return id.IsNone() ? std::string() : wire::NameOf(names, id);
  }
  // Nothing where a damaged log names what the protocol lacks.
  template <class Tag, class T>
  static const T* Find(const std::vector<T>& list,
                       protocol::Symbol<Tag> which) {
    return which.value < list.size() ? &list[which.value] : nullptr;
  }
  const protocol::ImportedInstrument* Instrument(InstrumentRef ref) const {
    return Find(names.protocol->instruments, ref);
  }

  void operator()(const CommandRecorded& e) {
    rows.acting_ = e.envelope.actor.staff;
  }

  // --- referrals, episodes, who is responsible

  void operator()(const CaseOpened& e) {
    rows.person = e.person;
    rows.episodes.push_back({1, Times(), std::nullopt, ""});
    Assign(e.owner);
  }
  void operator()(const EpisodeOpened& e) {
    rows.episodes.push_back({e.episode, Times(), std::nullopt, ""});
  }
  void operator()(const EpisodeClosed& e) {
    if (rows.episodes.empty()) return;
    rows.episodes.back().closed = Times();
    rows.episodes.back().reason = Name(e.reason);
  }
  void AddReferral(const Referral& referral, uint16_t episode) {
    std::erase_if(rows.referrals, [&](const ReferralRow& known) {
      return known.id == referral.id && !known.ended_as.empty();
    });
    ReferralRow row;
    row.id = referral.id;
    row.times = {referral.received_at, event.recorded};
    row.episode = episode;
    row.route = Name(referral.route);
    row.referrer = referral.referrer;
    row.information_source = referral.information_source;
    row.disposition = Name(referral.disposition);
    row.wait_from = referral.wait_from;
    row.answered_at = referral.answered_at;
    if (referral.ended_as) row.ended_as = wire::EnumName(*referral.ended_as);
    rows.referrals.push_back(std::move(row));
  }
  void operator()(const ReferralAttached& e) {
    AddReferral(e.referral, Episode());
  }
  void operator()(const EndedReferralFiled& e) { AddReferral(e.referral, 0); }
  void operator()(const ReferralAnswered& e) {
    for (ReferralRow& row : rows.referrals) {
      if (row.id != e.referral) continue;
      row.disposition = Name(e.disposition);
      row.answered_at = event.at;
    }
  }
  void Assign(const Owner& owner) {
    AssignmentRow row;
    row.pool = Name(owner.pool);
    if (owner.staff.value != 0) row.staff = wire::NameOf(names, owner.staff);
    if (!rows.assignments.empty()) {
      AssignmentRow& last = rows.assignments.back();
      if (last.pool == row.pool && last.staff == row.staff) return;  // it stays
      last.until = event.at;
    }
    row.number = static_cast<uint32_t>(rows.assignments.size() + 1);
    row.times = Times();
    rows.assignments.push_back(std::move(row));
  }
  void operator()(const CaseAssigned& e) { Assign(e.owner); }

  // --- programs

  void operator()(const EnrolmentStarted& e) {
    EnrolmentRow row;
    row.enrolment = static_cast<uint32_t>(rows.enrolments.size() + 1);
    row.episode = Episode();
    row.times = Times();
    if (const auto* program = Find(names.protocol->programs, e.program)) {
      row.program = program->id;
      row.version = program->version;
    }
    row.guidance = e.guidance;
    row.language = e.language;
    rows.enrolments.push_back(std::move(row));
  }
  void operator()(const EnrolmentEnded& e) {
    if (EnrolmentRow* row = At(rows.enrolments, e.enrolment - 1u)) {
      row->ended_at = event.at;
    }
  }
  void operator()(const EnrolmentChanged& e) {
    if (EnrolmentRow* row = At(rows.enrolments, e.enrolment - 1u)) {
      row->guidance = e.guidance;
      row->language = e.language;
    }
  }
  // Of the last one that took the program and goes on.
  void operator()(const ProgramCompleted& e) {
    const auto* program = Find(names.protocol->programs, e.program);
    if (program == nullptr) return;
    for (auto row = rows.enrolments.rbegin(); row != rows.enrolments.rend();
         ++row) {
      if (row->program != program->id || row->ended_at != Instant()) continue;
      row->ended_at = event.at;
      row->completed = true;
      return;
    }
  }

  // --- questionnaires

  void operator()(const ResponseReceived& e) {
    for (ResponseRow& known : rows.responses) {
      if (e.response_id.empty() || known.id != e.response_id ||
          known.replaced_by) {
        continue;
      }
      known.replaced_by = event.seq;
      for (ScoreRow& score : rows.scores) {
        if (score.response == known.seq) score.is_void = true;
      }
    }
    ResponseRow row;
    row.seq = event.seq;
    row.episode = Episode();
    row.times = Times();
    row.id = e.response_id;
    row.fit = wire::EnumName(e.fit);
    row.language = e.language;
    const protocol::ImportedInstrument* imported = Instrument(e.instrument);
    if (imported != nullptr) {
      row.instrument = imported->id;
      row.version = imported->version;
    }
    for (const GivenAnswer& given : e.answers) {
      AnswerRow answer;
      answer.position = static_cast<uint32_t>(row.answers.size());
      const bool known = imported != nullptr &&
                         given.item < imported->instrument->items().size();
      answer.item =
          known ? imported->instrument->items()[given.item].id : given.name;
      answer.number = given.number;
      answer.text = given.text;
      row.answers.push_back(std::move(answer));
    }
    rows.responses.push_back(std::move(row));
  }
  void PutBands(InstrumentRef ref, uint8_t band, uint8_t tier, Answer3 risk,
                ScoreRow& row) const {
    row.risk = wire::EnumName(risk);
    row.band.clear();
    row.tier.clear();
    const protocol::ImportedInstrument* imported = Instrument(ref);
    if (imported == nullptr) return;
    const instruments::Instrument& instrument = *imported->instrument;
    if (instrument.risk_markers().empty()) row.risk.clear();
    if (instrument.has_total() && band < instrument.scales()[0].bands.size()) {
      row.band = instrument.scales()[0].bands[band].id;
    }
    if (tier < instrument.tiers().ids.size()) {
      row.tier = instrument.tiers().ids[tier];
    }
  }
  // By the answers and the document: they are not recorded.
  void PutSubscales(InstrumentRef ref, ScoreRow& row) const {
    const protocol::ImportedInstrument* imported = Instrument(ref);
    const std::vector<GivenAnswer>* answers = rows.answers_.Find(row.response);
    row.subscales.clear();
    if (imported == nullptr || answers == nullptr) return;
    const instruments::Instrument& instrument = *imported->instrument;
    const size_t first = instrument.has_total() ? 1 : 0;
    if (instrument.scales().size() == first) return;
    const protocol::Protocol& protocol = *names.protocol;
    const instruments::ScoreContext context =
        rows.answers_.Context(protocol, row.times.at);
    const instruments::ScoreResult result =
        rows.answers_.Score(instrument, *answers, protocol, row.times.at);
    for (size_t i = first; i < instrument.scales().size(); ++i) {
      row.subscales.push_back(
          SubscaleOf(instrument.scales()[i], result.scales[i], context));
    }
  }
  static SubscaleRow SubscaleOf(const instruments::Scale& scale,
                                const instruments::ScaleScore& score,
                                const instruments::ScoreContext& context) {
    SubscaleRow row;
    row.id = scale.id;
    row.prorated = score.prorated;
    if (!score.score) return row;
    row.score = score.exact->ToDouble();
    if (score.band >= 0) {
      row.band = scale.bands[static_cast<size_t>(score.band)].id;
    }
    if (scale.norms.empty()) return row;
    const instruments::NormTable& table = scale.norms[0];
    const auto norm =
        instruments::NormOf(table, *score.score, context.sex, context.age);
    if (!norm) return row;
    row.norm = norm->ToDouble();
    row.norm_band = instruments::NormBandId(table, *norm);
    return row;
  }
  void operator()(const ScoreRecorded& e) {
    ScoreRow row;
    row.seq = event.seq;
    row.response = e.response_seq;
    row.episode = e.episode != 0 ? e.episode : Episode();
    row.times = Times();
    if (const auto* imported = Instrument(e.instrument)) {
      row.instrument = imported->id;
      row.version = imported->version;
    }
    row.score = row.first_score = e.score;
    row.prorated = e.prorated;
    row.missing = static_cast<uint32_t>(e.missing.size());
    row.flags = absl::StrJoin(e.flags_set, ", ");
    PutSubscales(e.instrument, row);
    PutBands(e.instrument, e.band, e.tier, e.risk, row);
    rows.scores.push_back(std::move(row));
  }
  void operator()(const Amended& e) {
    for (const CorrectedScore& corrected : e.scores) {
      ScoreRow* row = BySeq(rows.scores, corrected.seq);
      if (row == nullptr) continue;
      row->corrected = true;
      row->score = corrected.score;
      // By the version that the correction leads to.
      const auto& known = names.protocol->instruments;
      for (uint16_t i = 0; i < known.size(); ++i) {
        if (known[i].id != row->instrument) continue;
        PutBands(InstrumentRef(i), corrected.band, corrected.tier,
                 corrected.risk, *row);
      }
    }
    // Of a score that is the same the subscales may not be.
    const auto& known = names.protocol->instruments;
    for (ScoreRow& row : rows.scores) {
      for (uint16_t i = 0; i < known.size(); ++i) {
        if (known[i].id == row.instrument) PutSubscales(InstrumentRef(i), row);
      }
    }
  }

  // --- alerts

  void operator()(const RiskFlagged& e) { rows.flags_[event.seq] = e.source; }
  std::string SourceOf(uint64_t response_seq, uint64_t flag_seq) {
    if (flag_seq != 0) return "flag";
    const ResponseRow* response = BySeq(rows.responses, response_seq);
    return response == nullptr ? "rule" : response->instrument;
  }
  void AddCall(AlertCall call, AlertRow& row, const std::string& source) {
    rows.alert_calls.push_back({call, event.at, Name(row.owner.pool), row.tier,
                                source, row.owner.staff});
  }
  void operator()(const AlertRaised& e) {
    AlertRow row;
    row.alert = static_cast<uint32_t>(rows.alerts.size());
    row.episode = Episode();
    row.times = Times();
    row.tier = row.first_tier = Name(e.tier);
    row.response = e.response_seq;
    row.evidence = 1;
    row.source = SourceOf(e.response_seq, e.flag_seq);
    if (e.flag_seq != 0) row.flagged = rows.flags_[e.flag_seq];
    row.owner = e.owner;
    AddCall(AlertCall::kRaised, row, row.source);
    rows.alerts.push_back(std::move(row));
  }
  void operator()(const AlertEvidenceAdded& e) {
    AlertRow* row = At(rows.alerts, e.alert);
    if (row == nullptr) return;
    ++row->evidence;
    if (e.rearmed) {
      StartOver(*row);
      row->owner = e.owner;
    }
    AddCall(e.rearmed ? AlertCall::kRearmed : AlertCall::kLogged, *row,
            SourceOf(e.response_seq, e.flag_seq));
  }
  void operator()(const AlertRetiered& e) {
    AlertRow* row = At(rows.alerts, e.alert);
    if (row == nullptr) return;
    row->tier = Name(e.tier);
    StartOver(*row);
    row->owner = e.owner;
    AddCall(AlertCall::kRetiered, *row, row->source);
  }
  static void StartOver(AlertRow& row) {
    row.acknowledged_at = row.assessed_at = {};
    row.outcome.clear();
  }
  void operator()(const AlertStepped& e) {
    AddWork(metrics::Activity::kAlert, "", e.minutes, false, rows.acting_);
    rows.work.back().alert = e.alert;
    AlertRow* row = At(rows.alerts, e.alert);
    if (row == nullptr) return;
    row->owner = e.owner;
    if (e.stage == AlertStage::kAcknowledged) row->acknowledged_at = event.at;
    if (e.stage == AlertStage::kAssessed) row->assessed_at = event.at;
    if (e.stage == AlertStage::kClosed) row->closed_at = event.at;
    if (!e.outcome.IsNone()) row->outcome = Name(e.outcome);
  }
  void operator()(const AlertEscalated& e) {
    AlertRow* row = At(rows.alerts, e.alert);
    // A rung that comes again passes it on to nobody.
    if (row == nullptr || row->owner == e.owner) return;
    ++row->escalations;
    row->owner = e.owner;
    AddCall(AlertCall::kEscalated, *row, row->source);
  }

  // --- reviews

  void operator()(const ReviewDrawn& e) { rows.reviews_[e.item] = e; }
  void operator()(const ReviewAnswered& e) {
    const auto drawn = rows.reviews_.find(e.item);
    const CaseRows::Item* item = At(rows.items_, e.item);
    if (drawn == rows.reviews_.end() || item == nullptr) return;
    for (const ChecklistAnswer& given : e.checklist) {
      rows.checklists.push_back({event.seq, Episode(), Times(), item->name,
                                 drawn->second.month, drawn->second.about,
                                 given.question, wire::EnumName(given.answer),
                                 drawn->second.of, rows.acting_});
    }
  }

  // --- work

  void operator()(const ItemOpened& e) {
    CaseRows::Item item;
    item.name = Name(e.key.element);
    item.of_staff = !e.owner.IsPatient();
    if (const auto* element = Find(names.protocol->elements, e.key.element)) {
      item.activity = metrics::ActivityOf(*element);
      item.of_staff = item.of_staff && !element->by_data;
      item.is_contact = element->counts_as_contact;
    }
    rows.items_.push_back(std::move(item));
  }
  void operator()(const ItemDone& e) {
    CaseRows::Item* item = At(rows.items_, e.item);
    if (item == nullptr || !item->of_staff) return;
    item->done_seq = event.seq;
    const StaffId first = std::exchange(item->first_by, StaffId(0));
    AddWork(item->activity, item->name, e.minutes, item->is_contact,
            first.value != 0 ? first : rows.acting_);
  }
  // Their work, whatever the second person says; what is signed has the row of
  // the item that is done.
  void operator()(const SignAsked& e) {
    CaseRows::Item* item = At(rows.items_, e.item);
    if (item == nullptr || !item->of_staff) return;
    item->first_by = e.by;
    item->first_seq = event.seq;
    AddWork(item->activity, item->name, e.minutes, false, e.by);
  }
  void operator()(const SignSettled& e) {
    CaseRows::Item* item = At(rows.items_, e.item);
    if (item == nullptr || !item->of_staff) return;
    if (e.given) {
      std::erase_if(rows.work, [item](const WorkRow& row) {
        return row.seq == item->first_seq;
      });
    } else {
      item->first_by = StaffId(0);
    }
    AddWork(metrics::Activity::kSupervision, item->name, e.minutes, false,
            rows.acting_);
  }
  void operator()(const ItemEnded& e) {
    CaseRows::Item* item = At(rows.items_, e.item);
    if (item != nullptr) item->first_by = StaffId(0);
  }
  void operator()(const MessageSent& e) {
    AddWork(metrics::Activity::kMessage, "", e.minutes, false, rows.acting_);
  }
  // Closed without an answer: work when somebody says that it was.
  void operator()(const MessageSettled& e) {
    if (!e.minutes) return;
    AddWork(metrics::Activity::kMessage, "", e.minutes, false, rows.acting_);
  }
  void AddWork(metrics::Activity activity, std::string item,
               std::optional<int32_t> minutes, bool is_contact, StaffId staff) {
    WorkRow row;
    row.seq = event.seq;
    row.episode = Episode();
    row.times = Times();
    row.item = std::move(item);
    row.activity = activity;
    row.staff = staff;
    row.minutes = minutes;
    row.is_contact = is_contact;
    rows.work.push_back(std::move(row));
  }

  // --- clocks

  void AddClock(uint32_t clock, ClockDefId def, const Subject& subject,
                Instant started_at, Instant due) {
    ClockRow row;
    row.clock = clock;
    row.times = Times();
    row.name = Name(def);
    row.about = wire::EnumName(subject.kind);
    row.ordinal = subject.ordinal;
    row.started_at = started_at;
    row.due = due;
    rows.clocks.push_back(std::move(row));
  }
  ClockRow* Clock(uint32_t ordinal) {
    for (auto row = rows.clocks.rbegin(); row != rows.clocks.rend(); ++row) {
      if (row->clock == ordinal) return &*row;
    }
    return nullptr;
  }
  void operator()(const ClockStarted& e) {
    AddClock(e.clock, e.def, e.subject, e.started_at, e.due);
  }
  void operator()(const ClockAdopted& e) {
    AddClock(e.clock, e.def, e.subject, e.started_at, e.due);
  }
  void operator()(const ClockFired& e) {
    ClockRow* row = Clock(e.clock);
    if (row == nullptr) return;
    ++row->fired;
    row->fired_at = event.at;
  }
  void operator()(const ClockChanged& e) {
    ClockRow* row = Clock(e.clock);
    if (row == nullptr) return;
    row->started_at = e.started_at;
    row->due = e.due;
  }
  void operator()(const ClockStopped& e) {
    if (ClockRow* row = Clock(e.clock)) row->stopped_at = event.at;
  }
  void operator()(const Migrated& e) {
    for (const MigratedClock& moved : e.clocks) {
      ClockRow* row = Clock(moved.clock);
      if (row == nullptr) continue;
      row->started_at = moved.started_at;
      row->due = moved.due;
    }
  }

  // --- what is taken back

  void operator()(const Voided& e) {
    std::erase_if(rows.referrals, [&](const ReferralRow& row) {
      return std::find(e.referrals.begin(), e.referrals.end(), row.id) !=
             e.referrals.end();
    });
    for (const uint64_t seq : e.responses) {
      if (ResponseRow* row = BySeq(rows.responses, seq)) row->is_void = true;
    }
    for (const uint64_t seq : e.scores) {
      if (ScoreRow* row = BySeq(rows.scores, seq)) row->is_void = true;
    }
    for (const uint32_t ordinal : e.items_reopened) {
      CaseRows::Item* item = At(rows.items_, ordinal);
      if (item == nullptr) continue;
      WorkRow* row = BySeq(rows.work, item->done_seq);
      if (row != nullptr) row->is_void = true;
    }
    for (const ProgramRef& ref : e.programs) TakeBackProgram(ref);
    for (const uint64_t seq : e.responses_restored) Restore(seq);
    for (const AlertBefore& before : e.alerts_before) StepBack(before);
  }
  // What an amendment that is taken back had replaced.
  void Restore(uint64_t seq) {
    if (ResponseRow* row = BySeq(rows.responses, seq)) row->replaced_by.reset();
    for (ScoreRow& score : rows.scores) {
      if (score.response == seq) score.is_void = false;
    }
  }
  // By its last step, whose work is taken back with it.
  void StepBack(const AlertBefore& before) {
    const auto step = std::find_if(
        rows.work.rbegin(), rows.work.rend(), [&](const WorkRow& work) {
          return work.alert == before.alert && !work.is_void;
        });
    if (step != rows.work.rend()) step->is_void = true;
    AlertRow* row = At(rows.alerts, before.alert);
    if (row == nullptr) return;
    if (before.stage < AlertStage::kClosed) row->closed_at = {};
    if (before.stage < AlertStage::kAssessed) {
      row->assessed_at = {};
      row->outcome.clear();
    }
    if (before.stage < AlertStage::kAcknowledged) row->acknowledged_at = {};
  }
  void TakeBackProgram(ProgramRef ref) {
    const auto* program = Find(names.protocol->programs, ref);
    if (program == nullptr) return;
    for (auto row = rows.enrolments.rbegin(); row != rows.enrolments.rend();
         ++row) {
      if (row->program != program->id || !row->completed) continue;
      row->completed = false;
      row->ended_at = {};
      return;
    }
  }

  template <class E>
  void operator()(const E&) {}
};

void CaseRows::Take(const Event& event, const wire::Names& names) {
  std::visit(RowTaker{*this, event, names}, event.body);
  if (with_subscales) answers_.Take(event);
}

}  // namespace stepwell::host
