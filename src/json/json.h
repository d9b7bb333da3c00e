// JSON documents: a read-only tree that keeps number text and knows the JSON
// pointer of every value, and a writer. No other room says boost::json.
#ifndef STEPWELL_JSON_JSON_H_
#define STEPWELL_JSON_JSON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/status.h"

namespace stepwell::json {

enum class Type : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

class Document;

// A value inside a Document; cheap to copy, valid as long as the document.
// A default-constructed Value is "absent": false in a boolean context.
class Value {
 public:
  Value() = default;
  explicit operator bool() const { return doc_ != nullptr; }

  Type type() const;  // the value must not be absent
  bool is(Type type) const { return doc_ != nullptr && this->type() == type; }
  bool is_object() const { return is(Type::kObject); }
  bool is_array() const { return is(Type::kArray); }
  bool is_string() const { return is(Type::kString); }
  bool is_number() const { return is(Type::kNumber); }
  bool is_bool() const { return is(Type::kBool); }
  bool is_null() const { return is(Type::kNull); }

  bool bool_value() const;                // type kBool
  std::string_view string_value() const;  // type kString
  std::string_view number_text() const;   // type kNumber, as in the source
  // The number as a 64-bit integer when its text is one ("1.0" is not).
  std::optional<int64_t> int64_value() const;
  std::optional<double> double_value() const;

  // Number of elements or members; 0 for scalars and absent values.
  size_t size() const;
  // The member called `key`, or absent. Absent for anything but objects.
  Value Find(std::string_view key) const;
  // Children in document order, for arrays and objects; `key()` of a child
  // names the member.
  Value first_child() const;
  Value next_sibling() const;
  // The i-th element: O(i). Absent past the end.
  Value at(size_t i) const;
  std::string_view key() const;  // empty for array elements and the root

  // RFC 6901 pointer from the root; "" for the root.
  std::string pointer() const;
  // A dense index of the value in its document, for use as a node number.
  uint32_t index() const { return index_; }
  const Document* document() const { return doc_; }

 private:
  friend class Document;
  Value(const Document* doc, uint32_t index) : doc_(doc), index_(index) {}
  const Document* doc_ = nullptr;
  uint32_t index_ = 0;
};

// Range over the children: for (Value v : Children(value)).
class Children {
 public:
  explicit Children(Value parent) : first_(parent.first_child()) {}
  struct Iterator {
    Value value;
    Value operator*() const { return value; }
    Iterator& operator++() {
      value = value.next_sibling();
      return *this;
    }
    bool operator!=(const Iterator&) const { return bool(value); }
  };
  Iterator begin() const { return {first_}; }
  Iterator end() const { return {}; }

 private:
  Value first_;
};

struct ParseOptions {
  size_t bytes_max = limits::kJsonBytesMax;
  size_t depth_max = limits::kJsonDepthMax;
};

// An immutable parsed document. Thread-safe to read.
class Document {
 public:
  struct Node;
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const { return Value(this, 0); }
  // The value with this dense index (0 <= index < size()).
  Value value(uint32_t index) const { return Value(this, index); }
  size_t size() const;

 private:
  friend class Value;
  friend absl::StatusOr<Document> Parse(std::string_view, const ParseOptions&);
  friend class TreeBuilder;
  Document();
  std::vector<Node> nodes_;
  std::string text_;  // string and number bytes
};

// Parses one JSON text (UTF-8, no trailing bytes, no duplicate keys). Errors
// are InvalidInput with the byte offset, or TooLarge.
absl::StatusOr<Document> Parse(std::string_view text,
                               const ParseOptions& options = {});

// Canonical text: keys sorted by bytes, no white space, number text kept.
std::string Canonical(Value value);
// Text in source order, indented by two spaces when `pretty`.
std::string ToText(Value value, bool pretty = false);
// `text` quoted and escaped.
std::string Quote(std::string_view text);

// Writes JSON piece by piece; commas and quotes are its work. Keys come out
// in the order they are given: callers give them sorted where the output is
// to be canonical. With `pretty`, objects and arrays are indented.
class Writer {
 public:
  explicit Writer(bool pretty = false) : pretty_(pretty) {}

  Writer& BeginObject();
  Writer& EndObject();
  Writer& BeginArray();
  Writer& EndArray();
  Writer& Key(std::string_view key);
  Writer& String(std::string_view text);
  Writer& Int(int64_t number);
  Writer& UInt(uint64_t number);
  // Shortest text that reads back as the same double; must be finite.
  Writer& Double(double number);
  Writer& Bool(bool value);
  Writer& Null();
  // Text that is already JSON: a number lexeme or a rendered value.
  Writer& Raw(std::string_view json);

  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  void BeforeValue();
  void NewLine();
  std::string out_;
  std::vector<bool> has_member_;
  bool after_key_ = false;
  bool pretty_ = false;
};

}  // namespace stepwell::json

#endif  // STEPWELL_JSON_JSON_H_
