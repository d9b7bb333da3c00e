// Texts of outside cut short without breaking a character.
#ifndef STEPWELL_BASE_UTF8_H_
#define STEPWELL_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stepwell {

// The longest beginning of `text` that has at most `bytes` bytes and does not
// end inside a character of UTF-8; the whole of it when it fits. A view into
// `text`.
inline std::string_view BeginningOf(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  // Bytes 10xxxxxx continue a character.
  while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xC0) == 0x80) {
    --bytes;
  }
  return text.substr(0, bytes);
}

}  // namespace stepwell

#endif  // STEPWELL_BASE_UTF8_H_
