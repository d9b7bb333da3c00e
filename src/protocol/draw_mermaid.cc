// Mermaid, for pages that render it: a flowchart of subgraphs.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

class Mermaid {
 public:
  explicit Mermaid(const Picture& picture) : picture_(picture) {}

  std::string Run() {
    absl::StrAppend(&out_, "flowchart LR\n");
    Group('r', picture_.Say(Word::kWaysIn), picture_.routes);
    Charts('t', picture_.tracks);
    Charts('m', picture_.programs);
    Group('a', picture_.Say(Word::kRisk), picture_.tiers);
    Group('l', picture_.Say(Word::kLimits), picture_.limits);
    Group('c', picture_.Say(Word::kClocks), picture_.clocks);
    if (!picture_.anywhere.lines.empty()) {
      Node("  ", "anywhere", picture_.anywhere);
    }
    Entries();
    absl::StrAppend(&out_, "  classDef risk stroke:#b3261e\n");
    return out_;
  }

 private:
  void Node(std::string_view indent, std::string_view name,
            const PictureBox& box) {
    std::string label = MermaidText(box.name);
    for (const PictureLine& line : box.lines) {
      absl::StrAppend(&label, "<br/>", MermaidText(LineText(picture_, line)));
    }
    absl::StrAppend(&out_, ToAbsl(indent), ToAbsl(name), box.final ? "([" : "[",
                    "\"", label, "\"", box.final ? "])" : "]",
                    box.risk ? ":::risk" : "", "\n");
  }

  void Begin(std::string_view name, std::string_view title) {
    absl::StrAppend(&out_, "  subgraph ", ToAbsl(name), "[\"",
                    MermaidText(title), "\"]\n");
  }

  void Charts(char kind, const std::vector<PictureChart>& charts) {
    for (size_t c = 0; c < charts.size(); ++c) {
      const PictureChart& chart = charts[c];
      Begin(absl::StrCat(std::string(1, kind), c),
            chart.note.empty() ? chart.name
                               : absl::StrCat(chart.name, ": ", chart.note));
      for (size_t b = 0; b < chart.boxes.size(); ++b) {
        Node("    ", NodeName(kind, c, b), chart.boxes[b]);
      }
      Edges(kind, c, chart);
      out_ += "  end\n";
    }
  }

  void Edges(char kind, size_t c, const PictureChart& chart) {
    const std::string any = absl::StrCat("any", c);
    bool named = false;
    for (const PictureEdge& edge : chart.edges) {
      const bool anywhere = edge.from == PictureEdge::kAnywhere;
      if (anywhere && !named) {
        absl::StrAppend(&out_, "    ", any, "((\"",
                        MermaidText(picture_.Say(Word::kAnyPhase)), "\"))\n");
        named = true;
      }
      std::string label;
      for (const std::string& rule : edge.labels) {
        absl::StrAppend(&label, label.empty() ? "" : "<br/>",
                        MermaidText(ShownText(rule)));
      }
      if (!label.empty()) label = absl::StrCat("|\"", label, "\"|");
      absl::StrAppend(&out_, "    ",
                      anywhere ? any : NodeName(kind, c, edge.from),
                      anywhere ? " -.->" : " -->", label, " ",
                      NodeName(kind, c, edge.to), "\n");
    }
  }

  void Group(char kind, std::string_view name,
             const std::vector<PictureBox>& boxes) {
    if (boxes.empty()) return;
    Begin(std::string(1, kind), name);
    for (size_t i = 0; i < boxes.size(); ++i) {
      Node("    ", NodeName(kind, 0, i), boxes[i]);
    }
    out_ += "  end\n";
  }

  void Entries() {
    const size_t entry = picture_.entry();
    if (entry == PictureEdge::kAnywhere) return;
    for (size_t r = 0; r < picture_.routes.size(); ++r) {
      absl::StrAppend(&out_, "  ", NodeName('r', 0, r), " --> ",
                      NodeName('t', 0, entry), "\n");
    }
  }

  const Picture& picture_;
  std::string out_;
};

}  // namespace

std::string DrawMermaid(const Picture& picture) {
  return Mermaid(picture).Run();
}

}  // namespace stepwell::protocol
