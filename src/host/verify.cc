// The proof that the log is the truth: every stream is replayed, and all that
// is derived from it (state row, worklist, deadlines, outbox, counters) must
// be what the store holds. One case at a time; memory grows with neither the
// number of cases nor that of events.
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "engine/apply.h"
#include "host/service_impl.h"
#include "runtime/rows.h"
#include "service/counted.h"
#include "wire/record.h"

namespace stepwell::host {

using store::OutboxRow;
using store::StreamKey;
using store::StreamKind;

namespace {

constexpr size_t kPage = 1000;
constexpr size_t kDifferencesMax = 100;
constexpr size_t kLinesOfCaseMax = 1'000'000;

Fingerprint PrintOf(StreamKey stream, const OutboxRow& row) {
  return FingerprintOf(absl::StrCat(stream.id, "/", row.effect, "/",
                                    row.valid_until.us, "/", row.payload));
}

// A set of rows in any order, as a number: equal sets have equal sums.
class RowSum {
 public:
  void Add(const Fingerprint& print) {
    uint64_t words[2];
    std::memcpy(words, print.bytes.data(), sizeof(words));
    const uint64_t low = low_ + words[0];
    high_ += words[1] + (low < low_ ? 1 : 0);
    low_ = low;
    ++count_;
  }
  bool operator==(const RowSum&) const = default;

 private:
  uint64_t count_ = 0, low_ = 0, high_ = 0;
};

class Verifier {
 public:
  Verifier(runtime::Runtime& runtime, Verification& result)
      : runtime_(runtime), store_(runtime.store()), result_(result) {}

  absl::Status Run() {
    STEPWELL_RETURN_IF_ERROR(store_.CheckStructure());
    STEPWELL_RETURN_IF_ERROR(ReadOutbox());
    STEPWELL_RETURN_IF_ERROR(
        Each(StreamKind::kCase, [this](StreamKey key) { return Case(key); }));
    STEPWELL_RETURN_IF_ERROR(Each(
        StreamKind::kPerson, [this](StreamKey key) { return Person(key); }));
    STEPWELL_RETURN_IF_ERROR(Each(
        StreamKind::kService, [this](StreamKey key) { return Service(key); }));
    STEPWELL_RETURN_IF_ERROR(
        Each(StreamKind::kGroup, [this](StreamKey key) { return Group(key); }));
    if (!(offered_ == owed_)) STEPWELL_RETURN_IF_ERROR(LocateEffects());
    for (const auto& [effect, print] : service_effects_) {
      Differ(absl::StrCat("service: the outbox holds effect ", IdToText(effect),
                          ", which the log does not ask for like that"));
    }
    return Counters();
  }

 private:
  void Differ(std::string what) {
    if (result_.differences.size() < kDifferencesMax) {
      result_.differences.push_back(std::move(what));
    }
  }

  template <class Visit>
  absl::Status Each(StreamKind kind, const Visit& visit) {
    uint64_t after = 0;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(const auto streams,
                                store_.ListStreams(kind, after, kPage));
      for (const StreamKey& key : streams) {
        STEPWELL_RETURN_IF_ERROR(visit(key));
        after = key.id;
      }
      if (streams.size() < kPage) return absl::OkStatus();
    }
  }

  // Applies every event; `take` sees each with the state after it. False when
  // the records are not numbered as they should be. The stored row is of some
  // version that a case has passed; of the newest one of other streams.
  template <class State, class Decode, class DecodeRow, class Take>
  absl::StatusOr<bool> Replay(StreamKey key, const char* what, State& state,
                              const Decode& decode, const DecodeRow& decode_row,
                              const Take& take) {
    STEPWELL_ASSIGN_OR_RETURN(const auto row, store_.LoadState(key));
    const absl::StatusOr<State> stored =
        decode_row(row ? std::string_view(row->bytes) : std::string_view());
    bool same = false;
    uint64_t seq = 0;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(const auto records,
                                store_.ReadRecords(key, seq + 1, kPage));
      for (const std::string& record : records) {
        STEPWELL_ASSIGN_OR_RETURN(const auto event, decode(record));
        if (event.seq != ++seq) {
          Differ(absl::StrCat(what, " ", IdToText(key.id), ": record ", seq,
                              " says it is number ", event.seq));
          return false;
        }
        engine::Apply(event, state);
        take(event);
        if (stored.ok() && stored->version == seq) {
          same = wire::IsRowOf(row->bytes, state);
        }
      }
      if (records.size() < kPage) break;
    }
    if (locating_) return true;
    ++result_.streams;
    result_.events += seq;
    const bool behind = stored.ok() && stored->version < seq;
    if (!same || (behind && key.kind != StreamKind::kCase)) {
      Differ(absl::StrCat(what, " ", IdToText(key.id),
                          ": replay differs from the stored state"));
    }
    return true;
  }

  absl::Status Case(StreamKey key) {
    engine::CaseState state;
    std::map<uint64_t, OutboxRow> pending;
    service::EventCount happened(counted_);
    STEPWELL_ASSIGN_OR_RETURN(
        const bool replayed,
        Replay(
            key, "case", state, wire::DecodeEvent, wire::DecodeState,
            [&](const engine::Event& event) {
              if (const auto* asked =
                      std::get_if<engine::EffectRequested>(&event.body)) {
                pending[asked->effect] = runtime::ToOutboxRow(state, *asked);
              } else if (const auto* settled =
                             std::get_if<engine::EffectSettled>(&event.body)) {
                pending.erase(settled->effect);
              } else if (!locating_) {
                happened.Take(event, [this](const Fingerprint& hash) {
                  const auto version = runtime_.ProtocolOf(hash);
                  return version.ok() ? version->get() : nullptr;
                });
              }
            }));
    if (!replayed) return absl::OkStatus();
    for (const auto& [effect, row] : pending) Owe(key, row);
    if (locating_) return absl::OkStatus();
    STEPWELL_ASSIGN_OR_RETURN(const auto protocol,
                              runtime_.ProtocolOf(state.protocol));
    std::map<uint64_t, store::WorkRow> work;
    for (const service::WorkEntry& entry : service::AllWork(*protocol, state)) {
      store::WorkRow row = runtime::ToWorkRow(*protocol, state, entry);
      work[row.key] = std::move(row);
    }
    std::map<uint64_t, Instant> clocks;
    for (const engine::ClockState& clock : state.clocks) {
      if (!clock.next_due.IsNever()) clocks[clock.ordinal] = clock.next_due;
    }
    for (const uint32_t inner : engine::kInnerClocks) {
      if (state.InnerDue(inner).IsNever()) continue;
      clocks[inner] = state.InnerDue(inner);
    }
    service::CountCase(*protocol, state, counted_);
    return Compare(key, "case", work, clocks);
  }

  absl::Status Person(StreamKey key) {
    engine::PersonState state;
    return Replay(key, "person", state, wire::DecodePersonEvent,
                  wire::DecodePersonState, [](const engine::PersonEvent&) {})
        .status();
  }

  absl::Status Service(StreamKey key) {
    engine::ServiceState state;
    STEPWELL_ASSIGN_OR_RETURN(
        const bool replayed,
        Replay(key, "service", state, wire::DecodeServiceEvent,
               wire::DecodeServiceState,
               [&](const engine::ServiceEvent& event) {
                 const auto* told =
                     std::get_if<engine::ParkedNotified>(&event.body);
                 if (told == nullptr || told->parked >= state.parked.size()) {
                   return;
                 }
                 // Acknowledgements of these are in no event: those that are
                 // still offered must be as they were asked for.
                 const auto it = service_effects_.find(told->effect);
                 if (it == service_effects_.end()) return;
                 const OutboxRow row = runtime::ToOutboxRow(
                     *told, state.parked[told->parked].receipt);
                 if (PrintOf(key, row) == it->second) {
                   service_effects_.erase(it);
                 }
               }));
    if (!replayed) return absl::OkStatus();
    std::map<uint64_t, store::WorkRow> work;
    std::map<uint64_t, Instant> clocks;
    for (uint32_t i = 0; i < state.parked.size(); ++i) {
      if (!state.parked[i].open) continue;
      store::WorkRow row = runtime::ToWorkRow(state.parked[i], i);
      work[row.key] = std::move(row);
      clocks[i] = state.parked[i].next_due;
      ++counted_[service::kParkedOpen];
    }
    return Compare(key, "service", work, clocks);
  }

  absl::Status Group(StreamKey key) {
    engine::GroupState state;
    STEPWELL_ASSIGN_OR_RETURN(
        const bool replayed,
        Replay(key, "group", state, wire::DecodeGroupEvent,
               wire::DecodeGroupState, [](const engine::GroupEvent&) {}));
    if (!replayed) return absl::OkStatus();
    counted_[absl::StrCat(service::kGroupPrefix, state.id)] += state.Seated();
    std::map<uint64_t, Instant> clocks;
    if (!state.NextDue().IsNever()) clocks[0] = state.NextDue();
    return Compare(key, "group", {}, clocks);
  }

  // The rows of one stream must be exactly these.
  absl::Status Compare(StreamKey key, const char* what,
                       const std::map<uint64_t, store::WorkRow>& work,
                       const std::map<uint64_t, Instant>& clocks) {
    store::WorkScan scan;
    scan.stream = key;
    scan.limit = kLinesOfCaseMax;
    STEPWELL_ASSIGN_OR_RETURN(const auto lines, store_.ScanWork(scan));
    bool equal = work.size() == lines.size();
    for (const store::WorkLine& line : lines) {
      const auto it = work.find(line.row.key);
      equal = equal && it != work.end() && it->second == line.row;
    }
    if (!equal) {
      Differ(absl::StrCat(what, " ", IdToText(key.id),
                          ": the worklist differs from the state"));
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto rows, store_.ClocksOf(key));
    equal = clocks.size() == rows.size();
    for (const store::ClockRow& row : rows) {
      const auto it = clocks.find(row.clock);
      equal = equal && it != clocks.end() && it->second == row.due;
    }
    if (!equal) {
      Differ(absl::StrCat(what, " ", IdToText(key.id),
                          ": the deadlines differ from the state"));
    }
    return absl::OkStatus();
  }

  absl::Status Counters() {
    STEPWELL_ASSIGN_OR_RETURN(const auto counters, store_.Counters(""));
    for (const auto& [name, value] : counters) {
      if (name == "advance/last_us") continue;  // of the host, not of the log
      const int64_t counted = counted_[name];
      counted_.erase(name);
      if (value == counted) continue;
      Differ(absl::StrCat("the counter ", name, " is ", value,
                          ", counted from the log are ", counted));
    }
    for (const auto& [name, value] : counted_) {
      if (value == 0) continue;
      Differ(absl::StrCat("the counter ", name, " is missing, counted are ",
                          value));
    }
    return absl::OkStatus();
  }

  absl::Status ReadOutbox() {
    uint64_t after = 0;
    while (true) {
      STEPWELL_ASSIGN_OR_RETURN(const auto rows,
                                store_.PendingEffects(after, kPage));
      for (const store::PendingEffect& pending : rows) {
        after = pending.position;
        const Fingerprint print = PrintOf(pending.stream, pending.row);
        if (pending.stream.kind == StreamKind::kService) {
          service_effects_[pending.row.effect] = print;
        } else if (locating_) {
          case_effects_[pending.row.effect] = print;
        } else {
          offered_.Add(print);
        }
      }
      if (rows.size() < kPage) return absl::OkStatus();
    }
  }

  // A case waits for this effect: the outbox must offer it.
  void Owe(StreamKey key, const OutboxRow& row) {
    const Fingerprint print = PrintOf(key, row);
    if (!locating_) {
      owed_.Add(print);
      return;
    }
    const auto it = case_effects_.find(row.effect);
    if (it != case_effects_.end() && it->second == print) {
      case_effects_.erase(it);
      return;
    }
    Differ(absl::StrCat("case ", IdToText(key.id), ": effect ",
                        IdToText(row.effect),
                        " is not offered as the log asks for it"));
  }

  // The outbox is wrong somewhere: only now is it held in memory.
  absl::Status LocateEffects() {
    locating_ = true;
    const auto of_service = service_effects_;
    STEPWELL_RETURN_IF_ERROR(ReadOutbox());
    service_effects_ = of_service;
    STEPWELL_RETURN_IF_ERROR(
        Each(StreamKind::kCase, [this](StreamKey key) { return Case(key); }));
    for (const auto& [effect, print] : case_effects_) {
      Differ(absl::StrCat("the outbox holds effect ", IdToText(effect),
                          ", for which no case waits like that"));
    }
    return absl::OkStatus();
  }

  runtime::Runtime& runtime_;
  store::Store& store_;
  Verification& result_;
  service::Counts counted_;
  RowSum offered_, owed_;
  bool locating_ = false;
  std::map<uint64_t, Fingerprint> service_effects_;  // offered, not yet found
  std::map<uint64_t, Fingerprint> case_effects_;     // likewise, locating
};

}  // namespace

absl::StatusOr<Verification> ServiceImpl::Verify() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Verification result;
  STEPWELL_RETURN_IF_ERROR(Verifier(*runtime_, result).Run());
  return result;
}

}  // namespace stepwell::host
