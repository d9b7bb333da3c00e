// For texts that must not be lost: reads what strict reading refuses although
// what is meant can be seen.
#ifndef STEPWELL_JSON_LENIENT_H_
#define STEPWELL_JSON_LENIENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "json/json.h"

namespace stepwell::json {

struct LenientDocument {
  // With every member of an object that repeats a key: `Find` gives the first.
  Document document;
  // A \u escape that is half of a surrogate pair became U+FFFD.
  bool mended = false;
  // Where a key stands again, as JSON pointers in document order; not all of
  // very many.
  std::vector<std::string> repeated_keys;
};

// As Parse, but for half surrogates and repeated keys.
absl::StatusOr<LenientDocument> ParseLenient(std::string_view text,
                                             const ParseOptions& options = {});

// `text` with \ufffd for each \u escape that is half of a surrogate pair; of
// the same length, so that byte offsets stay.
std::string WithWholeSurrogates(std::string_view text);

// The members of an object, each key once, where it stands first, with all of
// its values.
struct Member {
  std::string_view key;
  std::vector<Value> values;
};
std::vector<Member> MembersOf(Value object);

// The value as strict text. A key that an object repeats stands once, with the
// list of its values: which of them counts cannot be said, and none is lost.
std::string Unambiguous(Value value);

}  // namespace stepwell::json

#endif  // STEPWELL_JSON_LENIENT_H_
