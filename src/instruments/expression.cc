// A flat tree for FHIRPath: one root whose members are the items.
#include "instruments/expression.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "fhirpath/fhirpath.h"

namespace stepwell::instruments {
namespace {

constexpr fhirpath::TypeId kAnswersType = fhirpath::kFirstModelType;

class ItemModel : public fhirpath::Model {
 public:
  explicit ItemModel(std::vector<std::string> ids) : ids_(std::move(ids)) {}

  std::optional<Member> FindMember(fhirpath::TypeId owner,
                                   std::string_view name) const override {
    const auto it = std::find(ids_.begin(), ids_.end(), name);
    if (it == ids_.end() || owner != kAnswersType) return std::nullopt;
    // From 1: 0 would ask the source to go by name.
    return Member{static_cast<uint32_t>(it - ids_.begin()) + 1,
                  fhirpath::kIntegerType, false, true};
  }
  std::vector<std::string> MemberNames(fhirpath::TypeId) const override {
    return ids_;
  }
  std::string TypeName(fhirpath::TypeId) const override { return "Answers"; }
  size_t size() const { return ids_.size(); }

 private:
  std::vector<std::string> ids_;
};

class ItemSource : public fhirpath::Source {
 public:
  explicit ItemSource(const ScoreExpression::Values& values)
      : values_(values) {}

  void Member(uint32_t, uint32_t member, std::string_view,
              fhirpath::Collection& out) const override {
    const size_t item = size_t{member} - 1;  // 0 comes to lie beyond all
    if (item < values_.size() && values_[item]) {
      out.push_back(fhirpath::Value::Integer(*values_[item]));
    }
  }
  void AllChildren(uint32_t, fhirpath::Collection& out) const override {
    for (const auto& value : values_) {
      if (value) out.push_back(fhirpath::Value::Integer(*value));
    }
  }
  std::optional<fhirpath::Value> Primitive(uint32_t) const override {
    return std::nullopt;
  }
  fhirpath::TypeId TypeOf(uint32_t) const override { return kAnswersType; }

 private:
  const ScoreExpression::Values& values_;
};

}  // namespace

struct ScoreExpression::Parts {
  explicit Parts(std::vector<std::string> ids) : model(std::move(ids)) {}
  ItemModel model;
  std::shared_ptr<const fhirpath::Program> program;
};

ScoreExpression::ScoreExpression(std::string text,
                                 std::unique_ptr<Parts> parts) noexcept
    : text_(std::move(text)), parts_(std::move(parts)) {}
ScoreExpression::~ScoreExpression() = default;

absl::StatusOr<std::shared_ptr<const ScoreExpression>> ScoreExpression::Compile(
    std::string_view text, std::vector<std::string> item_ids) {
  auto parts = std::make_unique<Parts>(std::move(item_ids));
  fhirpath::CompileOptions options;
  options.model = &parts->model;
  options.root_type = kAnswersType;
  options.allow_now = false;
  const fhirpath::CompileResult compiled = fhirpath::Compile(text, options);
  if (compiled.program == nullptr) {
    const fhirpath::CompileIssue& issue = compiled.issues[0];
    return InvalidInput(
        absl::StrCat("column ", issue.column, ": ", issue.message,
                     issue.hint.empty() ? "" : "; ", issue.hint));
  }
  parts->program = compiled.program;
  std::string own(text);
  std::unique_ptr<ScoreExpression> made(
      new ScoreExpression(std::move(own), std::move(parts)));
  return std::shared_ptr<const ScoreExpression>(std::move(made));
}

absl::StatusOr<std::optional<double>> ScoreExpression::Evaluate(
    const Values& values) const {
  const ItemSource source(values);
  const fhirpath::Source* sources[] = {&source};
  fhirpath::EvaluateOptions options;
  options.sources = sources;
  STEPWELL_ASSIGN_OR_RETURN(
      const fhirpath::Collection found,
      fhirpath::Evaluate(*parts_->program, {0, 0}, options));
  if (found.empty()) return std::optional<double>();
  if (found.size() == 1 && found[0].is(fhirpath::Kind::kInteger)) {
    return std::optional<double>(static_cast<double>(found[0].integer()));
  }
  if (found.size() == 1 && found[0].is(fhirpath::Kind::kDecimal)) {
    return std::optional<double>(found[0].decimal().ToDouble());
  }
  return InvalidInput("a score is one number");
}

bool ScoreExpression::Gives(const Rational& score, const Values& values) const {
  const auto found = Evaluate(values);
  if (!found.ok() || !found->has_value()) return false;
  const double expected = score.ToDouble();
  return std::abs(**found - expected) <=
         1e-9 * std::max(1.0, std::abs(expected));
}

}  // namespace stepwell::instruments
