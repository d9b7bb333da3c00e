// SVG. Whole pixels, no fonts of its own, no scripts, no references: one file
// that any browser shows.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/draw.h"
#include "protocol/draw_strip.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

constexpr int kMargin = 20;
constexpr int kPadding = 14;  // of a lane
constexpr int kRouteWidth = 170;
constexpr int kPhaseWidth = 230;
constexpr int kModuleWidth = 132;
constexpr int kCardWidth = 300;
constexpr int kPageWidthMin = 1000;

constexpr char kInk[] = "#1b2733", kFaint[] = "#5b6b7b", kLine[] = "#7488a0",
               kDanger[] = "#b3261e", kLane[] = "#f3f5f8", kHead[] = "#dfe8f3",
               kHeadFinal[] = "#e4e4e4", kHeadRisk[] = "#fbe1de";

// Icons of 12 by 12 pixels, by Mark.
constexpr const char* kIcons[] = {
    "",
    R"(<path d="M2 .5h8v11h-8zM4 3.5h4M4 6h4M4 8.5h4"/>)",
    R"(<path d="M6 2.5C4 1 2 1 .5 1.5v8.5c1.5-.5 3.5-.5 5.5 1 2-1.5 4-1.5 5.5-1V1.5C10 1 8 1 6 2.5v8.5"/>)",
    R"(<circle cx="6" cy="6" r="5.5"/><path d="M3.5 6l2 2 3-4"/>)",
    R"(<path d="M.5 2h11v8h-11zl5.5 4.5L11.5 2"/>)",
    R"(<path d="M1 2h10v9.5H1zM1 5h10M4 .5v3M8 .5v3"/>)",
    R"(<path d="M6 .5L11.5 6 6 11.5.5 6z"/>)",
    R"(<circle cx="6" cy="6" r="5.5"/><path d="M6 2.5V6l2.5 1.5"/>)",
    R"(<path d="M6 1l5.5 10H.5zM6 4.5v3M6 8.8v1"/>)",
};

// One text or icon of a box, from the box's corner.
struct Fragment {
  int x = 0, y = 0;
  Mark mark = Mark::kNone;
  std::string text;
  int size = 12;
  const char* fill = kInk;
  bool bold = false;
};

struct Shape {
  int height = 0, head = 0;
  std::vector<Fragment> fragments;
};

class Svg {
 public:
  explicit Svg(const Picture& picture) : picture_(picture) {}

  std::string Run() {
    Header();
    Tracks();
    Cards(Say(Word::kRisk), picture_.tiers);
    for (const PictureChart& program : picture_.programs) Program(program);
    Cards(Say(Word::kLimits), picture_.limits);
    Cards(Say(Word::kClocks), picture_.clocks);
    Legend();
    const int width = std::max(right_ + kMargin, kPageWidthMin);
    const std::string name = XmlText(picture_.title);
    return absl::StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
                        width, "\" height=\"", y_, "\" viewBox=\"0 0 ", width,
                        " ", y_, "\" xml:lang=\"", XmlText(picture_.language),
                        "\" role=\"img\" font-family=\"Helvetica, Arial, "
                        "sans-serif\">\n<title>",
                        name, "</title>\n<rect width=\"", width, "\" height=\"",
                        y_, "\" fill=\"#ffffff\"/>\n", out_, "</svg>\n");
  }

 private:
  std::string Say(Word word) const { return std::string(picture_.Say(word)); }

  // --- marks on paper

  void Text(int x, int y, std::string_view text, int size, const char* fill,
            bool bold = false) {
    if (text.empty()) return;
    absl::StrAppend(&out_, "<text x=\"", x, "\" y=\"", y, "\" font-size=\"",
                    size, "\" fill=\"", fill, "\"",
                    bold ? " font-weight=\"bold\"" : "", ">", XmlText(text),
                    "</text>\n");
  }

  void Rect(int x, int y, int width, int height, const char* fill,
            const char* stroke, int round = 6, bool thick = false) {
    absl::StrAppend(&out_, "<rect x=\"", x, "\" y=\"", y, "\" width=\"", width,
                    "\" height=\"", height, "\" rx=\"", round, "\" fill=\"",
                    fill, "\" stroke=\"", stroke, "\"",
                    thick ? " stroke-width=\"2\"" : "", "/>\n");
  }

  void Icon(int x, int y, Mark mark, const char* stroke) {
    if (mark == Mark::kNone) return;
    absl::StrAppend(&out_, "<g transform=\"translate(", x, " ", y,
                    ")\" fill=\"none\" stroke=\"", stroke, "\">",
                    kIcons[static_cast<size_t>(mark)], "</g>\n");
  }

  void Arrow(const std::vector<Point>& points, const char* stroke,
             bool dashed) {
    std::string path;
    for (size_t i = 0; i < points.size(); ++i) {
      absl::StrAppend(&path, i == 0 ? "M" : "L", points[i].x, " ", points[i].y);
    }
    absl::StrAppend(&out_, "<path d=\"", path, "\" fill=\"none\" stroke=\"",
                    stroke, "\"", dashed ? " stroke-dasharray=\"5 3\"" : "",
                    "/>\n");
    // The head: two steps back from the end, and to both sides.
    const Point end = points.back(), before = points[points.size() - 2];
    const int dx = end.x == before.x ? 0 : end.x > before.x ? 1 : -1;
    const int dy = end.y == before.y ? 0 : end.y > before.y ? 1 : -1;
    absl::StrAppend(&out_, "<path d=\"M", end.x, " ", end.y, "L",
                    end.x - 7 * dx - 4 * dy, " ", end.y - 7 * dy - 4 * dx, "L",
                    end.x - 7 * dx + 4 * dy, " ", end.y - 7 * dy + 4 * dx,
                    "z\" fill=\"", stroke, "\"/>\n");
  }

  // On a ground of its own, so that lines do not run through it.
  void Label(Point at, const std::vector<std::string>& lines,
             const char* ground) {
    for (size_t i = 0; i < lines.size(); ++i) {
      const int y = at.y + static_cast<int>(i) * (kStripFont + 2);
      absl::StrAppend(&out_, "<rect x=\"", at.x - 1, "\" y=\"",
                      y - kStripFont + 1, "\" width=\"",
                      TextWidth(lines[i], kStripFont) + 2, "\" height=\"",
                      kStripFont + 1, "\" fill=\"", ground, "\"/>\n");
      Text(at.x, y, lines[i], kStripFont, kFaint);
    }
  }

  // --- boxes

  static Shape ShapeOf(const PictureBox& box, int width) {
    Shape shape;
    int y = 6;
    for (const std::string& line : WrapText(box.name, width - 20, 12, 3)) {
      shape.fragments.push_back(
          {10, y + 12, Mark::kNone, line, 12, kInk, true});
      y += 15;
    }
    shape.head = y + 5;
    y = shape.head + 4;
    for (const PictureLine& line : box.lines)
      y = AddLine(line, width, y, shape);
    shape.height = box.lines.empty() ? shape.head : y + 4;
    return shape;
  }

  static int AddLine(const PictureLine& line, int width, int y, Shape& shape) {
    const bool marked = line.mark != Mark::kNone;
    const int x = marked ? 28 : 10;
    const char* fill = line.risk ? kDanger : kInk;
    if (marked) {
      shape.fragments.push_back(
          {9, y + 2, line.mark, "", 0, line.risk ? kDanger : kLine, false});
    }
    if (line.may_alert) {
      shape.fragments.push_back(
          {width - 18, y + 1, Mark::kRisk, "", 0, kDanger, false});
    }
    const int room = width - x - (line.may_alert ? 22 : 8);
    // A short note stands behind its text.
    const int text_width = TextWidth(line.text, 11) + 8;
    if (text_width + TextWidth(line.note, 10) <= room && !line.note.empty()) {
      shape.fragments.push_back(
          {x, y + 11, Mark::kNone, line.text, 11, fill, false});
      shape.fragments.push_back(
          {x + text_width, y + 11, Mark::kNone, line.note, 10, kFaint, false});
      return y + 17;
    }
    for (const std::string& text : WrapText(line.text, room, 11, 5)) {
      shape.fragments.push_back(
          {x, y + 11, Mark::kNone, text, 11, fill, false});
      y += 14;
    }
    for (const std::string& text : WrapText(line.note, width - x - 8, 10, 2)) {
      shape.fragments.push_back(
          {x, y + 9, Mark::kNone, text, 10, kFaint, false});
      y += 12;
    }
    return y + 3;
  }

  void Box(const PictureBox& box, const Shape& shape, int x, int y, int width,
           int height) {
    const char* edge = box.risk ? kDanger : kLine;
    Rect(x, y, width, height, "#ffffff", edge, 6, box.initial);
    const char* head = box.risk ? kHeadRisk : box.final ? kHeadFinal : kHead;
    if (shape.head >= height) {
      Rect(x, y, width, height, head, edge, 6, box.initial);
    } else {
      absl::StrAppend(&out_, "<path d=\"M", x + 1, " ", y + shape.head, "V",
                      y + 7, "q0-6 6-6H", x + width - 7, "q6 0 6 6V",
                      y + shape.head, "z\" fill=\"", head, "\"/>\n");
    }
    for (const Fragment& f : shape.fragments) {
      if (f.mark != Mark::kNone) {
        Icon(x + f.x, y + f.y, f.mark, f.fill);
      } else {
        Text(x + f.x, y + f.y, f.text, f.size, f.fill, f.bold);
      }
    }
  }

  void Heading(const std::string& text) {
    Text(kMargin, y_ + 16, text, 15, kInk, true);
    y_ += 28;
  }

  void Reach(int right) { right_ = std::max(right_, right); }

  // --- sections, from above to below

  void Header() {
    for (const std::string& line : WrapText(picture_.title, 900, 20, 3)) {
      Text(kMargin, y_ + 18, line, 20, kInk, true);
      y_ += 24;
    }
    Text(kMargin, y_ + 14, picture_.note, 12, kFaint);
    y_ += 32;
  }

  void Tracks() {
    const int routes_y = y_;
    const int left = kMargin + kRouteWidth + 50;
    int width = 0;
    std::vector<Strip> strips;
    std::vector<std::vector<Shape>> shapes;
    for (const PictureChart& track : picture_.tracks) {
      shapes.emplace_back();
      strips.push_back(Plan(track, kPhaseWidth, false, left + kPadding, y_ + 34,
                            shapes.back()));
      width = std::max(width, strips.back().width + 2 * kPadding);
      y_ += 34 + strips.back().height + kPadding + 12;
    }
    const int lanes_end = y_;
    y_ = routes_y;
    for (size_t i = 0; i < strips.size(); ++i) {
      const int height = 34 + strips[i].height + kPadding;
      Rect(left, y_, width, height, kLane, "#d5dce5", 8);
      Text(left + kPadding, y_ + 20, picture_.tracks[i].name, 13, kFaint, true);
      Show(strips[i], picture_.tracks[i], shapes[i], kLane);
      if (i == 0) Routes(routes_y, left, strips[i]);
      y_ += height + 12;
    }
    y_ = std::max(lanes_end, routes_end_);
    Reach(left + width);
    Anywhere(left, std::max(width, kPageWidthMin - left - kMargin));
  }

  // Ways in, at the left of the first track; arrows to where it begins.
  void Routes(int y, int left, const Strip& strip) {
    Text(kMargin, y + 20, Say(Word::kWaysIn), 13, kFaint, true);
    Point goal{left, y + 60};
    if (picture_.entry() != PictureEdge::kAnywhere) {
      const StripBox& box = strip.boxes[picture_.entry()];
      goal = {box.column == 0 ? box.x : left, box.y + kStripPort};
    }
    int at = std::max(y + 34, goal.y - kStripPort);
    for (const PictureBox& route : picture_.routes) {
      const Shape shape = ShapeOf(route, kRouteWidth);
      Box(route, shape, kMargin, at, kRouteWidth, shape.height);
      const Point begin{kMargin + kRouteWidth,
                        at + std::min(shape.height / 2, kStripPort)};
      const int middle = begin.x + 22;
      Arrow({begin, {middle, begin.y}, {middle, goal.y}, goal}, kLine, false);
      at += shape.height + 12;
    }
    routes_end_ = at + 12;
  }

  // Boxes of a chart are shaped and placed; `layers` puts them behind what
  // they need instead of in a row.
  Strip Plan(const PictureChart& chart, int width, bool layers, int x, int y,
             std::vector<Shape>& shapes) {
    const std::vector<size_t> columns =
        layers ? ColumnsOf(chart.boxes.size(), chart.edges)
               : std::vector<size_t>();
    std::vector<StripBox> boxes;
    for (size_t i = 0; i < chart.boxes.size(); ++i) {
      shapes.push_back(ShapeOf(chart.boxes[i], width));
      StripBox box;
      box.width = width;
      box.height = shapes.back().height;
      box.column = layers ? columns[i] : i;
      boxes.push_back(box);
    }
    std::vector<PictureEdge> edges = chart.edges;
    for (PictureEdge& edge : edges) {
      if (edge.from != PictureEdge::kAnywhere || edge.labels.empty()) continue;
      edge.labels[0] = absl::StrCat(Say(Word::kAnyPhase), ": ", edge.labels[0]);
    }
    return LayOutStrip(std::move(boxes), edges, x, y);
  }

  void Show(const Strip& strip, const PictureChart& chart,
            const std::vector<Shape>& shapes, const char* ground) {
    for (const StripArrow& arrow : strip.arrows) {
      Arrow(arrow.points, kLine, arrow.anywhere);
    }
    for (const StripArrow& arrow : strip.arrows) {
      Label(arrow.label, arrow.labels, ground);
    }
    for (size_t i = 0; i < chart.boxes.size(); ++i) {
      const StripBox& box = strip.boxes[i];
      Box(chart.boxes[i], shapes[i], box.x, box.y, box.width, box.height);
    }
  }

  // Items of no phase, side by side below the lanes.
  void Anywhere(int left, int width) {
    if (picture_.anywhere.lines.empty()) return;
    const int columns = std::max(1, width / kPhaseWidth);
    const int cell = width / columns;
    Text(left + kPadding, y_ + 20, picture_.anywhere.name, 13, kFaint, true);
    const int top = y_ + 28;
    std::vector<Shape> shapes(static_cast<size_t>(columns));
    std::vector<int> ends(shapes.size(), 0);
    const auto& lines = picture_.anywhere.lines;
    const size_t rows = (lines.size() + shapes.size() - 1) / shapes.size();
    for (size_t i = 0; i < lines.size(); ++i) {
      const size_t column = i / rows;
      ends[column] = AddLine(lines[i], cell, ends[column], shapes[column]);
    }
    for (size_t c = 0; c < shapes.size(); ++c) {
      const int x = left + 6 + static_cast<int>(c) * cell;
      for (const Fragment& f : shapes[c].fragments) {
        Icon(x + f.x, top + f.y, f.mark, f.fill);
        Text(x + f.x, top + f.y, f.text, f.size, f.fill);
      }
    }
    y_ = top + *std::max_element(ends.begin(), ends.end()) + 24;
  }

  void Program(const PictureChart& program) {
    Heading(absl::StrCat(Say(Word::kModules), ": ", program.name));
    Text(kMargin, y_ + 2, program.note, 11, kFaint);
    y_ += program.note.empty() ? 0 : 14;
    std::vector<Shape> shapes;
    const Strip strip = Plan(program, kModuleWidth, true, kMargin, y_, shapes);
    Show(strip, program, shapes, "#ffffff");
    Reach(kMargin + strip.width);
    y_ += strip.height + 28;
  }

  // Clocks and alerts: as many cards in a row as the page is wide.
  void Cards(const std::string& heading, const std::vector<PictureBox>& boxes) {
    if (boxes.empty()) return;
    Heading(heading);
    const int page = std::max(right_, kPageWidthMin - kMargin) - kMargin;
    const auto columns =
        static_cast<size_t>(std::max(1, (page + 12) / (kCardWidth + 12)));
    for (size_t begin = 0; begin < boxes.size(); begin += columns) {
      const size_t end = std::min(boxes.size(), begin + columns);
      int height = 0;
      std::vector<Shape> shapes;
      for (size_t i = begin; i < end; ++i) {
        shapes.push_back(ShapeOf(boxes[i], kCardWidth));
        height = std::max(height, shapes.back().height);
      }
      for (size_t i = begin; i < end; ++i) {
        const int x = kMargin + static_cast<int>(i - begin) * (kCardWidth + 12);
        Box(boxes[i], shapes[i - begin], x, y_, kCardWidth, height);
      }
      y_ += height + 12;
    }
    y_ += 16;
  }

  void Legend() {
    int x = kMargin;
    const auto add = [&](Mark mark, Word word, const char* stroke) {
      Icon(x, y_, mark, stroke);
      Text(x + 18, y_ + 10, Say(word), 11, kFaint);
      x += 18 + TextWidth(Say(word), 11) + 24;
    };
    for (size_t i = 1; i <= static_cast<size_t>(Mark::kDecision); ++i) {
      const auto first = static_cast<size_t>(Word::kQuestionnaire);
      add(static_cast<Mark>(i), static_cast<Word>(first + i - 1), kLine);
    }
    add(Mark::kRisk, Word::kMayAlert, kDanger);
    Reach(x);
    y_ += 12 + kMargin;
  }

  const Picture& picture_;
  std::string out_;
  int y_ = kMargin;
  int right_ = 0;
  int routes_end_ = 0;
};

}  // namespace

std::string DrawSvg(const Picture& picture) { return Svg(picture).Run(); }

}  // namespace stepwell::protocol
