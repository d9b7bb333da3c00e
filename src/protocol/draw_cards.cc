// Clocks, alerts and modules of a picture.
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/draw_context.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

std::string Does(const PictureContext& context, json::Value actions) {
  std::vector<std::string> does;
  for (const json::Value action : json::Children(actions)) {
    does.push_back(
        context.names().ActionInWords(action, context.names().language()));
  }
  return absl::StrJoin(does, ", ");
}

// "100% - 7 days: opens PHQ-9"
std::string OpeningText(const PictureContext& context, json::Value window) {
  const json::Value opens = window.Find("opens");
  const std::string before = context.Span(opens, "before");
  const std::string does = Does(context, opens.Find("do"));
  return absl::StrCat("100%", before.empty() ? "" : " - ", before, ": ",
                      context.Say(Word::kOpens), " ",
                      context.List(window.Find("items"), "items"),
                      does.empty() ? "" : ", ", does);
}

// "100% + 4 weeks: opens Discharge"
std::string ClosingText(const PictureContext& context, json::Value window) {
  const json::Value closes = window.Find("closes");
  const std::string does = Does(context, closes.Find("do"));
  return absl::StrCat("100% + ", context.Span(closes, "after"),
                      does.empty() ? "" : ": ", does);
}

// "75%: priority +10"
std::string RungText(const PictureContext& context, json::Value rung) {
  std::string when(TextIn(rung, "at"));
  if (when.empty()) {
    when = absl::StrCat(context.Say(Word::kAfter), " ",
                        context.Span(rung, "after"));
  }
  const std::string repeat = context.Span(rung, "repeat");
  if (!repeat.empty()) {
    absl::StrAppend(&when, ", ", context.Say(Word::kThenEvery), " ", repeat);
  }
  return absl::StrCat(when, ": ", Does(context, rung.Find("do")));
}

std::vector<PictureEdge> NeedsOf(json::Value modules) {
  std::map<std::string, size_t, std::less<>> places;
  for (const json::Value module : json::Children(modules)) {
    places.emplace(std::string(TextIn(module, "id")), places.size());
  }
  std::vector<PictureEdge> edges;
  size_t to = 0;
  for (const json::Value module : json::Children(modules)) {
    const json::Value needs = module.Find("needs");
    if (!needs && to > 0) edges.push_back({to - 1, to, {}});
    for (const json::Value need : json::Children(needs)) {
      if (!need.is_string()) continue;
      const auto it = places.find(need.string_value());
      if (it != places.end()) edges.push_back({it->second, to, {}});
    }
    ++to;
  }
  return edges;
}

}  // namespace

PictureBox ClockCard(const PictureContext& context, json::Value clock) {
  PictureBox box;
  box.id = TextIn(clock, "id");
  box.name = absl::StrCat(context.names().Of("clocks", box.id), ": ",
                          context.Span(clock, "budget"));
  box.risk = context.IsRiskClock(box.id);
  context.Add(box, Word::kStarts, context.List(clock.Find("start"), ""));
  context.Add(box, Word::kRestarts, context.List(clock.Find("reset"), ""));
  context.Add(box, Word::kStops, context.List(clock.Find("stop"), ""));
  const json::Value window = clock.Find("window");
  if (window) box.lines.push_back(PlainLine(OpeningText(context, window)));
  for (const json::Value rung : json::Children(clock.Find("ladder"))) {
    box.lines.push_back(PlainLine(RungText(context, rung)));
  }
  if (window) box.lines.push_back(PlainLine(ClosingText(context, window)));
  return box;
}

PictureBox TierCard(const PictureContext& context, json::Value tier) {
  PictureBox box;
  box.id = TextIn(tier, "id");
  box.name = absl::StrCat(box.id, ": ", ToAbsl(TextIn(tier, "pool")));
  box.risk = true;
  const json::Value risk = context.root().Find("risk");
  if (TextIn(risk, "unscreened") == box.id) {
    box.lines.push_back(PlainLine(context.Say(Word::kUnscreened)));
  }
  for (const json::Value rule : json::Children(risk.Find("screen_rules"))) {
    if (TextIn(rule, "tier") != box.id) continue;
    box.lines.push_back(PlainLine(ShownText(TextIn(rule, "if"))));
  }
  for (const std::string& cause : context.RaisedBy(box.id)) {
    box.lines.push_back(PlainLine(cause));
  }
  const std::pair<Word, const char*> steps[] = {
      {Word::kAcknowledge, "acknowledge"},
      {Word::kAssess, "assess"},
      {Word::kClose, "close"}};
  for (const auto& [word, member] : steps) {
    PictureLine line = PlainLine(absl::StrCat(
        context.Say(word), " ", context.Within(TextIn(tier, member))));
    line.mark = Mark::kClock;
    line.risk = true;
    box.lines.push_back(std::move(line));
  }
  return box;
}

PictureChart ModulesOf(const PictureContext& context, json::Value item,
                       const std::string& name) {
  PictureChart chart;
  chart.id = TextIn(item, "id");
  chart.name = name;
  const json::Value program = context.names().Program(TextIn(item, "program"));
  const std::string_view common = TextIn(program, "release");
  std::vector<std::string> notes;
  if (!common.empty()) notes.push_back(context.Release(common));
  if (const json::Value check = item.Find("check")) {
    for (std::string note : {context.names().TextOf(check, "title"),
                             context.ItemNote(check, false)}) {
      if (!note.empty()) notes.push_back(std::move(note));
    }
  }
  chart.note = absl::StrJoin(notes, ", ");
  const json::Value modules = program.Find("modules");
  for (const json::Value module : json::Children(modules)) {
    PictureBox box;
    box.id = TextIn(module, "id");
    box.name = context.names().TextOf(module, "title");
    if (box.name.empty()) box.name = box.id;
    const std::string_view release = TextIn(module, "release");
    if (!release.empty() && release != common) {
      box.lines.push_back(PlainLine(context.Release(release)));
    }
    chart.boxes.push_back(std::move(box));
  }
  chart.edges = NeedsOf(modules);
  return chart;
}

}  // namespace stepwell::protocol
