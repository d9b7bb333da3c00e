// Two records of one person: merged, and parted again. No log changes; the
// record that was merged says whom it stands for from then on.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "runtime/person_writer.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"

namespace stepwell::runtime {

namespace {

Receipt Refusal(PersonId person, const engine::Rejection& no) {
  Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  receipt.person = person;
  receipt.code = no.code;
  receipt.reason = no.reason;
  return receipt;
}

store::StreamCheck Seen(const engine::PersonState& person) {
  return {{store::StreamKind::kPerson, person.id.value}, person.version};
}

}  // namespace

absl::StatusOr<Receipt> Runtime::MergePersons(const engine::Envelope& envelope,
                                              PersonId person, PersonId merged,
                                              std::string_view content,
                                              Instant now) {
  const std::string fingerprint = PrintOf(envelope, content);
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    return TryMerge(envelope, person, merged, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::TryMerge(const engine::Envelope& envelope,
                                          PersonId person, PersonId merged,
                                          const std::string& fingerprint,
                                          Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState stays, LoadPerson(person));
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState goes, LoadPerson(merged));
  STEPWELL_ASSIGN_OR_RETURN(const auto no, WhyNotMerged(stays, goes));
  if (no) {
    return Remember(Refusal(stays.id, *no), envelope.command_id, fingerprint,
                    {}, {Seen(stays), Seen(goes)});
  }
  const PersonId kept = stays.id, record = goes.id;
  STEPWELL_ASSIGN_OR_RETURN(const auto records, RecordsOf(record));
  store::CommitRequest request;
  std::vector<HeldCase> after;
  STEPWELL_RETURN_IF_ERROR(TellRelated(
      envelope, records, {records, kept, stays.died_at.has_value(), false},
      CaseId(), now, after, request));
  PersonWriter first(std::move(stays), kept, now, envelope);
  first.Emit(engine::CommandRecorded{envelope, "merge_persons"});
  first.Emit(engine::PersonTakenIn{record});
  PersonWriter second(std::move(goes), record, now, envelope);
  second.Emit(engine::CommandRecorded{envelope, "merge_persons"});
  second.Emit(engine::PersonMerged{kept});
  return CommitPersons(envelope, first, second, fingerprint, std::move(after),
                       std::move(request));
}

absl::StatusOr<std::string> Runtime::RoleFor(const engine::PersonState& patient,
                                             const engine::PersonState& other) {
  if (patient.case_id == CaseId()) return std::string();
  STEPWELL_ASSIGN_OR_RETURN(const auto records, RecordsOf(other.id));
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(patient.case_id));
  for (const engine::RelatedState& one : loaded.state->related) {
    if (!one.ended_at && std::find(records.begin(), records.end(),
                                   one.person) != records.end()) {
      return one.role;
    }
  }
  return std::string();
}

absl::StatusOr<std::optional<engine::Rejection>> Runtime::WhyNotMerged(
    const engine::PersonState& person, const engine::PersonState& merged) {
  if (person.id == merged.id) {
    return engine::Rejection{"one_person", "both name the same person already"};
  }
  if (merged.died_at && !person.died_at) {
    return engine::Rejection{
        "death_registered",
        "the record to be merged is of somebody who has died, the "
        "other is not: register the death with the other first"};
  }
  STEPWELL_ASSIGN_OR_RETURN(std::string role, RoleFor(person, merged));
  if (role.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(role, RoleFor(merged, person));
  }
  if (!role.empty()) {
    return engine::Rejection{
        "related_person",
        absl::StrCat("one of the two is on file as ", role,
                     " of the other: nobody is a related person of their own; "
                     "if that was a mistake, end it with relate_person first")};
  }
  if (merged.case_id == CaseId()) return std::nullopt;
  if (person.case_id == CaseId()) {
    return engine::Rejection{
        "merge_reversed",
        "only the record to be merged has a case: merge the other "
        "way round, so that the case stays the person's"};
  }
  STEPWELL_ASSIGN_OR_RETURN(const Loaded loaded, LoadCase(merged.case_id));
  if (loaded.state->IsClosed()) return std::nullopt;
  return engine::Rejection{
      "case_open",
      absl::StrCat("case ", IdToText(merged.case_id.value),
                   " of the record to be merged is open: close it first with "
                   "a reason, or merge the other way round; nobody is cared "
                   "for in two cases")};
}

absl::StatusOr<Receipt> Runtime::UnmergePersons(
    const engine::Envelope& envelope, PersonId record, std::string_view content,
    Instant now) {
  const std::string fingerprint = PrintOf(envelope, content);
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    return TryUnmerge(envelope, record, fingerprint, now);
  });
}

absl::StatusOr<Receipt> Runtime::TryUnmerge(const engine::Envelope& envelope,
                                            PersonId record,
                                            const std::string& fingerprint,
                                            Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState merged, StoredPerson(record));
  if (merged.merged_into == PersonId()) {
    return Remember(
        Refusal(record,
                engine::Rejection{"not_merged",
                                  "the record stands for itself: it was "
                                  "registered under this name"}),
        envelope.command_id, fingerprint, {}, {Seen(merged)});
  }
  STEPWELL_ASSIGN_OR_RETURN(engine::PersonState person,
                            StoredPerson(merged.merged_into));
  const PersonId from = person.id;
  STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState was, LoadPerson(from));
  store::CommitRequest request;
  std::vector<HeldCase> after;
  STEPWELL_RETURN_IF_ERROR(
      TellParted(envelope, record, was, now, after, request));
  PersonWriter first(std::move(merged), record, now, envelope);
  first.Emit(engine::CommandRecorded{envelope, "unmerge_persons"});
  first.Emit(engine::PersonUnmerged{from});
  PersonWriter second(std::move(person), from, now, envelope);
  second.Emit(engine::CommandRecorded{envelope, "unmerge_persons"});
  second.Emit(engine::PersonGivenBack{record});
  return CommitPersons(envelope, first, second, fingerprint, std::move(after),
                       std::move(request));
}

absl::Status Runtime::TellParted(const engine::Envelope& envelope,
                                 PersonId record,
                                 const engine::PersonState& was, Instant now,
                                 std::vector<HeldCase>& after,
                                 store::CommitRequest& request) {
  engine::NoteRecords news;
  news.person = record;
  news.parted = true;
  STEPWELL_ASSIGN_OR_RETURN(news.records, RecordsOf(record));
  if (was.case_id != CaseId()) {
    STEPWELL_RETURN_IF_ERROR(
        NoteInCase(envelope, was.case_id, news, now, after, request).status());
  }
  STEPWELL_ASSIGN_OR_RETURN(const auto all, RecordsOf(was.id));
  return TellRelated(envelope, all, news, was.case_id, now, after, request);
}

absl::StatusOr<Receipt> Runtime::CommitPersons(const engine::Envelope& envelope,
                                               PersonWriter& first,
                                               PersonWriter& second,
                                               const std::string& fingerprint,
                                               std::vector<HeldCase> after,
                                               store::CommitRequest request) {
  Receipt receipt;
  receipt.person = first.state.id;
  receipt.case_id = first.state.case_id;
  request.streams.push_back(first.Finish());
  request.streams.push_back(second.Finish());
  request.command = ToCommandRow(envelope.command_id, fingerprint, receipt);
  STEPWELL_RETURN_IF_ERROR(store_->Commit(request));
  TakeCounters(request);
  for (HeldCase& held : after) cases_[held.state.id] = std::move(held);
  return receipt;
}

}  // namespace stepwell::runtime
