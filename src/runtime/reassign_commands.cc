// All cases of a member of staff go to others: a batch of commands to one case
// each, with the batch as their cause.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"
#include "service/projection.h"

namespace stepwell::runtime {
namespace {

constexpr size_t kPage = 1000;

// Nothing when it can be done.
Receipt RefusalOf(const engine::ServiceState& service, const Reassignment& what,
                  Instant now) {
  Receipt receipt;
  const auto refuse = [&receipt](const char* code, const char* reason) {
    receipt.kind = ReceiptKind::kRejected;
    receipt.code = code;
    receipt.reason = reason;
  };
  const auto known = [&service](StaffId id) {
    return id.value != 0 && id.value <= service.staff.size();
  };
  if (!known(what.from) || (what.to.value != 0 && !known(what.to))) {
    refuse("unknown_staff", "no such member of staff is registered");
  } else if (what.to == what.from) {
    refuse("owner_required", "the cases go to somebody else");
  } else if (what.to.value != 0 &&
             service.staff[what.to.value - 1].left_at <= now) {
    refuse("has_left", "whom they are to go to has left the service");
  }
  return receipt;
}

// Which stayed, by the code that kept them.
using Stayed = std::map<std::string, std::vector<CaseId>>;

std::string Summary(const engine::CasesReassigned& done, const Stayed& stayed) {
  constexpr size_t kNamed = 8;
  std::string summary =
      absl::StrCat("went to others: ", done.moved,
                   "; to the queues of their pools: ", done.queued,
                   "; stayed: ", done.refused);
  for (const auto& [code, cases] : stayed) {
    absl::StrAppend(&summary, "; ", code, " ", cases.size(), ":");
    for (size_t i = 0; i < cases.size() && i < kNamed; ++i) {
      absl::StrAppend(&summary, " ", IdToText(cases[i].value));
    }
    if (cases.size() > kNamed) absl::StrAppend(&summary, " ...");
  }
  return summary;
}

// Whoever is no member of any of their pools was not meant: nothing has gone.
bool IsWrongReceiver(const engine::CasesReassigned& done,
                     const Stayed& stayed) {
  return done.moved + done.queued == 0 && stayed.size() == 1 &&
         stayed.contains("not_a_member");
}

}  // namespace

absl::StatusOr<std::vector<CaseId>> Runtime::CasesOf(StaffId staff) {
  std::vector<CaseId> cases;
  store::WorkScan scan;
  scan.owner = service::PatientsKey(service::OwnerKey(staff));
  scan.limit = kPage;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const auto lines, store_->ScanWork(scan));
    for (const store::WorkLine& line : lines) {
      cases.emplace_back(line.stream.id);
    }
    if (lines.size() < kPage) return cases;
    const store::WorkLine& last = lines.back();
    scan.after = store::WorkCursor{last.row.priority, last.row.due, last.stream,
                                   last.row.key};
  }
}

absl::Status Runtime::ReassignCase(CaseId id, const engine::Envelope& envelope,
                                   const Reassignment& what, Instant now,
                                   engine::CasesReassigned& done,
                                   Stayed& stayed) {
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(id));
  const engine::PoolId pool = loaded.state->owner.pool;
  if (loaded.state->owner.staff != what.from || pool.IsNone() ||
      (!what.pool.empty() && loaded.protocol->at(pool).id != what.pool)) {
    return absl::OkStatus();
  }
  engine::AssignCase assign{pool, what.to};
  assign.except = what.from;
  engine::Command command;
  command.case_id = id;
  command.envelope = envelope;
  command.envelope.command_id =
      absl::StrCat(envelope.command_id, "/", IdToText(id.value));
  command.envelope.cause = envelope.command_id;
  if (!what.over_limits) command.envelope.reason.clear();
  command.body = std::move(assign);
  STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt, SubmitToCase(command, now));
  if (receipt.kind == ReceiptKind::kRejected) {
    ++done.refused;
    stayed[receipt.code].push_back(id);
    return absl::OkStatus();
  }
  STEPWELL_ASSIGN_OR_RETURN(const Loaded after, LoadCase(id));
  ++(after.state->owner.staff.value == 0 ? done.queued : done.moved);
  return absl::OkStatus();
}

absl::StatusOr<Receipt> Runtime::ReassignCases(const engine::Envelope& envelope,
                                               const Reassignment& what,
                                               Instant now) {
  const std::string fingerprint = PrintOf(
      envelope, absl::StrCat("reassign/", what.from.value, "/", what.to.value,
                             "/", what.over_limits, "/", what.pool));
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  Receipt receipt = RefusalOf(service_, what, now);
  engine::CasesReassigned done{what.from, what.to, what.pool};
  Stayed stayed;
  if (receipt.code.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(const auto cases, CasesOf(what.from));
    for (const CaseId id : cases) {
      STEPWELL_RETURN_IF_ERROR(
          ReassignCase(id, envelope, what, now, done, stayed));
    }
    receipt.reason = Summary(done, stayed);
    if (IsWrongReceiver(done, stayed)) {
      receipt.kind = ReceiptKind::kRejected;
      receipt.code = "not_a_member";
    }
  }
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    if (receipt.kind == ReceiptKind::kRejected) {
      return Remember(receipt, envelope.command_id, fingerprint, {},
                      {ServiceSeen()});
    }
    return CommitService(envelope, "reassign_cases", {done}, receipt,
                         fingerprint, now);
  });
}

}  // namespace stepwell::runtime
