#include "fhirpath/encoding.h"

#include <cstdint>

#include "fhirpath/lexer.h"

namespace stepwell::fhirpath {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string ToHexText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::optional<std::string> FromHexText(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string_view Alphabet(bool url) {
  return url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
               "0123456789-_"
             : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
               "0123456789+/";
}

std::string ToBase64(std::string_view text, bool url) {
  const std::string_view alphabet = Alphabet(url);
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    const size_t n = text.size() - i < 3 ? text.size() - i : 3;
    for (size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (j < n ? static_cast<unsigned char>(text[i + j]) : 0u);
    }
    for (size_t j = 0; j < 4; ++j) {
      out += j <= n ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

std::optional<std::string> FromBase64(std::string_view text, bool url) {
  const std::string_view alphabet = Alphabet(url);
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  return out;
}

std::string ToHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// The character of `&name;` without its marks, or 0.
uint32_t Entity(std::string_view name) {
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "amp") return '&';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (name == "nbsp") return 0xA0;
  if (name.size() < 2 || name.size() > 9 || name[0] != '#') return 0;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  uint32_t code = 0;
  for (const char c : name.substr(hex ? 2 : 1)) {
    const int digit = HexDigit(c);
    if (digit < 0 || (!hex && digit > 9)) return 0;
    code = code * (hex ? 16 : 10) + static_cast<uint32_t>(digit);
    if (code > 0x10FFFF) return 0;
  }
  return code;
}

std::string FromHtml(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t end =
        text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    const uint32_t code = end != std::string_view::npos && end - i < 12
                              ? Entity(text.substr(i + 1, end - i - 1))
                              : 0;
    if (code == 0) {
      out += text[i];
    } else {
      AppendUtf8(code, &out);
      i = end;
    }
  }
  return out;
}

std::string ToJsonText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4 & 15];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::optional<std::string> FromJsonText(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u': {
        if (i + 4 >= text.size()) return std::nullopt;
        uint32_t code = 0;
        for (size_t j = 1; j <= 4; ++j) {
          const int digit = HexDigit(text[i + j]);
          if (digit < 0) return std::nullopt;
          code = code * 16 + static_cast<uint32_t>(digit);
        }
        if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
        AppendUtf8(code, &out);
        i += 4;
        break;
      }
      default:
        out += text[i];
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> EncodeText(std::string_view text,
                                      std::string_view form) {
  if (form == "hex") return ToHexText(text);
  if (form == "base64") return ToBase64(text, false);
  if (form == "urlbase64") return ToBase64(text, true);
  return std::nullopt;
}

std::optional<std::string> DecodeText(std::string_view text,
                                      std::string_view form) {
  if (form == "hex") return FromHexText(text);
  if (form == "base64") return FromBase64(text, false);
  if (form == "urlbase64") return FromBase64(text, true);
  return std::nullopt;
}

std::optional<std::string> EscapeText(std::string_view text,
                                      std::string_view form) {
  if (form == "html") return ToHtml(text);
  if (form == "json") return ToJsonText(text);
  return std::nullopt;
}

std::optional<std::string> UnescapeText(std::string_view text,
                                        std::string_view form) {
  if (form == "html") return FromHtml(text);
  if (form == "json") return FromJsonText(text);
  return std::nullopt;
}

}  // namespace stepwell::fhirpath
