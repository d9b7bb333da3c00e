// DOT, for Graphviz.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

constexpr size_t kCardsInARow = 6;
constexpr int kLabelWidth = 300;

class Dot {
 public:
  explicit Dot(const Picture& picture) : picture_(picture) {}

  std::string Run() {
    absl::StrAppend(&out_, "digraph protocol {\n  label=\"",
                    DotText(picture_.title), "\\n", DotText(picture_.note),
                    "\";\n  labelloc=t;\n  rankdir=LR;\n"
                    "  node [shape=box, style=rounded, fontname=sans, "
                    "fontsize=10];\n"
                    "  edge [fontname=sans, fontsize=9];\n");
    for (size_t i = 0; i < picture_.routes.size(); ++i) {
      Node("  ", NodeName('r', 0, i), picture_.routes[i], "shape=cds");
    }
    Charts('t', "tracks", picture_.tracks);
    Charts('m', "modules", picture_.programs);
    Group('a', picture_.Say(Word::kRisk), picture_.tiers, "color=red");
    Group('l', picture_.Say(Word::kLimits), picture_.limits, "shape=note");
    Group('c', picture_.Say(Word::kClocks), picture_.clocks, "shape=note");
    if (!picture_.anywhere.lines.empty()) {
      Node("  ", "anywhere", picture_.anywhere, "style=dashed");
    }
    Entries();
    return out_ + "}\n";
  }

 private:
  // A box: its name, then a line each, all set to the left.
  void Node(std::string_view indent, std::string_view name,
            const PictureBox& box, std::string_view attributes) {
    std::string label = DotText(box.name);
    for (const PictureLine& line : box.lines) {
      for (const std::string& text :
           WrapText(LineText(picture_, line), kLabelWidth, 10, 6)) {
        absl::StrAppend(&label, "\\l", DotText(text));
      }
    }
    if (!box.lines.empty()) label += "\\l";
    absl::StrAppend(&out_, ToAbsl(indent), ToAbsl(name), " [label=\"", label,
                    "\"", attributes.empty() ? "" : ", ", ToAbsl(attributes),
                    "];\n");
  }

  void Charts(char kind, std::string_view what,
              const std::vector<PictureChart>& charts) {
    for (size_t c = 0; c < charts.size(); ++c) {
      const PictureChart& chart = charts[c];
      absl::StrAppend(&out_, "  subgraph cluster_", ToAbsl(what), c,
                      " {\n    label=\"", DotText(chart.name),
                      chart.note.empty() ? "" : "\\n", DotText(chart.note),
                      "\";\n");
      for (size_t b = 0; b < chart.boxes.size(); ++b) {
        const PictureBox& box = chart.boxes[b];
        Node("    ", NodeName(kind, c, b), box,
             box.final     ? "peripheries=2"
             : box.initial ? "penwidth=2"
                           : "");
      }
      Edges(kind, c, chart);
      out_ += "  }\n";
    }
  }

  void Edges(char kind, size_t c, const PictureChart& chart) {
    bool anywhere = false;
    for (const PictureEdge& edge : chart.edges) {
      anywhere = anywhere || edge.from == PictureEdge::kAnywhere;
    }
    const std::string any = absl::StrCat("any", c);
    if (anywhere) {
      absl::StrAppend(&out_, "    ", any, " [label=\"",
                      DotText(picture_.Say(Word::kAnyPhase)),
                      "\", shape=plaintext];\n");
    }
    for (const PictureEdge& edge : chart.edges) {
      const bool from_any = edge.from == PictureEdge::kAnywhere;
      std::string label;
      for (const std::string& rule : edge.labels) {
        absl::StrAppend(&label, label.empty() ? "" : "\\n",
                        DotText(ShownText(rule)));
      }
      absl::StrAppend(&out_, "    ",
                      from_any ? any : NodeName(kind, c, edge.from), " -> ",
                      NodeName(kind, c, edge.to));
      if (!label.empty()) absl::StrAppend(&out_, " [label=\"", label, "\"]");
      out_ += ";\n";
    }
  }

  void Group(char kind, std::string_view name,
             const std::vector<PictureBox>& boxes,
             std::string_view attributes) {
    if (boxes.empty()) return;
    absl::StrAppend(&out_, "  subgraph cluster_", std::string(1, kind),
                    " {\n    label=\"", DotText(name), "\";\n");
    for (size_t i = 0; i < boxes.size(); ++i) {
      Node("    ", NodeName(kind, 0, i), boxes[i],
           boxes[i].risk && kind == 'c' ? "shape=note, color=red" : attributes);
      // Rows, or Graphviz puts all of them below each other.
      if (i % kCardsInARow == 0) continue;
      absl::StrAppend(&out_, "    ", NodeName(kind, 0, i - 1), " -> ",
                      NodeName(kind, 0, i), " [style=invis];\n");
    }
    out_ += "  }\n";
  }

  // Every way in leads to where the first track begins.
  void Entries() {
    const size_t entry = picture_.entry();
    if (entry == PictureEdge::kAnywhere) return;
    for (size_t r = 0; r < picture_.routes.size(); ++r) {
      absl::StrAppend(&out_, "  ", NodeName('r', 0, r), " -> ",
                      NodeName('t', 0, entry), ";\n");
    }
  }

  const Picture& picture_;
  std::string out_;
};

}  // namespace

std::string NodeName(char kind, size_t chart, size_t box) {
  return absl::StrCat(std::string(1, kind), chart, "_", box);
}

std::string LineText(const Picture& picture, const PictureLine& line) {
  std::string note;
  const auto mark = static_cast<size_t>(line.mark);
  if (mark >= 1 && line.mark <= Mark::kDecision) {
    const auto first = static_cast<size_t>(Word::kQuestionnaire);
    note = picture.Say(static_cast<Word>(first + mark - 1));
  }
  if (!line.note.empty()) {
    absl::StrAppend(&note, note.empty() ? "" : ", ", line.note);
  }
  if (line.may_alert) {
    absl::StrAppend(&note, note.empty() ? "" : ", ",
                    ToAbsl(picture.Say(Word::kMayAlert)));
  }
  return note.empty() ? line.text : absl::StrCat(line.text, " (", note, ")");
}

std::string DrawDot(const Picture& picture) { return Dot(picture).Run(); }

}  // namespace stepwell::protocol
