// Random requests to a service, from what the service is now: legal next steps
// so that cases get on, and everything that people and hosts get wrong.
#ifndef STEPWELL_TESTS_PROPERTY_GENERATOR_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_GENERATOR_SUPPORT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "property/dice.h"
#include "property/request_support.h"
#include "protocol/protocol.h"

namespace stepwell::testing {

// A catalogue protocol that must load: "icbt_base", "minimal"; or "speaking",
// the smallest one with ladders that speak to the patient; or "programs",
// "decisions" or "declared" and others, those of tests/protocols.
std::shared_ptr<const protocol::Protocol> ProtocolNamed(
    const std::string& name);
// Its second version, with one item more before all others, and how cases of
// the first go over to it.
struct SecondVersion {
  std::shared_ptr<const protocol::Protocol> protocol;
  std::shared_ptr<const protocol::Migration> plan;
};
SecondVersion SecondVersionOf(const std::string& name);

inline constexpr size_t kStaff = 6;  // members of staff of a service
inline constexpr size_t kKin = 5;    // persons whom nobody refers

class Generator {
 public:
  Generator(std::shared_ptr<const protocol::Protocol> protocol,
            SecondVersion second, uint32_t seed, uint32_t service,
            size_t persons, Instant now, bool calm = false);

  // The next request; the service is only read.
  Request Next(runtime::Runtime& service);
  // What became of it.
  void Learn(const Request& request, const runtime::Receipt& receipt);

  Instant now() const { return now_; }
  const std::vector<CaseId>& cases() const { return cases_; }

 private:
  struct Person {
    PersonId id;
    bool registered = false;
    CaseId case_id;
  };

  engine::Envelope By(engine::Role role);
  Request Of(decltype(Request::body) body);
  Request Arrive();
  Request Register(size_t person);
  Request Staff(runtime::Runtime& service);
  Request Parked(runtime::Runtime& service);
  Request Group();
  // Two records are one person, or a record stands for itself again.
  Request MergeOrPart(runtime::Runtime& service);
  Request AdoptSomebody();
  Request Version();
  Request Pass();
  Request ToCase(runtime::Runtime& service, CaseId id);
  // A step that the case is waiting for; false when there is none.
  bool NextStep(const engine::CaseState& state, engine::Command& command);
  void AnyStep(const engine::CaseState& state, engine::Command& command);
  void Patient(const engine::CaseState& state, engine::Command& command);
  void StaffWork(const engine::CaseState& state, engine::Command& command);
  void Other(const engine::CaseState& state, engine::Command& command);
  // Documents, people, contact, slots and transfers.
  void AtTheDoor(const engine::CaseState& state, engine::Command& command);
  // Opens a seat in a group; false when the protocol has none.
  bool SeatInGroup(engine::Command& command);
  engine::CommandBody BookingStep(const engine::CaseState& state,
                                  uint32_t item);
  engine::ReferralDocument Paper();
  engine::CommandBody Relation(const engine::CaseState& state);
  std::string RoleName(bool related_only);
  // Makes some of them wrong: another person, a stale version, a late clock.
  void Disturb(const engine::CaseState& state, Request& request);

  engine::CommandBody StepOf(const engine::CaseState& state, uint32_t item);
  // Books, moves or misses it; nothing: it is left to be held.
  std::optional<engine::ChangeAppointment> AppointmentStep(
      const engine::ItemState& item);
  engine::SubmitResponse Answers(protocol::InstrumentRef instrument,
                                 bool sensible);
  engine::HandleAlert AlertStep(const engine::CaseState& state, uint32_t alert);
  engine::FactValue AnyFact();
  void FitFact(engine::RecordFact& record);
  engine::RecordFact AnyFactRecord();
  // Of the patient, of some role, or of somebody who is on file in it.
  engine::RecordConsent AnyConsent(const engine::CaseState& state);
  // Of anything, and rather of answers and of words that were said.
  engine::VoidEvent AnyVoid(const engine::CaseState& state);
  // Which event is a consent or a wish how to be reached.
  void LearnWord(const runtime::Receipt& receipt);
  engine::ChangeEnrolment AnyEnrolment();
  engine::AssignCase AnyAssignment();
  // What a member of staff can do, how much, and until when.
  void AddGifts(engine::StaffState& staff);
  Request Batch();
  void AddChecklist(engine::WorkItem& work);
  bool IsReviewTime();  // of a service that reviews its staff, now and then
  std::string AnyTemplate();
  std::string AnyTier();
  void AddMessages(const engine::CaseState& state,
                   std::vector<engine::Role>& roles,
                   std::vector<engine::CommandBody>& steps);
  // Seldom on, and for a few days; now and then it is so already.
  bool SwitchesSafeMode(uint64_t turn, bool is_on) const;
  Request SafeMode(bool is_on);
  Request Acting();
  // To whom work is handed over, and until when it is put off.
  void AddOwnership(engine::WorkItem& work);
  template <class Id>
  Id AnySymbol(size_t count) {
    // Now and then the one that means "unknown to this protocol".
    return count == 0 || dice_.Chance(3)
               ? Id()
               : Id(static_cast<uint16_t>(dice_.Below(count)));
  }
  std::string Named(const char* kind);

  // That of the case at hand, else of new ones: they go over from the first to
  // the second.
  std::shared_ptr<const protocol::Protocol> protocol_;
  SecondVersion second_;
  Dice dice_;
  Instant now_;
  uint32_t service_;
  bool calm_;  // people mostly do what is wanted: treatments are finished
  uint64_t commands_ = 0;
  uint64_t names_ = 0;
  std::vector<Person> persons_;
  size_t patients_;  // of them; the others belong to patients
  std::vector<CaseId> cases_;
  std::vector<std::string> groups_;
  std::vector<std::string> response_ids_;
  std::map<CaseId, std::vector<uint64_t>> words_;  // seqs
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_GENERATOR_SUPPORT_H_
