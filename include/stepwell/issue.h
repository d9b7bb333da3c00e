// Issues: what is wrong with a document, as data. All of them are collected;
// an error makes the document unusable, a warning does not.
#ifndef STEPWELL_ISSUE_H_
#define STEPWELL_ISSUE_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace stepwell {

enum class Severity { kError, kWarning, kInformation };

struct Issue {
  Severity severity = Severity::kError;
  // Stable, snake_case: programs match on it ("unknown_field").
  std::string code;
  // JSON pointer (RFC 6901) into the document; empty = the whole document.
  std::string pointer;
  // What is wrong. The text may change between versions.
  std::string message;
  // What would be right; may be empty.
  std::string hint;

  bool operator==(const Issue&) const = default;
};

using Issues = std::vector<Issue>;

inline bool HasError(const Issues& issues) {
  return std::any_of(issues.begin(), issues.end(), [](const Issue& issue) {
    return issue.severity == Severity::kError;
  });
}

inline void AddError(Issues& issues, std::string code, std::string pointer,
                     std::string message, std::string hint = "") {
  issues.push_back({Severity::kError, std::move(code), std::move(pointer),
                    std::move(message), std::move(hint)});
}

inline void AddWarning(Issues& issues, std::string code, std::string pointer,
                       std::string message, std::string hint = "") {
  issues.push_back({Severity::kWarning, std::move(code), std::move(pointer),
                    std::move(message), std::move(hint)});
}

}  // namespace stepwell

#endif  // STEPWELL_ISSUE_H_
