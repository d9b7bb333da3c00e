// Log records and state rows as bytes.
//
//   record = codec:u8 flags:u8 version:u8 type:varint seq:varint
//            recorded:varint at:varint body
// `codec` is 1; `flags` bit 0 is reserved for encryption; `recorded` and `at`
// are zigzag microseconds, `at` as the difference to `recorded`; `body` are
// the event's fields (wire/binary.h).
#ifndef STEPWELL_WIRE_RECORD_H_
#define STEPWELL_WIRE_RECORD_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/group.h"
#include "engine/person.h"
#include "engine/service_stream.h"
#include "engine/state.h"

namespace stepwell::wire {

inline constexpr uint8_t kRecordCodec = 1;
// Of the state rows of all streams.
inline constexpr uint16_t kRowVersion = 3;

std::string EncodeEvent(const engine::Event& event);
void AppendEvent(const engine::Event& event, std::string& out);
std::string EncodeEvent(const engine::PersonEvent& event);
std::string EncodeEvent(const engine::ServiceEvent& event);
std::string EncodeEvent(const engine::GroupEvent& event);
// kDataLoss when the bytes are damaged; kUnimplemented when they were written
// by a newer version.
absl::StatusOr<engine::Event> DecodeEvent(std::string_view bytes);
absl::StatusOr<engine::PersonEvent> DecodePersonEvent(std::string_view bytes);
absl::StatusOr<engine::ServiceEvent> DecodeServiceEvent(std::string_view bytes);
absl::StatusOr<engine::GroupEvent> DecodeGroupEvent(std::string_view bytes);

// A state row: version:u16 as two bytes, then the state (wire/row.h).
std::string EncodeState(const engine::CaseState& state);
std::string EncodeState(const engine::PersonState& state);
std::string EncodeState(const engine::ServiceState& state);
std::string EncodeState(const engine::GroupState& state);
absl::StatusOr<engine::CaseState> DecodeState(std::string_view bytes);
absl::StatusOr<engine::PersonState> DecodePersonState(std::string_view bytes);
absl::StatusOr<engine::ServiceState> DecodeServiceState(std::string_view bytes);
absl::StatusOr<engine::GroupState> DecodeGroupState(std::string_view bytes);
// Whether the row holds the state: byte for byte, or when an earlier version
// wrote it, read.
bool IsRowOf(std::string_view bytes, const engine::CaseState& state);
bool IsRowOf(std::string_view bytes, const engine::PersonState& state);
bool IsRowOf(std::string_view bytes, const engine::ServiceState& state);
bool IsRowOf(std::string_view bytes, const engine::GroupState& state);

// The content of a command, for its fingerprint: everything but its id.
std::string EncodeCommand(const engine::Command& command);

}  // namespace stepwell::wire

#endif  // STEPWELL_WIRE_RECORD_H_
