// Who this library is. The build hands the versions in as definitions.
#include "stepwell/version.h"

#include "base/zone.h"
#include "json/json.h"

namespace stepwell {

std::string_view VersionText() { return STEPWELL_BUILD_VERSION; }

int32_t VersionNumber() { return STEPWELL_BUILD_VERSION_NUMBER; }

std::string BuildInfo() {
  json::Writer out;
  out.BeginObject();
  out.Key("build_type").String(STEPWELL_BUILD_TYPE);
  out.Key("compiler").String(STEPWELL_BUILD_COMPILER);
  out.Key("dependencies").BeginObject();
  out.Key("abseil").String(STEPWELL_BUILD_ABSEIL);
  out.Key("boost").String(STEPWELL_BUILD_BOOST);
  out.Key("libsodium").String(STEPWELL_BUILD_SODIUM);
  out.Key("sqlite").String(STEPWELL_BUILD_SQLITE);
  out.EndObject();
  out.Key("features").BeginArray();
  out.String("store_memory").String("store_sqlite");
  out.EndArray();
  out.Key("tzdata").String(TzdataVersion());
  out.Key("version").String(VersionText());
  out.Key("version_number").Int(VersionNumber());
  out.EndObject();
  return out.Take();
}

}  // namespace stepwell
