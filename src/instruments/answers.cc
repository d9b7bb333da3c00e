// Reading answers as they come from forms and from FHIR.
#include "instruments/answers.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/blank.h"
#include "base/limits.h"
#include "base/strings.h"

namespace stepwell::instruments {

std::string_view Answers::text(uint16_t item) const {
  for (const auto& [index, text] : texts_) {
    if (index == item) return text;
  }
  return {};
}

void Answers::SetText(uint16_t item, std::string_view text) {
  slots_[item] = {Answer::State::kText, 0};
  for (auto& [index, old] : texts_) {
    if (index == item) {
      old = std::string(text);
      return;
    }
  }
  texts_.emplace_back(item, text);
}

std::optional<int32_t> ParseDateAnswer(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  int part[3] = {0, 0, 0};
  for (size_t i = 0, p = 0; i < text.size(); ++i) {
    if (text[i] == '-' && (i == 4 || i == 7)) {
      ++p;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    part[p] = part[p] * 10 + (text[i] - '0');
  }
  const absl::CivilDay day(part[0], part[1], part[2]);
  // CivilDay normalises: a day that does not exist, like 31 April, comes to lie
  // in another month.
  if (part[0] < 1 || day.month() != part[1]) return std::nullopt;
  return static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1));
}

std::string DateAnswerText(int32_t days) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d",
                static_cast<int>(day.year()), day.month(), day.day());
  return buffer;
}

namespace {

// One answer read, or the code and message of what was wrong with it.
struct Reading {
  Answer answer = {Answer::State::kUnreadable, 0};
  const char* code = nullptr;
  std::string message;
};

Reading Problem(const char* code, std::string message) {
  Reading out;
  out.code = code;
  out.message = std::move(message);
  return out;
}

// Short enough to quote in a message.
std::string Shown(std::string_view text) {
  return absl::StrCat("\"", ToAbsl(text.substr(0, 40)),
                      text.size() > 40 ? "..." : "", "\"");
}

Reading InSet(const ValueSet& set, int32_t value) {
  Reading out;
  out.answer = Answer::Of(value);
  if (!set.Contains(value)) {
    out.code = "out_of_range";
    out.message = absl::StrCat(
        value,
        set.listed.empty() ? " lies outside " : " is none of the values ",
        set.min, " to ", set.max);
  }
  return out;
}

Reading ReadNumber(const ValueSet& set, std::string_view text) {
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') {
    return InSet(set, text[0] - '0');  // nearly every answer
  }
  const std::optional<Rational> number = ParseRational(text);
  if (!number.has_value()) {
    return Problem("wrong_type",
                   absl::StrCat(Shown(text), " is no number of this item"));
  }
  if (!number->IsInteger()) {
    return Problem("not_integer",
                   absl::StrCat(ToAbsl(text), " is no whole number"));
  }
  // Nine digits at most, says ParseRational.
  return InSet(set, static_cast<int32_t>(number->num / number->den));
}

const AnswerValue* FindByCode(const ValueSet& set, std::string_view code) {
  for (const AnswerValue& value : set.listed) {
    if (!value.id.empty() && value.id == code) return &value;
    for (const Code& known : value.codes) {
      if (known.code == code) return &value;
    }
  }
  return nullptr;
}

Reading ReadCoding(const ValueSet& set, const RawAnswer& raw) {
  const AnswerValue* known = FindByCode(set, raw.value);
  if (raw.ordinal.empty()) {
    if (known == nullptr) {
      return Problem("unknown_code",
                     absl::StrCat(Shown(raw.value), " is no answer code here"));
    }
    return InSet(set, known->value);
  }
  const Reading ordinal = ReadNumber(set, raw.ordinal);
  if (known == nullptr || ordinal.answer == Answer::Of(known->value)) {
    return ordinal;
  }
  // Code and number contradict each other: neither is to be trusted.
  return Problem(
      "ordinal_conflict",
      absl::StrCat("the code ", Shown(raw.value), " stands for ", known->value,
                   ", but its ordinal value is ", ToAbsl(raw.ordinal)));
}

Reading ReadNumeric(const ValueSet& set, ItemKind kind, const RawAnswer& raw) {
  switch (raw.type) {
    case RawAnswer::Type::kNumber:
      return ReadNumber(set, raw.value);
    case RawAnswer::Type::kBoolean:
      if (kind == ItemKind::kBoolean) return InSet(set, raw.value == "true");
      break;
    case RawAnswer::Type::kCoding:
      return ReadCoding(set, raw);
    case RawAnswer::Type::kString: {
      if (const AnswerValue* known = FindByCode(set, raw.value)) {
        return InSet(set, known->value);
      }
      if (kind == ItemKind::kBoolean &&
          (raw.value == "true" || raw.value == "false")) {
        return InSet(set, raw.value == "true");
      }
      return ReadNumber(set, raw.value);
    }
    default:
      break;
  }
  return Problem("wrong_type", absl::StrCat(Shown(raw.value),
                                            " is no answer to an item of "
                                            "kind ",
                                            ToAbsl(ItemKindName(kind))));
}

Reading ReadDate(const RawAnswer& raw) {
  const std::optional<int32_t> days =
      raw.type == RawAnswer::Type::kDate || raw.type == RawAnswer::Type::kString
          ? ParseDateAnswer(raw.value)
          : std::nullopt;
  if (!days.has_value()) {
    return Problem("bad_date",
                   absl::StrCat(Shown(raw.value), " is no date (YYYY-MM-DD)"));
  }
  Reading out;
  out.answer = Answer::Of(*days);
  return out;
}

Reading ReadText(const RawAnswer& raw) {
  if (raw.type == RawAnswer::Type::kUnreadable) {
    return Problem("wrong_type", "the answer is no text");
  }
  if (raw.value.size() > limits::kAnswerTextBytesMax) {
    return Problem(
        "text_too_long",
        absl::StrCat("the text has ", raw.value.size(), " bytes; at most ",
                     limits::kAnswerTextBytesMax, " are read"));
  }
  Reading out;
  // A field that was left empty says nothing.
  out.answer = {
      IsBlank(raw.value) ? Answer::State::kMissing : Answer::State::kText, 0};
  return out;
}

Reading Read(const Instrument& instrument, const Item& item,
             const RawAnswer& raw) {
  if (raw.type == RawAnswer::Type::kNotApplicable) {
    if (!item.not_applicable) {
      return Problem("not_applicable_refused",
                     absl::StrCat("the item \"", item.id, "\" always applies"));
    }
    Reading out;
    out.answer = {Answer::State::kNotApplicable, 0};
    return out;
  }
  if (item.kind == ItemKind::kText) return ReadText(raw);
  if (item.kind == ItemKind::kDate) return ReadDate(raw);
  return ReadNumeric(instrument.value_sets()[item.values], item.kind, raw);
}

// linkIds often are paths ("/44250-9" in LForms): the last part counts too.
// `guess` is the item that comes next when answers are in order.
std::optional<uint16_t> ItemOf(const Instrument& instrument,
                               std::string_view name, size_t guess) {
  if (guess < instrument.items().size() &&
      instrument.items()[guess].id == name) {
    return static_cast<uint16_t>(guess);
  }
  if (const auto item = instrument.FindItem(name)) return item;
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return instrument.FindItem(name.substr(slash + 1));
}

}  // namespace

MatchResult MatchAnswers(const Instrument& instrument,
                         std::span<const RawAnswer> raw) {
  MatchResult out{Answers(instrument), {}};
  std::optional<uint16_t> item;  // that the answer at hand is for
  const auto problem = [&](size_t i, const char* code, std::string message) {
    AnswerProblem& added = out.problems.emplace_back();
    added.index = i;
    added.item_index = item;
    added.code = code;
    added.item = raw[i].item;
    added.message = std::move(message);
  };
  size_t next = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    item = ItemOf(instrument, raw[i].item, next);
    next = item.value_or(next) + size_t{1};
    if (!item.has_value()) {
      problem(
          i, "unknown_item",
          absl::StrCat(Shown(raw[i].item), " is no item of ", instrument.id()));
      continue;
    }
    Reading reading = Read(instrument, instrument.items()[*item], raw[i]);
    if (reading.code != nullptr) {
      problem(i, reading.code, std::move(reading.message));
    }
    const Answer before = out.answers[*item];
    const bool text = reading.answer.state == Answer::State::kText;
    if (before.state != Answer::State::kMissing &&
        (before != reading.answer ||
         (text && out.answers.text(*item) != raw[i].value))) {
      problem(i, "answered_twice",
              absl::StrCat("the item \"", instrument.items()[*item].id,
                           "\" has two different answers"));
      out.answers.Set(*item, {Answer::State::kUnreadable, 0});
    } else if (text) {
      out.answers.SetText(*item, raw[i].value);
    } else {
      out.answers.Set(*item, reading.answer);
    }
  }
  return out;
}

}  // namespace stepwell::instruments
