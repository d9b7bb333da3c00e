// Numbers as sums of independent parts, and what is known from some of them.
#include "host/discretion.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>

namespace stepwell::host {

using metrics::MeasureFigure;
using metrics::NhsCounts;
using metrics::Ratio;

// The letters are parts, numbers of courses that do not follow from each other:
// F finished, C at caseness, N not at caseness, P cases with a pair of scores,
// R recovered, Q reliably recovered, I improved, D deteriorated, Z no reliable
// change, X mixed, K all courses, M contacts missing, S started.
const std::array<CountName, kCountNames> kCounts = {{
    {"at_caseness", &NhsCounts::at_caseness, "+C"},
    {"contacts_missing", &NhsCounts::contacts_missing, "+M"},
    {"courses", &NhsCounts::courses, "+K"},
    {"deteriorated", &NhsCounts::deteriorated, "+D"},
    {"finished", &NhsCounts::finished, "+F"},
    {"improved", &NhsCounts::improved, "+I"},
    {"mixed", &NhsCounts::mixed, "+X"},
    {"no_change", &NhsCounts::no_change, "+Z"},
    {"not_at_caseness", &NhsCounts::not_at_caseness, "+N"},
    {"recovered", &NhsCounts::recovered, "+R"},
    {"reliable_recovery", &NhsCounts::reliable_recovery, "+Q"},
    {"started", &NhsCounts::started, "+S"},
    {"unclassified", &NhsCounts::unclassified, "+F-I-D-Z"},
}};

namespace {

// A number that has no form is a part of its own.
struct FigureForms {
  std::string_view id, numerator, denominator, missing;
};
constexpr FigureForms kFigureForms[] = {
    {"recovery", "+R", "+F-N", "+F-N-P"},
    {"reliable_recovery", "+Q", "+F-N", "+F-N-P"},
    {"reliable_improvement", "+I", "+F", "+F-I-D-Z"},
    {"reliable_deterioration", "+D", "+F", "+F-I-D-Z"},
    {"no_reliable_change", "+Z", "+F", "+F-I-D-Z"},
    {"mixed_change", "+X", "+F", "+F-I-D-Z"},
    {"wait_6_weeks_finished", "", "+F", "+w"},
    {"wait_18_weeks_finished", "", "+F", "+w"},
    {"wait_6_weeks_started", "", "+S", "+s"},
    {"wait_18_weeks_started", "", "+S", "+s"},
    {"reliable_recovery_completers", "+Q", "+P", ""},
    {"reliable_recovery_carried_forward", "", "+C", "+C-P"},
    {"effect_phq9", "+p", "+p", "+F-p"},
    {"effect_gad7", "+g", "+g", "+F-g"},
    {"therapist_minutes", "", "+m", "+F-m"},
};

constexpr std::string_view kLetters = "FCNPRQIDZXKMSwspgm";
constexpr size_t kOwn = 3;  // parts of a figure's own

using Form = std::vector<int64_t>;

// What can be worked out by adding and subtracting: an echelon of forms, modulo
// a prime far above any determinant that sums of a few parts can have.
class Knowledge {
 public:
  void Learn(Form form) {
    Reduce(form);
    const auto first = std::find_if(form.begin(), form.end(),
                                    [](int64_t part) { return part != 0; });
    if (first == form.end()) return;
    const int64_t inverse = Power(*first, kPrime - 2);
    const auto pivot = static_cast<size_t>(first - form.begin());
    for (int64_t& part : form) part = part * inverse % kPrime;
    rows_.push_back({pivot, std::move(form)});
  }

  // What of the form does not follow from this; nothing left: it is known.
  void Reduce(Form& form) const {
    for (int64_t& part : form) part = (part % kPrime + kPrime) % kPrime;
    for (const auto& [pivot, row] : rows_) {
      const int64_t factor = kPrime - form[pivot];
      if (factor == kPrime) continue;
      for (size_t i = pivot; i < form.size(); ++i) {
        form[i] = (form[i] + factor * row[i]) % kPrime;
      }
    }
  }

  static bool IsKnown(const Form& reduced) {
    return std::all_of(reduced.begin(), reduced.end(),
                       [](int64_t part) { return part == 0; });
  }

  // `more` was learnt from forms that this had reduced.
  void Add(Knowledge more) {
    std::move(more.rows_.begin(), more.rows_.end(), std::back_inserter(rows_));
  }

 private:
  static constexpr int64_t kPrime = 2'147'483'647;

  static int64_t Power(int64_t base, int64_t exponent) {
    int64_t out = 1;
    for (; exponent > 0; exponent /= 2) {
      if (exponent % 2 == 1) out = out * base % kPrime;
      base = base * base % kPrime;
    }
    return out;
  }

  std::vector<std::pair<size_t, Form>> rows_;
};

// A number that a report shows, or that what it shows would give away.
struct Number {
  uint64_t value = 0;
  Form form;
};

// The numbers of one group, as forms.
class Numbers {
 public:
  explicit Numbers(const ShownNumbers& group)
      : group_(group), width_(kLetters.size() + kOwn * group.figures.size()) {}

  // A count, then a figure, by one running index.
  std::vector<Number> OfItem(size_t item) const {
    if (item >= kCountNames) return OfFigure(item - kCountNames);
    return {{group_.counts.*kCounts[item].count, FormOf(kCounts[item].form)}};
  }

  // Where it stands in the order.
  uint64_t SizeOfItem(size_t item) const {
    if (item < kCountNames) return group_.counts.*kCounts[item].count;
    const MeasureFigure& figure = group_.figures[item - kCountNames];
    const uint64_t size =
        IsPercent(figure) ? figure.ratio.numerator : figure.ratio.denominator;
    // A share of nobody tells of whom it is not known.
    return size == 0 && figure.missing_known ? figure.ratio.missing : size;
  }

  std::vector<Form> Few(uint32_t below) const {
    std::vector<Form> few;
    const auto add = [&](const Number& number) {
      if (IsFew(number.value, below)) few.push_back(number.form);
    };
    for (size_t i = 0; i < kCountNames + group_.figures.size(); ++i) {
      for (const Number& number : OfItem(i)) add(number);
    }
    // Who is not known to be a case.
    add({group_.counts.finished - group_.counts.at_caseness, FormOf("+F-C")});
    AddTogether(below, few);
    return few;
  }

 private:
  // Several of few people and their sum are as good as told: 1 and 1 make 2.
  void AddTogether(uint32_t below, std::vector<Form>& few) const {
    Form sum(width_);
    size_t parts = 0;
    for (const CountName& count : kCounts) {
      const std::string_view name = count.name;
      const bool is_part = name == "deteriorated" || name == "improved" ||
                           name == "no_change" || name == "unclassified";
      if (!is_part || !IsFew(group_.counts.*count.count, below)) continue;
      const Form form = FormOf(count.form);
      std::transform(form.begin(), form.end(), sum.begin(), sum.begin(),
                     std::plus<>());
      ++parts;
    }
    if (parts > 1) few.push_back(std::move(sum));
  }

  static bool IsPercent(const MeasureFigure& figure) {
    return figure.definition->unit == metrics::MeasureUnit::kPercent;
  }

  Form FormOf(std::string_view text) const {
    Form form(width_);
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
      form[kLetters.find(text[i + 1])] += text[i] == '-' ? -1 : 1;
    }
    return form;
  }

  std::vector<Number> OfFigure(size_t index) const {
    const MeasureFigure& figure = group_.figures[index];
    const Ratio& r = figure.ratio;
    FigureForms forms{figure.definition->id, "", "", ""};
    for (const FigureForms& known : kFigureForms) {
      if (known.id == figure.definition->id) forms = known;
    }
    // Of a log minutes are those of pieces of work, over all who finished.
    if (figure.definition->set != metrics::kNhsTtId &&
        forms.id == "therapist_minutes") {
      forms = {forms.id, "", "+F", ""};
    }
    // A table without dates has no waits: that tells nothing.
    if (forms.denominator == "+F" && r.denominator != group_.counts.finished) {
      return {};
    }
    const auto part = [&](std::string_view form, size_t own) {
      if (!form.empty()) return FormOf(form);
      Form out(width_);
      out[kLetters.size() + kOwn * index + own] = 1;
      return out;
    };
    const Form numerator = part(forms.numerator, 0);
    const Form denominator = part(forms.denominator, 1);
    std::vector<Number> out = {{r.denominator, denominator}};
    if (figure.missing_known && !forms.missing.empty()) {
      out.push_back({r.missing, part(forms.missing, 2)});
    } else if (figure.missing_known && r.missing > 0) {
      out.push_back({r.missing, part("", 2)});
    }
    if (!IsPercent(figure)) return out;
    out.push_back({r.numerator, numerator});
    Form rest = denominator;
    std::transform(rest.begin(), rest.end(), numerator.begin(), rest.begin(),
                   std::minus<>());
    out.push_back({r.denominator - std::min(r.denominator, r.numerator),
                   std::move(rest)});
    return out;
  }

  const ShownNumbers& group_;
  size_t width_;
};

// Largest first; zeros before all, for they tell of nobody.
std::vector<size_t> Order(const Numbers& numbers, size_t items) {
  std::vector<size_t> order(items);
  std::iota(order.begin(), order.end(), size_t{0});
  const auto rank = [&](size_t item) {
    const uint64_t size = numbers.SizeOfItem(item);
    return size == 0 ? UINT64_MAX : size;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return rank(a) > rank(b); });
  return order;
}

// What is kept back of a group by itself, counts first.
using Set = std::vector<bool>;
Set Choose(const ShownNumbers& group, uint32_t below) {
  const Numbers numbers(group);
  Set hidden(kCountNames + group.figures.size());
  std::vector<Form> secrets = numbers.Few(below);
  if (secrets.empty()) return hidden;
  Knowledge known;
  for (const size_t item : Order(numbers, hidden.size())) {
    Knowledge more;
    for (Number& number : numbers.OfItem(item)) {
      known.Reduce(number.form);
      more.Learn(std::move(number.form));
    }
    std::vector<Form> rest = secrets;
    for (Form& secret : rest) more.Reduce(secret);
    hidden[item] = std::any_of(rest.begin(), rest.end(), Knowledge::IsKnown);
    if (hidden[item]) continue;
    secrets = std::move(rest);
    known.Add(std::move(more));
  }
  return hidden;
}

bool Holds(const Set& all, const Set& part) {
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] && !all[i]) return false;
  }
  return true;
}

void Join(const Set& more, Set& set) {
  for (size_t i = 0; i < set.size(); ++i) set[i] = set[i] || more[i];
}

size_t SizeOf(const Set& set) {
  return static_cast<size_t>(std::count(set.begin(), set.end(), true));
}

// What is kept back of one group alone is the total less the others: it is kept
// back of another one too, the smallest. Then a number of the one could be
// larger and that of the other smaller, and all that is shown would be the
// same. What is kept back of all is kept back of a group, for the same reason.
void Pair(const std::vector<ShownNumbers>& rows, std::vector<Set>& sets) {
  std::vector<size_t> groups(rows.size() - 1);
  std::iota(groups.begin(), groups.end(), size_t{1});
  const auto by_set = [&](size_t a, size_t b) {
    return SizeOf(sets[a]) < SizeOf(sets[b]);
  };
  const auto largest = std::max_element(groups.begin(), groups.end(), by_set);
  Join(sets[0], sets[*largest]);
  std::stable_sort(groups.begin(), groups.end(),
                   [&](size_t a, size_t b) { return by_set(b, a); });
  const auto is_smaller = [&](size_t a, size_t b) {
    const uint64_t of_a = rows[a].counts.courses, of_b = rows[b].counts.courses;
    return (of_a == 0) == (of_b == 0) ? of_a < of_b : of_b == 0;
  };
  std::vector<size_t> paired;  // each with another one
  for (const size_t group : groups) {
    if (SizeOf(sets[group]) == 0) continue;
    const bool has_other =
        std::any_of(paired.begin(), paired.end(), [&](size_t other) {
          return other != group && Holds(sets[other], sets[group]);
        });
    if (has_other) continue;
    std::vector<size_t> others = groups;
    std::erase(others, group);
    if (others.empty()) return;
    const size_t other =
        *std::min_element(others.begin(), others.end(), is_smaller);
    Join(sets[group], sets[other]);
    Join(sets[other], sets[group]);
    paired.push_back(group);
    paired.push_back(other);
  }
}

}  // namespace

std::vector<Hidden> KeepBack(const std::vector<ShownNumbers>& rows,
                             uint32_t below) {
  std::vector<Set> sets;
  for (const ShownNumbers& row : rows) {
    sets.push_back(below == 0 ? Set(kCountNames + row.figures.size())
                              : Choose(row, below));
  }
  if (rows.size() > 1) Pair(rows, sets);
  std::vector<Hidden> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto figures = sets[i].begin() + static_cast<int64_t>(kCountNames);
    out[i].counts.assign(sets[i].begin(), figures);
    out[i].figures.assign(figures, sets[i].end());
  }
  return out;
}

bool IsFew(uint64_t count, uint32_t below) {
  return count > 0 && count < below;
}

}  // namespace stepwell::host
