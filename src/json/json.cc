// The tree and its parser: a Boost.JSON SAX handler that keeps number text.
#include "json/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <charconv>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "json/lenient.h"

namespace stepwell::json {

namespace bj = boost::json;

struct Document::Node {
  Type type = Type::kNull;
  bool flag = false;  // bool value
  bool in_array = false;
  uint32_t parent = 0;       // index of the parent; the root is its own
  uint32_t ordinal = 0;      // position among the siblings
  uint32_t next = 0;         // next sibling; 0 = none
  uint32_t first_child = 0;  // 0 = none
  uint32_t children = 0;
  uint32_t key_begin = 0, key_size = 0;
  uint32_t text_begin = 0, text_size = 0;
};

Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;
size_t Document::size() const { return nodes_.size(); }

// Receives the parser's calls and appends nodes in document order.
class TreeBuilder {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return Open(Type::kObject); }
  bool on_array_begin(bj::error_code&) { return Open(Type::kArray); }
  bool on_object_end(std::size_t, bj::error_code& ec) {
    return NoDuplicateKeys(ec) && Close();
  }
  bool on_array_end(std::size_t, bj::error_code&) { return Close(); }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    return Collect(part);
  }
  bool on_key(bj::string_view part, std::size_t, bj::error_code&) {
    Collect(part);
    key_begin_ = begin_;
    key_size_ = EndText();
    return true;
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    return Collect(part);
  }
  bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
    Collect(part);
    return AddText(Type::kString);
  }
  bool on_number_part(bj::string_view part, bj::error_code&) {
    return Collect(part);
  }
  bool on_int64(int64_t, bj::string_view part, bj::error_code&) {
    Collect(part);
    return AddText(Type::kNumber);
  }
  bool on_uint64(uint64_t, bj::string_view part, bj::error_code&) {
    Collect(part);
    return AddText(Type::kNumber);
  }
  bool on_double(double, bj::string_view part, bj::error_code&) {
    Collect(part);
    return AddText(Type::kNumber);
  }
  bool on_bool(bool value, bj::error_code&) {
    doc.nodes_[Add(Type::kBool)].flag = value;
    return true;
  }
  bool on_null(bj::error_code&) {
    Add(Type::kNull);
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  Document doc;
  std::string duplicate_pointer;  // set when an object repeats a key
  // Not null: repeated keys are noted there and are no error.
  std::vector<std::string>* repeated_keys = nullptr;

 private:
  struct Frame {
    uint32_t node;
    uint32_t last_child;
  };

  bool Collect(bj::string_view part) {
    if (!collecting_) {
      begin_ = static_cast<uint32_t>(doc.text_.size());
      collecting_ = true;
    }
    doc.text_.append(part.data(), part.size());
    return true;
  }
  uint32_t EndText() {
    collecting_ = false;
    return static_cast<uint32_t>(doc.text_.size()) - begin_;
  }
  bool AddText(Type type) {
    const uint32_t size = EndText();
    Document::Node& node = doc.nodes_[Add(type)];
    node.text_begin = begin_;
    node.text_size = size;
    return true;
  }
  uint32_t Add(Type type) {
    const uint32_t index = static_cast<uint32_t>(doc.nodes_.size());
    Document::Node node;
    node.type = type;
    node.key_begin = key_begin_;
    node.key_size = key_size_;
    key_size_ = 0;
    if (!stack_.empty()) {
      Frame& frame = stack_.back();
      Document::Node& parent = doc.nodes_[frame.node];
      node.parent = frame.node;
      node.in_array = parent.type == Type::kArray;
      node.ordinal = parent.children++;
      if (frame.last_child == 0) {
        parent.first_child = index;
      } else {
        doc.nodes_[frame.last_child].next = index;
      }
      frame.last_child = index;
    }
    doc.nodes_.push_back(node);
    return index;
  }
  bool Open(Type type) {
    const uint32_t index = Add(type);
    stack_.push_back({index, 0});
    return true;
  }
  bool Close() {
    stack_.pop_back();
    return true;
  }
  bool NoDuplicateKeys(bj::error_code& ec) {
    const Value object = doc.value(stack_.back().node);
    absl::flat_hash_set<absl::string_view> keys;
    const bool few = object.size() <= 8;
    for (Value child : Children(object)) {
      bool repeated = false;
      if (few) {
        for (Value other = object.first_child(); other.index() != child.index();
             other = other.next_sibling()) {
          repeated = repeated || other.key() == child.key();
        }
      } else {
        repeated = !keys.insert(ToAbsl(child.key())).second;
      }
      if (repeated && repeated_keys != nullptr) {
        if (repeated_keys->size() < limits::kCommandProblemsMax) {
          repeated_keys->push_back(child.pointer());
        }
      } else if (repeated) {
        duplicate_pointer = child.pointer();
        ec = bj::error::extra_data;
        return false;
      }
    }
    return true;
  }

  std::vector<Frame> stack_;
  uint32_t begin_ = 0;
  uint32_t key_begin_ = 0, key_size_ = 0;
  bool collecting_ = false;
};

namespace {

absl::StatusOr<Document> ParseInto(std::string_view text,
                                   const ParseOptions& options,
                                   std::vector<std::string>* repeated_keys) {
  if (text.size() > options.bytes_max) {
    return TooLarge(absl::StrCat("the JSON text has ", text.size(),
                                 " bytes; at most ", options.bytes_max,
                                 " are accepted"));
  }
  bj::parse_options bj_options;
  bj_options.max_depth = options.depth_max;
  bj::basic_parser<TreeBuilder> parser(bj_options);
  parser.handler().repeated_keys = repeated_keys;
  bj::error_code ec;
  const size_t consumed =
      parser.write_some(false, text.data(), text.size(), ec);
  TreeBuilder& builder = parser.handler();
  const int64_t offset = static_cast<int64_t>(consumed);
  if (!builder.duplicate_pointer.empty()) {
    return InvalidInput("an object has the same key twice",
                        {builder.duplicate_pointer, offset});
  }
  if (ec == bj::error::too_deep) {
    return InvalidInput(absl::StrCat("the JSON text nests deeper than ",
                                     options.depth_max, " levels"),
                        {"", offset});
  }
  if (!ec && consumed < text.size()) {
    const size_t rest = text.find_first_not_of(" \t\r\n", consumed);
    if (rest != std::string_view::npos) {
      return InvalidInput("bytes follow the end of the JSON text",
                          {"", static_cast<int64_t>(rest)});
    }
  }
  if (ec || !parser.done()) {
    const std::string reason = ec ? ec.message() : "it ends too early";
    return InvalidInput(absl::StrCat("not a JSON text: ", reason),
                        {"", offset});
  }
  return std::move(builder.doc);
}

}  // namespace

absl::StatusOr<Document> Parse(std::string_view text,
                               const ParseOptions& options) {
  return ParseInto(text, options, nullptr);
}

absl::StatusOr<LenientDocument> ParseLenient(std::string_view text,
                                             const ParseOptions& options) {
  const bool fits = text.size() <= options.bytes_max;
  const std::string whole = fits ? WithWholeSurrogates(text) : std::string();
  std::vector<std::string> repeated;
  STEPWELL_ASSIGN_OR_RETURN(
      Document document,
      ParseInto(fits ? std::string_view(whole) : text, options, &repeated));
  return LenientDocument{std::move(document), whole != text,
                         std::move(repeated)};
}

Type Value::type() const { return doc_->nodes_[index_].type; }

bool Value::bool_value() const { return doc_->nodes_[index_].flag; }

std::string_view Value::string_value() const {
  const Document::Node& node = doc_->nodes_[index_];
  return std::string_view(doc_->text_).substr(node.text_begin, node.text_size);
}

std::string_view Value::number_text() const { return string_value(); }

std::optional<int64_t> Value::int64_value() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = number_text();
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<double> Value::double_value() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = number_text();
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

size_t Value::size() const {
  return doc_ == nullptr ? 0 : doc_->nodes_[index_].children;
}

Value Value::Find(std::string_view key) const {
  if (!is_object()) return Value();
  for (Value child : Children(*this)) {
    if (child.key() == key) return child;
  }
  return Value();
}

Value Value::first_child() const {
  if (doc_ == nullptr) return Value();
  const uint32_t first = doc_->nodes_[index_].first_child;
  return first == 0 ? Value() : Value(doc_, first);
}

Value Value::next_sibling() const {
  if (doc_ == nullptr) return Value();
  const uint32_t next = doc_->nodes_[index_].next;
  return next == 0 ? Value() : Value(doc_, next);
}

Value Value::at(size_t i) const {
  if (!is_array() && !is_object()) return Value();
  Value child = first_child();
  while (child && i > 0) {
    child = child.next_sibling();
    --i;
  }
  return child;
}

std::string_view Value::key() const {
  const Document::Node& node = doc_->nodes_[index_];
  return std::string_view(doc_->text_).substr(node.key_begin, node.key_size);
}

std::string Value::pointer() const {
  if (doc_ == nullptr || index_ == 0) return "";
  const Document::Node& node = doc_->nodes_[index_];
  std::string text = Value(doc_, node.parent).pointer();
  text.push_back('/');
  if (node.in_array) {
    absl::StrAppend(&text, node.ordinal);
    return text;
  }
  for (char c : key()) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text.push_back(c);
    }
  }
  return text;
}

}  // namespace stepwell::json
