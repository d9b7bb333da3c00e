// Boolean rules: flags, tiers, and the cut-offs of profiles.
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "instruments/loader.h"

namespace stepwell::instruments {

Rule InstrumentLoader::LoadRule(json::Value value) {
  Rule rule;
  if (value) LoadRuleNode(value, rule, 0);
  return rule;
}

uint16_t InstrumentLoader::LoadRuleNode(json::Value value, Rule& rule,
                                        int depth) {
  RuleNode node;
  ObjectReader reader(value, issues_);
  const json::Value all = reader.Array("all"), any = reader.Array("any");
  const json::Value negated = reader.Get("not");
  const json::Value score = reader.Get("score");
  const json::Value subscale = reader.Get("subscale");
  const json::Value item = reader.Get("item");
  const json::Value count = reader.Array("count");
  const json::Value sex = reader.Get("sex");
  const int forms = bool(all) + bool(any) + bool(negated) + bool(score) +
                    bool(subscale) + bool(item) + bool(count) + bool(sex);
  if (value.is_object() && forms != 1) {
    AddError(issues_, "bad_rule", value.pointer(),
             absl::StrCat("a rule has one form, this one has ", forms),
             "one of: all, any, not, score, subscale, item, count, sex");
  } else if (depth >= kRuleDepthMax ||
             rule.nodes.size() >= limits::kInstrumentRulesMax) {
    AddError(issues_, "too_many", value.pointer(),
             absl::StrCat("rules nest at most ", kRuleDepthMax,
                          " levels and have at most ",
                          limits::kInstrumentRulesMax, " parts"));
  } else if (all || any) {
    node.op = all ? RuleNode::Op::kAll : RuleNode::Op::kAny;
    LoadRuleChildren(all ? all : any, rule, depth, node);
  } else if (negated) {
    node.op = RuleNode::Op::kNot;
    node.children.push_back(LoadRuleNode(negated, rule, depth + 1));
  } else if (score) {
    node.op = RuleNode::Op::kScale;
    ObjectReader inner(score, issues_);
    LoadBounds(inner, node);
    if (out_->has_total_) CheckScaleReachable(value, node);
    if (!out_->has_total_) {
      AddError(issues_, "no_score", score.pointer(),
               "the instrument has no total score");
    }
  } else if (subscale) {
    node.op = RuleNode::Op::kScale;
    const auto index = SubscaleNamed(subscale);
    node.index = index.value_or(0);
    LoadBounds(reader, node);
    if (index.has_value()) CheckScaleReachable(value, node);
  } else if (item) {
    node.op = RuleNode::Op::kItem;
    const auto index = ItemNamed(item, /*numeric=*/true);
    node.index = index.value_or(0);
    LoadBounds(reader, node);
    if (index.has_value()) CheckReachable(value, *index, node);
  } else if (count) {
    node.op = RuleNode::Op::kCount;
    LoadCount(count, node);
    LoadBounds(reader, node);
    const Rational most(static_cast<int64_t>(node.counted.size()));
    if (node.low.has_value() && *node.low > most) {
      AddError(issues_, "outside_values", value.pointer(),
               absl::StrCat("at most ", node.counted.size(),
                            " items can be counted here"));
    }
  } else if (sex) {
    node.op = RuleNode::Op::kSex;
    const auto which = reader.Choice("sex", {"female", "male"});
    node.sex = which == 1 ? Sex::kMale : Sex::kFemale;
  }
  rule.nodes.push_back(std::move(node));
  return static_cast<uint16_t>(rule.nodes.size() - 1);
}

void InstrumentLoader::LoadRuleChildren(json::Value array, Rule& rule,
                                        int depth, RuleNode& node) {
  for (json::Value child : json::Children(array)) {
    node.children.push_back(LoadRuleNode(child, rule, depth + 1));
  }
  if (array.size() == 0) {
    AddError(issues_, "empty_list", array.pointer(), "the list is empty");
  }
}

void InstrumentLoader::LoadCount(json::Value array, RuleNode& node) {
  for (json::Value part : json::Children(array)) {
    ObjectReader object(part, issues_);
    const json::Value list = object.NeedArray("items");
    const auto at_least = object.NeedInt("at_least", -kValueMax, kValueMax);
    for (uint16_t item : LoadItemList(list, /*numeric=*/true)) {
      node.counted.push_back({item, at_least.value_or(0)});
      if (at_least.has_value() &&
          (*at_least < SetOf(item).min || *at_least > SetOf(item).max)) {
        object.Error("at_least", "outside_values",
                     absl::StrCat("the item \"", out_->items_[item].id,
                                  "\" has values from ", SetOf(item).min,
                                  " to ", SetOf(item).max));
      }
    }
  }
}

void InstrumentLoader::LoadBounds(ObjectReader& reader, RuleNode& node) {
  node.low = reader.Number("at_least");
  node.high = reader.Number("at_most");
  if (const auto equals = reader.Number("equals")) {
    node.low = node.high = equals;
  }
  if (!node.low.has_value() && !node.high.has_value()) {
    if (reader.value().is_object()) {
      AddError(issues_, "missing_field", reader.pointer(),
               "a bound is required", "at_least, at_most or equals");
    }
  } else if (node.low.has_value() && node.high.has_value() &&
             *node.low > *node.high) {
    AddError(issues_, "empty_range", reader.pointer(),
             "at_least lies above at_most");
  }
}

void InstrumentLoader::CheckReachable(json::Value where, uint16_t item,
                                      const RuleNode& node) {
  const ValueSet& set = SetOf(item);
  if ((node.low.has_value() && *node.low > Rational(set.max)) ||
      (node.high.has_value() && *node.high < Rational(set.min))) {
    AddError(issues_, "outside_values", where.pointer(),
             absl::StrCat("the item \"", out_->items_[item].id,
                          "\" has values from ", set.min, " to ", set.max,
                          ": the rule can never be true"));
  }
}

void InstrumentLoader::CheckScaleReachable(json::Value where,
                                           const RuleNode& node) {
  if (node.index >= out_->scales_.size()) return;
  const Scale& scale = out_->scales_[node.index];
  if ((node.low.has_value() && *node.low > scale.max) ||
      (node.high.has_value() && *node.high < scale.min)) {
    AddError(issues_, "outside_values", where.pointer(),
             absl::StrCat("the score lies between ", ToJsonNumber(scale.min),
                          " and ", ToJsonNumber(scale.max),
                          ": the rule can never be true"));
  }
}

void InstrumentLoader::CheckCutoffReachable(json::Value where,
                                            const Cutoff& cutoff,
                                            const RuleNode& node) {
  if (node.op == RuleNode::Op::kScale) return CheckScaleReachable(where, node);
  if (cutoff.kind == CutoffKind::kResponse ||
      cutoff.scale >= out_->scales_.size()) {
    return;
  }
  const Scale& scale = out_->scales_[cutoff.scale];
  if (cutoff.value.ToDouble() <= scale.max.ToDouble() - scale.min.ToDouble()) {
    return;
  }
  AddError(
      issues_, "outside_values", where.pointer(),
      absl::StrCat("the score lies between ", ToJsonNumber(scale.min), " and ",
                   ToJsonNumber(scale.max), ": it cannot change by so much"));
}

std::optional<uint16_t> InstrumentLoader::SubscaleNamed(json::Value name) {
  if (!name.is_string()) {
    AddError(issues_, "wrong_type", name.pointer(),
             "expected the id of a subscale");
    return std::nullopt;
  }
  const auto index = out_->FindScale(name.string_value());
  if (!index.has_value() || name.string_value().empty()) {
    AddError(issues_, "unknown_reference", name.pointer(),
             absl::StrCat("there is no subscale \"",
                          ToAbsl(name.string_value()), "\""));
    return std::nullopt;
  }
  return index;
}

void InstrumentLoader::LoadFlags(ObjectReader& reader) {
  for (json::Value value : json::Children(reader.Array("flags"))) {
    ObjectReader object(value, issues_);
    Flag flag;
    flag.id = object.NeedName("id");
    Claim(flag_ids_, flag.id, object.PointerTo("id"), "a flag");
    flag.rule = LoadRule(object.Need("when"));
    flag.provenance = LoadProvenance(object);
    out_->flags_.push_back(std::move(flag));
    if (out_->flags_.size() > limits::kInstrumentRulesMax) {
      AddError(issues_, "too_many", value.pointer(), "too many flags");
      return;
    }
  }
}

void InstrumentLoader::LoadProfiles(ObjectReader& reader) {
  absl::flat_hash_set<std::string> ids;
  for (json::Value value : json::Children(reader.Array("profiles"))) {
    ObjectReader object(value, issues_);
    Profile profile;
    profile.id = object.NeedName("id", /*hyphens=*/true);
    Claim(ids, profile.id, object.PointerTo("id"), "a profile");
    profile.title = object.Text("title");
    profile.country = object.Text("country");
    object.Text("note");
    const auto index = static_cast<int16_t>(out_->profiles_.size());
    out_->profiles_.push_back(std::move(profile));
    for (json::Value cutoff : json::Children(object.NeedArray("cutoffs"))) {
      LoadCutoff(cutoff, index);
    }
    CheckBothSexes(value, out_->profiles_[index]);
    if (out_->profiles_.size() > limits::kInstrumentRulesMax) {
      AddError(issues_, "too_many", value.pointer(), "too many profiles");
      return;
    }
  }
}

namespace {

// Reads the number of a cut-off: a bound for thresholds (into `node`), points
// for changes, per cent for response.
Rational CutoffValue(ObjectReader& reader, CutoffKind kind, RuleNode& node) {
  if (kind == CutoffKind::kReliableChange || kind == CutoffKind::kMcid) {
    const auto by = reader.NeedNumber("by");
    if (by.has_value() && *by <= Rational(0)) {
      reader.Error("by", "number_out_of_range", "a change is above 0");
    }
    return by.value_or(Rational(1));
  }
  if (kind == CutoffKind::kResponse) {
    const auto percent = reader.NeedNumber("percent");
    if (percent.has_value() &&
        (*percent <= Rational(0) || *percent > Rational(100))) {
      reader.Error("percent", "number_out_of_range",
                   "a response lies above 0 and at most at 100 per cent");
    }
    return percent.value_or(Rational(50));
  }
  node.op = RuleNode::Op::kScale;
  node.low = reader.Number("at_least");
  node.high = reader.Number("at_most");
  if (node.low.has_value() == node.high.has_value() &&
      reader.value().is_object()) {
    AddError(reader.issues(), "bad_rule", reader.pointer(),
             "a threshold has either at_least or at_most");
  }
  return node.low.value_or(node.high.value_or(Rational(0)));
}

}  // namespace

// Only thresholds may stand twice, one for each sex.
void InstrumentLoader::ClaimCutoff(const ObjectReader& reader,
                                   const Profile& profile,
                                   const Cutoff& cutoff) {
  const auto is_threshold = [](const Cutoff& one) {
    return one.kind == CutoffKind::kCaseness ||
           one.kind == CutoffKind::kRemission;
  };
  for (const Cutoff& other : profile.cutoffs) {
    if (other.id.empty() || other.id != cutoff.id ||
        (is_threshold(other) && is_threshold(cutoff))) {
      continue;
    }
    AddError(issues_, "duplicate_id", reader.PointerTo("id"),
             absl::StrCat("there is already a cut-off \"", cutoff.id, "\""));
    return;
  }
}

void InstrumentLoader::LoadCutoff(json::Value value, int16_t profile) {
  ObjectReader object(value, issues_);
  Cutoff cutoff;
  cutoff.id = object.NeedName("id");
  object.Need("kind");
  const auto kind = object.Choice(
      "kind", {"caseness", "remission", "reliable_change", "mcid", "response"});
  cutoff.kind = static_cast<CutoffKind>(kind.value_or(0));
  if (const json::Value name = object.Get("subscale")) {
    cutoff.scale = SubscaleNamed(name).value_or(0);
  } else if (!out_->has_total_ && value.is_object()) {
    AddError(issues_, "no_score", value.pointer(),
             "the instrument has no total score", "name a subscale");
  }
  if (const auto sex = object.Choice("sex", {"female", "male"})) {
    cutoff.only_for = *sex == 0 ? Sex::kFemale : Sex::kMale;
  }
  RuleNode node;
  node.index = cutoff.scale;
  ClaimCutoff(object, out_->profiles_[profile], cutoff);
  if (kind.has_value()) cutoff.value = CutoffValue(object, cutoff.kind, node);
  if (kind.has_value()) CheckCutoffReachable(value, cutoff, node);
  cutoff.provenance = LoadProvenance(object);
  if (node.op == RuleNode::Op::kScale) {
    LoadThreshold(object, std::move(node), profile, cutoff);
  } else if (cutoff.only_for != Sex::kUnknown) {
    object.Error("sex", "bad_rule", "only thresholds may differ by sex");
  }
  out_->profiles_[profile].cutoffs.push_back(std::move(cutoff));
}

namespace {

// "at least 3 for women, at least 4 for men": when the sex is not known, both
// must say the same.
Rule RuleBySex(const RuleNode& first, Sex first_sex, RuleNode second) {
  using Op = RuleNode::Op;
  Rule rule;
  const auto add = [&](RuleNode node) {
    rule.nodes.push_back(std::move(node));
    return static_cast<uint16_t>(rule.nodes.size() - 1);
  };
  const auto list = [&](Op op, std::vector<uint16_t> children) {
    RuleNode node;
    node.op = op;
    node.children = std::move(children);
    return add(std::move(node));
  };
  const auto sex = [&](Sex which) {
    RuleNode node;
    node.op = Op::kSex;
    node.sex = which;
    return add(std::move(node));
  };
  const uint16_t a = add(first), b = add(std::move(second));
  const uint16_t sex_a = sex(first_sex);
  const uint16_t sex_b =
      sex(first_sex == Sex::kFemale ? Sex::kMale : Sex::kFemale);
  const uint16_t of_a = list(Op::kAll, {a, sex_a});
  const uint16_t of_b = list(Op::kAll, {b, sex_b});
  const uint16_t both = list(Op::kAll, {a, b});
  list(Op::kAny, {of_a, of_b, both});
  return rule;
}

}  // namespace

void InstrumentLoader::LoadThreshold(ObjectReader& reader, RuleNode node,
                                     int16_t profile, Cutoff& cutoff) {
  for (const Cutoff& other : out_->profiles_[profile].cutoffs) {
    if (other.id != cutoff.id || other.flag < 0) continue;
    Rule& rule = out_->flags_[other.flag].rule;
    if (rule.nodes.size() > 1 || other.only_for == Sex::kUnknown ||
        cutoff.only_for == Sex::kUnknown || other.only_for == cutoff.only_for) {
      break;
    }
    cutoff.flag = other.flag;
    cutoff.node = 1;
    rule = RuleBySex(rule.nodes[0], other.only_for, std::move(node));
    return;
  }
  // The same threshold may stand in several profiles under one id, each with
  // its own number; other flags may not share it.
  bool repeated = false;
  for (const Cutoff& other : out_->profiles_[profile].cutoffs) {
    repeated = repeated || other.id == cutoff.id;
  }
  const bool elsewhere = out_->FindFlag(cutoff.id).has_value() &&
                         out_->flags_[*out_->FindFlag(cutoff.id)].profile >= 0;
  if (repeated || !elsewhere) {
    Claim(flag_ids_, cutoff.id, reader.PointerTo("id"), "a flag");
  }
  cutoff.flag = static_cast<int16_t>(out_->flags_.size());
  Flag flag{cutoff.id, {}, profile, cutoff.provenance};
  flag.rule.nodes.push_back(std::move(node));
  out_->flags_.push_back(std::move(flag));
}

void InstrumentLoader::CheckBothSexes(json::Value where,
                                      const Profile& profile) {
  for (const Cutoff& cutoff : profile.cutoffs) {
    if (cutoff.only_for != Sex::kUnknown && cutoff.flag >= 0 &&
        out_->flags_[cutoff.flag].rule.nodes.size() == 1) {
      AddError(issues_, "bad_rule", where.pointer(),
               absl::StrCat("the cut-off \"", cutoff.id,
                            "\" is given for one sex only"),
               "give the number of the other sex under the same id");
    }
  }
}

void InstrumentLoader::LoadTiers(ObjectReader& reader) {
  const json::Value value = reader.Get("tiers");
  if (!value) return;
  ObjectReader object(value, issues_);
  Tiers& tiers = out_->tiers_;
  absl::flat_hash_map<std::string, uint16_t> index;
  const json::Value ids = object.NeedArray("ids");
  for (json::Value id : json::Children(ids)) {
    const std::string name(id.is_string() ? id.string_value() : "");
    if (!IsName(name, /*hyphens=*/false, /*upper=*/false)) {
      AddError(issues_, "bad_name", id.pointer(), "expected a name");
    } else if (!index.emplace(name, index.size()).second) {
      AddError(issues_, "duplicate_id", id.pointer(),
               absl::StrCat("there is already a tier \"", name, "\""));
    }
    tiers.ids.push_back(name);
  }
  const auto tier_of = [&](ObjectReader& from, std::string_view key) {
    from.Need(key);
    const std::string name = from.Text(key);
    const auto it = index.find(name);
    if (it != index.end()) return it->second;
    if (!name.empty()) {
      from.Error(key, "unknown_reference",
                 absl::StrCat("there is no tier \"", name, "\""));
    }
    return uint16_t{0};
  };
  for (json::Value entry : json::Children(object.NeedArray("rules"))) {
    ObjectReader rule(entry, issues_);
    TierRule out;
    out.tier = tier_of(rule, "tier");
    out.rule = LoadRule(rule.Need("when"));
    out.provenance = LoadProvenance(rule);
    tiers.rules.push_back(std::move(out));
  }
  tiers.otherwise = tier_of(object, "otherwise");
  tiers.on_unknown = tier_of(object, "on_unknown");
  tiers.provenance = LoadProvenance(object);
}

}  // namespace stepwell::instruments
