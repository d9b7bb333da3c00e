#include "host/line_rows.h"

#include <utility>
#include <variant>

#include "base/status.h"
#include "engine/apply.h"
#include "host/course_book.h"

namespace stepwell::host {

using service::WorkKind;

absl::Status LineRows::Take(const engine::Event& event) {
  if (std::holds_alternative<engine::CommandRecorded>(event.body)) {
    STEPWELL_RETURN_IF_ERROR(EndCommand());
  }
  engine::Apply(event, state_);
  command_.push_back(event);
  return absl::OkStatus();
}

absl::Status LineRows::EndCommand() {
  if (command_.empty()) return absl::OkStatus();
  if (protocol_ == nullptr || protocol_->hash != state_.protocol) {
    STEPWELL_ASSIGN_OR_RETURN(protocol_, runtime_.ProtocolOf(state_.protocol));
  }
  // Counters are not asked for, so what the case counted does not matter.
  const service::Projection changed =
      service::Project(*protocol_, service::CaseShare(), command_, state_);
  const RowTimes times = {command_.front().at, command_.front().recorded};
  for (const uint64_t key : changed.work_removed) End(key, times);
  for (const service::WorkEntry& entry : changed.work_set) {
    // The queue at the door and the patients of an owner are no work.
    if (entry.kind == WorkKind::kWaiting || entry.kind == WorkKind::kPatient) {
      continue;
    }
    Set(entry, times);
  }
  command_.clear();
  return absl::OkStatus();
}

void LineRows::Set(const service::WorkEntry& entry, const RowTimes& times) {
  const auto [it, is_new] = open_.try_emplace(
      service::WorkKey(entry.kind, entry.ordinal), rows_.size());
  if (is_new) {
    rows_.emplace_back();
    rows_.back().ordinal = entry.ordinal;
    rows_.back().episode = static_cast<uint16_t>(state_.episodes.size());
    rows_.back().times = times;
  }
  LineRow& row = rows_[it->second];
  row.kind =
      entry.filter == WorkKind::kUnread ? WorkKind::kMessage : entry.filter;
  if (entry.kind == WorkKind::kItem) {
    row.item = protocol_->at(state_.items[entry.ordinal].key.element).id;
  }
  row.pool.clear();
  if (!entry.owner.pool.IsNone()) row.pool = protocol_->at(entry.owner.pool).id;
  row.staff = entry.owner.staff;
  row.deadlines.PassTo(times.recorded);
  row.deadlines.due = entry.due;
}

void LineRows::End(uint64_t key, const RowTimes& times) {
  const auto it = open_.find(key);
  if (it == open_.end()) return;
  LineRow& row = rows_[it->second];
  row.deadlines.PassTo(times.recorded);
  row.ended = times;
  open_.erase(it);
}

absl::StatusOr<std::vector<LineRow>> LineRows::Finish(Instant now) {
  STEPWELL_RETURN_IF_ERROR(EndCommand());
  for (const auto& [key, index] : open_) rows_[index].deadlines.PassTo(now);
  return std::move(rows_);
}

absl::Status ForEachCaseLines(
    runtime::Runtime& runtime, Instant until, Instant now,
    absl::FunctionRef<void(CaseId id, const std::vector<LineRow>& rows)>
        visit) {
  return ForEachCaseId(runtime, [&](CaseId id) -> absl::Status {
    LineRows lines(runtime);
    CasePlace place;
    absl::Status taken;
    STEPWELL_RETURN_IF_ERROR(
        ReadOn(runtime, id, until, place,
               [&](const engine::Event& event, const protocol::Protocol&) {
                 taken.Update(lines.Take(event));
               }));
    STEPWELL_RETURN_IF_ERROR(taken);
    STEPWELL_ASSIGN_OR_RETURN(const std::vector<LineRow> rows,
                              lines.Finish(now));
    if (place.seq > 0) visit(id, rows);
    return absl::OkStatus();
  });
}

}  // namespace stepwell::host
