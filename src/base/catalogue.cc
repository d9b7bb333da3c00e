// Look-up in the generated table, which is sorted by path.
#include "base/catalogue.h"

#include <algorithm>

namespace stepwell {
namespace {

bool PathLess(const CatalogueFile& file, std::string_view path) {
  return file.path < path;
}

}  // namespace

std::string_view FindCatalogueFile(std::string_view path) {
  const std::span<const CatalogueFile> table = catalogue_internal::Table();
  const auto it = std::lower_bound(table.begin(), table.end(), path, PathLess);
  return it != table.end() && it->path == path ? it->text : std::string_view();
}

std::span<const CatalogueFile> ListCatalogue(std::string_view prefix) {
  const std::span<const CatalogueFile> table = catalogue_internal::Table();
  const auto begin =
      std::lower_bound(table.begin(), table.end(), prefix, PathLess);
  const auto end = std::find_if_not(begin, table.end(), [&](const auto& file) {
    return file.path.substr(0, prefix.size()) == prefix;
  });
  return {begin, end};
}

}  // namespace stepwell
