// The store appends, reads and remembers; it never understands. Everything
// that one command changes goes in through one Commit, all or nothing.
//
// A store holds one tenant. Keys are numbers the caller chose; payloads are
// opaque bytes. Implementations: memory and SQLite (same behaviour, tested by
// one conformance suite). Errors: kAborted = a version, counter or uniqueness
// check failed and nothing was changed (CheckFailureOf says which);
// kInvalidArgument = the request breaks a rule of this header, nothing was
// changed; kUnavailable = locked, disk full or read-only, try again or mend
// the disk; kDataLoss = the file is damaged; kFailedPrecondition = not a store
// of ours or a newer one. After kUnavailable from a Commit read before trying
// again: like any database it may rarely have kept a commit whose last write
// it could not confirm. A repeated command id makes that safe.
//
// Threads: one Store object may be used from several threads; calls are
// serialised inside. Two processes may share one SQLite file.
#ifndef STEPWELL_STORE_STORE_H_
#define STEPWELL_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "stepwell/time.h"
#include "store/records.h"

namespace stepwell::store {

// Numbers are part of the file format. kGroup is reserved.
enum class StreamKind : uint8_t {
  kCase = 1,
  kPerson = 2,
  kService = 3,
  kGroup = 4,
};

struct StreamKey {
  StreamKind kind = StreamKind::kCase;
  uint64_t id = 0;  // never 0 in a stored stream
  auto operator<=>(const StreamKey&) const = default;
  template <class H>
  friend H AbslHashValue(H h, const StreamKey& key) {
    return H::combine(std::move(h), static_cast<int>(key.kind), key.id);
  }
};

// A deadline the store can find by time. (stream, clock) is unique.
struct ClockRow {
  uint64_t clock = 0;  // chosen by the caller, unique within the stream
  Instant due;
  bool operator==(const ClockRow&) const = default;
};

// A line of some worklist. (stream, key) is unique. Lists are read in the
// order (priority descending, due, stream, key).
struct WorkRow {
  uint64_t key = 0;    // chosen by the caller, unique within the stream
  uint64_t owner = 0;  // whose list it is on: a person or a queue
  uint32_t kind = 0;   // chosen by the caller: filters
  int32_t priority = 0;
  Instant due = Instant::Never();
  std::string payload;
  bool operator==(const WorkRow&) const = default;
};

// A request to the outside world, re-offered until acknowledged. The store
// refuses an id that is pending; that none comes back after its
// acknowledgement is the caller's promise (ids derived from stream and
// sequence number keep it).
struct OutboxRow {
  uint64_t effect = 0;  // stable id, never reused; unique in the store
  Instant valid_until = Instant::Never();
  std::string payload;
  bool operator==(const OutboxRow&) const = default;
};

// What one command changes in one stream. Rows are removed before others are
// set; of two rows with one key in a list the last counts.
struct StreamWrite {
  StreamKey stream;
  // Number of records in the stream before this write; 0 = it must not exist.
  uint64_t expected_version = 0;
  // Encoded log records, in order: they become expected_version + 1, .... May
  // be empty when the stream exists: then only the other rows change.
  Records records;
  // A state that the stream has passed, the newest best; replaces the state
  // row. Absent: the row stays, and whoever loads it reads on in the records.
  // A new stream needs one.
  std::optional<std::string> state;
  // Most commands have room for theirs in here.
  absl::InlinedVector<ClockRow, 4> clocks_set;      // insert or replace
  absl::InlinedVector<uint64_t, 4> clocks_removed;  // absent ones are fine
  absl::InlinedVector<WorkRow, 2> work_set;         // insert or replace
  absl::InlinedVector<uint64_t, 4> work_removed;    // absent ones are fine
  std::vector<OutboxRow> outbox;                    // a repeated id is an error
};

// A stream that a command has read and does not write: it must still stand at
// this version (0 = not exist), else kAborted.
struct StreamCheck {
  StreamKey stream;
  uint64_t version = 0;
};

// Changes a named counter and checks the result.
struct CounterWrite {
  std::string name;
  int64_t delta = 0;
  std::optional<int64_t> min;  // the value after the change must be >= min
  std::optional<int64_t> max;  // ... and <= max, else kAborted
};

// A command's receipt: the same id gets the same reply, for ever.
struct CommandRow {
  std::string id;
  std::string fingerprint;  // of the command's content, opaque
  std::string reply;        // opaque
};

// (system, value) -> what it names. Unique: a second insert with another
// target is kAborted, with the same target it changes nothing.
struct ExternalIdRow {
  std::string system;
  std::string value;
  uint32_t kind = 0;  // what kind of thing it names; chosen by the caller
  uint64_t target = 0;
};

// Bytes kept apart from the streams: protocols, raw input, and the erasable
// personal data that events never hold. Put replaces; deletion is physical.
struct DocumentWrite {
  std::string space;  // "protocol", "raw", "person", ...
  std::string key;
  std::optional<std::string> bytes;  // nullopt = delete
};

// One line of the audit trail: who was allowed to do what.
struct AuditRow {
  Instant at;
  std::string entry;  // opaque
};

// Entries of one list are applied in order. Effects are acknowledged last. A
// stream may be written once.
struct CommitRequest {
  absl::InlinedVector<StreamWrite, 1> streams;
  absl::InlinedVector<StreamCheck, 2> unchanged;
  std::optional<CommandRow> command;  // kAborted when the id exists
  std::vector<CounterWrite> counters;
  std::vector<ExternalIdRow> external_ids;
  std::vector<DocumentWrite> documents;
  std::vector<uint64_t> outbox_acknowledged;  // unknown ids are fine
  std::vector<AuditRow> audit;
};

// Which check made a Commit kAborted, and the place of the entry that failed
// it in the request's list (of streams, counters, ...; for an effect, of the
// stream that carries it). Checks are made in this order: a repeated command
// is seen before the version that it has itself moved on.
enum class FailedCheck : uint8_t {
  kNone,  // not a failed check
  kCommand,
  kVersion,
  kCounter,
  kExternalId,
  kEffect,
  kUnchanged,  // made after kVersion
};
struct CheckFailure {
  FailedCheck check = FailedCheck::kNone;
  size_t index = 0;
  bool operator==(const CheckFailure&) const = default;
};
CheckFailure CheckFailureOf(const absl::Status& status);

struct StoredState {
  uint64_t version = 0;  // number of records in the stream
  std::string bytes;     // as last written: it may be of an earlier version
};

struct DueClock {
  Instant due;
  StreamKey stream;
  uint64_t clock = 0;
  bool operator==(const DueClock&) const = default;
};

struct WorkLine {
  StreamKey stream;
  WorkRow row;
};

// Where a worklist scan starts: after this line.
struct WorkCursor {
  int32_t priority = 0;
  Instant due;
  StreamKey stream;
  uint64_t key = 0;
};

struct WorkScan {
  std::optional<uint64_t> owner;    // nullopt = every owner
  std::optional<StreamKey> stream;  // only this stream
  // Kinds of lines: those whose bit is set, 1 << kind. Kinds from 64 on are
  // found by scans of every kind only.
  std::optional<uint64_t> kinds;
  std::optional<int32_t> priority_min, priority_max;  // both included
  std::optional<Instant> due_from, due_before;        // from <= due < before
  std::optional<WorkCursor> after;
  size_t limit = 50;  // counts are without it
};

// Parts of a list that are counted beside it.
struct WorkCuts {
  Instant due_first, due_last;  // due < first; first <= due < last
  int32_t priority_max = 0;     // priority <= this
};
// How many lines of a kind a scan has, and how many of them lie in each part.
struct WorkTally {
  uint32_t kind = 0;
  uint64_t lines = 0, due_first = 0, due_last = 0, low = 0;
  bool operator==(const WorkTally&) const = default;
};

struct PendingEffect {
  uint64_t position = 0;  // grows with every commit; the reader's cursor
  StreamKey stream;
  OutboxRow row;
};

// Counted when asked for: the cost grows with the store.
struct StoreInfo {
  std::string engine;   // "memory", "sqlite"
  std::string library;  // "SQLite 3.40.1"
  uint32_t format = 0;  // version of the layout
  uint64_t streams = 0, records = 0, clocks = 0, work = 0, outbox = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual absl::Status Commit(const CommitRequest& request) = 0;

  // The state row of a stream; nullopt when the stream does not exist.
  virtual absl::StatusOr<std::optional<StoredState>> LoadState(
      StreamKey stream) = 0;
  // Records from `from_seq` (the first is 1), at most `limit`.
  virtual absl::StatusOr<std::vector<std::string>> ReadRecords(
      StreamKey stream, uint64_t from_seq, size_t limit) = 0;
  // Streams of one kind with id > `after`, ascending; 0 = from the first.
  virtual absl::StatusOr<std::vector<StreamKey>> ListStreams(StreamKind kind,
                                                             uint64_t after,
                                                             size_t limit) = 0;

  virtual absl::StatusOr<std::optional<CommandRow>> FindCommand(
      std::string_view id) = 0;

  // Clocks due at or before `now`, in order (due, stream, clock).
  virtual absl::StatusOr<std::vector<DueClock>> DueClocks(Instant now,
                                                          size_t limit) = 0;
  // The clocks of one stream, by number.
  virtual absl::StatusOr<std::vector<ClockRow>> ClocksOf(StreamKey stream) = 0;
  // The earliest due instant of all clocks; Never when there are none.
  virtual absl::StatusOr<Instant> NextDue() = 0;

  virtual absl::StatusOr<std::vector<WorkLine>> ScanWork(
      const WorkScan& scan) = 0;
  virtual absl::StatusOr<uint64_t> CountWork(const WorkScan& scan) = 0;
  // All counts of a list in one walk; by kind, those without lines left out.
  virtual absl::StatusOr<std::vector<WorkTally>> TallyWork(
      const WorkScan& scan, const WorkCuts& cuts) = 0;

  // Unacknowledged effects with position > `after`, ascending.
  virtual absl::StatusOr<std::vector<PendingEffect>> PendingEffects(
      uint64_t after, size_t limit) = 0;

  virtual absl::StatusOr<int64_t> Counter(std::string_view name) = 0;
  // Counters whose name begins with `prefix`, by name.
  virtual absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> Counters(
      std::string_view prefix) = 0;

  virtual absl::StatusOr<std::optional<ExternalIdRow>> FindExternalId(
      std::string_view system, std::string_view value) = 0;
  // Every external id of a target, by (system, value).
  virtual absl::StatusOr<std::vector<ExternalIdRow>> ExternalIdsOf(
      uint32_t kind, uint64_t target) = 0;

  virtual absl::StatusOr<std::optional<std::string>> GetDocument(
      std::string_view space, std::string_view key) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListDocuments(
      std::string_view space, std::string_view after_key, size_t limit) = 0;

  // Audit entries in order of writing, starting after `after` entries.
  virtual absl::StatusOr<std::vector<AuditRow>> ReadAudit(uint64_t after,
                                                          size_t limit) = 0;

  virtual absl::StatusOr<StoreInfo> Info() = 0;
  // Checks the store's own structure: rows that point nowhere, gaps in
  // sequence numbers, damage the engine below can see. OK or kDataLoss.
  virtual absl::Status CheckStructure() = 0;
};

std::unique_ptr<Store> NewMemoryStore();

enum class OpenMode {
  kCreate,    // a new file; kAlreadyExists when there is one
  kExisting,  // kNotFound when there is none
};

// Opens an SQLite file: WAL, synchronous FULL, foreign files refused.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                                       OpenMode mode);

// "memory:" or "sqlite:PATH".
absl::StatusOr<std::unique_ptr<Store>> OpenStore(std::string_view url,
                                                 OpenMode mode);

}  // namespace stepwell::store

#endif  // STEPWELL_STORE_STORE_H_
