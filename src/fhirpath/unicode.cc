#include "fhirpath/unicode.h"

#include "fhirpath/lexer.h"

namespace stepwell::fhirpath {
namespace {

// Pairs that alternate: even upper, odd lower (or the reverse by `odd`).
uint32_t Alternate(uint32_t c, bool lower, bool odd_is_upper) {
  const bool odd = (c & 1) != 0;
  const bool upper = odd == odd_is_upper;
  if (lower) return upper ? c + 1 : c;
  return upper ? c : c - 1;
}

uint32_t MapLatin(uint32_t c, bool lower) {
  if (c == 0x178) return lower ? 0xFF : c;
  if (c == 0x130 || c == 0x131 || c == 0x138 || c == 0x149) return c;
  if (c >= 0x100 && c <= 0x137) return Alternate(c, lower, false);
  if (c >= 0x139 && c <= 0x148) return Alternate(c, lower, true);
  if (c >= 0x14A && c <= 0x177) return Alternate(c, lower, false);
  if (c >= 0x179 && c <= 0x17E) return Alternate(c, lower, true);
  return c;
}

uint32_t MapGreek(uint32_t c, bool lower) {
  if (lower) {
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
    switch (c) {
      case 0x386:
        return 0x3AC;
      case 0x388:
        return 0x3AD;
      case 0x389:
        return 0x3AE;
      case 0x38A:
        return 0x3AF;
      case 0x38C:
        return 0x3CC;
      case 0x38E:
        return 0x3CD;
      case 0x38F:
        return 0x3CE;
      default:
        return c;
    }
  }
  if (c == 0x3C2) return 0x3A3;
  if (c >= 0x3B1 && c <= 0x3C9) return c - 32;
  switch (c) {
    case 0x3AC:
      return 0x386;
    case 0x3AD:
      return 0x388;
    case 0x3AE:
      return 0x389;
    case 0x3AF:
      return 0x38A;
    case 0x3CC:
      return 0x38C;
    case 0x3CD:
      return 0x38E;
    case 0x3CE:
      return 0x38F;
    default:
      return c;
  }
}

uint32_t MapCyrillic(uint32_t c, bool lower) {
  if (lower) {
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
  } else {
    if (c >= 0x450 && c <= 0x45F) return c - 80;
    if (c >= 0x430 && c <= 0x44F) return c - 32;
  }
  if (c >= 0x460 && c <= 0x481) return Alternate(c, lower, false);
  return c;
}

uint32_t MapCase(uint32_t c, bool lower) {
  if (c < 0x80) {
    if (lower) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  }
  if (c < 0x100) {
    if (lower) return c >= 0xC0 && c <= 0xDE && c != 0xD7 ? c + 32 : c;
    if (c == 0xFF) return 0x178;
    return c >= 0xE0 && c <= 0xFE && c != 0xF7 ? c - 32 : c;
  }
  if (c < 0x180) return MapLatin(c, lower);
  if (c >= 0x370 && c < 0x400) return MapGreek(c, lower);
  if (c >= 0x400 && c < 0x482) return MapCyrillic(c, lower);
  return c;
}

std::string Mapped(std::string_view text, bool lower) {
  std::string out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[pos]);
    if (c < 0x80) {
      out += static_cast<char>(MapCase(c, lower));
      ++pos;
    } else {
      AppendUtf8(MapCase(NextCodePoint(text, &pos), lower), &out);
    }
  }
  return out;
}

}  // namespace

uint32_t NextCodePoint(std::string_view text, size_t* pos) {
  const auto byte = [&](size_t i) {
    return *pos + i < text.size() ? static_cast<unsigned char>(text[*pos + i])
                                  : 0u;
  };
  const uint32_t lead = byte(0);
  const int extra = lead < 0x80             ? 0
                    : (lead & 0xE0) == 0xC0 ? 1
                    : (lead & 0xF0) == 0xE0 ? 2
                    : (lead & 0xF8) == 0xF0 ? 3
                                            : -1;
  if (extra < 0) {
    ++*pos;
    return 0xFFFD;
  }
  uint32_t code = extra == 0 ? lead : lead & (0x3Fu >> extra);
  for (int i = 1; i <= extra; ++i) {
    const uint32_t next = byte(static_cast<size_t>(i));
    if ((next & 0xC0) != 0x80) {
      ++*pos;
      return 0xFFFD;
    }
    code = (code << 6) | (next & 0x3F);
  }
  *pos += static_cast<size_t>(extra) + 1;
  return code;
}

size_t CodePointCount(std::string_view text) {
  size_t count = 0;
  for (size_t pos = 0; pos < text.size(); ++count) NextCodePoint(text, &pos);
  return count;
}

size_t ByteOffset(std::string_view text, size_t index) {
  size_t pos = 0;
  while (index > 0 && pos < text.size()) {
    NextCodePoint(text, &pos);
    --index;
  }
  return pos;
}

std::string Lowered(std::string_view text) { return Mapped(text, true); }
std::string Uppered(std::string_view text) { return Mapped(text, false); }

bool IsSpace(uint32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

}  // namespace stepwell::fhirpath
