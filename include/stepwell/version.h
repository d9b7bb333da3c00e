// The version of the library and what it was built from.
#ifndef STEPWELL_VERSION_H_
#define STEPWELL_VERSION_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace stepwell {

// "0.1.0".
std::string_view VersionText();
// Major * 1,000,000 + minor * 1,000 + patch.
int32_t VersionNumber();

// A canonical JSON object: version, compiler, features, versions of the
// dependencies and of the compiled-in time zone data. The same build gives the
// same bytes.
std::string BuildInfo();

}  // namespace stepwell

#endif  // STEPWELL_VERSION_H_
