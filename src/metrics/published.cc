// Counts in, the figures that they suffice for out.
#include "metrics/published.h"

#include <algorithm>
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

// The columns by their place in the list.
enum : size_t {
  kFinished,
  kNotCases,
  kRecovered,
  kReliablyRecovered,
  kImproved,
  kDeteriorated,
  kNoChange,
};
using Counts = std::array<std::optional<uint64_t>, kCounts>;

// What is known of the counts must fit together.
absl::Status CheckCounts(const CsvReader& csv, const Counts& counts) {
  const auto known = [&](size_t i) { return counts[i].value_or(0); };
  const auto refuse = [&](size_t i, uint64_t most, const char* of) {
    return InvalidInput(absl::StrCat(
        "line ", csv.line(), ": ", ToAbsl(kCountColumns[i].name), " is ",
        known(i), ", more than the ", most, " ", of,
        "; counts that were rounded can contradict each other: leave such a "
        "row out"));
  };
  const uint64_t finished = known(kFinished);
  for (size_t i = 0; i < kCounts; ++i) {
    if (known(i) > finished) return refuse(i, finished, "finished courses");
  }
  const uint64_t cases = finished - known(kNotCases);
  if (known(kRecovered) > cases) {
    return refuse(kRecovered, cases, "that were not below caseness");
  }
  for (const size_t of : {kRecovered, kImproved}) {
    if (counts[of] && known(kReliablyRecovered) > *counts[of]) {
      return refuse(kReliablyRecovered, *counts[of],
                    of == kRecovered ? "recovered" : "improved");
    }
  }
  const uint64_t rest = finished - known(kImproved);
  if (known(kDeteriorated) + known(kNoChange) > rest) {
    return refuse(kNoChange, rest - std::min(rest, known(kDeteriorated)),
                  "that neither improved nor deteriorated");
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
    Counts counts;
    for (size_t i = 0; i < kCounts; ++i) {
      STEPWELL_ASSIGN_OR_RETURN(counts[i], ReadCount(csv_, places_[i]));
      row.counts.*kCountColumns[i].into = counts[i].value_or(0);
    }
    if (!counts[kFinished]) return row;
    STEPWELL_RETURN_IF_ERROR(CheckCounts(csv_, counts));
    const bool classified =
        counts[kImproved] && counts[kDeteriorated] && counts[kNoChange];
    if (classified) {
      row.counts.unclassified = *counts[kFinished] - *counts[kImproved] -
                                *counts[kDeteriorated] - *counts[kNoChange];
    }
    for (MeasureFigure& figure : FiguresOf(row.counts)) {
      for (size_t i = kRecovered; i < kCounts; ++i) {
        if (figure.definition->id != kCountColumns[i].measure || !counts[i]) {
          continue;
        }
        const bool of_cases = i == kRecovered || i == kReliablyRecovered;
        if (of_cases && !counts[kNotCases]) continue;
        SetMissing(row.counts, classified, of_cases, figure);
        row.figures.push_back(figure);
      }
    }
    return row;
  }

  // Of those without a pair of scores the counts do not say who was a case.
  static void SetMissing(const NhsCounts& counts, bool classified,
                         bool of_cases, MeasureFigure& figure) {
    const bool all_alike =
        counts.unclassified == 0 || counts.not_at_caseness == 0;
    figure.missing_known = classified && (!of_cases || all_alike);
    figure.ratio.missing = figure.missing_known ? counts.unclassified : 0;
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
