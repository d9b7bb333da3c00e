// Reviews of a month are drawn: of what each member of staff did, so many as
// the protocol says, each as a command to its case. Which ones is a function of
// the service, the review, the member, the month and what they did, and of
// nothing else: whoever draws again, anywhere, draws the same.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "protocol/supervision.h"
#include "runtime/rows.h"
#include "runtime/runtime.h"

namespace stepwell::runtime {
namespace {

using protocol::DrawnFrom;
using protocol::DrawnReview;

constexpr size_t kPage = 1000;

struct Month {
  std::string name;  // "2026-03"
  Instant from, to;
};

Month MonthOf(Date first, const Zone& zone) {
  return {FormatDate(first).substr(0, 7), FirstAtOrAfter(zone, {first, 0}),
          FirstAtOrAfter(zone, {AddMonths(first, 1), 0})};
}

// What somebody did in a case: a thread, a check of homework; "" = the case.
using Deed = std::pair<StaffId, std::string>;

// What staff did in the case in the month, from its log.
struct Deeds {
  const Month& month;
  const protocol::Protocol& protocol;
  const engine::CaseState& state;
  std::set<Deed> threads = {}, feedback = {};
  StaffId owner = {};  // at the end of the month
  bool open = false;   // at that time
  StaffId actor = {};  // of the command whose events these are
  std::map<uint32_t, StaffId> first_signed = {};

  void Take(const engine::Event& event) {
    if (const auto* said = std::get_if<engine::CommandRecorded>(&event.body)) {
      actor = said->envelope.actor.staff;
    } else if (const auto* asked =
                   std::get_if<engine::SignAsked>(&event.body)) {
      first_signed[asked->item] = asked->by;
    }
    if (event.recorded < month.to) TakeOwner(event.body);
    if (month.from <= event.at && event.at < month.to) TakeDeed(event.body);
  }

  std::set<Deed> Of(DrawnFrom from) const {
    if (from == DrawnFrom::kThreads) return threads;
    if (from == DrawnFrom::kFeedback) return feedback;
    if (!open || owner.value == 0) return {};
    return {{owner, ""}};
  }

 private:
  void TakeOwner(const engine::EventBody& body) {
    if (const auto* opened = std::get_if<engine::CaseOpened>(&body)) {
      owner = opened->owner.staff;
      open = true;
    } else if (const auto* given = std::get_if<engine::CaseAssigned>(&body)) {
      owner = given->owner.staff;
    } else if (std::holds_alternative<engine::EpisodeOpened>(body)) {
      open = true;
    } else if (std::holds_alternative<engine::EpisodeClosed>(body)) {
      open = false;
    }
  }

  void TakeDeed(const engine::EventBody& body) {
    if (const auto* sent = std::get_if<engine::MessageSent>(&body)) {
      if (actor.value != 0) threads.insert({actor, sent->thread});
    } else if (const auto* done = std::get_if<engine::ItemDone>(&body)) {
      TakeDone(done->item);
    }
  }

  // Whoever signs it second has not written it.
  void TakeDone(uint32_t item) {
    if (item >= state.items.size()) return;
    const engine::ItemKey& key = state.items[item].key;
    if (key.element.value >= protocol.elements.size() ||
        protocol.at(key.element).checks.IsNone()) {
      return;
    }
    const auto first = first_signed.find(item);
    const StaffId who = first == first_signed.end() ? actor : first->second;
    if (who.value == 0) return;
    feedback.insert(
        {who, absl::StrCat(protocol.at(key.element).id, "/", key.occurrence)});
  }
};

// What may be drawn, and what it is drawn by.
struct Lot {
  Fingerprint rank;
  CaseId case_id;
  protocol::ElementId item;  // of the version of the case
  std::string about;
  bool operator<(const Lot& other) const { return rank < other.rank; }
};

Receipt Rejected(const char* code, std::string reason) {
  Receipt receipt;
  receipt.kind = ReceiptKind::kRejected;
  receipt.code = code;
  receipt.reason = std::move(reason);
  return receipt;
}

void Append(std::string& content, std::string_view part) {
  absl::StrAppend(&content, part.size(), ":");
  content += part;
}

std::string NoteOf(const DrawnReview& review, const std::string& about,
                   const std::string& member, const std::string& month) {
  const char* what = review.from == DrawnFrom::kThreads    ? "messages"
                     : review.from == DrawnFrom::kFeedback ? "feedback"
                                                           : "case";
  return absl::StrCat(what, about.empty() ? "" : " ", about, " of ", member,
                      ", ", month);
}

}  // namespace

// The lots of each review and member, and of each only the lowest that count.
class Runtime::Lots {
 public:
  Lots(const protocol::Protocol& current, const engine::ServiceState& service,
       const Month& month)
      : current_(*current.supervision), service_(service), month_(month) {}

  const Month& month() const { return month_; }

  void Add(const Deeds& deeds) {
    for (const DrawnReview& review : deeds.protocol.supervision->reviews) {
      const DrawnReview* now = current_.FindReview(review.id);
      if (now == nullptr) continue;
      for (const Deed& deed : deeds.Of(review.from)) {
        Put(*now, deed,
            {Rank(review, deed, deeds.state.id), deeds.state.id, review.item,
             deed.second});
      }
    }
  }

  template <class Visit>
  absl::Status ForEach(Visit visit) const {
    for (const auto& [key, lots] : lots_) {
      const DrawnReview& review = *current_.FindReview(key.first);
      for (const Lot& lot : lots) {
        STEPWELL_RETURN_IF_ERROR(visit(review, StaffId(key.second), lot));
      }
    }
    return absl::OkStatus();
  }

 private:
  Fingerprint Rank(const DrawnReview& review, const Deed& deed,
                   CaseId id) const {
    std::string content;
    Append(content, service_.tenant);
    Append(content, review.id);
    Append(content, service_.StaffName(deed.first));
    Append(content, month_.name);
    Append(content, IdToText(id.value));
    Append(content, deed.second);
    return FingerprintOf(content);
  }

  void Put(const DrawnReview& review, const Deed& deed, Lot lot) {
    std::set<Lot>& lots = lots_[{review.id, deed.first.value}];
    lots.insert(std::move(lot));
    if (lots.size() > static_cast<size_t>(review.number)) {
      lots.erase(std::prev(lots.end()));
    }
  }

  const protocol::Supervision& current_;
  const engine::ServiceState& service_;
  const Month& month_;
  std::map<std::pair<std::string, uint32_t>, std::set<Lot>> lots_;
};

absl::Status Runtime::AddLots(CaseId id, Lots& lots) {
  STEPWELL_ASSIGN_OR_RETURN(const engine::CaseState state, StoredCase(id));
  STEPWELL_ASSIGN_OR_RETURN(const auto protocol, ProtocolOf(state.protocol));
  if (protocol->supervision == nullptr) return absl::OkStatus();
  Deeds deeds{lots.month(), *protocol, state};
  if (state.last_at < lots.month().from) {
    // Nothing has happened since: the state tells all that is asked.
    deeds.owner = state.owner.staff;
    deeds.open = !state.IsClosed();
  } else {
    STEPWELL_ASSIGN_OR_RETURN(auto events, ReadEvents(id, 1, state.version));
    STEPWELL_RETURN_IF_ERROR(IntoCurrentNumbers(state, events));
    for (const engine::Event& event : events) deeds.Take(event);
  }
  lots.Add(deeds);
  return absl::OkStatus();
}

absl::Status Runtime::AddLotsOfAll(Lots& lots) {
  uint64_t after = 0;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(
        const auto streams,
        store_->ListStreams(store::StreamKind::kCase, after, kPage));
    for (const store::StreamKey& stream : streams) {
      after = stream.id;
      STEPWELL_RETURN_IF_ERROR(AddLots(CaseId(stream.id), lots));
    }
    if (streams.size() < kPage) return absl::OkStatus();
  }
}

absl::Status Runtime::DrawEach(const engine::Envelope& envelope,
                               const Lots& lots, Instant now,
                               engine::ReviewsDrawn& done) {
  return lots.ForEach([&](const DrawnReview& review, StaffId of,
                          const Lot& lot) -> absl::Status {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; ++i) number = number << 8 | lot.rank.bytes[i];
    engine::Command command;
    command.case_id = lot.case_id;
    command.envelope = envelope;
    command.envelope.command_id =
        absl::StrCat(envelope.command_id, "/", IdToText(number));
    command.envelope.cause = envelope.command_id;
    command.envelope.at.reset();
    command.body = engine::DrawReview{
        lot.item, of, done.month, lot.about,
        NoteOf(review, lot.about, service_.StaffName(of), done.month)};
    STEPWELL_ASSIGN_OR_RETURN(const Receipt receipt,
                              SubmitToCase(command, now));
    ++(receipt.kind == ReceiptKind::kRejected ? done.refused : done.drawn);
    return absl::OkStatus();
  });
}

Receipt Runtime::RefuseDrawing(const std::string& month, Instant over,
                               Instant now) const {
  const auto& known = service_.drawn_months;
  if (current_->supervision == nullptr ||
      current_->supervision->reviews.empty()) {
    return Rejected("no_reviews",
                    "the protocol of the service draws no reviews");
  }
  if (now < over) {
    return Rejected("month_not_over", absl::StrCat(month, " is not over yet"));
  }
  if (over <= service_.opened_at) {
    return Rejected("month_unknown",
                    absl::StrCat("the service was not there in ", month));
  }
  if (std::find(known.begin(), known.end(), month) != known.end()) {
    return Rejected("month_drawn",
                    absl::StrCat("the reviews of ", month, " have been drawn"));
  }
  return {};
}

absl::StatusOr<Receipt> Runtime::DrawReviews(const engine::Envelope& envelope,
                                             Date first, Instant now) {
  const Month month = MonthOf(first, *current_->zone);
  const std::string fingerprint =
      PrintOf(envelope, absl::StrCat("reviews/", month.name));
  STEPWELL_ASSIGN_OR_RETURN(const std::optional<Receipt> earlier,
                            FindReceipt(envelope.command_id, fingerprint));
  if (earlier) return *earlier;
  Receipt receipt = RefuseDrawing(month.name, month.to, now);
  engine::ReviewsDrawn done{month.name};
  if (receipt.code.empty()) {
    Lots lots(*current_, service_, month);
    STEPWELL_RETURN_IF_ERROR(AddLotsOfAll(lots));
    STEPWELL_RETURN_IF_ERROR(DrawEach(envelope, lots, now, done));
    receipt.reason = absl::StrCat("reviews that were drawn: ", done.drawn,
                                  "; refused: ", done.refused);
  }
  return Once(envelope, fingerprint, now, [&]() -> absl::StatusOr<Receipt> {
    if (receipt.kind == ReceiptKind::kRejected) {
      return Remember(receipt, envelope.command_id, fingerprint, {},
                      {ServiceSeen()});
    }
    return CommitService(envelope, "draw_reviews", {done}, receipt, fingerprint,
                         now);
  });
}

}  // namespace stepwell::runtime
