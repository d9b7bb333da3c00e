// Internal to the room: Members that know the names of a protocol.
#ifndef STEPWELL_WIRE_BODY_READER_H_
#define STEPWELL_WIRE_BODY_READER_H_

#include <optional>
#include <string>
#include <string_view>

#include "wire/members.h"

namespace stepwell::wire {

class BodyReader : public Members {
 public:
  BodyReader(const CommandHead& head, json::Value command, const Names& names)
      : Members(command, head.from_patient), head_(head), names_(names) {}

  const CommandHead& head() const { return head_; }
  const Names& names() const { return names_; }
  const protocol::Protocol* protocol() const { return names_.protocol; }

  // Each gives none when the member is absent or names nothing.
  engine::ElementId Element(std::string_view key, bool needed);
  // `element` sharpens the suggestions: its outcomes. None: those of alerts.
  engine::OutcomeId Outcome(std::string_view key, engine::ElementId element);
  engine::PoolId Pool(std::string_view key);
  engine::ProgramRef Program(std::string_view key, bool needed);
  // A list of modules of the program, by their names as items.
  std::vector<engine::ElementId> Modules(std::string_view key,
                                         engine::ProgramRef program);
  // The number of the name in `known`: a set, a level of guidance.
  std::optional<uint8_t> NumberIn(std::string_view key,
                                  const std::vector<std::string>& known);
  engine::FactId FactName(std::string_view key);
  engine::PurposeId ConsentPurpose(std::string_view key);
  // A role of related persons of the protocol; "" when absent or none.
  std::string RelatedRole(std::string_view key);
  // {"id": ...} or an identifier of somebody who is registered.
  PersonId RelatedPerson(std::string_view key);
  // The end of a day, or a time.
  std::optional<Instant> DayEnd(std::string_view key);
  // Names that are compared letter by letter: none is empty, or has spaces
  // around it. Of one: empty means that none is named.
  std::vector<std::string> ComparedTexts(std::string_view key);
  std::string ComparedText(std::string_view key);
  // Whoever is not in the register is refused (Members::Refuse).
  StaffId Staff(std::string_view key);
  // The slots of an offer.
  std::vector<engine::Slot> Slots(std::string_view key);
  // The answers to the checklist of the review.
  std::vector<engine::ChecklistAnswer> Checklist(std::string_view key,
                                                 engine::ElementId review);
  // Which one of a repeated item.
  std::optional<uint16_t> Occurrence();
  // 0 to 1440.
  std::optional<int32_t> Minutes();
  // Of a command: whether a day has so many is the engine's to say.
  std::optional<int32_t> MinutesSaid();
  // A number, or the 13 letters of an id.
  uint64_t EffectId(std::string_view key);
  // A value of the fact's type.
  std::optional<engine::FactValue> Fact(json::Value value, engine::FactId fact);

  // Finish with the members of the head.
  void FinishCommand();

 private:
  const CommandHead& head_;
  const Names& names_;
};

// A date means its end in the zone of the service.
std::optional<Instant> ReadDayEnd(Members& members, std::string_view key,
                                  const Names& names);
// `kind`, `hash`, `valid_until`, `verified_by`.
engine::ReferralDocument ReadDocument(Members& members, const Names& names);
// `documents`: kinds, or objects that tell more.
void ReadDocuments(BodyReader& r, std::vector<std::string>& kinds,
                   std::vector<engine::ReferralDocument>& papers);

// A JSON value of one of the kinds of facts, or nothing with a mistake.
std::optional<engine::FactValue> ReadFact(json::Value value,
                                          engine::FactValue::Kind kind,
                                          Members& mistakes);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_BODY_READER_H_
