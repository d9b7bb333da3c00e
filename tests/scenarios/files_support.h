// The scenario files of this folder, and the protocols that each is played on.
#ifndef STEPWELL_TESTS_SCENARIOS_FILES_SUPPORT_H_
#define STEPWELL_TESTS_SCENARIOS_FILES_SUPPORT_H_

#include <string>
#include <vector>

namespace stepwell::testing {

struct ScenarioFile {
  std::string name;  // without folder and ending
  std::string path;
  std::string text;
  // "icbt_base", "../protocols/x.json", ...: of its line "# protocol:" and
  // then of its lines "# also:".
  std::vector<std::string> protocols;
};

// The protocol of that name as a service takes it: a shipped one, or the text
// of a file, from tests/scenarios.
std::string ProtocolGiven(const std::string& name);

// Sorted by name.
const std::vector<ScenarioFile>& ScenarioFiles();

// The text of the file as it is played on this protocol. A comment
// `# on a b: LINE` is the line LINE on the protocols a and b; with
// `# on a b instead: LINE` it takes the place of the line after it.
std::string ScenarioText(const ScenarioFile& file, const std::string& protocol);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SCENARIOS_FILES_SUPPORT_H_
