#include "host/log_tables.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "base/zone.h"
#include "host/lines.h"

namespace stepwell::host {

namespace {

using Type = Column::Type;

constexpr char kCase[] = "the case";
constexpr char kAt[] = "when it happened";
constexpr char kRecorded[] = "when it was written down";
constexpr char kEpisode[] = "the episode, from 1";
constexpr char kInstrument[] =
    "id of the questionnaire in the catalogue; null: no questionnaire of the "
    "protocol";
constexpr char kVersion[] = "its version";

constexpr ColumnSpec kReferral[] = {
    {"case", Type::kText, kCase},
    {"referral", Type::kText, "the referral"},
    {"person", Type::kText, "whom it is about"},
    {"episode", Type::kInteger, "that it belongs to; null: of care elsewhere"},
    {"route", Type::kText, "the way in"},
    {"referrer", Type::kText, "as the host names them; null: the person"},
    {"information_source", Type::kText, "how the person heard of the service"},
    {"wait_from", Type::kTime, "where the legal wait starts"},
    {"disposition", Type::kText, "how it was answered; null: not yet"},
    {"answered_at", Type::kTime, "when it was answered"},
    {"ended_as", Type::kText, "of care that had ended before it came"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kEpisodes[] = {
    {"case", Type::kText, kCase},
    {"episode", Type::kInteger, kEpisode},
    {"person", Type::kText, "whose it is"},
    {"closed_at", Type::kTime, "when it ended; null: it goes on"},
    {"closed_recorded", Type::kTime, "when that was written down"},
    {"reason", Type::kText, "why it ended"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kEnrolment[] = {
    {"case", Type::kText, kCase},
    {"enrolment", Type::kInteger, "its number in the case, from 1"},
    {"episode", Type::kInteger, kEpisode},
    {"program", Type::kText, "id of the program in the catalogue"},
    {"version", Type::kText, kVersion},
    {"guidance", Type::kInteger, "level of guidance, as the program counts"},
    {"language", Type::kText, "of the material; null: the patient's"},
    {"ended_at", Type::kTime, "when it ended; null: it goes on"},
    {"completed", Type::kBool, "it ended with every module done"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kResponse[] = {
    {"case", Type::kText, kCase},
    {"response", Type::kInteger, "number of its event in the case"},
    {"episode", Type::kInteger, kEpisode},
    {"response_id", Type::kText, "as the sender named it"},
    {"instrument", Type::kText, kInstrument},
    {"version", Type::kText, kVersion},
    {"fit", Type::kText, "item, unasked, amendment, unreadable"},
    {"language", Type::kText, "that it was answered in"},
    {"answers", Type::kInteger, "how many it has: rows of `answer`"},
    {"replaced_by", Type::kInteger, "the response that amends it"},
    {"void", Type::kBool, "it was taken back"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kAnswer[] = {
    {"case", Type::kText, kCase},
    {"response", Type::kInteger, "its response"},
    {"position", Type::kInteger, "in the response, from 0"},
    {"instrument", Type::kText, kInstrument},
    {"item", Type::kText, "id of the question, or what was sent as that"},
    {"number", Type::kInteger, "the answer; null: no number, or none given"},
    {"text", Type::kText, "the answer where it is no number"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kScore[] = {
    {"case", Type::kText, kCase},
    {"score_event", Type::kInteger, "number of its event in the case"},
    {"response", Type::kInteger, "its response; null: of an adopted case"},
    {"episode", Type::kInteger, kEpisode},
    {"instrument", Type::kText, kInstrument},
    {"version", Type::kText, kVersion},
    {"score", Type::kNumber, "as it stands; null: it cannot be given"},
    {"first_score", Type::kNumber, "as it was recorded first"},
    {"band", Type::kText, "as it stands"},
    {"tier", Type::kText, "as it stands"},
    {"risk", Type::kText, "no, yes, unknown; null: it asks nothing of risk"},
    {"prorated", Type::kBool, "missing answers were made up for"},
    {"missing", Type::kInteger, "questions without a usable answer"},
    {"corrected", Type::kBool, "by a safety amendment"},
    {"void", Type::kBool, "taken back, or its response was replaced"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
    {"flags", Type::kText,
     "rules that hold, as they were recorded; null: none does"},
};
constexpr ColumnSpec kSubscale[] = {
    {"case", Type::kText, kCase},
    {"score_event", Type::kInteger, "the score that it is a part of"},
    {"subscale", Type::kText, "id of the subscale in the questionnaire"},
    {"response", Type::kInteger, "its response"},
    {"episode", Type::kInteger, kEpisode},
    {"instrument", Type::kText, kInstrument},
    {"version", Type::kText, kVersion},
    {"score", Type::kNumber, "as it stands; null: it cannot be given"},
    {"band", Type::kText, "as it stands"},
    {"prorated", Type::kBool, "missing answers were made up for"},
    {"norm", Type::kNumber,
     "by the first table of norms, for the sex and age that were known"},
    {"norm_band", Type::kText, "of the norm"},
    {"void", Type::kBool, "as of the score"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kAlert[] = {
    {"case", Type::kText, kCase},
    {"alert", Type::kInteger, "its number in the case, from 0"},
    {"episode", Type::kInteger, kEpisode},
    {"response", Type::kInteger, "that raised it; null: none did"},
    {"first_tier", Type::kText, "in which it was raised"},
    {"tier", Type::kText, "in which it is"},
    {"evidence", Type::kInteger, "disclosures in it"},
    {"escalations", Type::kInteger,
     "how often it was passed on to somebody else, since nobody acted in time"},
    {"acknowledged_at", Type::kTime, "in its present life"},
    {"assessed_at", Type::kTime, "in its present life"},
    {"closed_at", Type::kTime, "null: it is open"},
    {"outcome", Type::kText, "of the assessment"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
    {"source", Type::kText, "that raised it, as in `alert_week`"},
    {"flagged", Type::kText, "of `flag`: the message, answers, ... it was in"},
};
constexpr ColumnSpec kContactMinutes[] = {
    {"case", Type::kText, kCase},
    {"work_event", Type::kInteger, "number of its event in the case"},
    {"episode", Type::kInteger, kEpisode},
    {"activity", Type::kText,
     "appointment, check, task, decision, letter, questionnaire, message, "
     "alert, supervision (second signs, given or not)"},
    {"item", Type::kText, "its item; null: a message, a step of an alert"},
    {"staff", Type::kText,
     "who did it; of what a second person has signed, the first"},
    {"contact", Type::kBool, "it counts as a treatment contact"},
    {"minutes", Type::kInteger, "null: not known, which is not zero"},
    {"void", Type::kBool, "it was taken back"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kClockInterval[] = {
    {"case", Type::kText, kCase},
    {"clock", Type::kInteger, "its number in the case"},
    {"name", Type::kText, "the clock of the protocol"},
    {"about", Type::kText,
     "case, item, alert, message, cadence, parked, release"},
    {"ordinal", Type::kInteger, "the number of what it is about"},
    {"started_at", Type::kTime, "from when it counts"},
    {"due", Type::kTime, "when its budget is used up"},
    {"fired", Type::kInteger, "rungs that have fired"},
    {"fired_at", Type::kTime, "when the last of them did"},
    {"stopped_at", Type::kTime, "null: it runs, or its ladder is used up"},
    {"at", Type::kTime, "when it was set going"},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kAssignment[] = {
    {"case", Type::kText, kCase},
    {"assignment", Type::kInteger, "its number in the case, from 1"},
    {"pool", Type::kText, "the queue"},
    {"staff", Type::kText, "who is responsible in person"},
    {"until", Type::kTime, "the next one's time; null: it holds"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kStaffWeek[] = {
    {"staff", Type::kText, "a member of staff"},
    {"week", Type::kText, "its Monday, in the service's zone"},
    {"cases", Type::kInteger, "that they worked on"},
    {"pieces", Type::kInteger, "finished pieces of work"},
    {"contacts", Type::kInteger, "of them, treatment contacts"},
    {"minutes", Type::kInteger, "of the pieces whose minutes are known"},
    {"timed", Type::kInteger, "pieces whose minutes are known"},
    {"weekly_minutes", Type::kInteger,
     "that they work, as the register says now; null: it does not say"},
    {"direct_minutes", Type::kInteger, "of these with patients; likewise"},
    {"supervision_minutes", Type::kInteger, "for supervision; likewise"},
    {"admin_minutes", Type::kInteger, "for the rest; likewise"},
};
constexpr ColumnSpec kAlertWeek[] = {
    {"week", Type::kText, "its Monday, in the service's zone"},
    {"pool", Type::kText, "whose alerts they are then"},
    {"staff", Type::kText, "who of it; null: the queue of the pool"},
    {"tier", Type::kText, "that they are in then"},
    {"source", Type::kText,
     "the questionnaire, `flag` (on free text) or `rule` (or an adoption)"},
    {"raised", Type::kInteger, "alerts that were raised"},
    {"rearmed", Type::kInteger,
     "new evidence, for which they are to be acknowledged"},
    {"logged", Type::kInteger,
     "new evidence under \"reviewed, unchanged\": nobody is called"},
    {"retiered", Type::kInteger,
     "put into this tier by the screen: they start over"},
    {"escalated", Type::kInteger,
     "passed on to somebody else, since nobody acted in time; not the repeats "
     "of a last rung"},
};
constexpr ColumnSpec kChecklist[] = {
    {"case", Type::kText, kCase},
    {"review_event", Type::kInteger, "number of its event in the case"},
    {"question", Type::kText, "of the checklist, by its id"},
    {"answer", Type::kText, "yes, no, not_applicable"},
    {"review", Type::kText, "the item"},
    {"month", Type::kText, "of the work that is reviewed: 2026-03"},
    {"of", Type::kText, "the member of staff whose work it is"},
    {"about", Type::kText, "a thread, a check of homework; null: the case"},
    {"by", Type::kText, "who has answered"},
    {"episode", Type::kInteger, "the episode, from 1"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kWorklistLine[] = {
    {"case", Type::kText, kCase},
    {"line", Type::kInteger, "its number in the case, from 1"},
    {"kind", Type::kText, "item, homework, letter, alert, message"},
    {"ordinal", Type::kInteger, "as in a [worklist](worklist.md)"},
    {"item", Type::kText, "the item; null: an alert, a message"},
    {"episode", Type::kInteger, kEpisode},
    {"pool", Type::kText, "whose queue; as it stands, or when it went"},
    {"staff", Type::kText, "who of it; likewise"},
    {"due", Type::kTime, "the deadline; likewise; null: none"},
    {"overdue_from", Type::kTime,
     "the first deadline that passed while it was there; null: none did"},
    {"ended_at", Type::kTime, "when it went; null: it is there"},
    {"ended_recorded", Type::kTime, "when that was written down"},
    {"at", Type::kTime, "when it came"},
    {"recorded", Type::kTime, kRecorded},
};
constexpr ColumnSpec kCourse[] = {
    {"case", Type::kText, kCase},
    {"course", Type::kInteger, "the episode, from 1"},
    {"phq9_first", Type::kNumber, "as in a table of courses (measures)"},
    {"phq9_last", Type::kNumber, "likewise"},
    {"gad7_first", Type::kNumber, "likewise"},
    {"gad7_last", Type::kNumber, "likewise"},
    {"treatment_contacts", Type::kInteger, "likewise"},
    {"specific_measure", Type::kText, "the anxiety measure of the complaint"},
    {"specific_first", Type::kNumber, "its first score"},
    {"specific_last", Type::kNumber, "its last score"},
    {"referral_received", Type::kText, "a day, as the following"},
    {"first_treatment", Type::kText, "the first treatment contact"},
    {"second_treatment", Type::kText, "the second one"},
    {"discharged", Type::kText, "null: it goes on"},
    {"route", Type::kText, "the way in"},
    {"program", Type::kText, "the first program that was begun"},
    {"therapist", Type::kText, "who was responsible last in person"},
    {"work_pieces", Type::kInteger, "finished pieces of staff work"},
    {"work_timed", Type::kInteger, "of them, those with minutes"},
    {"work_minutes", Type::kInteger, "of those"},
    {"modules_planned", Type::kInteger, "that everybody is given"},
    {"modules_done", Type::kInteger, "completed"},
    {"forms_asked", Type::kInteger, "answered, or run out"},
    {"forms_done", Type::kInteger, "answered"},
    {"planned_done", Type::kInteger,
     "of the planned modules, those that were completed"},
    {"prorated", Type::kInteger,
     "scores that are left out of these because they were prorated"},
};

constexpr ColumnSpec kRescoredColumns[] = {
    {"case", Type::kText, kCase},
    {"response", Type::kInteger, "its response"},
    {"score_event", Type::kInteger, "number of its event in the case"},
    {"instrument", Type::kText, "id of the questionnaire"},
    {"version_before", Type::kText, "that it stands by"},
    {"version_after", Type::kText, "of the document in the query"},
    {"score_before", Type::kText, "exact; none: it cannot be given"},
    {"score_after", Type::kText, "likewise"},
    {"band_before", Type::kText, "none: there is none"},
    {"band_after", Type::kText, "likewise"},
    {"tier_before", Type::kText, "likewise"},
    {"tier_after", Type::kText, "likewise"},
    {"risk_before", Type::kText,
     "no, yes, unknown; null: it asks nothing of risk"},
    {"risk_after", Type::kText, "likewise"},
    {"flags_before", Type::kText,
     "rules that hold, with a question mark those that cannot be told; null: "
     "none"},
    {"flags_after", Type::kText, "likewise"},
    {"at", Type::kTime, kAt},
    {"recorded", Type::kTime, kRecorded},
    {"subscales_before", Type::kText,
     "id, score and band of each; null: it has none"},
    {"subscales_after", Type::kText, "likewise"},
};

constexpr TableSpec kTables[] = {
    {"referral", "a referral, of care here or on file", "case, referral",
     kReferral},
    {"episode", "an episode of a case", "case, episode", kEpisodes},
    {"enrolment", "a program as one case takes it", "case, enrolment",
     kEnrolment},
    {"response", "an answered questionnaire, each amendment too",
     "case, response", kResponse},
    {"answer", "a question in an answered questionnaire",
     "case, response, position", kAnswer},
    {"score", "a score of a response", "case, score_event", kScore},
    {kSubscaleTable.data(),
     "a subscale of a score, by the answers and the questionnaire",
     "case, score_event, subscale", kSubscale},
    {"alert", "an alert", "case, alert", kAlert},
    {"contact_minutes",
     "a finished piece of staff work: of items, messages, steps of alerts",
     "case, work_event", kContactMinutes},
    {"clock_interval", "a clock, from its start to its end", "case, clock",
     kClockInterval},
    {"assignment", "a time in which a pool or a person is responsible",
     "case, assignment", kAssignment},
    {"staff_week",
     "a week of a member of staff; work that was taken back is left out",
     "staff, week", kStaffWeek},
    {"alert_week",
     "what called somebody to alerts of a tier in a week, by what it came of",
     "week, pool, staff, tier, source", kAlertWeek},
    {"checklist", "an answered question in the checklist of a review",
     "case, review_event, question", kChecklist},
    {kWorklistLineTable.data(),
     "a line of a worklist, of a case, from when it came to when it went",
     "case, line", kWorklistLine},
    {"course", "a course: what measures are counted from", "case, course",
     kCourse},
    {"rescored",
     "a score that the document in the query (`instrument`) gives otherwise; "
     "nothing is changed by looking",
     "case, score_event", kRescoredColumns},
};

const char* TypeName(Type type) {
  switch (type) {
    case Type::kInteger:
      return "integer";
    case Type::kNumber:
      return "number";
    case Type::kText:
      return "text";
    case Type::kBool:
      return "boolean";
    case Type::kTime:
      return "time";
  }
  return "";
}

std::optional<double> ValueOf(const std::optional<engine::Ratio>& score) {
  if (!score || score->denominator == 0) return std::nullopt;
  return static_cast<double>(score->numerator) /
         static_cast<double>(score->denominator);
}

std::string CaseIdText(CaseId id) { return IdToText(id.value); }

}  // namespace

std::span<const TableSpec> LogTableSpecs() { return kTables; }

const TableSpec* FindLogTable(std::string_view name) {
  for (const TableSpec& spec : kTables) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

Table NewTable(const TableSpec& spec) {
  Table table;
  table.name = spec.name;
  for (const ColumnSpec& column : spec.columns) {
    table.columns.emplace_back(column.name, column.type);
  }
  return table;
}

LogTable::LogTable(const TableSpec& spec, const Zone& zone,
                   const engine::ServiceState& service)
    : spec_(spec), zone_(zone), service_(service), table_(NewTable(spec)) {}

void LogTable::Add(CaseId id, const CaseRows& rows) {
  using Adder = void (LogTable::*)(const std::string&, const CaseRows&);
  static constexpr std::pair<std::string_view, Adder> kAdders[] = {
      {"referral", &LogTable::AddReferrals},
      {"episode", &LogTable::AddEpisodes},
      {"enrolment", &LogTable::AddEnrolments},
      {"response", &LogTable::AddResponses},
      {"answer", &LogTable::AddAnswers},
      {"score", &LogTable::AddScores},
      {kSubscaleTable, &LogTable::AddSubscales},
      {"alert", &LogTable::AddAlerts},
      {"contact_minutes", &LogTable::AddWork},
      {"clock_interval", &LogTable::AddClocks},
      {"assignment", &LogTable::AddAssignments},
      {"checklist", &LogTable::AddChecklists},
  };
  for (const auto& [name, add] : kAdders) {
    if (name == spec_.name) (this->*add)(CaseIdText(id), rows);
  }
  if (spec_.columns.data() == kStaffWeek) AddWeeks(id, rows);
  if (spec_.columns.data() == kAlertWeek) AddAlertWeeks(rows);
}

void LogTable::AddReferrals(const std::string& id, const CaseRows& rows) {
  for (const ReferralRow& r : rows.referrals) {
    TableRow row(table_);
    row.Text(id).Text(IdToText(r.id.value)).Text(IdToText(rows.person.value));
    row.Number(r.episode).Text(r.route).Text(r.referrer);
    row.Text(r.information_source).Time(r.wait_from).Text(r.disposition);
    row.Time(r.answered_at).Text(r.ended_as).Times(r.times);
  }
}

void LogTable::AddEpisodes(const std::string& id, const CaseRows& rows) {
  for (const EpisodeRow& r : rows.episodes) {
    const RowTimes closed = r.closed.value_or(RowTimes());
    TableRow row(table_);
    row.Text(id).Integer(r.episode).Text(IdToText(rows.person.value));
    row.Times(closed).Text(r.reason).Times(r.times);
  }
}

void LogTable::AddEnrolments(const std::string& id, const CaseRows& rows) {
  for (const EnrolmentRow& r : rows.enrolments) {
    TableRow row(table_);
    row.Text(id).Integer(r.enrolment).Integer(r.episode).Text(r.program);
    row.Text(r.version).Integer(r.guidance).Text(r.language);
    row.Time(r.ended_at).Bool(r.completed).Times(r.times);
  }
}

void LogTable::AddResponses(const std::string& id, const CaseRows& rows) {
  for (const ResponseRow& r : rows.responses) {
    TableRow row(table_);
    row.Text(id).Integer(static_cast<int64_t>(r.seq)).Integer(r.episode);
    row.Text(r.id).Text(r.instrument).Text(r.version).Text(r.fit);
    row.Text(r.language).Integer(static_cast<int64_t>(r.answers.size()));
    row.Number(r.replaced_by.value_or(0)).Bool(r.is_void).Times(r.times);
  }
}

void LogTable::AddAnswers(const std::string& id, const CaseRows& rows) {
  for (const ResponseRow& r : rows.responses) {
    for (const AnswerRow& answer : r.answers) {
      TableRow row(table_);
      row.Text(id).Integer(static_cast<int64_t>(r.seq));
      row.Integer(answer.position).Text(r.instrument).Text(answer.item);
      row.MaybeInteger(answer.number).Text(answer.text).Times(r.times);
    }
  }
}

void LogTable::AddScores(const std::string& id, const CaseRows& rows) {
  for (const ScoreRow& r : rows.scores) {
    TableRow row(table_);
    row.Text(id).Integer(static_cast<int64_t>(r.seq)).Number(r.response);
    row.Integer(r.episode).Text(r.instrument).Text(r.version);
    row.Real(ValueOf(r.score)).Real(ValueOf(r.first_score));
    row.Text(r.band).Text(r.tier).Text(r.risk).Bool(r.prorated);
    row.Integer(r.missing).Bool(r.corrected).Bool(r.is_void).Times(r.times);
    row.Text(r.flags);
  }
}

void LogTable::AddSubscales(const std::string& id, const CaseRows& rows) {
  for (const ScoreRow& r : rows.scores) {
    for (const SubscaleRow& subscale : r.subscales) {
      TableRow row(table_);
      row.Text(id).Integer(static_cast<int64_t>(r.seq)).Text(subscale.id);
      row.Number(r.response).Integer(r.episode).Text(r.instrument);
      row.Text(r.version).Real(subscale.score).Text(subscale.band);
      row.Bool(subscale.prorated).Real(subscale.norm);
      row.Text(subscale.norm_band).Bool(r.is_void).Times(r.times);
    }
  }
}

void LogTable::AddAlerts(const std::string& id, const CaseRows& rows) {
  for (const AlertRow& r : rows.alerts) {
    TableRow row(table_);
    row.Text(id).Integer(r.alert).Integer(r.episode).Number(r.response);
    row.Text(r.first_tier).Text(r.tier).Integer(r.evidence);
    row.Integer(r.escalations).Time(r.acknowledged_at).Time(r.assessed_at);
    row.Time(r.closed_at).Text(r.outcome).Times(r.times);
    row.Text(r.source).Text(r.flagged);
  }
}

void LogTable::AddWork(const std::string& id, const CaseRows& rows) {
  for (const WorkRow& r : rows.work) {
    TableRow row(table_);
    row.Text(id).Integer(static_cast<int64_t>(r.seq)).Integer(r.episode);
    row.Text(metrics::ActivityName(r.activity)).Text(r.item);
    row.Text(service_.StaffName(r.staff));
    row.Bool(r.is_contact).MaybeInteger(r.minutes).Bool(r.is_void);
    row.Times(r.times);
  }
}

void LogTable::AddClocks(const std::string& id, const CaseRows& rows) {
  for (const ClockRow& r : rows.clocks) {
    TableRow row(table_);
    row.Text(id).Integer(r.clock).Text(r.name).Text(r.about);
    row.Integer(r.ordinal).Time(r.started_at).Time(r.due).Integer(r.fired);
    row.Time(r.fired_at).Time(r.stopped_at).Times(r.times);
  }
}

void LogTable::AddAssignments(const std::string& id, const CaseRows& rows) {
  for (const AssignmentRow& r : rows.assignments) {
    TableRow row(table_);
    row.Text(id).Integer(r.number).Text(r.pool).Text(r.staff).Time(r.until);
    row.Times(r.times);
  }
}

std::string LogTable::NameOf(StaffId staff) const {
  return service_.StaffName(staff);
}

int32_t LogTable::MondayOf(Instant at) const {
  const Date day = ToLocal(zone_, at).date;
  return day.days - static_cast<int32_t>(WeekdayOf(day));
}

void LogTable::AddAlertWeeks(const CaseRows& rows) {
  for (const AlertCallRow& r : rows.alert_calls) {
    const AlertWeekKey key{MondayOf(r.at), r.pool, NameOf(r.staff), r.tier,
                           r.source};
    ++alert_weeks_[key][static_cast<size_t>(r.call)];
  }
}

void LogTable::AddChecklists(const std::string& id, const CaseRows& rows) {
  for (const ChecklistRow& r : rows.checklists) {
    TableRow row(table_);
    row.Text(id).Integer(static_cast<int64_t>(r.seq)).Text(r.question);
    row.Text(r.answer).Text(r.review).Text(r.month);
    row.Text(NameOf(r.of)).Text(r.about);
    row.Text(NameOf(r.by)).Integer(r.episode).Times(r.times);
  }
}

void LogTable::AddWeeks(CaseId id, const CaseRows& rows) {
  for (const WorkRow& r : rows.work) {
    if (r.is_void || r.staff.value == 0) continue;
    const int32_t monday = MondayOf(r.times.at);
    Week& week = weeks_[{service_.StaffName(r.staff), monday}];
    ++week.pieces;
    week.contacts += r.is_contact ? 1 : 0;
    week.cases.insert(id.value);
    if (!r.minutes) continue;
    ++week.timed;
    week.minutes += static_cast<uint64_t>(*r.minutes);
  }
}

void LogTable::Add(CaseId id, const metrics::LogCourse& course) {
  using metrics::CourseColumn;
  TableRow row(table_);
  const auto points = [&](CourseColumn column) {
    const int32_t number = course.number(column);
    row.Real(
        number == metrics::kNone
            ? std::nullopt
            : std::optional(static_cast<double>(number) / metrics::kPoint));
  };
  const auto day = [&](CourseColumn column) {
    const int32_t number = course.number(column);
    row.Text(number == metrics::kNone ? "" : FormatDate(Date{number}));
  };
  metrics::WorkSums work;
  for (const metrics::WorkSums& sums : course.work) {
    work.pieces += sums.pieces;
    work.timed += sums.timed;
    work.minutes += sums.minutes;
  }
  row.Text(CaseIdText(id)).Integer(course.episode);
  points(CourseColumn::kPhq9First);
  points(CourseColumn::kPhq9Last);
  points(CourseColumn::kGad7First);
  points(CourseColumn::kGad7Last);
  row.Integer(course.number(CourseColumn::kContacts));
  row.Text(metrics::AnxietyMeasures()[course.specific].id);
  points(CourseColumn::kSpecificFirst);
  points(CourseColumn::kSpecificLast);
  day(CourseColumn::kReferral);
  day(CourseColumn::kFirstTreatment);
  day(CourseColumn::kSecondTreatment);
  day(CourseColumn::kDischarged);
  row.Text(course.route).Text(course.program);
  row.Text(service_.StaffName(course.therapist));
  row.Integer(static_cast<int64_t>(work.pieces));
  row.Integer(static_cast<int64_t>(work.timed));
  row.Integer(static_cast<int64_t>(work.minutes));
  row.Integer(course.modules_planned).Integer(course.modules_done);
  row.Integer(course.forms_asked).Integer(course.forms_done);
  row.Integer(course.planned_done).Integer(course.prorated);
}

void LogTable::Add(CaseId id, const std::vector<LineRow>& lines) {
  const auto time = [](Instant at) { return at.IsNever() ? Instant() : at; };
  int64_t number = 0;
  for (const LineRow& line : lines) {
    const RowTimes ended = line.ended.value_or(RowTimes());
    TableRow row(table_);
    row.Text(CaseIdText(id)).Integer(++number).Text(KindName(line.kind));
    row.Integer(line.ordinal).Text(line.item).Integer(line.episode);
    row.Text(line.pool).Text(NameOf(line.staff));
    row.Time(time(line.deadlines.due)).Time(time(line.deadlines.overdue_from));
    row.Times(ended).Times(line.times);
  }
}

Table LogTable::Take() {
  const engine::StaffState nobody;
  for (const auto& [key, week] : weeks_) {
    TableRow row(table_);
    row.Text(key.first).Text(FormatDate(Date{key.second}));
    row.Integer(static_cast<int64_t>(week.cases.size()));
    row.Integer(static_cast<int64_t>(week.pieces));
    row.Integer(static_cast<int64_t>(week.contacts));
    row.Integer(static_cast<int64_t>(week.minutes));
    row.Integer(static_cast<int64_t>(week.timed));
    const StaffId staff = service_.FindStaff(key.first);
    const engine::StaffState& said =
        staff.value == 0 ? nobody : service_.staff[staff.value - 1];
    row.MaybeInteger(said.weekly_minutes).MaybeInteger(said.direct_minutes);
    row.MaybeInteger(said.supervision_minutes);
    row.MaybeInteger(said.admin_minutes);
  }
  weeks_.clear();
  for (const auto& [key, calls] : alert_weeks_) {
    const auto& [monday, pool, member, tier, source] = key;
    TableRow row(table_);
    row.Text(FormatDate(Date{monday})).Text(pool).Text(member);
    row.Text(tier).Text(source);
    for (const uint64_t count : calls) row.Integer(static_cast<int64_t>(count));
  }
  alert_weeks_.clear();
  return std::move(table_);
}

std::string TablesPage() {
  std::string page = absl::StrCat(
      R"(# Tables

What the log of a service holds, as tables of plain columns for data frames and
spreadsheets. This page is made from the code that makes the tables; a test
compares the two, and so it is their golden schema. The definitions have version
)",
      kTablesVersion,
      R"(: a change of what a column means is another one; new columns come at the end
and are none.

    stepwell_service_table(service, now, "score", ...)   # Arrow C stream
    service.table("score", now).to_polars()              # Python
    stepwell::ServiceTable(service, "score", query, now) # C++
    stepwell service table score --format csv --store URL --now system
    stepwell service tables --out FOLDER --store URL --now system  # all, as CSV
    stepwell service rescored FILE.json --store URL --now system

The query is `{"as_known_at": TIME}`: by what had been recorded by then; by all
that is when left out. `course` also takes `complaint`, as
[outcomes](../reference/measures.md) do. Every table but `staff_week`, `alert_week` and `course` has both times: `at`, when it
happened, and `recorded`, when it was written down
([time](../internals/time.md)). Names are those of the version of the protocol
under which the event was written. A missing value is null, never 0; what was
taken back is there and says so (`void`).

Joins keep counts: each answer and each score (of an adopted case: none) has one
response by `case, response`, and each subscale one score by `case, score_event`;
referrals, enrolments, responses, alerts, work and
lines of worklists have one episode by `case, episode`; a week of staff adds up rows of
`contact_minutes`. `course` has the columns of a
[table of courses](../reference/measures.md): counted by `stepwell outcomes` it
gives what `--store` gives.

`worklist_line` is what the lists of staff have shown: a line is overdue from the first
deadline that passes while it is there, as in a [worklist](worklist.md) and in a
[simulation](plan.md#the-result). That goes by when things were recorded: what was done
on Friday and written down on Monday was overdue over the weekend, though `ended_at` is
not later than `due`. Parked input is of no case and not in it.

Two tables are of events as they stand, and no part of what follows: `timeline` of one
case, `service_log` of the service's own stream. Both have `seq`, `at`, `recorded`,
`event` (its name), `actor` (who sent the command), `text` (in words) and `json` (its
fields); `timeline` has `case` before these.
)");
  for (const TableSpec& spec : kTables) {
    absl::StrAppend(&page, "\n## ", spec.name, "\n\nA row is ", spec.grain,
                    ". Key: `", spec.key, "`.\n\n| column | type | |\n",
                    "|---|---|---|\n");
    for (const ColumnSpec& column : spec.columns) {
      absl::StrAppend(&page, "| `", column.name, "` | ", TypeName(column.type),
                      " | ", column.meaning, " |\n");
    }
  }
  return page;
}

}  // namespace stepwell::host
