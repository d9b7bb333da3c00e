// Internal to the host: rows of the worklist and of the outbox as values, for
// a service and for the kernel.
#ifndef STEPWELL_HOST_LINES_H_
#define STEPWELL_HOST_LINES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "json/json.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "service/projection.h"
#include "stepwell/service.h"
#include "store/store.h"
#include "wire/names.h"

namespace stepwell::host {

constexpr uint64_t Bit(service::WorkKind kind) {
  return uint64_t{1} << static_cast<int>(kind);
}
// What is somebody's work: all but the queue at the door and the patients.
inline constexpr uint64_t kWorkKinds =
    Bit(service::WorkKind::kItem) | Bit(service::WorkKind::kHomework) |
    Bit(service::WorkKind::kAlert) | Bit(service::WorkKind::kMessage) |
    Bit(service::WorkKind::kParked) | Bit(service::WorkKind::kUnread) |
    Bit(service::WorkKind::kLetter);

// "item", "alert", "message", "parked", "waiting", "homework", "patient", ...
const char* KindName(service::WorkKind kind);

// A list that a query asks for. None: everybody's. With `left_by` only those of
// the member's lines that lie with a pool which they are of no more and do not
// stand behind, and which the viewer sees; and with `is_shared` the alerts of
// pools that the viewer sees, whoever has them.
struct ListAsked {
  std::optional<uint64_t> owner;
  StaffId left_by = {}, viewer = {};
  bool is_shared = false;
  bool alerts_only = false;
  // Of somebody who is not here any more, or does not do it: mostly nothing.
  bool is_remainder = false;
};

absl::StatusOr<runtime::WorkPayload> ReadPayload(const store::WorkRow& row);
// `protocol` is the payload's; null for parked input, which has none.
WorkLine LineOf(const store::WorkLine& line,
                const runtime::WorkPayload& payload,
                const protocol::Protocol* protocol, std::string staff_name,
                Instant now);
// Without its position. `names` are those of its case, if it has one.
Effect EffectOf(const store::OutboxRow& row,
                const runtime::EffectPayload& payload,
                const wire::Names& names);

// Cursors are the five numbers of the order, as text.
std::string CursorText(const store::WorkLine& line);
absl::StatusOr<store::WorkCursor> ReadCursor(const std::string& text);

// The order of worklists.
bool WorkBefore(const store::WorkLine& a, const store::WorkLine& b);

void WriteLine(json::Writer& w, const WorkLine& line);
void WriteEffect(json::Writer& w, const Effect& effect);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_LINES_H_
