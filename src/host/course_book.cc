#include "host/course_book.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "store/store.h"
#include "wire/record.h"

namespace stepwell::host {
namespace {

constexpr size_t kCasesPerPage = 1000;
constexpr size_t kRecordsPerPage = 1000;

Fingerprint Chain(const Fingerprint& head, const std::string& record) {
  std::string bytes(head.bytes.begin(), head.bytes.end());
  bytes += record;
  return FingerprintOf(bytes);
}

// The protocol after the event, which may be a migration's.
absl::Status TakeOne(runtime::Runtime& runtime, const engine::Event& event,
                     CasePlace& place, TakeEvent take) {
  std::shared_ptr<const protocol::Protocol> next;
  if (const auto* opened = std::get_if<engine::CaseOpened>(&event.body)) {
    STEPWELL_ASSIGN_OR_RETURN(place.protocol,
                              runtime.ProtocolOf(opened->protocol));
  } else if (const auto* migrated =
                 std::get_if<engine::Migrated>(&event.body)) {
    STEPWELL_ASSIGN_OR_RETURN(next, runtime.ProtocolOf(migrated->to));
  }
  // Before the case is opened there is the command only, which names nothing.
  take(event, place.protocol ? *place.protocol : *runtime.current());
  if (next) place.protocol = std::move(next);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadOn(runtime::Runtime& runtime, CaseId id, Instant until,
                    CasePlace& place, TakeEvent take) {
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto records,
        runtime.store().ReadRecords({store::StreamKind::kCase, id.value},
                                    place.seq + 1, kRecordsPerPage));
    for (const std::string& record : records) {
      STEPWELL_ASSIGN_OR_RETURN(const engine::Event event,
                                wire::DecodeEvent(record));
      if (event.recorded > until) return absl::OkStatus();
      STEPWELL_RETURN_IF_ERROR(TakeOne(runtime, event, place, take));
      place.seq = event.seq;
      place.recorded = event.recorded;
      place.head = Chain(place.head, record);
    }
    if (records.size() < kRecordsPerPage) return absl::OkStatus();
  }
}

absl::Status ForEachCaseId(runtime::Runtime& runtime,
                           absl::FunctionRef<absl::Status(CaseId id)> visit) {
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const auto streams, runtime.store().ListStreams(
                                                      store::StreamKind::kCase,
                                                      after, kCasesPerPage));
    for (const store::StreamKey& stream : streams) {
      after = stream.id;
      STEPWELL_RETURN_IF_ERROR(visit(CaseId(stream.id)));
    }
    if (streams.size() < kCasesPerPage) return absl::OkStatus();
  }
}

absl::Status CourseBook::ForEach(std::optional<Instant> until, Visit visit) {
  const auto read = [this](CaseId id, Instant limit, CaseCourse& known) {
    return ReadOn(
        runtime_, id, limit, known,
        [&](const engine::Event& event, const protocol::Protocol& protocol) {
          known.course.Take(event, protocol);
        });
  };
  return ForEachCaseId(runtime_, [&](CaseId id) -> absl::Status {
    CaseCourse& known = cases_[id];
    STEPWELL_RETURN_IF_ERROR(read(id, Instant::Never(), known));
    if (!until || known.recorded <= *until) return visit(id, known);
    // Recorded times never decrease in a stream: what was known then is its
    // beginning.
    CaseCourse then;
    STEPWELL_RETURN_IF_ERROR(read(id, *until, then));
    return then.seq > 0 ? visit(id, then) : absl::OkStatus();
  });
}

}  // namespace stepwell::host
