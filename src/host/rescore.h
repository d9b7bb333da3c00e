// Internal to the host: the recorded answers of every case, scored anew under
// another document of their questionnaire, and what comes out otherwise.
// Nothing is written: a correction goes the way of docs/formats/look_back.md.
#ifndef STEPWELL_HOST_RESCORE_H_
#define STEPWELL_HOST_RESCORE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/event.h"
#include "host/score_again.h"
#include "instruments/instrument.h"
#include "instruments/score.h"
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
  const std::string& instrument() const { return instrument_->id(); }
  // A row a score that differs; what was taken back or amended is left out.
  Table Finish();

 private:
  // What is compared, as texts.
  struct Judged {
    std::string score, band, tier, risk, flags, subscales;
    bool operator==(const Judged&) const = default;
  };
  struct Pending {
    uint64_t seq = 0, response = 0;
    Instant at, recorded;
    std::string version;
    instruments::ScoreContext context;  // what was known of the person then
    Judged before, after;
    bool out = false;
  };
  struct Response {
    uint64_t seq = 0;
    std::string id;
    // By the ids of their questions: every document numbers them for itself.
    std::vector<std::pair<std::string, engine::GivenAnswer>> answers;
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
  const Response* Find(uint64_t seq) const;
  // The answers under a document: what is not recorded of a score (subscales,
  // rules that nobody can tell) is found anew for both sides.
  static instruments::ScoreResult ScoreBy(
      const instruments::Instrument& instrument, const Response& response,
      const instruments::ScoreContext& context);
  static Judged Judge(const instruments::Instrument& by,
                      const engine::ScoreRecorded& score,
                      const instruments::ScoreResult& result);
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
