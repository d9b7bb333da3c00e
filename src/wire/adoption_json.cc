// The body of adopt_case: what is declared of a patient in mid-treatment, by
// the names of the protocol. A name that does not fit is a mistake with its
// place.
#include "wire/adoption_json.h"

#include "absl/strings/str_cat.h"
#include "base/span.h"
#include "base/strings.h"
#include "base/zone.h"
#include "protocol/reader.h"

namespace stepwell::wire {
namespace {

using engine::AdoptCase;
using engine::Owner;

template <class Table>
std::vector<std::string> NamesIn(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) {
    if constexpr (requires { entry.name; }) {
      names.push_back(entry.name);
    } else {
      names.push_back(entry.id);
    }
  }
  return names;
}

// The number of the name in the table; none with a mistake.
template <class Id, class Table>
Id Find(BodyReader& r, std::string_view key, const Table& table,
        std::string_view what) {
  r.Need(key, what);
  const std::optional<std::string> name = r.Text(key);
  if (!name) return {};
  const std::vector<std::string> names = NamesIn(table);
  for (uint16_t i = 0; i < names.size(); ++i) {
    if (names[i] == *name) return Id(i);
  }
  r.FailName(key, *name, names);
  return {};
}

// Reads each object of the list; a mistake in one of them is one of `r`.
template <class F>
void Each(BodyReader& r, std::string_view key, F&& read) {
  const json::Value list = r.Get(key);
  if (!list) return;
  if (!list.is_array()) {
    r.Fail(list, absl::StrCat("`", ToAbsl(key), "` is an array of objects"));
    return;
  }
  for (const json::Value value : json::Children(list)) {
    BodyReader inner(r.head(), value, r.names());
    read(inner);
    inner.Finish();
    r.Take(inner);
  }
}

Instant TimeOf(BodyReader& r, std::string_view key) {
  r.Need(key, "a time");
  return r.Time(key).value_or(Instant{});
}

Owner OwnerIn(BodyReader& r) {
  Owner owner;
  if (r.Get("pool")) owner.pool = r.Pool("pool");
  owner.staff = r.Staff("staff");
  return owner;
}

void ReadReferral(BodyReader& r, AdoptCase& c) {
  engine::Referral referral;
  referral.route = Find<engine::RouteId>(r, "route", r.protocol()->routes,
                                         "one of the routes of the protocol");
  referral.received_at = TimeOf(r, "received_at");
  referral.wait_from = r.Time("wait_from").value_or(referral.received_at);
  if (referral.wait_from > referral.received_at) {
    r.Fail(r.pointer() + "/wait_from",
           "the wait starts no later than the referral was received");
  }
  referral.referrer = r.TextOr("referrer");
  referral.information_source = r.TextOr("information_source");
  ReadDocuments(r, referral.documents, referral.papers);
  if (r.Get("answer")) {
    referral.disposition = r.Outcome("answer", {});
    referral.answered_at = TimeOf(r, "answered_at");
  }
  c.referrals.push_back(std::move(referral));
}

void ReadTrack(BodyReader& r, AdoptCase& c) {
  const auto& protocol = *r.protocol();
  const auto track = Find<engine::TrackId>(r, "track", protocol.tracks,
                                           "a track of the protocol");
  r.Need("phase", "the phase that it is in");
  const std::optional<std::string> name = r.Text("phase");
  const Instant since = TimeOf(r, "since");
  if (track.IsNone() || !name) return;
  std::vector<std::string> phases;
  for (uint16_t i = 0; i < protocol.phases.size(); ++i) {
    if (protocol.phases[i].track != track) continue;
    phases.push_back(protocol.phases[i].id);
    if (phases.back() != *name) continue;
    c.phases[track.value] = engine::PhaseId(i);
    c.entered[track.value] = since;
    return;
  }
  r.FailName("phase", *name, phases);
}

void ReadTracks(BodyReader& r, AdoptCase& c) {
  const auto& tracks = r.protocol()->tracks;
  c.phases.assign(tracks.size(), {});
  c.entered.assign(tracks.size(), {});
  Each(r, "tracks", [&](BodyReader& inner) { ReadTrack(inner, c); });
  for (size_t t = 0; t < tracks.size(); ++t) {
    if (!c.phases[t].IsNone()) continue;
    r.Fail(r.pointer() + "/tracks",
           absl::StrCat("needs the phase of the track ", tracks[t].id),
           absl::StrCat("{\"track\": \"", tracks[t].id,
                        "\", \"phase\": ..., \"since\": ...}"));
  }
}

void ReadFacts(BodyReader& r, AdoptCase& c) {
  const json::Value facts = r.Get("facts");
  if (!facts) return;
  if (!facts.is_object()) {
    r.Fail(facts, "`facts` is an object: {\"age\": 34}");
    return;
  }
  for (const json::Value value : json::Children(facts)) {
    const engine::FactId fact = r.protocol()->FindFact(value.key());
    if (fact.IsNone()) {
      r.FailNameAt(value.pointer(), std::string(value.key()),
                   NamesIn(r.protocol()->facts));
    } else if (const auto read = r.Fact(value, fact)) {
      c.facts.push_back({fact, *read, 0});
    }
  }
}

void ReadEnrolment(BodyReader& r, AdoptCase& c) {
  engine::EnrolmentState e;
  e.program = r.Program("program", /*needed=*/true);
  e.started_at = TimeOf(r, "started_at");
  e.ended_at = r.Time("ended_at");
  e.completed = r.Bool("completed").value_or(false);
  if (e.completed && !e.ended_at) {
    r.Fail(r.pointer() + "/ended_at", "needs `ended_at`, when it was complete");
  }
  e.language = r.TextOr("language");
  e.sequence = r.Modules("modules", e.program);
  if (e.program.IsNone()) return;
  const protocol::ImportedProgram& program = r.protocol()->at(e.program);
  e.guidance = r.NumberIn("guidance", program.guidance).value_or(0);
  const std::vector<std::string> sets = r.TextList("sets");
  for (size_t i = 0; i < sets.size(); ++i) {
    uint8_t set = 0;
    while (set < program.sets.size() && program.sets[set] != sets[i]) ++set;
    if (set == program.sets.size()) {
      r.FailNameAt(absl::StrCat(r.pointer(), "/sets/", i), sets[i],
                   program.sets);
    } else {
      e.sets.push_back(set);
    }
  }
  c.enrolments.push_back(std::move(e));
}

void ReadItem(BodyReader& r, AdoptCase& c) {
  engine::AdoptedItem item;
  item.element = r.Element("item", /*needed=*/true);
  r.Need("state", "available, active, done, skipped, expired or cancelled");
  item.status = r.Enum<engine::ItemStatus>("state").value_or(item.status);
  item.opened_at = TimeOf(r, "opened_at");
  const bool open = engine::IsOpen(item.status);
  if (!open) item.ended_at = TimeOf(r, "ended_at");
  if (!open && item.ended_at < item.opened_at) {
    r.Fail(r.pointer() + "/ended_at", "it ended before it was opened");
  }
  if (open) item.due = r.Time("due");
  if (r.Get("outcome")) item.outcome = r.Outcome("outcome", item.element);
  item.minutes = r.Minutes();
  if (!item.element.IsNone()) c.items.push_back(std::move(item));
}

void ReadScore(BodyReader& r, AdoptCase& c) {
  engine::AdoptedScore score;
  const auto& known = r.protocol()->instruments;
  score.instrument = Find<engine::InstrumentRef>(r, "instrument", known,
                                                 "the questionnaire's name");
  score.at = TimeOf(r, "at");
  r.Need("version", "the version of the questionnaire");
  const std::string version = r.TextOr("version");
  r.Need("score", "the total");
  const auto total = r.Integer("score", -1'000'000, 1'000'000);
  if (score.instrument.IsNone() || !total) return;
  if (version != r.protocol()->at(score.instrument).version) {
    r.Fail(r.pointer() + "/version",
           absl::StrCat("the service has version ",
                        r.protocol()->at(score.instrument).version,
                        " of the questionnaire: a score of another one is "
                        "not comparable"));
  }
  score.score = {*total, 1};
  c.scores.push_back(score);
}

void ReadClock(BodyReader& r, AdoptCase& c) {
  engine::AdoptedClock clock;
  clock.def = Find<engine::ClockDefId>(r, "clock", r.protocol()->clocks,
                                       "a clock of the protocol");
  clock.due = r.Time("due");
  clock.remaining = r.TextOr("remaining");
  clock.left_out = !r.Bool("runs").value_or(true);
  if (clock.left_out) {
    if (r.Get("started_at") || clock.due || !clock.remaining.empty()) {
      r.Fail(r.pointer(), "nothing is left of a clock that does not run");
    }
    if (!clock.def.IsNone()) c.clocks.push_back(std::move(clock));
    return;
  }
  clock.started_at = TimeOf(r, "started_at");
  if (clock.due.has_value() == !clock.remaining.empty()) {
    r.Fail(r.pointer(), "needs what is left of it: `due` or `remaining`");
  }
  if (!clock.remaining.empty()) {
    const auto span = ParseSpan(clock.remaining);
    if (!span.ok()) {
      r.Fail(r.pointer() + "/remaining", ToStd(span.status().message()));
    } else if (NeedsCalendar(*span) && !clock.def.IsNone() &&
               r.protocol()->at(clock.def).calendar.IsNone()) {
      r.Fail(r.pointer() + "/remaining", "the clock has no calendar");
    }
  }
  if (!clock.def.IsNone()) c.clocks.push_back(std::move(clock));
}

void ReadAlert(BodyReader& r, AdoptCase& c) {
  engine::AdoptedAlert alert;
  alert.tier = Find<engine::TierId>(r, "tier", r.protocol()->risk.tiers,
                                    "a tier of the protocol");
  r.Need("stage", "raised, acknowledged or assessed");
  alert.stage = r.Enum<engine::AlertStage>("stage").value_or(alert.stage);
  alert.owner = OwnerIn(r);
  if (alert.owner.pool.IsNone()) {
    r.Fail(r.pointer(),
           "alert_without_owner: needs `pool`, and `staff` when "
           "it is somebody's");
  }
  alert.raised_at = TimeOf(r, "raised_at");
  alert.deadline = r.Time("deadline");
  if (r.Get("outcome")) alert.outcome = r.Outcome("outcome", {});
  if (!alert.tier.IsNone()) c.alerts.push_back(std::move(alert));
}

void ReadLists(BodyReader& r, AdoptCase& c) {
  Each(r, "referrals", [&](BodyReader& o) { ReadReferral(o, c); });
  Each(r, "consents", [&](BodyReader& o) {
    engine::ConsentState consent;
    o.Need("purpose", "one of the purposes of the protocol");
    consent.purpose = o.ConsentPurpose("purpose");
    o.Need("given", "true or false");
    consent.given = o.Bool("given").value_or(false);
    consent.at = TimeOf(o, "at");
    if (!consent.purpose.IsNone()) c.consents.push_back(consent);
  });
  Each(r, "milestones", [&](BodyReader& o) {
    engine::MilestoneState reached;
    reached.milestone = Find<engine::MilestoneId>(
        o, "milestone", o.protocol()->milestones, "one of the protocol");
    reached.at = TimeOf(o, "at");
    if (!reached.milestone.IsNone()) c.milestones.push_back(reached);
  });
  Each(r, "enrolments", [&](BodyReader& o) { ReadEnrolment(o, c); });
  Each(r, "items", [&](BodyReader& o) { ReadItem(o, c); });
  Each(r, "scores", [&](BodyReader& o) { ReadScore(o, c); });
  Each(r, "clocks", [&](BodyReader& o) { ReadClock(o, c); });
  Each(r, "alerts", [&](BodyReader& o) { ReadAlert(o, c); });
}

}  // namespace

void Read(BodyReader& r, AdoptCase& c) {
  if (r.protocol() == nullptr) {
    r.Fail(r.pointer(), "a case is adopted into a protocol");
    return;
  }
  if (!r.head().person) {
    r.Fail(r.pointer() + "/person", "needs `person`",
           "{\"id\": ...} or {\"system\": ..., \"value\": ...}");
  }
  ReadTracks(r, c);
  ReadFacts(r, c);
  ReadLists(r, c);
  const json::Value owner = r.Need("owner", "{\"pool\": ..., \"staff\": ...}");
  if (owner) {
    BodyReader inner(r.head(), owner, r.names());
    c.owner = OwnerIn(inner);
    if (c.owner.pool.IsNone()) {
      inner.Fail(inner.pointer() + "/pool", "needs `pool`, whose case it is");
    }
    inner.Finish();
    r.Take(inner);
  }
  c.zone = r.TextOr("zone");
  if (!c.zone.empty() && FindZone(c.zone) == nullptr) {
    r.Fail(r.pointer() + "/zone", "there is no time zone " + Shown(c.zone),
           "an IANA name, for example \"Europe/Stockholm\"");
  }
  if (c.referrals.empty()) {
    r.Fail(r.pointer() + "/referrals",
           "needs the referral that the patient came by");
  }
}

}  // namespace stepwell::wire
