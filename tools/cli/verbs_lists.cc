// service worklist, portal, groups, outbox: what waits for somebody.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service_options.h"

namespace stepwell::cli {
namespace {

// What a patient wrote, below the table: its number there tells whose it is.
void PrintText(const WorkLine& line) {
  if (line.text.empty()) return;
  PrintLine(absl::StrCat("\n", line.kind, " ", line.ordinal,
                         line.case_id.empty() ? "" : " of ", line.case_id,
                         line.text_cut ? " (only its beginning)" : "", ":"));
  size_t begin = 0;
  while (begin <= line.text.size()) {
    const size_t end = std::min(line.text.find('\n', begin), line.text.size());
    PrintLine(
        absl::StrCat("  | ", Plain(line.text.substr(begin, end - begin))));
    begin = end + 1;
  }
}

// The note, until when it is put off, who has signed it, and whom it is to.
std::string NoteText(const WorkLine& line, const std::string& zone) {
  std::vector<std::string> parts;
  if (!line.follow_up.IsNever()) {
    parts.push_back(
        absl::StrCat("put off until ", Clock(line.follow_up, zone)));
  }
  if (line.state == "signed_once") {
    parts.push_back(absl::StrCat("completed by ", line.of));
  }
  for (const LetterReceiver& one : line.to) {
    parts.push_back(absl::StrCat(
        "to ", one.referrer.empty() ? "the referrer" : one.referrer, " (route ",
        one.route, ")"));
  }
  if (!line.withheld.empty()) parts.push_back(line.withheld);
  if (!line.note.empty()) parts.push_back(line.note);
  return absl::StrJoin(parts, "; ");
}

void PrintCounts(const std::vector<WorkCount>& counts) {
  Table table({"KIND", "ALL", "OVERDUE", "TODAY", "PUT OFF"});
  for (const WorkCount& count : counts) {
    table.Add(
        {count.kind, absl::StrCat(count.total), absl::StrCat(count.overdue),
         absl::StrCat(count.today), absl::StrCat(count.deferred)},
        count.overdue != 0 ? Tone::kBad : Tone::kPlain);
  }
  table.Print();
  PrintLine("");
}

void PrintWorklist(const Worklist& list, const std::string& zone) {
  if (list.lines.empty()) {
    PrintLine("nothing to do");
    return;
  }
  if (!list.counts.empty()) PrintCounts(list.counts);
  Table table({"DUE", "PRIO", "KIND", "WHAT", "STATE", "OWNER", "CASE", "NO",
               "SINCE", "NOTE"});
  for (const WorkLine& line : list.lines) {
    table.Add(
        {absl::StrCat(Clock(line.due, zone), line.overdue ? " !" : ""),
         absl::StrCat(line.priority), line.kind,
         NameText(line.title.empty() ? line.what : line.title, line),
         line.state,
         absl::StrCat(OwnerText(line.owner_pool, line.owner_staff),
                      line.claimed ? " *" : ""),
         line.case_id.empty() ? "-" : line.case_id, absl::StrCat(line.ordinal),
         Clock(line.since, zone), NoteText(line, zone)},
        line.overdue ? Tone::kBad : Tone::kPlain);
  }
  table.Print();
  for (const WorkLine& line : list.lines) PrintText(line);
  PrintLine(absl::StrCat(
      list.total, " in all, ", list.overdue,
      " overdue (!); by PRIO, DUE, CASE, KIND, NO",
      list.next.empty() ? "" : absl::StrCat("; more: --after ", list.next)));
}

void PrintPortal(const Portal& portal, const std::string& zone) {
  for (const auto& [language, text] : portal.show_now) {
    PrintLine(absl::StrCat(Toned(Tone::kBad, "show now"), " [", language, "] ",
                           text));
  }
  for (const PortalConsent& consent : portal.consents) {
    PrintLine(absl::StrCat("consent asked: ", consent.purpose,
                           consent.title.empty() ? "" : ", ", consent.title,
                           " (since ", Clock(consent.since, zone), ")"));
  }
  for (const PortalMessage& message : portal.unread) {
    PrintLine(absl::StrCat("unread message: ", message.message_id,
                           message.thread.empty() ? "" : ", thread ",
                           message.thread, " (of ",
                           Clock(message.sent_at, zone), ")"));
  }
  if (portal.entries.empty()) {
    PrintLine("nothing is open");
    return;
  }
  Table table(
      {"ITEM", "KIND", "TITLE", "STATE", "SINCE", "DUE", "APPOINTMENT"});
  std::vector<std::string> choices;
  for (const PortalEntry& entry : portal.entries) {
    table.Add({entry.item, entry.kind, entry.title, entry.state,
               Clock(entry.since, zone), Clock(entry.due, zone),
               entry.appointment.empty()
                   ? Clock(entry.appointment_at, zone)
                   : absl::StrCat(Clock(entry.appointment_at, zone), " ",
                                  entry.appointment,
                                  entry.mode.empty() ? "" : ", ", entry.mode)});
    if (!entry.draft.empty()) {
      choices.push_back(absl::StrCat(entry.item, ": draft of ",
                                     Clock(entry.draft_at, zone), ", ",
                                     entry.draft));
    }
    for (const PortalSlot& slot : entry.slots) {
      choices.push_back(absl::StrCat(entry.item, ": slot ", slot.id, ", ",
                                     Clock(slot.starts_at, zone),
                                     slot.mode.empty() ? "" : ", ", slot.mode));
    }
    for (const PortalGroup& group : entry.groups) {
      choices.push_back(absl::StrCat(entry.item, ": group ", group.group, ", ",
                                     Clock(group.starts_at, zone), ", ",
                                     group.free, " places free"));
    }
  }
  table.Print();
  for (const std::string& choice : choices) PrintLine(choice);
}

void PrintGroups(const std::vector<GroupSummary>& groups,
                 const std::string& zone) {
  if (groups.empty()) {
    PrintLine("there are no groups");
    return;
  }
  Table table({"GROUP", "KIND", "STATUS", "STARTS", "SETTLED", "SEATS",
               "WAITING", "AT LEAST"});
  for (const GroupSummary& group : groups) {
    table.Add({group.group, group.kind, group.status,
               Clock(group.starts_at, zone), Clock(group.settle_at, zone),
               absl::StrCat(group.seated, "/", group.places),
               absl::StrCat(group.waiting), absl::StrCat(group.minimum)});
  }
  table.Print();
}

void PrintOutbox(const OutboxPage& page, const std::string& zone) {
  if (page.withheld > 0) {
    PrintLine(absl::StrCat(Toned(Tone::kBad, "safe mode"), " ",
                           Count(page.withheld, "effect"),
                           " to patients held back until it ends"));
  }
  if (page.effects.empty()) {
    PrintLine(page.withheld > 0 ? "nothing else is in the outbox"
                                : "the outbox is empty");
    return;
  }
  Table table({"POSITION", "EFFECT", "KIND", "TO", "TEMPLATE", "ABOUT", "CASE",
               "VALID UNTIL"});
  for (const Effect& effect : page.effects) {
    std::string to = OwnerText(effect.owner_pool, effect.owner_staff);
    if (to.empty()) to = effect.role.empty() ? effect.to : effect.role;
    if (!effect.cover.empty()) {
      absl::StrAppend(&to, ", covered by ", effect.cover);
    }
    for (const std::string& name : {effect.referrer, effect.receiver}) {
      if (!name.empty()) absl::StrAppend(&to, " ", name);
    }
    table.Add({absl::StrCat(effect.position), effect.effect_id, effect.kind, to,
               effect.message_template, effect.about, effect.case_id,
               Clock(effect.valid_until, zone)});
  }
  table.Print();
}

void AddWorklist(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "worklist",
      "What waits for staff, by priority and deadline", Takes::kNow);
  auto query = std::make_shared<WorklistQuery>();
  auto own = std::make_shared<bool>(false);
  verb->add_option("--owner", query->owner,
                   "a member of staff or a pool; absent: all");
  verb->add_flag("--own", *own, "without the queues of the member's pools");
  verb->add_option("--viewer", query->viewer,
                   "a member of staff who looks: only what they may see");
  verb->add_option("--whose", query->whose, "mine, team or unowned")
      ->check(CLI::IsMember({"mine", "team", "unowned"}));
  verb->add_flag("--overdue", query->overdue_only, "only what is late");
  verb->add_flag_callback(
      "--today", [query] { query->due = "today"; },
      "only what is still to come today");
  verb->add_option("--kind", query->kind,
                   "item, homework, letter, alert, message, unread, parked, "
                   "waiting or patient")
      ->check(CLI::IsMember({"item", "homework", "letter", "alert", "message",
                             "unread", "parked", "waiting", "patient"}));
  verb->add_option("--priority-min", query->priority_min,
                   "of this priority or a higher one");
  verb->add_option("--priority-max", query->priority_max,
                   "of this priority or a lower one");
  verb->add_option("--deferred", query->deferred,
                   "true: only what is put off; false: only what is not");
  verb->add_flag("--counts", query->with_counts, "how much of each kind waits");
  verb->add_flag("--with-text", query->with_text,
                 "what patients wrote; at most 100 lines a page");
  verb->add_option("--limit", query->limit, "lines of a page")
      ->check(CLI::Range(1, 10000));
  verb->add_option("--after", query->after, "the page after this one's end");
  OnRun(verb, common, [&common, arguments = arguments, query, own] {
    query->include_pools = !*own;
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Show(
          common, opened.QueryWorklist(*query, now), kFine,
          [&](const Worklist& list) { PrintWorklist(list, arguments->zone); });
    });
  });
}

void AddPortal(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "portal", "What a patient has open now", Takes::kNow);
  verb->add_option("WHO", arguments->who,
                   "a case, a person, or an identifier system|value")
      ->required();
  OnRun(verb, common, [&common, arguments = arguments] {
    return WithService(common, *arguments, [&](Service& opened, Instant now) {
      return Show(
          common, opened.QueryPortal(arguments->who, now), kFine,
          [&](const Portal& portal) { PrintPortal(portal, arguments->zone); });
    });
  });
}

void AddGroups(CLI::App& service, Common& common) {
  const auto [verb, arguments] = AddServiceVerb(
      service, common, "groups", "Groups, their seats and who waits for one",
      Takes::kStore);
  OnRun(verb, common, [&common, arguments = arguments] {
    return WithService(common, *arguments, [&](Service& opened, Instant) {
      return Show(common, opened.QueryGroups(), kFine,
                  [&](const std::vector<GroupSummary>& groups) {
                    PrintGroups(groups, arguments->zone);
                  });
    });
  });
}

void AddOutbox(CLI::App& service, Common& common) {
  const auto [verb, arguments] =
      AddServiceVerb(service, common, "outbox",
                     "Effects that are not yet acknowledged", Takes::kStore);
  auto after = std::make_shared<uint64_t>(0);
  auto limit = std::make_shared<size_t>(50);
  verb->add_option("--after", *after, "a position of an earlier page");
  verb->add_option("--limit", *limit, "effects of a page")
      ->check(CLI::Range(1, 10000));
  OnRun(verb, common, [&common, arguments = arguments, after, limit] {
    return WithService(common, *arguments, [&](Service& opened, Instant) {
      return Show(
          common, opened.Outbox(*after, *limit), kFine,
          [&](const OutboxPage& page) { PrintOutbox(page, arguments->zone); });
    });
  });
}

}  // namespace

void AddListVerbs(CLI::App& service, Common& common) {
  AddWorklist(service, common);
  AddPortal(service, common);
  AddGroups(service, common);
  AddOutbox(service, common);
}

}  // namespace stepwell::cli
