// Internal: strings as code points. Positions and lengths count characters.
#ifndef STEPWELL_FHIRPATH_UNICODE_H_
#define STEPWELL_FHIRPATH_UNICODE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stepwell::fhirpath {

// The code point at *pos, which moves past it. A wrong byte counts as one
// character, U+FFFD.
uint32_t NextCodePoint(std::string_view text, size_t* pos);
size_t CodePointCount(std::string_view text);
// The byte where character `index` begins; text.size() past the end.
size_t ByteOffset(std::string_view text, size_t index);
// Simple case mapping of Latin, Greek and Cyrillic letters.
std::string Lowered(std::string_view text);
std::string Uppered(std::string_view text);
bool IsSpace(uint32_t code);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_UNICODE_H_
