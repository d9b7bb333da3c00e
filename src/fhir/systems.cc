// Identifier systems that are no URI get one, and back.
#include "fhir/systems.h"

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kNone = "none";
constexpr std::string_view kText = "text/";
constexpr std::string_view kHex = "hex";

// No blank and no control character: what R4 admits as a uri.
bool IsUri(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  });
}

bool IsOwn(std::string_view system) {
  return system.substr(0, kIdentifierSystems.size()) == kIdentifierSystems;
}

// Something to see, and no control character.
bool IsPlain(std::string_view text) {
  const bool blank = text.find_first_not_of(' ') == std::string_view::npos;
  return !blank && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

// The bytes behind `prefix`, when they are hexadecimal.
std::optional<std::string> FromHex(std::string_view text,
                                   std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  text.remove_prefix(prefix.size());
  const bool legal =
      text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      });
  if (!legal) return std::nullopt;
  return absl::HexStringToBytes(ToAbsl(text));
}

}  // namespace

std::string OwnCodeSystem(std::string_view name) {
  return absl::StrCat(ToAbsl(kCodeSystems), ToAbsl(name));
}

std::string OwnSystem(std::string_view name) {
  return absl::StrCat(ToAbsl(kIdentifierSystems), ToAbsl(name));
}

Identifier PublicIdentifier(const Identifier& identifier) {
  const std::string& system = identifier.system;
  if (!IsPlain(identifier.value)) {
    return {absl::StrCat(ToAbsl(kIdentifierSystems), ToAbsl(kHex), "/",
                         absl::BytesToHexString(system)),
            absl::BytesToHexString(identifier.value)};
  }
  if (system.empty()) return {OwnSystem(kNone), identifier.value};
  if (system == kReferenceSystem || system == kContentSystem) {
    return {OwnSystem(system), identifier.value};
  }
  if (IsUri(system)) return identifier;
  return {absl::StrCat(ToAbsl(kIdentifierSystems), ToAbsl(kText),
                       absl::BytesToHexString(system)),
          identifier.value};
}

Identifier InternalIdentifier(const Identifier& identifier) {
  const std::string_view system = identifier.system;
  if (!IsOwn(system)) return identifier;
  const std::string_view name = system.substr(kIdentifierSystems.size());
  if (name == kNone) return {"", identifier.value};
  if (name == kReferenceSystem || name == kContentSystem) {
    return {std::string(name), identifier.value};
  }
  if (const auto text = FromHex(name, kText)) {
    return {*text, identifier.value};
  }
  const auto bytes = FromHex(name, absl::StrCat(ToAbsl(kHex), "/"));
  const auto value = FromHex(identifier.value, "");
  return bytes && value ? Identifier{*bytes, *value} : identifier;
}

}  // namespace stepwell::fhir
