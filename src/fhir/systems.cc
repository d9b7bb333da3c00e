// Identifier systems that are no URI get one, and back.
#include "fhir/systems.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "fhir/import.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kText = "text/";

// No blank and no control character: what R4 admits as a uri.
bool IsUri(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  });
}

bool IsOwn(std::string_view system) {
  return system.substr(0, kIdentifierSystems.size()) == kIdentifierSystems;
}

}  // namespace

std::string OwnSystem(std::string_view name) {
  return absl::StrCat(ToAbsl(kIdentifierSystems), ToAbsl(name));
}

std::string PublicSystem(std::string_view system) {
  if (system.empty()) return OwnSystem(kNone);
  if (system == kReferenceSystem || system == kContentSystem) {
    return OwnSystem(system);
  }
  if (IsUri(system)) return std::string(system);
  return absl::StrCat(ToAbsl(kIdentifierSystems), ToAbsl(kText),
                      absl::BytesToHexString(ToAbsl(system)));
}

std::string InternalSystem(std::string_view system) {
  if (!IsOwn(system)) return std::string(system);
  const std::string_view name = system.substr(kIdentifierSystems.size());
  if (name == kNone) return "";
  if (name == kReferenceSystem || name == kContentSystem) {
    return std::string(name);
  }
  if (name.substr(0, kText.size()) != kText) return std::string(system);
  const std::string_view hex = name.substr(kText.size());
  const bool legal =
      hex.size() % 2 == 0 && std::all_of(hex.begin(), hex.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  return legal ? absl::HexStringToBytes(ToAbsl(hex)) : std::string(system);
}

}  // namespace stepwell::fhir
