// Internal: a protocol as a picture: SVG of its own layout, or text for
// Graphviz and Mermaid. Same protocol, same bytes.
#ifndef STEPWELL_PROTOCOL_DRAW_H_
#define STEPWELL_PROTOCOL_DRAW_H_

#include <string>
#include <string_view>

#include "protocol/draw_picture.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

std::string DrawSvg(const Picture& picture);
std::string DrawDot(const Picture& picture);
std::string DrawMermaid(const Picture& picture);

// A line of a box in one text: "Mood (PHQ-9) (questionnaire, patient)".
std::string LineText(const Picture& picture, const PictureLine& line);
// How a chart calls box `b` of chart `c`: "t0_p3".
std::string NodeName(char kind, size_t chart, size_t box);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_H_
