// Internal to the host: what corrections make of a report, for people.
#ifndef STEPWELL_HOST_CORRECTIONS_TEXT_H_
#define STEPWELL_HOST_CORRECTIONS_TEXT_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stepwell::host {

// Rows (label, value) of `as_corrected`, the JSON of an outcomes report
// (docs/reference/cli.md): how much is otherwise, then each figure and each
// course that is, as "before -> after". `by` is what the groups are.
std::vector<std::pair<std::string, std::string>> CorrectionRows(
    std::string_view as_corrected, const std::string& by);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_CORRECTIONS_TEXT_H_
