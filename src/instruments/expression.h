// A score in FHIRPath over the answers, beside the declarative rule of its
// scale. The items' ids are what the expression can read: an answered item is
// an integer as coded, a skipped one 0, a missing one empty.
#ifndef STEPWELL_INSTRUMENTS_EXPRESSION_H_
#define STEPWELL_INSTRUMENTS_EXPRESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "instruments/rational.h"

namespace stepwell::instruments {

// Immutable; threads may share it.
class ScoreExpression {
 public:
  // One a numeric item, by its index; what is beyond the end is missing.
  using Values = std::vector<std::optional<int32_t>>;

  // kInvalidArgument says what is wrong with the expression, and in which
  // column.
  static absl::StatusOr<std::shared_ptr<const ScoreExpression>> Compile(
      std::string_view text, std::vector<std::string> item_ids);
  ~ScoreExpression();

  const std::string& text() const { return text_; }
  // What it gives on these values; empty = nothing.
  // An error when it gives several values or one that is no number.
  absl::StatusOr<std::optional<double>> Evaluate(const Values& values) const;
  // Whether it gives `score`, to one part in a thousand million (decimals are
  // cut after many digits).
  bool Gives(const Rational& score, const Values& values) const;

 private:
  struct Parts;
  ScoreExpression(std::string text, std::unique_ptr<Parts> parts) noexcept;
  std::string text_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_EXPRESSION_H_
