// Any bytes: an error with a place inside the text, or a document whose
// canonical form is a fixed point and whose pointers lead back.
// seeds: catalogue/calendars
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "json/json.h"
#include "json/lenient.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckDocument(const stepwell::json::Document& document) {
  const std::string canonical = stepwell::json::Canonical(document.root());
  const auto again = stepwell::json::Parse(canonical);
  Require(again.ok());
  Require(stepwell::json::Canonical(again->root()) == canonical);
  Require(again->size() == document.size());
  for (uint32_t i = 0; i < document.size() && i < 1000; ++i) {
    Require(document.value(i).pointer().empty() == (i == 0));
  }
}

// What is read leniently is strict once it is mended, and is the same where the
// text was strict already.
void CheckLenient(std::string_view text, bool strict) {
  const auto read = stepwell::json::ParseLenient(text);
  Require(read.ok() || !strict);
  if (!read.ok()) return;
  Require(!strict || (!read->mended && read->repeated_keys.empty()));
  const std::string clear = stepwell::json::Unambiguous(read->document.root());
  const auto again = stepwell::json::Parse(clear);
  Require(again.ok());
  Require(again->size() >= read->document.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = stepwell::json::Parse(text);
  CheckLenient(text, document.ok());
  if (document.ok()) {
    CheckDocument(*document);
    return 0;
  }
  const auto place = stepwell::PlaceOf(document.status());
  if (place.offset.has_value()) {
    Require(*place.offset >= 0 && *place.offset <= int64_t(size));
  }
  return 0;
}
