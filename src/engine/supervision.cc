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

// Asked of the member of staff for the element; nullptr: nothing is.
const protocol::SecondSign* AskedOf(const Macrostep& m, StaffId staff,
                                    ElementId element) {
  const auto& supervision = m.protocol.supervision;
  const protocol::SecondSign* asks =
      supervision == nullptr ? nullptr : supervision->second_sign.get();
  // A review of staff changes nothing for the patient.
  const bool is_asked = asks != nullptr && staff.value != 0 &&
                        supervision->ReviewOf(element) == nullptr &&
                        asks->Asks(m.protocol.at(element)) &&
                        m.world.IsNew(staff, m.due_now);
  return is_asked ? asks : nullptr;
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

// Who signs, wherever the item lies; a version that asks for no signs leaves it
// to the pool that it waits in.
PoolId SigningPool(const Macrostep& m, uint32_t ordinal) {
  const auto& supervision = m.protocol.supervision;
  return supervision != nullptr && supervision->second_sign != nullptr
             ? supervision->second_sign->pool
             : m.state.items[ordinal].owner.pool;
}

bool IsInChain(const protocol::Protocol& protocol, PoolId first, PoolId pool) {
  PoolId candidate = first;
  for (size_t i = 0; i <= protocol.pools.size(); ++i) {
    if (candidate.IsNone() || candidate == pool) break;
    candidate = protocol.at(candidate).fallback;
  }
  return candidate == pool;
}

// What waits for a sign is moved by those who may sign, to those who may. True
// when it was refused.
bool RefuseMovingSign(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  const StaffId staff = ActorOf(m);
  const PoolId pool = SigningPool(m, ordinal);
  const bool hands_over = c.action == ItemVerb::kHandOver && !c.pool.IsNone();
  if (staff.value == 0) {
    m.Reject("person_required",
             "it waits for a second sign: a member of staff who may sign it "
             "says what becomes of it");
  } else if (!StandsBehind(m.protocol, m.world, pool, staff, m.due_now)) {
    m.Reject("not_a_member",
             "it waits for a second sign: who may sign it says what becomes "
             "of it");
  } else if (hands_over && !IsInChain(m.protocol, pool, c.pool)) {
    m.Reject("sign_awaited", absl::StrCat("it waits for a second sign, in ",
                                          m.protocol.at(pool).id,
                                          " or a pool that stands behind"));
  } else {
    return false;
  }
  return true;
}

// True when the actor may not be the second person.
bool RefuseSigner(Macrostep& m, uint32_t ordinal) {
  const StaffId staff = ActorOf(m);
  const PoolId pool = SigningPool(m, ordinal);
  if (staff.value == 0) {
    m.Reject("person_required", "a second sign is that of a member of staff");
  } else if (RefuseOwnWork(m, ordinal)) {
    return true;
  } else if (!StandsBehind(m.protocol, m.world, pool, staff, m.due_now)) {
    m.Reject("not_a_member",
             "it is signed by a member of the pool that signs, or of one that "
             "stands behind");
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

// Whoever did it keeps nothing of it from a second person, and nobody takes
// what waits for one to where somebody else would sign it.
bool RefuseUnsigned(Macrostep& m, const WorkItem& c, uint32_t ordinal) {
  const bool ends =
      c.action == ItemVerb::kSkip || c.action == ItemVerb::kCancel;
  const bool moves =
      ends || c.action == ItemVerb::kHandOver || c.action == ItemVerb::kDefer;
  if (!moves) return false;
  return RefuseOwnWork(m, ordinal) ||
         (m.state.SignOf(ordinal) != nullptr &&
          RefuseMovingSign(m, c, ordinal)) ||
         (ends && RefuseLeavingOut(m, c.element));
}

bool RefuseLeavingOut(Macrostep& m, ElementId element) {
  if (protocol::IsOutside(m.protocol.at(element).performer) ||
      AskedOf(m, ActorOf(m), element) == nullptr) {
    return false;
  }
  m.Reject("new_member",
           absl::StrCat("a second person signs ", m.protocol.at(element).id,
                        " for who is new: another member leaves it out"));
  return true;
}

bool RefuseLettingOut(Macrostep& m, ElementId id, bool skipped) {
  const protocol::Element& module = m.protocol.at(id);
  if (module.kind != protocol::ItemKind::kModule) return false;
  for (const EnrolmentState& enrolment : m.state.enrolments) {
    if (!enrolment.IsRunning() || enrolment.program != module.program ||
        !IsChecked(m.protocol, enrolment)) {
      continue;
    }
    std::vector<ElementId> held = {id};
    if (!skipped) held = m.available.ModulesBefore(enrolment, id);
    for (const ElementId before : held) {
      const ElementId check = m.protocol.at(before).check;
      if (check.IsNone() || m.available.IsFinished(check) ||
          AskedOf(m, ActorOf(m), check) == nullptr) {
        continue;
      }
      m.Reject("new_member",
               absl::StrCat("a second person signs ", m.protocol.at(check).id,
                            " for who is new: another member lets out what "
                            "comes after it"));
      return true;
    }
  }
  return false;
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
  const StaffId staff = ActorOf(m);
  const protocol::SecondSign* asks = AskedOf(m, staff, c.element);
  if (asks == nullptr) return false;
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
