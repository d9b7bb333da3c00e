// Internal to the host: the lines of worklists that a case has had, from its
// events: when each came, went and was overdue.
#ifndef STEPWELL_HOST_LINE_ROWS_H_
#define STEPWELL_HOST_LINE_ROWS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/event.h"
#include "engine/state.h"
#include "host/log_rows.h"
#include "runtime/runtime.h"
#include "service/deadlines.h"
#include "service/projection.h"

namespace stepwell::host {

struct LineRow {
  service::WorkKind kind = service::WorkKind::kItem;  // unread: a message
  uint32_t ordinal = 0;
  uint16_t episode = 0;
  std::string item, pool;  // by their ids; of an alert or a message no item
  StaffId staff;
  service::LineDeadlines deadlines;
  std::optional<RowTimes> ended;
  RowTimes times;
};

// Takes the events of one case in order.
class LineRows {
 public:
  // Must outlive this; it knows the versions.
  explicit LineRows(runtime::Runtime& runtime) : runtime_(runtime) {}

  absl::Status Take(const engine::Event& event);
  // The lines as they stand at that time, by when they came.
  absl::StatusOr<std::vector<LineRow>> Finish(Instant now);

 private:
  // A command's events are one step of the lists, as when it was committed.
  absl::Status EndCommand();
  void Set(const service::WorkEntry& entry, const RowTimes& times);
  void End(uint64_t key, const RowTimes& times);

  runtime::Runtime& runtime_;
  engine::CaseState state_;
  std::shared_ptr<const protocol::Protocol> protocol_;  // that it is on
  std::vector<engine::Event> command_;
  std::vector<LineRow> rows_;
  std::map<uint64_t, size_t> open_;  // by service::WorkKey
};

// The lines of every case as they had been recorded until then, and as they
// stand at `now`.
absl::Status ForEachCaseLines(
    runtime::Runtime& runtime, Instant until, Instant now,
    absl::FunctionRef<void(CaseId id, const std::vector<LineRow>& rows)> visit);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_LINE_ROWS_H_
