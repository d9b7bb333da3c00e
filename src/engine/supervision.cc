// Supervision of staff: what new members complete is signed by a second
// person, and what was drawn for review is reviewed by somebody else.
#include "protocol/supervision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {
namespace {

StaffId ActorOf(const Macrostep& m) {
  const Actor& actor = m.command.envelope.actor;
  return actor.role == Role::kStaff ? actor.staff : StaffId(0);
}

// Whose work it is again when it is given back: of whoever has the case by
// now, or as it was.
Owner OwnerAgain(const Macrostep& m, const SignState& sign) {
  const protocol::Element& element =
      m.protocol.at(m.state.items[sign.item].key.element);
  if (element.performer == protocol::Performer::kOwner) return m.CaseOwner();
  return m.IsNoMore(sign.from)
             ? Owner{OwnerKind::kPool, sign.from.pool, StaffId(0)}
             : sign.from;
}

void Settle(Macrostep& m, const SignState sign, bool given,
            std::optional<int32_t> minutes) {
  m.Emit(SignSettled{sign.item, given, given ? sign.from : OwnerAgain(m, sign),
                     minutes});
  m.ReturnItem(sign.item);
  if (m.FindClock(sign.clock) != nullptr) m.StopClock(sign.clock);
}

// True when the actor may not be the second person.
bool RefuseSigner(Macrostep& m, uint32_t ordinal) {
  const StaffId staff = ActorOf(m);
  const PoolId pool = m.state.items[ordinal].owner.pool;
  if (staff.value == 0) {
    m.Reject("person_required", "a second sign is that of a member of staff");
  } else if (RefuseOwnWork(m, ordinal)) {
    return true;
  } else if (!StandsBehind(m.protocol, m.world, pool, staff, m.due_now)) {
    m.Reject("not_a_member",
             "it is signed by a member of the pool that it waits in, or of "
             "one that stands behind");
  } else if (m.world.IsNew(staff, m.due_now)) {
    m.Reject("new_member", "who is new signs nothing for others");
  } else {
    return false;
  }
  return true;
}

// As the first person completed it.
void Sign(Macrostep& m, const WorkItem& c, const SignState& sign) {
  WorkItem first;
  first.element = c.element;
  first.outcome = sign.outcome;
  first.minutes = sign.minutes;
  if (sign.value.kind != FactValue::Kind::kNone) first.fact.emplace(sign.value);
  Complete(m, first, sign.item);
}

void Return(Macrostep& m, const WorkItem& c, const SignState& sign) {
  if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "giving it back needs a reason");
  } else {
    Settle(m, sign, false, c.minutes);
  }
}

}  // namespace

// Whoever completed it keeps nothing of it from a second person: it stays where
// that one looks for it.
bool RefuseUnsigned(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  const bool moves =
      c.action == ItemVerb::kHandOver || c.action == ItemVerb::kDefer ||
      c.action == ItemVerb::kSkip || c.action == ItemVerb::kCancel;
  return moves && m.state.SignOf(ordinal) != nullptr &&
         RefuseOwnWork(m, ordinal);
}

bool RefuseOwnWork(Macrostep& m, uint32_t ordinal) {
  const StaffId staff = ActorOf(m);
  const SignState* sign = m.state.SignOf(ordinal);
  const DrawnState* drawn = m.state.DrawnAs(ordinal);
  const bool own = (sign != nullptr && sign->by == staff) ||
                   (drawn != nullptr && drawn->of == staff);
  if (staff.value == 0 || !own) return false;
  m.Reject("own_work", "what they did themselves another person looks at");
  return true;
}

bool HandleSign(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  const bool settles =
      c.action == ItemVerb::kSign || c.action == ItemVerb::kReturn;
  const SignState* waiting = m.state.SignOf(ordinal);
  if (!settles) {
    if (waiting == nullptr || c.action != ItemVerb::kComplete) return false;
    m.Reject("sign_awaited",
             absl::StrCat(m.protocol.at(c.element).id,
                          " is completed and waits for a second person: sign "
                          "it, or return it"));
  } else if (waiting == nullptr) {
    m.Reject("sign_not_asked", "nothing of it waits for a second person");
  } else if (!RefuseSigner(m, ordinal) && !RefuseMinutes(m, c.minutes)) {
    const SignState sign = *waiting;
    (c.action == ItemVerb::kSign ? Sign : Return)(m, c, sign);
  }
  return true;
}

bool WaitsForSign(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  if (const SignState* sign = m.state.SignOf(ordinal)) {
    const auto* second = std::get_if<WorkItem>(&m.command.body);
    Settle(m, *sign, true, second == nullptr ? std::nullopt : second->minutes);
    return false;
  }
  const auto& supervision = m.protocol.supervision;
  const protocol::SecondSign* asks =
      supervision == nullptr ? nullptr : supervision->second_sign.get();
  const StaffId staff = ActorOf(m);
  // A review of staff changes nothing for the patient.
  if (asks == nullptr || staff.value == 0 ||
      supervision->ReviewOf(c.element) != nullptr ||
      !asks->Asks(m.protocol.at(c.element)) ||
      !m.world.IsNew(staff, m.due_now)) {
    return false;
  }
  SignAsked asked;
  asked.item = ordinal;
  asked.by = staff;
  asked.owner = {OwnerKind::kPool, asks->pool, {}};
  asked.clock = m.state.next_clock;
  asked.outcome = c.outcome;
  asked.minutes = c.minutes;
  if (c.fact) asked.value = *c.fact;
  m.Emit(std::move(asked));
  const Subject subject = {SubjectKind::kItem, ordinal};
  m.StartClock(asks->due, subject, m.TimeFor(subject));
  m.ReturnItem(ordinal);
  return true;
}

bool RefuseChecklist(Macrostep& m, const WorkItem& c) {
  const auto& supervision = m.protocol.supervision;
  const protocol::DrawnReview* review =
      supervision == nullptr ? nullptr : supervision->ReviewOf(c.element);
  if (review == nullptr) return false;
  std::string missing;
  for (const protocol::ChecklistQuestion& question : review->checklist) {
    const bool answered = std::any_of(
        c.checklist.begin(), c.checklist.end(),
        [&](const ChecklistAnswer& a) { return a.question == question.id; });
    if (answered) continue;
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", question.id);
  }
  if (missing.empty()) return false;
  m.Reject("checklist_incomplete",
           absl::StrCat("the checklist asks for: ", missing));
  return true;
}

void Handle(Macrostep& m, const DrawReview& c) {
  for (const DrawnState& drawn : m.state.drawn) {
    if (m.state.items[drawn.item].key.element == c.element &&
        drawn.of == c.of && drawn.month == c.month && drawn.about == c.about) {
      return;  // it was drawn before
    }
  }
  const uint32_t item = m.OpenItem(c.element, c.note);
  m.Emit(ReviewDrawn{item, c.of, c.month, c.about});
}

}  // namespace stepwell::engine
