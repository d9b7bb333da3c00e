// Internal to the host: what stands behind stepwell::Protocol.
#ifndef STEPWELL_HOST_PROTOCOL_IMPL_H_
#define STEPWELL_HOST_PROTOCOL_IMPL_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/fingerprint.h"
#include "protocol/protocol.h"
#include "stepwell/protocol.h"

namespace stepwell::host {

class ProtocolImpl final : public Protocol {
 public:
  explicit ProtocolImpl(std::shared_ptr<const protocol::Protocol> compiled)
      : compiled_(std::move(compiled)), hash_(ToHex(compiled_->hash)) {}

  const std::string& id() const override { return compiled_->id; }
  const std::string& version() const override { return compiled_->version; }
  const std::string& hash() const override { return hash_; }
  std::string InfoJson() const override;
  std::string DocumentJson() const override;
  const protocol::Protocol& compiled() const { return *compiled_; }

 private:
  std::shared_ptr<const protocol::Protocol> compiled_;
  std::string hash_;
};

// The text itself, or the catalogue's for "catalogue:NAME".
absl::StatusOr<std::string> ProtocolText(std::string_view document);
// Compiled; a DocumentError when it has mistakes.
absl::StatusOr<std::shared_ptr<const protocol::Protocol>> CompileDocument(
    std::string_view document);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_PROTOCOL_IMPL_H_
