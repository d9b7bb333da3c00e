#include "wire/given_answers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "instruments/answers.h"
#include "instruments/answers_json.h"
#include "wire/members.h"

namespace stepwell::wire {
namespace {

using engine::GivenAnswer;
using instruments::Answer;
using instruments::Instrument;
using instruments::RawAnswer;

constexpr uint16_t kNoItem = 0xFFFF;
// What the engine reads as "not applicable".
constexpr std::string_view kNotApplicable = "not-applicable";

std::string Kept(std::string_view text) {
  return std::string(BeginningOf(text, limits::kAnswerTextBytesMax));
}

// An unreadable answer must not read as "not applicable" later on.
std::string KeptUnreadable(std::string_view text) {
  return text == kNotApplicable ? json::Quote(text) : Kept(text);
}

std::string TextOf(json::Value value) {
  return Kept(value.is_string() ? std::string(value.string_value())
                                : json::ToText(value));
}

// The raw answers to each item, in order of arrival.
std::string RawTextOf(const Instrument& instrument, uint16_t item,
                      const std::vector<RawAnswer>& raw) {
  std::string text;
  for (const RawAnswer& answer : raw) {
    std::string_view name = answer.item;
    if (!instrument.FindItem(name) && name.find('/') != name.npos) {
      name = name.substr(name.rfind('/') + 1);
    }
    if (instrument.FindItem(name) != item) continue;
    absl::StrAppend(&text, text.empty() ? "" : " | ", ToAbsl(answer.value));
  }
  return text;
}

// A text item's answer that is none has no place among its answers, where any
// text is one: it is kept as given.
void KeepBeside(const Instrument& instrument, GivenAnswer& given) {
  const instruments::Item& item = instrument.items()[given.item];
  if (item.kind != instruments::ItemKind::kText) return;
  given.item = kNoItem;
  given.name = item.id;
}

GivenAnswer Give(const Instrument& instrument, uint16_t item,
                 const instruments::Answers& answers,
                 const std::vector<RawAnswer>& raw) {
  GivenAnswer given;
  given.item = item;
  const Answer answer = answers[item];
  switch (answer.state) {
    case Answer::State::kMissing:
      break;
    case Answer::State::kValue: {
      given.number = answer.value;
      const instruments::Item& definition = instrument.items()[item];
      const bool has_values = definition.kind != instruments::ItemKind::kText &&
                              definition.kind != instruments::ItemKind::kDate;
      if (has_values &&
          !instrument.value_sets()[definition.values].Contains(answer.value)) {
        given.text = Kept(RawTextOf(instrument, item, raw));
      }
      break;
    }
    case Answer::State::kText:
      given.text = Kept(answers.text(item));
      break;
    case Answer::State::kNotApplicable:
      given.text = kNotApplicable;
      break;
    case Answer::State::kUnreadable:
      given.text = KeptUnreadable(RawTextOf(instrument, item, raw));
      KeepBeside(instrument, given);
      break;
  }
  return given;
}

// By place: the number that the array has for the item, if it discloses risk.
std::optional<int64_t> DisclosureAt(const Instrument& instrument,
                                    json::Value answers, uint16_t item) {
  if (!answers.is_array() || item >= answers.size()) return std::nullopt;
  const std::optional<int64_t> number = answers.at(item).int64_value();
  for (const instruments::RiskMarker& marker : instrument.risk_markers()) {
    if (marker.item == item && number && *number >= marker.at_least) {
      return number;
    }
  }
  return std::nullopt;
}

GivenAnswers Unclear(const Instrument& instrument, json::Value answers,
                     std::string problem) {
  GivenAnswers out;
  for (size_t i = 0; i < instrument.items().size(); ++i) {
    GivenAnswer given;
    given.item = static_cast<uint16_t>(i);
    given.number = DisclosureAt(instrument, answers, given.item);
    if (!given.number) given.text = "unclear which answer is meant";
    out.answers.push_back(std::move(given));
  }
  out.problems.push_back(std::move(problem));
  return out;
}

}  // namespace

GivenAnswers ReadGivenAnswers(const Instrument& instrument,
                              json::Value answers) {
  // An aliased spelling of the engine's own word.
  auto raw = instruments::ReadRawAnswers(instrument, answers);
  if (!raw.ok()) {
    return Unclear(instrument, answers, std::string(raw.status().message()));
  }
  for (RawAnswer& answer : *raw) {
    if (answer.type == RawAnswer::Type::kString &&
        answer.value == kNotApplicable) {
      answer.type = RawAnswer::Type::kNotApplicable;
    }
  }
  const instruments::MatchResult match =
      instruments::MatchAnswers(instrument, *raw);
  GivenAnswers out;
  for (size_t i = 0; i < match.answers.size(); ++i) {
    if (match.answers[i].state == Answer::State::kMissing) continue;
    out.answers.push_back(
        Give(instrument, static_cast<uint16_t>(i), match.answers, *raw));
  }
  for (const instruments::AnswerProblem& problem : match.problems) {
    if (out.problems.size() >= limits::kCommandProblemsMax) break;
    out.problems.push_back(problem.message);
    if (problem.code == "unknown_item") {
      GivenAnswer given;
      given.item = kNoItem;
      given.name = Kept(problem.item);
      given.text = Kept((*raw)[problem.index].value);
      out.answers.push_back(std::move(given));
    }
  }
  return out;
}

std::vector<GivenAnswer> UnknownAnswers(json::Value answers) {
  std::vector<GivenAnswer> out;
  for (json::Value value : json::Children(answers)) {
    if (out.size() >= limits::kInstrumentItemsMax) break;
    if (value.is_null()) continue;
    GivenAnswer given;
    given.item = kNoItem;
    given.name =
        answers.is_array() ? absl::StrCat(out.size()) : Kept(value.key());
    given.text = TextOf(value);
    out.push_back(std::move(given));
  }
  return out;
}

}  // namespace stepwell::wire
