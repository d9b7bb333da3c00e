// A second, plain implementation of every shipped score, written from the
// published rules: scores, bands, every rule and cut-off, risk, prorating,
// people whom an item does not concern.
#ifndef STEPWELL_TESTS_INSTRUMENTS_PLAIN_RULES_SUPPORT_H_
#define STEPWELL_TESTS_INSTRUMENTS_PLAIN_RULES_SUPPORT_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "instruments/score.h"

namespace stepwell::instruments {

inline constexpr int kNone = -1000;
using Row = std::vector<int>;

// Who answers, and how the service treats what is missing.
struct Who {
  Sex sex = Sex::kFemale;
  bool works = true;
  bool prorates = false;
};

// What the plain rules say of a response whose values are all legal or kNone.
struct Plain {
  std::optional<double> total;  // as it is published
  std::map<std::string, std::optional<double>> subscales;
  // Only where no answer is missing; nothing: it hangs on a sex that is not
  // known.
  std::map<std::string, std::optional<bool>> flags;
  std::string band;                          // when the total is given
  std::map<std::string, std::string> bands;  // of subscales likewise
  std::map<std::string, std::optional<bool>> risks;
  std::optional<double> prorated;  // exact; the total is rounded then
};

struct Rules {
  const char* id;
  std::vector<std::pair<int, int>> ranges;  // least and greatest, per item
  std::function<Plain(const Row&, const Who&)> score;
  int step = 1;  // of the last two items (AUDIT)
};

std::vector<Rules> AllRules();

}  // namespace stepwell::instruments

#endif  // STEPWELL_TESTS_INSTRUMENTS_PLAIN_RULES_SUPPORT_H_
