// Internal to the room: any struct that lists its `Fields` as a JSON object.
// Numbers of a protocol become names; what is absent (no symbol, no id, an
// empty optional, a time not reached yet) is left out; `Never` is null.
#ifndef STEPWELL_WIRE_JSON_FIELDS_H_
#define STEPWELL_WIRE_JSON_FIELDS_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/date.h"
#include "base/fingerprint.h"
#include "base/time_text.h"
#include "json/json.h"
#include "wire/binary.h"
#include "wire/names.h"

namespace stepwell::wire {

// The ratio as a decimal when it is exactly one, else nothing: "5.25".
std::optional<std::string> ExactDecimal(const engine::Ratio& ratio);

// Fields that hold the id of an effect, which is written as the outbox does;
// other wide numbers are positions in a stream.
inline bool IsEffectName(std::string_view name) {
  return name == "effect" || name == "waits_for_effect" ||
         name == "effects_sent";
}

class JsonFields {
 public:
  JsonFields(const Names& names, json::Writer& out)
      : names_(names), out_(out) {}

  // The members of `value`, without braces.
  template <class T>
  void Members(const T& value) {
    const protocol::InstrumentRef instrument = instrument_;
    const protocol::ProgramRef program = program_;
    if constexpr (requires { value.instrument; }) {
      instrument_ = value.instrument;
    }
    if constexpr (requires { value.program; }) program_ = value.program;
    const bool has_element = has_element_;
    has_element_ = requires { value.element; };
    T::Fields(value, *this);
    has_element_ = has_element;
    instrument_ = instrument;
    program_ = program;
  }

  template <class T>
  void Object(const T& value) {
    out_.BeginObject();
    Members(value);
    if constexpr (std::is_same_v<T, engine::Subject>) {
      if (value.kind == engine::SubjectKind::kItem) {
        Element(ItemName(names_, value.ordinal));
      } else if (value.kind == engine::SubjectKind::kCadence ||
                 engine::IsDate(value)) {
        Element(NameOf(
            names_, protocol::ElementId(static_cast<uint16_t>(value.ordinal))));
      }
    }
    out_.EndObject();
  }

  // Called by Fields, once a member.
  template <class T>
  void operator()(uint32_t, const char* key, const T& value) {
    const std::string_view name = key;
    if constexpr (IsOptional<T>::value) {
      if (value) (*this)(0, key, *value);
    } else if constexpr (std::is_same_v<T, uint32_t>) {
      if (value == UINT32_MAX) return;  // "no item", "no clock"
      out_.Key(name).UInt(value);
      if (name == "item" && !has_element_) Element(ItemName(names_, value));
    } else if constexpr (std::is_same_v<T, uint8_t>) {
      Number8(name, value);
    } else if constexpr (std::is_same_v<T, uint64_t>) {
      if (!IsEffectName(name)) {
        out_.Key(name).UInt(value);
      } else if (value != 0) {
        out_.Key(name).String(IdToText(value));
      }
    } else if constexpr (std::is_same_v<T, uint16_t>) {
      Number16(name, value);
    } else if constexpr (std::is_same_v<T, std::vector<uint64_t>>) {
      out_.Key(name).BeginArray();
      for (const uint64_t number : value) {
        if (IsEffectName(name)) {
          out_.String(IdToText(number));
        } else {
          out_.UInt(number);
        }
      }
      out_.EndArray();
    } else if constexpr (std::is_same_v<T, std::vector<uint8_t>>) {
      SetNames(name, value);
    } else if constexpr (std::is_same_v<T, std::vector<uint16_t>>) {
      ItemNames(name, value);
    } else {
      if (IsAbsent(value)) return;
      if constexpr (std::is_same_v<T, engine::Answer3>) {
        if (name == "risk" && !AsksRisk(names_, instrument_)) return;
      }
      out_.Key(name);
      Value(value);
    }
  }

 private:
  template <class T>
  static bool IsAbsent(const T& value) {
    if constexpr (IsSymbol<T>::value) {
      return value.IsNone();
    } else if constexpr (IsStrongId<T>::value) {
      return value.value == 0;
    } else if constexpr (std::is_same_v<T, Instant>) {
      return value == Instant();  // not yet
    } else if constexpr (std::is_same_v<T, protocol::FactValue>) {
      return value.kind == protocol::FactValue::Kind::kNone;
    } else {
      return false;
    }
  }

  template <class T>
  void Value(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.Bool(value);
    } else if constexpr (std::is_enum_v<T>) {
      out_.String(EnumName(value));
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (std::is_signed_v<T>) {
        out_.Int(value);
      } else {
        out_.UInt(value);
      }
    } else if constexpr (std::is_same_v<T, std::string>) {
      out_.String(value);
    } else if constexpr (std::is_same_v<T, Instant>) {
      Time(value);
    } else if constexpr (std::is_same_v<T, StaffId> || IsSymbol<T>::value) {
      out_.String(NameOf(names_, value));
    } else if constexpr (IsStrongId<T>::value) {
      out_.String(IdToText(value.value));
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      out_.String(ToHex(value));
    } else if constexpr (std::is_same_v<T, protocol::FactValue>) {
      Fact(value);
    } else if constexpr (std::is_same_v<T, engine::Ratio>) {
      Score(value);
    } else if constexpr (IsVector<T>::value) {
      out_.BeginArray();
      for (const auto& element : value) Value(element);
      out_.EndArray();
    } else {
      Object(value);
    }
  }

  void Time(Instant instant);
  void Fact(const protocol::FactValue& fact);
  void Score(const engine::Ratio& ratio);
  void Element(const std::string& name) {
    if (!name.empty()) out_.Key("element").String(name);
  }
  void Number8(std::string_view name, uint8_t value);
  // Of modules of the program.
  void SetNames(std::string_view name, const std::vector<uint8_t>& sets);
  // An index of an instrument or a program, or just a number.
  void Number16(std::string_view name, uint16_t value);
  void ItemNames(std::string_view name, const std::vector<uint16_t>& items);

  const Names& names_;
  json::Writer& out_;
  protocol::InstrumentRef instrument_;  // of the struct being written
  bool has_element_ = false;            // it says which element it is about
  protocol::ProgramRef program_;
};

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_JSON_FIELDS_H_
