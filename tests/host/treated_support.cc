#include "host/treated_support.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

constexpr char kHost[] = R"("actor":{"role":"integration"})";

// The smallest service, with more questionnaires and sessions.
std::string Protocol() {
  return absl::StrReplaceAll(
      CatalogueDocument("protocols/minimal.json").value(),
      {{R"("phq9": "phq-9@1",)", R"("phq9": "phq-9@1", "gad7": "gad-7@1",
                          "panic": "pdss-sr@1", "hads": "hads@1",
                          "somatic": "phq-15@1", "dass21": "dass-21@1",)"},
       {R"("routes": [)",
        R"("facts": [{"id": "complaint", "type": "string"},
                     {"id": "sex", "type": "string"}],
           "routes": [{"id": "gp", "title": {"en": "By a doctor"}},)"},
       {R"("items_anywhere": [)",
        R"("items_anywhere": [{"id": "session", "kind": "task", "who": "team",
            "counts_as_contact": true},)"}});
}

}  // namespace

void TreatedService::SetUp() {
  HostTest::SetUp();
  ServiceOptions options;
  options.protocol = Protocol();
  options.prototype = true;
  ASSERT_OK_AND_ASSIGN(service_, Service::Create(Url(), options, now_));
  for (const char* who : {"anna", "bo"}) {
    Do(absl::StrCat(R"({"id":"staff-)", who, R"(","command":"add_staff",)",
                    kHost, R"(,"staff":")", who, R"(","pools":["team"]})"));
  }
}

void TreatedService::Later(int days) {
  for (; days > 0; days -= 30) {
    now_ = now_ + Hours(24) * std::min(days, 30);
    ASSERT_OK(service_->Advance(now_, {}).status());
  }
}

std::string TreatedService::Refer(const std::string& route) {
  const std::string person =
      absl::StrCat(R"("person":{"system":"urn:x","value":")", ++people_, "\"}");
  Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"register_person",)",
                  kHost, ",", person, "}"));
  return Do(absl::StrCat(R"({"id":")", Id(),
                         R"(","command":"receive_referral",)", kHost, ",",
                         person, R"(,"route":")", route, "\"}"))
      .case_id;
}

void TreatedService::Answer(const std::string& id,
                            const std::string& instrument, int points,
                            const std::string& response) {
  std::vector<int> answers(instrument == "phq9" ? 9 : 7, 0);
  for (size_t i = 0; points > 0 && i < answers.size(); ++i) {
    // The risk item of the PHQ-9 is its last: only the highest reach it.
    answers[i] = std::min(points, 3);
    points -= answers[i];
  }
  Do(absl::StrCat(R"({"id":")", Id(), R"(","command":"submit_response",)",
                  R"("actor":{"role":"patient"},"case":")", id,
                  R"(","instrument":")", instrument, R"(","response_id":")",
                  response.empty() ? Id() : response, R"(","answers":[)",
                  absl::StrJoin(answers, ","), "]}"));
}

std::string TreatedService::OfStaff(const std::string& id,
                                    const std::string& members) {
  return absl::StrCat(
      R"({"id":")", Id(),
      R"(","actor":{"role":"staff","staff":"anna"},"reason":"a test",)",
      R"("case":")", id, "\",", members, "}");
}

void TreatedService::Work(const std::string& id, const std::string& item,
                          const std::string& more) {
  Staff(id, absl::StrCat(R"("command":"work_item","item":")", item,
                         R"(","action":"complete")", more));
}

void TreatedService::Session(const std::string& id, const std::string& more) {
  Staff(id, R"("command":"work_item","item":"session","action":"open")");
  Work(id, "session", more);
}

std::string TreatedService::Finish(const std::string& id, int phq9, int gad7,
                                   int phq9_last, int gad7_last, int wait) {
  Answer(id, "phq9", phq9, absl::StrCat("first-", id));
  Answer(id, "gad7", gad7);
  Later(wait);
  Work(id, "call", R"(,"minutes":30)");
  Later(7);
  Session(id, R"(,"minutes":50)");
  Answer(id, "phq9", phq9_last, absl::StrCat("last-", id));
  Answer(id, "gad7", gad7_last);
  Work(id, "ending", R"(,"outcome":"helped")");
  return id;
}

uint64_t TreatedService::SeqOf(const std::string& id,
                               const std::string& event) {
  const auto summary = service_->QueryCase(id, now_);
  EXPECT_OK(summary);
  uint64_t seq = 0;
  for (const TimelineEntry& entry : summary->timeline) {
    if (entry.event == event) seq = entry.seq;
  }
  EXPECT_GT(seq, 0u);
  return seq;
}

void TreatedService::RandomStep(std::mt19937& dice) {
  const auto draw = [&](size_t n) { return static_cast<int>(dice() % n); };
  const int what = cases_.empty() ? 0 : draw(8);
  if (what == 0) cases_.push_back(Refer(draw(2) == 0 ? "gp" : "self"));
  const std::string id = cases_[static_cast<size_t>(draw(cases_.size()))];
  const auto attempt = [&](const std::string& members) {
    EXPECT_OK(Try(OfStaff(id, members)));
  };
  const std::string work = R"("command":"work_item","item":")";
  if (what == 1) Answer(id, "phq9", draw(24), absl::StrCat("p", draw(3)));
  if (what == 2) Answer(id, "gad7", draw(22), absl::StrCat("g", draw(3)));
  if (what == 3) {
    attempt(work + R"(session","action":"open")");
    attempt(absl::StrCat(work, R"(session","action":"complete")",
                         draw(2) == 0 ? "" : R"(,"minutes":45)"));
  }
  if (what == 4) attempt(work + R"(call","action":"complete")");
  if (what == 5) {
    attempt(work + R"(ending","action":"complete","outcome":"helped")");
  }
  if (what == 6) {
    attempt(absl::StrCat(R"("command":"void_event","target":)", 1 + draw(30)));
  }
  if (what == 7) Later(draw(30));
}

}  // namespace stepwell::host
