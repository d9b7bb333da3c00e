// Internal: two compiled protocols compared by ids, part by part.
#ifndef STEPWELL_PROTOCOL_DIFF_PROTOCOLS_H_
#define STEPWELL_PROTOCOL_DIFF_PROTOCOLS_H_

#include "protocol/protocol.h"
#include "stepwell/protocol_diff.h"

namespace stepwell::protocol {

// What is in `after` and not in `before`, or otherwise. Works on rendered
// documents: of an overlay and its base only the overlay's changes are left.
ProtocolDiff Compare(const Protocol& before, const Protocol& after);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DIFF_PROTOCOLS_H_
