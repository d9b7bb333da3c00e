// Guards: FHIRPath over the case view, typed when the protocol is loaded.
#include <cctype>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/case_view_model.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kOnUnknown[] = {"block", "ask", "raise"};

bool IsSafety(GuardUse use) {
  return use == GuardUse::kSafetyRule || use == GuardUse::kScreen ||
         use == GuardUse::kCriterion;
}

// Decides about somebody's safety or care: nothing that is missing looks like
// an answer to it.
bool IsProtective(GuardUse use) {
  return IsSafety(use) || use == GuardUse::kGate || use == GuardUse::kEntry;
}

bool MayAsk(GuardUse use) {
  return use != GuardUse::kWhen && use != GuardUse::kGate &&
         use != GuardUse::kScreen;
}

void ReadOnUnknown(ObjectReader& object, GuardUse use, Guard& guard) {
  if (!object.Has("on_unknown")) {
    if (IsSafety(use)) {
      AddError(object.issues(), "on_unknown_missing", object.pointer(),
               "a guard of risk, eligibility or ending must say what happens "
               "when it is neither true nor false",
               "add `on_unknown`: block, raise or, where a question can be "
               "asked, ask");
    }
    return;
  }
  const auto choice = object.Choice("on_unknown", kOnUnknown);
  if (!choice) return;
  guard.on_unknown = static_cast<OnUnknown>(*choice);
  if (guard.on_unknown == OnUnknown::kAsk && !MayAsk(use)) {
    object.Error("on_unknown", "unknown_value", "nobody can be asked here",
                 "rules can ask, and criteria of a decision with a `question`; "
                 "write block or raise here");
  }
  if (guard.on_unknown == OnUnknown::kRaise && use == GuardUse::kGate) {
    object.Error("on_unknown", "unknown_decides",
                 "this would let somebody into treatment because something is "
                 "not known",
                 "write block, or leave it out");
  }
}

// The result decides something: it has to be one boolean.
bool CheckResult(ObjectReader& object, std::string_view key,
                 const fhirpath::Program& program) {
  if (program.result_type() == fhirpath::kBooleanType &&
      !program.result_many()) {
    return true;
  }
  object.Error(key, "bad_guard", "the expression is not true or false",
               "compare it with something: `facts.age >= 18`");
  return false;
}

}  // namespace

void ReportGuardIssues(ObjectReader& object, std::string_view key,
                       const fhirpath::CompileResult& compiled) {
  for (const fhirpath::CompileIssue& issue : compiled.issues) {
    object.Error(key, "bad_guard",
                 absl::StrCat("column ", issue.column, ": ", issue.message),
                 issue.hint);
  }
}

void CheckDefinite(const Loading& loading, ObjectReader& object,
                   std::string_view key, const fhirpath::Program& program) {
  if (loading.stored) return;
  for (const fhirpath::DefinitePlace& place : program.definite_places()) {
    object.Error(
        key, "guard_may_hide_missing",
        absl::StrCat("column ", place.column, ": `", place.function,
                     "` makes a missing ",
                     place.path.empty() ? "value" : place.path,
                     " look like an answer"),
        "compare the value itself and let on_unknown decide, or wrap it in "
        "known(...) to say that this is meant");
  }
}

bool HasNumber(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\'' || c == '`' || c == '"') {
      // A string or a quoted name, with its escapes.
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') {
      while (i + 1 < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[i + 1])) ||
              text[i + 1] == '_')) {
        ++i;
      }
    } else if (c >= '0' && c <= '9') {
      return true;
    }
  }
  return false;
}

Guard ReadGuard(Loading& loading, ObjectReader& object, std::string_view key,
                GuardUse use) {
  Guard guard;
  const auto text = object.Text(key);
  if (!text) {
    if (object.Has("on_unknown")) {
      object.Error("on_unknown", "missing_field",
                   absl::StrCat("there is no `", ToAbsl(key),
                                "` that could be unknown"));
    }
    if (object.Has("max_age")) {
      object.Error("max_age", "missing_field",
                   absl::StrCat("there is no `", ToAbsl(key),
                                "` that could read a score"));
    }
    return guard;
  }
  guard.text = *text;
  ReadOnUnknown(object, use, guard);
  guard.max_age = ReadSpan(object, "max_age", false);
  fhirpath::CompileOptions options;
  options.model = loading.protocol.view.get();
  options.root_type = kCaseViewType;
  options.strict_equality = true;
  options.allow_now = use == GuardUse::kCriterion;
  const fhirpath::CompileResult compiled = fhirpath::Compile(*text, options);
  ReportGuardIssues(object, key, compiled);
  if (compiled.program == nullptr) return guard;
  if (!CheckResult(object, key, *compiled.program)) return guard;
  if (IsProtective(use)) CheckDefinite(loading, object, key, *compiled.program);
  guard.program = compiled.program;
  loading.guards.emplace_back(object.PointerTo(key), compiled.program);
  return guard;
}

}  // namespace stepwell::protocol
