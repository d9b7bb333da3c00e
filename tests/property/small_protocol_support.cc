#include "property/small_protocol_support.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/catalogue.h"
#include "property/dice.h"

namespace stepwell::testing {
namespace {

constexpr int kTries = 1'000;

class Author {
 public:
  Author(uint32_t seed, uint32_t number) : dice_(seed, number) {}

  // One after the other: chance is drawn in the same order by any compiler.
  std::string Write() {
    std::string text =
        R"({"protocol":"small","base":"minimal@1","version":"1",)"
        R"("status":"draft","title":{"en":"Small"},"facts":[{"id":"a",)"
        R"("type":"boolean"},{"id":"b","type":"boolean"}],)"
        R"("milestones":[{"id":"m"}],"clocks":[)";
    text += Clock();
    text += R"(],"tracks":[{"id":"pathway","phases":[{"id":"open","items":[)";
    text += Item("x");
    text += R"(]},{"id":"second",)";
    if (dice_.Chance(50)) text += R"("on_reentry":"restart",)";
    text += R"("items":[)";
    text += Item("y");
    text += R"(]}]}],"rules":[)";
    text += Rules();
    return text + "]}";
  }

 private:
  std::string Pick(const std::vector<std::string>& list) {
    return dice_.Pick(list);
  }

  std::string Item(const std::string& id) {
    std::string item = absl::StrCat(R"({"id":")", id, R"(","kind":")");
    const bool module = dice_.Chance(40);
    absl::StrAppend(&item, module ? R"(module","who":"patient")"
                                  : R"(task","who":"team","due":"work")");
    if (dice_.Chance(40)) absl::StrAppend(&item, R"(,"mode":"offered")");
    if (id == "x" && dice_.Chance(30)) {
      absl::StrAppend(&item, R"(,"needs":["form"])");
    }
    if (dice_.Chance(50)) {
      absl::StrAppend(&item,
                      R"(,"source":"assumption","on_unknown":"block","when":")",
                      Pick({"facts.a", "facts.b = false", "facts.a or facts.b",
                            "phq9.score > 5", "milestones.m.reached"}),
                      "\"");
    }
    if (dice_.Chance(25)) {
      absl::StrAppend(&item,
                      R"(,"repeat":{"every":"2 days","source":"assumption"})");
    }
    if (dice_.Chance(25)) absl::StrAppend(&item, R"(,"keep_on_exit":true)");
    return item + "}";
  }

  std::string Clock() {
    std::string clock = absl::StrCat(
        R"({"id":"tick","budget":")", Pick({"1 hour", "1 day", "3 days"}),
        R"(","source":"assumption","start":[")", Trigger(), "\"]");
    if (dice_.Chance(40)) {
      absl::StrAppend(&clock, R"(,"stop":[")", Trigger(), "\"]");
    }
    if (dice_.Chance(30)) {
      absl::StrAppend(&clock, R"(,"reset":[")", Trigger(), "\"]");
    }
    if (dice_.Chance(50)) absl::StrAppend(&clock, R"(,"pauses":true)");
    if (dice_.Chance(50)) {
      absl::StrAppend(&clock, R"(,"late":")", Pick({"coalesce", "shift"}),
                      "\"");
    }
    absl::StrAppend(&clock, R"(,"ladder":[{"at":"100%","do":[)", Action(), "]");
    if (dice_.Chance(30)) {
      absl::StrAppend(&clock, R"(,"repeat":"1 day","source":"assumption")");
    } else if (dice_.Chance(50)) {
      absl::StrAppend(&clock,
                      R"(},{"after":"1 day","source":"assumption","do":[)",
                      Action(), "]");
    }
    return clock + "}]}";
  }

  std::string Rules() {
    std::vector<std::string> rules;
    for (uint64_t n = 2 + dice_.Below(3); n > 0; --n) {
      std::string rule =
          absl::StrCat(R"({"id":"r)", n, R"(","source":"assumption","on":")",
                       Trigger(), "\"");
      if (dice_.Chance(40)) {
        absl::StrAppend(&rule, R"(,"on_unknown":"block","if":")",
                        Pick({"facts.a", "facts.b", "phq9.score > 5"}), "\"");
      }
      absl::StrAppend(&rule, R"(,"do":[)", Action());
      if (dice_.Chance(40)) absl::StrAppend(&rule, ",", Action());
      rules.push_back(rule + "]}");
    }
    return absl::StrJoin(rules, ",");
  }

  std::string Trigger() {
    return Pick({"fact:a", "fact:b", "item.done:x", "item.available:y",
                 "item.skipped:x", "item.done:form", "response:phq9",
                 "phase.entered:pathway/second", "phase.left:pathway/open",
                 "milestone:m", "patient.active", "alert.raised",
                 "alert.closed", "case.paused", "case.resumed",
                 "message.received"});
  }

  std::string Action() {
    return Pick({R"({"move":"pathway/second"})", R"({"move":"pathway/open"})",
                 R"({"open":"x"})", R"({"open":"y"})", R"({"cancel":"x"})",
                 R"({"cancel":"y"})", R"({"milestone":"m"})",
                 R"({"set":{"fact":"b","value":true}})",
                 R"({"start_clock":"tick"})", R"({"stop_clock":"tick"})",
                 R"({"raise_alert":"unscreened"})", R"({"assign":"team"})",
                 R"({"notify":{"to":"patient","template":"reminder",)"
                 R"("reminder":true,"valid_for":"3 days"}})"});
  }

  Dice dice_;
};

}  // namespace

SmallProtocol MakeSmallProtocol(uint32_t seed, uint32_t number) {
  SmallProtocol small;
  for (; small.tried < kTries; ++small.tried) {
    Author author(seed, number * kTries + static_cast<uint32_t>(small.tried));
    small.text = author.Write();
    const auto loaded =
        protocol::LoadProtocol(small.text, protocol::BuiltInCatalogue());
    if (loaded.ok() && loaded->protocol != nullptr) {
      small.protocol = loaded->protocol;
      return small;
    }
    if (small.tried + 1 < kTries) continue;
    std::fprintf(stderr, "%s %s\n", small.text.c_str(),
                 std::string(loaded.status().message()).c_str());
    for (const Issue& issue : loaded.ok() ? loaded->issues : Issues()) {
      std::fprintf(stderr, "%s %s: %s\n", issue.code.c_str(),
                   issue.pointer.c_str(), issue.message.c_str());
    }
  }
  std::abort();  // the checker takes none of them any more
}

}  // namespace stepwell::testing
