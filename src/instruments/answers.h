// Answers to an instrument by item index, and the reading of answers that
// come from outside under an item id, a LOINC code or a FHIR linkId.
#ifndef STEPWELL_INSTRUMENTS_ANSWERS_H_
#define STEPWELL_INSTRUMENTS_ANSWERS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "instruments/instrument.h"

namespace stepwell::instruments {

// One item's answer. The value is an integer as the document codes it (a
// choice's value, 0/1 of a boolean, days since 1970-01-01 of a date).
struct Answer {
  enum class State : uint8_t {
    kMissing,
    kValue,
    kNotApplicable,
    kText,        // the text itself is in Answers
    kUnreadable,  // something was given that is no value of the item
  };
  State state = State::kMissing;
  int32_t value = 0;

  static constexpr Answer Of(int32_t v) { return {State::kValue, v}; }
  bool operator==(const Answer&) const = default;
};

// One slot an item. Cheap to build: up to 16 items live inside the object.
class Answers {
 public:
  explicit Answers(const Instrument& instrument)
      : slots_(instrument.items().size()) {}

  size_t size() const { return slots_.size(); }
  const Answer& operator[](size_t item) const { return slots_[item]; }
  std::span<const Answer> view() const { return {slots_.data(), size()}; }
  // The text of a kText answer; empty for others.
  std::string_view text(uint16_t item) const;

  void Set(uint16_t item, Answer answer) { slots_[item] = answer; }
  void SetValue(uint16_t item, int32_t value) {
    slots_[item] = Answer::Of(value);
  }
  void SetText(uint16_t item, std::string_view text);

  bool operator==(const Answers&) const = default;

 private:
  absl::InlinedVector<Answer, 16> slots_;
  std::vector<std::pair<uint16_t, std::string>> texts_;
};

// An answer as it came. The views must live through the call only.
struct RawAnswer {
  enum class Type : uint8_t {
    kNumber,         // `value` is a decimal lexeme: "2", "2.0"
    kString,         // text; a number, a value's id or code, or a date too
    kBoolean,        // "true" or "false"
    kCoding,         // `value` is a code, `system` its system
    kDate,           // "2026-03-02"
    kNotApplicable,  // `value` is not used
    kUnreadable,     // something that fits none of these (`value` quotes it)
  };
  std::string_view item;  // item id, LOINC code or linkId
  Type type = Type::kNumber;
  std::string_view value;
  std::string_view system;   // kCoding: URL or short name; may be empty
  std::string_view ordinal;  // kCoding: ordinalValue lexeme; may be empty
};

// What was wrong with one answer. The answer is not dropped: the item counts
// as unanswered (or out of range) and whoever reads the report sees why.
struct AnswerProblem {
  size_t index = 0;                    // position in the input
  std::optional<uint16_t> item_index;  // of the instrument, if it has the item
  std::string code;  // unknown_item, out_of_range, not_integer, wrong_type,
                     // unknown_code, ordinal_conflict, answered_twice,
                     // not_applicable_refused, bad_date, text_too_long
  std::string item;  // as it came
  std::string message;
};

struct MatchResult {
  Answers answers;
  std::vector<AnswerProblem> problems;  // in input order
};

// Never fails: whatever cannot be read becomes a problem, and its item a
// kUnreadable answer (a risk marker on it is then unknown). A value outside
// the item's set is kept as it is and reported. An item answered twice with
// different values is unreadable.
MatchResult MatchAnswers(const Instrument& instrument,
                         std::span<const RawAnswer> raw);

// Days since 1970-01-01 of "YYYY-MM-DD", or nothing when there is no such
// day between years 1 and 9999.
std::optional<int32_t> ParseDateAnswer(std::string_view text);
// The inverse.
std::string DateAnswerText(int32_t days);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_ANSWERS_H_
