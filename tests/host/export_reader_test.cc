// A reader of the resources that are not read on import: what they say is
// compared with what the service says of itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/time_text.h"
#include "host/export_support.h"

namespace stepwell {
namespace {

constexpr std::string_view kLater = "2026-12-31T00:00:00Z";

// "icbt_base/weekly_phq9" -> "weekly_phq9".
std::string Last(const std::string& text) {
  return text.substr(text.rfind('/') + 1);
}

std::string Code(json::Value concept_value, std::string_view system) {
  for (json::Value coding : json::Children(concept_value.Find("coding"))) {
    const std::string url = TextIn(coding, "system");
    if (url.substr(url.rfind('/') + 1) == system) {
      return TextIn(coding, "code");
    }
  }
  return "";
}

std::string Time(Instant at) {
  return at.IsNever() ? "" : FormatInstantUtc(at);
}

bool IsOf(json::Value resource, const std::string& case_id) {
  const std::string id = TextIn(resource, "id");
  return id.substr(0, case_id.size() + 1) == case_id + "-";
}

// A line of work as both sides tell it.
std::string WorkText(const std::string& what, const std::string& state,
                     const std::string& pool, const std::string& staff,
                     const std::string& since, const std::string& due) {
  return absl::StrCat(what, " ", state, " ", pool, "/", staff, " since ", since,
                      " due ", due);
}

std::string OwnerStaff(json::Value task) {
  return TextIn(task, "owner/type") == "Practitioner"
             ? TextIn(task, "owner/identifier/value")
             : "";
}

std::string WorkOf(json::Value task, const std::string& what,
                   const std::string& state) {
  return WorkText(what, state, Code(In(task, "performerType/0"), "pool"),
                  OwnerStaff(task), TextIn(task, "authoredOn"),
                  TextIn(task, "restriction/period/end"));
}

std::multiset<std::string> WorkOf(const std::vector<WorkLine>& lines,
                                  bool with_state = true) {
  std::multiset<std::string> out;
  for (const WorkLine& line : lines) {
    out.insert(WorkText(line.what, with_state ? line.state : "open",
                        line.owner_pool, line.owner_staff, Time(line.since),
                        Time(line.due)));
  }
  return out;
}

size_t CountEvents(const CaseSummary& summary, std::string_view event) {
  return static_cast<size_t>(
      std::count_if(summary.timeline.begin(), summary.timeline.end(),
                    [&](const TimelineEntry& e) { return e.event == event; }));
}

class Reader : public ::testing::TestWithParam<std::string> {
 protected:
  void TasksAreTheWorkOfTheCase();
  void ThePortalIsThePatientsTasks();
  void ObservationsAreTheScores();
  void FlagsStandWhileAnAlertIsOpen();
  void EpisodesTellWhenTheirStatusChanged();
  void CommunicationsAreWhatWasSaid();
  void EveryReferenceLeadsSomewhere();

  void SetUp() override {
    service_ = PlayedService(GetParam(), folder_);
    ASSERT_NE(service_, nullptr);
    exported_ = std::make_unique<Exported>(Ndjson(*service_));
    ASSERT_OK_AND_ASSIGN(const auto cases, service_->ListCases("", 1000));
    for (const std::string& id : cases) {
      ASSERT_OK_AND_ASSIGN(CaseSummary summary,
                           service_->QueryCase(id, At(kLater)));
      cases_.push_back(std::move(summary));
    }
    ASSERT_FALSE(cases_.empty());
  }

  std::vector<json::Value> Of(std::string_view type,
                              const CaseSummary& summary) const {
    std::vector<json::Value> found;
    for (json::Value resource : exported_->Of(type)) {
      if (IsOf(resource, summary.case_id)) found.push_back(resource);
    }
    return found;
  }

  const Folder folder_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Exported> exported_;
  std::vector<CaseSummary> cases_;
};

void Reader::TasksAreTheWorkOfTheCase() {
  for (const CaseSummary& summary : cases_) {
    std::multiset<std::string> items, alerts, messages;
    size_t all_items = 0;
    for (json::Value task : Of("Task", summary)) {
      const std::string step = Last(Code(task.Find("code"), "step"));
      const std::string kind = Code(task.Find("code"), "task-code");
      const std::string status = TextIn(task, "status");
      const bool open = status == "ready" || status == "in-progress";
      if (!step.empty()) {
        ++all_items;
        // Items of the patient, and of who belongs to them, are on a portal
        // and not on a worklist.
        const bool staff = TextIn(task, "owner/reference").empty() &&
                           TextIn(task, "owner/type") != "RelatedPerson";
        if (open && staff) {
          items.insert(
              WorkOf(task, step, status == "ready" ? "available" : "active"));
        }
      } else if (kind == "risk-review" && open) {
        const json::Value issue =
            exported_->Get(TextIn(task, "focus/reference"));
        alerts.insert(WorkOf(task, Last(Code(issue.Find("code"), "risk-tier")),
                             Code(task.Find("businessStatus"), "alert-step")));
      } else if (kind == "reply-message" && open) {
        const json::Value message =
            exported_->Get(TextIn(task, "focus/reference"));
        messages.insert(
            WorkOf(task, TextIn(message, "identifier/0/value"), "open"));
      }
    }
    EXPECT_EQ(items, WorkOf(summary.open_items));
    EXPECT_EQ(alerts, WorkOf(summary.open_alerts));
    EXPECT_EQ(messages, WorkOf(summary.open_messages, false));
    EXPECT_EQ(all_items, CountEvents(summary, "ItemOpened"));
  }
}

void Reader::ThePortalIsThePatientsTasks() {
  for (const CaseSummary& summary : cases_) {
    ASSERT_OK_AND_ASSIGN(const Portal portal,
                         service_->QueryPortal(summary.case_id, At(kLater)));
    std::multiset<std::string> ours, theirs;
    for (const PortalEntry& entry : portal.entries) {
      if (entry.kind == "appointment") continue;  // staff's, shown to both
      if (entry.state == "offered") continue;     // no task until it is taken
      theirs.insert(absl::StrCat(entry.item, " ", entry.state, " ",
                                 Time(entry.since), " ", Time(entry.due)));
    }
    for (json::Value task : Of("Task", summary)) {
      const std::string status = TextIn(task, "status");
      const bool open = status == "ready" || status == "in-progress";
      if (!open || TextIn(task, "owner/reference").empty()) continue;
      ours.insert(absl::StrCat(Last(Code(task.Find("code"), "step")), " ",
                               status == "ready" ? "available" : "active", " ",
                               TextIn(task, "authoredOn"), " ",
                               TextIn(task, "restriction/period/end")));
    }
    EXPECT_EQ(ours, theirs);
  }
}

void Reader::ObservationsAreTheScores() {
  for (const CaseSummary& summary : cases_) {
    std::map<int64_t, std::pair<std::string, std::string>> by_seq;
    for (json::Value score : Of("Observation", summary)) {
      EXPECT_TRUE(exported_->Get(TextIn(score, "derivedFrom/0/reference")) ||
                  TextIn(score, "status") == "entered-in-error");
      const std::string value = TextIn(score, "valueQuantity/value");
      if (TextIn(score, "status") == "entered-in-error" || value.empty()) {
        continue;
      }
      const std::string id = TextIn(score, "id");
      by_seq[std::stoll(id.substr(id.rfind('s') + 1))] = {
          Code(score.Find("code"), "score"), value.substr(0, value.find('.'))};
    }
    std::vector<std::pair<std::string, std::string>> scores;
    for (const auto& [seq, score] : by_seq) scores.push_back(score);
    EXPECT_EQ(scores, summary.scores);
  }
}

void Reader::FlagsStandWhileAnAlertIsOpen() {
  for (const CaseSummary& summary : cases_) {
    size_t active = 0;
    for (json::Value flag : Of("Flag", summary)) {
      const bool open = TextIn(flag, "status") == "active";
      active += open ? 1 : 0;
      EXPECT_EQ(open, TextIn(flag, "period/end").empty());
      const json::Value issue =
          exported_->Get("DetectedIssue/" + TextIn(flag, "id"));
      ASSERT_TRUE(issue);
      EXPECT_EQ(TextIn(issue, "identifiedDateTime"),
                TextIn(flag, "period/start"));
    }
    EXPECT_EQ(active, summary.open_alerts.size());
    EXPECT_EQ(Of("Flag", summary).size(), CountEvents(summary, "AlertRaised"));
    EXPECT_EQ(Of("Flag", summary).size(), Of("DetectedIssue", summary).size());
    size_t steps = 0, without_answers = 0;
    for (json::Value issue : Of("DetectedIssue", summary)) {
      steps += issue.Find("mitigation").size();
      if (issue.Find("implicated").size() == 0) ++without_answers;
    }
    // A rule, or a flag on free text, may raise an alert that rests on no
    // answers.
    size_t by_rule = 0;
    for (const TimelineEntry& entry : summary.timeline) {
      by_rule +=
          entry.json.find("\"event\":\"AlertRaised\"") != std::string::npos &&
          entry.json.find("\"response_seq\":0,") != std::string::npos;
    }
    EXPECT_LE(without_answers, by_rule);
    EXPECT_EQ(steps, CountEvents(summary, "AlertStepped") +
                         CountEvents(summary, "AlertReviewed"));
  }
}

void Reader::EpisodesTellWhenTheirStatusChanged() {
  for (const CaseSummary& summary : cases_) {
    const auto episodes = Of("EpisodeOfCare", summary);
    EXPECT_EQ(episodes.size(), CountEvents(summary, "CaseOpened") +
                                   CountEvents(summary, "EpisodeOpened"));
    size_t closed = 0;
    for (json::Value episode : episodes) {
      const json::Value history = episode.Find("statusHistory");
      ASSERT_GE(history.size(), 1u);
      EXPECT_EQ(TextIn(history.at(0), "period/start"),
                TextIn(episode, "period/start"));
      EXPECT_EQ(TextIn(history.at(history.size() - 1), "status"),
                TextIn(episode, "status"));
      for (size_t i = 0; i + 1 < history.size(); ++i) {
        EXPECT_EQ(TextIn(history.at(i), "period/end"),
                  TextIn(history.at(i + 1), "period/start"));
      }
      closed += TextIn(episode, "period/end").empty() ? 0 : 1;
      EXPECT_GE(episode.Find("referralRequest").size(), 1u);
    }
    EXPECT_EQ(closed, CountEvents(summary, "EpisodeClosed"));
    EXPECT_EQ(closed == episodes.size(), !summary.open);
  }
}

void Reader::CommunicationsAreWhatWasSaid() {
  for (const CaseSummary& summary : cases_) {
    std::map<std::string, size_t> by_kind;
    size_t delivered = 0, based = 0;
    for (json::Value one : Of("Communication", summary)) {
      const json::Value category = In(one, "category/0");
      std::string kind = Code(category, "communication");
      if (kind.empty()) kind = Code(category, "communication-category");
      ++by_kind[kind];
      if (TextIn(one, "status") == "completed" && kind != "patient-message" &&
          kind != "therapist-message") {
        ++delivered;
        EXPECT_FALSE(TextIn(one, "sent").empty());
      }
      if (kind == "referrer-feedback" && one.Find("basedOn").size() > 0) {
        ++based;
      }
    }
    size_t letters = 0, named = 0, notices = 0, settled = 0;
    for (const TimelineEntry& entry : summary.timeline) {
      ASSERT_OK_AND_ASSIGN(const json::Document event, json::Parse(entry.json));
      const std::string to = TextIn(event.root(), "to");
      if (entry.event == "EffectRequested" && to == "referrer") {
        ++letters;
        // None where no referral of the episode names whom to write to.
        named += TextIn(event.root(), "referrer").empty() ? 0 : 1;
      }
      notices += entry.event == "EffectRequested" &&
                 (to == "patient" || to == "related");
      settled += entry.event == "EffectSettled" &&
                 TextIn(event.root(), "delivered") == "true";
    }
    EXPECT_EQ(by_kind["patient-message"],
              CountEvents(summary, "MessageReceived"));
    EXPECT_EQ(by_kind["therapist-message"],
              CountEvents(summary, "MessageSent"));
    EXPECT_EQ(by_kind["referrer-feedback"], letters);
    EXPECT_GE(based, named);
    EXPECT_EQ(by_kind["notification"], notices);
    EXPECT_LE(delivered, settled);
  }
}

void CollectReferences(json::Value value, std::set<std::string>* out) {
  if (value.is_object() && value.Find("reference").is_string()) {
    out->insert(std::string(value.Find("reference").string_value()));
  }
  for (json::Value child : json::Children(value)) {
    if (child.is_object() || child.is_array()) CollectReferences(child, out);
  }
}

void Reader::EveryReferenceLeadsSomewhere() {
  std::set<std::string> references;
  for (const auto& [name, document] : exported_->all()) {
    CollectReferences(document.root(), &references);
  }
  EXPECT_FALSE(references.empty());
  for (const std::string& reference : references) {
    EXPECT_TRUE(exported_->Get(reference)) << reference;
  }
}

// One test: playing a scenario takes longer than reading it.
TEST_P(Reader, FindsWhatTheServiceSaysOfItself) {
  TasksAreTheWorkOfTheCase();
  ThePortalIsThePatientsTasks();
  ObservationsAreTheScores();
  FlagsStandWhileAnAlertIsOpen();
  EpisodesTellWhenTheirStatusChanged();
  CommunicationsAreWhatWasSaid();
  EveryReferenceLeadsSomewhere();
}

INSTANTIATE_TEST_SUITE_P(All, Reader, ::testing::ValuesIn(ScenarioNames()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace stepwell
