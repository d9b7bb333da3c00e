// Cell by cell, with whole small numbers as the quick case.
#include "metrics/course_table.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/csv.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "instruments/answers.h"
#include "instruments/rational.h"

namespace stepwell::metrics {
namespace {

constexpr CourseColumnInfo kColumns[kCourseColumns] = {
    {"phq9_first", true, false, "first PHQ-9 score, 0 to 27, whole"},
    {"phq9_last", true, false, "last PHQ-9 score"},
    {"gad7_first", true, false, "first GAD-7 score, 0 to 21, whole"},
    {"gad7_last", true, false, "last GAD-7 score"},
    {"treatment_contacts", true, false,
     "attended treatment contacts, follow-up not counted"},
    {"specific_first", false, false,
     "first score of the anxiety measure of the complaint; where that is "
     "GAD-7 they are not read"},
    {"specific_last", false, false, "its last score"},
    {"referral_received", false, true, "when the referral was received"},
    {"first_treatment", false, true, "date of the first treatment contact"},
    {"second_treatment", false, true, "date of the second one"},
    {"discharged", false, true,
     "end of the course, empty while it goes on; without the column all "
     "courses have ended, and no period can be asked for"},
    {"minutes", false, false, "therapist minutes, whole"},
};

constexpr int32_t kContactsMax = 10'000, kMinutesMax = 1'000'000;

// A whole number without sign: "15", or "15.0" as data frames write it in a
// column with gaps.
std::optional<int64_t> ReadWholeNumber(std::string_view field) {
  if (const auto digits = ParseDigits(field)) return digits;
  const auto number = instruments::ParseRational(field);
  if (!number || !number->IsInteger() || number->num < 0) return std::nullopt;
  return number->num / number->den;
}

// A whole number without sign, or a number with four decimals at most, in
// ten-thousandths; kNone when it is none.
int32_t ReadPoints(std::string_view field) {
  constexpr int64_t kPointsMax = 200'000;
  if (const auto whole = ParseDigits(field)) {
    return *whole < kPointsMax ? static_cast<int32_t>(*whole * kPoint) : kNone;
  }
  const auto number = instruments::ParseRational(field);
  if (!number.has_value() || number->num < 0 ||
      *number >= instruments::Rational(kPointsMax)) {
    return kNone;
  }
  return static_cast<int32_t>(
      instruments::Rational(number->num * kPoint, number->den).RoundHalfUp());
}

// What one cell of a column may hold.
class CellReader {
 public:
  CellReader(const CsvReader& csv, CourseColumn column, size_t place)
      : csv_(csv), column_(column), place_(place) {}

  CourseColumn column() const { return column_; }
  size_t place() const { return place_; }

  absl::StatusOr<int32_t> Read() const {
    const std::string_view field = csv_.field(place_);
    if (CsvReader::IsMissing(field)) return kNone;
    if (InfoOf(column_).is_date) return ReadDate(field);
    switch (column_) {
      case CourseColumn::kContacts:
        return ReadWhole(field, kContactsMax);
      case CourseColumn::kMinutes:
        return ReadWhole(field, kMinutesMax);
      case CourseColumn::kSpecificFirst:
      case CourseColumn::kSpecificLast:
        break;
      case CourseColumn::kPhq9First:
      case CourseColumn::kPhq9Last:
        return ReadScore(field, kPhq9Max);
      default:
        return ReadScore(field, 21);
    }
    const int32_t points = ReadPoints(field);
    if (points != kNone) return points;
    return csv_.FieldError(place_, "is no score");
  }

 private:
  absl::StatusOr<int32_t> ReadDate(std::string_view field) const {
    if (const auto day = instruments::ParseDateAnswer(field)) return *day;
    return csv_.FieldError(place_, "is no date (YYYY-MM-DD)");
  }
  absl::StatusOr<int32_t> ReadWhole(std::string_view field,
                                    int32_t most) const {
    const auto number = ReadWholeNumber(field);
    if (number.has_value() && *number <= most) {
      return static_cast<int32_t>(*number);
    }
    return csv_.FieldError(place_,
                           absl::StrCat("is no whole number from 0 to ", most));
  }
  absl::StatusOr<int32_t> ReadScore(std::string_view field,
                                    int32_t most) const {
    const auto number = ReadWholeNumber(field);
    if (number.has_value() && *number <= most) {
      return static_cast<int32_t>(*number) * kPoint;
    }
    return csv_.FieldError(
        place_,
        absl::StrCat("is no whole score from 0 to ", most,
                     "; national figures take no prorated scores: leave the "
                     "field empty"));
  }

  const CsvReader& csv_;
  CourseColumn column_;
  size_t place_;
};

// Reads the rows of one table.
class TableReader {
 public:
  explicit TableReader(CsvReader csv) : csv_(std::move(csv)) {}

  absl::StatusOr<CourseTable> Read(std::string_view by) {
    STEPWELL_RETURN_IF_ERROR(FindColumns());
    if (!by.empty()) {
      STEPWELL_ASSIGN_OR_RETURN(by_, csv_.Find(by));
    }
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(const bool more, csv_.Next());
      if (!more) break;
      STEPWELL_RETURN_IF_ERROR(ReadRow());
    }
    if (out_.rows == 0) return InvalidInput("the table has no courses");
    return std::move(out_);
  }

 private:
  absl::Status FindColumns() {
    for (size_t i = 0; i < kCourseColumns; ++i) {
      const auto place = csv_.Find(kColumns[i].name);
      if (place.ok()) {
        cells_.emplace_back(csv_, static_cast<CourseColumn>(i), *place);
      } else if (kColumns[i].required) {
        return place.status();
      }
    }
    const auto measure = csv_.Find(kSpecificMeasureColumn);
    const auto complaints = csv_.Find(kComplaintsColumn);
    if (measure.ok()) measure_ = *measure;
    if (complaints.ok()) complaints_ = *complaints;
    const bool scores =
        csv_.Find("specific_first").ok() && csv_.Find("specific_last").ok();
    if (!measure_ && !complaints_ &&
        (csv_.Find("specific_first").ok() || csv_.Find("specific_last").ok())) {
      return InvalidInput(
          "a table with specific_first or specific_last says in "
          "specific_measure or complaints whose scores they are");
    }
    if ((measure_ || complaints_) && !scores) {
      return InvalidInput(
          "a table with specific_measure or complaints has specific_first and "
          "specific_last too");
    }
    return absl::OkStatus();
  }

  absl::Status ReadRow() {
    for (const CellReader& cell : cells_) {
      STEPWELL_ASSIGN_OR_RETURN(const int32_t value, cell.Read());
      out_.numbers[static_cast<size_t>(cell.column())].push_back(value);
    }
    STEPWELL_RETURN_IF_ERROR(CheckDays());
    if (measure_ || complaints_) {
      STEPWELL_RETURN_IF_ERROR(ReadSpecific());
    }
    if (by_) out_.group.push_back(GroupOf(csv_.field(*by_)));
    if (out_.group_names.size() > kGroupsMax) {
      return csv_.FieldError(
          *by_, absl::StrCat("is one group too many: at most ", kGroupsMax));
    }
    ++out_.rows;
    return absl::OkStatus();
  }

  // Referred, treated, treated again, discharged: of any two days that are
  // there.
  absl::Status CheckDays() const {
    constexpr CourseColumn kDays[] = {
        CourseColumn::kReferral, CourseColumn::kFirstTreatment,
        CourseColumn::kSecondTreatment, CourseColumn::kDischarged};
    for (size_t after = 1; after < std::size(kDays); ++after) {
      for (size_t before = 0; before < after; ++before) {
        STEPWELL_RETURN_IF_ERROR(CheckOrder(kDays[before], kDays[after]));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckOrder(CourseColumn before, CourseColumn after) const {
    const auto& a = out_.numbers[static_cast<size_t>(before)];
    const auto& b = out_.numbers[static_cast<size_t>(after)];
    if (a.empty() || b.empty() || a.back() == kNone || b.back() == kNone ||
        a.back() <= b.back()) {
      return absl::OkStatus();
    }
    for (const CellReader& cell : cells_) {
      if (cell.column() != after) continue;
      return csv_.FieldError(
          cell.place(),
          absl::StrCat("lies before ", ToAbsl(InfoOf(before).name)));
    }
    return absl::OkStatus();
  }

  absl::Status ReadSpecific() {
    size_t index = 0;
    const std::string_view named =
        measure_ ? csv_.field(*measure_) : std::string_view();
    if (!CsvReader::IsMissing(named)) {
      const auto known = AnxietyMeasureNamed(named);
      if (!known.has_value()) {
        return csv_.FieldError(*measure_, UnknownMeasure());
      }
      index = *known;
      STEPWELL_RETURN_IF_ERROR(CheckSpecificRange(index));
    } else if (complaints_ && !CsvReader::IsMissing(csv_.field(*complaints_))) {
      const auto list = ParseComplaints(csv_.field(*complaints_));
      if (!list.has_value()) {
        return csv_.FieldError(*complaints_,
                               "is no list of complaints, like "
                               "\"F40.1/primary/2025-01-03/7; F32/...\"");
      }
      const auto chosen = PresentingComplaint(*list);
      const auto measure = AnxietyMeasureFor((*list)[*chosen].code);
      ++out_.complaints_given;
      out_.complaints_known += measure.has_value() ? 1 : 0;
      index = measure.value_or(0);
      // Of GAD-7 these are not read: it has columns of its own.
      if (index > 0) STEPWELL_RETURN_IF_ERROR(CheckSpecificRange(index));
    }
    out_.specific.push_back(static_cast<uint8_t>(index));
    return absl::OkStatus();
  }

  absl::Status CheckSpecificRange(size_t index) const {
    const AnxietyMeasure& measure = AnxietyMeasures()[index];
    for (const CellReader& cell : cells_) {
      if (cell.column() != CourseColumn::kSpecificFirst &&
          cell.column() != CourseColumn::kSpecificLast) {
        continue;
      }
      const int32_t score =
          out_.numbers[static_cast<size_t>(cell.column())].back();
      if (score == kNone) continue;
      if (score < measure.min || score > measure.max) {
        return csv_.FieldError(
            cell.place(),
            absl::StrCat("is no score of ", ToAbsl(measure.title), ": ",
                         measure.min / kPoint, " to ", measure.max / kPoint));
      }
      if (measure.whole && score % kPoint != 0) {
        return csv_.FieldError(cell.place(),
                               absl::StrCat("is not whole, as scores of ",
                                            ToAbsl(measure.title), " are"));
      }
    }
    return absl::OkStatus();
  }

  static std::string UnknownMeasure() {
    std::vector<std::string> ids;
    for (const AnxietyMeasure& measure : AnxietyMeasures()) {
      ids.emplace_back(measure.id);
    }
    return absl::StrCat("is no measure of this definition; it has ",
                        absl::StrJoin(ids, ", "));
  }

  uint32_t GroupOf(std::string_view name) {
    const auto it = groups_.find(name);
    if (it != groups_.end()) return it->second;
    const auto index = static_cast<uint32_t>(groups_.size());
    groups_.emplace(std::string(name), index);
    out_.group_names.emplace_back(name);
    return index;
  }

  static constexpr size_t kGroupsMax = 10'000;
  CsvReader csv_;
  CourseTable out_;
  std::vector<CellReader> cells_;
  std::optional<size_t> measure_, complaints_, by_;
  std::map<std::string, uint32_t, std::less<>> groups_;
};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Complaint> ParseComplaint(std::string_view text) {
  std::array<std::string_view, 4> parts;
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t end = text.find('/');
    if ((end == text.npos) != (i + 1 == parts.size())) return std::nullopt;
    parts[i] = Trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  const auto date = instruments::ParseDateAnswer(parts[2]);
  const auto id = ParseDigits(parts[3]);
  const bool primary = parts[1] == "primary";
  if ((!primary && parts[1] != "secondary") || !date || !id) {
    return std::nullopt;
  }
  return Complaint{parts[0], primary, *date, *id};
}

}  // namespace

const CourseColumnInfo& InfoOf(CourseColumn column) {
  return kColumns[static_cast<size_t>(column)];
}

CourseColumns CourseTable::view() const {
  const auto column = [&](CourseColumn which) {
    return std::span<const int32_t>(numbers[static_cast<size_t>(which)]);
  };
  CourseColumns out;
  out.rows = rows;
  out.phq9_first = column(CourseColumn::kPhq9First);
  out.phq9_last = column(CourseColumn::kPhq9Last);
  out.gad7_first = column(CourseColumn::kGad7First);
  out.gad7_last = column(CourseColumn::kGad7Last);
  out.contacts = column(CourseColumn::kContacts);
  out.specific = specific;
  out.specific_first = column(CourseColumn::kSpecificFirst);
  out.specific_last = column(CourseColumn::kSpecificLast);
  out.referral = column(CourseColumn::kReferral);
  out.first_treatment = column(CourseColumn::kFirstTreatment);
  out.second_treatment = column(CourseColumn::kSecondTreatment);
  out.discharged = column(CourseColumn::kDischarged);
  out.minutes = column(CourseColumn::kMinutes);
  return out;
}

std::optional<std::vector<Complaint>> ParseComplaints(std::string_view cell) {
  std::vector<Complaint> out;
  while (true) {
    const size_t end = cell.find(';');
    const auto complaint = ParseComplaint(cell.substr(0, end));
    if (!complaint.has_value()) return std::nullopt;
    out.push_back(*complaint);
    if (end == cell.npos) return out;
    cell.remove_prefix(end + 1);
  }
}

absl::StatusOr<CourseTable> ReadCourses(std::string_view csv,
                                        std::string_view by) {
  STEPWELL_ASSIGN_OR_RETURN(CsvReader reader, CsvReader::Open(csv));
  return TableReader(std::move(reader)).Read(by);
}

}  // namespace stepwell::metrics
