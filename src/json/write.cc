// Writing JSON: canonical text, source-order text and the piecewise writer.
#include <algorithm>
#include <charconv>

#include "json/json.h"

namespace stepwell::json {
namespace {

// The bytes of the UTF-8 sequence that `text` begins with; 0 when it is none.
size_t SequenceLength(std::string_view text) {
  const auto at = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const int lead = at(0);
  const size_t length = lead < 0x80                    ? 1
                        : lead >= 0xC2 && lead <= 0xDF ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  const bool legal =
      !((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) >= 0xA0) ||
        (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) >= 0x90));
  return legal ? length : 0;
}

// Whatever the bytes are, the result is JSON: what is no UTF-8 becomes U+FFFD.
void AppendQuoted(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const size_t length = SequenceLength(text.substr(i));
      if (length == 0) {
        out += "\xEF\xBF\xBD";
      } else {
        out.append(text.substr(i, length));
        i += length - 1;
      }
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20) {
      out += "\\u00";
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void Write(Value value, bool sorted, Writer& writer) {
  switch (value.type()) {
    case Type::kNull:
      writer.Null();
      return;
    case Type::kBool:
      writer.Bool(value.bool_value());
      return;
    case Type::kNumber:
      writer.Raw(value.number_text());
      return;
    case Type::kString:
      writer.String(value.string_value());
      return;
    case Type::kArray:
      writer.BeginArray();
      for (Value child : Children(value)) Write(child, sorted, writer);
      writer.EndArray();
      return;
    case Type::kObject:
      break;
  }
  std::vector<Value> members;
  for (Value child : Children(value)) members.push_back(child);
  if (sorted) {
    std::sort(members.begin(), members.end(),
              [](Value a, Value b) { return a.key() < b.key(); });
  }
  writer.BeginObject();
  for (Value member : members) {
    writer.Key(member.key());
    Write(member, sorted, writer);
  }
  writer.EndObject();
}

}  // namespace

std::string Canonical(Value value) {
  Writer writer;
  Write(value, /*sorted=*/true, writer);
  return writer.Take();
}

std::string ToText(Value value, bool pretty) {
  Writer writer(pretty);
  Write(value, /*sorted=*/false, writer);
  return writer.Take();
}

std::string Quote(std::string_view text) {
  std::string out;
  AppendQuoted(text, out);
  return out;
}

void Writer::NewLine() {
  if (!pretty_) return;
  out_.push_back('\n');
  out_.append(2 * has_member_.size(), ' ');
}

void Writer::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_member_.empty()) return;
  if (has_member_.back()) out_.push_back(',');
  has_member_.back() = true;
  NewLine();
}

Writer& Writer::BeginObject() {
  BeforeValue();
  out_.push_back('{');
  has_member_.push_back(false);
  return *this;
}

Writer& Writer::EndObject() {
  const bool any = has_member_.back();
  has_member_.pop_back();
  if (any) NewLine();
  out_.push_back('}');
  return *this;
}

Writer& Writer::BeginArray() {
  BeforeValue();
  out_.push_back('[');
  has_member_.push_back(false);
  return *this;
}

Writer& Writer::EndArray() {
  const bool any = has_member_.back();
  has_member_.pop_back();
  if (any) NewLine();
  out_.push_back(']');
  return *this;
}

Writer& Writer::Key(std::string_view key) {
  BeforeValue();
  AppendQuoted(key, out_);
  out_ += pretty_ ? ": " : ":";
  after_key_ = true;
  return *this;
}

Writer& Writer::String(std::string_view text) {
  BeforeValue();
  AppendQuoted(text, out_);
  return *this;
}

Writer& Writer::Int(int64_t number) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return Raw(std::string_view(buffer, result.ptr));
}

Writer& Writer::UInt(uint64_t number) {
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return Raw(std::string_view(buffer, result.ptr));
}

Writer& Writer::Double(double number) {
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return Raw(std::string_view(buffer, result.ptr));
}

Writer& Writer::Bool(bool value) { return Raw(value ? "true" : "false"); }

Writer& Writer::Null() { return Raw("null"); }

Writer& Writer::Raw(std::string_view json) {
  BeforeValue();
  out_ += json;
  return *this;
}

}  // namespace stepwell::json
