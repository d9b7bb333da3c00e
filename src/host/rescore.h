// Internal to the host: the recorded answers of every case, scored anew under
// another document of their questionnaire, and what comes out otherwise.
// Nothing is written: a correction goes the way of docs/formats/look_back.md.
#ifndef STEPWELL_HOST_RESCORE_H_
#define STEPWELL_HOST_RESCORE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/event.h"
#include "host/score_again.h"
#include "instruments/instrument.h"
#include "protocol/protocol.h"
#include "stepwell/table.h"

namespace stepwell::host {

inline constexpr std::string_view kRescored = "rescored";

class Rescorer {
 public:
  // kInvalidArgument with every issue of a document that has mistakes.
  static absl::StatusOr<Rescorer> Make(std::string_view document);

  // The events of one case in order, each with the protocol that it was written
  // under.
  void Begin(CaseId id);
  void Take(const engine::Event& event, const protocol::Protocol& protocol);
  // A row a score that differs; what was taken back or amended is left out.
  Table Finish();

 private:
  // What is compared, as texts.
  struct Judged {
    std::string score, band, tier, risk, flags;
    bool operator==(const Judged&) const = default;
  };
  struct Pending {
    uint64_t seq = 0, response = 0;
    Instant at, recorded;
    std::string version;
    Judged before, after;
    bool out = false;
  };
  struct Response {
    uint64_t seq = 0;
    std::string id;
    std::vector<engine::GivenAnswer> answers;  // in the new document's numbers
  };

  explicit Rescorer(std::shared_ptr<const instruments::Instrument> instrument);
  void TakeResponse(const engine::Event& event,
                    const engine::ResponseReceived& received,
                    const protocol::Protocol& protocol);
  void TakeScore(const engine::Event& event,
                 const engine::ScoreRecorded& recorded,
                 const protocol::Protocol& protocol);
  void TakeCorrection(const engine::CorrectedScore& corrected,
                      const protocol::Protocol& protocol);
  // The score of the response counts no more, or (not `out`) again.
  void TakeBack(uint64_t response, bool out = true);
  void Flush();

  std::shared_ptr<const instruments::Instrument> instrument_;
  Table table_;
  CaseId case_;
  std::vector<Response> responses_;
  std::vector<Pending> pending_;
  AnswerBook book_;  // what the case knew of the person
};

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_RESCORE_H_
