// Internal: encode(), decode(), escape() and unescape(). Nothing when the
// form is unknown or the text is not of it.
#ifndef STEPWELL_FHIRPATH_ENCODING_H_
#define STEPWELL_FHIRPATH_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

namespace stepwell::fhirpath {

// hex, base64, urlbase64.
std::optional<std::string> EncodeText(std::string_view text,
                                      std::string_view form);
std::optional<std::string> DecodeText(std::string_view text,
                                      std::string_view form);
// html, json.
std::optional<std::string> EscapeText(std::string_view text,
                                      std::string_view form);
std::optional<std::string> UnescapeText(std::string_view text,
                                        std::string_view form);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_ENCODING_H_
