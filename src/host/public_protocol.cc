// Protocols as values of the public face: checked, compiled, described.
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/errors.h"
#include "host/protocol_impl.h"
#include "stepwell/service.h"

namespace stepwell {
namespace {

constexpr std::string_view kCataloguePrefix = "catalogue:";

const char* KindName(protocol::ItemKind kind) {
  static constexpr const char* kNames[] = {
      "questionnaire", "module", "task", "message", "appointment", "decision"};
  const auto index = static_cast<size_t>(kind);
  return index < std::size(kNames) ? kNames[index] : "";
}

// One array of objects: calls `write` inside the braces of each.
template <class T, class Write>
void Objects(json::Writer& w, const char* key, const std::vector<T>& values,
             const Write& write) {
  w.Key(key).BeginArray();
  for (const T& value : values) {
    w.BeginObject();
    w.Key("id").String(value.id);
    write(value);
    w.EndObject();
  }
  w.EndArray();
}

void Texts(json::Writer& w, const char* key,
           const std::vector<std::string>& texts) {
  w.Key(key).BeginArray();
  for (const std::string& text : texts) w.String(text);
  w.EndArray();
}

void WriteTracks(json::Writer& w, const protocol::Protocol& protocol) {
  Objects(w, "tracks", protocol.tracks, [&](const protocol::Track& track) {
    w.Key("phases").BeginArray();
    for (const protocol::PhaseId id : track.phases) {
      const protocol::Phase& phase = protocol.at(id);
      w.BeginObject();
      w.Key("id").String(phase.id).Key("title").String(phase.title);
      w.Key("final").Bool(phase.final).EndObject();
    }
    w.EndArray();
  });
}

void WriteElements(json::Writer& w, const protocol::Protocol& protocol) {
  Objects(w, "elements", protocol.elements, [&](const protocol::Element& e) {
    w.Key("kind").String(KindName(e.kind)).Key("title").String(e.title);
    if (!e.phase.IsNone()) w.Key("phase").String(protocol.at(e.phase).id);
    if (!e.instrument.IsNone()) {
      w.Key("instrument").String(protocol.at(e.instrument).name);
    }
    if (e.performer == protocol::Performer::kPool && !e.pool.IsNone()) {
      w.Key("pool").String(protocol.at(e.pool).id);
    } else if (e.performer == protocol::Performer::kRelated) {
      w.Key("who").String(e.role);
    } else {
      w.Key("who").String(
          e.performer == protocol::Performer::kPatient ? "patient" : "owner");
    }
  });
}

template <class T>
void WriteImports(json::Writer& w, const char* key,
                  const std::vector<T>& imports) {
  w.Key(key).BeginArray();
  for (const protocol::Imported& import : imports) {
    w.BeginObject();
    w.Key("name").String(import.name).Key("id").String(import.id);
    w.Key("version").String(import.version).EndObject();
  }
  w.EndArray();
}

}  // namespace

namespace host {

absl::StatusOr<std::string> ProtocolText(std::string_view document) {
  if (document.rfind(kCataloguePrefix, 0) != 0) return std::string(document);
  return CatalogueDocument(absl::StrCat(
      "protocols/", ToAbsl(document.substr(kCataloguePrefix.size())), ".json"));
}

absl::StatusOr<std::shared_ptr<const protocol::Protocol>> CompileDocument(
    std::string_view document) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string text, ProtocolText(document));
  STEPWELL_ASSIGN_OR_RETURN(
      protocol::LoadResult loaded,
      protocol::LoadProtocol(text, protocol::BuiltInCatalogue()));
  if (loaded.protocol == nullptr) {
    return DocumentError("protocol", loaded.issues);
  }
  return std::move(loaded.protocol);
}

std::string ProtocolImpl::InfoJson() const {
  const protocol::Protocol& p = *compiled_;
  const auto title = [](json::Writer& w) {
    return [&w](const auto& value) { w.Key("title").String(value.title); };
  };
  json::Writer w;
  w.BeginObject();
  w.Key("id").String(p.id).Key("version").String(p.version);
  w.Key("title").String(p.title).Key("status").String(p.status);
  w.Key("language").String(p.language).Key("hash").String(hash_);
  w.Key("logic_hash").String(ToHex(p.logic_hash));
  Objects(w, "routes", p.routes, title(w));
  WriteTracks(w, p);
  WriteElements(w, p);
  Objects(w, "clocks", p.clocks, [](const protocol::ClockDef&) {});
  Objects(w, "milestones", p.milestones, title(w));
  Objects(w, "pools", p.pools, [&](const protocol::Pool& pool) {
    w.Key("role").String(pool.role).Key("caseload_max").Int(pool.caseload_max);
  });
  WriteImports(w, "instruments", p.instruments);
  WriteImports(w, "programs", p.programs);
  Texts(w, "outcomes", p.outcomes);
  Texts(w, "templates", p.templates);
  w.Key("document").Raw(p.document);
  w.EndObject();
  return w.Take();
}

std::string ProtocolImpl::DocumentJson() const {
  // It was parsed when the protocol was loaded.
  const auto document = json::Parse(compiled_->document);
  return document.ok() ? json::ToText(document->root(), /*pretty=*/true) : "";
}

}  // namespace host

absl::StatusOr<std::shared_ptr<const Protocol>> Protocol::Compile(
    std::string_view document) {
  STEPWELL_ASSIGN_OR_RETURN(auto compiled, host::CompileDocument(document));
  return std::make_shared<const host::ProtocolImpl>(std::move(compiled));
}

absl::StatusOr<ProtocolCheck> CheckProtocol(std::string_view json) {
  STEPWELL_ASSIGN_OR_RETURN(const std::string text, host::ProtocolText(json));
  STEPWELL_ASSIGN_OR_RETURN(
      protocol::LoadResult loaded,
      protocol::LoadProtocol(text, protocol::BuiltInCatalogue()));
  ProtocolCheck check;
  check.ok = loaded.protocol != nullptr;
  check.issues = std::move(loaded.issues);
  if (loaded.protocol != nullptr) {
    check.id = loaded.protocol->id;
    check.version = loaded.protocol->version;
    check.status = loaded.protocol->status;
    check.hash = ToHex(loaded.protocol->hash);
    check.logic_hash = ToHex(loaded.protocol->logic_hash);
  }
  return check;
}

}  // namespace stepwell
