// A walk over all cases, and the preview of an advance.
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status.h"
#include "host/service_impl.h"

namespace stepwell::host {

using store::StreamKey;
using store::StreamKind;

namespace {

constexpr size_t kPage = 1000;

}  // namespace

absl::Status ServiceImpl::ForEachCase(
    const std::function<absl::Status(CaseId, const engine::CaseState&,
                                     const protocol::Protocol&)>& visit,
    const std::function<void(CaseId, const absl::Status&)>& unreadable) {
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto streams,
        runtime_->store().ListStreams(StreamKind::kCase, after, kPage));
    for (const StreamKey& key : streams) {
      after = key.id;
      const auto loaded = runtime_->LoadCase(CaseId(key.id));
      if (unreadable && !loaded.ok() && !absl::IsUnavailable(loaded.status())) {
        unreadable(CaseId(key.id), loaded.status());
        continue;
      }
      STEPWELL_RETURN_IF_ERROR(loaded.status());
      STEPWELL_RETURN_IF_ERROR(
          visit(CaseId(key.id), *loaded->state, *loaded->protocol));
    }
    if (streams.size() < kPage) return absl::OkStatus();
  }
}

namespace {

std::string NameOfClock(const engine::CaseState& state,
                        const protocol::Protocol& protocol, uint64_t ordinal) {
  for (const engine::ClockState& clock : state.clocks) {
    if (clock.ordinal != ordinal) continue;
    if (!clock.def.IsNone()) return protocol.at(clock.def).id;
    const auto element = static_cast<uint16_t>(clock.subject.ordinal);
    return protocol.elements[element].id;
  }
  return "unknown_clock";  // of the index only; an advance names it
}

}  // namespace

absl::StatusOr<AdvancePreview> ServiceImpl::PreviewAdvance(Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  AdvancePreview preview;
  STEPWELL_ASSIGN_OR_RETURN(preview.last_advance, runtime_->LastAdvance());
  preview.needs_catch_up =
      now - preview.last_advance > WallDays(limits::kAdvanceDaysMax);
  STEPWELL_ASSIGN_OR_RETURN(preview.oldest_due, runtime_->store().NextDue());
  STEPWELL_ASSIGN_OR_RETURN(const auto due,
                            runtime_->store().DueClocks(now, 1'000'000));
  preview.due = due.size();
  std::map<std::string, uint64_t> by_clock;
  for (const store::DueClock& clock : due) {
    STEPWELL_ASSIGN_OR_RETURN(const bool held, runtime_->IsHeld(clock));
    if (held) {
      ++by_clock["held_by_safe_mode"];
      continue;
    }
    if (clock.stream.kind != StreamKind::kCase) {
      const bool group = clock.stream.kind == StreamKind::kGroup;
      ++by_clock[group ? "group" : "parked"];
      continue;
    }
    if (clock.clock == engine::kExpiryClock) {
      ++by_clock["expiring_notifications"];
      continue;
    }
    if (clock.clock == engine::kQuietClock) {
      ++by_clock["words_after_quiet_hours"];
      continue;
    }
    if (clock.clock == engine::kHeldClock) {
      ++by_clock["held_decisions"];
      continue;
    }
    if (clock.clock == engine::kFollowUpClock) {
      ++by_clock["follow_ups"];
      continue;
    }
    if (clock.clock == engine::kWeekClock) {
      ++by_clock["decision_points"];
      continue;
    }
    if (clock.clock == engine::kValidityClock) {
      ++by_clock["expiring_consents_and_documents"];
      continue;
    }
    const auto loaded = runtime_->LoadCase(CaseId(clock.stream.id));
    if (absl::IsUnavailable(loaded.status())) return loaded.status();
    if (!loaded.ok()) {
      ++by_clock["unreadable_case"];  // an advance names it
      continue;
    }
    ++by_clock[NameOfClock(*loaded->state, *loaded->protocol, clock.clock)];
  }
  preview.by_clock.assign(by_clock.begin(), by_clock.end());
  return preview;
}

}  // namespace stepwell::host
