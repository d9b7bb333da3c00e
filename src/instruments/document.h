// Instrument documents as texts.
#ifndef STEPWELL_INSTRUMENTS_DOCUMENT_H_
#define STEPWELL_INSTRUMENTS_DOCUMENT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace stepwell::instruments {

// The shipped document of an id (without regard to case), or a document as it
// is; one that extends another with the other's members in their places.
absl::StatusOr<std::string> WholeDocument(std::string_view id_or_document);

}  // namespace stepwell::instruments

#endif  // STEPWELL_INSTRUMENTS_DOCUMENT_H_
