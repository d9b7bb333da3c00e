// Taking a text apart. The strict parser goes first; where it stops at one
// entry, the others are found by their brackets and parsed one by one.
#include "fhir/bundle.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/import_scan.h"
#include "fhir/read_element.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kBundleTypesRead[] = {
    "collection", "transaction", "batch", "searchset", "message", "document"};

// Where the resources of one Bundle (or line) come from.
struct Place {
  std::string path;
  bool is_line = false;
  size_t bundle_depth = 0;
};

std::string Join(const Place& place, std::string_view element) {
  return absl::StrCat(place.path, place.is_line ? ": " : ".", ToAbsl(element));
}

std::string Quoted(const absl::Status& status) {
  return std::string(status.message());
}

class SourceReader {
 public:
  explicit SourceReader(SourceText* out) : out_(out) {}

  absl::Status Read(std::string_view text);

 private:
  bool ReadBrokenBundle(std::string_view text, const absl::Status& why);
  bool ReadBrokenResource(std::string_view text, const absl::Status& why,
                          bool whole_only, Place place);
  bool ReadLines(std::string_view text);
  void ReadLine(std::string_view line, size_t number);

  void AddRoot(json::Value root);
  void AddResource(json::Value value, Place place, std::string_view full_url);
  void AddBundle(json::Value bundle, const Place& place);
  void AddEntry(json::Value entry, const Place& place, size_t index);
  void AddWithoutResource(json::Value entry, Place place);
  void Hoist(size_t owner);
  void Refuse(Place place, std::string code, std::string reason,
              std::string hint);
  Resource* Push(Resource resource);
  void NoteBundleType(json::Value bundle, const Place& place);
  // Keeps the document and gives its root; absent when it does not parse.
  json::Value Keep(std::string_view text, absl::Status* why);

  SourceText* out_;
  bool too_many_ = false;
};

json::Value SourceReader::Keep(std::string_view text, absl::Status* why) {
  absl::StatusOr<json::Document> document = json::Parse(text);
  if (!document.ok()) {
    *why = document.status();
    return {};
  }
  out_->documents.push_back(*std::move(document));
  return out_->documents.back().root();
}

Resource* SourceReader::Push(Resource resource) {
  if (out_->resources.size() >= limits::kFhirEntriesMax) {
    too_many_ = true;
    return nullptr;
  }
  ++(resource.owner == Resource::kNoOwner ? out_->read : out_->hoisted);
  out_->resources.push_back(std::move(resource));
  return &out_->resources.back();
}

void SourceReader::Refuse(Place place, std::string code, std::string reason,
                          std::string hint) {
  if (place.path.empty()) place.path = "resource";
  Resource resource;
  resource.path = place.path;
  resource.is_line = place.is_line;
  resource.refused = Finding{std::move(code), std::move(place.path), "",
                             std::move(reason), std::move(hint)};
  Push(std::move(resource));
}

void SourceReader::AddResource(json::Value value, Place place,
                               std::string_view full_url) {
  if (!value.is_object()) {
    return Refuse(std::move(place), "not_an_object", "this is no JSON object",
                  "a resource is an object with a resourceType");
  }
  const std::string_view type = StringOf(value, "resourceType");
  if (type.empty()) {
    return Refuse(std::move(place), "no_resource_type",
                  "the resource has no resourceType",
                  "\"resourceType\": \"Patient\"");
  }
  if (type == "Bundle" && place.bundle_depth < limits::kFhirBundleDepthMax) {
    place.path = place.path.empty() ? "Bundle"
                 : place.is_line    ? Join(place, "Bundle")
                                    : place.path;
    place.is_line = false;
    return AddBundle(value, place);
  }
  if (place.path.empty()) place.path = std::string(type);
  Resource resource;
  resource.path = std::move(place.path);
  resource.is_line = place.is_line;
  resource.full_url = std::string(full_url);
  resource.type = std::string(type);
  resource.id = std::string(StringOf(value, "id"));
  resource.value = value;
  if (Push(std::move(resource)) != nullptr) Hoist(out_->resources.size() - 1);
}

// Answers of patients and the persons that they and referrals are about become
// entries of their own, wherever they were put.
void SourceReader::Hoist(size_t owner) {
  const json::Value contained = out_->resources[owner].value.Find("contained");
  if (!contained.is_array()) return;
  absl::flat_hash_set<std::string_view> wanted;
  const auto want = [&wanted](json::Value resource) {
    for (const std::string_view name : {"subject", "source", "author"}) {
      const std::string_view reference =
          StringOf(resource.Find(name), "reference");
      if (!reference.empty() && reference[0] == '#') {
        wanted.insert(reference.substr(1));
      }
    }
  };
  const std::string type = out_->resources[owner].type;
  if (type == "ServiceRequest" || type == "QuestionnaireResponse") {
    want(out_->resources[owner].value);
  }
  for (json::Value child : json::Children(contained)) {
    if (StringOf(child, "resourceType") == "QuestionnaireResponse") want(child);
  }
  size_t index = 0;
  for (json::Value child : json::Children(contained)) {
    const size_t at = index++;
    const std::string_view child_type = StringOf(child, "resourceType");
    const std::string_view id = StringOf(child, "id");
    if (child_type != "QuestionnaireResponse" &&
        (child_type != "Patient" || !wanted.contains(id))) {
      continue;
    }
    Resource resource;
    resource.path =
        out_->resources[owner].At(absl::StrCat("contained[", at, "]"));
    resource.type = std::string(child_type);
    resource.id = std::string(id);
    resource.value = child;
    resource.owner = owner;
    if (Push(std::move(resource)) == nullptr) return;
  }
}

void SourceReader::NoteBundleType(json::Value bundle, const Place& place) {
  const std::string_view type = StringOf(bundle, "type");
  for (const std::string_view known : kBundleTypesRead) {
    if (type == known) return;
  }
  out_->notes.push_back(
      {"bundle_type", place.path + ".type", "Bundle",
       type.empty()
           ? std::string("the Bundle has no type; it is read as a collection")
           : absl::StrCat(
                 "a Bundle of type \"", ToAbsl(type.substr(0, 64)),
                 "\" is read as a collection",
                 type == "history" ? ", the oldest version first" : ""),
       "collection, transaction, batch, searchset, message or document"});
}

void SourceReader::AddBundle(json::Value bundle, const Place& place) {
  NoteBundleType(bundle, place);
  const json::Value list = bundle.Find("entry");
  if (!list) return;
  if (!list.is_array()) {
    return Refuse({place.path + ".entry", false, place.bundle_depth},
                  "wrong_type", "\"entry\" is no array", "\"entry\": [ ... ]");
  }
  std::vector<json::Value> entries;
  entries.reserve(list.size());
  for (json::Value entry : json::Children(list)) entries.push_back(entry);
  // A history lists the newest version first; the newest is to win.
  const bool backwards = StringOf(bundle, "type") == "history";
  for (size_t i = 0; i < entries.size() && !too_many_; ++i) {
    const size_t at = backwards ? entries.size() - 1 - i : i;
    AddEntry(entries[at], place, at);
  }
}

void SourceReader::AddEntry(json::Value entry, const Place& place,
                            size_t index) {
  Place inner{absl::StrCat(place.path, ".entry[", index, "]"), false,
              place.bundle_depth + 1};
  if (!entry.is_object()) {
    return Refuse(std::move(inner), "not_an_object",
                  "the entry is no JSON object",
                  "{\"fullUrl\": ..., \"resource\": {...}}");
  }
  const json::Value resource = entry.Find("resource");
  if (!resource) return AddWithoutResource(entry, std::move(inner));
  inner.path += ".resource";
  AddResource(resource, std::move(inner), StringOf(entry, "fullUrl"));
}

void SourceReader::AddWithoutResource(json::Value entry, Place place) {
  const std::string_view method = StringOf(entry.Find("request"), "method");
  if (method != "DELETE" && method != "GET" && method != "HEAD" &&
      !entry.Find("response") && !entry.Find("search")) {
    return Refuse(std::move(place), "no_resource", "the entry has no resource",
                  "{\"fullUrl\": ..., \"resource\": {...}}");
  }
  Resource resource;
  resource.path = std::move(place.path);
  resource.ignored =
      method == "DELETE"
          ? Ignored{"deletion",
                    absl::StrCat("a deletion is not carried out here: ",
                                 ToAbsl(StringOf(entry.Find("request"), "url")
                                            .substr(0, 200)))}
          : Ignored{"no_resource", "an entry that brings no resource"};
  if (method == "DELETE") {
    out_->notes.push_back({"deletion", resource.path, "",
                           resource.ignored->reason,
                           "decide by hand what the deletion means"});
  }
  Push(std::move(resource));
}

void SourceReader::AddRoot(json::Value root) {
  if (!root.is_array()) return AddResource(root, {}, "");
  size_t index = 0;
  for (json::Value element : json::Children(root)) {
    if (too_many_) return;
    AddResource(element, {absl::StrCat("[", index++, "]"), false, 0}, "");
  }
}

// A resource that the strict parser refuses. A patient's answers are kept as
// the bytes that came; with `whole_only` a text that is cut off is left to the
// caller.
bool SourceReader::ReadBrokenResource(std::string_view text,
                                      const absl::Status& why, bool whole_only,
                                      Place place) {
  const ScannedObject scanned = ScanObject(text);
  const std::string_view type = scanned.FindString("resourceType");
  if (whole_only && (!scanned.whole || type.empty())) return false;
  if (type != "QuestionnaireResponse") {
    if (place.path.empty()) place.path = std::string(type);
    Refuse(std::move(place), "unreadable",
           absl::StrCat("the ", type.empty() ? "text" : ToAbsl(type),
                        " cannot be read: ", Quoted(why)),
           "");
    return true;
  }
  Resource resource;
  resource.path = place.path.empty() ? std::string(type) : place.path;
  resource.is_line = place.is_line;
  resource.type = std::string(type);
  resource.raw = std::string(text);
  resource.error = Quoted(why);
  Push(std::move(resource));
  return true;
}

bool SourceReader::ReadBrokenBundle(std::string_view text,
                                    const absl::Status& why) {
  const ScannedObject bundle = ScanObject(text);
  std::vector<std::string_view> entries;
  if (!bundle.whole || bundle.FindString("resourceType") != "Bundle" ||
      !ScanArray(bundle.Find("entry"), &entries)) {
    return false;
  }
  out_->notes.push_back(
      {"bundle_damaged", "Bundle", "Bundle",
       absl::StrCat("the Bundle as a whole cannot be read (", Quoted(why),
                    "); its entries were read one by one"),
       ""});
  for (size_t i = 0; i < entries.size() && !too_many_; ++i) {
    absl::Status entry_error;
    if (const json::Value entry = Keep(entries[i], &entry_error)) {
      AddEntry(entry, {"Bundle", false, 0}, i);
      continue;
    }
    const std::string path = absl::StrCat("Bundle.entry[", i, "].resource");
    ReadBrokenResource(ScanObject(entries[i]).Find("resource"), entry_error,
                       false, {path, false, 0});
  }
  return true;
}

void SourceReader::ReadLine(std::string_view line, size_t number) {
  Place place{absl::StrCat("line ", number), true, 0};
  absl::Status why;
  if (const json::Value value = Keep(line, &why)) {
    AddResource(value, std::move(place), "");
  } else {
    ReadBrokenResource(line, why, false, std::move(place));
  }
}

// NDJSON when some line is a resource of its own.
bool SourceReader::ReadLines(std::string_view text) {
  bool found = false;
  size_t number = 0;
  for (size_t at = 0; at < text.size() && !too_many_;) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    line = ToStd(absl::StripAsciiWhitespace(ToAbsl(line)));
    if (line.empty()) continue;
    ReadLine(line, number);
    found = found ||
            (!out_->resources.empty() && !out_->resources.back().type.empty());
  }
  return found;
}

absl::Status SourceReader::Read(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  const std::string_view body = ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
  if (body.empty()) return InvalidInput("the text is empty: no FHIR resource");
  if (body[0] == '<') {
    return InvalidInput("FHIR in XML is not read; send JSON or NDJSON");
  }
  if (text.size() > limits::kFhirBytesMax) {
    return TooLarge(absl::StrCat("the text has ", text.size(),
                                 " bytes; at most ", limits::kFhirBytesMax,
                                 " are read: split it"));
  }
  absl::Status why;
  if (const json::Value root = Keep(text, &why)) {
    AddRoot(root);
  } else if (why.code() == absl::StatusCode::kResourceExhausted ||
             (!ReadBrokenBundle(text, why) &&
              !ReadBrokenResource(text, why, true, {}))) {
    SourceText lines;
    SourceReader reader(&lines);
    if (!reader.ReadLines(text) && !reader.too_many_) return why;
    too_many_ = reader.too_many_;
    out_->documents = std::move(lines.documents);
    out_->resources = std::move(lines.resources);
    out_->notes = std::move(lines.notes);
    out_->read = lines.read;
    out_->hoisted = lines.hoisted;
  }
  if (too_many_) {
    return TooLarge(absl::StrCat("the text has more than ",
                                 limits::kFhirEntriesMax,
                                 " entries: split it"));
  }
  return absl::OkStatus();
}

bool IsAbsolute(std::string_view reference) {
  return reference.find("://") != std::string_view::npos ||
         reference.substr(0, 4) == "urn:";
}

bool IsWeb(std::string_view url) {
  return url.find("://") != std::string_view::npos;
}

// "https://ehr.example/fhir" of "https://ehr.example/fhir/Patient/1".
std::string_view BaseOf(std::string_view url) {
  const size_t id = url.rfind('/');
  if (id == std::string_view::npos || id == 0) return {};
  const size_t type = url.rfind('/', id - 1);
  return type == std::string_view::npos ? std::string_view{}
                                        : url.substr(0, type);
}

std::string_view WithoutVersion(std::string_view reference) {
  return reference.substr(0, reference.find("/_history/"));
}

// The keys of `by_name_` for "Type/id" (of all resources, and of those that
// have no address of their own) and for "#id".
std::string AnyKey(std::string_view relative) {
  return absl::StrCat("any ", ToAbsl(relative));
}
std::string ContainedKey(size_t owner, std::string_view id) {
  return absl::StrCat("contained ", owner, "#", ToAbsl(id));
}
std::string HomelessKey(std::string_view relative) {
  return absl::StrCat("homeless ", ToAbsl(relative));
}

}  // namespace

absl::Status ReadSource(std::string_view text, SourceText* out) {
  return SourceReader(out).Read(text);
}

std::string Resource::label() const {
  return id.empty() ? type : absl::StrCat(type, "/", id);
}

std::string Resource::At(std::string_view element) const {
  return absl::StrCat(path, is_line ? ": " : ".", ToAbsl(element));
}

ReferenceIndex::ReferenceIndex(const SourceText& text, std::string_view source)
    : text_(text), source_(source) {
  while (!source_.empty() && source_.back() == '/') source_.pop_back();
  names_.reserve(text.resources.size());
  for (size_t i = 0; i < text.resources.size(); ++i) {
    names_.push_back(MakeNames(text.resources[i]));
    Register(i);
  }
}

void ReferenceIndex::Register(size_t index) {
  const Resource& resource = text_.resources[index];
  if (!resource.value) return;
  if (resource.owner != Resource::kNoOwner) {
    by_name_[ContainedKey(resource.owner, resource.id)].push_back(index);
    return;
  }
  for (json::Value child : json::Children(resource.value.Find("contained"))) {
    contained_.emplace(ContainedKey(index, StringOf(child, "id")), child);
  }
  for (const std::string& name : names_[index]) {
    by_name_[name].push_back(index);
  }
  if (resource.id.empty()) return;
  const std::string relative = resource.label();
  by_name_[AnyKey(relative)].push_back(index);
  if (!IsWeb(resource.full_url)) {
    by_name_[HomelessKey(relative)].push_back(index);
  }
}

size_t ReferenceIndex::IndexOf(const Resource& resource) const {
  return static_cast<size_t>(&resource - text_.resources.data());
}

size_t ReferenceIndex::OutermostOf(const Resource& resource) const {
  return resource.owner == Resource::kNoOwner ? IndexOf(resource)
                                              : resource.owner;
}

const Resource* ReferenceIndex::OwnerOf(const Resource& resource) const {
  return resource.owner == Resource::kNoOwner
             ? nullptr
             : &text_.resources[resource.owner];
}

std::string ReferenceIndex::Sourced(std::string_view relative) const {
  return source_.empty() ? std::string(relative)
                         : absl::StrCat(source_, "/", ToAbsl(relative));
}

const std::vector<std::string>& ReferenceIndex::NamesOf(
    const Resource& resource) const {
  return names_[IndexOf(resource)];
}

std::vector<std::string> ReferenceIndex::MakeNames(
    const Resource& resource) const {
  if (resource.owner != Resource::kNoOwner) {
    return {absl::StrCat(names_[resource.owner].front(), "#", resource.id)};
  }
  const std::string_view url = WithoutVersion(resource.full_url);
  if (IsWeb(url)) return {std::string(url)};
  std::vector<std::string> names;
  if (!url.empty()) names.emplace_back(url);
  if (!resource.id.empty()) names.push_back(Sourced(resource.label()));
  if (names.empty()) {
    names.push_back(
        absl::StrCat(ToAbsl(kContentName), ContentFingerprint(resource)));
  }
  return names;
}

std::string ReferenceIndex::Absolute(std::string_view reference,
                                     const Resource& from) const {
  const size_t outer = OutermostOf(from);
  if (!reference.empty() && reference[0] == '#') {
    return absl::StrCat(names_[outer].front(), ToAbsl(reference));
  }
  reference = WithoutVersion(reference);
  if (IsAbsolute(reference)) return std::string(reference);
  const std::string_view url = WithoutVersion(text_.resources[outer].full_url);
  if (IsWeb(url)) {
    return absl::StrCat(ToAbsl(BaseOf(url)), "/", ToAbsl(reference));
  }
  return Sourced(reference);
}

std::vector<size_t> ReferenceIndex::Find(std::string_view reference,
                                         const Resource& from) const {
  if (reference.empty()) return {};
  const auto named = [this](const std::string& name) {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? std::vector<size_t>{} : it->second;
  };
  const size_t outer = OutermostOf(from);
  if (reference[0] == '#') {
    return named(ContainedKey(outer, reference.substr(1)));
  }
  std::vector<size_t> found = named(Absolute(reference, from));
  reference = WithoutVersion(reference);
  if (!found.empty() || IsAbsolute(reference)) return found;
  // A relative reference belongs to the server of the resource that says it,
  // when that is known.
  return named(IsWeb(text_.resources[outer].full_url) ? HomelessKey(reference)
                                                      : AnyKey(reference));
}

json::Value ReferenceIndex::FindValue(std::string_view reference,
                                      const Resource& from) const {
  if (!reference.empty() && reference[0] == '#') {
    const auto it =
        contained_.find(ContainedKey(OutermostOf(from), reference.substr(1)));
    return it == contained_.end() ? json::Value{} : it->second;
  }
  const std::vector<size_t> found = Find(reference, from);
  return found.empty() ? json::Value{} : text_.resources[found.back()].value;
}

std::string ContentFingerprint(const Resource& resource) {
  if (!resource.value) return ToHex(FingerprintOf(resource.raw));
  std::vector<json::Value> members;
  for (json::Value child : json::Children(resource.value)) {
    if (child.key() != "meta" && child.key() != "text") {
      members.push_back(child);
    }
  }
  std::sort(members.begin(), members.end(),
            [](json::Value a, json::Value b) { return a.key() < b.key(); });
  json::Writer writer;
  writer.BeginObject();
  for (json::Value member : members) {
    writer.Key(member.key()).Raw(json::Canonical(member));
  }
  writer.EndObject();
  return ToHex(FingerprintOf(writer.text()));
}

}  // namespace stepwell::fhir
