// What corrections make of a report, for people.
#include "host/corrections_text.h"

#include <gtest/gtest.h>

#include <string>

namespace stepwell::host {
namespace {

std::string TextOf(const char* as_corrected) {
  std::string text;
  for (const auto& [label, value] : CorrectionRows(as_corrected, "route")) {
    text += label + ": " + value + "\n";
  }
  return text;
}

TEST(CorrectionsText, HasALineForEachFigureAndCell) {
  EXPECT_EQ(TextOf(R"({"differences": [
      {"id": "recovery", "group": null,
       "as_known": {"numerator": 1, "denominator": 3, "percent": 33.3},
       "as_corrected": {"numerator": 0, "denominator": 0, "percent": null}},
      {"id": "therapist_minutes", "group": "gp",
       "as_known": {"numerator": 90, "denominator": 1, "value": 90},
       "as_corrected": {"numerator": 210, "denominator": 2, "value": 105}}],
    "courses": [{"case": "C1", "course": 2, "column": "phq9_first",
                 "as_known": 16, "as_corrected": 8.5},
                {"case": "C1", "course": 2, "column": "discharged",
                 "as_known": null, "as_corrected": "2026-04-10"}]})"),
            "as corrected: figures otherwise: 2, cells of courses: 2\n"
            "  recovery: 33.3 % (1 of 3) -> none (0 of 0)\n"
            "  therapist_minutes, route gp: 90 (of 1) -> 105 (of 2)\n"
            "  case C1, course 2, phq9_first: 16 -> 8.5\n"
            "  case C1, course 2, discharged: none -> 2026-04-10\n");
}

TEST(CorrectionsText, SaysThatNothingIsOtherwise) {
  EXPECT_EQ(TextOf(R"({"differences": [], "courses": []})"),
            "as corrected: nothing is otherwise\n");
}

}  // namespace
}  // namespace stepwell::host
