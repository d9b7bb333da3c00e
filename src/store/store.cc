// Opening a store by its URL.
#include "store/store.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell::store {

absl::StatusOr<std::unique_ptr<Store>> OpenStore(std::string_view url,
                                                 OpenMode mode) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url == "memory:") return NewMemoryStore();
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    return OpenSqliteStore(std::string(url.substr(kSqlite.size())), mode);
  }
  return InvalidInput(absl::StrCat("no store is named by '", ToAbsl(url),
                                   "'; say memory: or sqlite:PATH"));
}

}  // namespace stepwell::store
