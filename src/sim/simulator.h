// Internal to the simulator: one replication. The protocol is run by the same
// engine::Decide, against the same service::ServiceWorld, with the worklists
// that service::Project keeps; virtual patients and staff submit the commands
// that real ones would.
#ifndef STEPWELL_SIM_SIMULATOR_H_
#define STEPWELL_SIM_SIMULATOR_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/decide.h"
#include "engine/service_stream.h"
#include "service/command_names.h"
#include "service/deadlines.h"
#include "service/projection.h"
#include "service/world.h"
#include "sim/event_calendar.h"
#include "sim/figures.h"
#include "sim/outbox.h"
#include "sim/patient.h"
#include "sim/plan.h"
#include "sim/roster.h"
#include "sim/worklists.h"

namespace stepwell::sim {

// Told of every command that changed a case. For tests: `state` is the state
// after it, valid during the call.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void Decided(const engine::Command& command, Instant now,
                       std::span<const engine::Event> events,
                       const engine::CaseState& state) = 0;
};

struct SimulatorOptions {
  RandomStream random;
  // Tests that replay commands into a live service name them otherwise.
  std::string id_prefix = std::string(service::kSimulatedPrefix);
  std::string tenant = "simulation";
  Observer* observer = nullptr;
  // Asked now and then with the share of the time that is over; false cancels.
  std::function<bool(double share)> go_on;
};

// The work of those who share their first pool.
struct TeamLoad {
  PoolId pool;
  double offered = 0;   // minutes that came in, in the second half
  double capacity = 0;  // minutes there were
  double growth = 0;    // minutes of work added to what waits
};

// The places of a pool with a caseload limit, in the second half.
struct PlacesLoad {
  PoolId pool;
  double taken = 0;  // at a time
  double places = 0;
  // Work of a case's owner that has none yet: at the middle, at the end.
  double waiting[2] = {0, 0};
};

struct Replication {
  std::vector<Figure> figures;
  std::vector<WaitTrend> trends;   // by WaitMeasure
  std::vector<PlacesLoad> places;  // by pool, those with a limit
  std::vector<TeamLoad> teams;     // by pool, those that somebody leads with
  uint64_t commands = 0, events = 0, cases = 0, rejections = 0;
  std::map<std::string, uint64_t> rejected;  // by code
};

class Simulator {
 public:
  // All must outlive the simulator.
  Simulator(const Protocol& protocol, const Plan& plan,
            const SimulatorOptions& options);

  // kCancelled when `go_on` said so; kResourceExhausted, with the item's name,
  // when simulated time does not move on.
  absl::StatusOr<Replication> Run();

 private:
  // At equal times in this order: work that ends, clocks, then what follows.
  enum Priority : uint8_t {
    kWorkEnds,
    kClocks,
    kDeliveries,
    kArrivals,
    kPatients,
    kStaff,
    kQueue,
  };
  enum class Act : uint8_t {
    kFree,         // a member's piece of work ends
    kClock,        // a deadline of a case
    kDeliver,      // an effect has reached whom it is for
    kArrive,       // somebody comes by a route
    kDoItem,       // a patient hands in or answers an item
    kOpenItem,     // a patient opens a module
    kWrite,        // a patient writes a message
    kShift,        // a member begins to work
    kLook,         // a member looks for work
    kAppointment,  // an appointment is to be held
    kLetIn,        // somebody of the queue may have their turn
  };
  struct What {
    Act act = Act::kLook;
    uint32_t who = 0;   // slot of the case, member, or route
    uint32_t item = 0;  // ordinal of item or clock, index in the outbox
    uint32_t life = 0;  // of the slot: slots are used again
  };

  struct Line {
    uint64_t key = 0;
    uint32_t stamp = 0;
    bool taken = false;    // somebody works on it
    bool unowned = false;  // the case's owner is to do it, and there is none
    float minutes = 0;     // expected, for the backlog
    int16_t team = -1;
    PoolId pool;
    service::WorkKind kind = service::WorkKind::kItem;  // as a list filters it
    service::LineDeadlines deadlines;
  };
  // The order of the queue at the door.
  struct Queued {
    int rank = 0;
    Instant waits_from;
    CaseId case_id;
    uint32_t slot = 0;
    auto operator<=>(const Queued&) const = default;
  };
  struct Case {
    engine::CaseState state;
    std::optional<Queued> queued;
    metrics::Course course;
    Patient patient;
    std::vector<Line> lines;
    std::vector<uint8_t> planned;  // items that the patient is about to do
    uint32_t pending = 0;          // entries of the calendar, clocks apart
    uint32_t life = 0;
    bool used = false;
    // Of the clocks that no protocol declares, kExpiryClock first: the deadline
    // that was planned last.
    std::array<Instant, std::size(engine::kInnerClocks)> inner_planned;
  };

  // What a member does right now.
  enum class Step : uint8_t { kNone, kWork, kBook, kHold, kAlert, kAnswer };
  struct Worker {
    std::unique_ptr<Shift> shift;
    LineList own;
    Step step = Step::kNone;
    uint32_t slot = 0;
    uint64_t key = 0;
    double minutes = 0;
    bool look_planned = false;
    std::vector<What> due_appointments;
    size_t next_stretch = 0;
    int16_t team = -1;
    double worked_late = 0;  // minutes in the second half
    // Of open cases owned, in the second half, up to `counted_at`.
    double case_days_late = 0;
    Instant counted_at;
  };

  // simulator.cc
  absl::Status Submit(uint32_t slot, engine::CommandBody body,
                      engine::Actor actor, std::string reason = "");
  absl::Status SubmitNamed(uint32_t slot, engine::CommandBody body,
                           engine::Actor actor, std::string reason,
                           std::string command_id);
  void TakeEvents(uint32_t slot, std::span<const engine::Event> events);
  void TakeProjection(uint32_t slot, const service::Projection& projection);
  absl::Status Perform(const EventCalendar<What>::Entry& entry);
  absl::Status FireClock(uint32_t slot, uint32_t ordinal);
  absl::Status Deliver(const What& what);
  absl::Status Arrive(uint32_t route);
  absl::Status EnterRelated(uint32_t slot);
  void PlanArrival(uint32_t route);
  uint32_t NewSlot();
  void ReleaseIfOver(uint32_t slot);
  void PlanAct(Instant at, Priority priority, Act act, uint32_t slot,
               uint32_t item);
  bool IsCurrent(const What& what) const;

  // simulator_queue.cc: as the live service does at each advance.
  void TakeQueue(uint32_t slot, const service::Projection& projection);
  void PlanLetIn(Instant at);
  absl::Status LetIn();

  // simulator_patients.cc
  void OnItemOpened(uint32_t slot, uint32_t ordinal);
  void OnReminded(uint32_t slot, const SimulatedEffect& effect);
  void PlanModule(uint32_t slot, uint32_t ordinal,
                  const protocol::Element& element);
  void PlanMessage(uint32_t slot);
  absl::Status DoItem(uint32_t slot, uint32_t ordinal);
  absl::Status OpenModule(uint32_t slot, uint32_t ordinal);
  absl::Status WriteMessage(uint32_t slot);
  absl::Status Respond(uint32_t slot, ElementId element, engine::Actor actor);
  uint32_t NameDraw(ElementId element) const {
    return element_draws_[element.value];
  }

  // simulator_staff.cc
  void SetLine(uint32_t slot, const service::WorkEntry& entry);
  void RemoveLine(uint32_t slot, uint64_t key);
  void CountLine(Line& line, bool is_over);
  Line* FindLine(uint32_t slot, uint64_t key);
  bool IsWorkable(uint32_t slot, const service::WorkEntry& entry) const;
  float ExpectedMinutes(uint32_t slot, uint64_t key) const;
  void Wake(uint32_t member);
  void WakePool(PoolId pool);
  absl::Status Look(uint32_t member);
  // The best list for the member, and its first line.
  LineList* BestList(uint32_t member, QueuedLine* line);
  absl::Status Begin(uint32_t member, const QueuedLine& line);
  absl::Status BeginItem(uint32_t member, uint32_t slot, uint32_t ordinal);
  void BeginAlert(uint32_t member, uint32_t slot, uint32_t ordinal);
  void BeginAnswer(uint32_t member, uint32_t slot, uint32_t ordinal);
  void Occupy(uint32_t member, Step step, uint32_t slot, uint64_t key,
              double minutes);
  absl::Status Finish(uint32_t member);
  absl::Status FinishItem(uint32_t member, uint32_t slot, uint32_t ordinal);
  absl::Status FinishAlert(uint32_t member, uint32_t slot, uint32_t ordinal);
  absl::Status FinishAnswer(uint32_t member, uint32_t slot, uint32_t ordinal);
  absl::Status FinishBooking(uint32_t member, uint32_t slot, uint32_t ordinal);
  absl::Status StartAppointment(uint32_t member, const What& what);
  const Work* WorkOf(ElementId element) const;
  OutcomeId ChooseOutcome(uint32_t slot, const Work& work, ElementId element,
                          uint32_t occurrence) const;
  void PlanShift(uint32_t member);
  void AddStaff();

  // simulator_load.cc
  void CountLinesThatWait();
  std::vector<double> Backlog() const;
  std::vector<double> Unowned() const;
  std::vector<TeamLoad> Teams() const;
  void CountPlaces(uint32_t member);
  std::vector<PlacesLoad> Places();
  void AddLoads();

  engine::Actor ActorOf(uint32_t member) const;
  engine::Actor PatientOf(uint32_t slot) const;

  const Protocol& protocol_;
  const Plan& plan_;
  const SimulatorOptions& options_;
  engine::ServiceState service_;
  service::Caseloads caseloads_;
  service::ServiceWorld world_;
  EventCalendar<What> calendar_;
  Instant now_, middle_;
  std::vector<Case> cases_;
  std::vector<uint32_t> free_slots_;
  std::vector<Worker> workers_;
  std::vector<std::vector<uint32_t>> members_of_;  // by pool
  std::vector<int16_t> team_of_pool_;
  std::vector<LineList> pool_lists_;
  // Work of a case's owner that nobody owns yet: for who has room.
  std::vector<LineList> unowned_lists_;
  std::vector<uint32_t> arrived_;      // by route of the plan
  std::vector<double> arrival_times_;  // in days since the start
  std::vector<uint32_t> element_draws_;
  std::vector<SimulatedEffect> outbox_;
  std::vector<uint32_t> free_effects_;
  std::vector<double> backlog_at_middle_, unowned_at_middle_;  // by pool
  std::set<Queued> queue_;
  std::map<std::string, int64_t, std::less<>> queue_counters_;
  Instant let_in_planned_ = Instant::Never();
  Collector collector_;
  engine::Decided decided_;  // room that is used again
  Replication result_;
  uint64_t next_command_ = 0;
  uint32_t next_stamp_ = 0;
  uint32_t next_life_ = 0;
  uint64_t at_this_instant_ = 0;
};

}  // namespace stepwell::sim

#endif  // STEPWELL_SIM_SIMULATOR_H_
