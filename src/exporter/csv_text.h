// Internal. Fields of comma-separated values (RFC 4180).
#ifndef STEPWELL_EXPORTER_CSV_TEXT_H_
#define STEPWELL_EXPORTER_CSV_TEXT_H_

#include <string>
#include <string_view>

namespace stepwell::exporter {

// Quoted where it must be. An empty text is "", since an empty field is null.
inline void AppendCsvText(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == text.npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace stepwell::exporter

#endif  // STEPWELL_EXPORTER_CSV_TEXT_H_
