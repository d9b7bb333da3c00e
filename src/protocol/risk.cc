// The risk policy: tiers with their deadlines, the screen, what is shown.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "tiers",          "unscreened",   "screen",
    "screen_element", "screen_rules", "missing_element",
    "show_now",       "outcomes",     "reviewed_unchanged"};
constexpr std::string_view kReviewedFields[] = {"max", "source"};
constexpr std::string_view kTierFields[] = {"id",    "title",       "severity",
                                            "pool",  "acknowledge", "assess",
                                            "close", "priority"};
constexpr std::string_view kScreenRuleFields[] = {"if", "on_unknown", "tier",
                                                  "source"};

void ReadTier(Loading& loading, json::Value value) {
  ObjectReader object(value, "a risk tier", kTierFields, loading.issues);
  const auto id = object.Text("id");
  const uint16_t number = id ? loading.tiers.Find(*id) : NameTable::kNone;
  if (number == NameTable::kNone) return;
  Tier& tier = loading.protocol.risk.tiers[number];
  object.CheckTexts("title");
  object.Need("severity");
  tier.severity = static_cast<int>(object.Int("severity", 0, 1000).value_or(0));
  tier.pool = ReadName<PoolId>(loading, object, "pool", loading.pools, true);
  tier.acknowledge = ReadName<ClockDefId>(loading, object, "acknowledge",
                                          loading.clocks, true);
  tier.assess =
      ReadName<ClockDefId>(loading, object, "assess", loading.clocks, true);
  tier.close =
      ReadName<ClockDefId>(loading, object, "close", loading.clocks, true);
  tier.priority = static_cast<int>(object.Int("priority", 0, 100).value_or(0));
}

void ReadScreenRules(Loading& loading, ObjectReader& risk) {
  const json::Value rules = risk.NeedArray("screen_rules");
  if (rules && rules.size() == 0) {
    risk.Error("screen_rules", "missing_field",
               "without a rule no answer to the risk screen changes the tier");
  }
  for (const json::Value value : json::Children(rules)) {
    ObjectReader object(value, "a screen rule", kScreenRuleFields,
                        loading.issues);
    ScreenRule rule;
    rule.guard = ReadGuard(loading, object, "if", GuardUse::kScreen);
    ReadSource(loading, object, "this screen rule");
    rule.tier = ReadName<TierId>(loading, object, "tier", loading.tiers, true);
    loading.protocol.risk.screen_rules.push_back(std::move(rule));
  }
}

void ReadOutcomes(Loading& loading, ObjectReader& risk) {
  const json::Value outcomes = risk.NeedArray("outcomes");
  if (outcomes && outcomes.size() == 0) {
    risk.Error("outcomes", "missing_field",
               "an assessment needs an outcome to end in");
  }
  loading.protocol.risk.outcomes =
      ReadNames<OutcomeId>(loading, risk, "outcomes", loading.outcomes);
}

// How long a tier may be marked "reviewed, unchanged".
void ReadReviewed(Loading& loading, ObjectReader& risk) {
  if (!risk.Has("reviewed_unchanged")) return;
  ObjectReader object(risk.Get("reviewed_unchanged"), "`reviewed_unchanged`",
                      kReviewedFields, loading.issues);
  object.Need("max");
  loading.protocol.risk.reviewed_max = ReadSpan(object, "max", false);
  ReadSource(loading, object, "this limit of the mark");
}

// The screen is answered in an item; it has to be the screen's instrument.
void CheckScreen(Loading& loading, const ObjectReader& object) {
  const RiskPolicy& risk = loading.protocol.risk;
  if (risk.screen.IsNone() || risk.screen_element.IsNone()) return;
  const Element& element = loading.protocol.at(risk.screen_element);
  if (element.instrument == risk.screen) return;
  AddError(loading.issues, "wrong_type", object.PointerTo("screen_element"),
           absl::StrCat("the item `", element.id,
                        "` does not ask the screen's questions"),
           "name a questionnaire item with the instrument of `screen`");
}

}  // namespace

void ReadRisk(Loading& loading) {
  const json::Value section = loading.root.Find("risk");
  if (!section) return;
  RiskPolicy& policy = loading.protocol.risk;
  ObjectReader risk(section, "`risk`", kFields, loading.issues);
  for (const json::Value tier : json::Children(risk.NeedArray("tiers"))) {
    ReadTier(loading, tier);
  }
  policy.unscreened =
      ReadName<TierId>(loading, risk, "unscreened", loading.tiers, true);
  policy.screen = ReadName<InstrumentRef>(loading, risk, "screen",
                                          loading.instruments, true);
  policy.screen_element = ReadName<ElementId>(loading, risk, "screen_element",
                                              loading.elements, true);
  CheckScreen(loading, risk);
  ReadScreenRules(loading, risk);
  policy.missing_element = ReadName<ElementId>(loading, risk, "missing_element",
                                               loading.elements, true);
  policy.show_now =
      ReadName<TemplateId>(loading, risk, "show_now", loading.templates, true);
  ReadOutcomes(loading, risk);
  ReadReviewed(loading, risk);
}

}  // namespace stepwell::protocol
