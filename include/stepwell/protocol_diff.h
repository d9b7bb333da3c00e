// What differs between two protocols, in words: for whoever approves a new
// version, or asks what an overlay makes of its base.
#ifndef STEPWELL_PROTOCOL_DIFF_H_
#define STEPWELL_PROTOCOL_DIFF_H_

#include <optional>
#include <string>
#include <vector>

namespace stepwell {

// One thing that differs.
struct ProtocolChange {
  enum class What { kAdded, kRemoved, kChanged, kMoved };
  What what = What::kChanged;
  // What it belongs to: identity, routes, phases, items, modules, clocks,
  // rules, risk, facts, milestones, consents, messages, duties, instruments,
  // pools, calendars, programs, sources. New words may be added.
  std::string kind;
  std::string subject;  // by its id: "reply_due", "pathway/treatment"
  std::string words;    // one sentence, in English, with the document's titles
  // Where: a JSON pointer into the rendered document (overlays applied), the
  // newer one unless the thing is gone; or into the imported document that
  // `document` names ("pools/duty.json").
  std::string pointer, document;
  // As JSON; empty where there is none.
  std::string before, after;
  // Whether it can change what happens; the rest are texts, sources and names
  // of versions.
  bool logic = false;
  // Part of how risk is found and met: alerts, their clocks, pools, items,
  // instruments and messages, and what a guard does with the unknown.
  bool risk = false;
};

// The migration that equal names alone make of two versions: a document to go
// on from, and what of the old version it has no word for, "items: call".
struct MigrationDraft {
  std::string document;
  std::vector<std::string> unmapped;
};

struct ProtocolDiff {
  struct End {
    std::string id, version, status, hash, logic_hash;
  };
  End before, after;
  // Those of risk first, texts last, else by kind in the order above and then
  // as they stand in the documents.
  std::vector<ProtocolChange> changes;
  // How open cases would go over, of two versions of one protocol.
  std::optional<MigrationDraft> migration;

  bool logic_changed() const { return before.logic_hash != after.logic_hash; }
};

class Protocol;  // stepwell/protocol.h

// What `after` has that `before` has not, or otherwise. Both are compared as
// they were compiled, overlays applied: of an overlay and its base only the
// overlay's own changes are left. Any thread.
ProtocolDiff CompareProtocols(const Protocol& before, const Protocol& after);

// {"before": {"protocol","version","status","hash","logic_hash"},"after",
// "logic_changed","changes": [{"what","kind","subject","words","document",
// "pointer","before","after","logic","risk"}],"migration","text"}.
std::string ToJson(const ProtocolDiff& diff);
// For people: one line a change under headings.
std::string ToText(const ProtocolDiff& diff);

}  // namespace stepwell

#endif  // STEPWELL_PROTOCOL_DIFF_H_
