// Answers in, what is recorded of their score out.
#include "engine/scoring.h"

#include <algorithm>
#include <string_view>

#include "base/date.h"
#include "base/zone.h"

namespace stepwell::engine {
namespace {

// As the edge writes it.
constexpr std::string_view kNotApplicable = "not-applicable";

Answer3 ToAnswer3(instruments::Tri tri) {
  switch (tri) {
    case instruments::Tri::kFalse:
      return Answer3::kNo;
    case instruments::Tri::kTrue:
      return Answer3::kYes;
    case instruments::Tri::kUnknown:
      return Answer3::kUnknown;
  }
  return Answer3::kUnknown;
}

instruments::Sex SexOf(const protocol::Protocol& protocol,
                       const protocol::Fact& fact, const FactValue& value) {
  std::string_view name = value.text;
  // An answer of a form says it by the name of its value.
  if (value.kind == FactValue::Kind::kInteger && !fact.instrument.IsNone()) {
    const instruments::Instrument& form =
        *protocol.at(fact.instrument).instrument;
    if (fact.instrument_item < form.items().size()) {
      const auto* said =
          form.value_sets()[form.items()[fact.instrument_item].values].Find(
              static_cast<int32_t>(value.number));
      if (said != nullptr) name = said->id;
    }
  }
  instruments::Sex sex = instruments::Sex::kUnknown;
  instruments::SexFromName(name, &sex);
  return sex;
}

std::optional<int32_t> AgeOf(const protocol::Protocol& protocol,
                             const FactValue& value, Instant at) {
  constexpr int64_t kAgeMax = 150;
  int64_t age = value.number;
  if (value.kind == FactValue::Kind::kDate) {
    const Date born{static_cast<int32_t>(value.number)};
    const Date today = ToLocal(*protocol.zone, at).date;
    age = FieldsOf(today).year - FieldsOf(born).year;
    if (today < AddMonths(born, 12 * age)) --age;
  } else if (value.kind != FactValue::Kind::kInteger) {
    return std::nullopt;
  }
  if (age < 0 || age > kAgeMax) return std::nullopt;
  return static_cast<int32_t>(age);
}

}  // namespace

instruments::ScoreContext ContextOf(const protocol::Protocol& protocol,
                                    const CaseState& state, Instant at) {
  instruments::ScoreContext context;
  for (const FactState& known : state.facts) {
    if (known.fact.value >= protocol.facts.size()) continue;
    const protocol::Fact& fact = protocol.at(known.fact);
    if (fact.id == "sex") context.sex = SexOf(protocol, fact, known.value);
    if (fact.id == "age") context.age = AgeOf(protocol, known.value, at);
  }
  return context;
}

instruments::Answers ReadAnswers(const instruments::Instrument& instrument,
                                 const std::vector<GivenAnswer>& given) {
  instruments::Answers answers(instrument);
  for (const GivenAnswer& answer : given) {
    if (answer.item >= answers.size()) continue;
    if (answer.number && *answer.number >= INT32_MIN &&
        *answer.number <= INT32_MAX) {
      answers.SetValue(answer.item, static_cast<int32_t>(*answer.number));
    } else if (instrument.items()[answer.item].kind ==
               instruments::ItemKind::kText) {
      answers.SetText(answer.item, answer.text);
    } else if (!answer.number && answer.text == kNotApplicable) {
      answers.Set(answer.item, {instruments::Answer::State::kNotApplicable, 0});
    } else {
      answers.Set(answer.item, {instruments::Answer::State::kUnreadable, 0});
    }
  }
  return answers;
}

bool Says(const instruments::Instrument& instrument,
          const GivenAnswer& answer) {
  if (answer.item >= instrument.items().size()) return false;
  const instruments::Item& item = instrument.items()[answer.item];
  if (item.kind == instruments::ItemKind::kText) {
    return !answer.number && !answer.text.empty() &&
           answer.text != kNotApplicable;
  }
  if (!answer.number) return false;
  if (item.kind == instruments::ItemKind::kDate) return true;
  return *answer.number >= INT32_MIN && *answer.number <= INT32_MAX &&
         instrument.value_sets()[item.values].Contains(
             static_cast<int32_t>(*answer.number));
}

ScoreRecorded ScoreOf(const instruments::Instrument& instrument,
                      const instruments::ScoreResult& result) {
  ScoreRecorded recorded;
  if (const instruments::ScaleScore* total = result.total(instrument)) {
    if (total->score) {
      recorded.score = Ratio{total->exact->num, total->exact->den};
      recorded.rounded = total->score->RoundHalfUp();
      recorded.prorated = total->prorated;
      if (total->band >= 0) recorded.band = static_cast<uint8_t>(total->band);
    }
  }
  if (result.tier >= 0) recorded.tier = static_cast<uint8_t>(result.tier);
  recorded.risk = ToAnswer3(result.risk());
  recorded.missing.assign(result.missing.begin(), result.missing.end());
  recorded.missing.insert(recorded.missing.end(), result.out_of_range.begin(),
                          result.out_of_range.end());
  std::sort(recorded.missing.begin(), recorded.missing.end());
  for (size_t i = 0; i < result.flags.size(); ++i) {
    const instruments::Flag& flag = instrument.flags()[i];
    if (result.flags[i] == instruments::Tri::kTrue &&
        (flag.profile < 0 || flag.profile == instrument.default_profile())) {
      recorded.flags_set.push_back(flag.id);
    }
  }
  return recorded;
}

uint8_t BandOf(const instruments::Instrument& instrument,
               const instruments::Rational& total) {
  uint8_t band = 0xFF;
  if (!instrument.has_total()) return band;
  const std::vector<instruments::Band>& bands = instrument.scales()[0].bands;
  for (size_t i = 0; i < bands.size(); ++i) {
    if (total >= bands[i].from) band = static_cast<uint8_t>(i);
  }
  return band;
}

}  // namespace stepwell::engine
