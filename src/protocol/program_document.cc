// Program documents: the modules of one treatment, in order.
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {"$schema", "program", "version",
                                        "title",   "author",  "sources",
                                        "source",  "release", "modules"};
constexpr std::string_view kModuleFields[] = {"id", "title", "content",
                                              "release", "needs"};
constexpr std::string_view kSourceFields[] = {"id", "text"};
constexpr std::string_view kReleases[] = {"immediate", "on_homework",
                                          "on_approval", "manual"};

std::optional<ReleasePolicy> ReadRelease(ObjectReader& object) {
  const auto choice = object.Choice("release", kReleases);
  if (!choice) return std::nullopt;
  return static_cast<ReleasePolicy>(*choice);
}

ProgramModule ReadModule(json::Value value, NameTable& names, Issues& issues) {
  ProgramModule module;
  ObjectReader object(value, "a module", kModuleFields, issues);
  if (const auto id = object.NeedText("id")) {
    CheckName(*id, object.PointerTo("id"), issues);
    names.Add(*id, object.PointerTo("id"), issues);
    module.id = *id;
  }
  module.titles = ReadTexts(object.Get("title"), "en", issues);
  module.content = object.Text("content").value_or("");
  module.release = ReadRelease(object);
  if (!object.Has("needs")) return module;
  module.needs.emplace();
  for (const json::Value need : json::Children(object.Array("needs"))) {
    if (!need.is_string()) {
      WrongType(need, "a string", issues);
      // Only modules before this one can be needed, so there is no cycle.
    } else if (ResolveIn(names, need.string_value(), need.pointer(), issues) !=
               NameTable::kNone) {
      module.needs->emplace_back(need.string_value());
    }
  }
  return module;
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
  NameTable names("module before this one");
  const json::Value modules = object.NeedArray("modules");
  for (const json::Value value : json::Children(modules)) {
    program.modules.push_back(ReadModule(value, names, issues));
  }
  if (modules && modules.size() == 0) {
    object.Error("modules", "missing_field",
                 "a program has at least one module");
  }
  return program;
}

}  // namespace stepwell::protocol
