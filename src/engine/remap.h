// Internal to the engine: every symbol of a protocol that a state or an event
// holds, found by the field lists alone, so that a new field is never left out.
#ifndef STEPWELL_ENGINE_REMAP_H_
#define STEPWELL_ENGINE_REMAP_H_

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/types.h"
#include "protocol/symbol_tables.h"

namespace stepwell::engine {

template <class T>
concept ListsFields = requires(T& t) {
  T::Fields(t, [](auto...) {});
};
template <class T>
inline constexpr bool kIsSymbol = false;
template <class Tag>
inline constexpr bool kIsSymbol<protocol::Symbol<Tag>> = true;
template <class T>
inline constexpr bool kIsSequence = false;
template <class T>
inline constexpr bool kIsSequence<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsOptionalField = false;
template <class T>
inline constexpr bool kIsOptionalField<std::optional<T>> = true;

// The element that a subject's number holds; none for other subjects.
inline ElementId ElementOf(const Subject& subject) {
  if (subject.kind == SubjectKind::kCadence || IsDate(subject)) {
    return ElementId(static_cast<uint16_t>(subject.ordinal));
  }
  return {};
}
inline void SetElement(Subject& subject, ElementId element) {
  const uint32_t above =
      subject.kind == SubjectKind::kRelease ? subject.ordinal & 0xFFFF0000u : 0;
  subject.ordinal = above | element.value;
}

// Calls `visit` with every symbol in `value`, by reference. `T` may be const:
// then `visit` gets const symbols.
template <class T, class F>
void VisitSymbols(T& value, F&& visit) {
  using Bare = std::remove_const_t<T>;
  if constexpr (kIsSymbol<Bare>) {
    visit(value);
  } else if constexpr (std::is_same_v<Bare, Subject>) {
    ElementId element = ElementOf(value);
    if (element.IsNone()) return;
    const ElementId before = element;
    visit(element);
    if constexpr (!std::is_const_v<T>) {
      if (element != before) SetElement(value, element);
    }
  } else if constexpr (kIsSequence<Bare>) {
    for (auto& part : value) VisitSymbols(part, visit);
  } else if constexpr (kIsOptionalField<Bare>) {
    if (value) VisitSymbols(*value, visit);
  } else if constexpr (ListsFields<Bare>) {
    Bare::Fields(value, [&visit]<class P>(int, const char*, P& part) {
      VisitSymbols(part, visit);
    });
  }
}

// `value` in the numbers that the tables give. What has none there is none;
// the number of a subject whose element is gone is 0xFFFF.
template <class T>
void Remap(T& value, const protocol::SymbolTables& tables) {
  VisitSymbols(value, [&tables](auto& symbol) { symbol = tables.Map(symbol); });
}

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_REMAP_H_
