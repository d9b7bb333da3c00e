// Every other scored instrument on random answers, against a second, plain
// implementation that was written from the published rules.
// STEPWELL_RANDOM_RESPONSES sets how many (default 20,000 an instrument, a
// million with STEPWELL_LONG).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "instruments/score.h"
#include "support/chance.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using testing::Chance;

constexpr int kNone = -1000;
using Row = std::vector<int>;

// What the plain rules say of a response whose values are all legal or kNone.
struct Plain {
  std::optional<double> total;
  std::map<std::string, std::optional<double>> subscales;
  std::map<std::string, bool> flags;  // only where no answer is missing
  std::string band;                   // when the total is given
};

struct Rules {
  const char* id;
  std::vector<std::pair<int, int>> ranges;  // least and greatest, per item
  std::function<Plain(const Row&)> score;
  int step = 1;  // of the last two items (AUDIT)
};

std::optional<double> Sum(const Row& row, const std::vector<int>& items,
                          double factor = 1) {
  double sum = 0;
  for (int item : items) {
    if (row[item - 1] == kNone) return std::nullopt;
    sum += row[item - 1];
  }
  return sum * factor;
}

std::vector<int> Range(int first, int last) {
  std::vector<int> items;
  for (int i = first; i <= last; ++i) items.push_back(i);
  return items;
}

std::string Banded(double score, const std::vector<double>& edges,
                   const std::vector<std::string>& names) {
  size_t i = 0;
  while (i < edges.size() && score >= edges[i]) ++i;
  return names[i];
}

// A plain sum of n items with bands.
Rules SumRules(const char* id, int n, int low, int high,
               std::vector<double> edges = {},
               std::vector<std::string> names = {}) {
  return {id, std::vector<std::pair<int, int>>(n, {low, high}),
          [=](const Row& row) {
            Plain out;
            out.total = Sum(row, Range(1, n));
            if (out.total && !names.empty()) {
              out.band = Banded(*out.total, edges, names);
            }
            return out;
          }};
}

Plain Reversed(const Row& row, const std::vector<int>& items, int of) {
  Row turned = row;
  for (int item : items) {
    if (row[item - 1] != kNone) turned[item - 1] = of - row[item - 1];
  }
  return {Sum(turned, Range(1, static_cast<int>(row.size()))), {}, {}, ""};
}

Plain Pcl5(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 20));
  const std::map<std::string, std::pair<std::vector<int>, int>> clusters = {
      {"B", {Range(1, 5), 1}},
      {"C", {Range(6, 7), 1}},
      {"D", {Range(8, 14), 2}},
      {"E", {Range(15, 20), 2}}};
  bool all = true;
  for (const auto& [id, cluster] : clusters) {
    out.subscales[id] = Sum(row, cluster.first);
    int symptoms = 0;
    for (int item : cluster.first) symptoms += row[item - 1] >= 2;
    all = all && symptoms >= cluster.second;
  }
  if (out.total) {
    out.flags["dsm5_provisional"] = all;
    out.flags["cut33"] = *out.total >= 33;
  }
  return out;
}

Plain Audit(const Row& row) {
  Row filled = row;
  const bool never = row[0] == 0;
  const bool light = row[1] != kNone && row[2] != kNone && row[1] + row[2] == 0;
  for (int item = 2; item <= 8; ++item) {
    if (filled[item - 1] == kNone && (never || (light && item >= 4))) {
      filled[item - 1] = 0;
    }
  }
  Plain out;
  out.total = Sum(filled, Range(1, 10));
  if (out.total) {
    out.band =
        Banded(*out.total, {8, 16, 20}, {"zone1", "zone2", "zone3", "zone4"});
    out.flags["hazardous8"] = *out.total >= 8;
  }
  return out;
}

Plain Dass(const Row& row) {
  Plain out;
  out.subscales["D"] = Sum(row, {3, 5, 10, 13, 16, 17, 21}, 2);
  out.subscales["A"] = Sum(row, {2, 4, 7, 9, 15, 19, 20}, 2);
  out.subscales["S"] = Sum(row, {1, 6, 8, 11, 12, 14, 18}, 2);
  return out;
}

Plain IesR(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 22));
  out.subscales["avoidance"] = Sum(row, {5, 7, 8, 11, 12, 13, 17, 22});
  out.subscales["intrusion"] = Sum(row, {1, 2, 3, 6, 9, 16, 20});
  out.subscales["hyperarousal"] = Sum(row, {4, 10, 14, 15, 18, 19, 21});
  return out;
}

Plain OciR(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 18));
  out.subscales["hoarding"] = Sum(row, {1, 7, 13});
  out.subscales["ocd15"] =
      Sum(row, {2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18});
  if (out.total) {
    out.flags["cut21"] = *out.total >= 21;
    out.flags["hoarding_cut6"] = *out.subscales["hoarding"] >= 6;
    out.flags["ocd15_cut12"] = *out.subscales["ocd15"] >= 12;
  }
  return out;
}

// Fear and avoidance alternate.
Plain Lsas(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 48));
  std::vector<int> fear, avoidance;
  for (int i = 1; i <= 48; i += 2) {
    fear.push_back(i);
    avoidance.push_back(i + 1);
  }
  out.subscales["fear"] = Sum(row, fear);
  out.subscales["avoidance"] = Sum(row, avoidance);
  return out;
}

Plain Who5(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 5), 4);
  if (out.total) {
    out.flags["low_wellbeing"] = *out.total <= 50;
    out.band = *out.total <= 50 ? "poor" : "adequate";
  }
  return out;
}

Plain Phq15Woman(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 15));
  if (!out.total) return out;
  out.band =
      Banded(*out.total, {5, 10, 15}, {"none", "mild", "moderate", "severe"});
  int severe = 0;
  for (int value : row) severe += value == 2;
  out.flags["somatoform_3_severe"] = severe >= 3;
  return out;
}

Plain Hads(const Row& row) {
  Plain out;
  out.subscales["anxiety"] = Sum(row, {1, 3, 5, 7, 9, 11, 13});
  out.subscales["depression"] = Sum(row, {2, 4, 6, 8, 10, 12, 14});
  for (const char* id : {"anxiety", "depression"}) {
    if (const auto score = out.subscales[id]) {
      out.flags[std::string(id) + "_case"] = *score >= 8;
    }
  }
  return out;
}

Plain Sdq(const Row& row) {
  Row turned = row;
  for (int item : {7, 11, 14, 21, 25}) {
    if (row[item - 1] != kNone) turned[item - 1] = 2 - row[item - 1];
  }
  Plain out;
  out.subscales["emotional"] = Sum(turned, {3, 8, 13, 16, 24});
  out.subscales["conduct"] = Sum(turned, {5, 7, 12, 18, 22});
  out.subscales["hyperactivity"] = Sum(turned, {2, 10, 15, 21, 25});
  out.subscales["peer"] = Sum(turned, {6, 11, 14, 19, 23});
  out.total = 0;
  for (const auto& [id, score] : out.subscales) {
    if (!score || !out.total) {
      out.total.reset();
    } else {
      *out.total += *score;
    }
  }
  out.subscales["prosocial"] = Sum(turned, {1, 4, 9, 17, 20});
  return out;
}

Plain Rcads(const Row& row) {
  Plain out;
  out.total = Sum(row, Range(1, 47));
  out.subscales["separation_anxiety"] = Sum(row, {5, 9, 17, 18, 33, 45, 46});
  out.subscales["generalized_anxiety"] = Sum(row, {1, 13, 22, 27, 35, 37});
  out.subscales["panic"] = Sum(row, {3, 14, 24, 26, 28, 34, 36, 39, 41});
  out.subscales["social_phobia"] = Sum(row, {4, 7, 8, 12, 20, 30, 32, 38, 43});
  out.subscales["obsessions_compulsions"] = Sum(row, {10, 16, 23, 31, 42, 44});
  out.subscales["depression"] =
      Sum(row, {2, 6, 11, 15, 19, 21, 25, 29, 40, 47});
  if (out.total && out.subscales["depression"]) {
    out.subscales["anxiety"] = *out.total - *out.subscales["depression"];
  }
  return out;
}

// Four lines in millimetres: 0 to 40, lower than 25 is a case.
Plain Lines(const Row& row) { return {Sum(row, Range(1, 4), 0.1), {}, {}, ""}; }

Plain Ors(const Row& row) {
  Plain out = Lines(row);
  if (out.total) out.flags["caseness"] = *Sum(row, Range(1, 4)) < 250;
  return out;
}

std::vector<Rules> AllRules() {
  const auto n = [](int count, int low, int high) {
    return std::vector<std::pair<int, int>>(count, {low, high});
  };
  std::vector<std::pair<int, int>> audit = n(10, 0, 4);
  std::vector<Rules> rules = {
      SumRules("phq-2", 2, 0, 3),
      SumRules("gad-2", 2, 0, 3),
      SumRules("wsas", 5, 0, 8, {11, 21}, {"low", "significant", "severe"}),
      SumRules("pdss-sr", 7, 0, 4),
      SumRules("isi", 7, 0, 4, {8, 15, 22},
               {"none", "subthreshold", "moderate", "severe"}),
      SumRules("audit-c", 3, 0, 4),
      SumRules("madrs-s", 9, 0, 6, {13, 20, 35},
               {"none_or_minimal", "mild", "moderate", "severe"}),
      SumRules("k10", 10, 1, 5, {16, 22, 30},
               {"low", "moderate", "high", "very_high"}),
      SumRules("k10-0-4", 10, 0, 4, {6, 12, 20},
               {"low", "moderate", "high", "very_high"}),
      SumRules("k6", 6, 0, 4),
      SumRules("spin", 17, 0, 4),
      {"pswq", n(16, 1, 5),
       [](const Row& row) {
         return Reversed(row, {1, 3, 8, 10, 11}, 6);
       }},
      {"core-10", n(10, 0, 4),
       [](const Row& row) {
         Plain out = Reversed(row, {2, 3}, 4);
         if (out.total) {
           out.band = Banded(*out.total, {6, 11, 15, 20, 25},
                             {"healthy", "low", "mild", "moderate",
                              "moderate_severe", "severe"});
         }
         return out;
       }},
      {"pcl-5", n(20, 0, 4), Pcl5},
      {"ies-r", n(22, 0, 4), IesR},
      {"audit", audit, Audit, 2},
      {"who-5", n(5, 0, 5), Who5},
      {"dass-21", n(21, 0, 3), Dass},
      {"oci-r", n(18, 0, 4), OciR},
      {"lsas-sr", n(48, 0, 3), Lsas},
      {"phq-15", n(15, 0, 2), Phq15Woman},
      SumRules("phq-8", 8, 0, 3, {5, 10, 15, 20},
               {"none", "mild", "moderate", "moderately_severe", "severe"}),
      {"hads", n(14, 0, 3), Hads},
      {"sdq", n(25, 0, 2), Sdq},
      {"sdq-parent", n(25, 0, 2), Sdq},
      {"rcads", n(47, 0, 3), Rcads},
      {"rcads-parent", n(47, 0, 3), Rcads},
      {"ors", n(4, 0, 100), Ors},
      {"srs", n(4, 0, 100), Lines},
  };
  return rules;
}

// One response: mostly complete, sometimes with gaps, rarely out of range.
Row RandomRow(const Rules& rules, Chance& chance, bool* legal) {
  Row row;
  const int gaps = chance.Below(3);  // 0: none, else 1 in 40 items
  *legal = true;
  for (size_t i = 0; i < rules.ranges.size(); ++i) {
    const auto [low, high] = rules.ranges[i];
    const int step = i + 2 >= rules.ranges.size() ? rules.step : 1;
    int value = low + step * chance.Below((high - low) / step + 1);
    if (gaps > 0 && chance.Below(40) == 0) value = kNone;
    if (chance.Below(2000) == 0) {
      value = chance.Below(2) == 0 ? low - 1 : high + 1;
      *legal = false;
    }
    row.push_back(value);
  }
  // Zeros first make the skip rules of AUDIT work.
  if (*legal && chance.Below(4) == 0) row[0] = rules.ranges[0].first;
  return row;
}

bool Same(const std::optional<Rational>& actual,
          const std::optional<double>& expected) {
  return actual.has_value() == expected.has_value() &&
         (!actual.has_value() ||
          std::abs(actual->ToDouble() - *expected) < 1e-9);
}

bool Agrees(const Instrument& instrument, const ScoreResult& result,
            const Plain& plain) {
  const ScaleScore* total = result.total(instrument);
  bool same = total == nullptr || Same(total->score, plain.total);
  for (const auto& [id, expected] : plain.subscales) {
    same =
        same && Same(result.scales[*instrument.FindScale(id)].score, expected);
  }
  for (const auto& [id, expected] : plain.flags) {
    same = same && result.flags[*instrument.FindFlag(id)] ==
                       (expected ? Tri::kTrue : Tri::kFalse);
  }
  return same &&
         (plain.band.empty() || BandId(instrument, result) == plain.band);
}

void Check(const Rules& rules, int responses) {
  const auto instrument = *LoadCatalogueInstrument(rules.id);
  ASSERT_EQ(instrument->items().size(), rules.ranges.size()) << rules.id;
  Chance chance(20260302);
  ScoreContext woman;
  woman.sex = Sex::kFemale;
  int scored = 0;
  for (int k = 0; k < responses; ++k) {
    bool legal = true;
    const Row row = RandomRow(rules, chance, &legal);
    Answers answers(*instrument);
    std::string text;
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i] != kNone) {
        answers.SetValue(static_cast<uint16_t>(i), row[i]);
      }
      text += std::to_string(row[i]) + " ";
    }
    const ScoreResult result = Score(*instrument, answers.view(), woman);
    if (!legal) {
      ASSERT_FALSE(result.complete || result.out_of_range.empty()) << text;
      continue;
    }
    ASSERT_TRUE(Agrees(*instrument, result, rules.score(row)))
        << rules.id << ": " << text;
    scored += result.complete;
  }
  EXPECT_GT(scored, responses / 4) << rules.id;
}

TEST(RandomResponses, EqualThePlainImplementation) {
  const char* wish = std::getenv("STEPWELL_RANDOM_RESPONSES");
  const bool is_long = std::getenv("STEPWELL_LONG") != nullptr;
  const int responses = wish != nullptr ? std::atoi(wish)
                        : is_long       ? 1'000'000
                                        : 20'000;
  for (const Rules& rules : AllRules()) Check(rules, responses);
}

TEST(RandomResponses, CoverEveryShippedScore) {
  std::map<std::string, bool> covered = {{"phq-9", true}, {"gad-7", true}};
  for (const Rules& rules : AllRules()) covered[rules.id] = true;
  for (const std::string& id : CatalogueInstrumentIds()) {
    const auto instrument = *LoadCatalogueInstrument(id);
    EXPECT_TRUE(instrument->scales().empty() || covered[id]) << id;
  }
}

}  // namespace
}  // namespace stepwell::instruments
