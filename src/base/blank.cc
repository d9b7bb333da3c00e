#include "base/blank.h"

#include <algorithm>
#include <iterator>

namespace stepwell {
namespace {

// Beside those of ASCII: White_Space of Unicode, and what has no width.
constexpr std::string_view kUnseen[] = {
    "\xC2\x85",     "\xC2\xA0",     "\xC2\xAD",      // next line, no break
    "\xE1\x9A\x80", "\xE1\xA0\x8E",                  // Ogham, Mongolian
    "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",  // quads and spaces
    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
    "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D",  // without width
    "\xE2\x80\x8E", "\xE2\x80\x8F",                  // direction
    "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",  // line, paragraph
    "\xE2\x81\x9F", "\xE2\x81\xA0",                  // math, word joiner
    "\xE3\x80\x80", "\xEF\xBB\xBF"};                 // wide, byte order

// How many bytes of unseen text it begins with.
size_t UnseenBytes(std::string_view text) {
  const auto c = static_cast<unsigned char>(text[0]);
  if (c <= ' ' || c == 0x7F) return 1;
  const auto it = std::find_if(
      std::begin(kUnseen), std::end(kUnseen),
      [&](std::string_view unseen) { return text.starts_with(unseen); });
  return it == std::end(kUnseen) ? 0 : it->size();
}

}  // namespace

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const size_t unseen = UnseenBytes(text);
    if (unseen == 0) return false;
    text.remove_prefix(unseen);
  }
  return true;
}

}  // namespace stepwell
