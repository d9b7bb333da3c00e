#include "protocol/case_view_model.h"

#include <algorithm>

#include "base/strings.h"

namespace stepwell::protocol {
namespace {

using fhirpath::TypeId;

constexpr std::string_view kRootNames[] = {
    "facts",     "route",    "items",     "milestones", "tracks",
    "programs",  "consents", "case",      "risk",       "clocks",
    "enrolment", "contacts", "documents", "routes"};

TypeId TypeOfFact(FactValue::Kind kind) {
  switch (kind) {
    case FactValue::Kind::kBoolean:
      return fhirpath::kBooleanType;
    case FactValue::Kind::kInteger:
      return fhirpath::kIntegerType;
    case FactValue::Kind::kText:
      return fhirpath::kStringType;
    case FactValue::Kind::kDate:
      return fhirpath::kDateType;
    case FactValue::Kind::kNone:
      break;
  }
  return fhirpath::kAnyType;
}

TypeId TypeOfItem(instruments::ItemKind kind) {
  switch (kind) {
    case instruments::ItemKind::kBoolean:
      return fhirpath::kBooleanType;
    case instruments::ItemKind::kChoice:
    case instruments::ItemKind::kInteger:
      return fhirpath::kIntegerType;
    case instruments::ItemKind::kText:
      return fhirpath::kStringType;
    case instruments::ItemKind::kDate:
      return fhirpath::kDateType;
  }
  return fhirpath::kAnyType;
}

}  // namespace

bool IsViewRootName(std::string_view name) {
  return std::find(std::begin(kRootNames), std::end(kRootNames), name) !=
         std::end(kRootNames);
}

CaseViewModel::CaseViewModel(const Protocol& protocol) {
  AddRoot();
  AddNamed(protocol);
  for (size_t i = 0; i < protocol.instruments.size(); ++i) {
    AddInstrument(static_cast<uint16_t>(i), protocol.instruments[i]);
  }
}

void CaseViewModel::Add(TypeId owner, std::string_view name, Member member) {
  members_[owner].push_back({std::string(name), member});
  index_.emplace(std::make_pair(owner, std::string(name)), member);
}

void CaseViewModel::AddValue(TypeId owner, std::string_view name, uint32_t id,
                             TypeId type, bool nullable) {
  Add(owner, name,
      {.id = id, .type = type, .many = false, .nullable = nullable});
}

void CaseViewModel::AddNode(TypeId owner, std::string_view name,
                            ViewField field, uint16_t symbol) {
  Add(owner, name,
      {.id = MakeViewId(field, symbol),
       .type = ViewType(field, symbol),
       .many = false,
       .nullable = false});
}

void CaseViewModel::AddRoot() {
  using F = ViewField;
  AddNode(kCaseViewType, "facts", F::kFacts);
  AddValue(kCaseViewType, "route", MakeViewId(F::kRoute), fhirpath::kStringType,
           true);
  AddNode(kCaseViewType, "items", F::kItems);
  AddNode(kCaseViewType, "milestones", F::kMilestones);
  AddNode(kCaseViewType, "tracks", F::kTracks);
  AddNode(kCaseViewType, "programs", F::kPrograms);
  AddNode(kCaseViewType, "consents", F::kConsents);
  AddNode(kCaseViewType, "case", F::kCase);
  AddNode(kCaseViewType, "risk", F::kRisk);
  AddNode(kCaseViewType, "clocks", F::kClocks);
  AddNode(kCaseViewType, "enrolment", F::kEnrolment);
  AddNode(kCaseViewType, "contacts", F::kContacts);
  AddNode(kCaseViewType, "documents", F::kDocuments);
  AddNode(kCaseViewType, "routes", F::kRoutes);
  AddValue(ViewType(F::kEnrolment), "program", MakeViewId(F::kEnrolmentProgram),
           fhirpath::kStringType, true);
  const TypeId the_case = ViewType(F::kCase);
  AddValue(the_case, "episode", MakeViewId(F::kCaseEpisode),
           fhirpath::kIntegerType, false);
  AddValue(the_case, "paused", MakeViewId(F::kCasePaused),
           fhirpath::kBooleanType, false);
  AddValue(the_case, "feedback_owed", MakeViewId(F::kFeedbackOwed),
           fhirpath::kBooleanType, false);
  const TypeId risk = ViewType(F::kRisk);
  AddValue(risk, "open", MakeViewId(F::kRiskOpen), fhirpath::kBooleanType,
           false);
  AddValue(risk, "tier", MakeViewId(F::kRiskTier), fhirpath::kStringType, true);
  AddValue(risk, "acknowledged", MakeViewId(F::kRiskAcknowledged),
           fhirpath::kBooleanType, true);
}

void CaseViewModel::AddItem(uint16_t i, const Element& element) {
  using F = ViewField;
  AddNode(ViewType(F::kItems), element.id, F::kItem, i);
  const TypeId type = ViewType(F::kItem, i);
  AddValue(type, "state", MakeViewId(F::kItemState, i), fhirpath::kStringType,
           false);
  AddValue(type, "outcome", MakeViewId(F::kItemOutcome, i),
           fhirpath::kStringType, true);
  AddValue(type, "count", MakeViewId(F::kItemCount, i), fhirpath::kIntegerType,
           false);
  AddValue(type, "percent", MakeViewId(F::kItemPercent, i),
           fhirpath::kIntegerType, true);
  AddValue(type, "mode", MakeViewId(F::kItemMode, i), fhirpath::kStringType,
           true);
  AddValue(type, "missed", MakeViewId(F::kItemMissed, i),
           fhirpath::kIntegerType, false);
  AddValue(type, "appointment", MakeViewId(F::kItemAppointment, i),
           fhirpath::kStringType, true);
}

void CaseViewModel::AddNamed(const Protocol& protocol) {
  using F = ViewField;
  const auto each = [](const auto& table, const auto& visit) {
    for (size_t i = 0; i < table.size(); ++i) {
      visit(static_cast<uint16_t>(i), table[i]);
    }
  };
  each(protocol.facts, [&](uint16_t i, const Fact& fact) {
    AddValue(ViewType(F::kFacts), fact.id, MakeViewId(F::kFact, i),
             TypeOfFact(fact.kind), true);
  });
  each(protocol.elements,
       [&](uint16_t i, const Element& element) { AddItem(i, element); });
  each(protocol.milestones, [&](uint16_t i, const Milestone& milestone) {
    AddNode(ViewType(F::kMilestones), milestone.id, F::kMilestone, i);
    const TypeId type = ViewType(F::kMilestone, i);
    AddValue(type, "at", MakeViewId(F::kMilestoneAt, i),
             fhirpath::kDateTimeType, true);
    AddValue(type, "reached", MakeViewId(F::kMilestoneReached, i),
             fhirpath::kBooleanType, false);
  });
  each(protocol.tracks, [&](uint16_t i, const Track& track) {
    AddValue(ViewType(F::kTracks), track.id, MakeViewId(F::kTrack, i),
             fhirpath::kStringType, false);
  });
  each(protocol.programs, [&](uint16_t i, const ImportedProgram& program) {
    AddNode(ViewType(F::kPrograms), program.name, F::kProgram, i);
    const TypeId type = ViewType(F::kProgram, i);
    AddValue(type, "done", MakeViewId(F::kProgramDone, i),
             fhirpath::kIntegerType, false);
    AddValue(type, "completed", MakeViewId(F::kProgramCompleted, i),
             fhirpath::kBooleanType, false);
    AddValue(type, "enrolled", MakeViewId(F::kProgramEnrolled, i),
             fhirpath::kBooleanType, false);
    AddValue(type, "guidance", MakeViewId(F::kProgramGuidance, i),
             fhirpath::kStringType, true);
  });
  each(protocol.routes, [&](uint16_t i, const Route& route) {
    AddValue(ViewType(F::kRoutes), route.id, MakeViewId(F::kCameBy, i),
             fhirpath::kBooleanType, false);
  });
  each(protocol.purposes, [&](uint16_t i, const std::string& purpose) {
    AddValue(ViewType(F::kConsents), purpose, MakeViewId(F::kConsent, i),
             fhirpath::kBooleanType, true);
  });
  each(protocol.related, [&](uint16_t i, const RelatedRole& role) {
    AddValue(ViewType(F::kContacts), role.id, MakeViewId(F::kContact, i),
             fhirpath::kBooleanType, true);
  });
  each(protocol.document_kinds, [&](uint16_t i, const std::string& kind) {
    AddNode(ViewType(F::kDocuments), kind, F::kDocument, i);
    const TypeId type = ViewType(F::kDocument, i);
    AddValue(type, "held", MakeViewId(F::kDocumentHeld, i),
             fhirpath::kBooleanType, true);
    AddValue(type, "verified", MakeViewId(F::kDocumentVerified, i),
             fhirpath::kBooleanType, true);
  });
  each(protocol.clocks, [&](uint16_t i, const ClockDef& clock) {
    AddNode(ViewType(F::kClocks), clock.id, F::kClock, i);
    AddValue(ViewType(F::kClock, i), "running", MakeViewId(F::kClockRunning, i),
             fhirpath::kBooleanType, false);
    if (clock.is_window) AddWindow(i);
  });
}

void CaseViewModel::AddWindow(uint16_t clock) {
  using F = ViewField;
  const TypeId type = ViewType(F::kClock, clock);
  const auto add = [&](std::string_view name, F field, TypeId value) {
    AddValue(type, name, MakeViewId(field, clock), value, true);
  };
  add("window", F::kWindow, fhirpath::kStringType);
  add("timing", F::kWindowTiming, fhirpath::kStringType);
  add("opens", F::kWindowOpens, fhirpath::kDateTimeType);
  add("due", F::kWindowDue, fhirpath::kDateTimeType);
  add("closes", F::kWindowCloses, fhirpath::kDateTimeType);
}

void CaseViewModel::AddInstrument(uint16_t symbol,
                                  const ImportedInstrument& imported) {
  using F = ViewField;
  AddNode(kCaseViewType, imported.name, F::kInstrument, symbol);
  const TypeId type = ViewType(F::kInstrument, symbol);
  const auto add = [&](std::string_view name, F field, TypeId value,
                       bool nullable = true) {
    AddValue(type, name, MakeViewId(field, symbol), value, nullable);
  };
  add("at", F::kScoreAt, fhirpath::kDateTimeType);
  add("count", F::kScoreCount, fhirpath::kIntegerType, false);
  if (imported.instrument == nullptr) return;
  const instruments::Instrument& instrument = *imported.instrument;
  if (instrument.has_total()) {
    add("score", F::kScore, fhirpath::kDecimalType);
    add("first", F::kFirstScore, fhirpath::kDecimalType);
    Add(type, "all",
        {.id = MakeViewId(F::kAllScores, symbol),
         .type = fhirpath::kDecimalType,
         .many = true,
         .nullable = true});
    if (!instrument.scales()[0].bands.empty()) {
      add("band", F::kBand, fhirpath::kStringType);
    }
  }
  if (!instrument.tiers().ids.empty()) {
    add("tier", F::kTierName, fhirpath::kStringType);
  }
  if (!instrument.risk_markers().empty()) {
    add("risk", F::kRiskFlag, fhirpath::kBooleanType);
  }
  AddSubscales(type, symbol, instrument);
  AddNode(type, "answers", F::kAnswers, symbol);
  const TypeId answers = ViewType(F::kAnswers, symbol);
  for (size_t i = 0; i < instrument.items().size(); ++i) {
    const instruments::Item& item = instrument.items()[i];
    AddValue(answers, item.id, MakeViewId(F::kAnswer, static_cast<uint16_t>(i)),
             TypeOfItem(item.kind), true);
  }
}

const instruments::Scale& ScaleOf(const Protocol& protocol, ScaleRef ref) {
  return protocol.instruments[ref.instrument].instrument->scales()[ref.scale];
}

void CaseViewModel::AddSubscales(TypeId owner, uint16_t instrument,
                                 const instruments::Instrument& document) {
  using F = ViewField;
  const size_t first = document.has_total() ? 1 : 0;
  const auto& scales = document.scales();
  if (scales.size() == first || instrument >= kInstrumentsWithSubscales) return;
  AddNode(owner, "subscales", F::kSubscales, instrument);
  const TypeId subscales = ViewType(F::kSubscales, instrument);
  for (size_t i = first; i < scales.size(); ++i) {
    const uint16_t symbol = ScaleSymbol({instrument, static_cast<uint16_t>(i)});
    AddNode(subscales, scales[i].id, F::kSubscale, symbol);
    const TypeId scale = ViewType(F::kSubscale, symbol);
    AddValue(scale, "score", MakeViewId(F::kSubscaleScore, symbol),
             fhirpath::kDecimalType, true);
    if (scales[i].bands.empty()) continue;
    AddValue(scale, "band", MakeViewId(F::kSubscaleBand, symbol),
             fhirpath::kStringType, true);
  }
}

std::optional<fhirpath::Model::Member> CaseViewModel::FindMember(
    TypeId owner, std::string_view name) const {
  const auto it = index_.find(std::make_pair(owner, std::string(name)));
  if (it == index_.end()) return std::nullopt;
  return it->second;
}

std::vector<std::string> CaseViewModel::MemberNames(TypeId owner) const {
  std::vector<std::string> names;
  const auto it = members_.find(owner);
  if (it == members_.end()) return names;
  for (const Entry& entry : it->second) names.push_back(entry.name);
  return names;
}

std::string CaseViewModel::TypeName(TypeId type) const {
  if (type < fhirpath::kFirstModelType) return "";
  switch (FieldOf(type - fhirpath::kFirstModelType)) {
    case ViewField::kRoot:
      return "case view";
    case ViewField::kFacts:
      return "facts";
    case ViewField::kItems:
      return "items";
    case ViewField::kItem:
      return "item";
    case ViewField::kMilestones:
      return "milestones";
    case ViewField::kMilestone:
      return "milestone";
    case ViewField::kTracks:
      return "tracks";
    case ViewField::kInstrument:
      return "instrument";
    case ViewField::kAnswers:
      return "answers";
    case ViewField::kSubscales:
      return "subscales";
    case ViewField::kSubscale:
      return "subscale";
    case ViewField::kPrograms:
      return "programs";
    case ViewField::kProgram:
      return "program";
    case ViewField::kConsents:
      return "consents";
    case ViewField::kCase:
      return "case";
    case ViewField::kRisk:
      return "risk";
    case ViewField::kClocks:
      return "clocks";
    case ViewField::kClock:
      return "clock";
    case ViewField::kEnrolment:
      return "enrolment";
    case ViewField::kContacts:
      return "contacts";
    case ViewField::kRoutes:
      return "routes";
    case ViewField::kDocuments:
      return "documents";
    case ViewField::kDocument:
      return "document";
    default:
      return "value";
  }
}

}  // namespace stepwell::protocol
