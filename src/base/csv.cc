// One pass over the text, a field at a time.
#include "base/csv.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/strings.h"

namespace stepwell {
namespace {

// How many bytes the character at `text` has, or 0 when it is no UTF-8.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || text.size() < n) return 0;
  for (size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
      (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return n;
}

// The first byte that is no UTF-8, or the size.
size_t FirstBadByte(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    uint64_t eight;
    if (i + 8 <= text.size()) {
      std::memcpy(&eight, text.data() + i, 8);
      if ((eight & 0x8080808080808080u) == 0) {
        i += 8;
        continue;
      }
    }
    const size_t n = CharacterBytes(text.substr(i));
    if (n == 0) return i;
    i += n;
  }
  return i;
}

std::string Fields(size_t n) {
  return absl::StrCat(n, n == 1 ? " field" : " fields");
}

}  // namespace

absl::StatusOr<CsvReader> CsvReader::Open(std::string_view text) {
  if (text.size() > limits::kTableBytesMax) {
    return TooLarge(absl::StrCat("the table has ", text.size(),
                                 " bytes; at most ", limits::kTableBytesMax,
                                 " are read"));
  }
  const bool of_columns = !text.empty() && text[0] == kOfColumns;
  if (const size_t bad = FirstBadByte(text); bad < text.size()) {
    if (of_columns) return InvalidInput("a text in the table is no UTF-8");
    const auto line = std::count(text.begin(), text.begin() + bad, '\n') + 1;
    return InvalidInput(absl::StrCat("line ", line, " is no UTF-8"),
                        {"", static_cast<int64_t>(bad)});
  }
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  CsvReader reader(text);
  if (text.substr(0, kMark.size()) == kMark) reader.at_ = kMark.size();
  reader.of_columns_ = of_columns;
  if (of_columns) reader.at_ = 1;
  STEPWELL_RETURN_IF_ERROR(reader.ReadHeader());
  return reader;
}

absl::Status CsvReader::ReadHeader() {
  size_t end = text_.size();
  while (end > at_ && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  if (end == at_) {
    return InvalidInput(
        of_columns_ ? "the table has no columns"
                    : "the table is empty: its first line names the columns");
  }
  STEPWELL_RETURN_IF_ERROR(ReadFields());
  // In a table of one column a blank line is a missing value.
  if (fields_.size() > 1) text_ = text_.substr(0, std::max(at_, end));
  for (const std::string_view name : fields_) {
    if (name.empty()) {
      return LineError(
          absl::StrCat("column ", header_.size() + 1, " has no name"));
    }
    if (std::find(header_.begin(), header_.end(), name) != header_.end()) {
      return LineError(
          absl::StrCat("there are two columns \"", ToAbsl(name), "\""));
    }
    if (header_.size() == limits::kTableColumnsMax) {
      return TooLarge(absl::StrCat("the table has more than ",
                                   limits::kTableColumnsMax, " columns"));
    }
    header_.emplace_back(name);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> CsvReader::Find(std::string_view column) const {
  const auto it = std::find(header_.begin(), header_.end(), column);
  if (it != header_.end()) return static_cast<size_t>(it - header_.begin());
  const bool otherwise = header_.size() == 1 &&
                         header_[0].find_first_of(";\t") != std::string::npos;
  return NotFound(absl::StrCat(
      "the table has no column \"", ToAbsl(column), "\"; it has ",
      absl::StrJoin(header_, ", "),
      otherwise ? ": fields are separated by commas, not by semicolons or tabs"
                : ""));
}

absl::StatusOr<bool> CsvReader::Next() {
  if (at_ == text_.size()) return false;
  ++rows_;
  STEPWELL_RETURN_IF_ERROR(ReadFields());
  if (fields_.size() != header_.size()) {
    return LineError(absl::StrCat("the row has ", Fields(fields_.size()),
                                  ", the header has ", Fields(header_.size())));
  }
  if (rows_ > limits::kTableRowsMax) {
    return TooLarge(absl::StrCat(Where(), ": at most ", limits::kTableRowsMax,
                                 " rows are read"));
  }
  return true;
}

absl::Status CsvReader::ReadFields() {
  fields_.clear();
  unescaped_used_ = 0;
  line_ = next_line_;
  row_at_ = at_;
  while (true) {
    if (at_ < text_.size() && text_[at_] == '"') {
      STEPWELL_RETURN_IF_ERROR(ReadQuoted());
    } else {
      TakePlain();
    }
    if (at_ < text_.size() && text_[at_] == ',') {
      if (fields_.size() > limits::kTableColumnsMax) {
        return TooLarge(absl::StrCat(Where(), " has more than ",
                                     limits::kTableColumnsMax, " fields"));
      }
      ++at_;
      continue;
    }
    EndLine();
    return absl::OkStatus();
  }
}

void CsvReader::TakePlain() {
  size_t end = at_;
  while (end < text_.size() && text_[end] != ',' && text_[end] != '\n') ++end;
  std::string_view field = text_.substr(at_, end - at_);
  if (!field.empty() && field.back() == '\r' &&
      (end == text_.size() || text_[end] == '\n')) {
    field.remove_suffix(1);
  }
  fields_.push_back(field);
  at_ = end;
}

absl::Status CsvReader::ReadQuoted() {
  const size_t begin = ++at_;
  bool doubled = false;
  while (true) {
    const size_t quote = text_.find('"', at_);
    if (quote == text_.npos) return LineError("a quote is never closed");
    next_line_ += static_cast<size_t>(
        std::count(text_.begin() + at_, text_.begin() + quote, '\n'));
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    doubled = true;
    ++at_;
  }
  std::string_view field = text_.substr(begin, at_ - 1 - begin);
  if (doubled) {
    // Views point into these strings: they must never move.
    if (unescaped_.empty()) unescaped_.reserve(limits::kTableColumnsMax + 2);
    if (unescaped_used_ == unescaped_.size()) unescaped_.emplace_back();
    std::string& plain = unescaped_[unescaped_used_++];
    plain.clear();
    for (size_t i = 0; i < field.size(); ++i) {
      plain.push_back(field[i]);
      if (field[i] == '"') ++i;
    }
    field = plain;
  }
  fields_.push_back(field);
  const bool crlf = text_.substr(at_, 2) == "\r\n";
  if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && !crlf) {
    return LineError("after a closing quote comes a comma or the line's end");
  }
  if (crlf) ++at_;
  return absl::OkStatus();
}

void CsvReader::EndLine() {
  if (at_ < text_.size()) ++at_;
  ++next_line_;
}

std::string CsvReader::Where() const {
  if (!of_columns_) return absl::StrCat("line ", line_);
  return rows_ == 0 ? "the names of the columns"
                    : absl::StrCat("row ", rows_ - 1, " (the first is 0)");
}

absl::Status CsvReader::LineError(std::string_view message) const {
  // Bytes of a text that nobody sees help nobody.
  return InvalidInput(absl::StrCat(Where(), ": ", ToAbsl(message)),
                      of_columns_
                          ? ErrorPlace()
                          : ErrorPlace{"", static_cast<int64_t>(row_at_)});
}

absl::Status CsvReader::FieldError(size_t column,
                                   std::string_view message) const {
  const std::string_view field = fields_[column];
  return LineError(absl::StrCat(
      "column \"", header_[column], "\": \"", ToAbsl(field.substr(0, 40)),
      field.size() > 40 ? "..." : "", "\" ", ToAbsl(message)));
}

}  // namespace stepwell
