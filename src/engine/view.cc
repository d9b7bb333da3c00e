#include "engine/view.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "base/time_text.h"
#include "engine/availability.h"
#include "engine/scoring.h"
#include "protocol/case_view.h"
#include "protocol/case_view_model.h"
#include "protocol/decisions.h"

namespace stepwell::engine {

using fhirpath::Collection;
using fhirpath::Value;
using protocol::FieldOf;
using protocol::MakeViewId;
using protocol::SymbolOf;
using protocol::ViewField;

namespace {

Value DateTimeValue(Instant at) {
  return Value::DateTime(fhirpath::FromInstant(at, 0));
}

Value DateValue(int64_t days) {
  fhirpath::Temporal date =
      fhirpath::FromInstant(Instant{} + WallDays(days), 0);
  date.precision = fhirpath::Precision::kDay;
  date.has_offset = 0;
  return Value::Date(date);
}

Value ScoreValue(const Ratio& score) {
  if (score.denominator == 1) return Value::Integer(score.numerator);
  return Value::Of(fhirpath::Divide(fhirpath::Decimal(score.numerator),
                                    fhirpath::Decimal(score.denominator))
                       .value_or(fhirpath::Decimal(0)));
}

void AddFact(const FactValue& value, Collection& out) {
  switch (value.kind) {
    case FactValue::Kind::kBoolean:
      out.push_back(Value::Boolean(value.number != 0));
      return;
    case FactValue::Kind::kInteger:
      out.push_back(Value::Integer(value.number));
      return;
    case FactValue::Kind::kText:
      out.push_back(Value::BorrowedString(value.text));
      return;
    case FactValue::Kind::kDate:
      out.push_back(DateValue(value.number));
      return;
    case FactValue::Kind::kNone:
      return;
  }
}

}  // namespace

bool HasOpenAlert(const CaseState& state) {
  return std::any_of(
      state.alerts.begin(), state.alerts.end(),
      [](const AlertState& a) { return a.stage != AlertStage::kClosed; });
}

const Referral* LatestReferral(const CaseState& state) {
  for (auto it = state.referrals.rbegin(); it != state.referrals.rend(); ++it) {
    if (!it->ended_as) return &*it;
  }
  return nullptr;
}

int MissedOf(const CaseState& state, ElementId element) {
  int missed = 0;
  for (const AppointmentState& booked : state.appointments) {
    if (booked.item >= state.items.size()) continue;
    const ItemKey& key = state.items[booked.item].key;
    if (key.element == element && key.episode == state.episode()) {
      missed += booked.missed;
    }
  }
  return missed;
}

std::string_view StatusName(ItemStatus status) {
  return protocol::kItemStateNames[static_cast<size_t>(status)];
}

const ItemState* LatestItem(const protocol::Protocol& protocol,
                            const CaseState& state, ElementId element) {
  const PhaseId phase = protocol.at(element).phase;
  const ProgramRef program = protocol.at(element).program;
  const bool any_episode = !phase.IsNone() && protocol.at(phase).carries;
  const int32_t enrolment =
      program.IsNone() ? -1 : EnrolmentOf(protocol, state, program);
  for (auto it = state.items.rbegin(); it != state.items.rend(); ++it) {
    if (it->key.element != element || it->withdrawn) continue;
    if (!program.IsNone() && it->key.enrolment != enrolment + 1) continue;
    if (any_episode || it->key.episode == state.episode()) return &*it;
  }
  return nullptr;
}

void CaseView::Member(uint32_t node, uint32_t member_id, std::string_view,
                      Collection& out) const {
  switch (FieldOf(member_id)) {
    case ViewField::kFact:
      for (const FactState& fact : state_.facts) {
        if (fact.fact.value == SymbolOf(member_id)) AddFact(fact.value, out);
      }
      return;
    case ViewField::kRoute:
      if (const Referral* latest = LatestReferral(state_)) {
        out.push_back(Value::BorrowedString(protocol_.at(latest->route).id));
      }
      return;
    case ViewField::kTrack: {
      const TrackState& track = state_.tracks[SymbolOf(member_id)];
      if (!track.phase.IsNone()) {
        out.push_back(Value::BorrowedString(protocol_.at(track.phase).id));
      }
      return;
    }
    case ViewField::kItemState:
    case ViewField::kItemOutcome:
    case ViewField::kItemCount:
    case ViewField::kItemPercent:
    case ViewField::kItemMode:
    case ViewField::kItemMissed:
    case ViewField::kItemAppointment:
      ItemMember(MakeViewId(FieldOf(member_id), SymbolOf(node)), out);
      return;
    case ViewField::kScore:
    case ViewField::kBand:
    case ViewField::kScoreAt:
    case ViewField::kFirstScore:
    case ViewField::kScoreCount:
    case ViewField::kRiskFlag:
    case ViewField::kTierName:
    case ViewField::kAllScores:
      ScoreMember(member_id, SymbolOf(node), out);
      return;
    case ViewField::kAnswer:
      AnswerMember(SymbolOf(node), SymbolOf(member_id), out);
      return;
    case ViewField::kSubscaleScore:
    case ViewField::kSubscaleBand:
      SubscaleMember(member_id, out);
      return;
    case ViewField::kRiskOpen:
    case ViewField::kRiskTier:
    case ViewField::kRiskAcknowledged:
      RiskMember(member_id, out);
      return;
    case ViewField::kWindow:
    case ViewField::kWindowTiming:
    case ViewField::kWindowOpens:
    case ViewField::kWindowDue:
    case ViewField::kWindowCloses:
      WindowMember(ClockDefId(SymbolOf(member_id)), FieldOf(member_id), out);
      return;
    default:
      PlainMember(node, member_id, out);
  }
}

void CaseView::ItemMember(uint32_t member, Collection& out) const {
  const ElementId element(SymbolOf(member));
  if (FieldOf(member) == ViewField::kItemCount) {
    const auto done = std::count_if(
        state_.items.begin(), state_.items.end(), [&](const ItemState& item) {
          return item.key.element == element &&
                 item.key.episode == state_.episode() &&
                 item.status == ItemStatus::kDone;
        });
    out.push_back(Value::Integer(done));
    return;
  }
  if (FieldOf(member) == ViewField::kItemMissed) {
    out.push_back(Value::Integer(MissedOf(state_, element)));
    return;
  }
  const ItemState* item = LatestItem(protocol_, state_, element);
  if (FieldOf(member) == ViewField::kItemMode ||
      FieldOf(member) == ViewField::kItemAppointment) {
    AppointmentMember(item, FieldOf(member), out);
  } else if (FieldOf(member) == ViewField::kItemState) {
    out.push_back(Value::BorrowedString(
        item == nullptr ? "blocked" : StatusName(item->status)));
  } else if (FieldOf(member) == ViewField::kItemPercent) {
    if (item != nullptr && item->percent) {
      out.push_back(Value::Integer(*item->percent));
    }
  } else if (item != nullptr && !item->outcome.IsNone()) {
    out.push_back(
        Value::BorrowedString(protocol_.outcomes[item->outcome.value]));
  }
}

void CaseView::AppointmentMember(const ItemState* item, ViewField field,
                                 Collection& out) const {
  if (item == nullptr) return;
  size_t name = static_cast<size_t>(item->appointment);
  if (field == ViewField::kItemMode) {
    const AppointmentState* booked =
        state_.AppointmentOf(static_cast<uint32_t>(item - state_.items.data()));
    name = booked == nullptr ? 0 : static_cast<size_t>(booked->mode);
  }
  // A newer version may know more of either.
  const std::span<const std::string_view> names =
      field == ViewField::kItemMode
          ? std::span<const std::string_view>(protocol::kContactModeNames)
          : std::span<const std::string_view>(protocol::kAppointmentNames);
  if (name < names.size() && !names[name].empty()) {
    out.push_back(Value::BorrowedString(names[name]));
  }
}

bool CaseView::IsOfNow(const ScoreState& score) const {
  const auto& carried = protocol_.carried;
  // Of an episode before this one only what somebody asks the age of.
  return score.episode == state_.episode() ||
         (max_age_ && std::find(carried.begin(), carried.end(),
                                score.instrument) != carried.end());
}

bool CaseView::IsFresh(const ScoreState& score) const {
  if (!max_age_) return true;
  const std::optional<Instant> until =
      AddSpan(score.at, *max_age_, *protocol_.zone, nullptr);
  return until && *until >= now_;
}

bool CaseView::IsCompared(uint16_t instrument) const {
  if (program_ == nullptr) return false;
  const auto& reads = program_->reads();
  return std::any_of(reads.begin(), reads.end(), [&](const auto& path) {
    return path.size() == 2 &&
           path[0] == protocol_.instruments[instrument].name &&
           path[1] == "score";
  });
}

void CaseView::AllScores(uint16_t instrument, Collection& out) const {
  std::vector<const ScoreState*> scores;
  for (const ScoreState& score : state_.scores) {
    if (score.instrument.value == instrument && !score.is_void && score.score &&
        IsOfNow(score) && IsFresh(score)) {
      scores.push_back(&score);
    }
  }
  std::sort(
      scores.begin(), scores.end(),
      [](const ScoreState* a, const ScoreState* b) { return IsLater(*b, *a); });
  for (const ScoreState* score : scores) {
    out.push_back(ScoreValue(*score->score));
  }
}

void CaseView::ScoreMember(uint32_t member, uint16_t instrument,
                           Collection& out) const {
  if (FieldOf(member) == ViewField::kAllScores) {
    AllScores(instrument, out);
    return;
  }
  const ScoreState* latest = nullptr;
  const ScoreState* first = nullptr;
  int64_t count = 0;
  for (const ScoreState& score : state_.scores) {
    if (score.instrument.value != instrument || score.is_void ||
        !IsOfNow(score)) {
      continue;
    }
    if (latest == nullptr || IsLater(score, *latest)) latest = &score;
    if (!score.score || score.episode != state_.episode()) continue;
    if (first == nullptr || IsLater(*first, score)) first = &score;
    ++count;
  }
  const ViewField field = FieldOf(member);
  if (field == ViewField::kScoreCount) out.push_back(Value::Integer(count));
  if (latest == nullptr) return;
  if (field == ViewField::kFirstScore) {
    // With one measurement there is no change, which is not a change of zero.
    if (first != nullptr && !(first == latest && IsCompared(instrument))) {
      out.push_back(ScoreValue(*first->score));
    }
  } else if (field == ViewField::kScoreAt) {
    out.push_back(DateTimeValue(latest->at));
  } else if (!IsFresh(*latest)) {
    return;
  } else if (field == ViewField::kScore && latest->score) {
    out.push_back(ScoreValue(*latest->score));
  } else if (field == ViewField::kRiskFlag &&
             latest->risk != Answer3::kUnknown) {
    out.push_back(Value::Boolean(latest->risk == Answer3::kYes));
  } else if (field == ViewField::kTierName && latest->tier != 0xFF) {
    const auto& tiers = protocol_.instruments[instrument].instrument->tiers();
    if (latest->tier < tiers.ids.size()) {
      out.push_back(Value::BorrowedString(tiers.ids[latest->tier]));
    }
  } else if (field == ViewField::kBand && latest->band != 0xFF) {
    const auto& bands =
        protocol_.instruments[instrument].instrument->scales()[0].bands;
    if (latest->band < bands.size()) {
      out.push_back(Value::BorrowedString(bands[latest->band].id));
    }
  }
}

// Of the answers that stand, by the rules of the document: a subscale is not
// recorded, for it is a function of the two.
void CaseView::SubscaleMember(uint32_t member, Collection& out) const {
  const protocol::ScaleRef of = protocol::ScaleRefOf(member);
  const instruments::Instrument& document =
      *protocol_.instruments[of.instrument].instrument;
  for (const AnswersState& answers : state_.answers) {
    if (answers.instrument.value != of.instrument) continue;
    const ScoreState* score = state_.ScoreOf(answers.response_seq);
    if (score == nullptr || !IsOfNow(*score) || !IsFresh(*score)) continue;
    const instruments::Answers read = ReadAnswers(document, answers.answers);
    const instruments::ScaleScore found =
        instruments::Score(document, read.view(),
                           ContextOf(protocol_, state_, score->at))
            .scales[of.scale];
    if (FieldOf(member) == ViewField::kSubscaleScore && found.exact) {
      out.push_back(ScoreValue({found.exact->num, found.exact->den}));
    } else if (FieldOf(member) == ViewField::kSubscaleBand && found.band >= 0) {
      const auto& bands = document.scales()[of.scale].bands;
      out.push_back(
          Value::BorrowedString(bands[static_cast<size_t>(found.band)].id));
    }
  }
}

void CaseView::AnswerMember(uint16_t instrument, uint16_t item,
                            Collection& out) const {
  const instruments::Instrument& document =
      *protocol_.instruments[instrument].instrument;
  if (item >= document.items().size()) return;
  const instruments::ItemKind kind = document.items()[item].kind;
  for (const AnswersState& answers : state_.answers) {
    if (answers.instrument.value != instrument) continue;
    const ScoreState* score = state_.ScoreOf(answers.response_seq);
    if (score != nullptr && (!IsOfNow(*score) || !IsFresh(*score))) continue;
    for (const GivenAnswer& answer : answers.answers) {
      if (answer.item != item || !Says(document, answer)) continue;
      if (kind == instruments::ItemKind::kText) {
        out.push_back(Value::BorrowedString(answer.text));
      } else if (kind == instruments::ItemKind::kBoolean) {
        out.push_back(Value::Boolean(*answer.number != 0));
      } else if (kind == instruments::ItemKind::kDate) {
        out.push_back(DateValue(*answer.number));
      } else {
        out.push_back(Value::Integer(*answer.number));
      }
    }
  }
}

void CaseView::RiskMember(uint32_t member, Collection& out) const {
  const AlertState* worst = nullptr;
  bool all_acknowledged = true;
  for (const AlertState& alert : state_.alerts) {
    if (alert.stage == AlertStage::kClosed) continue;
    all_acknowledged = all_acknowledged && alert.stage != AlertStage::kRaised;
    if (worst == nullptr || protocol_.at(alert.tier).severity >
                                protocol_.at(worst->tier).severity) {
      worst = &alert;
    }
  }
  if (FieldOf(member) == ViewField::kRiskOpen) {
    out.push_back(Value::Boolean(worst != nullptr));
  } else if (worst == nullptr) {
    return;
  } else if (FieldOf(member) == ViewField::kRiskTier) {
    out.push_back(Value::BorrowedString(protocol_.at(worst->tier).id));
  } else {
    out.push_back(Value::Boolean(all_acknowledged));
  }
}

void CaseView::ProgramMember(ProgramRef program, ViewField field,
                             Collection& out) const {
  const int32_t index = EnrolmentOf(protocol_, state_, program);
  const EnrolmentState* enrolment =
      index < 0 ? nullptr : &state_.enrolments[static_cast<size_t>(index)];
  if (field == ViewField::kProgramDone) {
    out.push_back(
        Value::Integer(enrolment == nullptr ? 0 : enrolment->modules_done));
  } else if (field == ViewField::kProgramCompleted) {
    out.push_back(Value::Boolean(enrolment != nullptr && enrolment->completed));
  } else if (field == ViewField::kProgramEnrolled) {
    out.push_back(
        Value::Boolean(enrolment != nullptr && enrolment->IsRunning()));
  } else if (enrolment != nullptr) {
    const auto& levels = protocol_.at(program).guidance;
    if (enrolment->guidance < levels.size()) {
      out.push_back(Value::BorrowedString(levels[enrolment->guidance]));
    }
  }
}

void CaseView::DoorMember(uint16_t symbol, uint32_t member,
                          Collection& out) const {
  if (FieldOf(member) == ViewField::kConsent) {
    const Answer3 said =
        ConsentOf(protocol_, state_, PurposeId(SymbolOf(member)));
    if (said == Answer3::kUnknown) return;
    out.push_back(Value::Boolean(said == Answer3::kYes));
    return;
  }
  if (FieldOf(member) == ViewField::kContact) {
    const std::string& role = protocol_.related[SymbolOf(member)].id;
    const bool on_file =
        std::any_of(state_.related.begin(), state_.related.end(),
                    [&](const RelatedState& related) {
                      return related.role == role && !related.ended_at;
                    });
    if (on_file) out.push_back(Value::Boolean(true));
    return;
  }
  if (FieldOf(member) == ViewField::kCameBy) {
    const RouteId route(SymbolOf(member));
    const bool came = std::any_of(
        state_.referrals.begin(), state_.referrals.end(),
        [&](const Referral& referral) {
          return referral.route == route &&
                 referral.episode == state_.episode() && !referral.ended_as;
        });
    out.push_back(Value::Boolean(came));
    return;
  }
  const std::string& kind = protocol_.document_kinds[symbol];
  bool held = false, verified = false;
  for (const Referral& referral : state_.referrals) {
    if (referral.episode != state_.episode() || !referral.Holds(kind)) continue;
    held = true;
    for (const ReferralDocument& paper : referral.papers) {
      verified = verified || (paper.kind == kind && !paper.verified_by.empty());
    }
  }
  // That nobody has looked, or that nothing came, is not a no.
  const bool asks_held = FieldOf(member) == ViewField::kDocumentHeld;
  if (asks_held ? held : verified) out.push_back(Value::Boolean(true));
}

void CaseView::PlainMember(uint32_t node, uint32_t member,
                           Collection& out) const {
  const uint16_t symbol = SymbolOf(node);
  switch (FieldOf(member)) {
    case ViewField::kMilestoneAt:
    case ViewField::kMilestoneReached: {
      const MilestoneState* reached = state_.Reached(MilestoneId(symbol));
      if (FieldOf(member) == ViewField::kMilestoneReached) {
        out.push_back(Value::Boolean(reached != nullptr));
      } else if (reached != nullptr) {
        out.push_back(DateTimeValue(reached->at));
      }
      return;
    }
    case ViewField::kCameBy:
    case ViewField::kConsent:
    case ViewField::kContact:
    case ViewField::kDocumentHeld:
    case ViewField::kDocumentVerified:
      DoorMember(symbol, member, out);
      return;
    case ViewField::kProgramDone:
    case ViewField::kProgramCompleted:
    case ViewField::kProgramEnrolled:
    case ViewField::kProgramGuidance:
      ProgramMember(ProgramRef(symbol), FieldOf(member), out);
      return;
    case ViewField::kEnrolmentProgram:
      for (auto it = state_.enrolments.rbegin(); it != state_.enrolments.rend();
           ++it) {
        if (!it->IsRunning() || it->episode != state_.episode()) continue;
        out.push_back(Value::BorrowedString(protocol_.at(it->program).name));
        return;
      }
      return;
    case ViewField::kCaseEpisode:
      out.push_back(Value::Integer(state_.episode()));
      return;
    case ViewField::kCasePaused:
      out.push_back(Value::Boolean(state_.paused_at.has_value()));
      return;
    case ViewField::kFeedbackOwed:
      out.push_back(Value::Boolean(
          std::any_of(state_.referrals.begin(), state_.referrals.end(),
                      [&](const Referral& referral) {
                        return referral.episode == state_.episode() &&
                               protocol_.at(referral.route).referrer_feedback;
                      })));
      return;
    case ViewField::kClockRunning:
      out.push_back(Value::Boolean(std::any_of(
          state_.clocks.begin(), state_.clocks.end(),
          [&](const ClockState& c) { return c.def.value == symbol; })));
      return;
    case ViewField::kAnswers:
      // Remembers its instrument; the member below carries the item.
      out.push_back(Value::Of(
          fhirpath::Node{0, MakeViewId(ViewField::kAnswers, symbol)}));
      return;
    default:
      // An inner node: its number is the member's id.
      out.push_back(Value::Of(fhirpath::Node{0, member}));
  }
}

void CaseView::WindowMember(ClockDefId window, ViewField field,
                            Collection& out) const {
  const FollowUpState* known = FollowUpOf(state_, window);
  // Of an episode before this one only what goes on.
  if (known == nullptr ||
      (known->episode != state_.episode() && !known->IsAhead())) {
    return;
  }
  switch (field) {
    case ViewField::kWindow:
      out.push_back(Value::BorrowedString(
          protocol::kWindowNames[static_cast<size_t>(known->status)]));
      return;
    case ViewField::kWindowOpens:
      out.push_back(DateTimeValue(known->opens));
      return;
    case ViewField::kWindowDue:
      out.push_back(DateTimeValue(known->due));
      return;
    case ViewField::kWindowCloses:
      out.push_back(DateTimeValue(known->closes));
      return;
    default:
      break;
  }
  const std::optional<Timing> timing = TimingOf(*known);
  if (!timing) return;
  out.push_back(Value::BorrowedString(
      protocol::kTimingNames[static_cast<size_t>(*timing)]));
}

void CaseView::AllChildren(uint32_t, Collection&) const {
  // Guards name what they read; the checker refuses children() on this model.
}

std::optional<Value> CaseView::Primitive(uint32_t) const {
  return std::nullopt;
}

std::string CaseView::ToText(uint32_t node) const {
  return absl::StrCat("node ", node);
}

GuardEvaluator::GuardEvaluator(const protocol::Protocol& protocol,
                               const CaseState& state, Instant now)
    : protocol_(protocol),
      view_(protocol, state),
      sources_{&view_},
      now_(now) {}

fhirpath::EvaluateOptions GuardEvaluator::Options() const {
  fhirpath::EvaluateOptions options;
  options.now = now_;
  options.sources = sources_;
  return options;
}

fhirpath::Tri GuardEvaluator::Evaluate(const protocol::Guard& guard) {
  if (guard.program == nullptr) return fhirpath::Tri::kTrue;
  view_.LookBy(*guard.program, guard.max_age, now_);
  const absl::StatusOr<fhirpath::Tri> truth = fhirpath::EvaluateTruth(
      *guard.program, fhirpath::Node{0, 0}, Options(), &scratch_);
  // What cannot be evaluated is not known.
  return truth.ok() ? *truth : fhirpath::Tri::kUnknown;
}

bool GuardEvaluator::Opens(const protocol::Guard& guard) {
  const fhirpath::Tri truth = Evaluate(guard);
  return truth == fhirpath::Tri::kTrue ||
         (truth == fhirpath::Tri::kUnknown &&
          guard.on_unknown == protocol::OnUnknown::kRaise);
}

std::vector<std::string> GuardEvaluator::Unmet(const protocol::Guard& guard) {
  std::vector<std::string> lines;
  if (guard.program == nullptr) return lines;
  view_.LookBy(*guard.program, guard.max_age, now_);
  const fhirpath::Explained explained =
      fhirpath::Explain(*guard.program, fhirpath::Node{0, 0}, Options());
  for (const fhirpath::Explanation& leaf : explained.unmet) {
    std::string line = leaf.text;
    for (const fhirpath::Explanation& part : leaf.parts) {
      if (part.values.size() == 1 && part.values[0] == part.text) continue;
      absl::StrAppend(&line, "; ", part.text, " = ",
                      part.values.empty() ? "unknown" : part.values[0]);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string GuardEvaluator::ValueAt(
    const std::vector<std::string>& path) const {
  fhirpath::TypeId type = protocol::kCaseViewType;
  uint32_t node = 0;
  Collection found;
  for (const std::string& name : path) {
    const auto member = protocol_.view->FindMember(type, name);
    if (!member) return "unknown";  // it was compiled, so it is there
    found.clear();
    view_.Member(node, member->id, name, found);
    type = member->type;
    if (found.empty()) return "unknown";
    if (found[0].is_node()) node = found[0].node().index;
  }
  if (found.empty()) return "unknown";
  std::vector<std::string> literals;
  for (const Value& value : found) literals.push_back(ToLiteral(value));
  return absl::StrJoin(literals, ", ");
}

std::vector<std::string> GuardEvaluator::Read(
    const protocol::Number& number) const {
  view_.LookBy(*number.program, number.max_age, now_);
  return ReadAll(*number.program);
}

std::vector<std::string> GuardEvaluator::ReadAll(
    const fhirpath::Program& program) const {
  std::vector<std::string> lines;
  for (const std::vector<std::string>& path : program.reads()) {
    lines.push_back(
        absl::StrCat(absl::StrJoin(path, "."), " = ", ValueAt(path)));
  }
  if (program.uses_now()) {
    lines.push_back(absl::StrCat("now() = ", FormatInstantUtc(now_)));
  }
  return lines;
}

std::vector<std::string> GuardEvaluator::Read(
    const protocol::Guard& guard) const {
  if (guard.program == nullptr) return {};
  view_.LookBy(*guard.program, guard.max_age, now_);
  return ReadAll(*guard.program);
}

std::optional<fhirpath::Decimal> GuardEvaluator::NumberOf(
    const protocol::Number& number) {
  view_.LookBy(*number.program, number.max_age, now_);
  const absl::StatusOr<Collection> value = fhirpath::Evaluate(
      *number.program, fhirpath::Node{0, 0}, Options(), &scratch_);
  // What cannot be evaluated is not known.
  if (!value.ok() || value->size() != 1 ||
      !((*value)[0].is(fhirpath::Kind::kInteger) ||
        (*value)[0].is(fhirpath::Kind::kDecimal))) {
    return std::nullopt;
  }
  return (*value)[0].number();
}

}  // namespace stepwell::engine
