#include "metrics/log_courses.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/zone.h"

namespace stepwell::metrics {
namespace {

// An episode begins with its referral, which may be told later.
Instant StartOf(const Course::Episode& episode) {
  return std::min(episode.opened_at,
                  episode.referred_at.value_or(episode.opened_at));
}

// From the episode's beginning up to the next one.
Window WholeOf(const Course& course, size_t index) {
  Window whole;
  if (index > 0) whole.from = StartOf(course.episodes[index]);
  if (index + 1 < course.episodes.size()) {
    whole.to = StartOf(course.episodes[index + 1]) - Microseconds(1);
  }
  return whole;
}

Window CareOf(const Course& course, size_t index) {
  Window care = WholeOf(course, index);
  const std::optional<Instant>& closed = course.episodes[index].closed_at;
  if (closed) care.to = std::min(*closed, care.to);
  return care;
}

// Reads one course out of the case that it is a part of.
class Reader {
 public:
  Reader(const Course& course, const protocol::Protocol& protocol,
         const LogCourseOptions& options, size_t index)
      : course_(course),
        protocol_(protocol),
        options_(options),
        whole_(WholeOf(course, index)),
        care_(CareOf(course, index)) {
    const Course::Episode& episode = course.episodes[index];
    out_.episode = static_cast<uint16_t>(index + 1);
    out_.numbers.fill(kNone);
    out_.route = episode.route;
    Put(CourseColumn::kReferral, episode.referred_at);
    Put(CourseColumn::kDischarged, episode.closed_at);
  }

  LogCourse Read() {
    ReadContacts();
    ReadScores();
    ReadWork();
    ReadAdherence();
    for (const Course::Owning& owner : course_.owners) {
      if (owner.staff.value != 0 && care_.Contains(owner.at)) {
        out_.therapist = owner.staff;
      }
    }
    return std::move(out_);
  }

 private:
  int32_t& At(CourseColumn column) {
    return out_.numbers[static_cast<size_t>(column)];
  }
  void Put(CourseColumn column, std::optional<Instant> at) {
    if (at) At(column) = ToLocal(*protocol_.zone, *at).date.days;
  }

  void ReadContacts() {
    std::vector<Instant> contacts = ContactsOf(course_);
    std::erase_if(contacts, [&](Instant at) { return !care_.Contains(at); });
    At(CourseColumn::kContacts) = static_cast<int32_t>(contacts.size());
    if (!contacts.empty()) Put(CourseColumn::kFirstTreatment, contacts[0]);
    if (contacts.size() > 1) Put(CourseColumn::kSecondTreatment, contacts[1]);
  }

  // Of the questionnaire with one of the two ids.
  void PutScores(std::string_view instrument, std::string_view or_instrument,
                 CourseColumn first, CourseColumn last) {
    const auto& known = protocol_.instruments;
    for (uint16_t i = 0; i < known.size(); ++i) {
      if (known[i].id != instrument && known[i].id != or_instrument) continue;
      const ScorePair pair = FirstAndLast(course_, protocol::InstrumentRef(i),
                                          care_, Prorated::kIsLeftOut);
      out_.prorated += pair.left_out;
      if (pair.first) At(first) = Points(*pair.first);
      if (pair.last) At(last) = Points(*pair.last);
      return;
    }
  }
  static int32_t Points(double score) {
    return static_cast<int32_t>(std::llround(score * kPoint));
  }

  void ReadScores() {
    PutScores("phq-9", "phq-9", CourseColumn::kPhq9First,
              CourseColumn::kPhq9Last);
    PutScores("gad-7", "gad-7", CourseColumn::kGad7First,
              CourseColumn::kGad7Last);
    const std::string complaint = Complaint();
    const std::optional<size_t> measure = AnxietyMeasureFor(complaint);
    out_.has_complaint = !complaint.empty();
    out_.knows_complaint = measure.has_value();
    out_.specific = static_cast<uint8_t>(measure.value_or(0));
    if (out_.specific == 0) return;
    const AnxietyMeasure& specific = AnxietyMeasures()[out_.specific];
    PutScores(specific.id, specific.questionnaire, CourseColumn::kSpecificFirst,
              CourseColumn::kSpecificLast);
  }

  // The one that was told last before the course ended.
  std::string Complaint() const {
    if (options_.complaint_fact.empty()) return "";
    const protocol::FactId fact = protocol_.FindFact(options_.complaint_fact);
    std::string told;
    for (const Course::TextFact& known : course_.text_facts) {
      if (known.fact == fact && known.at <= care_.to) told = known.text;
    }
    return told;
  }

  void ReadWork() {
    for (const Course::Item& item : course_.items) {
      if (IsStaffWork(item) && whole_.Contains(item.ended_at)) {
        AddWork(item.activity, item.minutes, out_.work);
      }
    }
    for (const Course::Effort& effort : course_.efforts) {
      if (whole_.Contains(effort.at)) {
        AddWork(effort.activity, effort.minutes, out_.work);
      }
    }
  }

  void ReadAdherence() {
    for (const Course::Enrolment& enrolment : course_.enrolments) {
      if (!whole_.Contains(enrolment.at)) continue;
      if (out_.program.empty()) out_.program = enrolment.program;
      out_.modules_planned += enrolment.modules;
    }
    for (const Course::ModuleDone& done : course_.modules_done) {
      if (!whole_.Contains(done.at)) continue;
      ++out_.modules_done;
      out_.planned_done += done.is_given ? 1 : 0;
    }
    for (const Course::Item& item : course_.items) {
      if (!item.is_form || !item.of_patient || !whole_.Contains(item.opened_at))
        continue;
      const bool done = item.status == engine::ItemStatus::kDone;
      out_.forms_done += done ? 1 : 0;
      out_.forms_asked +=
          done || item.status == engine::ItemStatus::kExpired ? 1 : 0;
    }
  }

  const Course& course_;
  const protocol::Protocol& protocol_;
  const LogCourseOptions& options_;
  Window whole_;  // up to the next course
  Window care_;   // up to the end of this one
  LogCourse out_;
};

}  // namespace

void AddWork(Activity activity, std::optional<int32_t> minutes, Work& work) {
  WorkSums& sums = work[static_cast<size_t>(activity)];
  ++sums.pieces;
  if (!minutes) return;
  ++sums.timed;
  sums.minutes += static_cast<uint64_t>(std::max(*minutes, 0));
}

std::vector<Window> CareOf(const Course& course) {
  std::vector<Window> care;
  for (size_t i = 0; i < course.episodes.size(); ++i) {
    if (course.episodes[i].referred_at) care.push_back(CareOf(course, i));
  }
  return care;
}

std::vector<LogCourse> CoursesOf(const Course& course,
                                 const protocol::Protocol& protocol,
                                 const LogCourseOptions& options) {
  std::vector<LogCourse> courses;
  for (size_t i = 0; i < course.episodes.size(); ++i) {
    // Care that ended elsewhere is no course of this service.
    if (!course.episodes[i].referred_at) continue;
    courses.push_back(Reader(course, protocol, options, i).Read());
  }
  return courses;
}

CourseTable TableOf(const std::vector<LogCourse>& courses,
                    const std::vector<std::string>& group) {
  CourseTable table;
  table.rows = courses.size();
  for (size_t c = 0; c < kCourseColumns; ++c) {
    if (static_cast<CourseColumn>(c) == CourseColumn::kMinutes) continue;
    for (const LogCourse& course : courses) {
      table.numbers[c].push_back(course.numbers[c]);
    }
  }
  for (const LogCourse& course : courses) {
    table.specific.push_back(course.specific);
  }
  std::map<std::string, uint32_t> names;
  for (const std::string& name : group) names.emplace(name, 0);
  for (auto& [name, index] : names) {
    index = static_cast<uint32_t>(table.group_names.size());
    table.group_names.push_back(name);
  }
  for (const std::string& name : group) table.group.push_back(names[name]);
  return table;
}

void LogCounts::Add(const LogCourse& course, const Period& period,
                    std::optional<uint32_t> core_modules) {
  const int32_t end = course.number(CourseColumn::kDischarged);
  const int32_t contacts = course.number(CourseColumn::kContacts);
  if (end == kNone || !period.Contains(end) || contacts < 1) return;
  modules.numerator += std::min(course.planned_done, course.modules_planned);
  modules.denominator += course.modules_planned;
  forms.numerator += course.forms_done;
  forms.denominator += course.forms_asked;
  if (!course.program.empty()) {
    ++core_dose.denominator;
    core_dose.numerator +=
        core_modules && course.modules_done >= *core_modules ? 1 : 0;
  }
  if (contacts < kNhsTtLimits.contacts) return;
  ++finished;
  for (size_t a = 0; a < kActivities; ++a) {
    work[a].pieces += course.work[a].pieces;
    work[a].timed += course.work[a].timed;
    work[a].minutes += course.work[a].minutes;
  }
}

namespace {

constexpr std::string_view kStarters =
    "courses that ended in the period with one treatment contact or more";
constexpr std::string_view kDonkin =
    "own formula; that adherence is measured by it: Donkin and others 2011, "
    "jmir.org/2011/3/e52";
constexpr std::string_view kNothingMissing =
    "none: what was not done is on file as that";

constexpr MeasureDefinition kMinutesPerCourse = {
    "therapist_minutes",
    "",
    MeasureUnit::kMinutes,
    "minutes of finished pieces of staff work (calls, checks, messages, steps "
    "of alerts, ...); a piece whose minutes are not known counts as the mean "
    "of its kind, and where none of its kind is known as the mean of all",
    "finished courses",
    "all who finished: to leave minutes out must not lower it",
    "pieces of work without minutes, of all pieces",
    "own estimate of what the NHS England IET dashboard counts "
    "(nhsengland/Talking-Therapies 8458b2e)",
    false,
    kLogMeasuresId,
    kLogMeasuresVersion};
constexpr MeasureDefinition kMinutesPerPiece = {
    "minutes_per_piece",
    "",
    MeasureUnit::kMinutes,
    "minutes of finished pieces of staff work",
    "pieces whose minutes are known",
    "mean of those known, in finished courses",
    "pieces of work without minutes, of all pieces",
    "NHS England IET dashboard (nhsengland/Talking-Therapies 8458b2e)",
    true,
    kLogMeasuresId,
    kLogMeasuresVersion};
constexpr MeasureDefinition kModules = {"modules_completed",
                                        "",
                                        MeasureUnit::kPercent,
                                        "of these modules those that were "
                                        "completed",
                                        "modules that everybody is given in "
                                        "the programs that were begun",
                                        kStarters,
                                        kNothingMissing,
                                        kDonkin,
                                        false,
                                        kLogMeasuresId,
                                        kLogMeasuresVersion};
constexpr MeasureDefinition kForms = {
    "forms_completed",
    "",
    MeasureUnit::kPercent,
    "questionnaires of the patient that were answered",
    "those, and the ones that ran out unanswered; what was cancelled or "
    "skipped asks for nothing",
    kStarters,
    kNothingMissing,
    kDonkin,
    false,
    kLogMeasuresId,
    kLogMeasuresVersion};
constexpr MeasureDefinition kCoreDose = {
    "core_dose",
    "",
    MeasureUnit::kPercent,
    "courses with as many completed modules as the report says (core_modules)",
    "courses with a program",
    kStarters,
    kNothingMissing,
    kDonkin,
    false,
    kLogMeasuresId,
    kLogMeasuresVersion};

MeasureFigure Share(const MeasureDefinition& definition, const Ratio& ratio) {
  MeasureFigure figure;
  figure.definition = &definition;
  figure.ratio = ratio;
  figure.missing_of = ratio.denominator;
  figure.tenths = PercentTenths(ratio.numerator, ratio.denominator);
  return figure;
}

}  // namespace

std::optional<double> FullMinutes(const Work& work) {
  WorkSums all;
  for (const WorkSums& sums : work) {
    all.timed += sums.timed;
    all.minutes += sums.minutes;
  }
  if (all.timed == 0) return std::nullopt;
  double total = 0;
  for (const WorkSums& sums : work) {
    const WorkSums& known = sums.timed > 0 ? sums : all;
    total += static_cast<double>(sums.pieces) *
             static_cast<double>(known.minutes) /
             static_cast<double>(known.timed);
  }
  return total;
}

std::vector<const MeasureDefinition*> LogMeasures() {
  return {&kMinutesPerCourse, &kMinutesPerPiece, &kModules, &kForms,
          &kCoreDose};
}

std::vector<std::pair<std::string, std::string>> DefinitionTexts() {
  const auto text = [](const std::vector<const MeasureDefinition*>& measures) {
    std::string all;
    for (const MeasureDefinition* m : measures) {
      for (const std::string_view part :
           {m->id, m->nhs, MeasureUnitName(m->unit), m->numerator,
            m->denominator, m->estimand, m->missing, m->source, m->version}) {
        absl::StrAppend(&all, part.size(), ":", ToAbsl(part));
      }
      absl::StrAppend(&all, m->verified ? " verified\n" : " from memory\n");
    }
    return all;
  };
  std::string nhs = text(NhsTtMeasures());
  absl::StrAppend(&nhs, "phq-9 ", kPhq9.caseness, " ", kPhq9.change, " ",
                  kPhq9Max, "\ncontacts ", kNhsTtLimits.contacts, "\nwaits ",
                  kNhsTtLimits.short_wait, " ", kNhsTtLimits.long_wait, " ",
                  kNhsTtLimits.second_wait, "\n");
  for (const AnxietyMeasure& m : AnxietyMeasures()) {
    absl::StrAppend(&nhs, ToAbsl(m.id), " ", m.thresholds.caseness, " ",
                    m.thresholds.change, " ", m.min, " ", m.max, " ",
                    ToAbsl(m.complaints), " ", ToAbsl(m.questionnaire),
                    m.whole ? " whole" : "",
                    m.verified ? " verified\n" : " from memory\n");
  }
  return {{std::string(kNhsTtId), std::move(nhs)},
          {std::string(kLogMeasuresId), text(LogMeasures())}};
}

std::vector<std::pair<std::string, Fingerprint>> DefinitionHashes() {
  std::vector<std::pair<std::string, Fingerprint>> hashes;
  for (const auto& [id, text] : DefinitionTexts()) {
    hashes.emplace_back(id, FingerprintOf(text));
  }
  return hashes;
}

std::vector<MeasureFigure> FiguresOf(const LogCounts& counts, bool core_dose) {
  WorkSums all;
  for (const WorkSums& sums : counts.work) {
    all.pieces += sums.pieces;
    all.timed += sums.timed;
    all.minutes += sums.minutes;
  }
  std::vector<MeasureFigure> out(2);
  for (MeasureFigure& figure : out) {
    figure.ratio.numerator = all.minutes;
    figure.ratio.missing = all.pieces - all.timed;
    figure.missing_of = all.pieces;
  }
  out[0].definition = &kMinutesPerCourse;
  out[0].ratio.denominator = counts.finished;
  const std::optional<double> minutes = FullMinutes(counts.work);
  if (minutes && counts.finished > 0) {
    out[0].value = *minutes / static_cast<double>(counts.finished);
  }
  out[1].definition = &kMinutesPerPiece;
  out[1].ratio.denominator = all.timed;
  if (all.timed > 0) {
    out[1].value =
        static_cast<double>(all.minutes) / static_cast<double>(all.timed);
  }
  out.push_back(Share(kModules, counts.modules));
  out.push_back(Share(kForms, counts.forms));
  if (core_dose) out.push_back(Share(kCoreDose, counts.core_dose));
  return out;
}

}  // namespace stepwell::metrics
