// What differs between two protocols: all of it, nothing else, and marked for
// what it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "json/json.h"
#include "protocol/diff_protocols.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"

namespace stepwell::protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using What = ProtocolChange::What;
using Made = std::shared_ptr<const Protocol>;

Made Get(std::string_view document) {
  const LoadResult result = Load(document);
  EXPECT_NE(result.protocol, nullptr) << Print(result.issues);
  return result.protocol;
}

std::vector<std::string> WordsOf(const ProtocolDiff& diff, bool logic) {
  std::vector<std::string> words;
  for (const ProtocolChange& change : diff.changes) {
    if (change.logic != logic) continue;
    words.push_back(absl::StrCat(change.risk ? "! " : "", change.words));
  }
  return words;
}

// The difference that `changes` make to a shipped document.
ProtocolDiff After(std::string_view name, const std::vector<Change>& changes) {
  const std::string_view document = Shipped(name);
  const Made before = Get(document), after = Get(Changed(document, changes));
  if (before == nullptr || after == nullptr) return {};
  return Compare(*before, *after);
}

TEST(DiffTest, AProtocolDoesNotDifferFromItself) {
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    const Made protocol = Get(file.text);
    const ProtocolDiff diff = Compare(*protocol, *protocol);
    EXPECT_THAT(diff.changes, IsEmpty()) << file.path;
    EXPECT_FALSE(diff.logic_changed());
  }
}

TEST(DiffTest, OfAnOverlayAndItsBaseOnlyLocalChangesAreLeft) {
  const std::string_view overlay = Shipped("icbt_sweden");
  const ProtocolDiff diff = Compare(*Get(Shipped("icbt_base")), *Get(overlay));
  EXPECT_TRUE(diff.logic_changed());
  EXPECT_THAT(
      WordsOf(diff, true),
      ElementsAre(
          "! calendar clinic: the document it is taken from is "
          "\"stockholm-clinic@1\" (was \"weekdays@1\")",
          "the protocol's id is \"icbt_sweden\" (was \"icbt_base\")",
          "the time zone of the service is \"Europe/Stockholm\" (was \"UTC\")",
          "way in self (Egenanmälan med e-legitimation via 1177): how people "
          "there hear of the service is new: \"1177\"",
          "way in self (Egenanmälan med e-legitimation via 1177): the wait "
          "that the law counts is new: \"wait_to_start\"",
          "way in gp (Remiss från vårdcentral): how people there hear of the "
          "service is new: \"referrer\"",
          "way in gp (Remiss från vårdcentral): the wait that the law counts "
          "is new: \"wait_to_start\"",
          "new criterion eligibility/in_region (Utomlänspatienter bara när "
          "det finns plats: en bedömare avgör): facts.in_region = true",
          "new item check_region (Är patienten folkbokförd i regionen?): "
          "task, admin",
          "clock wait_to_start: the time allowed is \"30 days\" (was \"90 "
          "days\")",
          "clock wait_to_start: what starts it no longer: "
          "\"referral.received\"",
          "new fact in_region",
          "back-dating: `backdating` is new: {\"beyond\":\"lead\","
          "\"commands\":[{\"id\":\"record_fact\",\"max\":\"90 days\"}],"
          "\"patient\":\"30 days\",\"referrer\":\"90 days\","
          "\"source\":\"assumption\",\"staff\":\"14 days\"}"));
  // All that is new stands in the overlay, word for word.
  const json::Document written = json::Parse(overlay).value();
  const std::string canonical = json::Canonical(written.root());
  for (const ProtocolChange& change : diff.changes) {
    if (change.after.empty() || change.what != What::kChanged) continue;
    EXPECT_THAT(canonical, HasSubstr(change.after)) << change.words;
  }
}

TEST(DiffTest, AChangeOfTextsLeavesTheLogicAlone) {
  const ProtocolDiff diff =
      After("minimal", {{"/title/en", "\"Small\""},
                        {"/templates/0/text/en", "\"Please answer now.\""},
                        {"/routes/0/title/en", "\"Of one's own accord\""}});
  EXPECT_EQ(diff.before.logic_hash, diff.after.logic_hash);
  EXPECT_NE(diff.before.hash, diff.after.hash);
  EXPECT_FALSE(diff.logic_changed());
  EXPECT_THAT(WordsOf(diff, true), IsEmpty());
  ASSERT_THAT(diff.changes, SizeIs(3));
  EXPECT_EQ(diff.changes[0].words,
            "the protocol's title, en is \"Small\" (was \"The smallest "
            "service: ask, call, decide\")");
  EXPECT_EQ(diff.changes[1].kind, "routes");
  EXPECT_EQ(diff.changes[2].pointer, "/templates/0/text/en");
  EXPECT_EQ(diff.changes[2].before, "\"Please answer the questionnaire.\"");
  EXPECT_EQ(diff.changes[2].after, "\"Please answer now.\"");
}

struct Case {
  const char* document;
  std::vector<Change> changes;
  const char* kind;
  const char* words;  // of the first change; "! " when it is of risk
  const char* pointer;
};

void CheckCases(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const ProtocolDiff diff = After(one.document, one.changes);
    ASSERT_THAT(diff.changes, SizeIs(1)) << one.words;
    const ProtocolChange& change = diff.changes[0];
    EXPECT_EQ(absl::StrCat(change.risk ? "! " : "", change.words), one.words);
    EXPECT_EQ(change.kind, one.kind) << one.words;
    EXPECT_EQ(change.pointer, one.pointer) << one.words;
  }
}

TEST(DiffTest, SaysInWordsWhatChanged) {
  CheckCases({
      {"icbt_base",
       {{"/status", "\"reviewed\""}},
       "identity",
       "the protocol's status is \"reviewed\" (was \"draft\")",
       "/status"},
      {"icbt_base",
       {{"/routes/1/documents", ""}},
       "routes",
       "way in gp (Referral by a general practitioner): the documents it needs "
       "no longer: \"referral_letter\"",
       "/routes/1/documents"},
      {"icbt_base",
       {{"/tracks/0/phases/3/on_reentry", ""}},
       "phases",
       "phase pathway/treatment (Treatment): what happens on coming back is "
       "gone (was \"resume\")",
       "/tracks/0/phases/3/on_reentry"},
      {"icbt_base",
       {{"/tracks/0/phases/1/items/0/who", "\"owner\""}},
       "items",
       "item video_assessment (Assessment by video): whose work it is is "
       "\"owner\" (was \"assessors\")",
       "/tracks/0/phases/1/items/0/who"},
      {"icbt_base",
       {{"/tracks/0/phases/3/items/1/repeat/every", "\"14 days\""}},
       "items",
       "item weekly_phq9 (Weekly mood (PHQ-9)): how often it repeats is \"14 "
       "days\" (was \"7 days\")",
       "/tracks/0/phases/3/items/1/repeat/every"},
      {"icbt_base",
       {{"/rules/9/do/0", ""}},
       "rules",
       "rule withdrawn: no longer moves to Closed",
       "/rules/9/do"},
  });
}

TEST(DiffTest, SaysHowLongAWordIsWorthSending) {
  const ProtocolDiff diff = After(
      "minimal", {{"/clocks/0/ladder/0/do/0/notify/valid_for", "\"4 days\""}});
  EXPECT_THAT(
      WordsOf(diff, true),
      ElementsAre("clock answer: its steps now also: at 100%: tells patient: "
                  "reminder (reminder) (worth sending for 4 days); no "
                  "longer: at 100%: tells patient: reminder (reminder) "
                  "(worth sending for 3 days)"));
}

TEST(DiffTest, SaysWhatItDoesToRisk) {
  CheckCases({
      {"icbt_base",
       {{"/rules/22/if", "\"risk.open = true\""}},
       "rules",
       "! rule silent_rest: the condition is \"risk.open = true\" (was "
       "\"risk.open = false\")",
       "/rules/22/if"},
      {"icbt_base",
       {{"/rules/10/on_unknown", "\"raise\""}},
       "rules",
       "! rule waiting_on: what it does with the unknown is new: \"raise\"",
       "/rules/10/on_unknown"},
      {"icbt_base",
       {{"/clocks/15/budget", "\"1 hour\""}},
       "clocks",
       "! clock ack_urgent: the time allowed is \"1 hour\" (was \"30 "
       "minutes\")",
       "/clocks/15/budget"},
      {"icbt_base",
       {{"/clocks/3/ladder/0/do/0/priority", "30"}},
       "clocks",
       "clock start_wait: its steps now also: at 75%: priority +30; no longer: "
       "at 75%: priority +20",
       "/clocks/3/ladder"},
      {"icbt_base",
       {{"/risk/tiers/0/priority", "71"}},
       "risk",
       "! risk tier moderate: its priority is 71 (was 70)",
       "/risk/tiers/0/priority"},
      {"icbt_base",
       {{"/parking/pool", "\"lead\""}},
       "duties",
       "! parked input: whose work it is is \"lead\" (was \"admin\")",
       "/parking/pool"},
      {"icbt_base",
       {{"/intake_pool", "\"lead\""}},
       "duties",
       "the protocol's intake_pool is \"lead\" (was \"assessors\")",
       "/intake_pool"},
      {"icbt_base",
       {{"/milestones/-", R"({"id": "called"})"}},
       "milestones",
       "new milestone called",
       "/milestones/10"},
  });
}

// A criterion that is gone kept somebody out; a rule may silence an alert.
TEST(DiffTest, MarksWhatProtectedSomebody) {
  CheckCases({
      {"icbt_base",
       {{"/tracks/0/phases/0/items/4/criteria/0", ""}},
       "items",
       "! criterion eligibility/adult is gone: facts.age >= 18",
       "/tracks/0/phases/0/items/4/criteria/0"},
      {"icbt_base",
       {{"/tracks/0/phases/0/items/4/criteria/-",
         R"({"id": "speaks", "if": "facts.age >= 0", "on_unknown": "ask",
             "source": "assumption"})"}},
       "items",
       "new criterion eligibility/speaks: facts.age >= 0",
       "/tracks/0/phases/0/items/4/criteria/5"},
      {"icbt_base",
       {{"/rules/-", R"({"id": "quiet", "on": "item.done:rebook",
                         "do": [{"stop_clock": "ack_urgent"}]})"}},
       "rules",
       "! new rule quiet: on item.done:rebook, stops clock ack_urgent",
       "/rules/45"},
      {"icbt_base",
       {{"/rules/-", R"({"id": "ask", "on": "item.done:rebook",
                         "do": [{"open": "risk_form"}]})"}},
       "rules",
       "! new rule ask: on item.done:rebook, opens A few more questions",
       "/rules/45"},
  });
}

TEST(DiffTest, ThoseOfRiskComeFirstAndTextsLast) {
  const ProtocolDiff diff =
      After("icbt_base", {{"/routes/0/title/en", "\"Self\""},
                          {"/clocks/1/budget", "\"80 days\""},
                          {"/templates/15/text/en", "\"Call 112.\""},
                          {"/clocks/15/budget", "\"20 minutes\""}});
  ASSERT_THAT(diff.changes, SizeIs(4));
  EXPECT_THAT(diff.changes[0].words, StartsWith("clock ack_urgent"));
  EXPECT_THAT(diff.changes[1].words, StartsWith("message crisis_info"));
  EXPECT_TRUE(diff.changes[1].risk);
  EXPECT_FALSE(diff.changes[1].logic);
  EXPECT_THAT(diff.changes[2].words, StartsWith("clock wait_to_start"));
  EXPECT_THAT(diff.changes[3].words, StartsWith("way in self"));
}

TEST(DiffTest, AnItemThatChangesItsPhaseHasMoved) {
  const std::string_view document = Shipped("minimal");
  const Made before = Get(document);
  const std::string call = json::ToText(json::Parse(document)
                                            ->root()
                                            .Find("tracks")
                                            .at(0)
                                            .Find("phases")
                                            .at(0)
                                            .Find("items")
                                            .at(1));
  const Made after = Get(Changed(document, {{"/tracks/0/phases/0/items/1", ""},
                                            {"/items_anywhere/-", call}}));
  const ProtocolDiff diff = Compare(*before, *after);
  ASSERT_THAT(diff.changes, SizeIs(1));
  EXPECT_EQ(diff.changes[0].what, What::kMoved);
  EXPECT_EQ(diff.changes[0].words,
            "item call: it belongs to no phase (was the phase open)");
  EXPECT_TRUE(diff.changes[0].logic);
}

TEST(DiffTest, TheOrderOfThingsIsAChangeOfItsOwn) {
  const std::string_view document = Shipped("minimal");
  const auto parsed = json::Parse(document);
  const json::Value rules = parsed->root().Find("rules");
  const Made before = Get(document);
  const Made after =
      Get(Changed(document, {{"/rules/0", json::ToText(rules.at(1))},
                             {"/rules/1", json::ToText(rules.at(0))}}));
  const ProtocolDiff diff = Compare(*before, *after);
  EXPECT_TRUE(diff.logic_changed());
  EXPECT_THAT(WordsOf(diff, true),
              ElementsAre("rules: the order is another from redirected on "
                          "(there was helped)"));
}

TEST(DiffTest, NamesThatChangePlacesChangeTheLogic) {
  const ProtocolDiff diff =
      After("icbt_base", {{"/imports/pools/assessors", "\"therapists@1\""},
                          {"/imports/pools/therapists", "\"assessors@1\""}});
  EXPECT_TRUE(diff.logic_changed());
  EXPECT_THAT(WordsOf(diff, true), SizeIs(2));
}

// A document of the catalogue that both import, with another content.
TEST(DiffTest, LooksIntoWhatIsImported) {
  const auto with = [](std::string_view path,
                       const std::vector<Change>& changes) {
    const std::string file =
        Changed(FindCatalogueFile(std::string(path)), changes);
    return Load(Shipped("icbt_base"),
                CatalogueWith({{std::string(path), file}}))
        .protocol;
  };
  const Made before = Get(Shipped("icbt_base"));
  const Made renamed = with("programs/icbt-depression.json",
                            {{"/modules/2/title/en", "\"Do more\""}});
  const ProtocolDiff texts = Compare(*before, *renamed);
  ASSERT_THAT(texts.changes, SizeIs(1));
  EXPECT_EQ(texts.changes[0].document, "programs/icbt-depression.json");
  EXPECT_EQ(texts.changes[0].pointer, "/modules/2/title/en");
  EXPECT_FALSE(texts.changes[0].logic);
  EXPECT_FALSE(texts.logic_changed());
  const Made freed =
      with("programs/icbt-depression.json", {{"/release", "\"immediate\""}});
  const ProtocolDiff release = Compare(*before, *freed);
  ASSERT_THAT(release.changes, SizeIs(1));
  EXPECT_EQ(release.changes[0].words,
            "program icbt-depression: when modules are released is "
            "\"immediate\" (was \"on_approval\")");
  EXPECT_TRUE(release.logic_changed());
  const Made alone = with("pools/duty.json", {{"/fallback", ""}});
  const ProtocolDiff pool = Compare(*before, *alone);
  ASSERT_THAT(pool.changes, SizeIs(1));
  EXPECT_TRUE(pool.changes[0].risk);
  EXPECT_EQ(pool.changes[0].words,
            "pool duty: who is asked when nobody is on duty is gone (was "
            "\"lead\")");
}

// Every value of a document in turn is taken away or another one. Whatever
// still loads: the marks agree with the hashes, and the place is told.
void CheckEveryValue(std::string_view name, uint32_t step, int* loaded) {
  const std::string_view document = Shipped(name);
  const Made before = Get(document);
  const json::Document parsed = json::Parse(document).value();
  for (uint32_t i = 1; i < parsed.size(); i += step) {
    const json::Value value = parsed.value(i);
    std::vector<std::string> others = {""};
    if (value.is_string()) {
      others.push_back(json::Quote(std::string(value.string_value()) + "x"));
    } else if (value.is_bool()) {
      others.emplace_back(value.bool_value() ? "false" : "true");
    } else if (value.is_number()) {
      others.push_back(std::string(value.number_text()) + "1");
    }
    for (const std::string& other : others) {
      const auto result = LoadProtocol(
          Changed(document, {{value.pointer(), other}}), BuiltInCatalogue());
      if (!result.ok() || result->protocol == nullptr) continue;
      ++*loaded;
      const ProtocolDiff diff = Compare(*before, *result->protocol);
      const std::string what = absl::StrCat(value.pointer(), " -> ", other);
      EXPECT_THAT(diff.changes, Not(IsEmpty())) << what;
      EXPECT_EQ(diff.logic_changed(),
                std::any_of(diff.changes.begin(), diff.changes.end(),
                            [](const auto& c) { return c.logic; }))
          << what;
      for (const ProtocolChange& change : diff.changes) {
        EXPECT_FALSE(change.words.empty()) << what;
        EXPECT_NE(change.before, change.after) << what;
      }
    }
  }
}

TEST(DiffTest, MarksAgreeWithTheHashesWhateverChanges) {
  int loaded = 0;
  CheckEveryValue("minimal", 1, &loaded);
  CheckEveryValue("icbt_base", 11, &loaded);
  EXPECT_GT(loaded, 60);
}

}  // namespace
}  // namespace stepwell::protocol
