// Internal: what the parts of the loader share while one document is read.
// The order of work is in load.cc.
#ifndef STEPWELL_PROTOCOL_LOADING_H_
#define STEPWELL_PROTOCOL_LOADING_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.h"
#include "protocol/names.h"
#include "protocol/protocol.h"
#include "protocol/reader.h"

namespace stepwell::protocol {

// A program document, read but not yet part of the protocol. What it says of
// instruments and facts is resolved by the item that takes it.
struct ProgramExercise {
  std::string id;
  Texts titles;
  std::string content;
  std::string instrument;  // id@version; empty: no questionnaire
  bool optional = false;
  std::string pointer;
};

struct ProgramModule {
  std::string id;
  Texts titles;
  std::string content;                   // the host's name for the material
  std::optional<ReleasePolicy> release;  // else the program's
  std::optional<std::vector<std::string>> needs;  // else the module before
  ItemMode mode = ItemMode::kAuto;
  bool optional = false;
  uint8_t set = 0xFF;
  std::string mastery_instrument;  // id@version
  Mastery mastery;
  std::optional<int64_t> date;
  std::string date_fact;
  std::vector<ProgramExercise> exercises;
  std::string pointer;
};

struct ProgramDocument {
  std::string path;  // in the catalogue, for issues
  ReleasePolicy release = ReleasePolicy::kOnHomework;
  std::optional<Span> every;
  std::vector<std::string> sets;
  std::vector<ProgramModule> modules;
  bool used = false;  // an item of kind program takes it
};

// An item whose name is declared and whose members are still to be read.
struct PendingItem {
  json::Value value = {};
  PhaseId phase = {};
  ElementId element = {};   // of a program: its first element
  ProgramRef program = {};  // kind program only
  std::string prefix = {};  // of its modules' names
};

struct Loading {
  Loading(json::Value document, const CatalogueReader& reader, Protocol& result,
          Issues& found, bool of_store)
      : root(document),
        catalogue(reader),
        protocol(result),
        issues(found),
        stored(of_store) {}

  json::Value root;  // the rendered document
  const CatalogueReader& catalogue;
  Protocol& protocol;
  Issues& issues;
  bool stored;  // it was checked when it was deployed: see load_stored.h

  NameTable instruments{"instrument"}, programs{"program"},
      calendars{"calendar"}, pools{"pool"}, sources{"source"}, facts{"fact"},
      purposes{"purpose"}, routes{"route"}, milestones{"milestone"},
      templates{"template"}, outcomes{"outcome"}, clocks{"clock"},
      tracks{"track"}, phases{"phase"}, elements{"item"}, rules{"rule"},
      tiers{"risk tier"}, related{"role of a related person"}, groups{"group"};

  std::vector<ProgramDocument> program_documents;  // by ProgramRef
  std::vector<PendingItem> pending_items;
  // Catalogue files read so far, and the logic of each (see hash.h).
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> logic_of_files;
  // Every guard that was read, where it stands.
  std::vector<std::pair<std::string, std::shared_ptr<const fhirpath::Program>>>
      guards;
  // Calendars that never close, by CalendarRef.
  std::vector<bool> always_open;
  // What FirstGap (coverage.h) has found, by calendars.
  mutable std::map<std::set<uint16_t>, std::optional<Instant>> gaps;
};

// imports.cc: instruments, calendars, pools and programs of the catalogue.
void LoadImports(Loading& loading);
// The catalogue file of an import of the section: "phq-9@1" of instruments is
// instruments/phq-9.json.
std::string PathOfImport(std::string_view section, std::string_view import);
// A document that the protocol brings along: `documents/programs/course`.
json::Value OwnDocument(const Loading& loading, std::string_view path);
// The bytes of `path`, remembered as part of the protocol.
std::optional<std::string> ReadCatalogue(Loading& loading,
                                         const std::string& path);

// actions.cc: a value of the fact's type; nothing when it is of another.
std::optional<FactValue> ReadFactValue(json::Value value, FactValue::Kind kind);

// calendar_document.cc: a calendar document becomes a WorkCalendar. Sets
// `always` when no hour of the week is closed and there are no holidays.
std::optional<WorkCalendar> ReadCalendar(json::Value document, Issues& issues,
                                         bool* always);
// program_document.cc.
ProgramDocument ReadProgram(json::Value document, Issues& issues);

// declare.cc: the first pass.
void DeclareNames(Loading& loading);
// The second pass, one section each.
void ReadHeader(Loading& loading);      // header.cc
void ReadFacts(Loading& loading);       // header.cc
void ReadRoutes(Loading& loading);      // routes.cc
void ReadPurposes(Loading& loading);    // routes.cc
void ReadQuietHours(Loading& loading);  // routes.cc
void ReadDuties(Loading& loading);      // header.cc: pools and clocks of the
                                        // built-in work
void ReadItems(Loading& loading);       // items.cc
void ReadGroups(Loading& loading);      // booking.cc
// booking.cc: `booking`, the rules of an appointment.
void ReadBooking(Loading& loading, ObjectReader& item, Element& element);
// items.cc: what items of every kind have in common.
void ReadCommonFields(Loading& loading, ObjectReader& object, Element& element);
void ReadPerformer(Loading& loading, ObjectReader& object, Performer* performer,
                   PoolId* pool, std::string* role = nullptr);
// programs.cc: the levels of guidance, which rules may name.
void ReadGuidance(Loading& loading, ObjectReader& object,
                  ImportedProgram& program);
// The modules of a program, their exercises and their checks.
void ReadProgramItem(Loading& loading, ObjectReader& object,
                     const PendingItem& item);
void ReadClocks(Loading& loading);  // clocks.cc
void ReadRules(Loading& loading);   // rules.cc
// The rule lets somebody into a program, or into the phase where one begins.
bool IsEntry(const Protocol& protocol, const Rule& rule);
void ReadRisk(Loading& loading);         // risk.cc
void ReadIntake(Loading& loading);       // intake.cc
void ReadSupervision(Loading& loading);  // supervision.cc, after the items
// checks_*.cc: what only the whole protocol shows. The first makes sense of a
// document with other mistakes too; the others need one that is right so far.
void CheckAlways(Loading& loading);
void CheckFlow(Loading& loading);
void CheckReach(Loading& loading);
// checks_chase.cc, of what CheckReach leaves: circles of rules with guards.
void CheckGuardedChases(Loading& loading);
void CheckSafety(Loading& loading);
void CheckEndings(Loading& loading);
void CheckRisk(Loading& loading);
void CheckDecisions(Loading& loading);
void CheckTime(Loading& loading);
void CheckTexts(Loading& loading);
void CheckBlank(Loading& loading);
void CheckQuiet(Loading& loading);
void CheckWords(Loading& loading);
void CheckIdle(Loading& loading);
void CheckMoves(Loading& loading);
void CheckWhoEnds(Loading& loading);
void CheckUnknown(Loading& loading);
// The guards of a decision's criteria and of its table's rows, each with the
// pointer to it.
void EachGuardOfDecision(
    const Element& element,
    const std::function<void(const Guard&, const std::string&)>& take);
void CheckRoutes(Loading& loading);
void CheckRelated(Loading& loading);
void CheckBooking(Loading& loading);  // booking.cc
void CheckIntake(Loading& loading);
void CheckWindows(Loading& loading);  // windows.cc

// Reads `key` as the name of something in `table`. None, with an issue, when
// there is no such name; none when absent.
template <class Id>
Id ReadName(Loading& loading, ObjectReader& object, std::string_view key,
            const NameTable& table, bool required = false) {
  const auto name = required ? object.NeedText(key) : object.Text(key);
  if (!name) return Id();
  return Resolve<Id>(table, *name, object.PointerTo(key), loading.issues);
}

// The `id` of a new entry of `names`; empty, with an issue, when it has none.
inline std::string ReadId(ObjectReader& object, NameTable& names) {
  const auto id = object.NeedText("id");
  if (!id) return "";
  const std::string pointer = object.PointerTo("id");
  CheckName(*id, pointer, object.issues());
  names.Add(*id, pointer, object.issues());
  return std::string(*id);
}

// An array of names of something in `table`.
template <class Id>
std::vector<Id> ReadNames(Loading& loading, ObjectReader& object,
                          std::string_view key, const NameTable& table) {
  std::vector<Id> ids;
  for (const json::Value name : json::Children(object.Array(key))) {
    if (!name.is_string()) {
      WrongType(name, "a string", loading.issues);
      continue;
    }
    const Id id =
        Resolve<Id>(table, name.string_value(), name.pointer(), loading.issues);
    if (!id.IsNone()) ids.push_back(id);
  }
  return ids;
}

// header.cc: a number says where it comes from: `source` is a key of the
// document's sources or "assumption". Returns it.
std::string ReadSource(Loading& loading, ObjectReader& object,
                       std::string_view what_number);

// spans.cc: a span of `key`. `calendar` says whether working time can be
// counted here.
std::optional<Span> ReadSpan(ObjectReader& object, std::string_view key,
                             bool calendar);
// The shortest that the span can be; 0 for working time, which waits.
int64_t LeastUs(const Span& span);

// guards.cc: how careful a guard must be with what is not known.
enum class GuardUse : uint8_t {
  kWhen,        // of an item: unknown blocks unless the document says raise
  kGate,        // of a program: as kWhen, but lets nobody in because a value is
                // missing
  kRule,        // may also ask: a review is opened
  kEntry,       // of a rule into a program: as kRule, and as a gate
  kSafetyRule,  // raises risk or ends something: must say what unknown does,
                // and may not turn a missing value into a definite one
  kScreen,      // as kSafetyRule, but nobody can be asked
  kCriterion,   // as kSafetyRule; asks a question, and may read now()
};
// Reads `key`, `on_unknown` and `max_age`. An absent guard is always true.
Guard ReadGuard(Loading& loading, ObjectReader& object, std::string_view key,
                GuardUse use);
// True when the expression holds a number: it then needs a source.
bool HasNumber(std::string_view expression);
// What is wrong with a compiled expression, at `key`.
void ReportGuardIssues(ObjectReader& object, std::string_view key,
                       const fhirpath::CompileResult& compiled);
// Issues where the expression turns a missing value into a definite one.
void CheckDefinite(const Loading& loading, ObjectReader& object,
                   std::string_view key, const fhirpath::Program& program);

// decisions.cc: the members that only a decision has.
void ReadDecision(Loading& loading, ObjectReader& object, Element& element);
// True for an item that the data decide: nobody need do it.
bool IsByData(const ObjectReader& object);
// The guard `if` of a criterion or row, with `on_unknown` and `source`.
Guard ReadDecisionGuard(Loading& loading, ObjectReader& object,
                        std::string_view what);
// decision_table.cc: `table`. Its outcomes are declared in the first pass.
void DeclareOutcomesOf(json::Value item,
                       const std::function<void(json::Value)>& declare);
void ReadTable(Loading& loading, ObjectReader& object, Element& element);
// decision_point.cc: `predict`. Only a protocol that has one has the colours.
void DeclareColours(Loading& loading, json::Value item);
void ReadPrediction(Loading& loading, ObjectReader& object, Element& element);

// actions.cc.
std::vector<Action> ReadActions(Loading& loading, json::Value array);
bool Has(const std::vector<Action>& actions, ActionKind kind);
bool SpeaksToPatient(const std::vector<Action>& actions);
// windows.cc: the follow-up window of a clock. Its opening is the first rung of
// the ladder, its closing the last.
void OpenWindow(Loading& loading, ObjectReader& clock_object, ClockDef& clock);
void CloseWindow(Loading& loading, ObjectReader& clock_object, ClockDef& clock);
// backdating.cc.
void ReadBackdating(Loading& loading);
// triggers.cc: "item.done:m1".
std::optional<Trigger> ReadTrigger(Loading& loading, json::Value text);
std::vector<Trigger> ReadTriggers(Loading& loading, ObjectReader& object,
                                  std::string_view key);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_LOADING_H_
