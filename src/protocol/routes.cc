// Ways in, and what is asked of those who come by them.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/time_text.h"
#include "protocol/loading.h"
#include "protocol/quiet_hours.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kRouteFields[] = {"id",
                                             "title",
                                             "consents",
                                             "documents",
                                             "referrer_feedback",
                                             "legal_clock",
                                             "information_source"};
constexpr std::string_view kGuardianFields[] = {"role", "below", "age",
                                                "source"};
constexpr std::string_view kQuietFields[] = {"from", "to", "zone", "source"};
constexpr std::string_view kZones[] = {"service", "patient"};
constexpr int64_t kAgeMax = 150;

void ReadDocuments(Loading& loading, ObjectReader& object, Route& route) {
  std::vector<std::string>& kinds = loading.protocol.document_kinds;
  for (const json::Value kind : json::Children(object.Array("documents"))) {
    if (!kind.is_string() || kind.string_value().empty()) {
      WrongType(kind, "a kind of document", loading.issues);
      continue;
    }
    route.documents.emplace_back(kind.string_value());
    if (std::find(kinds.begin(), kinds.end(), route.documents.back()) ==
        kinds.end()) {
      kinds.push_back(route.documents.back());
    }
  }
}

void ReadGuardian(Loading& loading, ObjectReader& purpose, PurposeRule& rule) {
  if (!purpose.Has("guardian")) return;
  ObjectReader object(purpose.Object("guardian"), "`guardian`", kGuardianFields,
                      loading.issues);
  if (const auto role = object.NeedText("role")) {
    if (ResolveIn(loading.related, *role, object.PointerTo("role"),
                  loading.issues) != NameTable::kNone) {
      rule.guardian = *role;
    }
  }
  object.Need("below");
  rule.below = static_cast<int>(object.Int("below", 1, kAgeMax).value_or(0));
  rule.age = ReadName<FactId>(loading, object, "age", loading.facts, true);
  ReadSource(loading, object, "this age");
  if (rule.age.IsNone()) return;
  const FactValue::Kind kind = loading.protocol.at(rule.age).kind;
  if (kind != FactValue::Kind::kInteger && kind != FactValue::Kind::kDate) {
    object.Error("age", "wrong_type", "an age is a number of years or a date",
                 "a fact of type integer (years) or date (of birth)");
  }
}

// Minutes of the day; 0, with an issue, when the text is no time of day.
int ReadMinute(ObjectReader& object, std::string_view key) {
  const auto text = object.NeedText(key);
  if (!text) return 0;
  const std::optional<int64_t> us = ParseTimeOfDay(*text);
  if (!us) {
    object.Error(key, "bad_span", "this is no time of day",
                 "for example \"21:00\"");
  }
  return static_cast<int>(us.value_or(0) / 60'000'000);
}

}  // namespace

void ReadQuietHours(Loading& loading) {
  const json::Value value = loading.root.Find("quiet_hours");
  if (!value) return;
  ObjectReader object(value, "`quiet_hours`", kQuietFields, loading.issues);
  if (!object.ok()) return;
  QuietHours hours;
  hours.from = ReadMinute(object, "from");
  hours.to = ReadMinute(object, "to");
  hours.patient_zone = object.Choice("zone", kZones).value_or(0) == 1;
  ReadSource(loading, object, "this time of day");
  if (object.Text("from") && object.Text("to") &&
      !LeavesTimeToSpeak(hours.from, hours.to)) {
    object.Error("to", "out_of_range",
                 absl::StrCat("a day has at least ", kSpeakingHoursMin,
                              " hours in which words to patients are sent"),
                 "quiet hours that end earlier");
  }
  loading.protocol.quiet_hours = hours;
}

void ReadRoutes(Loading& loading) {
  for (const json::Value value : json::Children(loading.root.Find("routes"))) {
    ObjectReader object(value, "a route", kRouteFields, loading.issues);
    const auto id = object.Text("id");
    const uint16_t number = id ? loading.routes.Find(*id) : NameTable::kNone;
    if (number == NameTable::kNone) continue;
    Route& route = loading.protocol.routes[number];
    route.title = TextIn(ReadTexts(object.Get("title"),
                                   loading.protocol.language, loading.issues),
                         loading.protocol.language);
    route.consents =
        ReadNames<PurposeId>(loading, object, "consents", loading.purposes);
    ReadDocuments(loading, object, route);
    route.referrer_feedback = object.Bool("referrer_feedback", false);
    route.legal_clock =
        ReadName<ClockDefId>(loading, object, "legal_clock", loading.clocks);
    route.information_source = object.Text("information_source").value_or("");
  }
}

void ReadPurposes(Loading& loading) {
  for (const json::Value value :
       json::Children(loading.root.Find("purposes"))) {
    ObjectReader object(value, "a purpose", loading.issues);
    const auto id = object.Text("id");
    const uint16_t number = id ? loading.purposes.Find(*id) : NameTable::kNone;
    if (number == NameTable::kNone) continue;
    PurposeRule& rule = loading.protocol.purpose_rules[number];
    rule.valid_for = ReadSpan(object, "valid_for", false);
    if (rule.valid_for && rule.valid_for->amount == 0) {
      object.Error("valid_for", "bad_span",
                   "a consent cannot run out as it is given");
    }
    if (object.Has("valid_for")) ReadSource(loading, object, "this time");
    ReadGuardian(loading, object, rule);
  }
}

}  // namespace stepwell::protocol
