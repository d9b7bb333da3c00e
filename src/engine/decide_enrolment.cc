// Programs by hand: a clinician begins, ends, switches or tailors one.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/handlers.h"

namespace stepwell::engine {
namespace {

const EnrolmentState& EnrolmentIn(const Macrostep& m,
                                  const EnrolmentChanged& changed) {
  return m.state.enrolments[changed.enrolment - 1u];
}

// The program's phase is not where the case is.
bool IsOutside(const Macrostep& m, ProgramRef program) {
  const PhaseId phase = m.protocol.at(program).phase;
  return !phase.IsNone() &&
         m.state.tracks[m.protocol.at(phase).track.value].phase != phase;
}

// How a case comes to a program is the protocol's to say. Whoever has been
// there may take it again wherever the case is by now: a booster.
bool IsElsewhere(Macrostep& m, ProgramRef program) {
  if (!IsOutside(m, program) ||
      EnrolmentOf(m.protocol, m.state, program) >= 0) {
    return false;
  }
  const protocol::ImportedProgram& of = m.protocol.at(program);
  const protocol::Phase& phase = m.protocol.at(of.phase);
  m.Reject("program_elsewhere",
           absl::StrCat(of.name, " is given in the phase ",
                        m.protocol.at(phase.track).id, "/", phase.id,
                        ", where the case is not, and was not taken before"));
  return true;
}

bool IsUnused(Macrostep& m, ProgramRef program) {
  if (!program.IsNone() && m.protocol.at(program).used) return false;
  m.Reject("unknown_program", "the protocol of the case gives no such program");
  return true;
}

bool IsEnrolled(Macrostep& m, ProgramRef program) {
  if (RunningEnrolmentOf(m.protocol, m.state, program) < 0) return false;
  m.Reject("already_enrolled",
           absl::StrCat(m.protocol.at(program).name, " is running"));
  return true;
}

void Start(Macrostep& m, const ChangeEnrolment& c) {
  if (IsEnrolled(m, c.program) || IsElsewhere(m, c.program)) return;
  m.Enrol(c.program, c.guidance, c.language, IsOutside(m, c.program));
}

void Switch(Macrostep& m, const ChangeEnrolment& c, uint16_t enrolment) {
  if (IsUnused(m, c.to) || IsEnrolled(m, c.to) || IsElsewhere(m, c.to)) return;
  const std::string language = m.state.enrolments[enrolment].language;
  m.EndEnrolment(enrolment);
  m.Enrol(c.to, c.guidance, c.language.empty() ? language : c.language,
          IsOutside(m, c.to));
}

// A module that would come before one that it needs: each would wait for the
// other. True when it was refused.
bool RefuseOrder(Macrostep& m, const std::vector<ElementId>& order) {
  for (size_t i = 0; i < order.size(); ++i) {
    const protocol::Element& module = m.protocol.at(order[i]);
    if (LatestItem(m.protocol, m.state, order[i]) != nullptr) continue;
    for (const ElementId need : module.needs) {
      const auto later = std::find(order.begin() + static_cast<long>(i) + 1,
                                   order.end(), need);
      if (later == order.end()) continue;
      m.Reject("order_against_needs",
               absl::StrCat(module.id, " needs ", m.protocol.at(need).id,
                            ", which would come after it"));
      return true;
    }
  }
  return false;
}

// The modules named, in this order, ahead of those that have not begun; what
// has begun keeps its place.
void Reorder(Macrostep& m, const ChangeEnrolment& c, EnrolmentChanged changed) {
  const std::vector<ElementId> sequence =
      SequenceOf(m.protocol, EnrolmentIn(m, changed));
  std::vector<ElementId> order;
  for (const ElementId id : sequence) {
    if (LatestItem(m.protocol, m.state, id) != nullptr) order.push_back(id);
  }
  for (const ElementId id : c.modules) {
    if (!Contains(sequence, id) || Contains(order, id)) {
      m.Reject("module_not_ahead",
               absl::StrCat(m.protocol.at(id).id,
                            Contains(sequence, id)
                                ? " has begun, or is named twice"
                                : " is not in the sequence: include it first"));
      return;
    }
    order.push_back(id);
  }
  for (const ElementId id : sequence) {
    if (!Contains(order, id)) order.push_back(id);
  }
  if (RefuseOrder(m, order)) return;
  changed.sequence = std::move(order);
  m.ChangeEnrolment(std::move(changed));
}

void Include(Macrostep& m, const ChangeEnrolment& c, EnrolmentChanged changed) {
  std::vector<ElementId> sequence =
      SequenceOf(m.protocol, EnrolmentIn(m, changed));
  for (const uint8_t set : c.sets) {
    AddSet(m.protocol, c.program, set, sequence);
    if (!Contains(changed.sets, set)) changed.sets.push_back(set);
  }
  std::sort(changed.sets.begin(), changed.sets.end());
  for (const ElementId id : c.modules) {
    if (!Contains(sequence, id)) sequence.push_back(id);
  }
  changed.sequence = std::move(sequence);
  m.ChangeEnrolment(std::move(changed));
}

void Exclude(Macrostep& m, const ChangeEnrolment& c, EnrolmentChanged changed) {
  std::vector<ElementId> sequence =
      SequenceOf(m.protocol, EnrolmentIn(m, changed));
  for (const ElementId id : c.modules) {
    const ItemState* item = LatestItem(m.protocol, m.state, id);
    const bool begun =
        item != nullptr && item->status != ItemStatus::kAvailable;
    if (begun || !Contains(sequence, id)) {
      m.Reject("module_not_ahead",
               absl::StrCat(m.protocol.at(id).id,
                            begun ? " has begun: it can be skipped"
                                  : " is not in the sequence"));
      return;
    }
    std::erase(sequence, id);
  }
  if (sequence.empty()) {
    m.Reject("sequence_empty", "no module would be left: end the enrolment");
    return;
  }
  changed.sequence = std::move(sequence);
  m.ChangeEnrolment(std::move(changed));
  // What is left may all be done.
  m.CompleteProgram(m.protocol.at(c.program).modules.front());
}

void Guide(Macrostep& m, const ChangeEnrolment& c, EnrolmentChanged changed) {
  if (!c.guidance || *c.guidance >= m.protocol.at(c.program).guidance.size()) {
    m.Reject("guidance_required",
             "changing the guidance needs the level: `guidance`");
    return;
  }
  changed.guidance = *c.guidance;
  m.ChangeEnrolment(std::move(changed));
}

}  // namespace

void Handle(Macrostep& m, const ChangeEnrolment& c) {
  if (RefuseClosed(m)) return;
  if (IsUnused(m, c.program)) return;
  if (m.command.envelope.reason.empty()) {
    m.Reject("reason_required", "changing an enrolment needs a reason");
    return;
  }
  if (c.action == EnrolmentVerb::kStart) {
    Start(m, c);
    return;
  }
  const int32_t running = RunningEnrolmentOf(m.protocol, m.state, c.program);
  if (running < 0) {
    m.Reject("not_enrolled",
             absl::StrCat(m.protocol.at(c.program).name, " is not running"));
    return;
  }
  const uint16_t enrolment = static_cast<uint16_t>(running);
  EnrolmentChanged changed = AsItIs(m.state, enrolment);
  switch (c.action) {
    case EnrolmentVerb::kEnd:
      m.EndEnrolment(enrolment);
      return;
    case EnrolmentVerb::kSwitch:
      Switch(m, c, enrolment);
      return;
    case EnrolmentVerb::kReorder:
      Reorder(m, c, std::move(changed));
      return;
    case EnrolmentVerb::kInclude:
      Include(m, c, std::move(changed));
      return;
    case EnrolmentVerb::kExclude:
      Exclude(m, c, std::move(changed));
      return;
    case EnrolmentVerb::kGuidance:
      Guide(m, c, std::move(changed));
      return;
    case EnrolmentVerb::kLanguage:
      changed.language = c.language;
      m.ChangeEnrolment(std::move(changed));
      return;
    case EnrolmentVerb::kStart:
      return;  // above
  }
  m.Reject("unknown_action",
           "enrolments are started, ended, switched, reordered, and changed in "
           "modules, guidance and language");
}

}  // namespace stepwell::engine
