// Internal: what the comparison of two protocols calls things, and which of
// them are about risk.
#ifndef STEPWELL_PROTOCOL_DIFF_PARTS_H_
#define STEPWELL_PROTOCOL_DIFF_PARTS_H_

#include <set>
#include <string>
#include <string_view>

#include "json/json.h"
#include "protocol/draw_names.h"
#include "protocol/protocol.h"
#include "stepwell/protocol_diff.h"

namespace stepwell::protocol {

// What a value in a document belongs to.
struct Part {
  std::string kind;           // of ProtocolChange
  std::string_view noun;      // "clock"; empty: the protocol itself
  std::string id;             // "reply_due"
  std::string title;          // for people; may be the id
  std::string field;          // "budget", "title, sv"; empty: the whole part
  std::string_view document;  // of an import
  bool logic = true;          // none of the members on the way is a text
  bool risk = false;
};

// The kind of a member of the document, and what one element of it is called.
struct Section {
  std::string_view key, kind, noun;
};
const Section* FindSection(std::string_view key);

// Names of either protocol that are part of how risk is found and met.
class RiskNames {
 public:
  void Add(const Protocol& protocol, const Names& names);
  bool IsRisk(std::string_view kind, std::string_view id) const;
  // A rule that hears of alerts, raises or passes them, asks about risk or
  // takes the question back, or starts or stops a clock of risk.
  bool IsRiskRule(json::Value rule) const;

 private:
  void Put(std::string_view kind, std::string_view id);
  void AddClock(json::Value clock);
  std::set<std::string, std::less<>> names_;  // "clocks ack_urgent"
};

// One sentence. `before` and `after` may be absent.
std::string InWords(const Part& part, ProtocolChange::What what,
                    json::Value before, json::Value after, const Names& old,
                    const Names& now);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DIFF_PARTS_H_
