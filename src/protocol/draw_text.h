// Internal: texts of documents as they may stand in a drawing. What is in a
// document is anybody's; here it becomes text and nothing but text.
#ifndef STEPWELL_PROTOCOL_DRAW_TEXT_H_
#define STEPWELL_PROTOCOL_DRAW_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace stepwell::protocol {

// On one line: white space and control characters become single blanks, and
// characters that turn the direction of writing are left out. Letters of
// languages that are written from right to left stay.
std::string ShownText(std::string_view text);

// `text` (shown) between quotes of XML, of DOT and of Mermaid. What the format
// would read as its own is written so that it is shown instead.
std::string XmlText(std::string_view text);
std::string DotText(std::string_view text);
std::string MermaidText(std::string_view text);

// About how wide `text` is in a sans-serif font of `size` pixels: rather too
// much than too little.
int TextWidth(std::string_view text, int size);

// `text` in at most `lines_max` lines of at most `width` pixels, broken at
// blanks where there are any; what does not fit ends in an ellipsis.
std::vector<std::string> WrapText(std::string_view text, int width, int size,
                                  size_t lines_max);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_TEXT_H_
