// Health, and the preview of an advance.
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "engine/invariants.h"
#include "host/service_impl.h"

namespace stepwell::host {

using store::StreamKey;
using store::StreamKind;

namespace {

constexpr size_t kPage = 1000;
constexpr size_t kViolationsMax = 100;

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

absl::StatusOr<Health> ServiceImpl::CheckHealth(Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Health health;
  health.now = now;
  std::map<std::string, int64_t> counted;
  STEPWELL_RETURN_IF_ERROR(ForEachCase([&](CaseId id,
                                           const engine::CaseState& state,
                                           const protocol::Protocol& protocol) {
    ++counted[state.IsClosed() ? service::kCasesClosed : service::kCasesOpen];
    for (const engine::Referral& referral : state.referrals) {
      ++counted[service::kReferralsIn];
      if (!referral.disposition.IsNone()) {
        ++counted[service::kReferralsAnswered];
      }
    }
    for (const engine::AlertState& alert : state.alerts) {
      if (alert.stage == engine::AlertStage::kClosed) continue;
      ++counted[service::kAlertsOpen];
      if (alert.deadline < now) ++health.overdue_alerts;
    }
    for (std::string& broken : engine::BrokenInvariants(protocol, state, now)) {
      if (health.violations.size() < kViolationsMax) {
        health.violations.push_back(
            absl::StrCat("case ", CaseText(id), ": ", broken));
      }
    }
    return absl::OkStatus();
  }));
  for (const engine::ParkedState& parked : runtime_->service().parked) {
    counted[service::kParkedOpen] += parked.open ? 1 : 0;
  }
  for (const char* name : {service::kCasesOpen, service::kCasesClosed,
                           service::kReferralsIn, service::kReferralsAnswered,
                           service::kAlertsOpen, service::kParkedOpen}) {
    STEPWELL_ASSIGN_OR_RETURN(const int64_t kept,
                              runtime_->store().Counter(name));
    if (kept == counted[name]) continue;
    health.violations.push_back(absl::StrCat("the counter ", name, " is ", kept,
                                             ", counted are ", counted[name]));
  }
  const auto count = [&](const char* name) {
    return static_cast<uint64_t>(counted[name]);
  };
  health.open_cases = count(service::kCasesOpen);
  health.closed_cases = count(service::kCasesClosed);
  health.referrals_in = count(service::kReferralsIn);
  health.referrals_answered = count(service::kReferralsAnswered);
  health.referrals_open = health.referrals_in - health.referrals_answered;
  health.open_alerts = count(service::kAlertsOpen);
  health.parked = count(service::kParkedOpen);
  STEPWELL_ASSIGN_OR_RETURN(const store::StoreInfo info,
                            runtime_->store().Info());
  health.outbox_pending = info.outbox;
  store::WorkScan unowned;
  unowned.owner = service::OwnerKeyOfPool("");
  STEPWELL_ASSIGN_OR_RETURN(health.unowned_work,
                            runtime_->store().CountWork(unowned));
  STEPWELL_ASSIGN_OR_RETURN(const Instant next, runtime_->store().NextDue());
  if (next < now) health.oldest_due_unfired_us = (now - next).us;
  return health;
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
