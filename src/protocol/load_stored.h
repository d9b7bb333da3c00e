// Internal: a protocol that was checked when it was deployed.
#ifndef STEPWELL_PROTOCOL_LOAD_STORED_H_
#define STEPWELL_PROTOCOL_LOAD_STORED_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

// As LoadProtocol, without the checks of the whole (checks_*.cc): cases stay on
// the protocol that they are pinned to, though a later version of the library
// may find more to say about it. What makes a document no protocol at all is
// still an error.
absl::StatusOr<LoadResult> LoadStored(std::string_view json,
                                      const CatalogueReader& catalogue);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_LOAD_STORED_H_
