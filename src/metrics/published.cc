// Counts in, the figures that they suffice for out.
#include "metrics/published.h"

#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/csv.h"
#include "base/numbers.h"
#include "base/strings.h"

namespace stepwell::metrics {
namespace {

struct CountColumn {
  std::string_view name;
  uint64_t NhsCounts::*into;
  std::string_view measure;  // that it is the numerator of; may be empty
};
constexpr CountColumn kCountColumns[] = {
    {"finished_course_treatment_count", &NhsCounts::finished, ""},
    {"not_at_caseness_count", &NhsCounts::not_at_caseness, ""},
    {"recovery_count", &NhsCounts::recovered, "recovery"},
    {"reliable_recovery_count", &NhsCounts::reliable_recovery,
     "reliable_recovery"},
    {"improvement_count", &NhsCounts::improved, "reliable_improvement"},
    {"deterioration_count", &NhsCounts::deteriorated, "reliable_deterioration"},
    {"no_reliable_change_count", &NhsCounts::no_change, "no_reliable_change"},
};
constexpr size_t kCounts = std::size(kCountColumns);
constexpr std::array<std::string_view, 4> kLabels = {
    "reporting_period", "variable_type", "variable_a", "variable_b"};

absl::StatusOr<std::optional<uint64_t>> ReadCount(const CsvReader& csv,
                                                  size_t place) {
  const std::string_view field = csv.field(place);
  if (CsvReader::IsMissing(field) || field == "NULL" || field == "*") {
    return std::optional<uint64_t>();
  }
  constexpr int64_t kCountMax = 1'000'000'000'000;
  const auto count = ParseDigits(field);
  if (count.has_value() && *count <= kCountMax) {
    return std::optional<uint64_t>(static_cast<uint64_t>(*count));
  }
  return csv.FieldError(place, "is no count");
}

absl::Status CheckCounts(const CsvReader& csv, const NhsCounts& counts) {
  for (const CountColumn& column : kCountColumns) {
    if (counts.*column.into <= counts.finished) continue;
    return InvalidInput(absl::StrCat("line ", csv.line(), ": ",
                                     ToAbsl(column.name),
                                     " is more than the finished courses"));
  }
  return absl::OkStatus();
}

class PublishedReader {
 public:
  explicit PublishedReader(CsvReader csv) : csv_(std::move(csv)) {}

  absl::StatusOr<std::vector<PublishedRow>> Read() {
    for (size_t i = 0; i < kCounts; ++i) {
      STEPWELL_ASSIGN_OR_RETURN(places_[i], csv_.Find(kCountColumns[i].name));
    }
    std::vector<PublishedRow> rows;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(const bool more, csv_.Next());
      if (!more) return rows;
      STEPWELL_ASSIGN_OR_RETURN(PublishedRow row, ReadRow());
      rows.push_back(std::move(row));
    }
  }

 private:
  absl::StatusOr<PublishedRow> ReadRow() {
    PublishedRow row;
    row.line = csv_.line();
    row.label = Label();
    NhsCounts counts;
    std::array<bool, kCounts> known{};
    for (size_t i = 0; i < kCounts; ++i) {
      STEPWELL_ASSIGN_OR_RETURN(const auto count, ReadCount(csv_, places_[i]));
      known[i] = count.has_value();
      counts.*kCountColumns[i].into = count.value_or(0);
    }
    if (!known[0]) return row;
    STEPWELL_RETURN_IF_ERROR(CheckCounts(csv_, counts));
    counts.unclassified =
        counts.finished -
        std::min(counts.finished,
                 counts.improved + counts.deteriorated + counts.no_change);
    for (const MeasureFigure& figure : FiguresOf(counts)) {
      for (size_t i = 2; i < kCounts; ++i) {
        const bool of_cases = i < 4;  // their denominator leaves non-cases out
        if (figure.definition->id == kCountColumns[i].measure && known[i] &&
            (!of_cases || known[1])) {
          row.figures.push_back(figure);
        }
      }
    }
    return row;
  }

  std::string Label() const {
    std::string label;
    for (const std::string_view name : kLabels) {
      const auto place = csv_.Find(name);
      if (!place.ok() || csv_.field(*place).empty()) continue;
      absl::StrAppend(&label, label.empty() ? "" : " / ",
                      ToAbsl(csv_.field(*place)));
    }
    return label;
  }

  CsvReader csv_;
  std::array<size_t, kCounts> places_{};
};

}  // namespace

absl::StatusOr<std::vector<PublishedRow>> ReadPublished(std::string_view csv) {
  STEPWELL_ASSIGN_OR_RETURN(CsvReader reader, CsvReader::Open(csv));
  return PublishedReader(std::move(reader)).Read();
}

}  // namespace stepwell::metrics
