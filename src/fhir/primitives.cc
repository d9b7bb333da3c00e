// One rule a type, after https://hl7.org/fhir/R4/datatypes.html: the regular
// expressions there, and that a date exists.
#include "fhir/primitives.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/date.h"
#include "base/strings.h"
#include "fhir/read_element.h"
#include "fhir/write_element.h"

namespace stepwell::fhir {
namespace {

// "Strings SHALL NOT exceed 1MB (1024*1024 characters) in size."
constexpr size_t kStringLettersMax = 1024 * 1024;

bool AllOf(std::string_view text, bool (*legal)(unsigned char)) {
  return std::all_of(text.begin(), text.end(), [legal](char c) {
    return legal(static_cast<unsigned char>(c));
  });
}

bool IsDigit(unsigned char c) { return absl::ascii_isdigit(c); }
bool IsNoSpace(unsigned char c) { return !absl::ascii_isspace(c); }
bool IsIdLetter(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '.';
}
bool IsTextLetter(unsigned char c) {
  return c == '\t' || c == '\n' || c == '\r' || c >= 0x20;
}

std::string NumberProblem(std::string_view type, json::Value value) {
  if (!value.is_number()) return "this is no number";
  if (type == "decimal") return "";
  const auto number = value.int64_value();
  if (!number || *number < INT32_MIN || *number > INT32_MAX) {
    return "this is no whole number of 32 bits";
  }
  if (type == "positiveInt" && *number < 1) return "at least 1 is needed";
  if (type == "unsignedInt" && *number < 0) return "at least 0 is needed";
  return "";
}

bool IsTime(std::string_view text) {
  // hh:mm:ss and a fraction.
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  int hour = 0, minute = 0, second = 0;
  if (!absl::SimpleAtoi(ToAbsl(text.substr(0, 2)), &hour) ||
      !absl::SimpleAtoi(ToAbsl(text.substr(3, 2)), &minute) ||
      !absl::SimpleAtoi(ToAbsl(text.substr(6, 2)), &second)) {
    return false;
  }
  const std::string_view rest = text.substr(8);
  const bool fraction = rest.empty() || (rest[0] == '.' && rest.size() > 1 &&
                                         AllOf(rest.substr(1), IsDigit));
  return fraction && hour < 24 && minute < 60 && second <= 60;
}

bool IsBase64(std::string_view text) {
  size_t letters = 0, padding = 0;
  for (const char c : text) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    const bool letter = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                        c == '+' || c == '/';
    if (c == '=' ? ++padding > 2 : !letter || padding > 0) return false;
    ++letters;
  }
  return letters % 4 == 0;
}

bool IsOid(std::string_view text) {
  if (text.substr(0, 8) != "urn:oid:" || text.size() < 11) return false;
  const std::string_view rest = text.substr(8);
  return rest[0] >= '0' && rest[0] <= '2' && rest.back() != '.' &&
         AllOf(rest, [](unsigned char c) { return IsDigit(c) || c == '.'; });
}

bool IsUuid(std::string_view text) {
  if (text.substr(0, 9) != "urn:uuid:" || text.size() != 45) return false;
  for (size_t i = 9; i < text.size(); ++i) {
    const bool dash = i == 17 || i == 22 || i == 27 || i == 32;
    if (dash ? text[i] != '-'
             : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

// The functions of txt-1 and txt-2 look further.
std::string XhtmlProblem(std::string_view text) {
  if (text.substr(0, 4) != "<div") return "narrative is one <div>";
  const std::string_view tag = text.substr(0, text.find('>'));
  for (const char* quote : {"\"", "'"}) {
    const std::string wanted =
        absl::StrCat("xmlns=", quote, "http://www.w3.org/1999/xhtml", quote);
    if (tag.find(wanted) != std::string_view::npos) return "";
  }
  return "the <div> of a narrative needs "
         "xmlns=\"http://www.w3.org/1999/xhtml\"";
}

std::string TextProblem(std::string_view type, std::string_view text) {
  if (text.size() > kStringLettersMax && type != "base64Binary" &&
      type != "xhtml") {  // of these R4 sets no limit
    const auto letters = std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    if (static_cast<size_t>(letters) > kStringLettersMax) {
      return absl::StrCat("a text of ", letters, " characters; at most ",
                          kStringLettersMax, " are legal");
    }
  }
  if (!AllOf(text, IsTextLetter)) return "a control character in a text";
  if (type == "string" || type == "markdown") {
    return AllOf(text, [](unsigned char c) { return !IsNoSpace(c); })
               ? "a text of white space only"
               : "";
  }
  if (type == "id") {
    return text.size() <= 64 && AllOf(text, IsIdLetter)
               ? ""
               : "an id is 1 to 64 of A-Z, a-z, 0-9, \"-\" and \".\"";
  }
  if (type == "code") {
    return IsCode(text) ? "" : "a code has no blank at its ends, nor two";
  }
  if (type == "date" || type == "dateTime") {
    const bool legal =
        ParseFhirTime(text).legal && (type == "dateTime" || text.size() <= 10);
    return legal ? "" : absl::StrCat("this is no ", ToAbsl(type));
  }
  if (type == "instant") {
    return ParseFhirTime(text).instant ? "" : "this is no instant";
  }
  if (type == "time") return IsTime(text) ? "" : "this is no time (hh:mm:ss)";
  if (type == "base64Binary") return IsBase64(text) ? "" : "this is no base64";
  if (type == "oid") return IsOid(text) ? "" : "this is no urn:oid:...";
  if (type == "uuid") return IsUuid(text) ? "" : "this is no urn:uuid:...";
  if (type == "xhtml") {
    return XhtmlProblem(text);
  }
  // uri, url, canonical.
  return AllOf(text, IsNoSpace) ? "" : "a URI has no white space";
}

}  // namespace

std::string PrimitiveProblem(std::string_view type, json::Value value) {
  if (type == "boolean") {
    return value.is_bool() ? "" : "this is neither true nor false";
  }
  if (type == "integer" || type == "decimal" || type == "positiveInt" ||
      type == "unsignedInt") {
    return NumberProblem(type, value);
  }
  if (!value.is_string()) return absl::StrCat("this is no ", ToAbsl(type));
  return PrimitiveProblem(type, value.string_value());
}

std::string PrimitiveProblem(std::string_view type, std::string_view text) {
  return text.empty() ? "a text is never empty" : TextProblem(type, text);
}

}  // namespace stepwell::fhir
