// Files, standard input and the machine's clock: the only place of the project
// that reads it.
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli.h"
#include "stepwell/time_text.h"

namespace stepwell::cli {
namespace {

// The library refuses documents that are too large; this only keeps a wrong
// file (a disk image) from being read whole.
constexpr size_t kBytesMax = size_t{1} << 30;

absl::Status CannotRead(const std::string& path, const std::string& why) {
  return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", why));
}

struct Closer {
  void operator()(FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  std::unique_ptr<FILE, Closer> file(
      path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return CannotRead(path, std::strerror(errno));
  struct stat info;
  if (path != "-" && stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return CannotRead(path, "it is a folder");
  }
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const size_t size = std::fread(buffer, 1, sizeof buffer, file.get());
    bytes.append(buffer, size);
    if (bytes.size() > kBytesMax) {
      return CannotRead(path, "it is larger than 1 GiB");
    }
    if (size < sizeof buffer) break;
  }
  if (std::ferror(file.get()) != 0) {
    return CannotRead(path, std::strerror(errno));
  }
  return bytes;
}

absl::StatusOr<std::string> ReadProtocol(const std::string& given) {
  if (given.rfind("catalogue:", 0) == 0) return given;
  return ReadInput(given);
}

absl::StatusOr<Instant> ReadNow(const std::string& text) {
  if (text == "system") return Instant{absl::ToUnixMicros(absl::Now())};
  if (const auto instant = TimeFromText(text)) return *instant;
  return absl::InvalidArgumentError(
      absl::StrCat("--now ", text,
                   " is no time: write it like 2026-03-02T09:00:00+01:00, or "
                   "system"));
}

absl::StatusOr<std::string> ReadInstrument(const std::string& given) {
  const bool is_file =
      given.find('/') != given.npos ||
      (given.size() > 5 && given.compare(given.size() - 5, 5, ".json") == 0);
  return is_file ? ReadInput(given) : absl::StatusOr<std::string>(given);
}

}  // namespace stepwell::cli
