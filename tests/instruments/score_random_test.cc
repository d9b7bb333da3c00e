// Every scored instrument on random answers, against a second, plain
// implementation (plain_rules_support.cc). STEPWELL_RANDOM_RESPONSES sets how
// many (default 20,000 an instrument, a million with STEPWELL_LONG).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>

#include "instruments/plain_rules_support.h"
#include "instruments/score.h"
#include "support/chance.h"
#include "support/matchers.h"

namespace stepwell::instruments {
namespace {

using testing::Chance;

// One response: mostly complete, sometimes with gaps, rarely out of range; of
// people who are mostly well, mostly ill, or anything.
Row RandomRow(const Rules& rules, Chance& chance) {
  Row row;
  const int gaps = chance.Below(3);  // 0: none, else 1 in 40 items
  const int health = chance.Below(4);
  for (size_t i = 0; i < rules.ranges.size(); ++i) {
    const auto [low, high] = rules.ranges[i];
    const int step = i + 2 >= rules.ranges.size() ? rules.step : 1;
    const int choices = (high - low) / step + 1;
    int choice = chance.Below(choices);
    if (health == 1) choice = std::min(choice, chance.Below(choices));
    if (health == 2) choice = std::max(choice, chance.Below(choices));
    if (health == 1 && chance.Below(2) == 0) choice = 0;
    if (health == 2 && chance.Below(2) == 0) choice = choices - 1;
    int value = low + step * choice;
    if (gaps > 0 && chance.Below(40) == 0) value = kNone;
    if (chance.Below(2000) == 0) {
      value = chance.Below(2) == 0 ? low - 1 : high + 1;
    }
    row.push_back(value);
  }
  // Zeros first make the skip rules of AUDIT work.
  if (chance.Below(4) == 0) row[0] = rules.ranges[0].first;
  return row;
}

// What is not asked of a person is not answered there when it would be none of
// the values; then, whether all answers are.
bool IsLegal(const Rules& rules, const Instrument& instrument, const Who& who,
             Row& row) {
  bool legal = true;
  for (size_t i = 0; i < row.size(); ++i) {
    const auto [low, high] = rules.ranges[i];
    if (row[i] == kNone || (row[i] >= low && row[i] <= high)) continue;
    const Item& item = instrument.items()[i];
    if ((item.not_applicable && !who.works) ||
        (item.only_for == Sex::kFemale && who.sex == Sex::kMale)) {
      row[i] = kNone;
    } else {
      legal = false;
    }
  }
  return legal;
}

Who RandomWho(Chance& chance) {
  static constexpr Sex kSexes[] = {Sex::kFemale, Sex::kMale, Sex::kUnknown};
  Who who;
  who.sex = kSexes[chance.Below(3)];
  who.works = chance.Below(3) != 0;
  who.prorates = chance.Below(2) == 0;
  return who;
}

bool Same(const std::optional<Rational>& actual,
          const std::optional<double>& expected) {
  return actual.has_value() == expected.has_value() &&
         (!actual.has_value() ||
          std::abs(actual->ToDouble() - *expected) < 1e-9);
}

Tri TriOf(const std::optional<bool>& is) {
  if (!is) return Tri::kUnknown;
  return *is ? Tri::kTrue : Tri::kFalse;
}

std::string BandOf(const Instrument& instrument, const ScoreResult& result,
                   uint16_t scale) {
  const int16_t band = result.scales[scale].band;
  return band < 0
             ? ""
             : instrument.scales()[scale].bands[static_cast<size_t>(band)].id;
}

bool Agrees(const Instrument& instrument, const ScoreResult& result,
            const Plain& plain) {
  const ScaleScore* total = result.total(instrument);
  bool same =
      total == nullptr ||
      (Same(total->score, plain.total) &&
       total->prorated == plain.prorated.has_value() &&
       Same(total->exact, plain.prorated ? plain.prorated : plain.total));
  for (const auto& [id, expected] : plain.subscales) {
    const uint16_t scale = *instrument.FindScale(id);
    same = same && Same(result.scales[scale].score, expected);
    const auto band = plain.bands.find(id);
    same = same && BandOf(instrument, result, scale) ==
                       (band == plain.bands.end() ? "" : band->second);
  }
  for (const auto& [id, expected] : plain.flags) {
    same = same && result.flags[*instrument.FindFlag(id)] == TriOf(expected);
  }
  for (size_t i = 0; i < instrument.risk_markers().size(); ++i) {
    const auto expected = plain.risks.find(instrument.risk_markers()[i].id);
    same = same && expected != plain.risks.end() &&
           result.risks[i] == TriOf(expected->second);
  }
  return same && BandId(instrument, result) == plain.band;
}

// Of each part of the document what the plain rules have said of it.
class Seen {
 public:
  void Take(const Plain& plain) {
    const auto add = [&](const std::string& id, const std::string& what) {
      said_.insert(id + " " + what);
    };
    const auto text = [](const std::optional<bool>& is) {
      return std::string(!is ? "unknown" : *is ? "yes" : "no");
    };
    for (const auto& [id, is] : plain.flags) add(id, text(is));
    for (const auto& [id, is] : plain.risks) add(id, text(is));
    for (const auto& [id, score] : plain.subscales) {
      if (score) add(id, "score");
    }
    for (const auto& [id, band] : plain.bands) add(id, band);
    add("total", plain.band);
    if (plain.prorated) add("total", "is prorated");
  }

  // What of the document no response has tried.
  std::string Untried(const Instrument& instrument) const {
    std::string untried;
    const auto need = [&](const std::string& id, const std::string& what) {
      if (said_.count(id + " " + what) == 0) untried += id + " " + what + "; ";
    };
    for (const Flag& flag : instrument.flags()) {
      for (const char* is : {"yes", "no"}) need(flag.id, is);
    }
    for (const RiskMarker& marker : instrument.risk_markers()) {
      for (const char* is : {"yes", "no", "unknown"}) need(marker.id, is);
    }
    for (size_t i = 0; i < instrument.scales().size(); ++i) {
      const Scale& scale = instrument.scales()[i];
      const bool is_total = instrument.has_total() && i == 0;
      if (!is_total) need(scale.id, "score");
      for (const Band& band : scale.bands) {
        need(is_total ? "total" : scale.id, band.id);
      }
      if (scale.prorate_declared) need("total", "is prorated");
    }
    return untried;
  }

 private:
  std::set<std::string> said_;
};

void Check(const Rules& rules, int responses) {
  const auto instrument = *LoadCatalogueInstrument(rules.id);
  ASSERT_GE(instrument->items().size(), rules.ranges.size()) << rules.id;
  for (size_t i = rules.ranges.size(); i < instrument->items().size(); ++i) {
    ASSERT_FALSE(instrument->items()[i].required) << rules.id;  // not scored
  }
  Chance chance(20260302);
  Seen seen;
  int scored = 0;
  for (int k = 0; k < responses; ++k) {
    Row row = RandomRow(rules, chance);
    const Who who = RandomWho(chance);
    const bool legal = IsLegal(rules, *instrument, who, row);
    ScoreContext context;
    context.sex = who.sex;
    context.missing =
        who.prorates ? MissingPolicy::kProrate : MissingPolicy::kStrict;
    Answers answers(*instrument);
    std::string text = who.sex == Sex::kMale ? "a man: " : "";
    for (size_t i = 0; i < row.size(); ++i) {
      const auto item = static_cast<uint16_t>(i);
      if (instrument->items()[i].not_applicable && !who.works) {
        answers.Set(item, {Answer::State::kNotApplicable, 0});
      } else if (row[i] != kNone) {
        answers.SetValue(item, row[i]);
      }
      text += std::to_string(row[i]) + " ";
    }
    const ScoreResult result = Score(*instrument, answers.view(), context);
    if (!legal) {
      ASSERT_FALSE(result.complete || result.out_of_range.empty()) << text;
      continue;
    }
    const Plain plain = rules.score(row, who);
    ASSERT_TRUE(Agrees(*instrument, result, plain)) << rules.id << ": " << text;
    if (result.complete) {
      ASSERT_EQ(plain.flags.size(), instrument->flags().size()) << rules.id;
    }
    seen.Take(plain);
    scored += result.complete;
  }
  EXPECT_GT(scored, responses / 4) << rules.id;
  EXPECT_EQ(seen.Untried(*instrument), "") << rules.id;
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
  std::set<std::string> covered;
  for (const Rules& rules : AllRules()) covered.insert(rules.id);
  for (const std::string& id : CatalogueInstrumentIds()) {
    const auto instrument = *LoadCatalogueInstrument(id);
    EXPECT_TRUE(instrument->scales().empty() || covered.count(id) == 1) << id;
  }
}

}  // namespace
}  // namespace stepwell::instruments
