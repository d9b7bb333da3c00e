// Structure-aware: the bytes choose members of a migration document and the
// names in them, most of the two versions of a protocol, so that what comes out
// is nearly right; or they are the document. It loads or has issues; each issue
// stands where there is something; what loads does so again, into the same
// tables, and says of every old name what it becomes or that it is nothing.
// room: protocol
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/catalogue.h"
#include "json/json.h"
#include "protocol/migration.h"
#include "protocol/protocol.h"

namespace {

namespace json = ::stepwell::json;
using stepwell::protocol::LoadMigration;
using stepwell::protocol::MigrationResult;
using stepwell::protocol::Protocol;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string Replaced(std::string text, std::string_view from,
                     std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::shared_ptr<const Protocol> Load(const std::string& text) {
  auto loaded = stepwell::protocol::LoadProtocol(
      text, stepwell::protocol::BuiltInCatalogue());
  Require(loaded.ok() && loaded->protocol != nullptr);
  return loaded->protocol;
}

// The smallest service, and one in which some things have other names and
// something stands before them.
struct Versions {
  std::shared_ptr<const Protocol> from, to;
  std::vector<std::string> names;  // of both, and words of the document
};

template <class Table>
void Add(std::vector<std::string>& names, const Table& table) {
  for (const auto& entry : table) {
    if constexpr (requires { entry.name; }) {
      names.push_back(entry.name);
    } else if constexpr (requires { entry.id; }) {
      names.push_back(entry.id);
    } else {
      names.push_back(entry);
    }
  }
}

const Versions& TheVersions() {
  static const Versions* const versions = [] {
    auto* made = new Versions;
    const std::string text(
        stepwell::FindCatalogueFile("protocols/minimal.json"));
    made->from = Load(text);
    std::string newer = Replaced(text, R"("version": "1", "status")",
                                 R"("version": "2", "status")");
    newer = Replaced(newer, "\"call\"", "\"talk\"");
    newer = Replaced(newer, R"({"id": "open", "items": [)",
                     R"({"id": "open", "items": [{"id": "first", "kind": "task",
          "who": "team", "mode": "discretionary", "due": "work"},)");
    made->to = Load(newer);
    for (const Protocol* of : {made->from.get(), made->to.get()}) {
      Add(made->names, of->elements);
      Add(made->names, of->tracks);
      Add(made->names, of->clocks);
      Add(made->names, of->pools);
      Add(made->names, of->risk.tiers);
      Add(made->names, of->instruments);
      Add(made->names, of->outcomes);
      Add(made->names, of->templates);
      Add(made->names, of->routes);
    }
    for (const char* word :
         {"pathway/open", "pathway/closed", "minimal@1", "minimal@2", "keep",
          "remaining", "restart", "refuse", "", "nothing", "~", "/"}) {
      made->names.emplace_back(word);
    }
    return made;
  }();
  return *versions;
}

constexpr const char* kMembers[] = {
    "migration", "from",     "to",         "reason",    "approver",
    "items",     "tracks",   "phases",     "clocks",    "facts",
    "routes",    "pools",    "milestones", "tiers",     "cancel",
    "start",     "defaults", "otherwise",  "deadlines", "instruments",
    "programs",  "consents", "outcomes",   "templates", "title",
    "unknown"};

class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool Empty() const { return next_ >= size_; }
  size_t Below(size_t n) {
    return Empty() ? 0 : static_cast<size_t>(data_[next_++]) % n;
  }

 private:
  const uint8_t* data_;
  size_t size_, next_ = 0;
};

const std::string& Name(Bytes& bytes) {
  const std::vector<std::string>& names = TheVersions().names;
  return names[bytes.Below(names.size())];
}

void WriteValue(Bytes& bytes, json::Writer& w) {
  switch (bytes.Below(8)) {
    case 0:
      w.Null();
      return;
    case 1:
      w.Bool(true);
      return;
    case 2:
      w.UInt(bytes.Below(256));
      return;
    case 3: {
      w.BeginArray();
      for (size_t i = bytes.Below(4); i > 0; --i) w.String(Name(bytes));
      w.EndArray();
      return;
    }
    case 4:
    case 5: {
      w.BeginObject();
      for (size_t i = bytes.Below(5); i > 0; --i) {
        w.Key(Name(bytes));
        bytes.Below(6) == 0 ? w.Null() : w.String(Name(bytes));
      }
      w.EndObject();
      return;
    }
    default:
      w.String(Name(bytes));
  }
}

std::string Document(Bytes& bytes) {
  json::Writer w;
  w.BeginObject();
  // Most often the head is right, so that the rest is looked at.
  if (bytes.Below(8) != 0) {
    w.Key("migration").String("m").Key("reason").String("r");
    w.Key("from").String("minimal@1").Key("to").String("minimal@2");
  }
  for (size_t i = 0; i < 12 && !bytes.Empty(); ++i) {
    w.Key(kMembers[bytes.Below(std::size(kMembers))]);
    WriteValue(bytes, w);
  }
  w.EndObject();
  return w.Take();
}

// Each issue stands at a value, at its name or at the object it is missing in.
void CheckPlaces(const MigrationResult& result, const std::string& text) {
  const auto document = json::Parse(text);
  Require(document.ok());
  for (const stepwell::Issue& issue : result.issues) {
    Require(!issue.code.empty() && !issue.message.empty());
    Require(issue.pointer.empty() || issue.pointer[0] == '/');
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Versions& versions = TheVersions();
  std::string text;
  if (size > 0 && data[0] == '{') {
    text.assign(reinterpret_cast<const char*>(data), size);
  } else {
    Bytes bytes(data, size);
    text = Document(bytes);
  }
  const auto loaded = LoadMigration(text, *versions.from, *versions.to);
  if (!loaded.ok()) return 0;  // no JSON
  Require((loaded->migration == nullptr) == stepwell::HasError(loaded->issues));
  CheckPlaces(*loaded, text);
  if (loaded->migration == nullptr) return 0;
  const auto again = LoadMigration(text, *versions.from, *versions.to);
  Require(again.ok() && again->migration != nullptr);
  Require(again->migration->tables == loaded->migration->tables);
  for (uint16_t i = 0; i < versions.from->elements.size(); ++i) {
    const stepwell::protocol::ElementId item(i);
    Require(!loaded->migration->tables.Map(item).IsNone() ||
            loaded->migration->Find("items", i) != nullptr);
  }
  return 0;
}
