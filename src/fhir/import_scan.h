// Internal. Finds the parts of a JSON text by their brackets alone, so that
// one entry that no strict parser takes (a key twice, bad UTF-8, too deep)
// does not cost the entries beside it. What is found is parsed strictly after.
#ifndef STEPWELL_FHIR_IMPORT_SCAN_H_
#define STEPWELL_FHIR_IMPORT_SCAN_H_

#include <string_view>
#include <utility>
#include <vector>

namespace stepwell::fhir {

struct ScannedObject {
  // Key (its bytes between the quotes, escapes kept) and text of the value.
  std::vector<std::pair<std::string_view, std::string_view>> members;
  // The brackets match and only white space follows. When not, `members` are
  // those that are whole.
  bool whole = false;

  // The text of the first member called `key`, or empty.
  std::string_view Find(std::string_view key) const;
  // The same without its quotes when it is a string, or empty.
  std::string_view FindString(std::string_view key) const;
};
ScannedObject ScanObject(std::string_view text);

// The texts of the elements; nothing when `text` is no whole array.
bool ScanArray(std::string_view text, std::vector<std::string_view>* elements);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_IMPORT_SCAN_H_
