// A protocol of the catalogue and names for tests of the JSON forms.
#ifndef STEPWELL_TESTS_WIRE_JSON_SUPPORT_H_
#define STEPWELL_TESTS_WIRE_JSON_SUPPORT_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/catalogue.h"
#include "protocol/protocol.h"
#include "wire/names.h"

namespace stepwell::wire {

inline std::shared_ptr<const protocol::Protocol> CatalogueProtocol(
    const std::string& name) {
  const std::string_view text =
      FindCatalogueFile("protocols/" + name + ".json");
  auto loaded = protocol::LoadProtocol(text, protocol::BuiltInCatalogue());
  if (!loaded.ok() || loaded->protocol == nullptr) {
    ADD_FAILURE() << name << " does not load: " << loaded.status();
    return nullptr;
  }
  return loaded->protocol;
}

// Anna is 1, Bo is 2.
inline Names NamesOfProtocol(const protocol::Protocol& protocol) {
  Names names;
  names.protocol = &protocol;
  names.staff_name = [](StaffId id) -> std::string {
    return id.value == 1 ? "anna" : id.value == 2 ? "bo" : "";
  };
  names.find_staff = [](std::string_view name) {
    return StaffId(name == "anna" ? 1 : name == "bo" ? 2 : 0);
  };
  return names;
}

}  // namespace stepwell::wire

#endif  // STEPWELL_TESTS_WIRE_JSON_SUPPORT_H_
