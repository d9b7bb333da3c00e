// Items: the units of work, and the modules that a program stands for.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

// In the order of ItemKind; a program is no kind of element.
constexpr std::string_view kKinds[] = {
    "questionnaire", "module",   "task",   "message",
    "appointment",   "decision", "program"};
constexpr std::string_view kModes[] = {"auto", "offered", "discretionary"};

constexpr std::string_view kFields[] = {"id",
                                        "kind",
                                        "title",
                                        "who",
                                        "needs",
                                        "when",
                                        "mode",
                                        "due",
                                        "priority",
                                        "repeat",
                                        "counts_as_contact",
                                        "keep_on_exit",
                                        "instrument",
                                        "outcomes",
                                        "criteria",
                                        "table",
                                        "predict",
                                        "automatic",
                                        "question",
                                        "fact",
                                        "content",
                                        "program",
                                        "check",
                                        "prefix",
                                        "on_unknown"};
// Fields that only some kinds have.
struct KindField {
  std::string_view field;
  std::string_view kinds;  // blank-separated
};
constexpr KindField kKindFields[] = {
    {"instrument", "questionnaire"},
    {"outcomes", "decision appointment"},
    {"criteria", "decision"},
    {"question", "decision"},
    {"table", "decision"},
    {"predict", "decision"},
    {"automatic", "decision"},
    {"fact", "task questionnaire decision"},
    {"content", "module"},
    {"program", "program"},
    {"check", "program"},
    {"prefix", "program"},
};
constexpr std::string_view kRepeatFields[] = {"every", "source"};
constexpr std::string_view kCheckFields[] = {"who", "due", "priority", "title",
                                             "counts_as_contact"};

bool HasWord(std::string_view words, std::string_view word) {
  for (size_t at = 0; (at = words.find(word, at)) != std::string_view::npos;
       at += word.size()) {
    const size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') &&
        (end == words.size() || words[end] == ' ')) {
      return true;
    }
  }
  return false;
}

// A field that this kind of item does not have.
void CheckKindFields(ObjectReader& object, std::string_view kind) {
  for (const KindField& field : kKindFields) {
    if (!object.Has(field.field) || HasWord(field.kinds, kind)) continue;
    object.Error(field.field, "unknown_field",
                 absl::StrCat("an item of kind ", ToAbsl(kind),
                              " has no field `", ToAbsl(field.field), "`"),
                 absl::StrCat("it belongs to: ", ToAbsl(field.kinds)));
  }
}

void ReadPerformer(Loading& loading, ObjectReader& object, Performer* performer,
                   PoolId* pool) {
  const auto who = object.Text("who");
  if (!who) return;
  if (*who == "patient") {
    *performer = Performer::kPatient;
  } else if (*who == "owner") {
    *performer = Performer::kOwner;
  } else {
    *performer = Performer::kPool;
    const uint16_t number = loading.pools.Find(*who);
    if (number == NameTable::kNone) {
      std::vector<std::string> known = loading.pools.names();
      known.insert(known.begin(), {"patient", "owner"});
      object.Error(
          "who", "unknown_reference",
          absl::StrCat("there is no pool `", ToAbsl(who->substr(0, 80)), "`"),
          SuggestName(*who, known));
    }
    *pool = PoolId(number);
  }
}

void ReadRepeat(Loading& loading, ObjectReader& object, Element& element) {
  if (!object.Has("repeat")) return;
  ObjectReader repeat(object.Get("repeat"), "`repeat`", kRepeatFields,
                      loading.issues);
  repeat.Need("every");
  element.every = ReadSpan(repeat, "every", false);
  if (element.every && element.every->amount == 0) {
    repeat.Error("every", "bad_span", "an item cannot repeat at once");
  }
  ReadSource(loading, repeat, "this repetition");
}

void ReadCommon(Loading& loading, ObjectReader& object, Element& element) {
  element.titles =
      ReadTexts(object.Get("title"), loading.protocol.language, loading.issues);
  element.title = TextIn(element.titles, loading.protocol.language);
  element.mode =
      static_cast<ItemMode>(object.Choice("mode", kModes).value_or(0));
  if (element.phase.IsNone()) {
    if (object.Has("mode") && element.mode == ItemMode::kAuto) {
      object.Error("mode", "unknown_value",
                   "an item of no phase cannot become available by itself",
                   "put it into a phase, or leave `mode` out");
    }
    if (!object.Has("mode")) element.mode = ItemMode::kDiscretionary;
  }
  element.needs =
      ReadNames<ElementId>(loading, object, "needs", loading.elements);
  element.when = ReadGuard(loading, object, "when", GuardUse::kWhen);
  element.due = ReadName<ClockDefId>(loading, object, "due", loading.clocks);
  element.priority =
      static_cast<int>(object.Int("priority", 0, 100).value_or(0));
  element.counts_as_contact = object.Bool("counts_as_contact", false);
  // Messages are owed to somebody: leaving a phase does not settle them.
  element.keep_on_exit =
      object.Bool("keep_on_exit", element.kind == ItemKind::kMessage) ||
      element.kind == ItemKind::kMessage;
  ReadRepeat(loading, object, element);
}

// What the checks of a program's modules have in common; nothing when the
// item asks for none.
std::optional<Element> ReadCheck(Loading& loading, ObjectReader& object) {
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
  return check;
}

// What must be done before module `index` is released.
std::vector<ElementId> ModuleNeeds(const Loading& loading,
                                   const PendingItem& item, size_t index,
                                   ReleasePolicy release, bool checked) {
  const ProgramModule& module =
      loading.program_documents[item.program.value].modules[index];
  std::vector<ElementId> before;
  if (module.needs) {
    for (const std::string& need : *module.needs) {
      before.emplace_back(loading.elements.Find(item.prefix + need));
    }
  } else if (index > 0 && release != ReleasePolicy::kImmediate) {
    before.push_back(
        loading.protocol.programs[item.program.value].modules[index - 1]);
  }
  if (release != ReleasePolicy::kOnApproval || !checked) return before;
  // Approved means checked: the check is a need like any other.
  std::vector<ElementId> needs;
  for (const ElementId need : before) {
    needs.push_back(need);
    needs.emplace_back(static_cast<uint16_t>(need.value + 1));
  }
  return needs;
}

// Replaces the declared element by `filled`, keeping who it is.
void Fill(Protocol& protocol, ElementId id, Element filled) {
  Element& slot = protocol.elements[id.value];
  filled.id = slot.id;
  filled.pointer = slot.pointer;
  filled.phase = slot.phase;
  slot = std::move(filled);
}

// The modules of a program and, right after each, its check.
void ReadModules(Loading& loading, ObjectReader& object,
                 const PendingItem& item) {
  Protocol& protocol = loading.protocol;
  object.Text("prefix");
  const ProgramDocument& program =
      loading.program_documents[item.program.value];
  std::optional<Element> check = ReadCheck(loading, object);
  Element common;
  common.kind = ItemKind::kModule;
  common.phase = item.phase;
  ReadCommon(loading, object, common);
  common.performer = Performer::kPatient;
  common.program = item.program;
  for (size_t i = 0; i < program.modules.size(); ++i) {
    const ProgramModule& source = program.modules[i];
    const ElementId id = protocol.programs[item.program.value].modules[i];
    Element module = common;
    module.module = static_cast<uint16_t>(i);
    module.titles = source.titles;
    module.title = TextIn(source.titles, protocol.language);
    module.content = source.content;
    module.release = source.release.value_or(program.release);
    for (const ElementId need :
         ModuleNeeds(loading, item, i, module.release, check.has_value())) {
      module.needs.push_back(need);
    }
    if (module.release == ReleasePolicy::kOnApproval && !check) {
      AddError(loading.issues, "missing_field", object.pointer(),
               absl::StrCat("module ", source.id,
                            " is released on approval, but nobody checks"),
               "add `check`: {\"who\": \"owner\", \"due\": ...}");
    }
    if (check) {
      module.check = ElementId(static_cast<uint16_t>(id.value + 1));
      Element own = *check;
      own.needs = {id};
      own.checks = id;
      own.program = item.program;
      own.module = module.module;
      own.mode = common.mode;
      own.keep_on_exit = common.keep_on_exit;
      Fill(protocol, module.check, std::move(own));
    }
    Fill(protocol, id, std::move(module));
  }
}

void ReadItem(Loading& loading, const PendingItem& item) {
  ObjectReader object(item.value, "an item", kFields, loading.issues);
  object.Need("kind");
  const auto kind = object.Choice("kind", kKinds);
  if (!kind) return;
  CheckKindFields(object, kKinds[*kind]);
  if (!item.program.IsNone()) {
    if (object.Has("who")) {
      object.Error("who", "unknown_field", "modules are the patient's work",
                   "`check` names who looks at the homework");
    }
    ReadModules(loading, object, item);
    return;
  }
  Element& element = loading.protocol.elements[item.element.value];
  element.kind = static_cast<ItemKind>(*kind);
  ReadCommon(loading, object, element);
  if (!IsByData(object)) object.Need("who");
  element.pool = loading.protocol.intake_pool;
  ReadPerformer(loading, object, &element.performer, &element.pool);
  if (element.kind == ItemKind::kQuestionnaire) {
    element.instrument = ReadName<InstrumentRef>(loading, object, "instrument",
                                                 loading.instruments, true);
  }
  element.content = object.Text("content").value_or("");
  element.fact = ReadName<FactId>(loading, object, "fact", loading.facts);
  if (element.kind == ItemKind::kDecision) {
    ReadDecision(loading, object, element);
  } else {
    element.outcomes =
        ReadNames<OutcomeId>(loading, object, "outcomes", loading.outcomes);
  }
}

}  // namespace

void ReadItems(Loading& loading) {
  for (const PendingItem& item : loading.pending_items) {
    ReadItem(loading, item);
  }
}

}  // namespace stepwell::protocol
