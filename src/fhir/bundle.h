// Internal. A FHIR text taken apart into its resources, each with the path
// that names it to people: Bundles of every type, single resources, NDJSON.
#ifndef STEPWELL_FHIR_BUNDLE_H_
#define STEPWELL_FHIR_BUNDLE_H_

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "fhir/import.h"
#include "json/json.h"

namespace stepwell::fhir {

struct Resource {
  static constexpr size_t kNoOwner = static_cast<size_t>(-1);

  std::string path;  // "Bundle.entry[3].resource", "line 4", "Patient"
  bool is_line = false;
  std::string full_url;
  std::string type;  // resourceType; may be empty
  std::string id;
  json::Value value;        // absent when it cannot be read
  std::string raw;          // the bytes when it cannot be read
  std::string error;        // why it cannot be read
  size_t owner = kNoOwner;  // index of the resource that contains it
  // Decided before any look inside, when set.
  std::optional<Finding> refused;
  std::optional<Ignored> ignored;

  // "ServiceRequest/r1".
  std::string label() const;
  // The path of an element: At("subject").
  std::string At(std::string_view element) const;
};

// Owns the documents that its resources point into; does not move.
struct SourceText {
  SourceText() = default;
  SourceText(const SourceText&) = delete;

  std::deque<json::Document> documents;
  std::vector<Resource> resources;  // hoisted ones behind their owner
  std::vector<Finding> notes;
  uint64_t read = 0;
  uint64_t hoisted = 0;
};

// Fills `out`. A status when the text is no JSON and no NDJSON, or too large.
absl::Status ReadSource(std::string_view text, SourceText* out);

// Finds resources by the ways that references name them.
class ReferenceIndex {
 public:
  ReferenceIndex(const SourceText& text, std::string_view source);

  // The name under which a literal reference is known outside: absolute where
  // that is known, without a version. Contained ones get their owner's name.
  std::string Absolute(std::string_view reference, const Resource& from) const;
  // The indices of the resources so named, in the order of the text: none, or
  // one, or several when the text repeats a resource.
  // `from` is always a resource of this text.
  std::vector<size_t> Find(std::string_view reference,
                           const Resource& from) const;
  // The contained resource "#id" of `from` or of the one that contains it, or
  // the last entry so named; absent when there is none.
  json::Value FindValue(std::string_view reference, const Resource& from) const;

  // The names of a resource, the best first; never empty.
  const std::vector<std::string>& NamesOf(const Resource& resource) const;
  // The resource that contains this one, or nullptr.
  const Resource* OwnerOf(const Resource& resource) const;
  std::string_view source() const { return source_; }

 private:
  size_t IndexOf(const Resource& resource) const;
  size_t OutermostOf(const Resource& resource) const;  // its index
  std::string Sourced(std::string_view relative) const;
  std::vector<std::string> MakeNames(const Resource& resource) const;
  void Register(size_t index);

  const SourceText& text_;
  std::string source_;
  std::vector<std::vector<std::string>> names_;  // by index
  absl::flat_hash_map<std::string, std::vector<size_t>> by_name_;
  absl::flat_hash_map<std::string, json::Value> contained_;
};

// Before the fingerprint in the name of a resource that has no other.
inline constexpr std::string_view kContentName = "urn:stepwell:content:";

// BLAKE2b-256 in hex of the canonical resource without `meta` and `text`, or
// of the bytes when they cannot be read.
std::string ContentFingerprint(const Resource& resource);

}  // namespace stepwell::fhir

#endif  // STEPWELL_FHIR_BUNDLE_H_
