// Internal: where boxes and arrows lie. A strip is a row of columns of boxes,
// read from left to right: the phases of a track, the modules of a program.
// Arrows to the next column go straight; those that skip columns run above the
// boxes, those that lead back below, each in a channel of its own.
#ifndef STEPWELL_PROTOCOL_DRAW_STRIP_H_
#define STEPWELL_PROTOCOL_DRAW_STRIP_H_

#include <string>
#include <vector>

#include "protocol/draw_picture.h"

namespace stepwell::protocol {

struct Point {
  int x = 0, y = 0;
};

struct StripBox {
  int width = 0, height = 0;  // given
  size_t column = 0;          // given, ascending
  int x = 0, y = 0;           // found
  int row = 0;                // found: how many stand above it
};

struct StripArrow {
  std::vector<Point> points;        // at least two, right angles
  std::vector<std::string> labels;  // one a line, cut to fit
  Point label;                      // where the first line begins
  bool anywhere = false;
};

struct Strip {
  std::vector<StripBox> boxes;
  std::vector<StripArrow> arrows;  // by the edges that were given
  int width = 0, height = 0;
};

inline constexpr int kStripFont = 10;  // of labels
// How far below the top of a box straight arrows reach it.
inline constexpr int kStripPort = 13;

// Places `boxes` from (x, y). `edges` name boxes by number.
Strip LayOutStrip(std::vector<StripBox> boxes,
                  const std::vector<PictureEdge>& edges, int x, int y);

// The column of each module: behind all that it needs.
std::vector<size_t> ColumnsOf(size_t boxes,
                              const std::vector<PictureEdge>& edges);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_STRIP_H_
