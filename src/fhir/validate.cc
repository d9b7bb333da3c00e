// One pass over the elements of a resource; each is held against the rules of
// its type and of the member that it is.
#include "fhir/validate.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/json_source.h"
#include "fhir/r4_invariants_data.h"
#include "fhir/sdc_functions.h"

namespace stepwell::fhir {

namespace fp = ::stepwell::fhirpath;

namespace {

constexpr std::string_view kChoiceMark = "[x]";

// R4 gives txt-2, "the narrative SHALL have some non-whitespace content", the
// expression of txt-1; R5 tells them apart.
std::string_view ExpressionOf(const r4::Invariant& invariant) {
  return std::string_view(invariant.key) == "txt-2" ? "htmlChecks2()"
                                                    : invariant.expression;
}

}  // namespace

Validator::Validator(Instant now) : now_(now) {
  SdcSources sources;
  sources.model = &model_;
  AddFhirFunctions(sources, &functions_);
  rules_.resize(r4::kInvariantCount);
  for (size_t i = 0; i < r4::kInvariantCount; ++i) {
    rules_[i].row = i;
    std::string_view path = r4::kInvariants[i].path;
    if (path.size() > kChoiceMark.size() &&
        path.substr(path.size() - kChoiceMark.size()) == kChoiceMark) {
      path.remove_suffix(kChoiceMark.size());
    }
    by_path_[std::string(path)].push_back(i);
  }
}

Validator::~Validator() = default;

const Validator::Rules& Validator::RulesOfType(fp::TypeId type) {
  const auto [known, is_new] = of_type_.try_emplace(type);
  Rules& rules = known->second;
  if (!is_new) return rules;
  std::set<std::string> paths;
  for (fp::TypeId at = type; at != fp::kAnyType;) {
    const std::string path = model_.TypePath(at);
    if (path.empty() || !paths.insert(path).second) break;
    const auto found = by_path_.find(path);
    if (found != by_path_.end()) {
      rules.insert(rules.end(), found->second.begin(), found->second.end());
    }
    // A backbone element's own base first: BackboneElement, Element.
    const auto base = model_.FindType(model_.TypeName(at));
    at = base && *base != at ? *base : model_.BaseType(at);
  }
  return rules;
}

// "Narrative.div": no type of its own bears that path.
const Validator::Rules& Validator::RulesOfMember(fp::TypeId owner,
                                                 std::string_view name) {
  const auto [known, is_new] =
      of_member_.try_emplace({owner, std::string(name)});
  Rules& rules = known->second;
  if (!is_new) return rules;
  const std::string path =
      absl::StrCat(model_.TypePath(owner), ".", ToAbsl(name));
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) rules = found->second;
  return rules;
}

// Types differ where a rule is met; members are found by name at any of them.
const Validator::Rule& Validator::Compiled(size_t rule) {
  Rule& out = rules_[rule];
  if (out.compiled) return out;
  out.compiled = true;
  const r4::Invariant& invariant = r4::kInvariants[out.row];
  fp::CompileOptions options;
  options.model = &model_;
  options.host_functions = &functions_;
  options.resource_type = model_.ResourceType();
  if (const auto type = model_.FindType(invariant.path)) {
    options.root_type = *type;
  }
  fp::CompileResult result = fp::Compile(ExpressionOf(invariant), options);
  if (result.program == nullptr) {
    out.error = absl::StrCat("column ", result.issues[0].column, ": ",
                             result.issues[0].message);
  }
  out.program = std::move(result.program);
  return out;
}

// One resource.
class Validator::Run {
 public:
  Run(Validator& validator, const json::Document& document,
      std::vector<CheckIssue>* issues)
      : validator_(validator),
        source_(document, &validator.model_),
        issues_(issues) {
    sources_[0] = &source_;
    options_.now = validator.now_;
    options_.sources = sources_;
    for (const CheckIssue& issue : *issues_) {
      if (issue.key == "empty") empty_.insert(issue.expression);
    }
  }

  void Check() {
    for (uint32_t node = 0; node < source_.size(); ++node) {
      const fp::TypeId type = source_.TypeOf(node);
      if (type == fp::kAnyType) continue;  // the structure is wrong there
      if (!Apply(validator_.RulesOfType(type), node)) return;
      if (node == 0) continue;
      const fp::TypeId owner = source_.TypeOf(source_.ParentOf(node));
      if (owner == fp::kAnyType) continue;
      const Rules& rules =
          validator_.RulesOfMember(owner, source_.NameOf(node));
      // Where the path is that of a type, its rules were applied above.
      if (rules.empty() || HasOwnPath(type, rules)) continue;
      if (!Apply(rules, node)) return;
    }
  }

 private:
  bool HasOwnPath(fp::TypeId type, const Rules& rules) const {
    return validator_.model_.TypePath(type) ==
           r4::kInvariants[rules.front()].path;
  }

  // False: there are too many issues to go on.
  bool Apply(const Rules& rules, uint32_t node) {
    for (const size_t rule : rules) {
      if (issues_->size() >= 2 * limits::kFhirProblemsMax) {
        issues_->push_back({CheckSeverity::kWarning, "too-long", "too_many", "",
                            "there are more; these are the first"});
        return false;
      }
      Hold(validator_.Compiled(rule), node);
    }
    return true;
  }

  void Hold(const Rule& rule, uint32_t node) {
    const r4::Invariant& invariant = r4::kInvariants[rule.row];
    if (rule.program == nullptr) {
      return Undecided(invariant, node, rule.error);
    }
    const auto truth =
        fp::EvaluateTruth(*rule.program, {0, node}, options_, &scratch_);
    if (!truth.ok()) {
      return Undecided(invariant, node, std::string(truth.status().message()));
    }
    // Empty: the rule speaks of something that is not there (ref-1 of a
    // reference by name alone, a missing name), or of dates that cannot be
    // compared. Only what is false is broken.
    if (*truth != fp::Tri::kFalse) return;
    const std::string path = source_.PathOf(node);
    if (std::string_view(invariant.key) == "ele-1" && empty_.count(path) > 0) {
      return;  // said before, as structure
    }
    issues_->push_back(
        {invariant.error ? CheckSeverity::kError : CheckSeverity::kWarning,
         "invariant", invariant.key, path, invariant.human});
  }

  void Undecided(const r4::Invariant& invariant, uint32_t node,
                 const std::string& why) {
    issues_->push_back(
        {CheckSeverity::kWarning, "invariant", absl::StrCat(invariant.key, "?"),
         source_.PathOf(node),
         absl::StrCat("cannot be decided (", why, "): ", invariant.human)});
  }

  Validator& validator_;
  const JsonSource source_;
  std::vector<CheckIssue>* issues_;
  const fp::Source* sources_[1] = {nullptr};
  fp::EvaluateOptions options_;
  fp::Scratch scratch_;
  std::set<std::string> empty_;
};

std::vector<CheckIssue> Validator::Validate(const json::Document& document) {
  std::vector<CheckIssue> issues = CheckStructure(document);
  if (document.root().is_object()) Run(*this, document, &issues).Check();
  return issues;
}

}  // namespace stepwell::fhir
