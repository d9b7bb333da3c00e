// What the verbs of the command line share: options, input, output, errors.
//
// Exit codes: 0 fine, 1 the answer is "no", 2 usage or I/O.
#ifndef STEPWELL_TOOLS_CLI_CLI_H_
#define STEPWELL_TOOLS_CLI_CLI_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "stepwell/issue.h"
#include "stepwell/time.h"

namespace stepwell::cli {

inline constexpr int kFine = 0;
inline constexpr int kNo = 1;
inline constexpr int kUsage = 2;

// What every verb takes.
struct Common {
  bool json = false;
  int exit_code = kFine;
};

// A verb: `run` is called when the command line names it, and its result is
// the exit code. `--format` is added.
CLI::App* AddVerb(CLI::App& parent, Common& common, const std::string& name,
                  const std::string& description);
void OnRun(CLI::App* verb, Common& common, std::function<int()> run);

void AddProtocolVerbs(CLI::App& app, Common& common);    // check, run
void AddDiagramVerbs(CLI::App& app, Common& common);     // draw, diff
void AddMeasureVerbs(CLI::App& app, Common& common);     // score, ...
void AddSimulationVerbs(CLI::App& app, Common& common);  // simulate
void AddFhirVerbs(CLI::App& app, Common& common);        // fhir validate
void AddMigrationVerb(CLI::App& app, Common& common);    // migration
void AddServiceVerbs(CLI::App& app, Common& common);

// --- input

// The bytes of a file; "-" is standard input. Errors name the file.
absl::StatusOr<std::string> ReadInput(const std::string& path);
// An id of the catalogue as it is, else the bytes of the file.
absl::StatusOr<std::string> ReadInstrument(const std::string& given);
// "catalogue:NAME" as it is, else the bytes of the file.
absl::StatusOr<std::string> ReadProtocol(const std::string& given);
// RFC 3339 with an offset, or "system".
absl::StatusOr<Instant> ReadNow(const std::string& text);

// --- output

// Without control characters: what comes from outside must not steer the
// terminal.
std::string Plain(std::string_view text);
void Print(std::string_view text);
void PrintLine(std::string_view text);
// Prints why the work could not be done (in JSON with --format json), on
// standard error; returns kUsage.
int Fail(const Common& common, const absl::Status& status);
int Fail(const Common& common, std::string_view message);
// A line on standard error that is no error.
void Note(std::string_view message);

// What is wrong with a document, for people.
void PrintIssues(const Issues& issues);

enum class Tone { kPlain, kBold, kGood, kBad, kQuiet };
// With colour on a terminal, unless NO_COLOR is set.
std::string Toned(Tone tone, std::string_view text);

// Columns as wide as their widest cell; the last one is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> header)
      : header_(std::move(header)) {}
  void Add(std::vector<std::string> row, Tone tone = Tone::kPlain) {
    rows_.emplace_back(tone, std::move(row));
  }
  bool empty() const { return rows_.empty(); }
  void Print(std::string_view indent = "") const;

 private:
  std::vector<std::string> header_;
  std::vector<std::pair<Tone, std::vector<std::string>>> rows_;
};

// `text` as a JSON string.
std::string Quote(std::string_view text);
// "2026-03-02 09:00" in the zone; "-" when there is no such time.
std::string Clock(Instant instant, const std::string& zone);
std::string Join(const std::vector<std::string>& texts, std::string_view glue);
// 1 -> "1 event", 2 -> "2 events".
std::string Count(uint64_t n, std::string_view noun);

}  // namespace stepwell::cli

#endif  // STEPWELL_TOOLS_CLI_CLI_H_
