// Internal to the host: what stands behind stepwell::Service.
#ifndef STEPWELL_HOST_SERVICE_IMPL_H_
#define STEPWELL_HOST_SERVICE_IMPL_H_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "host/course_book.h"
#include "host/lines.h"
#include "json/json.h"
#include "runtime/runtime.h"
#include "service/projection.h"
#include "service/sight.h"
#include "stepwell/service.h"
#include "wire/command_json.h"

namespace stepwell::host {

class ServiceImpl final : public Service {
 public:
  explicit ServiceImpl(std::unique_ptr<runtime::Runtime> runtime)
      : runtime_(std::move(runtime)), book_(*runtime_) {}

  absl::StatusOr<Reply> Submit(std::string_view command_json,
                               Instant now) override;
  absl::StatusOr<AdvanceResult> Advance(Instant now,
                                        const AdvanceOptions& options) override;
  absl::StatusOr<AdvancePreview> PreviewAdvance(Instant now) override;
  absl::StatusOr<Worklist> QueryWorklist(const WorklistQuery& query,
                                         Instant now) override;
  absl::StatusOr<std::vector<GroupSummary>> QueryGroups() override;
  absl::StatusOr<Portal> QueryPortal(std::string_view who,
                                     Instant now) override;
  absl::StatusOr<CaseSummary> QueryCase(std::string_view who, Instant now,
                                        std::optional<Instant> as_of,
                                        Axis axis) override;
  absl::StatusOr<Explanation> Explain(std::string_view who,
                                      std::string_view item, Instant now,
                                      std::optional<Instant> as_of,
                                      Axis axis) override;
  absl::StatusOr<OutboxPage> Outbox(uint64_t after, size_t limit) override;
  absl::StatusOr<Health> CheckHealth(Instant now) override;
  absl::StatusOr<Verification> Verify() override;
  absl::StatusOr<std::vector<TimelineEntry>> QueryServiceLog(
      uint64_t after, size_t limit) override;
  absl::StatusOr<ServiceSummary> Summarise(Instant now) override;
  absl::StatusOr<InstrumentReport> QueryOutcomes(
      const LogOutcomesRequest& request, Instant now) override;
  absl::StatusOr<Table> QueryLogTable(const LogTableRequest& request,
                                      Instant now) override;
  absl::StatusOr<DeployResult> Deploy(const DeployOptions& options,
                                      Instant now) override;
  absl::StatusOr<MigrationReport> Migrate(const MigrationOptions& options,
                                          Instant now) override;
  absl::StatusOr<AmendmentReport> Amend(const AmendmentOptions& options,
                                        Instant now) override;
  absl::StatusOr<ImportReport> Import(std::string_view text,
                                      const ImportOptions& options,
                                      Instant now) override;
  absl::StatusOr<ExportReport> Export(const ExportOptions& options,
                                      const ExportSink& sink,
                                      Instant now) override;
  absl::StatusOr<std::vector<std::string>> ListCases(std::string_view after,
                                                     size_t limit) override;

 private:
  friend class Exporter;
  // A case id, a person id, or "system|value".
  absl::StatusOr<CaseId> FindCase(std::string_view who);
  // The same for a person, who may have no case.
  absl::StatusOr<PersonId> FindPersonOf(std::string_view who);
  absl::StatusOr<WorkLine> ToWorkLine(const store::WorkLine& line, Instant now);
  // worklist.cc: whose lists a query asks for.
  absl::StatusOr<std::vector<ListAsked>> ListsOf(const WorklistQuery& query,
                                                 service::Sights& sights,
                                                 Instant now);
  absl::StatusOr<std::vector<ListAsked>> ListsSeen(const WorklistQuery& query,
                                                   StaffId viewer,
                                                   service::Sights& sights,
                                                   Instant now);
  // The lines of a list that the scan asks for, up to its limit; of `left_by`
  // all of them.
  absl::StatusOr<std::vector<store::WorkLine>> LinesOf(const ListAsked& list,
                                                       store::WorkScan scan,
                                                       service::Sights& sights);
  absl::StatusOr<std::vector<store::WorkTally>> TallyOf(
      const ListAsked& list, const store::WorkScan& scan,
      const store::WorkCuts& cuts, service::Sights& sights);
  // How much all pages have; and of each kind, when it is asked for.
  absl::Status AddCounts(const std::vector<ListAsked>& lists,
                         const store::WorkScan& scan, service::Sights& sights,
                         Instant now, bool by_kind, Worklist& result);
  // queries.cc: to the page, or to what it withholds.
  absl::Status AddEffect(const store::PendingEffect& row, OutboxPage& page);
  // queue.cc: the queue at the door.
  absl::StatusOr<Worklist> QueryQueue(const WorklistQuery& query, Instant now);
  absl::StatusOr<std::string> KeyOfText(const store::StreamKey& stream,
                                        const WorkLine& line);
  absl::Status AddText(const store::StreamKey& stream, WorkLine& line);
  // What the patient of the case sees (no `related`), or who is on file as a
  // related person by one of these records.
  absl::Status AddToPortal(CaseId id, const std::vector<PersonId>& related,
                           Instant now, Portal& portal);
  // history.cc: the case as it stands, or as it was known at `as_of`, with its
  // events up to then.
  // Events before `until_seq` have the numbers of this protocol; `state` is of
  // then.
  struct Era {
    uint64_t until_seq = 0;
    std::shared_ptr<const protocol::Protocol> protocol;
    engine::CaseState state;
  };
  struct Past {
    CaseId id;
    std::shared_ptr<const protocol::Protocol> protocol;
    engine::CaseState state;
    std::vector<engine::Event> events;
    bool is_past = false;   // not as it stands
    std::vector<Era> eras;  // before its migrations, in order
  };
  // The names that the events of a case have: those of the version of its
  // protocol under which each was written.
  class NamesInTime {
   public:
    void Add(uint64_t until_seq, wire::Names names) {
      names_.push_back({until_seq, std::move(names)});
    }
    const wire::Names& At(uint64_t seq) const {
      size_t i = 0;
      while (i + 1 < names_.size() && seq >= names_[i].first) ++i;
      return names_[i].second;
    }

   private:
    std::vector<std::pair<uint64_t, wire::Names>> names_;
  };
  // queue.cc: where the case stands in the queue and why.
  absl::StatusOr<Explanation> ExplainPlace(const Past& past, Instant now);
  // explain_owner.cc: whose the case is and why.
  Explanation ExplainOwner(const Past& past);
  absl::Status AddLetters(const Past& past, Instant at, Explanation& result);
  // `past` must outlive them.
  NamesInTime NamesOver(const Past& past) const;
  absl::Status AddEras(Past& past);
  absl::StatusOr<Past> LoadPast(std::string_view who,
                                std::optional<Instant> as_of, Axis axis);
  // Its open work, in the order of worklists.
  absl::StatusOr<std::vector<WorkLine>> WorkOf(const Past& past, Instant now);
  // What it decided, or of one element of it what that did.
  std::vector<DecisionEntry> DecisionsOf(
      const Past& past, protocol::ElementId element = {}) const;
  Reply ToReply(const std::string& command_id, const runtime::Receipt& receipt);
  absl::StatusOr<Reply> SubmitLocked(std::string_view command_json,
                                     Instant now);
  // `waited`: it was parked, and is filed.
  absl::StatusOr<Reply> SubmitText(
      const wire::CommandText& text, Instant now,
      const std::optional<engine::Waited>& waited = std::nullopt);
  absl::StatusOr<Reply> SubmitToService(const wire::CommandHead& head,
                                        json::Value root,
                                        const wire::Names& names, Instant now);
  absl::StatusOr<Reply> ParkAmbiguous(const wire::CommandHead& head,
                                      json::Value root, Instant now);
  absl::StatusOr<Reply> SubmitForCase(
      const wire::CommandHead& head, json::Value root, CaseId case_id,
      Instant now, const std::optional<engine::Waited>& waited);
  absl::StatusOr<Reply> FileParkedInput(const wire::CommandHead& head,
                                        const wire::FileParked& body,
                                        Instant now);
  // `strict` is `raw` when that is strict JSON.
  absl::StatusOr<Reply> SubmitRefiled(const std::string& id,
                                      absl::StatusOr<json::Document> strict,
                                      std::string_view raw, uint32_t ordinal,
                                      CaseId target, Instant now);
  absl::StatusOr<runtime::Receipt> FileParkedFhir(
      const engine::ParkedState& parked, std::string_view raw, CaseId target,
      Instant now);
  absl::StatusOr<std::optional<store::PendingEffect>> FindEffect(
      uint64_t effect);
  absl::StatusOr<Reply> SettleServiceEffect(const wire::CommandHead& head,
                                            json::Value root, Instant now);
  std::string StaffName(StaffId staff) const {
    return runtime_->service().StaffName(staff);
  }
  // Calls `visit` with every case; stops at the first error. A case that cannot
  // be read is one, unless `unreadable` takes it.
  absl::Status ForEachCase(
      const std::function<absl::Status(CaseId, const engine::CaseState&,
                                       const protocol::Protocol&)>& visit,
      const std::function<void(CaseId, const absl::Status&)>& unreadable = {});

  std::mutex mutex_;
  std::unique_ptr<runtime::Runtime> runtime_;
  CourseBook book_;
};

// A new store with its first protocol; nobody asks whether it is approved.
absl::StatusOr<std::unique_ptr<Service>> CreateService(
    std::string_view store_url, const std::string& tenant,
    std::shared_ptr<const protocol::Protocol> protocol, Instant now);

// Ids as users see them.
std::string CaseText(CaseId id);
std::string PersonText(PersonId id);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_SERVICE_IMPL_H_
