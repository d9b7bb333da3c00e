// Outcomes of a service from its log: by what was known at a time, with a stamp
// that says by what, and what later corrections make of them.
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "base/time_text.h"
#include "host/outcomes_report.h"
#include "host/service_impl.h"
#include "metrics/log_courses.h"

namespace stepwell::host {

namespace {

using metrics::CourseColumn;
using metrics::kNone;
using metrics::LogCourse;
using metrics::MeasureFigure;
using metrics::Period;

constexpr size_t kPeriodsMax = 1200;

struct CaseRow {
  CaseId id;
  LogCourse course;
};

// What the log said at a time, and what it was read from.
struct Reading {
  std::vector<CaseRow> rows;  // by case, then by course
  uint64_t cases = 0, events = 0;
  std::string heads;                              // of the cases, as text
  std::map<std::string, uint64_t> protocols;      // cases by hash
  std::map<std::string, std::string> id_by_hash;  // "id@version"
  bool knows_complaint = false;                   // some protocol has the fact
};

absl::StatusOr<Reading> ReadLog(CourseBook& book, Instant until,
                                const metrics::LogCourseOptions& options) {
  Reading reading;
  STEPWELL_RETURN_IF_ERROR(
      book.ForEach(until, [&](CaseId id, const CaseCourse& known) {
        if (!known.protocol) return Corrupt("a case without its beginning");
        for (LogCourse& course :
             metrics::CoursesOf(known.course, *known.protocol, options)) {
          reading.rows.push_back({id, std::move(course)});
        }
        ++reading.cases;
        reading.events += known.seq;
        absl::StrAppend(&reading.heads, CaseText(id), " ", known.seq, " ",
                        ToHex(known.head), "\n");
        reading.knows_complaint =
            reading.knows_complaint ||
            !known.protocol->FindFact(options.complaint_fact).IsNone();
        const std::string hash = ToHex(known.protocol->hash);
        ++reading.protocols[hash];
        reading.id_by_hash[hash] =
            absl::StrCat(known.protocol->id, "@", known.protocol->version);
        return absl::OkStatus();
      }));
  return reading;
}

std::string HeadOf(const Reading& reading) {
  return ToHex(FingerprintOf(reading.heads));
}

std::string StampOf(const Reading& reading, Instant known_at) {
  json::Writer w;
  w.BeginObject();
  w.Key("as_known_at").String(FormatInstantUtc(known_at));
  w.Key("cases").UInt(reading.cases);
  w.Key("definitions").BeginArray();
  for (const auto& [id, hash] : metrics::DefinitionHashes()) {
    w.BeginObject().Key("hash").String(ToHex(hash));
    w.Key("id").String(id).EndObject();
  }
  w.EndArray();
  w.Key("events").UInt(reading.events);
  w.Key("log_head").String(HeadOf(reading));
  w.Key("protocols").BeginArray();
  for (const auto& [hash, cases] : reading.protocols) {
    w.BeginObject().Key("cases").UInt(cases).Key("hash").String(hash);
    w.Key("id").String(reading.id_by_hash.at(hash)).EndObject();
  }
  w.EndArray().EndObject();
  return w.Take();
}

std::vector<LogCourse> CoursesIn(const Reading& reading) {
  std::vector<LogCourse> courses;
  for (const CaseRow& row : reading.rows) courses.push_back(row.course);
  return courses;
}

// The days by which a course belongs to a period: what counts by one of them
// counts there.
std::vector<int32_t> DaysIn(const LogCourse& course, const Period& period) {
  std::vector<int32_t> days;
  for (const CourseColumn column :
       {CourseColumn::kFirstTreatment, CourseColumn::kSecondTreatment,
        CourseColumn::kDischarged}) {
    const int32_t day = course.number(column);
    if (day != kNone && period.Contains(day)) days.push_back(day);
  }
  return days;
}

bool IsOf(const Period& period, const LogCourse* course) {
  return course != nullptr &&
         (period.IsEverything() || !DaysIn(*course, period).empty());
}

// Counts one reading as the request says.
class Counter {
 public:
  using StaffName = std::function<std::string(StaffId)>;
  Counter(const LogOutcomesRequest& request, Period period, StaffName name)
      : request_(request), period_(period), name_(std::move(name)) {}

  absl::StatusOr<OutcomesContent> Count(const Reading& reading) const {
    OutcomesContent content;
    content.by = request_.by;
    content.from = request_.from;
    content.to = request_.to;
    content.suppress_below = request_.suppress_below;
    content.core_modules = request_.core_modules;
    const std::vector<LogCourse> courses = CoursesIn(reading);
    content.all = CountAll("", courses, period_);
    if (!request_.complaint.empty()) {
      content.complaints.emplace();
      for (const LogCourse& course : courses) {
        content.complaints->given += course.has_complaint ? 1 : 0;
        content.complaints->known += course.knows_complaint ? 1 : 0;
      }
    }
    if (request_.by.empty()) return content;
    if (IsOfTime()) {
      STEPWELL_ASSIGN_OR_RETURN(content.groups, ByTime(courses));
    } else {
      content.groups = ByName(courses);
    }
    return content;
  }

 private:
  bool IsOfTime() const {
    return request_.by == "month" || request_.by == "quarter" ||
           request_.by == "year";
  }

  OutcomeGroup CountAll(std::string name, const std::vector<LogCourse>& courses,
                        const Period& period) const {
    OutcomeGroup group;
    group.name = std::move(name);
    const metrics::CourseTable table = metrics::TableOf(courses, {});
    group.counts = metrics::CountCourses(table.view(), {}, 1, period)[0];
    group.log.emplace();
    for (const LogCourse& course : courses) {
      group.log->Add(course, period, request_.core_modules);
    }
    return group;
  }

  std::string GroupOf(const LogCourse& course) const {
    if (request_.by == "route") return course.route;
    if (request_.by == "program") return course.program;
    return course.therapist.value == 0 ? "" : name_(course.therapist);
  }

  std::vector<OutcomeGroup> ByName(
      const std::vector<LogCourse>& courses) const {
    std::map<std::string, std::vector<LogCourse>> split;
    for (const LogCourse& course : courses) {
      split[GroupOf(course)].push_back(course);
    }
    std::vector<OutcomeGroup> groups;
    for (const auto& [name, those] : split) {
      groups.push_back(CountAll(name, those, period_));
    }
    return groups;
  }

  // From the first to the last day on which something counts.
  std::optional<std::pair<Date, Date>> DaysOf(
      const std::vector<LogCourse>& courses) const {
    std::optional<std::pair<Date, Date>> days;
    for (const LogCourse& course : courses) {
      for (const int32_t day : DaysIn(course, period_)) {
        if (!days) days.emplace(Date{day}, Date{day});
        days->first.days = std::min(days->first.days, day);
        days->second.days = std::max(days->second.days, day);
      }
    }
    if (days && period_.from != kNone) days->first = {period_.from};
    if (days && period_.to != kNone) days->second = {period_.to};
    return days;
  }

  int MonthsOfPeriod() const {
    if (request_.by == "month") return 1;
    return request_.by == "quarter" ? 3 : 12;
  }

  std::string NameOf(Date first) const {
    const CivilFields day = FieldsOf(first);
    if (request_.by == "year") return absl::StrCat(day.year);
    if (request_.by == "quarter") {
      return absl::StrCat(day.year, "-Q", (day.month - 1) / 3 + 1);
    }
    return FormatDate(first).substr(0, 7);
  }

  absl::StatusOr<std::vector<OutcomeGroup>> ByTime(
      const std::vector<LogCourse>& courses) const {
    std::vector<OutcomeGroup> groups;
    const auto days = DaysOf(courses);
    if (!days) return groups;
    const int months = MonthsOfPeriod();
    const CivilFields begin = FieldsOf(days->first);
    const auto first = MakeDate(static_cast<int>(begin.year),
                                (begin.month - 1) / months * months + 1, 1);
    for (Date from = *first; from <= days->second;) {
      const Date next = AddMonths(from, months);
      if (groups.size() == kPeriodsMax) {
        return InvalidInput(absl::StrCat("more than ", kPeriodsMax,
                                         " periods: name `from` and `to`, or "
                                         "count by year"));
      }
      const Period part{std::max(from.days, days->first.days),
                        std::min(next.days - 1, days->second.days)};
      groups.push_back(CountAll(NameOf(from), courses, part));
      from = next;
    }
    return groups;
  }

  const LogOutcomesRequest& request_;
  Period period_;
  StaffName name_;
};

// What of a course a report counts, by name, as JSON.
std::vector<std::pair<std::string, std::string>> FieldsOfCourse(
    const LogCourse& course, const std::function<std::string(StaffId)>& staff) {
  std::vector<std::pair<std::string, std::string>> fields;
  const auto text = [](const std::string& value) {
    json::Writer w;
    value.empty() ? w.Null() : w.String(value);
    return w.Take();
  };
  for (size_t i = 0; i < metrics::kCourseColumns; ++i) {
    const auto column = static_cast<CourseColumn>(i);
    if (column == CourseColumn::kMinutes) continue;
    const metrics::CourseColumnInfo& info = metrics::InfoOf(column);
    const int32_t number = course.numbers[i];
    std::string value = "null";
    if (number != kNone && info.is_date) {
      value = text(FormatDate(Date{number}));
    } else if (number != kNone) {
      const bool points = column != CourseColumn::kContacts;
      json::Writer w;
      w.Double(static_cast<double>(number) / (points ? metrics::kPoint : 1));
      value = w.Take();
    }
    fields.emplace_back(info.name, std::move(value));
  }
  metrics::WorkSums work;
  for (const metrics::WorkSums& sums : course.work) {
    work.pieces += sums.pieces;
    work.timed += sums.timed;
    work.minutes += sums.minutes;
  }
  const std::pair<const char*, uint64_t> kCounts[] = {
      {"forms_asked", course.forms_asked},
      {"forms_done", course.forms_done},
      {"modules_done", course.modules_done},
      {"modules_planned", course.modules_planned},
      {"planned_done", course.planned_done},
      {"prorated", course.prorated},
      {"work_minutes", work.minutes},
      {"work_pieces", work.pieces},
      {"work_timed", work.timed},
  };
  for (const auto& [name, count] : kCounts) {
    fields.emplace_back(name, absl::StrCat(count));
  }
  fields.emplace_back("program", text(course.program));
  fields.emplace_back("route", text(course.route));
  fields.emplace_back(
      "specific_measure",
      text(std::string(metrics::AnxietyMeasures()[course.specific].id)));
  fields.emplace_back(
      "therapist", text(course.therapist.value == 0 ? std::string()
                                                    : staff(course.therapist)));
  return fields;
}

// What of a period is otherwise by what is known later.
class Corrections {
 public:
  Corrections(const Reading& then, const Reading& now, Period period,
              std::function<std::string(StaffId)> staff)
      : then_(then), now_(now), period_(period), staff_(std::move(staff)) {}

  std::string Write(const OutcomesContent& then, const OutcomesContent& now,
                    const std::string& stamp) {
    w_.BeginObject();
    w_.Key("courses").BeginArray();
    Courses();
    w_.EndArray();
    w_.Key("differences").BeginArray();
    Figures(nullptr, &then.all, &now.all, then.core_modules.has_value());
    std::map<std::string, std::pair<const OutcomeGroup*, const OutcomeGroup*>>
        groups;
    for (const OutcomeGroup& group : then.groups) {
      groups[group.name].first = &group;
    }
    for (const OutcomeGroup& group : now.groups) {
      groups[group.name].second = &group;
    }
    for (const auto& [name, pair] : groups) {
      Figures(&name, pair.first, pair.second, then.core_modules.has_value());
    }
    w_.EndArray();
    w_.Key("stamp").Raw(stamp).EndObject();
    return w_.Take();
  }

 private:
  using Key = std::pair<CaseId, uint16_t>;

  void Courses() {
    std::map<Key, std::pair<const LogCourse*, const LogCourse*>> courses;
    for (const CaseRow& row : then_.rows) {
      courses[{row.id, row.course.episode}].first = &row.course;
    }
    for (const CaseRow& row : now_.rows) {
      courses[{row.id, row.course.episode}].second = &row.course;
    }
    for (const auto& [key, pair] : courses) {
      const auto& [then, now] = pair;
      if (!IsOf(period_, then) && !IsOf(period_, now)) continue;
      if (then != nullptr && now != nullptr && *then == *now) continue;
      const auto before = then == nullptr ? Fields() : Of(*then);
      const auto after = now == nullptr ? Fields() : Of(*now);
      const auto& names = before.empty() ? after : before;
      for (size_t i = 0; i < names.size(); ++i) {
        const std::string was = before.empty() ? "null" : before[i].second;
        const std::string is = after.empty() ? "null" : after[i].second;
        if (was == is) continue;
        w_.BeginObject().Key("as_corrected").Raw(is);
        w_.Key("as_known").Raw(was);
        w_.Key("case").String(CaseText(key.first));
        w_.Key("column").String(names[i].first);
        w_.Key("course").UInt(key.second).EndObject();
      }
    }
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;
  Fields Of(const LogCourse& course) const {
    return FieldsOfCourse(course, staff_);
  }

  void Figures(const std::string* name, const OutcomeGroup* then,
               const OutcomeGroup* now, bool core_dose) {
    const OutcomeGroup nobody{"", {}, metrics::LogCounts()};
    const auto before = FiguresOf(then == nullptr ? nobody : *then, core_dose);
    const auto after = FiguresOf(now == nullptr ? nobody : *now, core_dose);
    for (size_t i = 0; i < before.size(); ++i) {
      if (before[i] == after[i]) continue;
      w_.BeginObject().Key("as_corrected");
      WriteFigure(w_, after[i], /*whole=*/false, /*hidden=*/false);
      w_.Key("as_known");
      WriteFigure(w_, before[i], /*whole=*/false, /*hidden=*/false);
      w_.Key("group");
      name == nullptr ? w_.Null() : w_.String(*name);
      w_.Key("id").String(before[i].definition->id).EndObject();
    }
  }

  const Reading &then_, &now_;
  Period period_;
  std::function<std::string(StaffId)> staff_;
  json::Writer w_;
};

absl::Status CheckRequest(const LogOutcomesRequest& request, Instant now) {
  static const std::set<std::string> kGroups = {
      "", "route", "program", "therapist", "month", "quarter", "year"};
  if (request.definition != metrics::kNhsTtId) {
    return NotFound(absl::StrCat("a log is counted by no definition \"",
                                 request.definition, "\"; by nhs-tt"));
  }
  if (kGroups.count(request.by) == 0) {
    return InvalidInput(absl::StrCat(
        "`by` is route, program, therapist, month, quarter or year, not \"",
        request.by, "\""));
  }
  if (request.as_known_at && *request.as_known_at > now) {
    return InvalidInput("`as_known_at` lies ahead: nobody knows that yet");
  }
  if (request.as_corrected && request.suppress_below > 0) {
    return InvalidInput(
        "`as_corrected` names the courses that differ: it does not go with "
        "`suppress_below`");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InstrumentReport> ServiceImpl::QueryOutcomes(
    const LogOutcomesRequest& request, Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  STEPWELL_RETURN_IF_ERROR(CheckRequest(request, now));
  STEPWELL_ASSIGN_OR_RETURN(const Period period,
                            PeriodOf(request.from, request.to));
  const metrics::LogCourseOptions options{request.complaint};
  const auto name = [this](StaffId staff) { return StaffName(staff); };
  const Counter counter(request, period, name);
  const Instant known_at = request.as_known_at.value_or(now);
  STEPWELL_ASSIGN_OR_RETURN(const Reading then,
                            ReadLog(book_, known_at, options));
  if (!request.log_head.empty() && request.log_head != HeadOf(then)) {
    return Precondition(absl::StrCat(
        "what was recorded by ", FormatInstantUtc(known_at),
        " has another head than ", request.log_head,
        ": something came to that very instant after that report, or the stamp "
        "is of another one"));
  }
  if (!request.complaint.empty() && !then.knows_complaint &&
      runtime_->current()->FindFact(request.complaint).IsNone()) {
    return NotFound(
        absl::StrCat("no protocol has a fact \"", request.complaint, "\""));
  }
  STEPWELL_ASSIGN_OR_RETURN(OutcomesContent content, counter.Count(then));
  content.stamp = StampOf(then, known_at);
  if (request.as_corrected) {
    STEPWELL_ASSIGN_OR_RETURN(const Reading later,
                              ReadLog(book_, now, options));
    STEPWELL_ASSIGN_OR_RETURN(const OutcomesContent corrected,
                              counter.Count(later));
    content.as_corrected = Corrections(then, later, period, name)
                               .Write(content, corrected, StampOf(later, now));
  }
  return WriteOutcomes(content);
}

}  // namespace stepwell::host
