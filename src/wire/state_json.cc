#include "wire/state_json.h"

#include "wire/json_fields.h"

namespace stepwell::wire {
namespace {

template <class T>
std::string ToJson(const T& state, const Names& names) {
  json::Writer out;
  JsonFields(names, out).Object(state);
  return out.Take();
}

}  // namespace

std::string StateToJson(const engine::CaseState& state, const Names& names) {
  Names own = names;
  if (own.state == nullptr) own.state = &state;
  return ToJson(state, own);
}
std::string StateToJson(const engine::PersonState& state, const Names& names) {
  return ToJson(state, names);
}
std::string StateToJson(const engine::ServiceState& state, const Names& names) {
  return ToJson(state, names);
}

}  // namespace stepwell::wire
