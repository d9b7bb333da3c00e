// What is kept back of few people, against somebody who adds and subtracts all
// that is shown.
#include "host/discretion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "support/chance.h"

namespace stepwell::host {
namespace {

using metrics::CourseColumns;
using metrics::kNone;
using metrics::kPoint;
using metrics::MeasureFigure;

// Courses by their columns.
struct Courses {
  std::vector<int32_t> phq9_first, phq9_last, gad7_first, gad7_last, contacts;
  std::vector<int32_t> referral, first, second, discharged, minutes;

  void Add(std::array<int, 5> scores_and_contacts) {
    const auto points = [](int n) { return n < 0 ? kNone : n * kPoint; };
    phq9_first.push_back(points(scores_and_contacts[0]));
    phq9_last.push_back(points(scores_and_contacts[1]));
    gad7_first.push_back(points(scores_and_contacts[2]));
    gad7_last.push_back(points(scores_and_contacts[3]));
    contacts.push_back(scores_and_contacts[4]);
  }

  ShownNumbers Count() const {
    CourseColumns c;
    c.rows = contacts.size();
    c.phq9_first = phq9_first;
    c.phq9_last = phq9_last;
    c.gad7_first = gad7_first;
    c.gad7_last = gad7_last;
    c.contacts = contacts;
    c.referral = referral;
    c.first_treatment = first;
    c.second_treatment = second;
    c.discharged = discharged;
    c.minutes = minutes;
    const metrics::NhsCounts counts = metrics::CountCourses(c, {}, 1, {})[0];
    return {counts, metrics::FiguresOf(counts)};
  }
};

// Somebody who knows how the numbers of a report hang together. Equations of
// unknowns: each number of a row is one, by its name.
class Adversary {
 public:
  Adversary(const std::vector<ShownNumbers>& rows,
            const std::vector<Hidden>& hidden)
      : rows_(rows), hidden_(hidden) {
    for (size_t row = 0; row < rows_.size(); ++row) Read(row);
    for (size_t row = 0; row < rows_.size(); ++row) Relate(row);
    if (rows_.size() > 1) AddUp();
    Solve();
  }

  // The numbers of few people that were kept back and are known all the same.
  std::vector<std::string> Found(uint32_t below) const {
    std::vector<std::string> found;
    for (const auto& [name, index] : index_) {
      const double value = values_[index];
      if (known_[index] || value < 1 || value >= below) continue;
      if (solved_[index]) found.push_back(name);
    }
    return found;
  }

 private:
  using Equation = std::map<size_t, double>;

  size_t At(size_t row, const std::string& name) const {
    return index_.at(std::to_string(row) + " " + name);
  }

  void Put(size_t row, const std::string& name, uint64_t value, bool shown) {
    index_[std::to_string(row) + " " + name] = values_.size();
    values_.push_back(static_cast<double>(value));
    known_.push_back(shown);
  }

  void Read(size_t row) {
    const ShownNumbers& numbers = rows_[row];
    for (size_t i = 0; i < kCountNames; ++i) {
      Put(row, kCounts[i].name, numbers.counts.*kCounts[i].count,
          !hidden_[row].counts[i]);
    }
    for (size_t i = 0; i < numbers.figures.size(); ++i) {
      const MeasureFigure& figure = numbers.figures[i];
      const std::string id(figure.definition->id);
      const bool shown = !hidden_[row].figures[i];
      Put(row, id + ".of", figure.ratio.denominator, shown);
      Put(row, id + ".missing", figure.ratio.missing, shown);
      if (figure.definition->unit != metrics::MeasureUnit::kPercent) continue;
      Put(row, id, figure.ratio.numerator, shown);
      Put(row, id + ".not", figure.ratio.denominator - figure.ratio.numerator,
          shown);
    }
  }

  // name = the sum of the others; a minus before a name takes it away.
  void Is(size_t row, const std::string& name,
          const std::vector<std::string>& parts) {
    Equation equation{{At(row, name), -1.0}};
    for (const std::string& part : parts) {
      const bool minus = part[0] == '-';
      equation[At(row, minus ? part.substr(1) : part)] += minus ? -1 : 1;
    }
    equations_.push_back(equation);
  }

  void Relate(size_t row) {
    Is(row, "finished",
       {"improved", "deteriorated", "no_change", "unclassified"});
    for (const auto& [measure, count] :
         {std::pair("reliable_improvement", "improved"),
          {"reliable_deterioration", "deteriorated"},
          {"no_reliable_change", "no_change"}}) {
      const std::string id = measure;
      Is(row, id, {count});
      Is(row, id + ".of", {"finished"});
      Is(row, id + ".missing", {"unclassified"});
    }
    const std::string completers = "reliable_recovery_completers";
    const std::string carried = "reliable_recovery_carried_forward";
    for (const std::string id : {"recovery", "reliable_recovery"}) {
      Is(row, id + ".of", {"finished", "-not_at_caseness"});
      Is(row, id + ".missing", {id + ".of", "-" + completers + ".of"});
    }
    Is(row, "recovery", {"recovered"});
    Is(row, completers, {"reliable_recovery"});
    Is(row, carried + ".of", {"at_caseness"});
    Is(row, carried + ".missing", {"at_caseness", "-" + completers + ".of"});
    for (const std::string id : {"effect_phq9", "effect_gad7"}) {
      Is(row, id + ".missing", {"finished", "-" + id + ".of"});
    }
    Is(row, "therapist_minutes.missing", {"finished", "-therapist_minutes.of"});
    // Without dates there are no waits: they are 0 of 0.
    const bool dated = rows_[0].counts.wait6_started.denominator > 0;
    for (const char* when : {"finished", "started"}) {
      if (!dated) continue;
      const std::string six = std::string("wait_6_weeks_") + when;
      const std::string more = std::string("wait_18_weeks_") + when;
      Is(row, six + ".of", {when});
      Is(row, more + ".of", {when});
      Is(row, six + ".missing", {more + ".missing"});
    }
    for (const auto& [name, index] : index_) {
      const std::string rest = ".not";
      const std::string prefix = std::to_string(row) + " ";
      if (name.rfind(prefix, 0) != 0 || name.size() < rest.size() ||
          name.substr(name.size() - rest.size()) != rest) {
        continue;
      }
      const std::string id =
          name.substr(prefix.size(), name.size() - prefix.size() - rest.size());
      Is(row, id + rest, {id + ".of", "-" + id});
    }
  }

  void AddUp() {
    for (const auto& [name, index] : index_) {
      if (name.rfind("0 ", 0) != 0) continue;
      Equation equation{{index, -1.0}};
      for (size_t row = 1; row < rows_.size(); ++row) {
        equation[At(row, name.substr(2))] = 1;
      }
      equations_.push_back(equation);
    }
  }

  // Gauss and Jordan: an unknown that stands alone in its row is solved.
  void Solve() {
    std::vector<std::vector<double>> matrix;
    for (const Equation& equation : equations_) {
      std::vector<double> row(values_.size());
      for (const auto& [index, factor] : equation) {
        if (!known_[index]) row[index] = factor;
      }
      matrix.push_back(std::move(row));
    }
    solved_.assign(values_.size(), false);
    size_t done = 0;
    std::vector<size_t> pivots;
    for (size_t column = 0; column < values_.size(); ++column) {
      size_t best = done;
      for (size_t r = done; r < matrix.size(); ++r) {
        if (std::abs(matrix[r][column]) > std::abs(matrix[best][column])) {
          best = r;
        }
      }
      if (best >= matrix.size() || std::abs(matrix[best][column]) < 1e-9) {
        continue;
      }
      std::swap(matrix[done], matrix[best]);
      const double pivot = matrix[done][column];
      for (double& factor : matrix[done]) factor /= pivot;
      for (size_t r = 0; r < matrix.size(); ++r) {
        const double factor = matrix[r][column];
        if (r == done || factor == 0) continue;
        for (size_t c = column; c < values_.size(); ++c) {
          matrix[r][c] -= factor * matrix[done][c];
        }
      }
      pivots.push_back(column);
      ++done;
    }
    for (size_t r = 0; r < done; ++r) {
      size_t unknowns = 0;
      for (const double factor : matrix[r]) unknowns += std::abs(factor) > 1e-9;
      solved_[pivots[r]] = unknowns == 1;
    }
  }

  const std::vector<ShownNumbers>& rows_;
  const std::vector<Hidden>& hidden_;
  std::map<std::string, size_t> index_;
  std::vector<double> values_;
  std::vector<bool> known_, solved_;
  std::vector<Equation> equations_;
};

// 39 finished: 20 improved, 16 unchanged, 3 deteriorated; 2 were no cases.
ShownNumbers Small() {
  Courses courses;
  for (int i = 0; i < 20; ++i) courses.Add({15, 6, 12, 5, 3});
  for (int i = 0; i < 14; ++i) courses.Add({15, 14, 12, 12, 3});
  for (int i = 0; i < 2; ++i) courses.Add({5, 5, 5, 5, 3});
  for (int i = 0; i < 3; ++i) courses.Add({12, 20, 10, 15, 3});
  return courses.Count();
}

bool IsShown(const Hidden& hidden, const std::string& name) {
  for (size_t i = 0; i < kCountNames; ++i) {
    if (kCounts[i].name == name) return !hidden.counts[i];
  }
  ADD_FAILURE() << name;
  return false;
}

TEST(Discretion, TheAdversaryFindsWhatIsHiddenAlone) {
  const std::vector<ShownNumbers> rows = {Small()};
  Hidden few{std::vector<bool>(rows[0].figures.size()),
             std::vector<bool>(kCountNames)};
  for (size_t i = 0; i < kCountNames; ++i) {
    few.counts[i] = IsFew(rows[0].counts.*kCounts[i].count, 5);
  }
  few.figures[3] = true;  // reliable_deterioration
  const std::vector<std::string> found = Adversary(rows, {few}).Found(5);
  EXPECT_THAT(found,
              ::testing::IsSupersetOf({"0 deteriorated", "0 not_at_caseness"}));
}

TEST(Discretion, TheNextSmallestGoesWithIt) {
  const std::vector<ShownNumbers> rows = {Small()};
  const std::vector<Hidden> hidden = KeepBack(rows, 5);
  for (const char* name : {"deteriorated", "no_change", "not_at_caseness"}) {
    EXPECT_FALSE(IsShown(hidden[0], name)) << name;
  }
  for (const char* name : {"courses", "finished", "improved", "unclassified"}) {
    EXPECT_TRUE(IsShown(hidden[0], name)) << name;
  }
  EXPECT_TRUE(hidden[0].figures[0]);   // recovery: its denominator tells
  EXPECT_FALSE(hidden[0].figures[2]);  // reliable_improvement
  EXPECT_THAT(Adversary(rows, hidden).Found(5), ::testing::IsEmpty());
}

TEST(Discretion, WithoutFewPeopleAllIsShown) {
  const std::vector<ShownNumbers> rows = {Small()};
  for (const uint32_t below : {0u, 1u, 2u}) {
    const std::vector<Hidden> hidden = KeepBack(rows, below);
    EXPECT_THAT(hidden[0].counts, ::testing::Each(false)) << below;
    EXPECT_THAT(hidden[0].figures, ::testing::Each(false)) << below;
  }
}

// One alone and one alone: their sum must not be left, or both are 1.
TEST(Discretion, TwoOfFewPeopleAreNotToldByTheirSum) {
  Courses courses;
  for (int i = 0; i < 20; ++i) courses.Add({15, 6, 12, 5, 3});
  for (int i = 0; i < 8; ++i) courses.Add({15, -1, 12, -1, 3});
  courses.Add({15, 14, 12, 12, 3});
  courses.Add({12, 20, 10, 15, 3});
  const Hidden hidden = KeepBack({courses.Count()}, 5)[0];
  EXPECT_FALSE(IsShown(hidden, "no_change"));
  EXPECT_FALSE(IsShown(hidden, "deteriorated"));
  EXPECT_FALSE(IsShown(hidden, "unclassified"));
  EXPECT_TRUE(IsShown(hidden, "improved"));
}

std::vector<Courses> SomeGroups(testing::Chance& chance) {
  std::vector<Courses> groups(1 + static_cast<size_t>(chance.Below(4)));
  const bool dated = chance.Below(2) == 0;
  const int spread = 1 + static_cast<int>(chance.Below(60));
  const int gaps = 2 + static_cast<int>(chance.Below(12));
  const auto below = [&](int n) { return static_cast<int>(chance.Below(n)); };
  for (Courses& group : groups) {
    for (int n = below(spread) + 1; n > 0; --n) {
      const auto score = [&](int size) {
        return below(gaps) == 0 ? -1 : below(size);
      };
      group.Add({score(28), score(28), score(22), score(22), below(8)});
      group.discharged.push_back(below(gaps) == 0 ? kNone : 400);
      group.minutes.push_back(below(gaps) == 0 ? kNone : 10 * below(60));
      if (!dated) continue;
      group.referral.push_back(below(gaps) == 0 ? kNone : 0);
      group.first.push_back(below(gaps) == 0 ? kNone : below(200));
      group.second.push_back(below(gaps) == 0 ? kNone : 200 + below(99));
    }
  }
  return groups;
}

// A small group takes one other with it, and neither the rest nor the total.
TEST(Discretion, ASmallGroupTakesTheSmallestOtherWithIt) {
  const auto of = [](int n) {
    Courses courses;
    for (int i = 0; i < n; ++i) courses.Add({15, 6, 12, 5, 3});
    for (int i = 0; i < n; ++i) courses.Add({15, 14, 12, 12, 3});
    return courses.Count();
  };
  std::vector<ShownNumbers> rows = {{}, of(50), of(1), of(20), of(30)};
  for (size_t i = 1; i < rows.size(); ++i) rows[0].counts.Add(rows[i].counts);
  rows[0].figures = metrics::FiguresOf(rows[0].counts);
  const std::vector<Hidden> hidden = KeepBack(rows, 5);
  for (const size_t row : {0u, 1u, 4u}) {
    EXPECT_THAT(hidden[row].counts, ::testing::Each(false)) << row;
    EXPECT_THAT(hidden[row].figures, ::testing::Each(false)) << row;
  }
  EXPECT_FALSE(IsShown(hidden[2], "finished"));
  EXPECT_FALSE(IsShown(hidden[3], "finished"));
  EXPECT_THAT(Adversary(rows, hidden).Found(5), ::testing::IsEmpty());
}

TEST(Discretion, NobodyFindsFewPeopleByAddingAndSubtracting) {
  testing::Chance chance(7);
  size_t hidden_numbers = 0, shown_numbers = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<ShownNumbers> rows(1);
    for (const Courses& group : SomeGroups(chance)) {
      rows.push_back(group.Count());
      rows[0].counts.Add(rows.back().counts);
    }
    rows[0].figures = metrics::FiguresOf(rows[0].counts);
    const auto below = static_cast<uint32_t>(2 + chance.Below(9));
    const std::vector<Hidden> hidden = KeepBack(rows, below);
    for (const Hidden& row : hidden) {
      for (const bool is_hidden : row.counts) {
        ++(is_hidden ? hidden_numbers : shown_numbers);
      }
    }
    ASSERT_THAT(Adversary(rows, hidden).Found(below), ::testing::IsEmpty())
        << "trial " << trial << " below " << below;
  }
  EXPECT_GT(hidden_numbers, 1000u);
  EXPECT_GT(shown_numbers, 1000u);
}

}  // namespace
}  // namespace stepwell::host
