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
                                        "guidance",
                                        "caseload",
                                        "on_unknown",
                                        "booking",
                                        "max_age",
                                        "source"};
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
    {"repeat", "questionnaire module task message appointment decision"},
    {"prefix", "program"},
    {"guidance", "program"},
    {"caseload", "program"},
    {"booking", "appointment"},
};
constexpr std::string_view kRepeatFields[] = {"every", "source"};

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

}  // namespace

void ReadPerformer(Loading& loading, ObjectReader& object, Performer* performer,
                   PoolId* pool, std::string* role) {
  const auto who = object.Text("who");
  if (!who) return;
  if (*who == "patient") {
    *performer = Performer::kPatient;
  } else if (*who == "owner") {
    *performer = Performer::kOwner;
  } else if (role != nullptr &&
             loading.related.Find(*who) != NameTable::kNone) {
    *performer = Performer::kRelated;
    *role = *who;
  } else {
    *performer = Performer::kPool;
    const uint16_t number = loading.pools.Find(*who);
    if (number == NameTable::kNone) {
      std::vector<std::string> known = loading.pools.names();
      known.insert(known.begin(), {"patient", "owner"});
      if (role != nullptr) {
        const std::vector<std::string>& roles = loading.related.names();
        known.insert(known.end(), roles.begin(), roles.end());
      }
      object.Error(
          "who", "unknown_reference",
          absl::StrCat("there is no pool `", ToAbsl(who->substr(0, 80)), "`"),
          SuggestName(*who, known));
    }
    *pool = PoolId(number);
  }
}

void ReadCommonFields(Loading& loading, ObjectReader& object,
                      Element& element) {
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
  element.when =
      ReadGuard(loading, object, "when",
                object.Has("program") ? GuardUse::kGate : GuardUse::kWhen);
  const bool number = HasNumber(element.when.text) || element.when.max_age;
  if (object.Has("source") || (number && !loading.stored)) {
    ReadSource(loading, object, "a number in `when`");
  }
  element.due = ReadName<ClockDefId>(loading, object, "due", loading.clocks);
  element.priority =
      static_cast<int>(object.Int("priority", 0, 100).value_or(0));
  element.counts_as_contact = object.Bool("counts_as_contact", false);
  // Messages are owed to somebody: leaving a phase does not settle them.
  const bool keeps =
      !element.phase.IsNone() && loading.protocol.at(element.phase).keeps;
  element.keep_on_exit =
      object.Bool("keep_on_exit", keeps) || element.kind == ItemKind::kMessage;
  ReadRepeat(loading, object, element);
}

namespace {

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
    ReadProgramItem(loading, object, item);
    return;
  }
  Element& element = loading.protocol.elements[item.element.value];
  element.kind = static_cast<ItemKind>(*kind);
  ReadCommonFields(loading, object, element);
  if (!IsByData(object)) object.Need("who");
  element.pool = loading.protocol.intake_pool;
  ReadPerformer(loading, object, &element.performer, &element.pool,
                &element.role);
  if (element.kind == ItemKind::kAppointment && IsOutside(element.performer)) {
    object.Error("who", "appointment_who",
                 absl::StrCat("nobody of the service holds the appointment `",
                              element.id, "`: it could never be completed"),
                 "name `owner` or a pool; the patient sees it all the same");
  }
  if (element.kind == ItemKind::kQuestionnaire) {
    element.instrument = ReadName<InstrumentRef>(loading, object, "instrument",
                                                 loading.instruments, true);
  }
  ReadBooking(loading, object, element);
  element.content = object.Text("content").value_or("");
  element.fact = ReadName<FactId>(loading, object, "fact", loading.facts);
  if (element.kind == ItemKind::kDecision) {
    ReadDecision(loading, object, element);
  } else {
    element.outcomes =
        ReadNames<OutcomeId>(loading, object, "outcomes", loading.outcomes);
  }
}

// Which items a message of the template is about.
void ReadTemplates(Loading& loading) {
  auto& items = loading.protocol.template_items;
  items.resize(loading.protocol.templates.size());
  for (const json::Value value :
       json::Children(loading.root.Find("templates"))) {
    const json::Value id = value.Find("id");
    const uint16_t number = id.is_string()
                                ? loading.templates.Find(id.string_value())
                                : NameTable::kNone;
    if (number == NameTable::kNone) continue;  // reported when declared
    ObjectReader object(value, "a template", loading.issues);
    items[number] =
        ReadNames<ElementId>(loading, object, "items", loading.elements);
  }
}

}  // namespace

void ReadItems(Loading& loading) {
  for (const PendingItem& item : loading.pending_items) {
    ReadItem(loading, item);
  }
  ReadTemplates(loading);
}

}  // namespace stepwell::protocol
