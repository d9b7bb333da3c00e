// Internal: fingerprints of protocol documents.
#ifndef STEPWELL_PROTOCOL_HASH_H_
#define STEPWELL_PROTOCOL_HASH_H_

#include <string>

#include "base/fingerprint.h"
#include "json/json.h"

namespace stepwell::protocol {

// The canonical text of `value` without what cannot change a decision: the
// members `title`, `text`, `source`, `sources`, `author`, `approver`,
// `content` and, at the top, `version`, `status`, `language` and `imports`
// (imported documents are hashed on their own).
std::string CanonicalLogic(json::Value value);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_HASH_H_
