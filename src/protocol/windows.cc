// Follow-up windows: when a measurement counts as on time, who hears of one
// that was missed.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {"items", "anchor", "early",
                                        "opens", "closes", "source"};
constexpr std::string_view kOpensFields[] = {"before", "do"};
constexpr std::string_view kClosesFields[] = {"after", "items", "do"};
constexpr std::string_view kAnchors[] = {"first", "last"};
constexpr std::string_view kEarly[] = {"counts", "asked_again"};
constexpr std::string_view kItemsThen[] = {"stay", "expire"};

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kDayUs = 24 * kHourUs;

// The least and the most that a span of wall time or dates can be; nothing for
// working time, which hangs on a calendar.
struct Length {
  int64_t least = 0, most = 0;
};
std::optional<Length> LengthOf(const Span& span) {
  const int64_t n = span.amount;
  switch (span.unit) {
    case SpanUnit::kMinutes:
      return Length{n * kHourUs / 60, n * kHourUs / 60};
    case SpanUnit::kHours:
      return Length{n * kHourUs, n * kHourUs};
    case SpanUnit::kDays:
      return Length{n * kDayUs, n * kDayUs};
    case SpanUnit::kWeeks:
      return Length{n * 7 * kDayUs, n * 7 * kDayUs};
    case SpanUnit::kMonths:
      return Length{n * 28 * kDayUs, n * 31 * kDayUs};
    case SpanUnit::kWorkdays:
    case SpanUnit::kWorkhours:
      break;
  }
  return std::nullopt;
}

bool CountsBack(const Span& span) {
  return !NeedsCalendar(span) && span.unit != SpanUnit::kMonths;
}

// An action that opens the item.
Action Opening(ElementId element) {
  Action open;
  open.kind = ActionKind::kOpen;
  open.element = element;
  return open;
}

void WindowError(Loading& loading, const std::string& pointer,
                 const std::string& message, const char* hint) {
  AddError(loading.issues, "window_order", pointer, message, hint);
}

// It can be on time, and never opens before its anchor.
void CheckBounds(Loading& loading, const ClockDef& clock) {
  const Window& window = *clock.window;
  const std::string pointer = Below(clock.pointer, "window");
  const Length before =
      LengthOf(window.before.value_or(Span{})).value_or(Length{});
  const std::optional<Length> budget = LengthOf(clock.budget);
  if (clock.late == LatePolicy::kShift) {
    WindowError(loading, Below(clock.pointer, "late"),
                "the days of a follow-up window are its own: nothing that is "
                "late shifts them",
                "\"fire\" or \"coalesce\"");
  }
  // A window that closes on the day on which it is due lasts for its rest.
  if (window.after.amount == 0 && !CountsDates(window.after) &&
      before.most == 0) {
    WindowError(loading, absl::StrCat(pointer, "/closes/after"),
                absl::StrCat("the window of `", clock.id,
                             "` closes at the moment in which it opens: "
                             "nothing could ever be on time"),
                "let it open `before` the due date, or close `after` it");
  }
  if (budget && before.most > budget->least) {
    WindowError(loading, absl::StrCat(pointer, "/opens/before"),
                absl::StrCat("the window of `", clock.id,
                             "` would open before what it is anchored on"),
                "open it less early, or count a longer `budget`");
  }
}

// Its steps lie between the opening, the due date and the closing, in order.
void CheckSteps(Loading& loading, const ClockDef& clock) {
  const Window& window = *clock.window;
  const int64_t before =
      LengthOf(window.before.value_or(Span{})).value_or(Length{}).least;
  // Of working time nothing is known before it is counted.
  const std::optional<Length> known = LengthOf(window.after);
  const int64_t after = known ? known->least : INT64_MAX / 2;
  bool due_ahead =
      std::any_of(clock.ladder.begin(), clock.ladder.end(),
                  [](const Rung& rung) { return rung.percent.has_value(); });
  int64_t room = due_ahead ? before : before + after;
  int64_t passed = 0;
  for (const Rung& rung : clock.ladder) {
    if (rung.kind != RungKind::kStep) continue;
    if (rung.percent) {
      due_ahead = false;
      passed = 0;
      room = after;
      continue;
    }
    const std::optional<Length> step =
        rung.after ? LengthOf(*rung.after) : std::nullopt;
    passed += step ? step->most : 0;
    if (passed <= room) continue;
    WindowError(loading, rung.pointer,
                absl::StrCat("this step of `", clock.id, "` comes after ",
                             due_ahead ? "the due date, which stands behind it"
                                       : "the window has closed"),
                "an earlier step, or a longer window");
  }
}

void CheckItems(Loading& loading, const ClockDef& clock, ClockDefId id) {
  const std::string pointer = absl::StrCat(clock.pointer, "/window/items");
  for (size_t i = 0; i < clock.window->items.size(); ++i) {
    const Element& element = loading.protocol.at(clock.window->items[i]);
    const std::string here = absl::StrCat(pointer, "/", i);
    if (element.window != id) {
      AddError(loading.issues, "window_item", here,
               absl::StrCat("`", element.id,
                            "` is asked for in another window too: an answer "
                            "could be of either"),
               "an item of its own for each window");
    } else if (element.mode != ItemMode::kDiscretionary || element.by_data) {
      AddError(loading.issues, "window_item", here,
               absl::StrCat("`", element.id,
                            "` is there without the window: it would be asked "
                            "outside of it"),
               "an item of `items_anywhere`, or with `mode`: "
               "\"discretionary\"");
    }
  }
}

}  // namespace

void OpenWindow(Loading& loading, ObjectReader& clock_object, ClockDef& clock) {
  if (!clock.is_window) return;
  ObjectReader object(clock_object.Object("window"), "`window`", kFields,
                      loading.issues);
  if (!object.ok()) return;
  auto window = std::make_shared<Window>();
  Rung rung;
  rung.kind = RungKind::kOpens;
  rung.pointer = object.pointer();
  object.NeedArray("items");
  window->items =
      ReadNames<ElementId>(loading, object, "items", loading.elements);
  if (object.Array("items") && object.Array("items").size() == 0) {
    object.Error("items", "missing_field", "a window asks for something",
                 "name the items that are answered in it");
  }
  for (const ElementId item : window->items) {
    rung.actions.push_back(Opening(item));
    Element& element = loading.protocol.elements[item.value];
    if (element.window.IsNone()) {
      element.window = ClockDefId(
          static_cast<uint16_t>(&clock - loading.protocol.clocks.data()));
    }
  }
  window->last_anchor = object.Choice("anchor", kAnchors).value_or(0) == 1;
  window->early_counts = object.Choice("early", kEarly).value_or(0) == 0;
  ReadSource(loading, object, "the bounds of this window");
  if (object.Has("opens")) {
    ObjectReader opens(object.Get("opens"), "`opens`", kOpensFields,
                       loading.issues);
    rung.pointer = opens.pointer();
    window->before = ReadSpan(opens, "before", false);
    if (window->before && !CountsBack(*window->before)) {
      opens.Error("before", "bad_span",
                  "months cannot be counted back from a date",
                  "count hours, days or weeks");
      window->before.reset();
    }
    const std::vector<Action> more = ReadActions(loading, opens.Array("do"));
    rung.actions.insert(rung.actions.end(), more.begin(), more.end());
  }
  rung.speaks_to_patient = SpeaksToPatient(rung.actions);
  clock.window = std::move(window);
  loading.protocol.windows.emplace_back(
      static_cast<uint16_t>(&clock - loading.protocol.clocks.data()));
  clock.ladder.push_back(std::move(rung));
}

void CloseWindow(Loading& loading, ObjectReader& clock_object,
                 ClockDef& clock) {
  if (clock.window == nullptr) return;
  Window window = *clock.window;
  ObjectReader object(clock_object.Get("window"), "`window`", loading.issues);
  ObjectReader closes(object.NeedObject("closes"), "`closes`", kClosesFields,
                      loading.issues);
  closes.Need("after");
  window.after =
      ReadSpan(closes, "after", !clock.calendar.IsNone()).value_or(Span{});
  window.items_expire = closes.Choice("items", kItemsThen).value_or(0) == 1;
  Rung rung;
  rung.kind = RungKind::kCloses;
  rung.pointer = closes.pointer();
  rung.actions = ReadActions(loading, closes.Array("do"));
  // Whatever it says, a miss waits for no delivery: speaks_to_patient is false.
  clock.window = std::make_shared<const Window>(std::move(window));
  clock.ladder.push_back(std::move(rung));
}

void CheckWindows(Loading& loading) {
  const Protocol& protocol = loading.protocol;
  for (const ClockDefId id : protocol.windows) {
    const ClockDef& clock = protocol.at(id);
    CheckBounds(loading, clock);
    CheckSteps(loading, clock);
    CheckItems(loading, clock, id);
    const std::vector<Action>& missed = clock.ladder.back().actions;
    if (missed.empty() || protocol.GiveWork(missed)) continue;
    AddWarning(loading.issues, "missed_unheard",
               Below(clock.ladder.back().pointer, "do"),
               absl::StrCat("nobody has anything to do when the follow-up `",
                            clock.id, "` was missed: a review will open"),
               "open an item of staff, or leave `do` out");
  }
}

}  // namespace stepwell::protocol
