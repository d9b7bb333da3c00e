#include "protocol/draw_picture.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw_context.h"
#include "protocol/draw_moves.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

struct Kind {
  std::string_view name;
  Mark mark;
};
constexpr Kind kKinds[] = {
    {"questionnaire", Mark::kQuestionnaire},
    {"module", Mark::kModule},
    {"program", Mark::kModule},
    {"task", Mark::kTask},
    {"message", Mark::kMessage},
    {"appointment", Mark::kAppointment},
    {"decision", Mark::kDecision},
};

class Builder {
 public:
  Builder(const Protocol& protocol, std::string_view language)
      : protocol_(protocol), context_(protocol, language) {
    picture_.language = names().language();
  }

  Picture Build() {
    picture_.title = names().TextOf(root(), "title");
    picture_.note = absl::StrCat(ToAbsl(TextIn(root(), "protocol")), " ",
                                 ShownText(TextIn(root(), "version")), ", ",
                                 ToAbsl(TextIn(root(), "status")));
    for (const json::Value route : json::Children(root().Find("routes"))) {
      picture_.routes.push_back(Route(route));
    }
    for (const json::Value track : json::Children(root().Find("tracks"))) {
      picture_.tracks.push_back(TrackChart(track));
    }
    for (size_t i = 0; i < picture_.tracks.size(); ++i) {
      picture_.tracks[i].edges = MovesOf(protocol_, protocol_.tracks[i]);
    }
    picture_.anywhere.name = context_.Say(Word::kInAnyPhase);
    Items(root().Find("items_anywhere"), true, picture_.anywhere);
    picture_.limits = LimitCards(context_);
    for (const json::Value clock : json::Children(root().Find("clocks"))) {
      picture_.clocks.push_back(ClockCard(context_, clock));
    }
    for (const json::Value tier :
         json::Children(root().Find("risk").Find("tiers"))) {
      picture_.tiers.push_back(TierCard(context_, tier));
    }
    return std::move(picture_);
  }

 private:
  const Names& names() const { return context_.names(); }
  json::Value root() const { return context_.root(); }

  PictureBox Route(json::Value route) const {
    PictureBox box;
    box.id = TextIn(route, "id");
    box.name = names().Of("routes", box.id);
    context_.Add(box, Word::kConsents,
                 context_.List(route.Find("consents"), "purposes"));
    context_.Add(box, Word::kDocuments,
                 context_.List(route.Find("documents"), ""));
    if (const std::string_view wait = TextIn(route, "legal_clock");
        !wait.empty()) {
      PictureLine line = PlainLine(names().Of("clocks", wait));
      line.mark = Mark::kClock;
      for (const json::Value clock : json::Children(root().Find("clocks"))) {
        if (TextIn(clock, "id") == wait) {
          line.note = context_.Span(clock, "budget");
        }
      }
      box.lines.push_back(std::move(line));
    }
    if (IsTrue(route.Find("referrer_feedback"))) {
      box.lines.push_back(PlainLine(context_.Say(Word::kLettersOwed)));
    }
    return box;
  }

  PictureChart TrackChart(json::Value track) {
    PictureChart chart;
    chart.id = TextIn(track, "id");
    chart.name = names().Of("tracks", chart.id);
    for (const json::Value phase : json::Children(track.Find("phases"))) {
      PictureBox box;
      box.id = TextIn(phase, "id");
      const std::string path = absl::StrCat(chart.id, "/", box.id);
      box.name = names().Of("phases", path);
      box.initial = box.id == TextIn(track, "initial");
      box.final = IsTrue(phase.Find("final"));
      Items(phase.Find("items"), false, box);
      for (const json::Value clock : context_.ClocksFrom(path)) {
        PictureLine line = PlainLine(names().Of("clocks", TextIn(clock, "id")));
        line.mark = Mark::kClock;
        line.note = context_.Span(clock, "budget");
        box.lines.push_back(std::move(line));
      }
      chart.boxes.push_back(std::move(box));
    }
    return chart;
  }

  void Items(json::Value items, bool anywhere, PictureBox& box) {
    for (const json::Value item : json::Children(items)) {
      const std::string_view id = TextIn(item, "id"),
                             kind = TextIn(item, "kind");
      PictureLine line = PlainLine(names().Of("items", id));
      for (const Kind& known : kKinds) {
        if (known.name == kind) line.mark = known.mark;
      }
      line.risk = context_.IsRiskItem(id);
      line.may_alert = context_.MayAlert(TextIn(item, "instrument")) ||
                       context_.RaisesAlert(id);
      if (kind == "program") AddProgram(item, id, line);
      line.note = context_.ItemNote(item, anywhere);
      box.lines.push_back(std::move(line));
    }
  }

  void AddProgram(json::Value item, std::string_view id, PictureLine& line) {
    const std::string title =
        names().TextOf(names().Program(TextIn(item, "program")), "title");
    if (line.text == id && !title.empty()) line.text = title;
    picture_.programs.push_back(ModulesOf(context_, item, line.text));
  }

  const Protocol& protocol_;
  PictureContext context_;
  Picture picture_;
};

}  // namespace

PictureLine PlainLine(std::string text) {
  PictureLine line;
  line.text = std::move(text);
  return line;
}

size_t Picture::entry() const {
  if (tracks.empty()) return PictureEdge::kAnywhere;
  const std::vector<PictureBox>& boxes = tracks[0].boxes;
  const auto initial = std::find_if(boxes.begin(), boxes.end(),
                                    [](const auto& b) { return b.initial; });
  return initial == boxes.end() ? PictureEdge::kAnywhere
                                : static_cast<size_t>(initial - boxes.begin());
}

Picture PictureOf(const Protocol& protocol, std::string_view language) {
  return Builder(protocol, language).Build();
}

}  // namespace stepwell::protocol
