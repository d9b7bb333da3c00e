// Internal to capi: what comes in, checked.
#ifndef STEPWELL_CAPI_TEXT_H_
#define STEPWELL_CAPI_TEXT_H_

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "outcome.h"
#include "stepwell/time.h"

namespace stepwell::capi {

// Where the fields of an option structure end, in order: a line for each in
// fields.h, which the contract test holds against capi/api.json.
template <class Options>
struct FieldEnds;

// Of an option structure: copies what caller and library both know of it. Its
// size must lie at the end of a field, `flags` or a later one: of a pointer
// that is there by half nobody could say where it points. What lies beyond
// this library's structure belongs to a newer one and is not read.
template <class Options>
Outcome TakeOptions(const Options* given, const char* name, Options* out) {
  *out = Options{};
  if (given == nullptr) return {};
  const size_t size = given->struct_size < sizeof(Options) ? given->struct_size
                                                           : sizeof(Options);
  constexpr auto& ends = FieldEnds<Options>::kAll;
  static_assert(ends[std::size(ends) - 1] == sizeof(Options));
  if (std::find(std::begin(ends) + 1, std::end(ends), size) == std::end(ends)) {
    return Outcome::Misuse(name, "->struct_size is not sizeof the structure");
  }
  std::memcpy(static_cast<void*>(out), given, size);
  return {};
}

// `text` as a view: bounded, valid UTF-8. `name` is the parameter's.
Outcome TakeText(const char* text, size_t len, const char* name,
                 std::string_view* out);
// The same for bytes that are no text.
Outcome TakeBytes(const void* bytes, size_t len, const char* name,
                  std::string_view* out);
// Between the years 1 and 9999.
Outcome TakeNow(int64_t now_us, Instant* out);

}  // namespace stepwell::capi

#endif  // STEPWELL_CAPI_TEXT_H_
