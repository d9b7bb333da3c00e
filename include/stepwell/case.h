// One case as it is read: its open work, its timeline, its decisions, and why
// an item is where it is. Values only; a service gives them
// (stepwell/service.h).
#ifndef STEPWELL_CASE_H_
#define STEPWELL_CASE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stepwell/time.h"

namespace stepwell {

// Which time a look back counts by.
enum class Axis {
  kRecorded,  // as it was known then: what had been recorded by that time
  kClinical,  // as it was then, by what is known now: what had happened by then
};

// A line of somebody's worklist.
// Whom a letter is owed to: who sent the referral, as the host named them.
struct LetterReceiver {
  std::string referral_id, route, referrer;
};

struct WorkLine {
  // item, alert, message, parked; waiting (the queue at the door); patient (a
  // case in care: `what` the patient is to do next)
  std::string kind;
  std::string case_id;  // empty for parked input
  std::string person_id;
  std::string what;   // element, tier, ... by its name
  std::string title;  // for people
  std::string owner_pool;
  std::string owner_staff;  // empty: the queue of the pool
  int priority = 0;
  Instant since;
  Instant due;  // Instant::Never(): no deadline
  bool overdue = false;
  uint32_t ordinal = 0;  // of the item, alert or message in its case
  int occurrence = 0;    // of an item, as commands name it; 0: no item
  std::string state;     // available, active; raised, acknowledged; ...
  std::string note;
  bool homework = false;  // an item that answers what the patient handed in
  bool claimed = false;   // by `owner_staff`: nobody else does it
  // Put off until then: the line stands at the end of its list, and is due and
  // late as before. Never: not put off.
  Instant follow_up = Instant::Never();
  // Whose work waits for a second sign, or is reviewed; empty: nobody's.
  std::string of = "";
  std::string thread = "";  // of a message
  bool unread = false;      // a message that no member of staff has read
  // A letter to whoever referred: to whom, and why it may not be written.
  bool letter = false;
  std::vector<LetterReceiver> to = {};
  std::string withheld = "";
  // The message, or the parked input as it came, when it was asked for and the
  // store holds it. `text_cut`: only the first 64 KiB of it.
  std::string text = "";
  bool text_cut = false;
};

struct TimelineEntry {
  uint64_t seq = 0;
  Instant at, recorded;
  std::string event;  // CaseOpened
  std::string text;   // for people: one line
  std::string json;   // the event as JSON
  std::string actor;
};
// A decision as it was recorded: what it came to, and what it saw.
struct DecisionEntry {
  uint64_t seq = 0;
  Instant at, recorded;
  std::string item, outcome;
  std::vector<std::string> outcomes;  // all, of a table that collects
  bool automatic = false;             // the data decided
  std::string proposed;               // what a table said to the person
  // Who decided; of an automatic one whose act set it off.
  std::string actor;
  std::string reason;               // that a person gave
  std::vector<std::string> rules;   // that settled it, by id
  std::vector<std::string> inputs;  // all that was read: "facts.age = 34"
  // Of a prediction: the number that was compared, and how it came about.
  std::string value;
  std::vector<std::string> working;
};

// How far the patient is with an item of theirs, by their own device.
struct ItemProgress {
  std::string item, state;
  Instant since;  // when it was opened to them
  std::optional<int> percent;
  std::optional<uint32_t> seconds;  // at it in all
  // They have saved a draft, first and last then; its text is theirs alone.
  Instant draft_since = Instant::Never(), draft_at = Instant::Never();
  // The item ended, and the draft was never handed in.
  Instant draft_abandoned_at = Instant::Never();
};

// A follow-up window: when it is, and what became of it.
struct FollowUpEntry {
  std::string window;  // its clock in the protocol
  // planned, open, answered, missed, skipped, withdrawn, superseded, suspended
  std::string state;
  std::string timing;  // early, on_time, late: of the latest answer; or empty
  int episode = 1;     // of what it is anchored on
  Instant anchor, opens, due, closes;
  struct Answer {
    std::string item, timing;  // also: skipped
    Instant at;
  };
  std::vector<Answer> answers;  // in order
};

// A case as it stands, or stood: `as_of` of QueryCase.
struct CaseSummary {
  std::string case_id, person_id, protocol, protocol_hash;
  // BLAKE2b-256 of the bytes of the state, in hexadecimal: what equal commands
  // at equal times lead to is equal, on whatever way they came.
  std::string state_hash;
  uint64_t version = 0;
  bool open = true;
  bool paused = false;
  std::string owner_pool, owner_staff;
  std::vector<std::pair<std::string, std::string>> phases;  // track, phase
  std::vector<WorkLine> open_items, open_alerts, open_messages;
  std::vector<ItemProgress> progress;  // of this episode, in order
  std::vector<std::pair<std::string, std::string>> scores;  // name, value
  std::vector<DecisionEntry> decisions;                     // in order
  std::vector<FollowUpEntry> follow_ups;                    // by their anchors
  std::vector<TimelineEntry> timeline;
};
std::string ToJson(const CaseSummary& summary);

// Why an item is where it is.
struct Explanation {
  std::string item, state;
  std::vector<std::string> reasons;      // each unmet condition with its value
  std::vector<std::string> would_open;   // what would unblock it
  std::vector<DecisionEntry> decisions;  // those of the item, in order
  // Of a letter to whoever referred: what it can say in figures, one a referral
  // that it answers, each as JSON (docs/formats/letter.md); or why not.
  std::vector<std::string> letters = {};
  std::string withheld = "";
};
std::string ToJson(const Explanation& explanation);

}  // namespace stepwell

#endif  // STEPWELL_CASE_H_
