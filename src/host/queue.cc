// The queue at the door, as a list and as the answer to "why do I wait?".
#include "service/queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "host/lines.h"
#include "host/service_impl.h"
#include "service/deadlines.h"

namespace stepwell::host {

using service::WorkKind;

namespace {

constexpr size_t kPage = 1000;
constexpr size_t kLinesMax = 10'000;

store::WorkScan WholeQueue() {
  store::WorkScan scan;
  scan.owner = service::QueueKey();
  scan.limit = kPage;
  return scan;
}

store::WorkCursor PlaceAfter(const store::WorkLine& line) {
  return {line.row.priority, line.row.due, line.stream, line.row.key};
}

// When the wait is over that the law counts.
void AddLegalWait(const protocol::Protocol& protocol,
                  const engine::CaseState& state, Instant now, WorkLine& line) {
  const engine::ClockState* clock = service::LegalClockOf(protocol, state);
  if (clock == nullptr) return;
  line.due = clock->due;
  line.overdue = service::IsOverdue(clock->due, now);
}

}  // namespace

absl::StatusOr<Worklist> ServiceImpl::QueryQueue(const WorklistQuery& query,
                                                 Instant now) {
  if (!query.owner.empty() || query.overdue_only || !query.viewer.empty() ||
      !query.whose.empty() || !query.due.empty() || query.priority_min ||
      query.priority_max || query.deferred || query.with_counts) {
    return InvalidInput(
        "the queue is one of the whole service, in its own order: it is asked "
        "for by `kind`, `limit` and `after` alone");
  }
  store::WorkScan scan = WholeQueue();
  Worklist result;
  STEPWELL_ASSIGN_OR_RETURN(result.total, runtime_->store().CountWork(scan));
  uint64_t position = 0;
  if (!query.after.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(scan.after, ReadCursor(query.after));
    STEPWELL_ASSIGN_OR_RETURN(const uint64_t behind,
                              runtime_->store().CountWork(scan));
    position = result.total - behind;
  }
  const size_t limit = std::min(query.limit, kLinesMax);
  scan.limit = limit + 1;
  STEPWELL_ASSIGN_OR_RETURN(const auto rows, runtime_->store().ScanWork(scan));
  for (size_t i = 0; i < std::min(rows.size(), limit); ++i) {
    STEPWELL_ASSIGN_OR_RETURN(WorkLine line, ToWorkLine(rows[i], now));
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                              runtime_->LoadCase(CaseId(rows[i].stream.id)));
    AddLegalWait(*loaded.protocol, *loaded.state, now, line);
    line.note = absl::StrCat("position ", ++position, " of ", result.total);
    result.overdue += line.overdue ? 1 : 0;
    result.lines.push_back(std::move(line));
  }
  if (rows.size() > limit && limit > 0) {
    result.next = CursorText(rows[limit - 1]);
  }
  return result;
}

absl::StatusOr<Explanation> ServiceImpl::ExplainPlace(const Past& past,
                                                      Instant now) {
  Explanation result;
  result.item = "queue";
  const engine::IntakeState* place = past.state.Place();
  result.state = place == nullptr ? "outside"
                 : place->waiting ? (place->held ? "held" : "waiting")
                                  : "in_care";
  if (place == nullptr || !place->waiting) return result;
  if (past.is_past) {
    // Who else waited then is not kept.
    result.reasons.push_back(absl::StrCat("class ", place->intake_class));
    return result;
  }
  store::WorkScan scan = WholeQueue();
  STEPWELL_ASSIGN_OR_RETURN(const uint64_t total,
                            runtime_->store().CountWork(scan));
  service::Ahead ahead;
  bool found = false;
  while (!found) {
    STEPWELL_ASSIGN_OR_RETURN(const auto rows,
                              runtime_->store().ScanWork(scan));
    for (const store::WorkLine& row : rows) {
      found = row.stream.id == past.id.value;
      if (found) break;
      STEPWELL_ASSIGN_OR_RETURN(const runtime::WorkPayload payload,
                                ReadPayload(row.row));
      if (!payload.intake.empty()) ahead.Count(payload.intake[0]);
    }
    if (rows.size() < kPage) break;
    scan.after = PlaceAfter(rows.back());
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto counters,
                            runtime_->store().Counters("intake/"));
  const auto counter = [&counters](std::string_view name) -> int64_t {
    for (const auto& [known, value] : counters) {
      if (known == name) return value;
    }
    return 0;
  };
  service::QueueWords words =
      service::WordsOf(*past.protocol, past.state, runtime_->service(),
                       service::LimitsNow(*past.protocol, runtime_->service(),
                                          runtime_->caseloads(), now, counter),
                       ahead, total, now);
  result.reasons = std::move(words.reasons);
  result.would_open = std::move(words.would_open);
  return result;
}

}  // namespace stepwell::host
