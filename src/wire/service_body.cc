// The bodies of commands that the service handles itself, and the scan of
// input that fits nowhere.
#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "base/zone.h"
#include "instruments/answers.h"
#include "instruments/answers_json.h"
#include "instruments/score.h"
#include "protocol/reader.h"
#include "wire/adoption_json.h"
#include "wire/body_reader.h"
#include "wire/command_json.h"
#include "wire/given_answers.h"

namespace stepwell::wire {
namespace {

constexpr int64_t kGroupPlacesMax = 1000;
// Each case of a batch is a command of its own: "ID/CASE", of 13 letters.
constexpr size_t kBatchIdBytesMax = limits::kStoredNameBytesMax - 14;
constexpr int64_t kCaseloadMax = 1'000'000;
constexpr size_t kRampStepsMax = 50;
constexpr int32_t kMinutesPerWeek = 7 * 24 * 60;

using engine::FactValue;

// The person's time zone: one that is compiled in, or none.
std::string ReadZone(BodyReader& r) {
  std::string zone = r.TextOr("zone");
  if (zone.empty() || FindZone(zone) != nullptr) return zone;
  r.Fail(r.pointer() + "/zone", "there is no time zone " + Shown(zone),
         "an IANA name, for example \"Europe/Stockholm\"");
  return "";
}

void Read(BodyReader& r, RegisterPerson& c) {
  if (r.head().person && r.head().person->id.value == 0) {
    c.identifiers.push_back(r.head().person->identifier);
  }
  if (const json::Value more = r.Get("identifiers")) {
    if (!more.is_array()) r.Fail(more, "`identifiers` is an array");
    for (json::Value value : json::Children(more)) {
      const auto identifier = Members::IdentifierOf(value, r);
      if (identifier) c.identifiers.push_back(*identifier);
    }
  }
  if (c.identifiers.empty()) {
    r.Fail(r.pointer(), "a person is registered under an identifier",
           "\"person\": {\"system\": ..., \"value\": ...}");
  }
  c.name = r.TextOr("name");
  if (const auto text = r.Text("birth_date")) {
    c.birth_date = ParseDate(*text);
    if (!c.birth_date) {
      r.Fail(r.pointer() + "/birth_date", Shown(*text) + " is no date",
             "write it like 1985-06-30");
    }
  }
  c.sex = r.TextOr("sex");
  instruments::Sex sex;
  if (!c.sex.empty() && !instruments::SexFromName(c.sex, &sex)) {
    r.FailName("sex", c.sex, {"female", "male", "other", "unknown"});
  }
  c.zone = ReadZone(r);
  c.died = r.Bool("died");
}

// A fact of the protocol by its type; without a protocol by the JSON's own.
void ReadFacts(BodyReader& r, ReceiveReferral& c) {
  const json::Value facts = r.Get("facts");
  if (!facts) return;
  if (!facts.is_object()) {
    r.Fail(facts, "`facts` is an object: {\"age\": 34}");
    return;
  }
  Members f(facts, r.lenient());
  for (json::Value value : json::Children(facts)) {
    if (f.Get(value.key()).is_null() || value.is_null()) continue;
    FactValue::Kind kind = value.is_bool()     ? FactValue::Kind::kBoolean
                           : value.is_number() ? FactValue::Kind::kInteger
                                               : FactValue::Kind::kText;
    const std::string name(value.key());
    if (r.protocol() != nullptr) {
      const engine::FactId id = r.protocol()->FindFact(name);
      if (id.IsNone()) {
        std::vector<std::string> known;
        for (const auto& fact : r.protocol()->facts) known.push_back(fact.id);
        f.FailName(value.key(), name, known);
        continue;
      }
      kind = r.protocol()->at(id).kind;
    }
    if (const auto fact = ReadFact(value, kind, f)) {
      c.facts.emplace_back(name, *fact);
    }
  }
  r.Take(f);
}

// {"care": true}, or {"care": {"given": true, "by": "guardian"}}.
void ReadConsents(BodyReader& r, ReceiveReferral& c) {
  const json::Value consents = r.Get("consents");
  if (!consents) return;
  if (!consents.is_object()) {
    r.Fail(consents, "`consents` is an object: {\"care\": true}");
    return;
  }
  for (const json::Value value : json::Children(consents)) {
    const std::string purpose(value.key());
    if (r.protocol() != nullptr &&
        r.protocol()->FindPurpose(purpose).IsNone()) {
      r.FailNameAt(value.pointer(), purpose, r.protocol()->purposes);
    } else if (value.is_bool()) {
      c.consents.emplace_back(purpose, value.bool_value());
    } else if (value.is_object()) {
      BodyReader said(r.head(), value, r.names());
      said.Need("given", "true or false");
      said.Need("by", "a role in `related` of the protocol");
      RelatedConsent consent;
      consent.purpose = purpose;
      consent.given = said.Bool("given").value_or(false);
      consent.role =
          r.protocol() == nullptr ? said.TextOr("by") : said.RelatedRole("by");
      said.Finish();
      r.Take(said);
      c.related_consents.push_back(std::move(consent));
    } else if (!value.is_null()) {
      r.Fail(value,
             "a consent is true or false, or an object with `given` "
             "and `by`");
    }
  }
}

void Read(BodyReader& r, ReceiveReferral& c) {
  if (!r.head().person) {
    r.Fail(r.pointer() + "/person", "needs `person`",
           "{\"id\": ...} or {\"system\": ..., \"value\": ...}");
  }
  r.Need("route", "one of the routes of the protocol");
  c.route = r.TextOr("route");
  if (r.protocol() != nullptr && !c.route.empty() &&
      r.protocol()->FindRoute(c.route).IsNone()) {
    std::vector<std::string> known;
    for (const auto& route : r.protocol()->routes) known.push_back(route.id);
    r.FailName("route", c.route, known);
  }
  c.referrer = r.TextOr("referrer");
  c.identifier = r.ReadIdentifier("referral");
  c.received_at = r.Time("received_at");
  c.wait_from = r.Time("wait_from");
  if (c.received_at && c.wait_from && *c.received_at < *c.wait_from) {
    r.Fail(r.pointer() + "/wait_from",
           "the wait starts no later than the referral was received");
  }
  c.information_source = r.TextOr("information_source");
  ReadDocuments(r, c.documents, c.papers);
  ReadConsents(r, c);
  ReadFacts(r, c);
  c.zone = ReadZone(r);
}

std::vector<std::string> StaffPools(const Names& names) {
  if (names.staff_pools) return names.staff_pools();
  std::vector<std::string> pools;
  for (const auto& pool : names.protocol->pools) pools.push_back(pool.id);
  return pools;
}

}  // namespace

std::optional<int32_t> ReadShare(Members& members) {
  const auto share = members.Integer("share", 1, 100);
  return share ? std::optional(static_cast<int32_t>(*share)) : std::nullopt;
}

std::vector<engine::RampStep> ReadRampUp(Members& members) {
  std::vector<engine::RampStep> steps;
  const json::Value list = members.Get("ramp_up");
  if (list && (!list.is_array() || list.size() > kRampStepsMax)) {
    members.Fail(list,
                 absl::StrCat("a list of at most ", kRampStepsMax, " steps"));
    return steps;
  }
  for (const json::Value value : json::Children(list)) {
    Members step(value, members.lenient());
    step.Need("until", "a time");
    step.Need("caseload_max", "the most cases until then");
    const auto until = step.Time("until");
    const auto limit = step.Integer("caseload_max", 1, kCaseloadMax);
    if (until && !steps.empty() && *until <= steps.back().until) {
      step.Fail(step.pointer() + "/until",
                "a step ends after the one before it");
    }
    step.Finish();
    members.Take(step);
    if (until && limit) {
      steps.push_back({*until, static_cast<int32_t>(*limit)});
    }
  }
  return steps;
}

void CheckTerms(const StaffTerms& terms,
                const std::vector<engine::RampStep>& ramp_up,
                Members& members) {
  const auto is_before_start = [&terms](std::optional<Instant> end) {
    return terms.starts_at && end && *end <= *terms.starts_at;
  };
  if (is_before_start(terms.left_at)) {
    members.Fail(members.pointer() + "/left_at",
                 "whoever leaves has begun before");
  }
  if (is_before_start(terms.new_until)) {
    members.Fail(members.pointer() + "/new_until",
                 "whoever is new has begun before");
  }
  if (!ramp_up.empty() && is_before_start(ramp_up.front().until)) {
    members.Fail(members.pointer() + "/ramp_up/0/until",
                 "it is over before they begin");
  }
  if (terms.has_cover && !terms.left_at) {
    members.Fail(members.pointer() + "/cover",
                 "who covers once they have left needs `left_at`",
                 "a leave has a cover of its own");
  }
}

namespace {

// The whole, and the parts of it that are known.
void ReadMinutes(BodyReader& r, AddStaff& c) {
  int32_t parts = 0;
  const auto read = [&r](std::string_view key) {
    const auto minutes = r.Integer(key, 0, kMinutesPerWeek);
    return minutes ? std::optional(static_cast<int32_t>(*minutes))
                   : std::nullopt;
  };
  c.weekly_minutes = read("weekly_minutes");
  c.direct_minutes = read("direct_minutes");
  c.supervision_minutes = read("supervision_minutes");
  c.admin_minutes = read("admin_minutes");
  for (const auto& part :
       {c.direct_minutes, c.supervision_minutes, c.admin_minutes}) {
    parts += part.value_or(0);
  }
  if (parts > c.weekly_minutes.value_or(kMinutesPerWeek)) {
    r.Fail(c.weekly_minutes ? r.pointer() + "/weekly_minutes" : r.pointer(),
           absl::StrCat("a week's minutes are less than their parts, ", parts));
  }
}

void Read(BodyReader& r, AddStaff& c) {
  r.Need("staff", "the reference of the member: \"anna\"");
  c.staff = r.TextOr("staff");
  if (r.status().ok() && c.staff.empty()) {
    r.Fail(r.pointer() + "/staff", "the reference of a member is not empty");
  }
  r.Need("pools", "the pools they belong to");
  c.pools = r.TextList("pools");
  if (r.protocol() != nullptr) {
    const std::vector<std::string> known = StaffPools(r.names());
    for (size_t i = 0; i < c.pools.size(); ++i) {
      if (std::find(known.begin(), known.end(), c.pools[i]) != known.end()) {
        continue;
      }
      r.FailNameAt(absl::StrCat(r.pointer(), "/pools/", i), c.pools[i], known);
    }
  }
  ReadMinutes(r, c);
  c.calendar = r.TextOr("calendar");
  if (r.Get("calendar") && IsBlank(c.calendar)) {
    r.Fail(r.pointer() + "/calendar", "a calendar has a name",
           "left out they work by the hours of their pools");
  }
  c.skills = r.ComparedTexts("skills");
  c.languages = r.ComparedTexts("languages");
  c.sites = r.ComparedTexts("sites");
  if (const auto limit = r.Integer("caseload_max", 1, kCaseloadMax)) {
    c.caseload_max = static_cast<int32_t>(*limit);
  }
  c.share = ReadShare(r);
  c.ramp_up = ReadRampUp(r);
  c.starts_at = r.Time("starts_at");
  c.left_at = r.Time("left_at");
  c.new_until = r.Time("new_until");
  c.cover = r.Staff("cover");
  CheckTerms({c.starts_at, c.left_at, c.new_until, c.cover.value != 0},
             c.ramp_up, r);
}

void Read(BodyReader& r, DrawReviews& c) {
  r.Need("month", "the month whose reviews are drawn: \"2026-03\"");
  const std::optional<std::string> month = r.Text("month");
  if (!month) return;
  const std::optional<Date> first = ParseDate(*month + "-01");
  if (!first) {
    r.Fail(r.pointer() + "/month", Shown(*month) + " is no month",
           "a year and a month: \"2026-03\"");
    return;
  }
  c.first = *first;
}

void Read(BodyReader& r, ReassignCases& c) {
  if (r.head().envelope.command_id.size() > kBatchIdBytesMax) {
    r.Fail(r.pointer() + "/id", absl::StrCat("the id of a batch has at most ",
                                             kBatchIdBytesMax, " bytes"));
  }
  r.Need("from", "whose cases they are");
  c.from = r.Staff("from");
  c.pool = r.TextOr("pool");
  if (!c.pool.empty()) r.Pool("pool");
  c.to = r.Staff("to");
  c.over_limits = r.Bool("over_limits").value_or(false);
  if (r.head().envelope.reason.empty()) {
    r.Fail(r.pointer() + "/reason",
           "needs `reason`: why these cases go to others");
  }
}

void Read(BodyReader& r, SetSafeMode& c) {
  r.Need("on", "whether the service is in safe mode from now on");
  c.on = r.Bool("on").value_or(false);
  if (r.head().envelope.reason.empty()) {
    r.Fail(r.pointer() + "/reason", "needs `reason`: why it is switched");
  }
}

ParkedSelector ReadParked(BodyReader& r) {
  ParkedSelector parked;
  const json::Value value =
      r.Need("parked", "its number on the worklist or its receipt");
  if (value.is_string()) {
    parked.receipt = value.string_value();
  } else if (value) {
    if (const auto n = r.Integer("parked", 0, UINT32_MAX - 1)) {
      parked.ordinal = static_cast<uint32_t>(*n);
    }
  }
  return parked;
}

void Read(BodyReader& r, FileParked& c) {
  c.parked = ReadParked(r);
  if (!r.head().case_id) {
    r.Fail(r.pointer() + "/case", "needs `case`, where it belongs");
  }
}

void Read(BodyReader& r, DismissParked& c) {
  c.parked = ReadParked(r);
  c.outcome = r.TextOr("outcome");
  if (r.head().envelope.reason.empty()) {
    r.Fail(r.pointer() + "/reason",
           "needs `reason`: patient input is not dismissed "
           "without one");
  }
}

void Read(BodyReader& r, SetLeave& c) {
  r.Need("staff", "who is away");
  c.staff = r.TextOr("staff");
  if (!c.staff.empty()) r.Staff("staff");
  r.Need("from", "when the leave begins");
  r.Need("to", "when it ends");
  c.from = r.Time("from").value_or(Instant{});
  c.to = r.Time("to").value_or(Instant{});
  c.cover = r.Staff("cover");
}

void Read(BodyReader& r, SetActing& c) {
  r.Need("staff", "who acts for another");
  c.staff = r.Staff("staff");
  r.Need("for", "whom they act for");
  c.of = r.Staff("for");
  c.pool = r.TextOr("pool");
  if (r.Get("pool") && r.protocol() != nullptr) {
    const std::vector<std::string> known = StaffPools(r.names());
    if (std::find(known.begin(), known.end(), c.pool) == known.end()) {
      r.FailName("pool", c.pool, known);
    }
  }
  r.Need("from", "when it begins");
  r.Need("to", "when it ends");
  c.from = r.Time("from").value_or(Instant{});
  c.to = r.Time("to").value_or(Instant{});
}

void Read(BodyReader& r, OpenGroup& c) {
  r.Need("group", "the host's id of the group");
  r.Need("kind", "a kind of group of the protocol");
  r.Need("starts_at", "when it begins");
  const std::optional<std::string> group = r.Text("group");
  if (group && IsBlank(*group)) {
    r.Fail(absl::StrCat(r.pointer(), "/group"),
           "is blank: nobody could name the group");
  }
  c.group = group.value_or("");
  c.kind = r.TextOr("kind");
  c.starts_at = r.Time("starts_at").value_or(Instant{});
  if (const auto minimum = r.Integer("minimum", 1, kGroupPlacesMax)) {
    c.minimum = static_cast<int32_t>(*minimum);
  }
  if (const auto places = r.Integer("places", 1, kGroupPlacesMax)) {
    c.places = static_cast<int32_t>(*places);
  }
}

void Read(BodyReader& r, CallOffGroup& c) {
  r.Need("group", "the host's id of the group");
  c.group = r.TextOr("group");
  if (r.head().envelope.reason.empty()) {
    r.Fail(r.pointer() + "/reason",
           "needs `reason`: those who have a seat are told why");
  }
}

// One who is merged, or parted again, is named and told why.
void NeedPersonAndReason(BodyReader& r) {
  if (!r.head().person) {
    r.Fail(r.pointer() + "/person", "needs `person`",
           "{\"id\": ...} or {\"system\": ..., \"value\": ...}");
  }
  if (r.head().envelope.reason.empty()) {
    r.Fail(r.pointer() + "/reason",
           "needs `reason`: how it is known who they are");
  }
}

void Read(BodyReader& r, MergePersons& c) {
  NeedPersonAndReason(r);
  const json::Value merged =
      r.Need("merged",
             "the other record of the person: {\"id\": ...} or "
             "{\"system\": ..., \"value\": ...}");
  if (merged) c.merged = ReadSelector(merged, r).value_or(PersonSelector());
}

void Read(BodyReader& r, UnmergePersons&) { NeedPersonAndReason(r); }

template <class Body>
absl::StatusOr<ServiceBody> ReadAs(BodyReader& r) {
  Body body;
  Read(r, body);
  r.FinishCommand();
  STEPWELL_RETURN_IF_ERROR(r.status());
  return ServiceBody(std::move(body));
}

// The instrument that a command means: by its name in the protocol, by the
// item it answers, or by its id in the catalogue.
std::shared_ptr<const instruments::Instrument> MeantInstrument(
    json::Value command, const Names& names) {
  const json::Value name = command.Find("instrument");
  const json::Value item = command.Find("item");
  if (names.protocol != nullptr) {
    engine::InstrumentRef ref;
    if (name.is_string()) {
      ref = names.protocol->FindInstrument(name.string_value());
    }
    if (ref.IsNone() && item.is_string()) {
      const auto element = names.protocol->FindElement(item.string_value());
      if (!element.IsNone()) ref = names.protocol->at(element).instrument;
    }
    if (!ref.IsNone()) return names.protocol->at(ref).instrument;
  }
  if (!name.is_string()) return nullptr;
  auto found = instruments::LoadCatalogueInstrument(name.string_value());
  return found.ok() ? *found : nullptr;
}

}  // namespace

absl::StatusOr<ServiceBody> ReadServiceBody(const CommandHead& head,
                                            json::Value command,
                                            const Names& names) {
  BodyReader r(head, command, names);
  if (head.verb == "register_person") return ReadAs<RegisterPerson>(r);
  if (head.verb == "receive_referral") return ReadAs<ReceiveReferral>(r);
  if (head.verb == "add_staff") return ReadAs<AddStaff>(r);
  if (head.verb == "file_parked") return ReadAs<FileParked>(r);
  if (head.verb == "dismiss_parked") return ReadAs<DismissParked>(r);
  if (head.verb == "set_leave") return ReadAs<SetLeave>(r);
  if (head.verb == "adopt_case") return ReadAs<engine::AdoptCase>(r);
  if (head.verb == "open_group") return ReadAs<OpenGroup>(r);
  if (head.verb == "call_off_group") return ReadAs<CallOffGroup>(r);
  if (head.verb == "merge_persons") return ReadAs<MergePersons>(r);
  if (head.verb == "unmerge_persons") return ReadAs<UnmergePersons>(r);
  if (head.verb == "reassign_cases") return ReadAs<ReassignCases>(r);
  if (head.verb == "draw_reviews") return ReadAs<DrawReviews>(r);
  if (head.verb == "set_safe_mode") return ReadAs<SetSafeMode>(r);
  if (head.verb == "set_acting") return ReadAs<SetActing>(r);
  return Internal(absl::StrCat(head.verb, " is no command to the service"));
}

std::string PersonalJson(const RegisterPerson& person) {
  if (!person.birth_date && person.name.empty() && person.sex.empty()) {
    return "";
  }
  json::Writer out;
  out.BeginObject();
  if (person.birth_date) {
    out.Key("birth_date").String(FormatDate(*person.birth_date));
  }
  if (!person.name.empty()) out.Key("name").String(person.name);
  if (!person.sex.empty()) out.Key("sex").String(person.sex);
  out.EndObject();
  return out.Take();
}

namespace {

engine::Answer3 RiskIn(json::Value answers,
                       const instruments::Instrument& instrument) {
  instruments::Answers read(instrument);
  for (const auto& given : ReadGivenAnswers(instrument, answers).answers) {
    if (given.item >= read.size()) continue;
    if (given.number) {
      read.SetValue(given.item, static_cast<int32_t>(*given.number));
    } else {
      read.Set(given.item, {instruments::Answer::State::kUnreadable, 0});
    }
  }
  switch (instruments::Score(instrument, read.view()).risk()) {
    case instruments::Tri::kFalse:
      return engine::Answer3::kNo;
    case instruments::Tri::kTrue:
      return engine::Answer3::kYes;
    case instruments::Tri::kUnknown:
      break;
  }
  return engine::Answer3::kUnknown;
}

}  // namespace

engine::Answer3 ScanRisk(json::Value command, const Names& names) {
  const auto instrument = MeantInstrument(command, names);
  if (!instrument) {
    // Answers to who knows what may disclose anything.
    return command.Find("answers") ? engine::Answer3::kUnknown
                                   : engine::Answer3::kNo;
  }
  return RiskIn(RiskiestAnswers(command, names), *instrument);
}

json::Value RiskiestAnswers(json::Value command, const Names& names) {
  const auto instrument = MeantInstrument(command, names);
  json::Value riskiest = command.Find("answers");
  if (!instrument || !riskiest) return riskiest;
  engine::Answer3 risk = RiskIn(riskiest, *instrument);
  for (json::Value other = riskiest.next_sibling(); other;
       other = other.next_sibling()) {
    if (other.key() != "answers" || risk == engine::Answer3::kYes) continue;
    const engine::Answer3 one = RiskIn(other, *instrument);
    if (one == risk || one == engine::Answer3::kNo) continue;
    risk = one;
    riskiest = other;
  }
  return riskiest;
}

}  // namespace stepwell::wire
