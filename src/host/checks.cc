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
                                     const protocol::Protocol&)>& visit) {
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto streams,
        runtime_->store().ListStreams(StreamKind::kCase, after, kPage));
    for (const StreamKey& key : streams) {
      after = key.id;
      STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                                runtime_->LoadCase(CaseId(key.id)));
      STEPWELL_RETURN_IF_ERROR(
          visit(CaseId(key.id), *loaded.state, *loaded.protocol));
    }
    if (streams.size() < kPage) return absl::OkStatus();
  }
}

absl::StatusOr<AdvancePreview> ServiceImpl::PreviewAdvance(Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
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
    if (clock.stream.kind != StreamKind::kCase) {
      ++by_clock["parked"];
      continue;
    }
    if (clock.clock == engine::kExpiryClock) {
      ++by_clock["expiring_notifications"];
      continue;
    }
    STEPWELL_ASSIGN_OR_RETURN(const auto loaded,
                              runtime_->LoadCase(CaseId(clock.stream.id)));
    for (const engine::ClockState& state : loaded.state->clocks) {
      if (state.ordinal != clock.clock) continue;
      ++by_clock[state.def.IsNone() ? loaded.protocol
                                          ->elements[static_cast<uint16_t>(
                                              state.subject.ordinal)]
                                          .id
                                    : loaded.protocol->at(state.def).id];
    }
  }
  preview.by_clock.assign(by_clock.begin(), by_clock.end());
  return preview;
}

}  // namespace stepwell::host
