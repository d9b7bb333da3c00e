// Drawings: what they show, in whose language, the same every time.
#include "protocol/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/catalogue.h"
#include "protocol/draw_moves.h"
#include "protocol/draw_text.h"
#include "protocol/protocol_support.h"
#include "support/matchers.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Picture Of(std::string_view name, std::string_view language = "") {
  return PictureOf(*Load(Shipped(name)).protocol, language);
}

// STEPWELL_UPDATE_GOLDEN=1 writes the files anew; look at the pictures.
void ExpectGolden(const std::string& name, const std::string& drawn) {
  const std::string path =
      absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/golden/diagrams/", name);
  if (std::getenv("STEPWELL_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << drawn;
  }
  EXPECT_EQ(testing::ReadFileText(path), drawn) << path;
}

TEST(DrawTest, ShippedProtocolsLookAsRecorded) {
  for (const CatalogueFile& file : ListCatalogue("protocols/")) {
    const LoadResult result = Load(file.text);
    const Picture picture = PictureOf(*result.protocol, "");
    ExpectGolden(result.protocol->id + ".dot", DrawDot(picture));
    ExpectGolden(result.protocol->id + ".mermaid", DrawMermaid(picture));
    ExpectGolden(result.protocol->id + ".svg", DrawSvg(picture));
  }
}

TEST(DrawTest, TextsAreInTheChosenLanguage) {
  EXPECT_EQ(Of("icbt_sweden").tracks[0].boxes[0].name, "Anmälan");
  const Picture english = Of("icbt_sweden", "en");
  EXPECT_EQ(english.tracks[0].boxes[0].name, "Application");
  EXPECT_EQ(english.routes[0].name, "Self-referral");
  EXPECT_THAT(DrawSvg(english),
              AllOf(HasSubstr("Ways in"), HasSubstr("within 2 workdays"),
                    HasSubstr("xml:lang=\"en\"")));
  EXPECT_THAT(DrawSvg(Of("icbt_sweden")),
              AllOf(HasSubstr("Vägar in"), HasSubstr("inom 2 arbetsdagar"),
                    Not(HasSubstr("workday"))));
  // Without a text in it: the protocol's own, then any; our words in English.
  const Picture finnish = Of("icbt_sweden", "fi");
  EXPECT_EQ(finnish.tracks[0].boxes[0].name, "Anmälan");
  EXPECT_EQ(finnish.tracks[0].boxes[2].lines[0].text, "Öppna behandlingen");
  EXPECT_THAT(DrawSvg(finnish), HasSubstr("Ways in"));
}

std::vector<std::string> MovesIn(const Picture& picture, size_t track) {
  const PictureChart& chart = picture.tracks[track];
  std::vector<std::string> lines;
  for (const PictureEdge& edge : chart.edges) {
    lines.push_back(absl::StrCat(
        edge.from == PictureEdge::kAnywhere ? "*" : chart.boxes[edge.from].id,
        ">", chart.boxes[edge.to].id, " ", absl::StrJoin(edge.labels, ",")));
  }
  return lines;
}

TEST(DrawTest, MovesBeginWhereTheirEventCanHappen) {
  EXPECT_THAT(
      MovesIn(Of("icbt_base"), 0),
      ElementsAre(
          "intake>assessment eligible,assess_anyway",
          "intake>closed redirected_on_form", "assessment>start included",
          "assessment>closed redirected,referred_on", "start>treatment started",
          "treatment>dormant silent_rest",
          "treatment>follow_up silent_drop_out,all_modules_done,time_used",
          "dormant>treatment back", "dormant>follow_up rest_drop_out",
          "*>closed withdrawn,discharged_completed,"
          "discharged_dropped_out,discharged_redirected,"
          "discharged_referred_on,consent_stops"));
  EXPECT_THAT(MovesIn(Of("bench_p1"), 1),
              ElementsAre("none>flagged flagged", "flagged>none cleared"));
}

TEST(DrawTest, RiskIsMarked) {
  const Picture picture = Of("icbt_base");
  const auto& intake = picture.tracks[0].boxes[0].lines;
  EXPECT_FALSE(intake[0].may_alert);  // about you
  EXPECT_TRUE(intake[1].may_alert);   // PHQ-9
  size_t risk_items = 0, risk_clocks = 0;
  for (const PictureLine& line : picture.anywhere.lines) {
    risk_items += line.risk ? 1 : 0;
  }
  for (const PictureBox& clock : picture.clocks) risk_clocks += clock.risk;
  EXPECT_EQ(risk_items, 2u);
  EXPECT_EQ(risk_clocks, 5u);
  ASSERT_EQ(picture.tiers.size(), 3u);
  EXPECT_EQ(picture.tiers[1].lines[0].text,
            "every risk answer, until it is screened");
  EXPECT_EQ(picture.tiers[1].lines[1].text, "acknowledge within 30 minutes");
}

std::vector<std::string> LinesOf(const PictureBox& box) {
  std::vector<std::string> lines = {box.name};
  for (const PictureLine& line : box.lines) {
    lines.push_back(
        absl::StrCat(line.text, line.note.empty() ? "" : ", ", line.note));
  }
  return lines;
}

TEST(DrawTest, TheLimitsOfTheServiceAreShown) {
  const std::string document =
      Changed(testing::ReadFileText(absl::StrCat(
                  STEPWELL_SOURCE_DIR, "/tests/protocols/intake.json")),
              {{"/groups",
                R"([{"id": "course", "title": "Worry course", "minimum": 3,
                     "places": 8, "settle": "7 days", "source": "own"}])"},
               {"/quiet_hours",
                R"({"from": "21:00", "to": "08:00", "source": "own"})"}});
  const LoadResult result = Load(document);
  ASSERT_NE(result.protocol, nullptr) << Print(result.issues);
  const Picture picture = PictureOf(*result.protocol, "");
  ASSERT_EQ(picture.limits.size(), 3u);
  EXPECT_THAT(
      LinesOf(picture.limits[0]),
      ElementsAre("Queue: waiting - care",
                  "1. Pregnant or with a young child: facts.perinatal = true",
                  "2. Risk is raised: facts.at_risk = true",
                  "3. Severe: phq9.score >= 20",
                  "4. Referred by a GP: routes.gp", "5. All others",
                  "self_monthly: 2 / 1 month, Self-referral",
                  "weekly: 3 / 1 week", "5 places: care",
                  "4 free: facts.in_area = false"));
  EXPECT_THAT(LinesOf(picture.limits[1]),
              ElementsAre("Worry course", "3-8 places",
                          "settled before the start: 7 days"));
  EXPECT_THAT(LinesOf(picture.limits[2]),
              ElementsAre("Quiet hours", "21:00-08:00"));
  for (const std::string& drawn :
       {DrawSvg(picture), DrawDot(picture), DrawMermaid(picture)}) {
    EXPECT_THAT(drawn, AllOf(HasSubstr("Worry course"), HasSubstr("21:00"),
                             HasSubstr("self_monthly"), HasSubstr("5 places")));
  }
}

TEST(DrawTest, ModulesAreAGraphOfTheirNeeds) {
  const std::string program = Changed(
      FindCatalogueFile("programs/icbt-depression.json"),
      {{"/modules/3/needs", R"(["m1", "m2"])"}, {"/modules/4/needs", "[]"}});
  const LoadResult result =
      Load(Shipped("icbt_base"),
           CatalogueWith({{"programs/icbt-depression.json", program}}));
  ASSERT_NE(result.protocol, nullptr) << Print(result.issues);
  const Picture picture = PictureOf(*result.protocol, "");
  ASSERT_EQ(picture.programs.size(), 1u);
  std::vector<std::string> edges;
  for (const PictureEdge& edge : picture.programs[0].edges) {
    edges.push_back(absl::StrCat(edge.from + 1, ">", edge.to + 1));
  }
  EXPECT_THAT(edges, ElementsAre("1>2", "2>3", "1>4", "2>4", "5>6", "6>7",
                                 "7>8", "8>9", "9>10"));
}

TEST(DrawTextTest, ShownTextIsOneLineWithoutWhatSteers) {
  EXPECT_EQ(ShownText("a\n\tb  c\r\n"), "a b c");
  EXPECT_EQ(ShownText("\xE2\x80\xAE"
                      "abc\xE2\x81\xA6"
                      "d"),
            "abcd");
  EXPECT_EQ(ShownText("שלום"), "שלום");
  EXPECT_EQ(ShownText("\x01\x7F"), "");
  EXPECT_EQ(ShownText("a\xFF"
                      "b\xE2\x80"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(DrawTextTest, EachFormatWritesWhatItWouldReadAsItsOwn) {
  const std::string nasty = R"(<b> & "q" 'a' \N ]] %%{x}%% `c` #35; end)";
  EXPECT_EQ(XmlText(nasty),
            "&lt;b&gt; &amp; &quot;q&quot; &#39;a&#39; \\N ]] "
            "%%{x}%% `c` #35; end");
  EXPECT_EQ(DotText(nasty),
            R"(<b> &amp; \"q\" 'a' \\N ]] %%{x}%% `c` #35; end)");
  EXPECT_EQ(MermaidText(nasty),
            "#60;b#62; #38; #34;q#34; #39;a#39; #92;N #93;#93; "
            "#37;#37;#123;x#125;#37;#37; #96;c#96; #35;35#59; end");
}

TEST(DrawTextTest, WrappedLinesFitAndLoseNothingButTheRest) {
  const std::string text =
      "Ask the applicant what is missing, thenwaituntilsomebodyanswersthat, "
      "och så vidare på svenska 日本語もある";
  for (int width = 30; width < 500; width += 7) {
    for (const size_t lines_max : {1u, 2u, 9u, 100u}) {
      const auto lines = WrapText(text, width, 11, lines_max);
      EXPECT_LE(lines.size(), lines_max);
      for (const std::string& line : lines) {
        EXPECT_LE(TextWidth(line, 11), width + 11) << line;
        EXPECT_EQ(ShownText(line), line) << "cut inside a character?";
      }
      if (lines_max < 100) continue;
      std::string joined = absl::StrJoin(lines, "");
      std::string plain = text;
      std::erase(joined, ' ');
      std::erase(plain, ' ');
      EXPECT_EQ(joined, plain);
    }
  }
  EXPECT_THAT(WrapText("abcdefghij", 20, 10, 1),
              ElementsAre(HasSubstr("\xE2\x80\xA6")));
  EXPECT_THAT(WrapText("", 20, 10, 3), Each("never"));
}

}  // namespace
}  // namespace stepwell::protocol
