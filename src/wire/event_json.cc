#include "wire/event_json.h"

#include <variant>

#include "wire/json_fields.h"

namespace stepwell::wire {
namespace {

void Time(json::Writer& out, std::string_view key, Instant instant) {
  out.Key(key);
  if (IsInCalendarRange(instant)) {
    out.String(FormatInstantUtc(instant));
  } else {
    out.Int(instant.us);
  }
}

template <class E>
std::string ToJson(const E& event, const Names& names) {
  json::Writer out;
  out.BeginObject();
  out.Key("seq").UInt(event.seq);
  Time(out, "at", event.at);
  Time(out, "recorded", event.recorded);
  std::visit(
      [&](const auto& body) {
        out.Key("event").String(std::decay_t<decltype(body)>::kName);
        JsonFields(names, out).Members(body);
      },
      event.body);
  out.EndObject();
  return out.Take();
}

template <class Body, size_t... I>
const char* NameIn(uint16_t type, std::index_sequence<I...>) {
  const char* name = nullptr;
  ((std::variant_alternative_t<I, Body>::kType == type
        ? void(name = std::variant_alternative_t<I, Body>::kName)
        : void()),
   ...);
  return name;
}

template <class Body>
const char* NameIn(uint16_t type) {
  return NameIn<Body>(type,
                      std::make_index_sequence<std::variant_size_v<Body>>());
}

}  // namespace

std::string EventToJson(const engine::Event& event, const Names& names) {
  return ToJson(event, names);
}
std::string EventToJson(const engine::PersonEvent& event, const Names& names) {
  return ToJson(event, names);
}
std::string EventToJson(const engine::ServiceEvent& event, const Names& names) {
  return ToJson(event, names);
}
std::string EventToJson(const engine::GroupEvent& event, const Names& names) {
  return ToJson(event, names);
}

std::string EventName(uint16_t type) {
  const char* name = NameIn<engine::EventBody>(type);
  if (name == nullptr) name = NameIn<engine::PersonEventBody>(type);
  if (name == nullptr) name = NameIn<engine::ServiceEventBody>(type);
  if (name == nullptr) name = NameIn<engine::GroupEventBody>(type);
  return name == nullptr ? "" : name;
}

namespace {

template <class Body>
std::string NameOfBody(const Body& body) {
  return std::visit(
      [](const auto& each) -> std::string {
        return std::decay_t<decltype(each)>::kName;
      },
      body);
}

}  // namespace

std::string EventName(const engine::Event& event) {
  return NameOfBody(event.body);
}
std::string EventName(const engine::ServiceEvent& event) {
  return NameOfBody(event.body);
}

}  // namespace stepwell::wire
