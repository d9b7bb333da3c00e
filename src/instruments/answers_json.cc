// JSON answers become raw answers; MatchAnswers does the reading.
#include "instruments/answers_json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"

namespace stepwell::instruments {
namespace {

RawAnswer ReadOne(std::string_view item, json::Value value) {
  RawAnswer raw;
  raw.item = item;
  switch (value.type()) {
    case json::Type::kNumber:
      raw.value = value.number_text();
      return raw;
    case json::Type::kBool:
      raw.type = RawAnswer::Type::kBoolean;
      raw.value = value.bool_value() ? "true" : "false";
      return raw;
    case json::Type::kString:
      raw.type = value.string_value() == "not_applicable"
                     ? RawAnswer::Type::kNotApplicable
                     : RawAnswer::Type::kString;
      raw.value = value.string_value();
      return raw;
    default:
      break;
  }
  const json::Value code = value.Find("code");
  if (!code.is_string()) {
    raw.type = RawAnswer::Type::kUnreadable;
    raw.value = value.is_array() ? "[...]" : "{...}";
    return raw;
  }
  raw.type = RawAnswer::Type::kCoding;
  raw.value = code.string_value();
  if (const json::Value system = value.Find("system"); system.is_string()) {
    raw.system = system.string_value();
  }
  if (const json::Value ordinal = value.Find("ordinal"); ordinal.is_number()) {
    raw.ordinal = ordinal.number_text();
  }
  return raw;
}

// `items` are the indexes that the entries of `array` answer, in order.
absl::Status ReadArray(const Instrument& instrument, json::Value array,
                       const std::vector<uint16_t>& items,
                       std::vector<RawAnswer>& out) {
  size_t least = items.size();
  while (least > 0 && !instrument.items()[items[least - 1]].required) {
    --least;
  }
  if (array.size() != items.size() && array.size() != least) {
    const std::string expected =
        least == items.size() ? absl::StrCat(least)
                              : absl::StrCat(least, " or ", items.size());
    return InvalidInput(absl::StrCat(instrument.id(), " takes ", expected,
                                     " answers here, ", array.size(),
                                     " were given; write null for a question "
                                     "without an answer"),
                        {array.pointer(), std::nullopt});
  }
  size_t i = 0;
  for (json::Value value : json::Children(array)) {
    const Item& item = instrument.items()[items[i++]];
    if (!value.is_null()) out.push_back(ReadOne(item.id, value));
  }
  return absl::OkStatus();
}

std::vector<uint16_t> ItemsOfGroup(const Instrument& instrument,
                                   std::string_view group) {
  std::vector<uint16_t> items;
  for (size_t i = 0; i < instrument.items().size(); ++i) {
    if (instrument.items()[i].group == group) {
      items.push_back(static_cast<uint16_t>(i));
    }
  }
  return items;
}

}  // namespace

absl::StatusOr<std::vector<RawAnswer>> ReadRawAnswers(
    const Instrument& instrument, json::Value answers) {
  std::vector<RawAnswer> raw;
  raw.reserve(std::min(answers.size(), limits::kInstrumentItemsMax));
  if (answers.is_array()) {
    std::vector<uint16_t> all;
    for (size_t i = 0; i < instrument.items().size(); ++i) {
      all.push_back(static_cast<uint16_t>(i));
    }
    STEPWELL_RETURN_IF_ERROR(ReadArray(instrument, answers, all, raw));
  } else if (answers.is_object()) {
    for (json::Value member : json::Children(answers)) {
      if (raw.size() > 2 * limits::kInstrumentItemsMax) {
        return TooLarge(
            "there are far more answers than an instrument has "
            "items");
      }
      const std::vector<uint16_t> group =
          member.is_array() && !member.key().empty()
              ? ItemsOfGroup(instrument, member.key())
              : std::vector<uint16_t>();
      if (!group.empty()) {
        STEPWELL_RETURN_IF_ERROR(ReadArray(instrument, member, group, raw));
      } else if (!member.is_null()) {
        raw.push_back(ReadOne(member.key(), member));
      }
    }
  } else {
    return InvalidInput(
        "answers are an array in item order or an object by item",
        {answers.pointer(), std::nullopt});
  }
  return raw;
}

namespace {

// Nearly every response is an object of single digits under the items' own
// ids, in their order: that needs no raw answers in between. False at the
// first member that is anything else; `out` is then not used.
bool ReadPlainDigits(const Instrument& instrument, json::Value object,
                     Answers& out) {
  size_t next = 0;
  const std::vector<Item>& items = instrument.items();
  for (json::Value member : json::Children(object)) {
    if (next >= items.size() || member.key() != items[next].id ||
        !member.is_number()) {
      return false;
    }
    const std::string_view text = member.number_text();
    const ItemPlan& plan = instrument.plan()[next];
    const int32_t value = text[0] - '0';
    if (text.size() != 1 || !plan.plain || value < plan.min ||
        value > plan.max) {
      return false;
    }
    out.SetValue(static_cast<uint16_t>(next++), value);
  }
  return true;
}

}  // namespace

absl::StatusOr<MatchResult> ReadJsonAnswers(const Instrument& instrument,
                                            json::Value answers) {
  if (answers.is_object()) {
    MatchResult plain{Answers(instrument), {}};
    if (ReadPlainDigits(instrument, answers, plain.answers)) return plain;
  }
  STEPWELL_ASSIGN_OR_RETURN(const std::vector<RawAnswer> raw,
                            ReadRawAnswers(instrument, answers));
  return MatchAnswers(instrument, raw);
}

}  // namespace stepwell::instruments
