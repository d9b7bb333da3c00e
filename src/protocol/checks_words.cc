// Checks of words: a guard compares with what its member can be, a trigger
// waits for an outcome that its item can have. A mistyped word is never true
// and says nothing.
#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "protocol/case_view_model.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

using Words = std::vector<std::string>;

template <class List>
Words IdsOf(const List& list) {
  Words words;
  for (const auto& entry : list) words.push_back(entry.id);
  return words;
}

Words OutcomesOf(const Protocol& protocol, const Element& element) {
  Words words;
  for (const OutcomeId id : element.outcomes) {
    words.push_back(protocol.outcomes[id.value]);
  }
  return words;
}

Words PhasesOf(const Protocol& protocol, TrackId track) {
  Words words;
  for (const Phase& phase : protocol.phases) {
    if (phase.track == track) words.push_back(phase.id);
  }
  return words;
}

// What the member of the case view can be; nullopt: any text.
std::optional<Words> WordsOf(const Protocol& protocol, uint32_t member) {
  const uint16_t symbol = SymbolOf(member);
  switch (FieldOf(member)) {
    case ViewField::kRoute:
      return IdsOf(protocol.routes);
    case ViewField::kTrack:
      return PhasesOf(protocol, TrackId(symbol));
    case ViewField::kItemState:
      return Words(std::begin(kItemStateNames), std::end(kItemStateNames));
    case ViewField::kItemOutcome:
      return OutcomesOf(protocol, protocol.elements[symbol]);
    case ViewField::kBand:
      return IdsOf(ScaleOf(protocol, {symbol, 0}).bands);
    case ViewField::kSubscaleBand:
      return IdsOf(ScaleOf(protocol, ScaleRefOf(member)).bands);
    case ViewField::kTierName:
      return protocol.instruments[symbol].instrument->tiers().ids;
    case ViewField::kRiskTier:
      return IdsOf(protocol.risk.tiers);
    default:
      return std::nullopt;
  }
}

std::string HintOf(const std::string& word, const Words& words) {
  if (words.empty()) return "there is nothing that it could be";
  const std::string near = SuggestName(word, words);
  return near.empty() ? absl::StrCat("one of ", absl::StrJoin(words, ", "))
                      : near;
}

bool Has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void CheckGuardWords(Loading& loading) {
  for (const auto& [pointer, program] : loading.guards) {
    for (const fhirpath::ComparedText& compared : program->compared_texts()) {
      const auto words = WordsOf(loading.protocol, compared.member);
      if (!words || Has(*words, compared.text)) continue;
      AddError(loading.issues, "bad_guard", pointer,
               absl::StrCat("column ", compared.column, ": ", compared.path,
                            " is never '", compared.text, "'"),
               HintOf(compared.text, *words));
    }
  }
}

void CheckOutcome(Loading& loading, const Trigger& trigger,
                  const std::string& pointer) {
  if (trigger.kind != TriggerKind::kDecision || trigger.outcome.IsNone()) {
    return;
  }
  const Protocol& protocol = loading.protocol;
  const Element& element = protocol.at(ElementId(trigger.argument));
  const Words words = OutcomesOf(protocol, element);
  const std::string& word = protocol.outcomes[trigger.outcome.value];
  if (Has(words, word)) return;
  AddError(
      loading.issues, "unknown_reference", pointer,
      absl::StrCat("the item `", element.id, "` has no outcome `", word, "`"),
      HintOf(word, words));
}

void CheckOutcomes(Loading& loading, const std::vector<Trigger>& triggers,
                   const std::string& pointer) {
  for (size_t i = 0; i < triggers.size(); ++i) {
    CheckOutcome(loading, triggers[i], absl::StrCat(pointer, "/", i));
  }
}

}  // namespace

void CheckWords(Loading& loading) {
  CheckGuardWords(loading);
  for (const Rule& rule : loading.protocol.rules) {
    CheckOutcome(loading, rule.on, absl::StrCat(rule.pointer, "/on"));
  }
  for (const ClockDef& clock : loading.protocol.clocks) {
    CheckOutcomes(loading, clock.start, absl::StrCat(clock.pointer, "/start"));
    CheckOutcomes(loading, clock.stop, absl::StrCat(clock.pointer, "/stop"));
    CheckOutcomes(loading, clock.reset, absl::StrCat(clock.pointer, "/reset"));
  }
}

}  // namespace stepwell::protocol
