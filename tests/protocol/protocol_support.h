// Shared by the tests of the room: documents with one thing changed.
#ifndef STEPWELL_TESTS_PROTOCOL_PROTOCOL_SUPPORT_H_
#define STEPWELL_TESTS_PROTOCOL_PROTOCOL_SUPPORT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

// One change of a document: the value at `pointer` becomes the JSON `value`;
// an empty value removes it. A pointer ending in "/-" appends to an array.
struct Change {
  std::string pointer;
  std::string value;
};

// `document` with the changes, one after the other. A change that meets
// nothing fails the test.
std::string Changed(std::string_view document,
                    const std::vector<Change>& changes);

// The shipped document of this name: "minimal". "decisions" is the one of
// tests/protocols, which has every kind of decision.
std::string_view Shipped(std::string_view name);

// One line an issue, for failure messages.
std::string Print(const Issues& issues);

// Loads and fails the test when the text is no JSON.
LoadResult Load(std::string_view document);
LoadResult Load(std::string_view document, const CatalogueReader& catalogue);

// The built-in catalogue with these files in front of it.
CatalogueReader CatalogueWith(std::map<std::string, std::string> files);

// The first issue with this code and pointer, or nullptr.
const Issue* FindIssue(const Issues& issues, std::string_view code,
                       std::string_view pointer);

}  // namespace stepwell::protocol

#endif  // STEPWELL_TESTS_PROTOCOL_PROTOCOL_SUPPORT_H_
