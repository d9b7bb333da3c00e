// The first pass: every name gets its number, so that the second pass can
// resolve references in any order.
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kTrackFields[] = {"id", "title", "initial",
                                             "phases"};
constexpr std::string_view kPhaseFields[] = {"id",      "title",      "final",
                                             "on_exit", "on_reentry", "items"};
constexpr std::string_view kSourceFields[] = {"id", "text"};
constexpr std::string_view kNamedFields[] = {"id", "title"};
constexpr std::string_view kPurposeFields[] = {"id", "title", "valid_for",
                                               "guardian", "source"};
constexpr std::string_view kTemplateFields[] = {"id", "title", "text", "items"};
constexpr std::string_view kExit[] = {"cancel", "keep"};
constexpr std::string_view kReentry[] = {"resume", "restart"};
constexpr std::string_view kReviewItem = "review";

template <class T>
T Named(std::string id) {
  T value;
  value.id = std::move(id);
  return value;
}

// The `id` of `value` as a new name of `table`; nothing, with an issue, when
// it has none or the name is bad or taken.
std::optional<std::string_view> Declare(Loading& loading, json::Value value,
                                        NameTable& table) {
  ObjectReader object(value, absl::StrCat("this ", ToAbsl(table.what())),
                      loading.issues);
  const auto id = object.NeedText("id");
  if (!id) return std::nullopt;
  const std::string pointer = object.PointerTo("id");
  if (!CheckName(*id, pointer, loading.issues)) return std::nullopt;
  if (table.Add(*id, pointer, loading.issues) == NameTable::kNone) {
    return std::nullopt;
  }
  return id;
}

// Calls `use(id, value)` for each declared object of an array of the document.
template <class Use>
void DeclareEach(Loading& loading, json::Value array, NameTable& table,
                 Use use) {
  if (array && !array.is_array()) {
    WrongType(array, "an array", loading.issues);
    return;
  }
  for (const json::Value value : json::Children(array)) {
    if (!value.is_object()) {
      WrongType(value, "an object", loading.issues);
    } else if (const auto id = Declare(loading, value, table)) {
      use(std::string(*id), value);
    }
  }
}

std::string TitleOf(Loading& loading, json::Value value) {
  const std::string& language = loading.protocol.language;
  return TextIn(ReadTexts(value.Find("title"), language, loading.issues),
                language);
}

// A new element; none when its name is taken or there are too many.
ElementId AddElement(Loading& loading, std::string_view name, PhaseId phase,
                     json::Value item) {
  const std::string pointer = item ? Below(item.pointer(), "id") : "";
  const uint16_t number = loading.elements.Add(name, pointer, loading.issues);
  if (number == NameTable::kNone) return ElementId();
  Element element;
  element.id = name;
  element.phase = phase;
  element.pointer = item ? item.pointer() : "";
  loading.protocol.elements.push_back(std::move(element));
  const ElementId id(number);
  if (!phase.IsNone()) {
    loading.protocol.phases[phase.value].elements.push_back(id);
  }
  return id;
}

// An item of kind program stands for its modules, named after the program's
// document; after each comes its check, when it asks for checks, and then its
// exercises.
void DeclareProgram(Loading& loading, json::Value item, PhaseId phase) {
  const json::Value name = item.Find("program");
  if (name && !name.is_string()) {
    WrongType(name, "a string", loading.issues);
    return;
  }
  if (!name) {
    AddError(loading.issues, "missing_field", item.pointer(),
             "an item of kind program needs the field `program`");
    return;
  }
  PendingItem pending{.value = item, .phase = phase};
  pending.program = Resolve<ProgramRef>(loading.programs, name.string_value(),
                                        name.pointer(), loading.issues);
  if (pending.program.IsNone()) return;
  ProgramDocument& program = loading.program_documents[pending.program.value];
  if (program.used) {
    AddError(loading.issues, "duplicate_id", name.pointer(),
             "two items take the same program",
             "import it twice, under two names, and give one a `prefix`");
    return;
  }
  program.used = true;
  ImportedProgram& imported = loading.protocol.programs[pending.program.value];
  imported.sets = program.sets;
  ObjectReader object(item, "an item", loading.issues);
  ReadGuidance(loading, object, imported);
  if (const json::Value prefix = item.Find("prefix"); prefix.is_string()) {
    pending.prefix = prefix.string_value();
  }
  const bool checked = bool(item.Find("check"));
  for (const ProgramModule& module : program.modules) {
    const std::string id = pending.prefix + module.id;
    CheckName(id, item.pointer(), loading.issues);
    const ElementId element = AddElement(loading, id, phase, item);
    if (element.IsNone()) return;  // reported; the numbers must stay dense
    if (pending.element.IsNone()) pending.element = element;
    imported.modules.push_back(element);
    imported.elements.push_back(element);
    const auto belongs = [&](const std::string& own) {
      const ElementId added = AddElement(loading, own, phase, item);
      if (!added.IsNone()) imported.elements.push_back(added);
      return !added.IsNone();
    };
    if (checked && !belongs(id + "_check")) return;
    for (const ProgramExercise& exercise : module.exercises) {
      const std::string own = absl::StrCat(id, "_", exercise.id);
      CheckName(own, item.pointer(), loading.issues);
      if (!belongs(own)) return;
    }
  }
  loading.pending_items.push_back(std::move(pending));
}

void DeclareItems(Loading& loading, json::Value items, PhaseId phase) {
  if (items && !items.is_array()) {
    WrongType(items, "an array", loading.issues);
    return;
  }
  for (const json::Value item : json::Children(items)) {
    ObjectReader object(item, "an item", loading.issues);
    const auto id = object.NeedText("id");
    if (!id || !CheckName(*id, object.PointerTo("id"), loading.issues)) {
      continue;
    }
    if (*id == kReviewItem) {
      object.Error("id", "duplicate_id",
                   "every protocol has an item `review` of its own",
                   "choose another name");
      continue;
    }
    const json::Value kind = item.Find("kind");
    if (kind.is_string() && kind.string_value() == "program") {
      DeclareProgram(loading, item, phase);
      continue;
    }
    const ElementId element = AddElement(loading, *id, phase, item);
    if (!element.IsNone()) {
      loading.pending_items.push_back(
          {.value = item, .phase = phase, .element = element});
    }
  }
}

void DeclarePhase(Loading& loading, json::Value value, TrackId track) {
  ObjectReader object(value, "a phase", kPhaseFields, loading.issues);
  const auto id = object.NeedText("id");
  if (!id || !CheckName(*id, object.PointerTo("id"), loading.issues)) return;
  Track& owner = loading.protocol.tracks[track.value];
  const uint16_t number =
      loading.phases.Add(absl::StrCat(owner.id, "/", ToAbsl(*id)),
                         object.PointerTo("id"), loading.issues);
  if (number == NameTable::kNone) return;
  Phase phase;
  phase.id = *id;
  phase.title = TitleOf(loading, value);
  phase.track = track;
  phase.final = object.Bool("final", false);
  phase.keeps = object.Choice("on_exit", kExit) == 1;
  const auto reentry = object.Choice("on_reentry", kReentry);
  phase.resume = reentry.value_or(0) == 0;
  phase.carries = reentry == 0;
  phase.pointer = value.pointer();
  loading.protocol.phases.push_back(std::move(phase));
  owner.phases.push_back(PhaseId(number));
  DeclareItems(loading, object.Array("items"), PhaseId(number));
}

void DeclareTracks(Loading& loading) {
  Protocol& protocol = loading.protocol;
  const json::Value tracks = loading.root.Find("tracks");
  if (!tracks) {
    AddError(loading.issues, "missing_field", "",
             "a protocol needs the field `tracks`");
  }
  DeclareEach(
      loading, tracks, loading.tracks, [&](std::string id, json::Value value) {
        ObjectReader object(value, "a track", kTrackFields, loading.issues);
        object.CheckTexts("title");
        const TrackId track(static_cast<uint16_t>(protocol.tracks.size()));
        protocol.tracks.push_back(Named<Track>(std::move(id)));
        for (const json::Value phase :
             json::Children(object.NeedArray("phases"))) {
          DeclarePhase(loading, phase, track);
        }
        const auto initial = object.NeedText("initial");
        if (!initial) return;
        protocol.tracks[track.value].initial = Resolve<PhaseId>(
            loading.phases,
            absl::StrCat(protocol.at(track).id, "/", ToAbsl(*initial)),
            object.PointerTo("initial"), loading.issues);
      });
  if (protocol.tracks.size() > limits::kTracksMax) {
    AddError(
        loading.issues, "element_limit", "/tracks",
        absl::StrCat("a protocol has at most ", limits::kTracksMax, " tracks"));
  }
  DeclareItems(loading, loading.root.Find("items_anywhere"), PhaseId());
}

// Work that every service has: something a person must look at.
void DeclareReview(Loading& loading) {
  const ElementId id =
      AddElement(loading, kReviewItem, PhaseId(), json::Value());
  if (id.IsNone()) return;  // too many elements: reported
  Element& review = loading.protocol.elements[id.value];
  review.kind = ItemKind::kTask;
  review.mode = ItemMode::kDiscretionary;
  review.keep_on_exit = true;
  review.title = "Review";
  loading.protocol.review_element = id;
}

// Outcomes are not declared apart: those of decisions, appointments and risk
// assessments are the vocabulary.
void DeclareOutcomes(Loading& loading) {
  for (const char* built_in :
       {"eligible", "ineligible", "undetermined", "answered_twice"}) {
    loading.outcomes.Add(built_in, "", loading.issues);
  }
  const auto intern = [&](json::Value name) {
    if (name.is_string() &&
        CheckName(name.string_value(), name.pointer(), loading.issues)) {
      loading.outcomes.Intern(name.string_value(), name.pointer(),
                              loading.issues);
    }
  };
  const auto declare = [&](json::Value names) {
    if (!names.is_array()) return;  // reported when the item is read
    for (const json::Value name : json::Children(names)) intern(name);
  };
  for (const PendingItem& item : loading.pending_items) {
    declare(item.value.Find("outcomes"));
    DeclareOutcomesOf(item.value, intern);
    DeclareColours(loading, item.value);
  }
  declare(loading.root.Find("risk").Find("outcomes"));
  intern(loading.root.Find("transfer").Find("disposition"));
  loading.protocol.outcomes = loading.outcomes.names();
}

void DeclareTexts(Loading& loading) {
  Protocol& protocol = loading.protocol;
  DeclareEach(loading, loading.root.Find("sources"), loading.sources,
              [&](std::string, json::Value value) {
                ObjectReader(value, "a source", kSourceFields, loading.issues)
                    .NeedText("text");
              });
  DeclareEach(loading, loading.root.Find("templates"), loading.templates,
              [&](std::string id, json::Value value) {
                ObjectReader object(value, "a template", kTemplateFields,
                                    loading.issues);
                object.CheckTexts("title");
                protocol.templates.push_back(std::move(id));
                protocol.template_texts.push_back(ReadTexts(
                    object.Need("text"), protocol.language, loading.issues));
              });
}

// Roles stand where pools do, as those whose work something is.
void DeclareRelated(Loading& loading) {
  Protocol& protocol = loading.protocol;
  DeclareEach(
      loading, loading.root.Find("related"), loading.related,
      [&](std::string id, json::Value value) {
        ObjectReader object(value, "a role", kNamedFields, loading.issues);
        if (loading.pools.Find(id) != NameTable::kNone || id == "patient" ||
            id == "owner") {
          object.Error("id", "duplicate_id",
                       absl::StrCat("`", id,
                                    "` already says whose work "
                                    "something is"),
                       "choose another name");
        }
        protocol.related.push_back({std::move(id), TitleOf(loading, value)});
      });
}

}  // namespace

void DeclareNames(Loading& loading) {
  Protocol& protocol = loading.protocol;
  const json::Value root = loading.root;
  DeclareTexts(loading);
  DeclareEach(loading, root.Find("facts"), loading.facts,
              [&](std::string id, json::Value) {
                protocol.facts.push_back(Named<Fact>(std::move(id)));
              });
  DeclareEach(loading, root.Find("purposes"), loading.purposes,
              [&](std::string id, json::Value value) {
                ObjectReader(value, "a purpose", kPurposeFields,
                             loading.issues);
                protocol.purposes.push_back(std::move(id));
                protocol.purpose_titles.push_back(TitleOf(loading, value));
                protocol.purpose_rules.emplace_back();
              });
  DeclareRelated(loading);
  DeclareEach(loading, root.Find("routes"), loading.routes,
              [&](std::string id, json::Value) {
                protocol.routes.push_back(Named<Route>(std::move(id)));
              });
  DeclareEach(
      loading, root.Find("milestones"), loading.milestones,
      [&](std::string id, json::Value value) {
        ObjectReader(value, "a milestone", kNamedFields, loading.issues);
        protocol.milestones.push_back({std::move(id), TitleOf(loading, value)});
      });
  DeclareEach(loading, root.Find("clocks"), loading.clocks,
              [&](std::string id, json::Value value) {
                auto clock = Named<ClockDef>(std::move(id));
                clock.pointer = value.pointer();
                clock.is_window = bool(value.Find("window"));
                protocol.clocks.push_back(std::move(clock));
              });
  DeclareEach(loading, root.Find("risk").Find("tiers"), loading.tiers,
              [&](std::string id, json::Value) {
                protocol.risk.tiers.push_back(Named<Tier>(std::move(id)));
              });
  DeclareEach(loading, root.Find("groups"), loading.groups,
              [&](std::string id, json::Value value) {
                auto group = Named<GroupKind>(std::move(id));
                group.title = TitleOf(loading, value);
                group.pointer = value.pointer();
                protocol.groups.push_back(std::move(group));
              });
  DeclareTracks(loading);
  DeclareReview(loading);
  DeclareOutcomes(loading);
}

}  // namespace stepwell::protocol
