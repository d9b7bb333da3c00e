// Events for readers outside: as JSON for programs, as one line for people and
// scenario files. docs/reference/cli.md lists the members.
#ifndef STEPWELL_WIRE_EVENT_JSON_H_
#define STEPWELL_WIRE_EVENT_JSON_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/event.h"
#include "engine/group.h"
#include "engine/person.h"
#include "engine/service_stream.h"
#include "wire/names.h"

namespace stepwell::wire {

// {"seq": 4, "at": "2026-03-02T08:00:00Z", "recorded": ..., "event":
// "ItemOpened", ... the event's fields}.
std::string EventToJson(const engine::Event& event, const Names& names);
std::string EventToJson(const engine::PersonEvent& event, const Names& names);
std::string EventToJson(const engine::ServiceEvent& event, const Names& names);
std::string EventToJson(const engine::GroupEvent& event, const Names& names);

// "ItemOpened item=phq9_screen owner=patient due=2026-03-09T09:00". What is
// absent, empty or the usual is left out; a value with blanks is quoted as in
// JSON. Words that differ from the JSON: `item` names the element, `owner` and
// `actor` are one word, `clock` is the clock's name and `clock_no` its number,
// `about` is the subject.
std::string EventToText(const engine::Event& event, const Names& names);
std::string EventToText(const engine::PersonEvent& event, const Names& names);
std::string EventToText(const engine::ServiceEvent& event, const Names& names);
std::string EventToText(const engine::GroupEvent& event, const Names& names);

// The words that may stand before "=" in the line of an event with that name,
// a few more among them; nothing when there is no such event.
std::optional<std::vector<std::string>> EventWords(std::string_view event);

// The name of an event type: "ItemOpened"; "" when there is none.
std::string EventName(uint16_t type);
std::string EventName(const engine::Event& event);
std::string EventName(const engine::ServiceEvent& event);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_EVENT_JSON_H_
