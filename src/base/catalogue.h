// The catalogue that is compiled into the library: the documents that ship
// with it (protocols, programs, instruments, pools, calendars, schemas).
#ifndef STEPWELL_BASE_CATALOGUE_H_
#define STEPWELL_BASE_CATALOGUE_H_

#include <span>
#include <string_view>

namespace stepwell {

// A document of the catalogue. The bytes live as long as the program.
struct CatalogueFile {
  std::string_view path;  // "instruments/phq-9.json"
  std::string_view text;  // exactly the bytes of the file
};

// The file of this path, or empty text when there is none (no file of the
// catalogue is empty).
std::string_view FindCatalogueFile(std::string_view path);

// The files whose path begins with `prefix` ("instruments/"), sorted by path
// as bytes. An empty prefix gives all.
std::span<const CatalogueFile> ListCatalogue(std::string_view prefix);

namespace catalogue_internal {
// Defined in the generated source.
std::span<const CatalogueFile> Table();
}  // namespace catalogue_internal

}  // namespace stepwell

#endif  // STEPWELL_BASE_CATALOGUE_H_
