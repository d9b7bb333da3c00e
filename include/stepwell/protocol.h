// Protocol documents: checked, and compiled once into an immutable value for
// what works on a protocol without a service (stepwell/kernel.h).
#ifndef STEPWELL_PROTOCOL_H_
#define STEPWELL_PROTOCOL_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "stepwell/issue.h"

namespace stepwell {

class Protocol {
 public:
  // `document` is JSON or "catalogue:NAME". A document with mistakes is
  // kInvalidArgument whose parts (stepwell/error.h) list them; CheckProtocol
  // gives them as values.
  static absl::StatusOr<std::shared_ptr<const Protocol>> Compile(
      std::string_view document);
  virtual ~Protocol() = default;

  virtual const std::string& id() const = 0;
  virtual const std::string& version() const = 0;
  // Of the document with all that it imports, in hexadecimal: what a case is
  // pinned to.
  virtual const std::string& hash() const = 0;
  // {"id","version","title","status","language","hash","logic_hash","routes",
  // "tracks","elements","clocks","instruments","programs","pools",
  // "milestones","outcomes","templates","document"}.
  virtual std::string InfoJson() const = 0;
  // The rendered document, overlays applied: what was checked and hashed, and
  // what JSON pointers of issues and differences lead into. Indented.
  virtual std::string DocumentJson() const = 0;
};

// A protocol document checked: its issues, and what it is.
struct ProtocolCheck {
  bool ok = false;
  std::string id, version, hash, logic_hash;
  std::string status;  // draft, reviewed, approved, retired
  Issues issues;
};
// `json` is a document or "catalogue:NAME".
absl::StatusOr<ProtocolCheck> CheckProtocol(std::string_view json);
std::string ToJson(const ProtocolCheck& check);

}  // namespace stepwell

#endif  // STEPWELL_PROTOCOL_H_
