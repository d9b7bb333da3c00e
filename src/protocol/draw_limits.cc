// What limits the service in a picture: the queue at the door, groups, quiet
// hours.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/draw_context.h"
#include "protocol/draw_text.h"

namespace stepwell::protocol {
namespace {

// A number of the document; empty when there is none.
std::string NumberIn(json::Value object, std::string_view member) {
  const json::Value number = object.Find(member);
  return number.is_number() ? json::Canonical(number) : "";
}

// "1. Pregnant: facts.perinatal = true"
void AddClasses(const PictureContext& context, json::Value classes,
                PictureBox& box) {
  size_t place = 0;
  for (const json::Value one : json::Children(classes)) {
    std::string name = context.names().TextOf(one, "title");
    if (name.empty()) name = TextIn(one, "id");
    const std::string_view guard = TextIn(one, "if");
    box.lines.push_back(PlainLine(absl::StrCat(
        ++place, ". ", name, guard.empty() ? "" : ": ", ShownText(guard))));
  }
}

// "self_monthly: 25 / 1 month, Self-referral"
void AddThrottles(const PictureContext& context, json::Value throttles,
                  PictureBox& box) {
  for (const json::Value throttle : json::Children(throttles)) {
    const std::string routes = context.List(throttle.Find("routes"), "routes");
    PictureLine line = PlainLine(absl::StrCat(
        ToAbsl(TextIn(throttle, "id")), ": ", NumberIn(throttle, "starts"),
        " / ",
        SaySpan(absl::StrCat("1 ", ToAbsl(TextIn(throttle, "per"))),
                context.names().language())));
    line.mark = Mark::kClock;
    line.note = routes;
    box.lines.push_back(std::move(line));
  }
}

// "40 places: Treatment", "5 free: facts.in_area = false"
void AddCapacity(const PictureContext& context, json::Value capacity,
                 PictureBox& box) {
  if (!capacity) return;
  const std::string places = NumberIn(capacity, "places");
  box.lines.push_back(PlainLine(absl::StrCat(
      places.empty() ? std::string(TextIn(capacity, "pool")) : places, " ",
      context.Say(Word::kPlaces), ": ",
      context.List(capacity.Find("held_in"), "phases"))));
  for (const json::Value rule : json::Children(capacity.Find("rules"))) {
    box.lines.push_back(PlainLine(absl::StrCat(NumberIn(rule, "free_min"), " ",
                                               context.Say(Word::kFree), ": ",
                                               ShownText(TextIn(rule, "if")))));
  }
}

PictureBox QueueCard(const PictureContext& context, json::Value intake) {
  PictureBox box;
  box.id = "intake";
  box.name =
      absl::StrCat(context.Say(Word::kQueue), ": ",
                   context.names().Of("phases", TextIn(intake, "phase")), " - ",
                   context.names().Of("phases", TextIn(intake, "to")));
  AddClasses(context, intake.Find("classes"), box);
  AddThrottles(context, intake.Find("throttles"), box);
  AddCapacity(context, intake.Find("capacity"), box);
  return box;
}

PictureBox GroupCard(const PictureContext& context, json::Value group) {
  PictureBox box;
  box.id = TextIn(group, "id");
  box.name = context.names().TextOf(group, "title");
  if (box.name.empty()) box.name = box.id;
  box.lines.push_back(PlainLine(absl::StrCat(NumberIn(group, "minimum"), "-",
                                             NumberIn(group, "places"), " ",
                                             context.Say(Word::kPlaces))));
  const std::string settle = context.Span(group, "settle");
  if (!settle.empty()) {
    box.lines.push_back(
        PlainLine(absl::StrCat(context.Say(Word::kSettled), ": ", settle)));
  }
  return box;
}

PictureBox QuietCard(const PictureContext& context, json::Value hours) {
  PictureBox box;
  box.id = "quiet_hours";
  box.name = context.Say(Word::kQuietHours);
  box.lines.push_back(PlainLine(absl::StrCat(ToAbsl(TextIn(hours, "from")), "-",
                                             ToAbsl(TextIn(hours, "to")))));
  return box;
}

}  // namespace

std::vector<PictureBox> LimitCards(const PictureContext& context) {
  std::vector<PictureBox> cards;
  const json::Value root = context.root();
  if (const json::Value intake = root.Find("intake")) {
    cards.push_back(QueueCard(context, intake));
  }
  for (const json::Value group : json::Children(root.Find("groups"))) {
    cards.push_back(GroupCard(context, group));
  }
  if (const json::Value hours = root.Find("quiet_hours")) {
    cards.push_back(QuietCard(context, hours));
  }
  return cards;
}

}  // namespace stepwell::protocol
