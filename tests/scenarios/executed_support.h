// "Declared = executed": changes of protocol documents, and the scenario that
// notices each. executed.json holds one line a path of a schema:
//
//   watched    a change at `at` that compiles and makes `scenario` fail
//   elsewhere  a path that no scenario can see: the test that watches it
//   silent     a path without behaviour: its change leaves the logic hash
//              equal
//
// `at` is a JSON pointer in which an element of an array is named by its id
// where it has one. A change is one of `set` (JSON), `rename` (the name at
// `at` is another everywhere in the document) or, without either, taking it
// out. `also` holds what the document needs besides in order to stay valid.
#ifndef STEPWELL_TESTS_SCENARIOS_EXECUTED_SUPPORT_H_
#define STEPWELL_TESTS_SCENARIOS_EXECUTED_SUPPORT_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.h"
#include "scenarios/files_support.h"

namespace stepwell::testing {

inline constexpr char kExecutedFile[] = "tests/scenarios/executed.json";
inline constexpr const char* kExecutedSchemas[] = {"protocol", "program",
                                                   "pool", "calendar"};

struct ExecutedLine {
  std::string schema, path;
  std::string protocol;  // as scenario files name it
  std::string file;      // of the catalogue, changed instead of the protocol
  std::string at, set, rename;
  std::vector<std::pair<std::string, std::string>> also;  // at, set
  std::string scenario;                                   // watched
  std::string test;                                       // elsewhere
  std::string why;                                        // elsewhere, silent

  bool operator<(const ExecutedLine& other) const;
};

struct ExecutedTable {
  std::vector<ExecutedLine> watched, elsewhere, silent;
};
ExecutedTable ReadExecuted(json::Value root);
std::string WriteExecuted(const ExecutedTable& table);

// A document of a service: its protocol or one that it brings along or
// imports.
struct Place {
  std::string schema;
  std::string protocol;
  std::string file;    // of the catalogue; empty: inside the protocol
  std::string prefix;  // pointer of the document in the protocol
  std::shared_ptr<const json::Document> document;  // that is changed
};
std::vector<Place> PlacesOf(const std::string& protocol);

// The protocol with the change of the line in it; nullopt when `at` meets
// nothing.
std::optional<std::string> ChangedProtocol(const ExecutedLine& line);

// The pointer with ids, and back; empty when it leads nowhere.
std::string WithIds(json::Value root, std::string_view pointer);
std::string WithNumbers(json::Value root, std::string_view pointer);
bool IsNameByte(char c);
// The value at a pointer with numbers.
json::Value ValueAt(json::Value root, std::string_view pointer);

// What may be tried with the value at this place to change it: lines with
// `set`, `rename` or neither.
std::vector<ExecutedLine> ChangesOf(const Place& place, json::Value value,
                                    const std::string& schema_path);

// Whether the document compiles; its hash of the logic in hexadecimal.
std::optional<std::string> LogicHash(const std::string& document);

// Whether the scenario fails on the changed protocol.
bool Notices(const ScenarioFile& file, const std::string& protocol,
             const std::string& document);

// A line for `path` that its scenario watches, found by trying; nullopt when
// there is none. `plays` counts.
std::optional<ExecutedLine> FindWatched(const std::string& schema,
                                        const std::string& path, int& plays);

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_SCENARIOS_EXECUTED_SUPPORT_H_
