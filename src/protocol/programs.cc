// Items of kind program: the modules that a program stands for, the exercises
// of each and the therapist's check, and when an enrolment begins.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kCheckFields[] = {
    "who", "due", "priority", "title", "counts_as_contact", "guidance"};
constexpr std::string_view kCaseloadFields[] = {"weights", "source"};
constexpr int64_t kWeightMax = 1000;  // ten cases

// The imported instrument that the program document calls `id@version`.
InstrumentRef FindImport(const Protocol& protocol, std::string_view wanted) {
  for (size_t i = 0; i < protocol.instruments.size(); ++i) {
    const ImportedInstrument& imported = protocol.instruments[i];
    if (absl::StrCat(imported.id, "@", imported.version) == wanted) {
      return InstrumentRef(static_cast<uint16_t>(i));
    }
  }
  return InstrumentRef();
}

InstrumentRef NeedImport(Loading& loading, ObjectReader& object,
                         std::string_view wanted, std::string_view what) {
  const InstrumentRef found = FindImport(loading.protocol, wanted);
  if (found.IsNone()) {
    object.Error("program", "unknown_reference",
                 absl::StrCat("the program asks for ", ToAbsl(wanted), " (",
                              ToAbsl(what), "), which is not imported"),
                 "add it to `imports.instruments`");
  }
  return found;
}

// The place of the level among those of the program; nothing when it has none
// of that name.
std::optional<size_t> FindLevel(Loading& loading, json::Value named,
                                std::string_view level,
                                const ImportedProgram& program) {
  const auto it =
      std::find(program.guidance.begin(), program.guidance.end(), level);
  if (it != program.guidance.end()) {
    return static_cast<size_t>(it - program.guidance.begin());
  }
  AddError(loading.issues, "unknown_reference", named.pointer(),
           absl::StrCat("the program has no level of guidance `",
                        ToAbsl(level.substr(0, 80)), "`"),
           SuggestName(level, program.guidance));
  return std::nullopt;
}

// What a case weighs at each level: one case where nothing else is said.
void ReadWeights(Loading& loading, ObjectReader& object,
                 ImportedProgram& program) {
  program.weights.assign(program.guidance.size(), kCaseWeight);
  if (!object.Has("caseload")) return;
  ObjectReader caseload(object.Object("caseload"), "`caseload`",
                        kCaseloadFields, loading.issues);
  for (const json::Value value :
       json::Children(caseload.NeedObject("weights"))) {
    const auto level = FindLevel(loading, value, value.key(), program);
    const std::optional<int64_t> weight = value.int64_value();
    if (!weight || *weight < 0 || *weight > kWeightMax) {
      AddError(loading.issues, "out_of_range", value.pointer(),
               absl::StrCat("expected a whole number from 0 to ", kWeightMax,
                            ": hundredths of a case"));
    } else if (level) {
      program.weights[*level] = static_cast<uint16_t>(*weight);
    }
  }
  ReadSource(loading, caseload, "these weights");
}

// Bits of the levels that `check.guidance` names; all when it names none.
uint32_t ReadCheckedLevels(Loading& loading, ObjectReader& check,
                           const ImportedProgram& program) {
  if (!check.Has("guidance")) return ~uint32_t{0};
  uint32_t bits = 0;
  for (const json::Value level : json::Children(check.Array("guidance"))) {
    if (!level.is_string()) {
      WrongType(level, "a string", loading.issues);
      continue;
    }
    const auto found = FindLevel(loading, level, level.string_value(), program);
    if (found) bits |= uint32_t{1} << *found;
  }
  return bits;
}

// What the checks of a program's modules have in common; nothing when the
// item asks for none.
std::optional<Element> ReadCheck(Loading& loading, ObjectReader& object,
                                 ImportedProgram& program) {
  if (!object.Has("check")) return std::nullopt;
  ObjectReader checks(object.Object("check"), "`check`", kCheckFields,
                      loading.issues);
  Element check;
  check.kind = ItemKind::kTask;
  checks.Need("who");
  ReadPerformer(loading, checks, &check.performer, &check.pool);
  check.due = ReadName<ClockDefId>(loading, checks, "due", loading.clocks);
  check.priority = static_cast<int>(checks.Int("priority", 0, 100).value_or(0));
  check.counts_as_contact = checks.Bool("counts_as_contact", false);
  check.titles =
      ReadTexts(checks.Get("title"), loading.protocol.language, loading.issues);
  check.title = TextIn(check.titles, loading.protocol.language);
  program.checked_levels = ReadCheckedLevels(loading, checks, program);
  return check;
}

// Replaces the declared element by `filled`, keeping who it is.
void Fill(Protocol& protocol, ElementId id, Element filled) {
  Element& slot = protocol.elements[id.value];
  filled.id = slot.id;
  filled.pointer = slot.pointer;
  filled.phase = slot.phase;
  slot = std::move(filled);
}

// The modules of one program while they are read.
struct ProgramReader {
  Loading& loading;
  ObjectReader& object;
  const PendingItem& item;
  const ProgramDocument& document;
  Element common;                // of all modules
  std::optional<Element> check;  // of all checks

  void ReadModule(size_t index) {
    Protocol& protocol = loading.protocol;
    const ProgramModule& source = document.modules[index];
    const ElementId id = protocol.at(item.program).modules[index];
    Element module = common;
    module.module = static_cast<uint16_t>(index);
    module.titles = source.titles;
    module.title = TextIn(source.titles, protocol.language);
    module.content = source.content;
    module.mode = source.mode;
    module.optional = source.optional;
    module.set = source.set;
    ReadRelease(source, module);
    // The numbers of what belongs to a module follow its own.
    uint16_t next = static_cast<uint16_t>(id.value + 1);
    if (check) module.check = ElementId(next++);
    std::vector<ElementId> checked = {id};
    for (const ProgramExercise& exercise : source.exercises) {
      const ElementId own(next++);
      module.exercises.push_back(own);
      if (!exercise.optional) checked.push_back(own);
      ReadExercise(exercise, id, own, module);
    }
    if (check) {
      Element own = *check;
      own.needs = std::move(checked);
      own.checks = id;
      own.program = item.program;
      own.module = module.module;
      own.keep_on_exit = common.keep_on_exit;
      Fill(protocol, module.check, std::move(own));
    }
    Fill(protocol, id, std::move(module));
  }

  void ReadRelease(const ProgramModule& source, Element& module) {
    module.release = source.release.value_or(document.release);
    for (const std::string& need :
         source.needs.value_or(std::vector<std::string>())) {
      module.needs.emplace_back(loading.elements.Find(item.prefix + need));
    }
    // Time alone releases these; and what is immediate waits for nothing.
    module.chained = !source.needs &&
                     module.release != ReleasePolicy::kImmediate &&
                     module.release != ReleasePolicy::kWeekly &&
                     module.release != ReleasePolicy::kOnDate;
    module.mastery = source.mastery;
    if (module.release == ReleasePolicy::kOnMastery) {
      module.mastery.instrument =
          NeedImport(loading, object, source.mastery_instrument,
                     absl::StrCat("mastery of ", source.id));
    }
    module.date = source.date;
    if (!source.date_fact.empty()) ReadDateFact(source, module);
    if (module.release == ReleasePolicy::kOnApproval && !check) {
      AddError(loading.issues, "missing_field", object.pointer(),
               absl::StrCat("module ", source.id,
                            " is released on approval, but nobody checks"),
               "add `check`: {\"who\": \"owner\", \"due\": ...}");
    }
  }

  void ReadDateFact(const ProgramModule& source, Element& module) {
    const uint16_t fact = loading.facts.Find(source.date_fact);
    if (fact == NameTable::kNone ||
        loading.protocol.facts[fact].kind != FactValue::Kind::kDate) {
      object.Error(
          "program", "unknown_reference",
          absl::StrCat("module ", source.id, " is released on the date of `",
                       source.date_fact, "`, which is no fact of type date"),
          "add the fact, with `\"type\": \"date\"`");
      return;
    }
    module.date_fact = FactId(fact);
  }

  void ReadExercise(const ProgramExercise& source, ElementId module,
                    ElementId id, const Element& of) {
    Element exercise = common;
    exercise.kind = ItemKind::kTask;
    exercise.module = of.module;
    exercise.titles = source.titles;
    exercise.title = TextIn(source.titles, loading.protocol.language);
    exercise.content = source.content;
    exercise.exercise_of = module;
    exercise.optional = source.optional;
    if (!source.instrument.empty()) {
      exercise.kind = ItemKind::kQuestionnaire;
      exercise.instrument = NeedImport(loading, object, source.instrument,
                                       absl::StrCat("exercise ", source.id));
    }
    Fill(loading.protocol, id, std::move(exercise));
  }
};

}  // namespace

void ReadGuidance(Loading& loading, ObjectReader& object,
                  ImportedProgram& program) {
  NameTable names("level of guidance");
  for (const json::Value level : json::Children(object.Array("guidance"))) {
    if (!level.is_string()) {
      WrongType(level, "a string", loading.issues);
    } else if (CheckName(level.string_value(), level.pointer(),
                         loading.issues) &&
               names.Add(level.string_value(), level.pointer(),
                         loading.issues) != NameTable::kNone) {
      program.guidance.emplace_back(level.string_value());
    }
  }
  if (program.guidance.size() <= limits::kGuidanceLevelsMax) return;
  program.guidance.resize(limits::kGuidanceLevelsMax);
  object.Error("guidance", "element_limit",
               absl::StrCat("a program has at most ",
                            limits::kGuidanceLevelsMax, " levels of guidance"));
}

void ReadProgramItem(Loading& loading, ObjectReader& object,
                     const PendingItem& item) {
  object.Text("prefix");
  ProgramDocument& document = loading.program_documents[item.program.value];
  ImportedProgram& program = loading.protocol.programs[item.program.value];
  program.used = true;
  program.item = object.Text("id").value_or("");
  program.phase = item.phase;
  program.every = document.every;
  std::optional<Element> check = ReadCheck(loading, object, program);
  ReadWeights(loading, object, program);
  // What the item says of `mode`, `needs` and `when` is about the enrolment;
  // the rest is about each of its modules.
  Element common;
  common.kind = ItemKind::kModule;
  common.phase = item.phase;
  ReadCommonFields(loading, object, common);
  program.mode = common.mode;
  program.needs = std::exchange(common.needs, {});
  program.when = std::exchange(common.when, {});
  program.keep_on_exit = common.keep_on_exit;
  common.mode = ItemMode::kAuto;
  common.performer = Performer::kPatient;
  common.program = item.program;
  ProgramReader reader{loading,           object,          item, document,
                       std::move(common), std::move(check)};
  for (size_t i = 0; i < document.modules.size(); ++i) reader.ReadModule(i);
}

}  // namespace stepwell::protocol
