// Internal: fingerprints of protocol documents.
#ifndef STEPWELL_PROTOCOL_HASH_H_
#define STEPWELL_PROTOCOL_HASH_H_

#include <string>

#include "base/fingerprint.h"
#include "json/json.h"

namespace stepwell::protocol {

// Whether the member `key` of `parent` can change a decision. Those that cannot
// are `title`, `text`, `source`, `sources`, `author`, `approver`, `content`,
// `model` (of a predictor), `name`, `mark`, `note`, `week_source` and
// `holiday_source` (of calendars) and, at the top, the own name of what is
// imported, `version`, `status` and `language`.
bool IsLogicMember(json::Value parent, std::string_view key);

// The canonical text of `value` without those members. Of `imports`, at the
// top, the names and what they stand for are left, without versions: imported
// documents are hashed on their own, and so are those of `documents`.
std::string CanonicalLogic(json::Value value);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_HASH_H_
