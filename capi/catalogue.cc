// Documents of the compiled-in catalogue.
#include <string>

#include "outcome.h"
#include "stepwell/service.h"
#include "text.h"

using stepwell::capi::Answer;
using stepwell::capi::TextCall;

namespace {

std::string ListOfDocuments() {
  // Paths are plain ASCII: nothing in them needs escaping.
  std::string list = "[";
  for (const std::string& path : stepwell::CatalogueDocuments()) {
    list += (list.size() > 1 ? ",\"" : "\"") + path + '"';
  }
  return list + "]";
}

}  // namespace

stepwell_status stepwell_catalogue_document(const char* path, size_t path_len,
                                            char** result_json,
                                            size_t* result_len,
                                            stepwell_error** error) noexcept {
  return TextCall(result_json, result_len, error, [&]() -> Answer {
    std::string_view wanted;
    STEPWELL_CAPI_TRY(
        stepwell::capi::TakeText(path, path_len, "path", &wanted));
    if (wanted.empty()) return ListOfDocuments();
    return stepwell::CatalogueDocument(wanted);
  });
}
