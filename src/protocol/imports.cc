// Imports: what a protocol takes from the catalogue, under names of its own.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "protocol/case_view_model.h"
#include "protocol/hash.h"
#include "protocol/loading.h"
#include "protocol/overlay.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kSections[] = {"instruments", "programs", "pools",
                                          "calendars"};
constexpr std::string_view kPoolFields[] = {
    "$schema",  "pool",         "version",  "title",  "role",
    "calendar", "caseload_max", "fallback", "source", "assignment"};
constexpr std::string_view kAssignments[] = {"least_caseload", "continuity",
                                             "manual", "round_robin"};

// One import, opened: its document and where it is named in the protocol.
struct Opened {
  uint16_t number = NameTable::kNone;
  Imported imported;
  std::string path;
  std::string text;
  std::optional<json::Document> document;
  std::string pointer;
};

void ImportError(Loading& loading, const Opened& opened, std::string code,
                 std::string message, std::string hint = "") {
  AddError(loading.issues, std::move(code), opened.pointer, std::move(message),
           std::move(hint));
}

// Issues inside an imported document become one at the import each.
void Relay(Loading& loading, const Opened& opened, const Issues& inner) {
  for (const Issue& issue : inner) {
    if (issue.severity != Severity::kError) continue;
    ImportError(loading, opened, issue.code,
                absl::StrCat(opened.path, issue.pointer.empty() ? "" : "#",
                             issue.pointer, ": ", issue.message),
                issue.hint);
  }
}

// The version that the document states must be the one that was asked for.
bool CheckVersion(Loading& loading, const Opened& opened) {
  const json::Value version = opened.document->root().Find("version");
  if (version.is_string() &&
      version.string_value() == opened.imported.version) {
    return true;
  }
  ImportError(
      loading, opened, "import_version",
      absl::StrCat(
          "version ", opened.imported.version, " is wanted, the catalogue has ",
          version.is_string() ? ToAbsl(version.string_value()) : "none"),
      "versions must be the same text");
  return false;
}

// Reads `section`/`id`.json for the member `value` ("phq9": "phq-9@1").
std::optional<Opened> Open(Loading& loading, std::string_view section,
                           json::Value value, NameTable& table) {
  Opened opened;
  opened.pointer = value.pointer();
  CheckName(value.key(), opened.pointer, loading.issues);
  opened.number = table.Add(value.key(), opened.pointer, loading.issues);
  if (opened.number == NameTable::kNone) return std::nullopt;
  const auto wanted =
      value.is_string() ? SplitVersion(value.string_value()) : std::nullopt;
  if (!wanted) {
    WrongType(value, "an id with its version, like \"phq-9@1\"",
              loading.issues);
    return std::nullopt;
  }
  opened.imported = {std::string(value.key()), std::string(wanted->id),
                     std::string(wanted->version)};
  opened.path = PathOfImport(section, value.string_value());
  std::optional<std::string> text = ReadCatalogue(loading, opened.path);
  if (!text) {
    ImportError(loading, opened, "unknown_import",
                absl::StrCat("the catalogue has no ", opened.path));
    return std::nullopt;
  }
  opened.text = *std::move(text);
  absl::StatusOr<json::Document> document = json::Parse(opened.text);
  if (!document.ok() || !document->root().is_object()) {
    ImportError(loading, opened, "unknown_import",
                absl::StrCat(opened.path, " cannot be read: ",
                             document.ok() ? "it is no object"
                                           : document.status().message()));
    return std::nullopt;
  }
  opened.document = *std::move(document);
  loading.logic_of_files[opened.path] = CanonicalLogic(opened.document->root());
  if (!CheckVersion(loading, opened)) return std::nullopt;
  return opened;
}

// Calls `use` for each import of the section. The protocol's table gets one
// entry for each name even when the import failed, so that numbers agree.
template <class Use>
void EachImport(Loading& loading, ObjectReader& imports,
                std::string_view section, NameTable& table, Use use) {
  for (const json::Value value : json::Children(imports.Object(section))) {
    const size_t before = table.size();
    std::optional<Opened> opened = Open(loading, section, value, table);
    if (table.size() == before) continue;
    if (!opened) {
      opened.emplace();
      opened->imported.name = value.key();
    }
    use(*std::move(opened));
  }
}

void UseInstrument(Loading& loading, Opened opened) {
  ImportedInstrument entry;
  static_cast<Imported&>(entry) = opened.imported;
  if (IsViewRootName(entry.name)) {
    ImportError(
        loading, opened, "bad_name",
        absl::StrCat("`", entry.name, "` has another meaning in guards"),
        "import the instrument under another name");
  }
  if (opened.document) {
    auto loaded = instruments::LoadInstrument(opened.text);
    if (loaded.ok()) {
      entry.instrument = loaded->instrument;
      Relay(loading, opened, loaded->issues);
    } else {
      ImportError(loading, opened, "unknown_import",
                  std::string(loaded.status().message()));
    }
  }
  loading.protocol.instruments.push_back(std::move(entry));
}

void UseCalendar(Loading& loading, Opened opened) {
  ImportedCalendar entry{{opened.imported},
                         WorkCalendar::AlwaysOpen(UtcZone())};
  bool always = false;
  if (opened.document) {
    Issues inner;
    auto calendar = ReadCalendar(opened.document->root(), inner, &always);
    if (calendar) entry.calendar = *std::move(calendar);
    Relay(loading, opened, inner);
  }
  loading.protocol.calendars.push_back(std::move(entry));
  loading.always_open.push_back(always);
}

void UseProgram(Loading& loading, Opened opened) {
  ImportedProgram entry;
  static_cast<Imported&>(entry) = opened.imported;
  ProgramDocument program;
  if (opened.document) {
    Issues inner;
    program = ReadProgram(opened.document->root(), inner);
    Relay(loading, opened, inner);
  }
  loading.protocol.programs.push_back(std::move(entry));
  loading.program_documents.push_back(std::move(program));
}

// A pool names its calendar and its fallback as the importing protocol does:
// "clinic" means the clinic of the service at hand.
Pool ReadPool(Loading& loading, Opened& opened) {
  Pool pool;
  pool.id = opened.imported.name;
  pool.number = PoolNumber(pool.id);
  if (!opened.document) return pool;
  if (pool.id == "patient" || pool.id == "owner" || pool.id == "referrer") {
    ImportError(loading, opened, "bad_name",
                absl::StrCat("`", pool.id, "` is not the name of a pool"),
                "a pool is a group of staff");
  }
  Issues inner;
  ObjectReader object(opened.document->root(), "a pool", kPoolFields, inner);
  object.NeedText("pool");
  for (const char* key : {"$schema", "title", "source"}) object.Text(key);
  pool.role = object.NeedText("role").value_or("");
  pool.caseload_max =
      static_cast<int>(object.Int("caseload_max", 0, 1'000'000).value_or(0));
  if (pool.caseload_max > 0 && !object.Has("source")) {
    object.Error("caseload_max", "no_source",
                 "a number says where it comes from",
                 "add `source`, or `\"source\": \"assumption\"`");
  }
  pool.assignment = static_cast<AssignmentPolicy>(
      object.Choice("assignment", kAssignments).value_or(0));
  const auto resolve = [&](std::string_view key, const NameTable& table,
                           bool required) {
    const auto name = required ? object.NeedText(key) : object.Text(key);
    return name ? ResolveIn(table, *name, object.PointerTo(key), inner)
                : NameTable::kNone;
  };
  pool.calendar = CalendarRef(resolve("calendar", loading.calendars, true));
  pool.fallback = PoolId(resolve("fallback", loading.pools, false));
  Relay(loading, opened, inner);
  return pool;
}

}  // namespace

uint64_t PoolNumber(std::string_view pool) { return DeriveId("pool", pool); }

CatalogueReader BuiltInCatalogue() {
  return [](std::string_view path) -> std::optional<std::string> {
    const std::string_view text = FindCatalogueFile(path);
    if (text.empty()) return std::nullopt;
    return std::string(text);
  };
}

CatalogueReader CatalogueOf(
    std::vector<std::pair<std::string, std::string>> files) {
  return [files = std::move(files)](
             std::string_view path) -> std::optional<std::string> {
    for (const auto& [name, text] : files) {
      if (name == path) return text;
    }
    return std::nullopt;
  };
}

std::string PathOfImport(std::string_view section, std::string_view import) {
  const std::string_view id = import.substr(0, import.find('@'));
  return absl::StrCat(ToAbsl(section), "/", ToAbsl(id), ".json");
}

json::Value OwnDocument(const Loading& loading, std::string_view path) {
  const size_t slash = path.find('/');
  const std::string_view section = path.substr(0, slash);
  std::string_view id = path.substr(slash + 1);
  id.remove_suffix(std::string_view(".json").size());
  return loading.root.Find("documents").Find(section).Find(id);
}

namespace {

// Each document that is brought along is imported, or it is forgotten.
void CheckOwnDocuments(Loading& loading) {
  ObjectReader documents(loading.root.Find("documents"), "`documents`",
                         kSections, loading.issues);
  for (const std::string_view section : kSections) {
    for (const json::Value own : json::Children(documents.Object(section))) {
      const std::string path =
          absl::StrCat(ToAbsl(section), "/", ToAbsl(own.key()), ".json");
      if (loading.files.count(path) != 0) continue;
      AddError(loading.issues, "unused_document", own.pointer(),
               "the protocol brings this document along and does not import it",
               absl::StrCat("name it in `imports.", ToAbsl(section),
                            "`, or leave it out"));
    }
  }
}

}  // namespace

std::optional<std::string> ReadCatalogue(Loading& loading,
                                         const std::string& path) {
  if (const json::Value own = OwnDocument(loading, path)) {
    return loading.files[path] = json::Canonical(own);
  }
  if (const auto it = loading.files.find(path); it != loading.files.end()) {
    return it->second;
  }
  std::optional<std::string> text = loading.catalogue(path);
  if (text) loading.files[path] = *text;
  return text;
}

void LoadImports(Loading& loading) {
  const json::Value section = loading.root.Find("imports");
  ObjectReader imports(section, "`imports`", kSections, loading.issues);
  EachImport(loading, imports, "calendars", loading.calendars,
             [&](Opened opened) { UseCalendar(loading, std::move(opened)); });
  EachImport(loading, imports, "instruments", loading.instruments,
             [&](Opened opened) { UseInstrument(loading, std::move(opened)); });
  EachImport(loading, imports, "programs", loading.programs,
             [&](Opened opened) { UseProgram(loading, std::move(opened)); });
  // Pools name each other: all are opened before any is read.
  std::vector<Opened> pools;
  EachImport(loading, imports, "pools", loading.pools,
             [&](Opened opened) { pools.push_back(std::move(opened)); });
  for (Opened& opened : pools) {
    loading.protocol.pools.push_back(ReadPool(loading, opened));
  }
  CheckOwnDocuments(loading);
}

}  // namespace stepwell::protocol
