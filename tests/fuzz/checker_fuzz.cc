// Structure-aware: the bytes are edits of a shipped protocol (delete, double,
// swap, replace, by place), so that what comes out is nearly right and reaches
// the checks. It loads or has issues; each issue stands where there is
// something; what loads does so again, under the same pin.
// room: protocol
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/catalogue.h"
#include "base/limits.h"
#include "json/json.h"
#include "protocol/protocol.h"

namespace {

namespace json = ::stepwell::json;
using stepwell::Issue;

constexpr size_t kEditsMax = 24;
constexpr size_t kNodesMax = 20'000;

// The smallest one most often: it loads ten times as fast.
constexpr const char* kBases[] = {"minimal",     "icbt_base", "bench_p1",
                                  "icbt_sweden", "minimal",   "minimal",
                                  "minimal",     "minimal"};
// What a mistaken author might have written instead.
constexpr const char* kTokens[] = {"null",
                                   "true",
                                   "0",
                                   "-1",
                                   "100",
                                   "1e9",
                                   "[]",
                                   "{}",
                                   "\"\"",
                                   "\"zz\"",
                                   "\"patient\"",
                                   "\"owner\"",
                                   "\"0 days\"",
                                   "\"2 workdays\"",
                                   "\"100 years\"",
                                   "\"1 hour\"",
                                   "\"100%\"",
                                   "\"review\"",
                                   "\"phq9.score >= 10\"",
                                   "\"phq9.risk\"",
                                   "\"facts.age < 18\"",
                                   "\"tracks.pathway = 'open'\"",
                                   "\"known(route)\"",
                                   "\"((((((((true))))))))\"",
                                   "\"patient.active\"",
                                   "\"program.active\"",
                                   "\"item.done:form\"",
                                   "\"assumption\"",
                                   "{\"en\": \"a\", \"sv\": \"\"}",
                                   "{\"move\": \"pathway/closed\"}",
                                   "{\"id\": \"form\", \"remove\": true}"};

void Require(bool holds) {
  if (!holds) std::abort();
}

// A document that can be changed.
struct Node {
  std::string key = {};     // in an object
  std::string scalar = {};  // its JSON; empty for an array or object
  bool object = false;
  std::vector<Node> children = {};
};

Node Copy(json::Value value, std::string_view key = "") {
  Node node;
  node.key = key;
  if (!value.is_array() && !value.is_object()) {
    node.scalar = json::ToText(value);
    return node;
  }
  node.object = value.is_object();
  for (const json::Value child : json::Children(value)) {
    node.children.push_back(
        Copy(child, node.object ? child.key() : std::string_view()));
  }
  return node;
}

void Write(const Node& node, json::Writer& out) {
  if (!node.scalar.empty()) {
    out.Raw(node.scalar);
    return;
  }
  node.object ? out.BeginObject() : out.BeginArray();
  for (const Node& child : node.children) {
    if (node.object) out.Key(child.key);
    Write(child, out);
  }
  node.object ? out.EndObject() : out.EndArray();
}

// Every child with its parent, from the top down.
struct Place {
  Node* parent;
  size_t index;
  Node& node() const { return parent->children[index]; }
  // Another value in this place, under the name that it has here.
  void Set(Node value) const {
    value.key = node().key;
    node() = std::move(value);
  }
};
void Collect(Node& node, std::vector<Place>& places) {
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (places.size() >= kNodesMax) return;
    places.push_back({&node, i});
    Collect(node.children[i], places);
  }
}

class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool done() const { return at_ >= size_; }
  size_t Next() { return done() ? 0 : data_[at_++]; }
  size_t Next2() {
    const size_t high = Next();
    return high << 8 | Next();
  }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

void Edit(Node& root, Bytes& bytes) {
  std::vector<Place> places;
  Collect(root, places);
  if (places.empty()) return;
  const size_t what = bytes.Next();
  const Place place = places[bytes.Next2() % places.size()];
  auto& siblings = place.parent->children;
  if (what % 6 == 0) {
    siblings.erase(siblings.begin() + static_cast<ptrdiff_t>(place.index));
  } else if (what % 6 == 1) {
    auto twin = siblings[place.index];
    if (place.parent->object) twin.key += "2";
    siblings.insert(siblings.begin() + static_cast<ptrdiff_t>(place.index),
                    std::move(twin));
  } else if (what % 6 == 2) {
    const Place other = places[bytes.Next2() % places.size()];
    Node first = place.node(), second = other.node();
    // One may lie within the other: the second write then goes astray, into
    // a tree that is gone, unless it is made first.
    if (places.size() > 1 && place.parent == other.parent) {
      place.Set(std::move(second));
      other.Set(std::move(first));
    } else {
      place.Set(std::move(second));
    }
  } else if (what % 6 == 3) {
    Node copy = places[bytes.Next2() % places.size()].node();
    place.Set(std::move(copy));
  } else {
    place.Set(Node{.scalar = kTokens[bytes.Next() % std::size(kTokens)]});
  }
}

// The parent of the place is there; the place itself may be what is missing.
bool StandsSomewhere(json::Value root, const std::string& pointer) {
  if (pointer.empty()) return true;
  json::Value at = root;
  size_t begin = 1;
  while (at) {
    const size_t end = pointer.find('/', begin);
    if (end == std::string::npos) return true;
    std::string key = pointer.substr(begin, end - begin);
    for (const auto& [from, to] :
         {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
      for (size_t i = 0; (i = key.find(from, i)) != std::string::npos; ++i) {
        key.replace(i, 2, to);
      }
    }
    at = at.is_array() ? at.at(std::strtoul(key.c_str(), nullptr, 10))
                       : at.Find(key);
    begin = end + 1;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Node>* const bases = [] {
    auto* all = new std::vector<Node>();
    for (const char* name : kBases) {
      const auto document = json::Parse(stepwell::FindCatalogueFile(
          std::string("protocols/") + name + ".json"));
      all->push_back(Copy(document->root()));
    }
    return all;
  }();
  Bytes bytes(data, size);
  Node root = (*bases)[bytes.Next() % bases->size()];
  for (size_t i = 0; i < kEditsMax && !bytes.done(); ++i) Edit(root, bytes);
  json::Writer out;
  Write(root, out);
  const std::string text = out.Take();

  const auto result = stepwell::protocol::LoadProtocol(
      text, stepwell::protocol::BuiltInCatalogue());
  if (!result.ok()) return 0;  // too large
  Require((result->protocol == nullptr) == stepwell::HasError(result->issues));
  const auto given = json::Parse(text);
  for (const Issue& issue : result->issues) {
    Require(!issue.code.empty() && !issue.message.empty());
    // Of an overlay, pointers lead into what is rendered.
    if (given->root().Find("base")) continue;
    Require(StandsSomewhere(given->root(), issue.pointer));
  }
  if (result->protocol == nullptr) return 0;
  const auto again = stepwell::protocol::LoadProtocol(
      result->protocol->document,
      stepwell::protocol::CatalogueOf(result->protocol->imports));
  Require(again.ok() && again->protocol != nullptr);
  Require(again->protocol->hash == result->protocol->hash);
  Require(again->issues == result->issues);
  return 0;
}
