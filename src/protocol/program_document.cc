// Program documents: the modules of one treatment with their exercises, and
// when each is released. What they say of instruments and facts is resolved by
// the protocol that takes them in (programs.cc).
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {
    "$schema", "program", "version", "title", "author", "sources",
    "source",  "release", "every",   "sets",  "modules"};
constexpr std::string_view kModuleFields[] = {
    "id",  "title",    "content", "release", "needs",    "mode",
    "set", "optional", "mastery", "date",    "exercises"};
constexpr std::string_view kExerciseFields[] = {"id", "title", "content",
                                                "instrument", "optional"};
constexpr std::string_view kMasteryFields[] = {"instrument", "at_least",
                                               "at_most", "source"};
constexpr std::string_view kSourceFields[] = {"id", "text"};
constexpr std::string_view kSetFields[] = {"id", "title"};
// In the order of ReleasePolicy and of ItemMode.
constexpr std::string_view kReleases[] = {
    "immediate", "on_homework", "on_approval", "manual",
    "weekly",    "on_mastery",  "on_date"};
constexpr std::string_view kModes[] = {"auto", "offered", "discretionary"};
constexpr int kScoreMax = 100'000;

std::optional<ReleasePolicy> ReadRelease(ObjectReader& object) {
  const auto choice = object.Choice("release", kReleases);
  if (!choice) return std::nullopt;
  return static_cast<ReleasePolicy>(*choice);
}

std::vector<std::string> ReadNeeds(ObjectReader& object,
                                   const NameTable& modules) {
  std::vector<std::string> needs;
  for (const json::Value need : json::Children(object.Array("needs"))) {
    if (!need.is_string()) {
      WrongType(need, "a string", object.issues());
      // Only modules before this one can be needed, so there is no cycle.
    } else if (ResolveIn(modules, need.string_value(), need.pointer(),
                         object.issues()) != NameTable::kNone) {
      needs.emplace_back(need.string_value());
    }
  }
  return needs;
}

void ReadMastery(ObjectReader& module, ProgramModule& out) {
  ObjectReader object(module.Get("mastery"), "`mastery`", kMasteryFields,
                      module.issues());
  out.mastery_instrument = object.NeedText("instrument").value_or("");
  const auto bound = [&](std::string_view key) -> std::optional<int> {
    const auto score = object.Int(key, -kScoreMax, kScoreMax);
    if (!score) return std::nullopt;
    return static_cast<int>(*score);
  };
  out.mastery.at_least = bound("at_least");
  out.mastery.at_most = bound("at_most");
  if (!object.Has("at_least") && !object.Has("at_most")) {
    object.Error("at_least", "missing_field",
                 "mastery is a score: `at_least`, `at_most` or both");
  }
  if (!object.Text("source")) {
    object.Error("source", "no_source", "a number says where it comes from",
                 "add `source`, or `\"source\": \"assumption\"`");
  }
}

// A date that is written down, or the name of a fact of the protocol.
void ReadDate(ObjectReader& module, ProgramModule& out) {
  const auto text = module.NeedText("date");
  if (!text) return;
  if (const auto date = ParseDate(*text)) {
    out.date = date->days;
  } else if (CheckName(*text, module.PointerTo("date"), module.issues())) {
    out.date_fact = *text;
  }
}

std::vector<ProgramExercise> ReadExercises(ObjectReader& module) {
  std::vector<ProgramExercise> exercises;
  NameTable names("exercise");
  for (const json::Value value : json::Children(module.Array("exercises"))) {
    ObjectReader object(value, "an exercise", kExerciseFields, module.issues());
    ProgramExercise exercise;
    exercise.id = ReadId(object, names);
    exercise.titles = ReadTexts(object.Get("title"), "en", module.issues());
    exercise.content = object.Text("content").value_or("");
    exercise.instrument = object.Text("instrument").value_or("");
    exercise.optional = object.Bool("optional", false);
    exercise.pointer = value.pointer();
    exercises.push_back(std::move(exercise));
  }
  return exercises;
}

// A field that only one release policy reads: it goes with that policy, and is
// missing without it.
void CheckPolicyField(ObjectReader& object, std::string_view field, bool wanted,
                      std::string_view policy) {
  if (object.Has(field) == wanted) return;
  object.Error(field, wanted ? "missing_field" : "unknown_field",
               wanted ? absl::StrCat("a module released `", ToAbsl(policy),
                                     "` needs the field `", ToAbsl(field), "`")
                      : absl::StrCat("`", ToAbsl(field),
                                     "` belongs to modules that are "
                                     "released `",
                                     ToAbsl(policy), "`"));
}

ProgramModule ReadModule(json::Value value, const ProgramDocument& program,
                         NameTable& names, const NameTable& sets,
                         Issues& issues) {
  ProgramModule module;
  ObjectReader object(value, "a module", kModuleFields, issues);
  module.pointer = value.pointer();
  if (object.Has("needs")) module.needs = ReadNeeds(object, names);
  module.id = ReadId(object, names);
  module.titles = ReadTexts(object.Get("title"), "en", issues);
  module.content = object.Text("content").value_or("");
  module.release = ReadRelease(object);
  module.mode =
      static_cast<ItemMode>(object.Choice("mode", kModes).value_or(0));
  module.optional =
      object.Bool("optional", false) || module.mode != ItemMode::kAuto;
  if (const auto set = object.Text("set")) {
    module.set = static_cast<uint8_t>(
        ResolveIn(sets, *set, object.PointerTo("set"), issues));
  }
  const ReleasePolicy policy = module.release.value_or(program.release);
  CheckPolicyField(object, "mastery", policy == ReleasePolicy::kOnMastery,
                   "on_mastery");
  CheckPolicyField(object, "date", policy == ReleasePolicy::kOnDate, "on_date");
  if (object.Has("mastery")) ReadMastery(object, module);
  if (object.Has("date")) ReadDate(object, module);
  module.exercises = ReadExercises(object);
  return module;
}

bool AnyWeekly(const ProgramDocument& program) {
  for (const ProgramModule& module : program.modules) {
    if (module.release.value_or(program.release) == ReleasePolicy::kWeekly) {
      return true;
    }
  }
  return false;
}

NameTable ReadSets(ObjectReader& object, ProgramDocument& program) {
  NameTable sets("set of modules");
  for (const json::Value value : json::Children(object.Array("sets"))) {
    ObjectReader set(value, "a set of modules", kSetFields, object.issues());
    const auto id = set.NeedText("id");
    if (!id || !CheckName(*id, set.PointerTo("id"), object.issues())) continue;
    if (sets.Add(*id, set.PointerTo("id"), object.issues()) ==
        NameTable::kNone) {
      continue;
    }
    if (sets.size() > limits::kProgramSetsMax) {
      set.Error("id", "element_limit",
                absl::StrCat("a program has at most ", limits::kProgramSetsMax,
                             " sets of modules"));
      break;
    }
    ReadTexts(set.Get("title"), "en", object.issues());
    program.sets.emplace_back(*id);
  }
  return sets;
}

void ReadPace(ObjectReader& object, ProgramDocument& program) {
  program.every = ReadSpan(object, "every", false);
  if (program.every && program.every->amount == 0) {
    object.Error("every", "bad_span",
                 "modules cannot follow each other at "
                 "once",
                 "that is `\"release\": \"immediate\"`");
  }
  if (!object.Has("every")) {
    program.every = ParseSpan("7 days").value();
  } else if (!AnyWeekly(program)) {
    object.Error("every", "unknown_field",
                 "`every` is the pace of modules that are released `weekly`, "
                 "and there is none");
  }
}

}  // namespace

ProgramDocument ReadProgram(json::Value document, Issues& issues) {
  ProgramDocument program;
  ObjectReader object(document, "a program", kFields, issues);
  object.NeedText("program");
  object.CheckTexts("title");
  for (const char* key : {"$schema", "author", "source"}) object.Text(key);
  program.release = ReadRelease(object).value_or(ReleasePolicy::kOnHomework);
  for (const json::Value value : json::Children(object.Array("sources"))) {
    ObjectReader source(value, "a source", kSourceFields, issues);
    source.NeedText("id");
    source.NeedText("text");
  }
  const NameTable sets = ReadSets(object, program);
  NameTable names("module before this one");
  const json::Value modules = object.NeedArray("modules");
  for (const json::Value value : json::Children(modules)) {
    program.modules.push_back(ReadModule(value, program, names, sets, issues));
  }
  if (modules && modules.size() == 0) {
    object.Error("modules", "missing_field",
                 "a program has at least one module");
  }
  ReadPace(object, program);
  return program;
}

}  // namespace stepwell::protocol
