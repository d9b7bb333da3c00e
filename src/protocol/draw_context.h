// Internal: what the parts of a picture are made with: the document's names,
// its clocks, and what of it is about risk.
#ifndef STEPWELL_PROTOCOL_DRAW_CONTEXT_H_
#define STEPWELL_PROTOCOL_DRAW_CONTEXT_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/draw_names.h"
#include "protocol/draw_picture.h"

namespace stepwell::protocol {

// The text of a member; empty when it is no text.
inline std::string_view TextIn(json::Value object, std::string_view member) {
  const json::Value text = object.Find(member);
  return text.is_string() ? text.string_value() : std::string_view();
}

inline bool IsTrue(json::Value value) {
  return value.is_bool() && value.bool_value();
}

class PictureContext {
 public:
  PictureContext(const Protocol& protocol, std::string_view language);

  const Names& names() const { return names_; }
  json::Value root() const { return names_.root(); }
  std::string Say(Word word) const {
    return std::string(protocol::Say(word, names_.language()));
  }
  std::string Release(std::string_view policy) const {
    return SayRelease(policy, names_.language());
  }
  // The span of a member, in words.
  std::string Span(json::Value object, std::string_view member) const {
    return SaySpan(TextIn(object, member), names_.language());
  }
  // "consents: Treatment, Letters"; nothing when `text` is empty.
  void Add(PictureBox& box, Word word, std::string_view text) const;

  // The list's texts, shown; as titles of a section when one is named.
  std::string List(json::Value list, std::string_view section) const;
  // "within 3 days"; empty when there is no such clock.
  std::string Within(std::string_view clock) const;
  // Whose work an item is, when it opens and until when it is due. Being
  // discretionary is no news of an item that belongs to no phase.
  std::string ItemNote(json::Value item, bool anywhere) const;
  // Clocks of the case that begin when "pathway/intake" does.
  const std::vector<json::Value>& ClocksFrom(const std::string& phase) const;

  bool IsRiskClock(std::string_view clock) const {
    return risk_clocks_.count(clock) > 0;
  }
  bool IsRiskItem(std::string_view item) const {
    return risk_items_.count(item) > 0;
  }
  // An answer to this instrument can raise an alert.
  bool MayAlert(std::string_view instrument) const {
    return alerting_.count(instrument) > 0;
  }
  // What comes of this item can raise an alert, by a rule.
  bool RaisesAlert(std::string_view item) const {
    return raising_.count(item) > 0;
  }
  // What raises an alert of the tier, beside answers: by rules and clocks.
  std::vector<std::string> RaisedBy(std::string_view tier) const {
    const auto it = raised_.find(tier);
    return it == raised_.end() ? std::vector<std::string>() : it->second;
  }

 private:
  void FindRisk(const Protocol& protocol);
  // Notes the alerts that the actions raise, for `cause`; true when there is
  // one.
  bool NoteRaised(json::Value actions, const std::string& cause);
  void FindRaised();

  Names names_;
  std::map<std::string, json::Value, std::less<>> clocks_;
  std::map<std::string, std::vector<json::Value>, std::less<>> from_;
  std::set<std::string, std::less<>> risk_clocks_, risk_items_, alerting_,
      raising_;
  std::map<std::string, std::vector<std::string>, std::less<>> raised_;
};

// draw_cards.cc: what stands below the tracks.
PictureBox ClockCard(const PictureContext& context, json::Value clock);
PictureBox TierCard(const PictureContext& context, json::Value tier);
// draw_limits.cc: the queue at the door, groups, quiet hours.
std::vector<PictureBox> LimitCards(const PictureContext& context);
// The modules of an item of kind program.
PictureChart ModulesOf(const PictureContext& context, json::Value item,
                       const std::string& name);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_CONTEXT_H_
