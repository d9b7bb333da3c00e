// A check of quiet hours: a word to the patient that is always due in them and
// not valid until their end would never be sent. Most clocks may be due at any
// hour; those that count work, and modules that wait for a date, may not.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;
// 2026-01-05, a Monday, and half a year later: the clocks differ between them.
constexpr int32_t kWinterMonday = 20'458;
constexpr int32_t kSummerMonday = kWinterMonday + 26 * 7;

// When something is due: at one instant, or at any in a stretch of time.
struct Due {
  Instant first, last;
};
using Dues = std::vector<Due>;

Instant AtMinute(const Zone& zone, Date date, int minute) {
  return FirstAtOrAfter(zone, {date, int64_t{minute} * kMinuteUs});
}

// The end of the quiet hours in which the instant lies. Whose zone the patient
// lives in nobody knows yet: the service's stands for it.
std::optional<Instant> QuietUntil(const Protocol& protocol, Instant at) {
  const QuietHours& hours = *protocol.quiet_hours;
  const Date today = ToLocal(*protocol.zone, at).date;
  for (const int32_t days : {0, -1}) {
    const Date began = today + days;
    const Date ends = began + (hours.to <= hours.from ? 1 : 0);
    const Instant from = AtMinute(*protocol.zone, began, hours.from);
    const Instant until = AtMinute(*protocol.zone, ends, hours.to);
    if (from <= at && at < until) return until;
  }
  return std::nullopt;
}

// Due in quiet hours at whatever instant of the stretch, and over before them.
bool Lapses(const Protocol& protocol, const Due& due, const Span& valid) {
  const auto until = QuietUntil(protocol, due.first);
  if (!until || due.last >= *until) return false;
  const auto over = AddSpan(due.last, valid, *protocol.zone, nullptr);
  return over && *over <= *until;
}

// Of a plain week in winter and one in summer: opening hours, or closing time.
Dues WorkDues(const WorkCalendar& calendar, bool closing) {
  Dues dues;
  for (const int32_t monday : {kWinterMonday, kSummerMonday}) {
    for (int32_t day = 0; day < 7; ++day) {
      const auto& week = calendar.spec().week[static_cast<size_t>(day)];
      const Date date{monday + day};
      for (size_t i = 0; i < week.size(); ++i) {
        if (closing && i + 1 < week.size()) continue;
        const Instant close =
            FirstAtOrAfter(calendar.zone(), {date, week[i].close_us});
        const Instant open =
            FirstAtOrAfter(calendar.zone(), {date, week[i].open_us});
        dues.push_back({closing ? close : open, close});
      }
    }
  }
  return dues;
}

// When the rung is due; none: at any hour.
Dues DuesOf(const Protocol& protocol, const ClockDef& clock, const Rung& rung) {
  if (clock.calendar.IsNone() || rung.repeat) return {};
  // A share of workdays is one of the wall time up to their end.
  const Span& span = rung.after ? *rung.after : clock.budget;
  if (span.unit != SpanUnit::kWorkhours &&
      !(span.unit == SpanUnit::kWorkdays &&
        rung.percent.value_or(100) == 100)) {
    return {};
  }
  return WorkDues(protocol.calendars[clock.calendar.value].calendar,
                  span.unit == SpanUnit::kWorkdays);
}

// The module waits for a date, which begins at midnight.
bool WaitsForDate(const Protocol& protocol, const Trigger& on) {
  if (on.kind != TriggerKind::kItemAvailable) return false;
  const Element& element = protocol.at(ElementId(on.argument));
  return !element.program.IsNone() && element.checks.IsNone() &&
         element.exercise_of.IsNone() &&
         element.release == ReleasePolicy::kOnDate;
}

Dues Midnights(const Protocol& protocol) {
  Dues dues;
  for (const int32_t monday : {kWinterMonday, kSummerMonday}) {
    const Instant at = AtMinute(*protocol.zone, Date{monday}, 0);
    dues.push_back({at, at});
  }
  return dues;
}

class QuietChecks {
 public:
  explicit QuietChecks(Loading& loading)
      : loading_(loading), protocol_(loading.protocol) {}

  void Run() {
    for (const Rule& rule : protocol_.rules) {
      Dues dues;
      if (WaitsForDate(protocol_, rule.on)) dues = Midnights(protocol_);
      Check(rule.actions, dues, std::nullopt, rule.pointer);
    }
    for (const ClockDef& clock : protocol_.clocks) CheckLadder(clock);
  }

 private:
  void CheckLadder(const ClockDef& clock) {
    for (size_t i = 0; i < clock.ladder.size(); ++i) {
      // A word of a ladder is valid until the next one, where none says more.
      std::optional<Span> valid;
      if (i + 1 < clock.ladder.size() &&
          clock.ladder[i + 1].speaks_to_patient && clock.ladder[i + 1].after &&
          !NeedsCalendar(*clock.ladder[i + 1].after)) {
        valid = clock.ladder[i + 1].after;
      }
      Check(clock.ladder[i].actions, DuesOf(protocol_, clock, clock.ladder[i]),
            valid, clock.ladder[i].pointer);
    }
  }

  void Check(const std::vector<Action>& actions, const Dues& dues,
             const std::optional<Span>& otherwise, const std::string& pointer) {
    for (size_t i = 0; i < actions.size(); ++i) {
      const Action& action = actions[i];
      if (action.kind != ActionKind::kNotify) continue;
      const std::string at = absl::StrCat(pointer, "/do/", i, "/notify");
      if (action.valid_for && action.valid_for->amount == 0) {
        AddError(loading_.issues, "bad_span", at + "/valid_for",
                 "what is valid for no time is never sent");
        continue;
      }
      const auto& valid = action.valid_for ? action.valid_for : otherwise;
      if (!IsPatientsSide(action.to) || !valid || dues.empty() ||
          !protocol_.quiet_hours) {
        continue;
      }
      if (!std::all_of(dues.begin(), dues.end(), [&](const Due& due) {
            return Lapses(protocol_, due, *valid);
          })) {
        continue;
      }
      AddWarning(
          loading_.issues, "lapses_in_quiet_hours", at,
          absl::StrCat("this is always due in the quiet hours and valid for ",
                       FormatSpan(*valid),
                       ", not until their end: the "
                       "patient never gets it"),
          "a `valid_for` that goes on after the quiet hours, or another time");
    }
  }

  Loading& loading_;
  const Protocol& protocol_;
};

}  // namespace

void CheckQuiet(Loading& loading) { QuietChecks(loading).Run(); }

}  // namespace stepwell::protocol
