// Tables from the log of a service, and scores as another document gives them.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "host/line_rows.h"
#include "host/log_tables.h"
#include "host/names.h"
#include "host/rescore.h"
#include "host/service_impl.h"
#include "stepwell/tables.h"

namespace stepwell::host {

namespace {

// Calls `visit` with the rows of every case.
absl::Status ForEachRows(
    runtime::Runtime& runtime, Instant until, bool with_subscales,
    absl::FunctionRef<void(CaseId id, const CaseRows& rows)> visit) {
  return ForEachCaseId(runtime, [&](CaseId id) -> absl::Status {
    CaseRows rows;
    rows.with_subscales = with_subscales;
    CasePlace place;
    wire::Names names = NamesFor(runtime, nullptr, nullptr);
    const auto take = [&](const engine::Event& event,
                          const protocol::Protocol& protocol) {
      names.protocol = &protocol;
      rows.Take(event, names);
    };
    STEPWELL_RETURN_IF_ERROR(ReadOn(runtime, id, until, place, take));
    if (place.seq > 0) visit(id, rows);
    return absl::OkStatus();
  });
}

// Nothing that was looked at is no proof that nothing differs.
absl::Status CheckIsAsked(runtime::Runtime& runtime, const std::string& id) {
  for (const auto& deployed : runtime.service().protocols) {
    STEPWELL_ASSIGN_OR_RETURN(const auto protocol,
                              runtime.ProtocolOf(deployed.hash));
    for (const protocol::ImportedInstrument& imported : protocol->instruments) {
      if (imported.id == id) return absl::OkStatus();
    }
  }
  return NotFound(absl::StrCat("no protocol of this service asks ", id,
                               ": there is nothing to score again"));
}

}  // namespace

absl::StatusOr<Table> ServiceImpl::QueryLogTable(const LogTableRequest& request,
                                                 Instant now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  STEPWELL_RETURN_IF_ERROR(runtime_->Refresh());
  if (request.as_known_at && *request.as_known_at > now) {
    return InvalidInput("`as_known_at` lies ahead: nobody knows that yet");
  }
  const Instant until = request.as_known_at.value_or(Instant::Never());
  if (request.table == kRescored) {
    STEPWELL_ASSIGN_OR_RETURN(Rescorer rescorer,
                              Rescorer::Make(request.instrument));
    STEPWELL_RETURN_IF_ERROR(CheckIsAsked(*runtime_, rescorer.instrument()));
    STEPWELL_RETURN_IF_ERROR(ForEachCaseId(*runtime_, [&](CaseId id) {
      CasePlace place;
      rescorer.Begin(id);
      return ReadOn(
          *runtime_, id, until, place,
          [&](const engine::Event& event, const protocol::Protocol& protocol) {
            rescorer.Take(event, protocol);
          });
    }));
    return rescorer.Finish();
  }
  const TableSpec* spec = FindLogTable(request.table);
  if (spec == nullptr) {
    return InvalidInput(absl::StrCat("the log has no table \"", request.table,
                                     "\"; it has ",
                                     absl::StrJoin(LogTableNames(), ", ")));
  }
  LogTable table(*spec, *runtime_->current()->zone, runtime_->service());
  if (request.table == "course") {
    STEPWELL_RETURN_IF_ERROR(
        book_.ForEach(until, [&](CaseId id, const CaseCourse& known) {
          if (!known.protocol) return absl::OkStatus();
          for (const metrics::LogCourse& course : metrics::CoursesOf(
                   known.course, *known.protocol, {request.complaint})) {
            table.Add(id, course);
          }
          return absl::OkStatus();
        }));
  } else if (request.table == kWorklistLineTable) {
    STEPWELL_RETURN_IF_ERROR(
        ForEachCaseLines(*runtime_, until, request.as_known_at.value_or(now),
                         [&](CaseId id, const std::vector<LineRow>& lines) {
                           table.Add(id, lines);
                         }));
  } else {
    STEPWELL_RETURN_IF_ERROR(ForEachRows(
        *runtime_, until, request.table == kSubscaleTable,
        [&](CaseId id, const CaseRows& rows) { table.Add(id, rows); }));
  }
  return table.Take();
}

}  // namespace stepwell::host
