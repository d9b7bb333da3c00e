// Internal to capi: what comes in, checked.
#ifndef STEPWELL_CAPI_TEXT_H_
#define STEPWELL_CAPI_TEXT_H_

#include <cstring>
#include <string_view>

#include "outcome.h"
#include "stepwell/time.h"

namespace stepwell::capi {

// Of an option structure: copies what caller and library both know of it. A
// size of 0, or one that ends inside `required`, is a misuse.
template <class Options>
Outcome TakeOptions(const Options* given, const char* name, Options* out) {
  *out = Options{};
  if (given == nullptr) return {};
  if (given->struct_size < 2 * sizeof(uint32_t)) {
    return Outcome::Misuse(name, "->struct_size is not sizeof the structure");
  }
  const size_t size = given->struct_size < sizeof(Options) ? given->struct_size
                                                           : sizeof(Options);
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
