// The values of the public face as JSON (docs/reference/cli.md).
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "host/errors.h"
#include "host/lines.h"
#include "json/json.h"
#include "stepwell/service.h"

namespace stepwell {
namespace {

using json::Writer;

void Time(Writer& w, const char* key, Instant instant) {
  w.Key(key);
  if (instant.IsNever()) {
    w.Null();
  } else {
    w.String(FormatInstantUtc(instant));
  }
}

void Text(Writer& w, const char* key, const std::string& text) {
  if (!text.empty()) w.Key(key).String(text);
}

void Texts(Writer& w, const char* key, const std::vector<std::string>& texts) {
  w.Key(key).BeginArray();
  for (const std::string& text : texts) w.String(text);
  w.EndArray();
}

void Pairs(Writer& w, const char* key,
           const std::vector<std::pair<std::string, std::string>>& pairs) {
  w.Key(key).BeginObject();
  for (const auto& [name, value] : pairs) w.Key(name).String(value);
  w.EndObject();
}

void Number(Writer& w, const char* key, const std::optional<double>& number) {
  w.Key(key);
  if (number) {
    w.Double(*number);
  } else {
    w.Null();
  }
}

const char* KindName(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::kAccepted:
      return "accepted";
    case Reply::Kind::kRejected:
      return "rejected";
    case Reply::Kind::kParked:
      return "parked";
  }
  return "";
}

void Lines(Writer& w, const char* key, const std::vector<WorkLine>& lines) {
  w.Key(key).BeginArray();
  for (const WorkLine& line : lines) host::WriteLine(w, line);
  w.EndArray();
}

}  // namespace

namespace host {

void WriteLine(Writer& w, const WorkLine& line) {
  w.BeginObject();
  w.Key("kind").String(line.kind);
  w.Key("what").String(line.what);
  w.Key("ordinal").UInt(line.ordinal);
  if (line.occurrence > 0) w.Key("occurrence").Int(line.occurrence);
  Text(w, "title", line.title);
  Text(w, "case", line.case_id);
  Text(w, "person", line.person_id);
  Text(w, "pool", line.owner_pool);
  Text(w, "staff", line.owner_staff);
  w.Key("priority").Int(line.priority);
  w.Key("state").String(line.state);
  Time(w, "since", line.since);
  Time(w, "due", line.due);
  w.Key("overdue").Bool(line.overdue);
  Text(w, "note", line.note);
  Text(w, "text", line.text);
  if (line.text_cut) w.Key("text_cut").Bool(true);
  if (line.homework) w.Key("homework").Bool(true);
  if (line.claimed) w.Key("claimed").Bool(true);
  if (!line.follow_up.IsNever()) Time(w, "follow_up", line.follow_up);
  Text(w, "of", line.of);
  Text(w, "thread", line.thread);
  if (line.unread) w.Key("unread").Bool(true);
  if (line.letter) w.Key("letter").Bool(true);
  if (!line.to.empty()) {
    w.Key("to").BeginArray();
    for (const LetterReceiver& one : line.to) {
      w.BeginObject().Key("referral").String(one.referral_id);
      w.Key("route").String(one.route);
      Text(w, "referrer", one.referrer);
      w.EndObject();
    }
    w.EndArray();
  }
  Text(w, "withheld", line.withheld);
  w.EndObject();
}

void WriteEffect(Writer& w, const Effect& effect) {
  w.BeginObject();
  w.Key("effect").String(effect.effect_id);
  w.Key("position").UInt(effect.position);
  w.Key("kind").String(effect.kind);
  w.Key("to").String(effect.to);
  Text(w, "role", effect.role);
  Text(w, "related", effect.related_id);
  Text(w, "referral", effect.referral_id);
  Text(w, "referrer", effect.referrer);
  if (!effect.referral_identifiers.empty()) {
    w.Key("referral_identifiers").BeginArray();
    for (const auto& [system, value] : effect.referral_identifiers) {
      w.BeginObject().Key("system").String(system);
      w.Key("value").String(value).EndObject();
    }
    w.EndArray();
  }
  Text(w, "receiver", effect.receiver);
  Text(w, "body_key", effect.body_key);
  Text(w, "text", effect.text);
  if (!effect.letter.empty()) w.Key("letter").Raw(effect.letter);
  Text(w, "pool", effect.owner_pool);
  Text(w, "staff", effect.owner_staff);
  Text(w, "cover", effect.cover);
  Text(w, "template", effect.message_template);
  Text(w, "case", effect.case_id);
  Text(w, "person", effect.person_id);
  Text(w, "about", effect.about);
  Time(w, "valid_until", effect.valid_until);
  // A host that knows nothing of `no_channel` finds no way in the list.
  if (!effect.channels.empty() || effect.no_channel) {
    Texts(w, "channels", effect.channels);
  }
  if (effect.no_channel) w.Key("no_channel").Bool(true);
  if (!effect.leave_messages) w.Key("leave_messages").Bool(false);
  if (!effect.deferred_from.IsNever()) {
    Time(w, "deferred_from", effect.deferred_from);
  }
  w.EndObject();
}

}  // namespace host

std::string ToJson(const Reply& reply) {
  Writer w;
  w.BeginObject();
  w.Key("result").String(KindName(reply.kind));
  w.Key("id").String(reply.command_id);
  w.Key("repeated").Bool(reply.repeated);
  Text(w, "case", reply.case_id);
  Text(w, "person", reply.person_id);
  Text(w, "receipt", reply.receipt);
  w.Key("version").UInt(reply.version);
  Text(w, "code", reply.code);
  Text(w, "reason", reply.reason);
  if (!reply.show_now.empty()) Pairs(w, "show_now", reply.show_now);
  Texts(w, "events", reply.events);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const AdvanceResult& result) {
  Writer w;
  w.BeginObject();
  w.Key("fired").UInt(result.fired);
  w.Key("more").Bool(result.more);
  Time(w, "next_due", result.next_due);
  Texts(w, "failed", result.failed);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const AdvancePreview& preview) {
  Writer w;
  w.BeginObject();
  w.Key("due").UInt(preview.due);
  Time(w, "oldest_due", preview.oldest_due);
  Time(w, "last_advance", preview.last_advance);
  w.Key("needs_catch_up").Bool(preview.needs_catch_up);
  w.Key("by_clock").BeginObject();
  for (const auto& [clock, count] : preview.by_clock) w.Key(clock).UInt(count);
  w.EndObject().EndObject();
  return w.Take();
}

std::string ToJson(const Worklist& worklist) {
  Writer w;
  w.BeginObject();
  w.Key("total").UInt(worklist.total);
  w.Key("overdue").UInt(worklist.overdue);
  Lines(w, "lines", worklist.lines);
  w.Key("next");
  if (worklist.next.empty()) {
    w.Null();
  } else {
    w.String(worklist.next);
  }
  if (!worklist.counts.empty()) {
    w.Key("counts").BeginArray();
    for (const WorkCount& count : worklist.counts) {
      w.BeginObject().Key("kind").String(count.kind);
      w.Key("total").UInt(count.total).Key("overdue").UInt(count.overdue);
      w.Key("today").UInt(count.today);
      w.Key("deferred").UInt(count.deferred).EndObject();
    }
    w.EndArray();
  }
  w.EndObject();
  return w.Take();
}

namespace {

void Slots(Writer& w, const std::vector<PortalSlot>& slots) {
  w.Key("slots").BeginArray();
  for (const PortalSlot& slot : slots) {
    w.BeginObject();
    w.Key("id").String(slot.id);
    Time(w, "starts_at", slot.starts_at);
    if (slot.minutes != 0) w.Key("minutes").Int(slot.minutes);
    if (!slot.mode.empty()) Text(w, "mode", slot.mode);
    if (!slot.place.empty()) Text(w, "place", slot.place);
    w.EndObject();
  }
  w.EndArray();
}

void Groups(Writer& w, const std::vector<PortalGroup>& groups) {
  w.Key("groups").BeginArray();
  for (const PortalGroup& group : groups) {
    w.BeginObject();
    w.Key("group").String(group.group);
    Time(w, "starts_at", group.starts_at);
    w.Key("free").Int(group.free);
    w.EndObject();
  }
  w.EndArray();
}

}  // namespace

std::string ToJson(const std::vector<GroupSummary>& groups) {
  Writer w;
  w.BeginObject().Key("groups").BeginArray();
  for (const GroupSummary& group : groups) {
    w.BeginObject();
    w.Key("group").String(group.group);
    w.Key("kind").String(group.kind);
    w.Key("status").String(group.status);
    Time(w, "starts_at", group.starts_at);
    Time(w, "settle_at", group.settle_at);
    w.Key("minimum").Int(group.minimum).Key("places").Int(group.places);
    w.Key("seated").Int(group.seated).Key("waiting").Int(group.waiting);
    w.Key("members").BeginArray();
    for (const auto& [who, waiting] : group.members) {
      w.BeginObject().Key("case").String(who);
      w.Key("waiting").Bool(waiting).EndObject();
    }
    w.EndArray().EndObject();
  }
  w.EndArray().EndObject();
  return w.Take();
}

std::string ToJson(const Portal& portal) {
  Writer w;
  w.BeginObject();
  w.Key("person").String(portal.person_id);
  w.Key("entries").BeginArray();
  for (const PortalEntry& entry : portal.entries) {
    w.BeginObject();
    w.Key("case").String(entry.case_id);
    w.Key("item").String(entry.item);
    w.Key("kind").String(entry.kind);
    Text(w, "title", entry.title);
    w.Key("state").String(entry.state);
    if (entry.occurrence > 0) w.Key("occurrence").Int(entry.occurrence);
    Text(w, "instrument", entry.instrument);
    Time(w, "since", entry.since);
    Time(w, "due", entry.due);
    Time(w, "appointment_at", entry.appointment_at);
    Text(w, "role", entry.role);
    if (!entry.appointment.empty()) Text(w, "appointment", entry.appointment);
    if (!entry.mode.empty()) Text(w, "mode", entry.mode);
    if (!entry.place.empty()) Text(w, "place", entry.place);
    if (!entry.group.empty()) Text(w, "group", entry.group);
    if (!entry.window.empty()) {
      Text(w, "window", entry.window);
      Time(w, "closes", entry.closes);
    }
    if (!entry.slots.empty()) Slots(w, entry.slots);
    if (!entry.groups.empty()) Groups(w, entry.groups);
    if (!entry.draft.empty()) {
      Time(w, "draft_at", entry.draft_at);
      w.Key("draft").Raw(entry.draft);
    }
    w.EndObject();
  }
  w.EndArray();
  w.Key("consents").BeginArray();
  for (const PortalConsent& consent : portal.consents) {
    w.BeginObject();
    w.Key("case").String(consent.case_id);
    w.Key("purpose").String(consent.purpose);
    Text(w, "title", consent.title);
    Time(w, "since", consent.since);
    Text(w, "role", consent.role);
    w.EndObject();
  }
  w.EndArray().Key("unread").BeginArray();
  for (const PortalMessage& message : portal.unread) {
    w.BeginObject();
    w.Key("case").String(message.case_id);
    w.Key("message_id").String(message.message_id);
    Text(w, "thread", message.thread);
    Time(w, "sent_at", message.sent_at);
    w.EndObject();
  }
  w.EndArray();
  Pairs(w, "show_now", portal.show_now);
  w.EndObject();
  return w.Take();
}

namespace {

void Progress(Writer& w, const std::vector<ItemProgress>& progress) {
  const auto when = [&w](const char* key, Instant at) {
    if (!at.IsNever()) Time(w, key, at);
  };
  w.Key("progress").BeginArray();
  for (const ItemProgress& item : progress) {
    w.BeginObject();
    w.Key("item").String(item.item);
    w.Key("state").String(item.state);
    Time(w, "since", item.since);
    if (item.percent) w.Key("percent").Int(*item.percent);
    if (item.seconds) w.Key("seconds").UInt(*item.seconds);
    when("draft_since", item.draft_since);
    when("draft_at", item.draft_at);
    when("draft_abandoned_at", item.draft_abandoned_at);
    w.EndObject();
  }
  w.EndArray();
}

void Decisions(Writer& w, const std::vector<DecisionEntry>& decisions) {
  w.Key("decisions").BeginArray();
  for (const DecisionEntry& decision : decisions) {
    w.BeginObject();
    w.Key("seq").UInt(decision.seq);
    Time(w, "at", decision.at);
    Time(w, "recorded", decision.recorded);
    w.Key("item").String(decision.item);
    w.Key("outcome").String(decision.outcome);
    if (!decision.outcomes.empty()) Texts(w, "outcomes", decision.outcomes);
    w.Key("automatic").Bool(decision.automatic);
    Text(w, "proposed", decision.proposed);
    Text(w, "actor", decision.actor);
    Text(w, "reason", decision.reason);
    Texts(w, "rules", decision.rules);
    Texts(w, "inputs", decision.inputs);
    Text(w, "value", decision.value);
    if (!decision.working.empty()) Texts(w, "working", decision.working);
    w.EndObject();
  }
  w.EndArray();
}

void FollowUps(Writer& w, const std::vector<FollowUpEntry>& follow_ups) {
  w.Key("follow_ups").BeginArray();
  for (const FollowUpEntry& entry : follow_ups) {
    w.BeginObject();
    w.Key("window").String(entry.window);
    w.Key("state").String(entry.state);
    Text(w, "timing", entry.timing);
    w.Key("episode").Int(entry.episode);
    Time(w, "anchor", entry.anchor);
    Time(w, "opens", entry.opens);
    Time(w, "due", entry.due);
    Time(w, "closes", entry.closes);
    w.Key("answers").BeginArray();
    for (const FollowUpEntry::Answer& answer : entry.answers) {
      w.BeginObject().Key("item").String(answer.item);
      w.Key("timing").String(answer.timing);
      Time(w, "at", answer.at);
      w.EndObject();
    }
    w.EndArray().EndObject();
  }
  w.EndArray();
}

}  // namespace

std::string ToJson(const CaseSummary& summary) {
  Writer w;
  w.BeginObject();
  w.Key("case").String(summary.case_id);
  w.Key("person").String(summary.person_id);
  w.Key("protocol").String(summary.protocol);
  w.Key("protocol_hash").String(summary.protocol_hash);
  w.Key("state_hash").String(summary.state_hash);
  w.Key("version").UInt(summary.version);
  w.Key("open").Bool(summary.open);
  w.Key("paused").Bool(summary.paused);
  Text(w, "owner_pool", summary.owner_pool);
  Text(w, "owner_staff", summary.owner_staff);
  Pairs(w, "phases", summary.phases);
  Lines(w, "items", summary.open_items);
  Lines(w, "alerts", summary.open_alerts);
  Lines(w, "messages", summary.open_messages);
  Progress(w, summary.progress);
  w.Key("scores").BeginArray();
  for (const auto& [instrument, score] : summary.scores) {
    w.BeginObject().Key("instrument").String(instrument);
    w.Key("score").String(score).EndObject();
  }
  w.EndArray();
  Decisions(w, summary.decisions);
  FollowUps(w, summary.follow_ups);
  w.Key("timeline").BeginArray();
  for (const TimelineEntry& entry : summary.timeline) w.Raw(entry.json);
  w.EndArray().EndObject();
  return w.Take();
}

std::string ToJson(const Explanation& explanation) {
  Writer w;
  w.BeginObject();
  w.Key("item").String(explanation.item);
  w.Key("state").String(explanation.state);
  Texts(w, "reasons", explanation.reasons);
  Texts(w, "would_open", explanation.would_open);
  Decisions(w, explanation.decisions);
  if (!explanation.letters.empty()) {
    w.Key("letters").BeginArray();
    for (const std::string& letter : explanation.letters) w.Raw(letter);
    w.EndArray();
  }
  Text(w, "withheld", explanation.withheld);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const OutboxPage& page) {
  Writer w;
  w.BeginObject();
  w.Key("effects").BeginArray();
  for (const Effect& effect : page.effects) host::WriteEffect(w, effect);
  w.EndArray();
  w.Key("next").UInt(page.next);
  if (page.withheld > 0) w.Key("withheld").UInt(page.withheld);
  w.EndObject();
  return w.Take();
}

namespace {

void Switch(Writer& w, const char* key,
            const std::optional<SafeModeSwitch>& said) {
  if (!said) return;
  w.Key(key).BeginObject();
  Time(w, "at", said->at);
  w.Key("by").String(said->by);
  w.Key("reason").String(said->reason);
  w.EndObject();
}

}  // namespace

std::string ToJson(const Health& health) {
  Writer w;
  w.BeginObject();
  Time(w, "now", health.now);
  w.Key("open_cases").UInt(health.open_cases);
  w.Key("closed_cases").UInt(health.closed_cases);
  w.Key("referrals_in").UInt(health.referrals_in);
  w.Key("referrals_open").UInt(health.referrals_open);
  w.Key("referrals_answered").UInt(health.referrals_answered);
  w.Key("open_alerts").UInt(health.open_alerts);
  w.Key("overdue_alerts").UInt(health.overdue_alerts);
  w.Key("unowned_work").UInt(health.unowned_work);
  w.Key("unstaffed_alerts").UInt(health.unstaffed_alerts);
  w.Key("parked").UInt(health.parked);
  w.Key("outbox_pending").UInt(health.outbox_pending);
  w.Key("oldest_due_unfired_us").Int(health.oldest_due_unfired_us);
  w.Key("held_clocks").UInt(health.held_clocks);
  w.Key("unacknowledged_hour").UInt(health.unacknowledged_hour);
  w.Key("unacknowledged_day").UInt(health.unacknowledged_day);
  w.Key("unacknowledged_older").UInt(health.unacknowledged_older);
  w.Key("oldest_unacknowledged_us").Int(health.oldest_unacknowledged_us);
  if (health.safe_since) Time(w, "safe_since", *health.safe_since);
  Switch(w, "safe_on", health.safe_on);
  Switch(w, "safe_off", health.safe_off);
  Texts(w, "violations", health.violations);
  Texts(w, "warnings", health.warnings);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const Verification& verification) {
  Writer w;
  w.BeginObject();
  w.Key("streams").UInt(verification.streams);
  w.Key("events").UInt(verification.events);
  Texts(w, "differences", verification.differences);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const ImportReport& report) {
  Writer w;
  w.BeginObject();
  w.Key("entries").UInt(report.entries);
  w.Key("persons").UInt(report.persons);
  w.Key("referrals").UInt(report.referrals);
  w.Key("ended").UInt(report.ended);
  w.Key("responses").UInt(report.responses);
  w.Key("parked").UInt(report.parked);
  w.Key("unchanged").UInt(report.unchanged);
  w.Key("ignored").UInt(report.ignored);
  const auto list = [&w](const char* key,
                         const std::vector<ImportReport::Refusal>& entries) {
    w.Key(key).BeginArray();
    for (const ImportReport::Refusal& entry : entries) {
      w.BeginObject();
      w.Key("path").String(entry.path);
      Text(w, "resource", entry.resource);
      w.Key("reason").String(entry.reason);
      w.EndObject();
    }
    w.EndArray();
  };
  list("refused", report.refused);
  list("parked_entries", report.parked_entries);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const ExportReport& report) {
  Writer w;
  w.BeginObject();
  w.Key("persons").UInt(report.persons);
  w.Key("cases").UInt(report.cases);
  w.Key("resources").UInt(report.resources);
  w.Key("by_type").BeginObject();
  for (const auto& [type, n] : report.by_type) w.Key(type).UInt(n);
  w.EndObject();
  Texts(w, "left_out", report.left_out);
  w.Key("next");
  if (report.next.empty()) {
    w.Null();
  } else {
    w.String(report.next);
  }
  w.EndObject();
  return w.Take();
}

std::string ToJson(const ServiceSummary& summary) {
  Writer w;
  w.BeginObject();
  w.Key("referrals").UInt(summary.referrals);
  w.Key("cases").UInt(summary.cases);
  w.Key("started").UInt(summary.started);
  w.Key("completed").UInt(summary.completed);
  w.Key("closed").UInt(summary.closed);
  w.Key("waits").BeginArray();
  for (const ServiceSummary::Wait& wait : summary.waits) {
    w.BeginObject();
    w.Key("name").String(wait.name);
    w.Key("n").UInt(wait.n);
    w.Key("waiting").UInt(wait.waiting);
    Number(w, "median_days", wait.median_days);
    Number(w, "mean_days", wait.mean_days);
    w.EndObject();
  }
  w.EndArray();
  w.Key("modules_done").UInt(summary.modules_done);
  w.Key("changes").BeginArray();
  for (const ServiceSummary::Change& change : summary.changes) {
    w.BeginObject();
    w.Key("instrument").String(change.instrument);
    w.Key("pairs").UInt(change.pairs);
    w.Key("unpaired").UInt(change.unpaired);
    Number(w, "mean_first", change.mean_first);
    Number(w, "mean_last", change.mean_last);
    Number(w, "mean_change", change.mean_change);
    w.EndObject();
  }
  w.EndArray();
  w.Key("follow_ups").BeginArray();
  for (const ServiceSummary::FollowUp& window : summary.follow_ups) {
    w.BeginObject();
    w.Key("window").String(window.window);
    w.Key("early").UInt(window.early);
    w.Key("on_time").UInt(window.on_time);
    w.Key("late").UInt(window.late);
    w.Key("missed").UInt(window.missed);
    w.Key("ahead").UInt(window.ahead);
    w.Key("suspended").UInt(window.suspended);
    w.EndObject();
  }
  w.EndArray();
  w.Key("minutes").UInt(summary.minutes);
  w.Key("minutes_recorded").UInt(summary.minutes_recorded);
  w.Key("minutes_missing").UInt(summary.minutes_missing);
  Number(w, "minutes_per_patient", summary.minutes_per_patient);
  w.Key("alerts").UInt(summary.alerts);
  w.Key("voided_responses").UInt(summary.voided_responses);
  w.EndObject();
  return w.Take();
}

std::string ToJson(const ProtocolCheck& check) {
  Writer w;
  w.BeginObject();
  w.Key("ok").Bool(check.ok);
  Text(w, "protocol", check.id);
  Text(w, "version", check.version);
  Text(w, "status", check.status);
  Text(w, "hash", check.hash);
  Text(w, "logic_hash", check.logic_hash);
  w.Key("issues");
  host::WriteIssues(w, check.issues);
  w.EndObject();
  return w.Take();
}

}  // namespace stepwell
