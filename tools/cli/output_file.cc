#include "output_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace stepwell::cli {
namespace {

absl::Status CannotWrite(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
}

}  // namespace

OutputFile::OutputFile(const std::string& path)
    : path_(path), part_(path + ".part") {
  file_ = path == "-" ? stdout : std::fopen(part_.c_str(), "wb");
}

OutputFile::~OutputFile() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

absl::Status OutputFile::Write(std::string_view piece) {
  if (file_ == nullptr ||
      std::fwrite(piece.data(), 1, piece.size(), file_) != piece.size()) {
    return CannotWrite(path_);
  }
  return absl::OkStatus();
}

absl::Status OutputFile::Finish() {
  if (file_ == nullptr || std::fflush(file_) != 0) return CannotWrite(path_);
  if (file_ == stdout) return absl::OkStatus();
  FILE* file = std::exchange(file_, nullptr);
  if (std::fclose(file) != 0 ||
      std::rename(part_.c_str(), path_.c_str()) != 0) {
    return CannotWrite(path_);
  }
  return absl::OkStatus();
}

}  // namespace stepwell::cli
