// Any bytes as a log record, as a state row and as a command: an error, or a
// value that is written back to the same value. Nothing of a patient is
// refused once its verb is readable.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/catalogue.h"
#include "protocol/protocol.h"
#include "wire/command_json.h"
#include "wire/event_json.h"
#include "wire/record.h"
#include "wire/state_json.h"

namespace {

using namespace stepwell;  // NOLINT

void Require(bool holds) {
  if (!holds) std::abort();
}

const protocol::Protocol& Service() {
  static const std::shared_ptr<const protocol::Protocol> loaded = [] {
    const auto result =
        protocol::LoadProtocol(FindCatalogueFile("protocols/icbt_base.json"),
                               protocol::BuiltInCatalogue());
    Require(result.ok());
    return result->protocol;
  }();
  Require(loaded != nullptr);
  return *loaded;
}

wire::Names ServiceNames() {
  wire::Names names;
  names.protocol = &Service();
  names.find_staff = [](std::string_view name) {
    return StaffId(name == "anna" ? 1 : 0);
  };
  return names;
}

void CheckCommand(std::string_view text) {
  auto command = wire::ReadCommandText(text);
  Require(command.ok() || !wire::ParseCommand(text).ok());
  if (!command.ok()) return;
  const wire::Names names = ServiceNames();
  const json::Value root = command->document.root();
  wire::ScanRisk(root, names);
  auto head = wire::ReadCommandHead(*command);
  if (!head.ok()) {
    const json::Value verb = root.Find("command");
    Require(!verb.is_string() || !wire::IsPatientVerb(verb.string_value()));
    return;
  }
  const bool resolved = wire::ResolveHead(*head, names).ok();
  Require(resolved || !head->from_patient);
  if (!resolved) return;
  if (wire::IsServiceVerb(head->verb)) {
    Require(!head->from_patient);
    (void)wire::ReadServiceBody(*head, root, names);
    return;
  }
  const auto body = wire::ReadCommandBody(*head, root, names);
  // A patient's command whose verb is none has no body: it is parked.
  Require(body.ok() || !wire::IsPatientVerb(head->verb));
}

void CheckRecord(std::string_view bytes) {
  const wire::Names names = ServiceNames();
  if (const auto event = wire::DecodeEvent(bytes); event.ok()) {
    const auto again = wire::DecodeEvent(wire::EncodeEvent(*event));
    Require(again.ok() && *again == *event);
    Require(json::Parse(wire::EventToJson(*event, names)).ok());
    Require(!wire::EventToText(*event, names).empty());
  }
  if (const auto state = wire::DecodeState(bytes); state.ok()) {
    const auto again = wire::DecodeState(wire::EncodeState(*state));
    Require(again.ok() && *again == *state);
    Require(json::Parse(wire::StateToJson(*state, names)).ok());
  }
  (void)wire::DecodePersonEvent(bytes);
  (void)wire::DecodeServiceEvent(bytes);
  (void)wire::DecodePersonState(bytes);
  (void)wire::DecodeServiceState(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!bytes.empty() && (bytes[0] == '{' || bytes[0] == ' ')) {
    CheckCommand(bytes);
    return 0;
  }
  CheckRecord(bytes);
  if (bytes.empty()) return 0;
  // The rest as the body of an event whose type the first byte chooses, and as
  // a state: random bytes would seldom get past the header.
  const std::string type(1, static_cast<char>(bytes[0] & 0x3F));
  const std::string body(bytes.substr(1));
  CheckRecord(std::string("\x01\x00\x01", 3) + type +
              std::string("\x01\x02\x00", 3) + body);
  CheckRecord(std::string("\x01\x00", 2) + body);
  return 0;
}
