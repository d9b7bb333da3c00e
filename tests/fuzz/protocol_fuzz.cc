// Any bytes: an error, issues, or a protocol that loads again from what it
// carries, under the same pin, without a difference, and can be drawn.
// seeds: catalogue/protocols
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "protocol/diff_protocols.h"
#include "protocol/draw.h"
#include "protocol/protocol.h"

namespace {

using stepwell::protocol::LoadProtocol;

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result =
      LoadProtocol(text, stepwell::protocol::BuiltInCatalogue());
  if (!result.ok()) return 0;
  Require((result->protocol == nullptr) == stepwell::HasError(result->issues));
  if (result->protocol == nullptr) return 0;
  const auto again =
      LoadProtocol(result->protocol->document,
                   stepwell::protocol::CatalogueOf(result->protocol->imports));
  Require(again.ok() && again->protocol != nullptr);
  Require(again->protocol->hash == result->protocol->hash);
  using namespace stepwell::protocol;
  Require(Compare(*result->protocol, *again->protocol).changes.empty());
  const Picture picture = PictureOf(*result->protocol, "sv");
  Require(!DrawSvg(picture).empty() && !DrawDot(picture).empty() &&
          !DrawMermaid(picture).empty());
  return 0;
}
