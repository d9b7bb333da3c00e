#include "protocol/protocol_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/strings.h"
#include "json/json.h"
#include "support/shared_data.h"

namespace stepwell::protocol {
namespace {

class Changer {
 public:
  explicit Changer(const Change& change) : change_(change) {}

  void Copy(json::Value value) {
    if (value.pointer() == change_.pointer) {
      hit_ = true;
      writer_.Raw(change_.value);
    } else if (value.is_object()) {
      CopyObject(value);
    } else if (value.is_array()) {
      CopyArray(value);
    } else {
      writer_.Raw(json::ToText(value));
    }
  }

  bool hit() const { return hit_; }
  std::string Take() { return writer_.Take(); }

 private:
  bool Removes(json::Value value) {
    if (!change_.value.empty() || value.pointer() != change_.pointer) {
      return false;
    }
    hit_ = true;
    return true;
  }

  void CopyObject(json::Value value) {
    writer_.BeginObject();
    for (const json::Value member : json::Children(value)) {
      if (Removes(member)) continue;
      writer_.Key(member.key());
      Copy(member);
    }
    const size_t slash = change_.pointer.rfind('/');
    const std::string key = change_.pointer.substr(slash + 1);
    if (value.pointer() == change_.pointer.substr(0, slash) &&
        !value.Find(key) && !change_.value.empty()) {
      hit_ = true;
      writer_.Key(key).Raw(change_.value);
    }
    writer_.EndObject();
  }

  void CopyArray(json::Value value) {
    writer_.BeginArray();
    for (const json::Value element : json::Children(value)) {
      if (!Removes(element)) Copy(element);
    }
    if (value.pointer() + "/-" == change_.pointer) {
      hit_ = true;
      writer_.Raw(change_.value);
    }
    writer_.EndArray();
  }

  const Change& change_;
  json::Writer writer_;
  bool hit_ = false;
};

}  // namespace

std::string Changed(std::string_view document,
                    const std::vector<Change>& changes) {
  std::string text(document);
  for (const Change& change : changes) {
    const auto parsed = json::Parse(text);
    if (!parsed.ok()) {
      ADD_FAILURE() << parsed.status().message() << " in " << text;
      return text;
    }
    Changer changer(change);
    changer.Copy(parsed->root());
    EXPECT_TRUE(changer.hit()) << change.pointer << " meets nothing";
    text = changer.Take();
  }
  return text;
}

namespace {

// A document of the tests, as it stands or (an overlay) as it is rendered:
// pointers lead into what it comes to.
std::string_view OfTests(std::string_view name, bool rendered) {
  static auto* const known =
      new std::map<std::string, std::string, std::less<>>();
  const auto found = known->find(name);
  if (found != known->end()) return found->second;
  std::string text = testing::ReadFileText(absl::StrCat(
      STEPWELL_SOURCE_DIR, "/tests/protocols/", ToAbsl(name), ".json"));
  if (rendered) {
    const LoadResult loaded = Load(text);
    EXPECT_NE(loaded.protocol, nullptr) << Print(loaded.issues);
    text = loaded.protocol->document;
  }
  return known->emplace(name, std::move(text)).first->second;
}

}  // namespace

std::string_view Shipped(std::string_view name) {
  if (name == "decisions" || name == "routes") return OfTests(name, false);
  if (name == "booking" || name == "transfer" || name == "intake" ||
      name == "programs" || name == "follow_ups" || name == "supervision") {
    return OfTests(name, true);
  }
  const std::string_view text =
      FindCatalogueFile("protocols/" + std::string(name) + ".json");
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

std::string Print(const Issues& issues) {
  std::string out;
  for (const Issue& issue : issues) {
    out += issue.code + " " + issue.pointer + ": " + issue.message + " (" +
           issue.hint + ")\n";
  }
  return out;
}

LoadResult Load(std::string_view document) {
  return Load(document, BuiltInCatalogue());
}

LoadResult Load(std::string_view document, const CatalogueReader& catalogue) {
  absl::StatusOr<LoadResult> result = LoadProtocol(document, catalogue);
  if (!result.ok()) {
    ADD_FAILURE() << result.status().message();
    return {};
  }
  return *std::move(result);
}

CatalogueReader CatalogueWith(std::map<std::string, std::string> files) {
  return [files = std::move(files), built_in = BuiltInCatalogue()](
             std::string_view path) -> std::optional<std::string> {
    const auto it = files.find(std::string(path));
    if (it != files.end()) return it->second;
    return built_in(path);
  };
}

const Issue* FindIssue(const Issues& issues, std::string_view code,
                       std::string_view pointer) {
  const auto it =
      std::find_if(issues.begin(), issues.end(), [&](const Issue& issue) {
        return issue.code == code && issue.pointer == pointer;
      });
  return it == issues.end() ? nullptr : &*it;
}

}  // namespace stepwell::protocol
