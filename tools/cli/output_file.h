// Where a long text goes, piece by piece.
#ifndef STEPWELL_TOOLS_CLI_OUTPUT_FILE_H_
#define STEPWELL_TOOLS_CLI_OUTPUT_FILE_H_

#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace stepwell::cli {

// Standard output ("-"), or a file that bears its name only when it is whole.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;

  absl::Status Write(std::string_view piece);
  absl::Status Finish();

 private:
  std::string path_, part_;
  FILE* file_ = nullptr;
};

}  // namespace stepwell::cli

#endif  // STEPWELL_TOOLS_CLI_OUTPUT_FILE_H_
