// EpisodeOfCare: one for each episode of the case, with what status it had
// when.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

// R4's episode-of-care-status, as far as the service knows it.
enum class Status { kPlanned, kActive, kOnHold, kFinished, kCancelled };

const char* NameOf(Status status) {
  constexpr const char* kNames[] = {"planned", "active", "onhold", "finished",
                                    "cancelled"};
  return kNames[static_cast<int>(status)];
}

struct Span {
  Status status = Status::kPlanned;
  Instant from;
};

// The life of one episode, read from the events.
struct Life {
  Instant opened_at;
  std::vector<Span> history;  // the last is the present one
  bool enrolled = false;

  void Turn(Status status, Instant at) {
    if (!history.empty()) {
      // Clinical times may come out of order: a status ends after it began.
      at = std::max(at, history.back().from);
      if (history.back().status == status) return;
    }
    history.push_back({status, at});
  }
};

class LifeReader {
 public:
  std::vector<Life> Read(std::span<const engine::Event> events) {
    for (const engine::Event& event : events) {
      at_ = event.at;
      std::visit(*this, event.body);
    }
    return std::move(lives_);
  }

  void operator()(const engine::CaseOpened&) { Open(); }
  void operator()(const engine::EpisodeOpened&) { Open(); }
  void operator()(const engine::EnrolmentStarted&) {
    if (lives_.empty()) return;
    lives_.back().enrolled = true;
    Turn(Status::kActive);
  }
  void operator()(const engine::CasePaused&) { Turn(Status::kOnHold); }
  void operator()(const engine::CaseResumed&) {
    if (lives_.empty()) return;
    Turn(lives_.back().enrolled ? Status::kActive : Status::kPlanned);
  }
  void operator()(const engine::EpisodeClosed&) {
    if (lives_.empty()) return;
    Turn(lives_.back().enrolled ? Status::kFinished : Status::kCancelled);
  }
  template <class E>
  void operator()(const E&) {}

 private:
  void Open() {
    lives_.push_back({at_, {}, false});
    Turn(Status::kPlanned);
  }
  void Turn(Status status) {
    if (!lives_.empty()) lives_.back().Turn(status, at_);
  }

  Instant at_;
  std::vector<Life> lives_;
};

class EpisodeWriter {
 public:
  explicit EpisodeWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  // Somebody asked for it here; care that ended elsewhere is told of there.
  bool IsOfHere(size_t episode) const {
    return std::any_of(state_.referrals.begin(), state_.referrals.end(),
                       [episode](const engine::Referral& referral) {
                         return referral.episode == episode;
                       });
  }

  void Write(size_t episode, const Life& life) {
    const std::string id = context_.EpisodeId(episode);
    json::Writer w = BeginResource("EpisodeOfCare", id);
    w.Key("identifier").BeginArray();
    PutIdentifier(w, {OwnSystem("case"), context_.case_id});
    w.EndArray();
    w.Key("status").String(NameOf(life.history.back().status));
    WriteHistory(w, life);
    const protocol::Protocol& protocol = context_.protocol();
    PutConcepts(w, "type", Own("protocol", protocol.id, protocol.title));
    context_.PutPatient(w, "patient");
    const bool closed = IsClosed(life);
    PutPeriod(w, "period", life.opened_at,
              closed ? life.history.back().from : Instant::Never());
    WriteReferrals(w, episode);
    // Who is responsible now; of an earlier episode that is not kept.
    if (episode == state_.episodes.size()) {
      context_.PutStaff(w, "careManager", state_.owner.staff);
      WriteTeam(w);
    }
    context_.out.push_back(EndResource(w, "EpisodeOfCare", id));
  }

 private:
  static bool IsClosed(const Life& life) {
    const Status last = life.history.back().status;
    return last == Status::kFinished || last == Status::kCancelled;
  }

  void WriteHistory(json::Writer& w, const Life& life) {
    w.Key("statusHistory").BeginArray();
    for (size_t i = 0; i < life.history.size(); ++i) {
      const bool last = i + 1 == life.history.size();
      w.BeginObject();
      w.Key("status").String(NameOf(life.history[i].status));
      PutPeriod(w, "period", life.history[i].from,
                last ? Instant::Never() : life.history[i + 1].from);
      w.EndObject();
    }
    w.EndArray();
  }

  void WriteReferrals(json::Writer& w, size_t episode) {
    bool any = false;
    for (const engine::Referral& referral : state_.referrals) {
      if (referral.episode != episode) continue;
      if (!any) w.Key("referralRequest").BeginArray();
      any = true;
      PutReference(w, nullptr, "ServiceRequest",
                   ReferralResourceId(referral.id));
    }
    if (any) w.EndArray();
  }

  void WriteTeam(json::Writer& w) {
    const protocol::PoolId pool = state_.owner.pool;
    if (pool.IsNone()) return;
    w.Key("team").BeginArray();
    PutLogical(w, nullptr, "CareTeam",
               {OwnSystem("pool"), context_.protocol().at(pool).id});
    w.EndArray();
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
};

}  // namespace

void WriteEpisodes(const WriteContext& context) {
  const std::vector<Life> lives = LifeReader().Read(context.person.events);
  EpisodeWriter writer(context);
  for (size_t i = 0; i < lives.size(); ++i) {
    if (writer.IsOfHere(i + 1)) writer.Write(i + 1, lives[i]);
  }
}

}  // namespace stepwell::fhir
