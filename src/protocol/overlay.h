// Internal: overlays. A document that names a base is a patch of it; the
// rendered document is what is checked, hashed and pinned.
#ifndef STEPWELL_PROTOCOL_OVERLAY_H_
#define STEPWELL_PROTOCOL_OVERLAY_H_

#include <optional>
#include <string>
#include <string_view>

#include "json/json.h"
#include "protocol/protocol.h"
#include "stepwell/issue.h"

namespace stepwell::protocol {

// `patch` laid over `base`, as JSON text. Objects merge by key and a null
// removes a member; arrays whose elements are objects with an `id` merge by
// it ("remove": true takes one out, new ids are appended, or stand where
// "before": id says); anything else is replaced. A removal that meets nothing
// is an issue at its place in `patch`. `status` and `approver` at the top of
// `base` are not taken over.
std::string MergeJson(json::Value base, json::Value patch, Issues& issues);

// Follows "base" until a document has none, and lays the patches over it from
// the base up. The result has no "base". Nothing when an issue makes it
// impossible.
std::optional<json::Document> RenderOverlays(json::Document document,
                                             const CatalogueReader& catalogue,
                                             Issues& issues);

// "icbt_base@1" -> {"icbt_base", "1"}; nothing when it is not of that form.
struct NameAtVersion {
  std::string_view id;
  std::string_view version;
};
std::optional<NameAtVersion> SplitVersion(std::string_view text);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_OVERLAY_H_
