// Files of commands: one command as a JSON object, several as an array, or one
// a line (NDJSON).
#ifndef STEPWELL_COMMAND_FILE_H_
#define STEPWELL_COMMAND_FILE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "stepwell/time.h"

namespace stepwell {

struct FileCommand {
  std::string json;            // for Service::Submit
  std::optional<Instant> now;  // its own "now" member
  std::string place;           // "line 4", "/3"; empty when there is one only
  std::string problem = {};    // why a line is no JSON; else empty
};

// Splits the text and reads each command's "now". A line that is no JSON says
// so in `problem`; an error means that the text cannot be split.
absl::StatusOr<std::vector<FileCommand>> ReadCommandFile(std::string_view text);

}  // namespace stepwell

#endif  // STEPWELL_COMMAND_FILE_H_
