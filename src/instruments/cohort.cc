// Two passes: what the cohort says of itself, then the judgement of each pair.
#include "instruments/cohort.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/csv.h"
#include "base/status.h"
#include "instruments/possible_scores.h"

namespace stepwell::instruments {
namespace {

// Sums of squares about running means (Welford 1962): no loss of digits.
struct Moments {
  double n = 0, mean_pre = 0, mean_post = 0;
  double pre2 = 0, post2 = 0, both = 0;

  void Add(double pre, double post) {
    n += 1;
    const double d_pre = pre - mean_pre, d_post = post - mean_post;
    mean_pre += d_pre / n;
    mean_post += d_post / n;
    pre2 += d_pre * (pre - mean_pre);
    post2 += d_post * (post - mean_post);
    both += d_pre * (post - mean_post);
  }
  double sd_pre() const { return std::sqrt(pre2 / (n - 1)); }
  double sd_post() const { return std::sqrt(post2 / (n - 1)); }
  double correlation() const { return both / std::sqrt(pre2 * post2); }
};

Moments MomentsOf(const std::vector<CohortPair>& pairs) {
  Moments out;
  for (const CohortPair& pair : pairs) {
    if (!pair.pre.has_value() || !pair.post.has_value()) continue;
    out.Add(pair.pre->ToDouble(), pair.post->ToDouble());
  }
  return out;
}

// Fills what is absent with what the cohort gives, and remembers its name.
class Estimates {
 public:
  Estimates(const Moments& moments, CohortChange& out)
      : moments_(moments), out_(out) {}

  // What an estimate asks of the pairs: a mean one of them, an SD that their
  // scores vary.
  enum Spread : uint8_t { kNone = 0, kFirst = 1, kLast = 2, kBoth = 3 };

  void Need(const char* name, double value, Spread spread,
            std::optional<double>& into) {
    if (into.has_value()) return;
    into = value;
    Estimated(name, spread);
  }

  void Estimated(const char* name, Spread spread) {
    const bool first = (spread & kFirst) == 0 || moments_.pre2 > 0;
    const bool last = (spread & kLast) == 0 || moments_.post2 > 0;
    const bool few = moments_.n < (spread == kNone ? 1 : 2);
    if (lacks_.empty() && (few || !first || !last)) {
      lacks_ = absl::StrCat(name, " must be taken from the table, which has ",
                            moments_.n, " pairs",
                            few      ? ""
                            : !first ? " whose first scores do not vary"
                                     : " whose last scores do not vary",
                            "; give the number");
    }
    out_.estimated.push_back(name);
  }

  absl::Status Fill(ChangeMethod method) {
    if (!IsReliableChangeIndex(method)) return absl::OkStatus();
    ChangeConstants& c = out_.constants;
    const bool ha = method == ChangeMethod::kHagemanArrindell;
    if (method != ChangeMethod::kJacobsonTruax) {
      Need("mean_pre", moments_.mean_pre, kNone, c.mean_pre);
    }
    Need("sd_pre", moments_.sd_pre(), kFirst, c.sd_pre);
    if (!FitsOneCase(method)) {
      Need("mean_post", moments_.mean_post, kNone, c.mean_post);
    }
    if (ha) {
      Need("sd_post", moments_.sd_post(), kLast, c.sd_post);
      Need("correlation", moments_.correlation(), kBoth, c.correlation);
    }
    return Enough();
  }

  absl::Status FillCutoff(const CohortRequest& request) {
    if (!request.cutoff.has_value()) return absl::OkStatus();
    out_.clinical = request.clinical;
    if (!out_.clinical.has_value() && *request.cutoff != CutoffRule::kB) {
      out_.clinical = Group{moments_.mean_pre, moments_.sd_pre()};
      Estimated("clinical", kFirst);
    }
    STEPWELL_RETURN_IF_ERROR(Enough());
    STEPWELL_ASSIGN_OR_RETURN(
        out_.constants.cutoff,
        ClinicalCutoff(*request.cutoff, out_.clinical, request.functional,
                       request.direction));
    return absl::OkStatus();
  }

 private:
  absl::Status Enough() const {
    if (!lacks_.empty()) return InvalidInput(lacks_);
    return absl::OkStatus();
  }

  const Moments& moments_;
  CohortChange& out_;
  std::string lacks_;  // what the first of them that cannot be had lacks
};

void CountPair(const CohortRequest& request, const CohortPair& pair,
               ChangeClass change, CohortChange& out) {
  ++out.counts[static_cast<size_t>(change)];
  if (!pair.pre.has_value() || !pair.post.has_value()) {
    ++out.missing;
    return;
  }
  if (!request.remission.has_value()) return;
  const bool remitted = request.direction == Direction::kHigherIsBetter
                            ? *pair.post >= *request.remission
                            : *pair.post <= *request.remission;
  const bool responded =
      change == ChangeClass::kImproved || change == ChangeClass::kRecovered;
  out.remitted += remitted;
  // Of a percentage of 0 nobody can say that it was no response.
  out.failed += !remitted && !responded && change != ChangeClass::kUndefined;
}

}  // namespace

absl::StatusOr<CohortChange> ChangeOfCohort(
    const CohortRequest& request, const std::vector<CohortPair>& pairs) {
  CohortChange out;
  out.constants = request.constants;
  const Moments moments = MomentsOf(pairs);
  Estimates estimates(moments, out);
  STEPWELL_RETURN_IF_ERROR(estimates.Fill(request.method));
  STEPWELL_RETURN_IF_ERROR(estimates.FillCutoff(request));
  if (request.remission.has_value() &&
      request.method != ChangeMethod::kPercent) {
    return InvalidInput("remission goes with response: the method percent");
  }
  STEPWELL_ASSIGN_OR_RETURN(
      out.rule, ChangeRule::Make(request.method, out.constants,
                                 request.direction, ChangeRule::Use::kCohort));
  out.rows = pairs.size();
  for (const CohortPair& pair : pairs) {
    CountPair(request, pair, out.rule->Judge(pair.pre, pair.post).change, out);
  }
  return out;
}

std::optional<Rational> ParseScore(std::string_view text) {
  if (const auto exact = ParseRational(text)) return exact;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(std::abs(value) < 1e9)) {
    return std::nullopt;
  }
  constexpr int64_t kMillion = 1'000'000;
  return Rational(std::llround(value * static_cast<double>(kMillion)),
                  kMillion);
}

namespace {

absl::StatusOr<std::optional<Rational>> ReadCell(
    const CsvReader& reader, size_t column,
    const std::optional<PossibleScores>& possible) {
  const std::string_view field = reader.field(column);
  if (CsvReader::IsMissing(field)) return std::optional<Rational>();
  const auto score = ParseScore(field);
  if (!score.has_value()) {
    return reader.FieldError(
        column,
        "is no number of at most nine digits before the point; leave the field "
        "empty where a score is missing");
  }
  if (!possible.has_value()) return score;
  const std::string why_not = possible->WhyNot(*score);
  if (!why_not.empty()) return reader.FieldError(column, why_not);
  return score;
}

}  // namespace

const Reliability* DefaultReliability(const Instrument& instrument,
                                      uint16_t scale) {
  for (const Reliability& known : instrument.reliabilities()) {
    if (known.scale == scale) return &known;
  }
  return nullptr;
}

absl::StatusOr<Report> TableChange(const TableChangeRequest& request,
                                   std::string_view csv) {
  STEPWELL_ASSIGN_OR_RETURN(CsvReader reader, CsvReader::Open(csv));
  STEPWELL_ASSIGN_OR_RETURN(const size_t pre, reader.Find(request.pre_column));
  STEPWELL_ASSIGN_OR_RETURN(const size_t post,
                            reader.Find(request.post_column));
  if (pre == post) {
    return InvalidInput(
        "the first and the last scores are one column: nobody would change");
  }
  const Instrument* instrument = request.cohort.instrument;
  std::optional<PossibleScores> possible;
  if (instrument != nullptr) {
    possible.emplace(*instrument, instrument->scales()[request.cohort.scale]);
  }
  std::vector<CohortPair> pairs;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) break;
    CohortPair pair;
    STEPWELL_ASSIGN_OR_RETURN(pair.pre, ReadCell(reader, pre, possible));
    STEPWELL_ASSIGN_OR_RETURN(pair.post, ReadCell(reader, post, possible));
    pairs.push_back(pair);
  }
  if (pairs.empty()) return InvalidInput("the table has no rows");
  return CohortReport(request.cohort, pairs);
}

}  // namespace stepwell::instruments
