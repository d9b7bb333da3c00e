// FHIR R4 out: persons read one after the other, written by the fhir room,
// given to the caller piece by piece.
#include "fhir/export.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "host/own_export.h"
#include "host/service_impl.h"
#include "store/store.h"
#include "wire/record.h"

namespace stepwell::host {

using store::StreamKey;
using store::StreamKind;

namespace {

constexpr size_t kPersonsPage = 256;
constexpr size_t kEventsPage = 4096;
constexpr size_t kParkedPage = 64;
constexpr std::string_view kTypes[] = {
    "Communication",  "Consent",     "DetectedIssue", "EpisodeOfCare",
    "Flag",           "Observation", "Patient",       "QuestionnaireResponse",
    "ServiceRequest", "Task"};

enum class Layout { kBundle, kBundles, kNdjson };

absl::StatusOr<Layout> ReadLayout(const ExportOptions& options) {
  if (options.format != "fhir") {
    return InvalidInput(absl::StrCat("\"", options.format,
                                     "\" is no format of an export: fhir"));
  }
  for (const std::string& type : options.types) {
    if (std::find(std::begin(kTypes), std::end(kTypes), type) ==
        std::end(kTypes)) {
      return InvalidInput(absl::StrCat(
          "resources of type \"", type, "\" are not written; those that are: ",
          absl::StrJoin(kTypes, ", ", [](std::string* out, auto one) {
            absl::StrAppend(out, ToAbsl(one));
          })));
    }
  }
  if (options.layout == "bundle") return Layout::kBundle;
  if (options.layout == "bundles") return Layout::kBundles;
  if (options.layout == "ndjson") return Layout::kNdjson;
  return InvalidInput(absl::StrCat("\"", options.layout,
                                   "\" is no layout of an export: bundle, "
                                   "bundles or ndjson"));
}

}  // namespace

// One export. Holds the service's lock while a person is read, never while
// the sink is called.
class Exporter {
 public:
  Exporter(ServiceImpl& service, const ExportOptions& options,
           const ExportSink& sink, Instant now, Layout layout)
      : service_(service),
        options_(options),
        sink_(sink),
        now_(now),
        layout_(layout) {}

  absl::StatusOr<ExportReport> Run() {
    STEPWELL_RETURN_IF_ERROR(FindBase());
    if (layout_ == Layout::kBundle) {
      STEPWELL_RETURN_IF_ERROR(sink_(BundleHead()));
    }
    if (options_.who.empty()) {
      STEPWELL_RETURN_IF_ERROR(AllPersons());
    } else {
      STEPWELL_ASSIGN_OR_RETURN(const std::vector<PersonId> wanted, Wanted());
      for (const PersonId person : wanted) {
        STEPWELL_RETURN_IF_ERROR(One(person));
      }
    }
    if (layout_ == Layout::kBundle) {
      STEPWELL_RETURN_IF_ERROR(sink_(BundleTail(in_bundle_)));
    }
    report_.by_type.assign(by_type_.begin(), by_type_.end());
    return std::move(report_);
  }

 private:
  runtime::Runtime& runtime() { return *service_.runtime_; }

  absl::Status FindBase() {
    base_ = options_.base_url;
    while (!base_.empty() && base_.back() == '/') base_.pop_back();
    if (!base_.empty()) {
      const bool web = base_.find("://") != std::string::npos;
      const bool blank = base_.find_first_of(" \t\r\n") != std::string::npos;
      if (web && !blank) return absl::OkStatus();
      return InvalidInput(absl::StrCat(
          "\"", base_, "\" is no base URL: https://ehr.example/fhir"));
    }
    const std::lock_guard<std::mutex> lock(service_.mutex_);
    base_ = fhir::DefaultBase(runtime().service().tenant);
    return absl::OkStatus();
  }

  std::string BundleHead() const {
    std::string head = "{\"resourceType\":\"Bundle\",\"type\":\"transaction\"";
    if (IsInCalendarRange(now_)) {
      absl::StrAppend(&head, ",\"timestamp\":\"", FormatInstantUtc(now_), "\"");
    }
    return head;
  }
  // A list is never empty in FHIR: without an entry it is left out.
  static std::string BundleTail(uint64_t entries) {
    return entries == 0 ? "}\n" : "\n]}\n";
  }

  // The person, and the records that were merged into theirs.
  absl::StatusOr<std::vector<PersonId>> Wanted() {
    const std::lock_guard<std::mutex> lock(service_.mutex_);
    STEPWELL_ASSIGN_OR_RETURN(const PersonId person,
                              service_.FindPersonOf(options_.who));
    return runtime().RecordsOf(person);
  }

  absl::Status AllPersons() {
    uint64_t after = 0;
    if (!options_.after.empty() && !IdFromText(options_.after, &after)) {
      return InvalidInput("the cursor is not one that an export gave");
    }
    while (true) {
      std::vector<StreamKey> page;
      {
        const std::lock_guard<std::mutex> lock(service_.mutex_);
        STEPWELL_ASSIGN_OR_RETURN(
            page, runtime().store().ListStreams(StreamKind::kPerson, after,
                                                kPersonsPage));
      }
      for (const StreamKey& key : page) {
        if (options_.persons_max > 0 &&
            report_.persons == options_.persons_max) {
          report_.next = PersonText(PersonId(after));
          return absl::OkStatus();
        }
        STEPWELL_RETURN_IF_ERROR(One(PersonId(key.id)));
        after = key.id;
      }
      if (page.size() < kPersonsPage) return Parked();
    }
  }

  absl::Status One(PersonId id) {
    std::vector<fhir::WrittenResource> resources;
    {
      const std::lock_guard<std::mutex> lock(service_.mutex_);
      STEPWELL_ASSIGN_OR_RETURN(resources, Read(id));
    }
    ++report_.persons;
    return Give(resources);
  }

  // What fitted nowhere stands behind the last person.
  absl::Status Parked() {
    size_t count = 0;
    do {
      std::vector<fhir::WrittenResource> resources;
      {
        const std::lock_guard<std::mutex> lock(service_.mutex_);
        const auto& parked = runtime().service().parked;
        const size_t end = std::min(parked.size(), count + kParkedPage);
        for (; count < end; ++count) {
          STEPWELL_ASSIGN_OR_RETURN(
              auto raw,
              runtime().store().GetDocument("raw", parked[count].raw_key));
          resources.push_back(
              fhir::WriteParked(parked[count], count, std::move(raw),
                                service_.StaffName(parked[count].owner)));
        }
        if (count == parked.size()) count = 0;
      }
      STEPWELL_RETURN_IF_ERROR(Give(resources));
    } while (count > 0);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<fhir::WrittenResource>> Read(PersonId id) {
    STEPWELL_ASSIGN_OR_RETURN(const engine::PersonState state,
                              runtime().StoredPerson(id));
    fhir::ExportedPerson person;
    STEPWELL_RETURN_IF_ERROR(ReadIdentity(runtime(), state, person));
    engine::CaseState case_state;
    std::shared_ptr<const protocol::Protocol> protocol;
    std::vector<engine::Event> events;
    if (state.case_id.value != 0) {
      STEPWELL_ASSIGN_OR_RETURN(case_state,
                                runtime().StoredCase(state.case_id));
      STEPWELL_ASSIGN_OR_RETURN(protocol,
                                runtime().ProtocolOf(case_state.protocol));
      STEPWELL_ASSIGN_OR_RETURN(events,
                                ReadEvents(state.case_id, case_state.version));
      STEPWELL_RETURN_IF_ERROR(
          runtime().IntoCurrentNumbers(case_state, events));
      person.state = &case_state;
      person.protocol = protocol.get();
      person.events = events;
      ++report_.cases;
      for (const engine::Referral& referral : case_state.referrals) {
        STEPWELL_RETURN_IF_ERROR(ReadKeys(referral.id, person));
      }
      STEPWELL_RETURN_IF_ERROR(ReadTakenBack(case_state, person));
    }
    person.staff_name = [this](StaffId staff) {
      return service_.StaffName(staff);
    };
    absl::Status failed;
    person.document = [&](std::string_view key) {
      const auto found = runtime().store().GetDocument("raw", key);
      if (found.ok()) return *found;
      failed = found.status();
      return std::optional<std::string>();
    };
    std::vector<fhir::ExportNote> notes;
    std::vector<fhir::WrittenResource> out = fhir::WritePerson(person, &notes);
    STEPWELL_RETURN_IF_ERROR(failed);
    Note(notes);
    return out;
  }

  absl::Status ReadKeys(ReferralId referral, fhir::ExportedPerson& person) {
    STEPWELL_ASSIGN_OR_RETURN(
        auto keys, IdentifiersOf(runtime(), kReferralTarget, referral.value));
    person.referral_keys.push_back({referral, std::move(keys)});
    return absl::OkStatus();
  }

  // A referral of another patient may have reached that patient since: then it
  // is theirs, and no word of it belongs here.
  absl::Status ReadTakenBack(const engine::CaseState& state,
                             fhir::ExportedPerson& person) {
    const auto is_here = [&](ReferralId id) {
      return std::any_of(
          state.referrals.begin(), state.referrals.end(),
          [id](const engine::Referral& known) { return known.id == id; });
    };
    for (const engine::Event& event : person.events) {
      const auto* voided = std::get_if<engine::Voided>(&event.body);
      if (voided == nullptr) continue;
      for (ReferralId id : voided->referrals) {
        STEPWELL_ASSIGN_OR_RETURN(const bool stands,
                                  runtime().WasTakenBack(id));
        const bool told =
            std::find(person.taken_back.begin(), person.taken_back.end(), id) !=
            person.taken_back.end();
        if (!stands || told || is_here(id)) continue;
        person.taken_back.push_back(id);
        STEPWELL_RETURN_IF_ERROR(ReadKeys(id, person));
      }
    }
    return absl::OkStatus();
  }

  // Up to the state: another process may have gone on.
  absl::StatusOr<std::vector<engine::Event>> ReadEvents(CaseId id,
                                                        uint64_t version) {
    std::vector<engine::Event> events;
    while (events.size() < version) {
      STEPWELL_ASSIGN_OR_RETURN(
          std::vector<engine::Event> page,
          runtime().ReadEvents(
              id, events.size() + 1,
              std::min<size_t>(kEventsPage, version - events.size())));
      if (page.empty()) return Corrupt("the log of a case is cut off");
      std::move(page.begin(), page.end(), std::back_inserter(events));
    }
    return events;
  }

  void Note(const std::vector<fhir::ExportNote>& notes) {
    for (const fhir::ExportNote& note : notes) {
      if (report_.left_out.size() >= limits::kFhirProblemsMax) return;
      report_.left_out.push_back(
          absl::StrCat(note.resource, ": ", note.reason));
    }
  }

  bool IsWanted(const std::string& type) const {
    return options_.types.empty() ||
           std::find(options_.types.begin(), options_.types.end(), type) !=
               options_.types.end();
  }

  // The resources of one person, as the layout has them.
  absl::Status Give(const std::vector<fhir::WrittenResource>& resources) {
    std::string text;
    uint64_t entries = layout_ == Layout::kBundle ? in_bundle_ : 0;
    for (const fhir::WrittenResource& resource : resources) {
      if (!IsWanted(resource.type)) continue;
      ++report_.resources;
      ++by_type_[resource.type];
      if (layout_ == Layout::kNdjson) {
        absl::StrAppend(&text, resource.json, "\n");
        continue;
      }
      const bool one_line = layout_ == Layout::kBundles;
      if (entries == 0) {
        absl::StrAppend(&text, one_line ? BundleHead() : "", ",\"entry\":[");
      } else {
        text.push_back(',');
      }
      absl::StrAppend(&text, one_line ? "" : "\n",
                      fhir::TransactionEntry(resource, base_));
      ++entries;
    }
    if (layout_ == Layout::kBundle) in_bundle_ = entries;
    if (layout_ == Layout::kBundles && entries > 0) text += "]}\n";
    return text.empty() ? absl::OkStatus() : sink_(text);
  }

  ServiceImpl& service_;
  const ExportOptions& options_;
  const ExportSink& sink_;
  const Instant now_;
  const Layout layout_;
  std::string base_;
  uint64_t in_bundle_ = 0;  // entries of the one Bundle so far
  std::map<std::string, uint64_t> by_type_;
  ExportReport report_;
};

absl::StatusOr<ExportReport> ServiceImpl::Export(const ExportOptions& options,
                                                 const ExportSink& sink,
                                                 Instant now) {
  STEPWELL_ASSIGN_OR_RETURN(const Layout layout, ReadLayout(options));
  return Exporter(*this, options, sink, now, layout).Run();
}

}  // namespace stepwell::host

namespace stepwell {

absl::StatusOr<std::string> ExportText(Service& service,
                                       const ExportOptions& options,
                                       Instant now, ExportReport* report) {
  std::string text;
  STEPWELL_ASSIGN_OR_RETURN(ExportReport done,
                            service.Export(
                                options,
                                [&text](std::string_view piece) {
                                  text += piece;
                                  return absl::OkStatus();
                                },
                                now));
  if (report != nullptr) *report = std::move(done);
  return text;
}

}  // namespace stepwell
