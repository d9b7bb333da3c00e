// A check of every text of the document: one that is there says something.
// Blank crisis information, approvers and sources look like real ones to
// whoever only asks whether they are there.
#include "absl/strings/str_cat.h"
#include "base/blank.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

class BlankChecks {
 public:
  // Of an imported file, `pointer` is that of its import and `path` its own.
  explicit BlankChecks(Loading& loading, std::string pointer = "",
                       std::string path = "")
      : loading_(loading),
        pointer_(std::move(pointer)),
        path_(std::move(path)) {}

  void Visit(json::Value value) {
    if (value.is_string()) {
      if (IsBlank(value.string_value())) Report(value, "this text is blank");
      return;
    }
    // In no language at all: nobody reads anything.
    if (value.is_object() && value.size() == 0 &&
        (value.key() == "text" || value.key() == "title")) {
      Report(value, "this text is there in no language");
    }
    for (const json::Value child : json::Children(value)) {
      // What a fact is set to may be an empty text, and so may what goes before
      // the names of modules. Instruments say themselves what they need, and of
      // the role of a pool and of names another check tells.
      const bool free = child.key() == "instruments" || child.key() == "role" ||
                        child.key() == "prefix" || IsSetFact(child);
      if (!free) Visit(child);
    }
  }

 private:
  static bool IsSetFact(json::Value value) {
    return value.key() == "set" && value.Find("fact").is_string();
  }

  void Report(json::Value value, const char* what) {
    const bool source = value.key() == "source" || IsSourceText(value);
    AddError(loading_.issues, source ? "no_source" : "blank_text",
             path_.empty() ? value.pointer() : pointer_,
             path_.empty()
                 ? std::string(what)
                 : absl::StrCat(path_, "#", value.pointer(), ": ", what),
             source ? "cite it, or write \"assumption\" where the number stands"
                    : "write what it is there to say, or leave the field out");
  }

  // `/sources/2/text`
  static bool IsSourceText(json::Value value) {
    const std::string pointer = value.pointer();
    return pointer.find("/sources/") != std::string::npos &&
           pointer.ends_with("/text");
  }

  Loading& loading_;
  std::string pointer_, path_;
};

}  // namespace

void CheckBlank(Loading& loading) {
  BlankChecks(loading).Visit(loading.root);
  for (const char* section : {"calendars", "pools", "programs"}) {
    for (const json::Value import :
         json::Children(loading.root.Find("imports").Find(section))) {
      const std::string path = PathOfImport(section, import.string_value());
      if (OwnDocument(loading, path)) continue;  // seen with the rest
      const absl::StatusOr<json::Document> document =
          json::Parse(loading.files[path]);
      if (!document.ok()) continue;
      BlankChecks(loading, import.pointer(), path).Visit(document->root());
    }
  }
}

}  // namespace stepwell::protocol
