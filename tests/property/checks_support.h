// The laws of a service, checked from its log and its rows by code that shares
// nothing with the engine. Each check gives "" or what is wrong.
#ifndef STEPWELL_TESTS_PROPERTY_CHECKS_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_CHECKS_SUPPORT_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/event.h"
#include "runtime/runtime.h"

namespace stepwell::testing {

// "12 ItemOpened discharge#1", one line an event, the last `limit` ones.
std::string CompactLog(runtime::Runtime& service, CaseId id, size_t limit);

// Stored row = state in memory; the invariants hold.
std::string CheckCase(runtime::Runtime& service, CaseId id, Instant now);

// Folding the log gives the stored row byte for byte.
std::string CheckReplay(runtime::Runtime& service, CaseId id);

// Counters, worklist lines, deadlines and outbox are what a scan of all cases
// gives.
std::string CheckIndexes(runtime::Runtime& service,
                         const std::vector<CaseId>& cases);

// All records of all streams, for comparing two services.
std::vector<std::string> AllRecords(runtime::Runtime& service);

// Follows the log of one case.
class CaseWatch {
 public:
  // The events that one command, or one advance, has recorded.
  std::string Take(const protocol::Protocol& protocol,
                   std::span<const engine::Event> fresh, bool advance,
                   std::set<uint64_t>& effects);
  // What the log says about responses, alerts and messages, against the state.
  std::string Compare(const engine::CaseState& state) const;

  uint64_t version() const { return version_; }

 private:
  struct Logged;
  // Somebody's consent, at a time.
  struct Word {
    engine::ConsentRecorded said;
    Instant at;
    uint64_t command = 0;
  };

  std::string TakeOne(const protocol::Protocol& protocol,
                      const engine::Event& event, std::set<uint64_t>& effects);
  std::string TakeAdvanced(const engine::Event& event);
  // A consent is taken back alone, one that came with a referral also with it.
  void TakeWords(const engine::Event& event);
  // A yes in the state that nobody whose word stands has said.
  bool HasInventedYes(const engine::CaseState& state) const;
  // The phase of the element is where its track is; of no phase: true.
  bool IsActive(const protocol::Protocol& protocol,
                protocol::ElementId element) const;

  uint64_t version_ = 0;
  Instant last_;
  std::set<std::string> responses_;
  std::map<std::string, protocol::InstrumentRef> questionnaires_;  // by id
  size_t anonymous_ = 0;     // responses without an id
  std::set<uint64_t> owed_;  // effects that nobody has answered for
  size_t alerts_open_ = 0;
  size_t messages_open_ = 0;
  size_t referrals_open_ = 0;
  // An alert that is open: by when the step is due that a person has to take,
  // and an assessment that somebody has begun.
  struct Due {
    engine::AlertStage stage = engine::AlertStage::kRaised;
    Instant step, assessment = Instant::Never();
  };
  std::vector<Due> due_;  // by the number of the alert
  bool died_ = false;
  std::map<uint64_t, Word> words_;         // that stand, by seq
  uint64_t command_ = 0;                   // seq of the one whose events come
  std::vector<engine::TrackMoved> moves_;  // the last one of each track
  std::vector<engine::ItemOpened> items_;  // by ordinal
  // Of the advance that is looked at: what has fired.
  std::set<std::pair<uint32_t, int>> fired_;
  std::map<uint32_t, int> to_patient_;
  bool by_data_ = false;         // decisions that had waited are made
  bool decisions_wait_ = false;  // since a safe mode
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_CHECKS_SUPPORT_H_
