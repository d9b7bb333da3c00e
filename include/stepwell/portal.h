// What one person sees of the service: what they have open, and what they are
// asked to consent to. A related person (a guardian) sees what is theirs.
#ifndef STEPWELL_PORTAL_H_
#define STEPWELL_PORTAL_H_

#include <string>
#include <utility>
#include <vector>

#include "stepwell/time.h"

namespace stepwell {

// A time that the patient may book.
struct PortalSlot {
  std::string id;
  Instant starts_at;
  int minutes = 0;  // 0 = not said
  std::string mode, place;
};
// A group that takes bookings; without free places they wait for one.
struct PortalGroup {
  std::string group;
  Instant starts_at;
  int free = 0;
};
// What somebody has open now.
struct PortalEntry {
  std::string case_id;
  std::string item;  // element
  std::string kind;  // questionnaire, module, appointment, ...
  std::string title;
  std::string state;
  std::string instrument;
  int occurrence = 0;  // which one of a repeated item; 0: none yet
  Instant since, due, appointment_at;
  std::string role;  // of a related person; empty: the patient's own
  // Of an appointment: proposed, booked, waiting, ...; how it meets; the group
  // of the seat. Empty where there is none.
  std::string appointment, mode, place, group;
  // The follow-up window that asks for it, and when that closes; empty, and
  // never, where none does.
  std::string window;
  Instant closes = Instant::Never();
  // The slots among which the patient may book now: those to come.
  std::vector<PortalSlot> slots;
  // The groups that it may be booked into now.
  std::vector<PortalGroup> groups;
  // What was saved of it and is not handed in, as JSON; empty: nothing. For
  // whoever wrote it, and nobody else.
  std::string draft;
  Instant draft_at = Instant::Never();  // when it was saved last
};
// A purpose that a way in asks the patient about, until they have given or
// refused their consent (`record_consent`).
struct PortalConsent {
  std::string case_id;
  std::string purpose;
  std::string title;
  Instant since;     // when the referral came, or the last consent ran out
  std::string role;  // as above
};
// A message of staff that the patient has not read (`read_message`).
struct PortalMessage {
  std::string case_id;
  std::string message_id;
  std::string thread;
  Instant sent_at;
};
struct Portal {
  std::string person_id;
  std::vector<PortalEntry> entries;
  std::vector<PortalConsent> consents;
  std::vector<PortalMessage> unread;
  std::vector<std::pair<std::string, std::string>> show_now;
};
std::string ToJson(const Portal& portal);

// A group of the service: what there is to book, and who has a seat in it.
struct GroupSummary {
  std::string group;   // the host's id
  std::string kind;    // of the protocol that opened it
  std::string status;  // open, started, short, called_off
  Instant starts_at, settle_at;
  int minimum = 0, places = 0, seated = 0, waiting = 0;
  std::vector<std::pair<std::string, bool>> members;  // case, is it waiting
};
std::string ToJson(const std::vector<GroupSummary>& groups);

}  // namespace stepwell

#endif  // STEPWELL_PORTAL_H_
