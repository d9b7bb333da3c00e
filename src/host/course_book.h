// Internal to the host: the courses of all cases, as their events come. Each
// event is read once; a later look takes what has been recorded since.
#ifndef STEPWELL_HOST_COURSE_BOOK_H_
#define STEPWELL_HOST_COURSE_BOOK_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/fingerprint.h"
#include "metrics/course.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"

namespace stepwell::host {

// How far the log of a case was read.
struct CasePlace {
  std::shared_ptr<const protocol::Protocol> protocol;  // that it is on
  uint64_t seq = 0;                                    // of the last event
  Instant recorded;                                    // of the last event
  Fingerprint head;  // over every record up to it, in order
};
// Each event with the protocol that it was written under.
using TakeEvent = absl::FunctionRef<void(const engine::Event& event,
                                         const protocol::Protocol& protocol)>;
// Reads on from `place` to what had been recorded at `until`.
absl::Status ReadOn(runtime::Runtime& runtime, CaseId id, Instant until,
                    CasePlace& place, TakeEvent take);
// Every case in ascending order of ids. Stops at the first error.
absl::Status ForEachCaseId(runtime::Runtime& runtime,
                           absl::FunctionRef<absl::Status(CaseId id)> visit);

struct CaseCourse : CasePlace {
  metrics::Course course;
};

class CourseBook {
 public:
  // Must outlive the book.
  explicit CourseBook(runtime::Runtime& runtime) : runtime_(runtime) {}

  using Visit =
      absl::FunctionRef<absl::Status(CaseId id, const CaseCourse& known)>;
  // Every case in ascending order of ids, by what had been recorded at `until`;
  // without one, by all that is. Stops at the first error.
  absl::Status ForEach(std::optional<Instant> until, Visit visit);

 private:
  runtime::Runtime& runtime_;
  absl::node_hash_map<CaseId, CaseCourse> cases_;
};

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_COURSE_BOOK_H_
