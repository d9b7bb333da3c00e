// The store in memory: for simulation, tests and short lives. Every check is
// made before the first change, so a commit is all or nothing. (But not when
// memory runs out: Abseil's containers do not survive a failed allocation.)
#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/command_table.h"
#include "store/records.h"
#include "store/request.h"
#include "store/store.h"
#include "store/work_index.h"

namespace stepwell::store {
namespace {

struct MemoryStream {
  std::string state;
  Records log;
  std::vector<ClockRow> clocks;  // few: searched from the front
  std::vector<WorkRow> work;     // few: likewise
};

struct ByDue {
  bool operator()(const DueClock& a, const DueClock& b) const {
    return std::tie(a.due, a.stream, a.clock) <
           std::tie(b.due, b.stream, b.clock);
  }
};

// Erases without keeping the order of the rest.
template <class Row>
void EraseAt(std::vector<Row>& rows, typename std::vector<Row>::iterator at) {
  if (at != rows.end() - 1) *at = std::move(rows.back());
  rows.pop_back();
}

// Appends without room for more: a stream has few rows and a short state, and
// there are many streams.
template <class Row>
void Append(std::vector<Row>& rows, const Row& row) {
  if (rows.size() == rows.capacity()) rows.reserve(rows.size() + 1);
  rows.push_back(row);
}

// Likewise: assigning what is longer would take room for twice as much.
void Assign(std::string& to, const std::string& from) {
  if (from.size() > to.capacity()) {
    std::string(from).swap(to);
  } else {
    to.assign(from);
  }
}

class MemoryStore final : public Store {
 public:
  absl::Status Commit(const CommitRequest& request) override;

  absl::StatusOr<std::optional<StoredState>> LoadState(
      StreamKey stream) override;
  absl::StatusOr<std::vector<std::string>> ReadRecords(StreamKey stream,
                                                       uint64_t from_seq,
                                                       size_t limit) override;
  absl::StatusOr<std::vector<StreamKey>> ListStreams(StreamKind kind,
                                                     uint64_t after,
                                                     size_t limit) override;
  absl::StatusOr<std::optional<CommandRow>> FindCommand(
      std::string_view id) override;
  absl::StatusOr<std::vector<DueClock>> DueClocks(Instant now,
                                                  size_t limit) override;
  absl::StatusOr<std::vector<ClockRow>> ClocksOf(StreamKey stream) override;
  absl::StatusOr<Instant> NextDue() override;
  absl::StatusOr<std::vector<WorkLine>> ScanWork(const WorkScan& scan) override;
  absl::StatusOr<uint64_t> CountWork(const WorkScan& scan) override;
  absl::StatusOr<std::vector<WorkTally>> TallyWork(
      const WorkScan& scan, const WorkCuts& cuts) override;
  absl::StatusOr<std::vector<PendingEffect>> PendingEffects(
      uint64_t after, size_t limit) override;
  absl::StatusOr<int64_t> Counter(std::string_view name) override;
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> Counters(
      std::string_view prefix) override;
  absl::StatusOr<std::optional<ExternalIdRow>> FindExternalId(
      std::string_view system, std::string_view value) override;
  absl::StatusOr<std::vector<ExternalIdRow>> ExternalIdsOf(
      uint32_t kind, uint64_t target) override;
  absl::StatusOr<std::optional<std::string>> GetDocument(
      std::string_view space, std::string_view key) override;
  absl::StatusOr<std::vector<std::string>> ListDocuments(
      std::string_view space, std::string_view after_key,
      size_t limit) override;
  absl::StatusOr<std::vector<AuditRow>> ReadAudit(uint64_t after,
                                                  size_t limit) override;
  absl::StatusOr<StoreInfo> Info() override;
  absl::Status CheckStructure() override;

 private:
  using Pair = std::pair<std::string, std::string>;
  using Target = std::pair<uint32_t, uint64_t>;
  // The stream of each write, null where it is new.
  using Streams = absl::InlinedVector<MemoryStream*, 4>;

  MemoryStream* Find(StreamKey key) const {
    const auto found = streams_.find(key);
    return found == streams_.end() ? nullptr : found->second.get();
  }

  absl::Status CheckStreams(const CommitRequest& request,
                            Streams& streams) const;
  absl::Status CheckUnchanged(const CommitRequest& request) const;
  absl::Status CheckCounters(const CommitRequest& request) const;
  absl::Status CheckExternalIds(const CommitRequest& request) const;
  absl::Status CheckEffects(const CommitRequest& request) const;

  void Apply(const CommitRequest& request, const Streams& streams);
  MemoryStream* Create(StreamKey key);
  void ApplyStream(const StreamWrite& write, MemoryStream& stream);
  void RemoveClock(StreamKey key, MemoryStream& stream, uint64_t clock);
  void SetClock(StreamKey key, MemoryStream& stream, const ClockRow& row);
  void RemoveWork(StreamKey key, MemoryStream& stream, uint64_t work);
  void SetWork(StreamKey key, MemoryStream& stream, const WorkRow& row);
  void ApplyRest(const CommitRequest& request);

  absl::Status CheckStreamStructure(StreamKey key,
                                    const MemoryStream& stream) const;

  mutable std::mutex mutex_;
  absl::flat_hash_map<StreamKey, std::unique_ptr<MemoryStream>> streams_;
  absl::btree_set<StreamKey> stream_order_;
  absl::btree_set<DueClock, ByDue> due_;
  WorkIndex work_;
  CommandTable commands_;
  absl::btree_map<uint64_t, PendingEffect> outbox_;  // by position
  absl::flat_hash_map<uint64_t, uint64_t> effects_;  // effect to position
  uint64_t last_position_ = 0;
  std::map<std::string, int64_t, std::less<>> counters_;
  std::map<Pair, Target> external_ids_;
  absl::btree_set<std::pair<Target, Pair>> external_ids_by_target_;
  std::map<Pair, std::string> documents_;
  std::vector<AuditRow> audit_;
};

absl::Status MemoryStore::CheckStreams(const CommitRequest& request,
                                       Streams& streams) const {
  for (size_t i = 0; i < request.streams.size(); ++i) {
    const StreamWrite& write = request.streams[i];
    MemoryStream* const stream = Find(write.stream);
    const uint64_t version = stream == nullptr ? 0 : stream->log.size();
    if (version != write.expected_version) {
      return VersionMoved(
          FailedCheck::kVersion, i, {write.stream, write.expected_version},
          stream == nullptr ? std::nullopt : std::optional(version));
    }
    uint64_t bytes = stream == nullptr ? 0 : stream->log.bytes();
    bytes += write.records.bytes();
    if (bytes > Records::kBytesMax) {
      return TooLarge("a stream in memory holds at most 4 GiB of records");
    }
    streams.push_back(stream);
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::CheckUnchanged(const CommitRequest& request) const {
  for (size_t i = 0; i < request.unchanged.size(); ++i) {
    const StreamCheck& wanted = request.unchanged[i];
    const MemoryStream* const stream = Find(wanted.stream);
    const uint64_t version = stream == nullptr ? 0 : stream->log.size();
    if (version == wanted.version) continue;
    return VersionMoved(
        FailedCheck::kUnchanged, i, wanted,
        stream == nullptr ? std::nullopt : std::optional(version));
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::CheckCounters(const CommitRequest& request) const {
  std::map<std::string_view, int64_t> changed;
  for (size_t i = 0; i < request.counters.size(); ++i) {
    const CounterWrite& write = request.counters[i];
    const auto stored = counters_.find(write.name);
    const int64_t before = stored == counters_.end() ? 0 : stored->second;
    int64_t& value = changed.try_emplace(write.name, before).first->second;
    STEPWELL_ASSIGN_OR_RETURN(value, ChangedCounter(i, write, value));
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::CheckExternalIds(const CommitRequest& request) const {
  std::map<Pair, Target> added;
  for (size_t i = 0; i < request.external_ids.size(); ++i) {
    const ExternalIdRow& row = request.external_ids[i];
    const Pair name(row.system, row.value);
    const Target target(row.kind, row.target);
    const auto stored = external_ids_.find(name);
    const bool taken =
        stored != external_ids_.end()
            ? stored->second != target
            : added.emplace(name, target).first->second != target;
    if (taken) return ExternalIdTaken(i, row);
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::CheckEffects(const CommitRequest& request) const {
  absl::btree_set<uint64_t> added;
  for (size_t i = 0; i < request.streams.size(); ++i) {
    for (const OutboxRow& row : request.streams[i].outbox) {
      if (effects_.contains(row.effect) || !added.insert(row.effect).second) {
        return EffectPending(i, row.effect);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Commit(const CommitRequest& request) {
  STEPWELL_RETURN_IF_ERROR(CheckRequest(request));
  const std::lock_guard lock(mutex_);
  if (request.command && commands_.Contains(request.command->id)) {
    return CommandExists(*request.command);
  }
  Streams streams;
  STEPWELL_RETURN_IF_ERROR(CheckStreams(request, streams));
  STEPWELL_RETURN_IF_ERROR(CheckUnchanged(request));
  STEPWELL_RETURN_IF_ERROR(CheckCounters(request));
  STEPWELL_RETURN_IF_ERROR(CheckExternalIds(request));
  STEPWELL_RETURN_IF_ERROR(CheckEffects(request));
  Apply(request, streams);
  return absl::OkStatus();
}

void MemoryStore::Apply(const CommitRequest& request, const Streams& streams) {
  for (size_t i = 0; i < request.streams.size(); ++i) {
    const StreamWrite& write = request.streams[i];
    MemoryStream* stream = streams[i];
    if (stream == nullptr) stream = Create(write.stream);
    ApplyStream(write, *stream);
  }
  if (request.command) commands_.Insert(*request.command);
  ApplyRest(request);
}

MemoryStream* MemoryStore::Create(StreamKey key) {
  stream_order_.insert(key);
  return streams_.emplace(key, std::make_unique<MemoryStream>())
      .first->second.get();
}

void MemoryStore::ApplyStream(const StreamWrite& write, MemoryStream& stream) {
  stream.log.Add(write.records);
  if (write.state) Assign(stream.state, *write.state);
  for (const uint64_t clock : write.clocks_removed) {
    RemoveClock(write.stream, stream, clock);
  }
  for (const ClockRow& row : write.clocks_set) {
    SetClock(write.stream, stream, row);
  }
  for (const uint64_t key : write.work_removed) {
    RemoveWork(write.stream, stream, key);
  }
  for (const WorkRow& row : write.work_set) {
    SetWork(write.stream, stream, row);
  }
  for (const OutboxRow& row : write.outbox) {
    const uint64_t position = ++last_position_;
    outbox_.emplace_hint(outbox_.end(), position,
                         PendingEffect{position, write.stream, row});
    effects_.emplace(row.effect, position);
  }
}

void MemoryStore::RemoveClock(StreamKey key, MemoryStream& stream,
                              uint64_t clock) {
  const auto at =
      std::find_if(stream.clocks.begin(), stream.clocks.end(),
                   [&](const ClockRow& row) { return row.clock == clock; });
  if (at == stream.clocks.end()) return;
  due_.erase(DueClock{at->due, key, clock});
  EraseAt(stream.clocks, at);
}

void MemoryStore::SetClock(StreamKey key, MemoryStream& stream,
                           const ClockRow& row) {
  const auto at =
      std::find_if(stream.clocks.begin(), stream.clocks.end(),
                   [&](const ClockRow& old) { return old.clock == row.clock; });
  if (at == stream.clocks.end()) {
    Append(stream.clocks, row);
  } else if (at->due == row.due) {
    return;
  } else {
    due_.erase(DueClock{at->due, key, row.clock});
    at->due = row.due;
  }
  due_.insert(DueClock{row.due, key, row.clock});
}

void MemoryStore::RemoveWork(StreamKey key, MemoryStream& stream,
                             uint64_t work) {
  const auto at =
      std::find_if(stream.work.begin(), stream.work.end(),
                   [&](const WorkRow& row) { return row.key == work; });
  if (at == stream.work.end()) return;
  work_.Erase(key, *at);
  EraseAt(stream.work, at);
}

void MemoryStore::SetWork(StreamKey key, MemoryStream& stream,
                          const WorkRow& row) {
  const auto at =
      std::find_if(stream.work.begin(), stream.work.end(),
                   [&](const WorkRow& old) { return old.key == row.key; });
  if (at == stream.work.end()) {
    Append(stream.work, row);
    work_.Insert(key, row);
    return;
  }
  const bool stays = at->owner == row.owner && at->kind == row.kind &&
                     at->priority == row.priority && at->due == row.due;
  if (stays) {
    at->payload.assign(row.payload);
    return;
  }
  work_.Erase(key, *at);
  *at = row;
  work_.Insert(key, row);
}

void MemoryStore::ApplyRest(const CommitRequest& request) {
  for (const CounterWrite& write : request.counters) {
    counters_[write.name] += write.delta;
  }
  for (const ExternalIdRow& row : request.external_ids) {
    const Pair name(row.system, row.value);
    const Target target(row.kind, row.target);
    external_ids_.emplace(name, target);
    external_ids_by_target_.emplace(target, name);
  }
  for (const DocumentWrite& write : request.documents) {
    Pair name(write.space, write.key);
    if (write.bytes) {
      documents_.insert_or_assign(std::move(name), *write.bytes);
    } else {
      documents_.erase(name);
    }
  }
  for (const AuditRow& row : request.audit) audit_.push_back(row);
  for (const uint64_t effect : request.outbox_acknowledged) {
    const auto found = effects_.find(effect);
    if (found == effects_.end()) continue;
    outbox_.erase(found->second);
    effects_.erase(found);
  }
}

absl::StatusOr<std::optional<StoredState>> MemoryStore::LoadState(
    StreamKey stream) {
  const std::lock_guard lock(mutex_);
  const MemoryStream* const found = Find(stream);
  if (found == nullptr) return std::optional<StoredState>();
  return std::optional(StoredState{found->log.size(), found->state});
}

absl::StatusOr<std::vector<std::string>> MemoryStore::ReadRecords(
    StreamKey stream, uint64_t from_seq, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> records;
  const MemoryStream* const found = Find(stream);
  if (found == nullptr) return records;
  const uint64_t begin = from_seq == 0 ? 0 : from_seq - 1;
  if (begin >= found->log.size()) return records;
  const uint64_t count = std::min<uint64_t>(limit, found->log.size() - begin);
  records.reserve(count);
  for (uint64_t i = begin; i < begin + count; ++i) {
    records.emplace_back(found->log[i]);
  }
  return records;
}

absl::StatusOr<std::vector<StreamKey>> MemoryStore::ListStreams(StreamKind kind,
                                                                uint64_t after,
                                                                size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<StreamKey> keys;
  auto at = stream_order_.upper_bound(StreamKey{kind, after});
  for (; at != stream_order_.end() && at->kind == kind; ++at) {
    if (keys.size() == limit) break;
    keys.push_back(*at);
  }
  return keys;
}

absl::StatusOr<std::optional<CommandRow>> MemoryStore::FindCommand(
    std::string_view id) {
  const std::lock_guard lock(mutex_);
  return commands_.Find(id);
}

absl::StatusOr<std::vector<DueClock>> MemoryStore::DueClocks(Instant now,
                                                             size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<DueClock> clocks;
  for (const DueClock& clock : due_) {
    if (clock.due > now || clocks.size() == limit) break;
    clocks.push_back(clock);
  }
  return clocks;
}

absl::StatusOr<std::vector<ClockRow>> MemoryStore::ClocksOf(StreamKey stream) {
  const std::lock_guard lock(mutex_);
  const MemoryStream* const found = Find(stream);
  if (found == nullptr) return std::vector<ClockRow>();
  std::vector<ClockRow> clocks = found->clocks;
  std::sort(
      clocks.begin(), clocks.end(),
      [](const ClockRow& a, const ClockRow& b) { return a.clock < b.clock; });
  return clocks;
}

absl::StatusOr<Instant> MemoryStore::NextDue() {
  const std::lock_guard lock(mutex_);
  return due_.empty() ? Instant::Never() : due_.begin()->due;
}

// Lines of one stream are few: they are filtered and sorted.
std::vector<WorkLine> StreamLines(const WorkScan& scan,
                                  const MemoryStream& stream) {
  std::vector<WorkLine> lines;
  for (const WorkRow& row : stream.work) {
    if (scan.owner && *scan.owner != row.owner) continue;
    if (!HasKind(scan, row.kind) || !HasPriority(scan, row.priority) ||
        !IsDue(scan, row.due)) {
      continue;
    }
    if (scan.after && PlaceOf(*scan.stream, row) <= PlaceOf(*scan.after)) {
      continue;
    }
    lines.push_back({*scan.stream, row});
  }
  std::sort(lines.begin(), lines.end(),
            [](const WorkLine& a, const WorkLine& b) {
              return PlaceOf(a.stream, a.row) < PlaceOf(b.stream, b.row);
            });
  return lines;
}

absl::StatusOr<std::vector<WorkLine>> MemoryStore::ScanWork(
    const WorkScan& scan) {
  const std::lock_guard lock(mutex_);
  std::vector<WorkLine> lines;
  if (scan.stream) {
    const MemoryStream* const stream = Find(*scan.stream);
    if (stream == nullptr) return lines;
    lines = StreamLines(scan, *stream);
    if (lines.size() > scan.limit) lines.resize(scan.limit);
    return lines;
  }
  for (const WorkPlace& place : work_.Scan(scan)) {
    const MemoryStream* const stream = Find(place.stream);
    const auto row =
        std::find_if(stream->work.begin(), stream->work.end(),
                     [&](const WorkRow& r) { return r.key == place.key; });
    lines.push_back({place.stream, *row});
  }
  return lines;
}

absl::StatusOr<uint64_t> MemoryStore::CountWork(const WorkScan& scan) {
  const std::lock_guard lock(mutex_);
  if (!scan.stream) return work_.Count(scan);
  const MemoryStream* const stream = Find(*scan.stream);
  return stream == nullptr ? 0 : StreamLines(scan, *stream).size();
}

absl::StatusOr<std::vector<WorkTally>> MemoryStore::TallyWork(
    const WorkScan& scan, const WorkCuts& cuts) {
  const std::lock_guard lock(mutex_);
  if (!scan.stream) return work_.Tally(scan, cuts);
  std::map<uint32_t, WorkTally> tallies;
  if (const MemoryStream* const stream = Find(*scan.stream)) {
    for (const WorkLine& line : StreamLines(scan, *stream)) {
      AddTo(tallies[line.row.kind], cuts, line.row.priority, line.row.due);
    }
  }
  return ByKind(tallies);
}

absl::StatusOr<std::vector<PendingEffect>> MemoryStore::PendingEffects(
    uint64_t after, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<PendingEffect> effects;
  for (auto at = outbox_.upper_bound(after);
       at != outbox_.end() && effects.size() < limit; ++at) {
    effects.push_back(at->second);
  }
  return effects;
}

absl::StatusOr<int64_t> MemoryStore::Counter(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = counters_.find(name);
  return found == counters_.end() ? 0 : found->second;
}

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
MemoryStore::Counters(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, int64_t>> counters;
  for (auto at = counters_.lower_bound(prefix);
       at != counters_.end() && at->first.starts_with(prefix); ++at) {
    counters.emplace_back(at->first, at->second);
  }
  return counters;
}

absl::StatusOr<std::optional<ExternalIdRow>> MemoryStore::FindExternalId(
    std::string_view system, std::string_view value) {
  const std::lock_guard lock(mutex_);
  const auto found = external_ids_.find(Pair(system, value));
  if (found == external_ids_.end()) return std::optional<ExternalIdRow>();
  return std::optional(ExternalIdRow{std::string(system), std::string(value),
                                     found->second.first,
                                     found->second.second});
}

absl::StatusOr<std::vector<ExternalIdRow>> MemoryStore::ExternalIdsOf(
    uint32_t kind, uint64_t target) {
  const std::lock_guard lock(mutex_);
  std::vector<ExternalIdRow> rows;
  const Target wanted(kind, target);
  for (auto at = external_ids_by_target_.lower_bound({wanted, Pair()});
       at != external_ids_by_target_.end() && at->first == wanted; ++at) {
    rows.push_back({at->second.first, at->second.second, kind, target});
  }
  return rows;
}

absl::StatusOr<std::optional<std::string>> MemoryStore::GetDocument(
    std::string_view space, std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = documents_.find(Pair(space, key));
  if (found == documents_.end()) return std::optional<std::string>();
  return std::optional(found->second);
}

absl::StatusOr<std::vector<std::string>> MemoryStore::ListDocuments(
    std::string_view space, std::string_view after_key, size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  for (auto at = documents_.upper_bound(Pair(space, after_key));
       at != documents_.end() && at->first.first == space &&
       keys.size() < limit;
       ++at) {
    keys.push_back(at->first.second);
  }
  return keys;
}

absl::StatusOr<std::vector<AuditRow>> MemoryStore::ReadAudit(uint64_t after,
                                                             size_t limit) {
  const std::lock_guard lock(mutex_);
  if (after >= audit_.size()) return std::vector<AuditRow>();
  const size_t count = std::min<size_t>(limit, audit_.size() - after);
  const auto begin = audit_.begin() + static_cast<ptrdiff_t>(after);
  return std::vector<AuditRow>(begin, begin + static_cast<ptrdiff_t>(count));
}

absl::StatusOr<StoreInfo> MemoryStore::Info() {
  const std::lock_guard lock(mutex_);
  StoreInfo info;
  info.engine = "memory";
  info.library = "memory";
  info.format = 1;
  info.streams = streams_.size();
  for (const StreamKey key : stream_order_) {
    info.records += Find(key)->log.size();
  }
  info.clocks = due_.size();
  info.work = work_.size();
  info.outbox = outbox_.size();
  return info;
}

absl::Status MemoryStore::CheckStreamStructure(
    StreamKey key, const MemoryStream& stream) const {
  if (stream.log.size() == 0) return Corrupt("a stream has no record");
  for (const ClockRow& row : stream.clocks) {
    if (!due_.contains(DueClock{row.due, key, row.clock})) {
      return Corrupt("a clock is missing in the order of clocks");
    }
  }
  for (const WorkRow& row : stream.work) {
    if (!work_.Contains(key, row)) {
      return Corrupt("a work line is missing in its owner's list");
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::CheckStructure() {
  const std::lock_guard lock(mutex_);
  size_t clocks = 0;
  size_t work = 0;
  for (const StreamKey key : stream_order_) {
    const MemoryStream* const stream = Find(key);
    if (stream == nullptr) return Corrupt("a listed stream does not exist");
    STEPWELL_RETURN_IF_ERROR(CheckStreamStructure(key, *stream));
    clocks += stream->clocks.size();
    work += stream->work.size();
  }
  const bool fits = stream_order_.size() == streams_.size() &&
                    clocks == due_.size() && work == work_.size() &&
                    effects_.size() == outbox_.size() &&
                    external_ids_.size() == external_ids_by_target_.size();
  return fits ? absl::OkStatus() : Corrupt("an index and its rows differ");
}

}  // namespace

std::unique_ptr<Store> NewMemoryStore() {
  return std::make_unique<MemoryStore>();
}

}  // namespace stepwell::store
