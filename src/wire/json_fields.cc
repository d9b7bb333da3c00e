#include "wire/json_fields.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace stepwell::wire {

std::optional<std::string> ExactDecimal(const engine::Ratio& ratio) {
  if (ratio.denominator <= 0) return std::nullopt;
  // How many digits after the point: the powers of 2 and 5 below the line.
  uint64_t numerator = ratio.numerator < 0
                           ? 0 - static_cast<uint64_t>(ratio.numerator)
                           : static_cast<uint64_t>(ratio.numerator);
  const auto denominator = static_cast<uint64_t>(ratio.denominator);
  const char* sign = ratio.numerator < 0 ? "-" : "";
  std::string digits = absl::StrCat(sign, numerator / denominator);
  uint64_t rest = numerator % denominator;
  if (rest == 0) return digits;
  digits += '.';
  for (int places = 0; rest != 0; ++places) {
    if (places == 18) return std::nullopt;
    const unsigned __int128 tenfold = static_cast<unsigned __int128>(rest) * 10;
    digits += static_cast<char>('0' + static_cast<int>(tenfold / denominator));
    rest = static_cast<uint64_t>(tenfold % denominator);
  }
  return digits;
}

void JsonFields::Time(Instant instant) {
  if (instant.IsNever()) {
    out_.Null();
  } else if (IsInCalendarRange(instant)) {
    out_.String(FormatInstantUtc(instant));
  } else {
    out_.Int(instant.us);
  }
}

void JsonFields::Fact(const protocol::FactValue& fact) {
  using Kind = protocol::FactValue::Kind;
  switch (fact.kind) {
    case Kind::kBoolean:
      out_.Bool(fact.number != 0);
      return;
    case Kind::kInteger:
      out_.Int(fact.number);
      return;
    case Kind::kDate:
      out_.String(FormatDate(Date{static_cast<int32_t>(fact.number)}));
      return;
    case Kind::kText:
      out_.String(fact.text);
      return;
    case Kind::kNone:
      break;
  }
  out_.Null();
}

void JsonFields::Score(const engine::Ratio& ratio) {
  if (const auto decimal = ExactDecimal(ratio)) {
    out_.Raw(*decimal);
    return;
  }
  out_.BeginObject();
  out_.Key("numerator").Int(ratio.numerator);
  out_.Key("denominator").Int(ratio.denominator);
  out_.EndObject();
}

void JsonFields::Number8(std::string_view name, uint8_t value) {
  const bool index = name == "band" || name == "tier";
  if (name == "guidance") {
    const std::string level = GuidanceName(names_, program_, value);
    if (!level.empty()) out_.Key(name).String(level);
  } else if (!index) {
    out_.Key(name).UInt(value);
  } else if (value != 0xFF) {
    out_.Key(name).String(name == "band"
                              ? BandName(names_, instrument_, value)
                              : TierName(names_, instrument_, value));
  }
}

void JsonFields::SetNames(std::string_view name,
                          const std::vector<uint8_t>& sets) {
  out_.Key(name).BeginArray();
  for (const uint8_t set : sets) out_.String(SetName(names_, program_, set));
  out_.EndArray();
}

void JsonFields::Number16(std::string_view name, uint16_t value) {
  if (name == "item") {
    if (value == 0xFFFF) return;
    out_.Key(name).String(InstrumentItemName(names_, instrument_, value));
    return;
  }
  if (name == "enrolment" && value == 0) return;  // of none
  out_.Key(name).UInt(value);
  if (name == "module") Element(ModuleName(names_, program_, value));
}

void JsonFields::ItemNames(std::string_view name,
                           const std::vector<uint16_t>& items) {
  out_.Key(name).BeginArray();
  for (const uint16_t item : items) {
    out_.String(InstrumentItemName(names_, instrument_, item));
  }
  out_.EndArray();
}

}  // namespace stepwell::wire
