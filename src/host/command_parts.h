// Internal to the host: what a service and the kernel do alike with a command
// that was read, before it is decided and after.
#ifndef STEPWELL_HOST_COMMAND_PARTS_H_
#define STEPWELL_HOST_COMMAND_PARTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/command.h"
#include "engine/service_stream.h"
#include "json/json.h"
#include "protocol/protocol.h"
#include "runtime/runtime.h"
#include "stepwell/service.h"
#include "wire/command_json.h"

namespace stepwell::host {

// The same bytes under another id: what a patient sends under a used command
// id, or under none, is named by what it says.
std::string DerivedId(const std::string& id, std::string_view content);

runtime::PersonReference ToReference(const wire::Identifier& identifier);

runtime::NewReferral ToNewReferral(const wire::CommandHead& head,
                                   const wire::ReceiveReferral& body,
                                   PersonId person, std::string content,
                                   Instant now);

// The text of a message, and what a patient sent that could not be read in
// full: kept beside the log, under keys that the command gets.
struct KeptText {
  std::string key, text;
};
std::vector<KeptText> TextsToKeep(const wire::CommandHead& head,
                                  json::Value root,
                                  const std::vector<std::string>& problems,
                                  const std::string& text,
                                  engine::Command& command);
// The command as it is kept: as it was sent when it was not strict JSON.
std::string RawOf(const wire::CommandHead& head, json::Value root);

// How the alert of a parked risk answer stands; nothing of other input.
std::optional<engine::Waited> WaitedAs(const engine::ParkedState& parked);

// Why a command is not for whoever stands outside; as the engine says it.
std::string ForStaffText(std::string_view verb);

// When the status says that the command names what is not there. Who stands
// outside is not told who works here: to them it is as if it were there.
std::optional<runtime::Receipt> RefusalIn(const wire::CommandHead& head,
                                          const absl::Status& status);

// `protocol` is that of the receipt; null = its texts are not at hand.
Reply ReplyOf(const std::string& command_id, const runtime::Receipt& receipt,
              const protocol::Protocol* protocol);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_COMMAND_PARTS_H_
