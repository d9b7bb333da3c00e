#include "protocol/names.h"

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "protocol/reader.h"

namespace stepwell::protocol {

uint16_t NameTable::Find(std::string_view name) const {
  const auto it = index_.find(ToAbsl(name));
  return it == index_.end() ? kNone : it->second;
}

uint16_t NameTable::Add(std::string_view name, const std::string& pointer,
                        Issues& issues) {
  if (Find(name) != kNone) {
    AddError(issues, "duplicate_id", pointer,
             absl::StrCat("there are two ", ToAbsl(what_), "s called `",
                          ToAbsl(name), "`"));
    return kNone;
  }
  return Intern(name, pointer, issues);
}

uint16_t NameTable::Intern(std::string_view name, const std::string& pointer,
                           Issues& issues) {
  if (const uint16_t known = Find(name); known != kNone) return known;
  if (names_.size() >= limits::kElementsMax) {
    if (!full_reported_) {
      AddError(issues, "element_limit", pointer,
               absl::StrCat("a protocol has at most ", limits::kElementsMax,
                            " ", ToAbsl(what_), "s"));
    }
    full_reported_ = true;
    return kNone;
  }
  const auto number = static_cast<uint16_t>(names_.size());
  names_.emplace_back(name);
  index_.emplace(std::string(name), number);
  return number;
}

uint16_t ResolveIn(const NameTable& table, std::string_view name,
                   const std::string& pointer, Issues& issues) {
  const uint16_t number = table.Find(name);
  if (number == NameTable::kNone) {
    // Looking for what was meant costs time: after a hundred mistakes the
    // author has enough to do.
    const bool suggest = issues.size() < 100;
    AddError(issues, "unknown_reference", pointer,
             absl::StrCat("there is no ", ToAbsl(table.what()), " `",
                          ToAbsl(name.substr(0, 80)), "`"),
             suggest ? SuggestName(name, table.names()) : "");
  }
  return number;
}

}  // namespace stepwell::protocol
