#include "protocol/draw_text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/strings.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

constexpr char32_t kReplacement = 0xFFFD;

// The next character of `text` from `at`, which moves behind it. Documents are
// valid UTF-8; for a byte that is not it is the replacement character.
char32_t NextCharacter(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const uint8_t first = byte(at);
  const size_t length = first < 0x80   ? 1
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                                       : 4;
  char32_t character = length == 1 ? first : first & (0x7F >> length);
  bool good = first < 0x80 || (first >= 0xC0 && first < 0xF8);
  for (size_t i = 1; good && i < length; ++i) {
    good = (byte(at + i) & 0xC0) == 0x80;
    character = (character << 6) | (byte(at + i) & 0x3F);
  }
  at += good ? length : 1;
  return good ? character : kReplacement;
}

bool IsBlank(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

// Marks, embeddings and isolates of direction, joiners that show nothing, and
// what is no character of XML.
bool IsLeftOut(char32_t c) {
  return c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c & 0xFFFE) == 0xFFFE || (c >= 0xFFF9 && c <= 0xFFFB);
}

// Hundredths of the font's size.
int WidthOf(char32_t c) {
  constexpr std::string_view kNarrow = "iljtfrI.,:;'|!()[] ";
  constexpr std::string_view kWide = "mwMW@%";
  if (c >= 0x1100) return c >= 0x2000 && c < 0x2E80 ? 70 : 100;
  if (c >= 0x80) return 62;
  const char plain = static_cast<char>(c);
  if (kNarrow.find(plain) != std::string_view::npos) return 37;
  if (kWide.find(plain) != std::string_view::npos) return 95;
  return plain >= 'A' && plain <= 'Z' ? 70 : 61;
}

int Hundredths(std::string_view text) {
  int width = 0;
  for (size_t at = 0; at < text.size();)
    width += WidthOf(NextCharacter(text, at));
  return width;
}

// The longest beginning of `text` within `hundredths`, of whole words when
// there is a blank to break at.
size_t BeginningThatFits(std::string_view text, int hundredths) {
  size_t blank = 0, at = 0;
  for (int width = 0; at < text.size();) {
    const size_t before = at;
    const char32_t c = NextCharacter(text, at);
    width += WidthOf(c);
    if (width > hundredths) {
      if (blank > 0) return blank;
      return before > 0 ? before : at;  // one character at least
    }
    if (c == ' ') blank = before;
  }
  return at;
}

}  // namespace

std::string ShownText(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t c = NextCharacter(text, at);
    if (IsLeftOut(c)) continue;
    if (c == kReplacement) {
      out += "\xEF\xBF\xBD";
    } else if (!IsBlank(c)) {
      out += text.substr(begin, at - begin);
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string XmlText(std::string_view text) {
  return absl::StrReplaceAll(ToAbsl(text), {{"&", "&amp;"},
                                            {"<", "&lt;"},
                                            {">", "&gt;"},
                                            {"\"", "&quot;"},
                                            {"'", "&#39;"}});
}

std::string DotText(std::string_view text) {
  // Graphviz reads entities in every label.
  return absl::StrReplaceAll(ToAbsl(text),
                             {{"&", "&amp;"}, {"\"", "\\\""}, {"\\", "\\\\"}});
}

std::string MermaidText(std::string_view text) {
  constexpr std::string_view kPlain = " .,-_/()+=:?!";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') ||
                        static_cast<uint8_t>(c) >= 0x80;
    if (letter || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      absl::StrAppend(&out, "#", static_cast<int>(c), ";");
    }
  }
  return out;
}

int TextWidth(std::string_view text, int size) {
  return (Hundredths(text) * size + 99) / 100;
}

std::vector<std::string> WrapText(std::string_view text, int width, int size,
                                  size_t lines_max) {
  const int hundredths = width * 100 / size;
  std::vector<std::string> lines;
  while (!text.empty()) {
    if (lines.size() + 1 < lines_max || Hundredths(text) <= hundredths) {
      const size_t end = BeginningThatFits(text, hundredths);
      lines.emplace_back(text.substr(0, end));
      text.remove_prefix(end);
      if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
      continue;
    }
    const size_t end = BeginningThatFits(text, hundredths - 100);
    lines.push_back(
        absl::StrCat(ToAbsl(text.substr(0, end)), ToAbsl(kEllipsis)));
    break;
  }
  return lines;
}

}  // namespace stepwell::protocol
