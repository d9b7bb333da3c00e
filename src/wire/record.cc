#include "wire/record.h"

#include <array>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "wire/binary.h"
#include "wire/row.h"

namespace stepwell::wire {

namespace {

struct Header {
  uint16_t type = 0;
  uint8_t version = 0;
  uint64_t seq = 0;
  Instant recorded, at;
  std::string_view body;
};

absl::StatusOr<Header> ReadHeader(std::string_view bytes) {
  if (bytes.size() < 4) return Corrupt("a log record is cut short");
  if (static_cast<uint8_t>(bytes[0]) != kRecordCodec) {
    return MakeError(
        absl::StatusCode::kUnimplemented,
        absl::StrCat("a log record has codec ", static_cast<int>(bytes[0]),
                     "; this version reads 1"));
  }
  if (bytes[1] != 0) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     "a log record has flags this version does not know");
  }
  Header header;
  header.version = static_cast<uint8_t>(bytes[2]);
  size_t at = 3;
  std::array<uint64_t, 4> numbers{};
  for (uint64_t& number : numbers) {
    int shift = 0;
    while (true) {
      if (at >= bytes.size() || shift > 63) {
        return Corrupt("a log record is cut short");
      }
      const auto byte = static_cast<uint8_t>(bytes[at++]);
      number |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
      shift += 7;
    }
  }
  header.type = static_cast<uint16_t>(numbers[0]);
  header.seq = numbers[1];
  header.recorded = Instant{UnZigZag(numbers[2])};
  header.at = Instant{
      static_cast<int64_t>(static_cast<uint64_t>(header.recorded.us) +
                           static_cast<uint64_t>(UnZigZag(numbers[3])))};
  header.body = bytes.substr(at);
  return header;
}

// One reader an event type of a stream.
template <class Body>
struct Readers {
  struct Entry {
    uint16_t type;
    uint8_t version;
    bool (*read)(std::string_view, Body&);
  };

  template <class E>
  static bool Read(std::string_view bytes, Body& body) {
    return DecodeFrom(bytes, body.template emplace<E>());
  }

  template <size_t... I>
  static constexpr auto Make(std::index_sequence<I...>) {
    return std::array<Entry, sizeof...(I)>{
        Entry{std::variant_alternative_t<I, Body>::kType,
              std::variant_alternative_t<I, Body>::kVersion,
              &Read<std::variant_alternative_t<I, Body>>}...};
  }
  static constexpr auto kEntries =
      Make(std::make_index_sequence<std::variant_size_v<Body>>());

  static const Entry* Find(uint16_t type) {
    // Case events are numbered in the order of the variant: an index.
    if (type >= 1 && type <= kEntries.size() &&
        kEntries[type - 1u].type == type) {
      return &kEntries[type - 1u];
    }
    for (const Entry& entry : kEntries) {
      if (entry.type == type) return &entry;
    }
    return nullptr;
  }
};

template <class E>
void AppendTo(const E& event, std::string& out) {
  std::visit(
      [&](const auto& body) {
        using B = std::decay_t<decltype(body)>;
        BinaryWriter writer(out);
        writer.Byte(kRecordCodec);
        writer.Byte(0);
        writer.Byte(B::kVersion);
        writer.Varint(B::kType);
        writer.Varint(event.seq);
        writer.Varint(ZigZag(event.recorded.us));
        writer.Varint(ZigZag(
            static_cast<int64_t>(static_cast<uint64_t>(event.at.us) -
                                 static_cast<uint64_t>(event.recorded.us))));
        writer.Fields(body);
      },
      event.body);
}

template <class E>
std::string Encode(const E& event) {
  std::string out;
  AppendTo(event, out);
  return out;
}

template <class E>
absl::StatusOr<E> Decode(std::string_view bytes) {
  STEPWELL_ASSIGN_OR_RETURN(const Header header, ReadHeader(bytes));
  const auto* reader = Readers<decltype(E::body)>::Find(header.type);
  if (reader == nullptr || header.version > reader->version) {
    return MakeError(
        absl::StatusCode::kUnimplemented,
        absl::StrCat("log record ", header.seq, " (type ", header.type,
                     ") was written by a newer version"));
  }
  E event;
  event.seq = header.seq;
  event.recorded = header.recorded;
  event.at = header.at;
  if (!reader->read(header.body, event.body)) {
    return Corrupt(absl::StrCat("log record ", header.seq, " is damaged"));
  }
  return event;
}

// Before this version a row was written as the body of a record is.
constexpr int kPackedSince = 3;

template <class S>
std::string EncodeRow(const S& state) {
  std::string out;
  RowWriter writer(out);
  writer.Byte(kRowVersion & 0xFF);
  writer.Byte(uint8_t{kRowVersion >> 8});
  writer.Value(state);
  writer.Finish();
  return out;
}

template <class S>
absl::StatusOr<S> DecodeRow(std::string_view bytes) {
  if (bytes.size() < 2) return Corrupt("a state row is cut short");
  const int version =
      static_cast<uint8_t>(bytes[0]) | static_cast<uint8_t>(bytes[1]) << 8;
  if (version < 1 || version > kRowVersion) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     absl::StrCat("a state row has codec version ", version,
                                  "; this version reads 1 to ", kRowVersion));
  }
  bytes.remove_prefix(2);
  S state;
  if (version < kPackedSince) {
    if (!DecodeFrom(bytes, state)) return Corrupt("a state row is damaged");
    return state;
  }
  RowReader reader(bytes);
  reader.Value(state);
  if (reader.IsNewer()) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     "a state row was written by a newer version");
  }
  if (!reader.ok() || !reader.AtEnd()) return Corrupt("a state row is damaged");
  return state;
}

template <class S>
bool IsRow(std::string_view bytes, const S& state) {
  if (bytes == EncodeRow(state)) return true;
  const bool older = bytes.size() >= 2 && bytes[1] == 0 &&
                     static_cast<uint8_t>(bytes[0]) < kRowVersion;
  if (!older) return false;
  const absl::StatusOr<S> stored = DecodeRow<S>(bytes);
  return stored.ok() && *stored == state;
}

}  // namespace

std::string EncodeEvent(const engine::Event& event) { return Encode(event); }
void AppendEvent(const engine::Event& event, std::string& out) {
  AppendTo(event, out);
}
std::string EncodeEvent(const engine::PersonEvent& event) {
  return Encode(event);
}
std::string EncodeEvent(const engine::ServiceEvent& event) {
  return Encode(event);
}

std::string EncodeEvent(const engine::GroupEvent& event) {
  return Encode(event);
}

absl::StatusOr<engine::Event> DecodeEvent(std::string_view bytes) {
  return Decode<engine::Event>(bytes);
}
absl::StatusOr<engine::PersonEvent> DecodePersonEvent(std::string_view bytes) {
  return Decode<engine::PersonEvent>(bytes);
}
absl::StatusOr<engine::ServiceEvent> DecodeServiceEvent(
    std::string_view bytes) {
  return Decode<engine::ServiceEvent>(bytes);
}

absl::StatusOr<engine::GroupEvent> DecodeGroupEvent(std::string_view bytes) {
  return Decode<engine::GroupEvent>(bytes);
}

std::string EncodeState(const engine::CaseState& state) {
  return EncodeRow(state);
}
std::string EncodeState(const engine::PersonState& state) {
  return EncodeRow(state);
}
std::string EncodeState(const engine::ServiceState& state) {
  return EncodeRow(state);
}

std::string EncodeState(const engine::GroupState& state) {
  return EncodeRow(state);
}

absl::StatusOr<engine::CaseState> DecodeState(std::string_view bytes) {
  return DecodeRow<engine::CaseState>(bytes);
}
absl::StatusOr<engine::PersonState> DecodePersonState(std::string_view bytes) {
  return DecodeRow<engine::PersonState>(bytes);
}
absl::StatusOr<engine::ServiceState> DecodeServiceState(
    std::string_view bytes) {
  return DecodeRow<engine::ServiceState>(bytes);
}

absl::StatusOr<engine::GroupState> DecodeGroupState(std::string_view bytes) {
  return DecodeRow<engine::GroupState>(bytes);
}

bool IsRowOf(std::string_view bytes, const engine::CaseState& state) {
  return IsRow(bytes, state);
}
bool IsRowOf(std::string_view bytes, const engine::PersonState& state) {
  return IsRow(bytes, state);
}
bool IsRowOf(std::string_view bytes, const engine::ServiceState& state) {
  return IsRow(bytes, state);
}

bool IsRowOf(std::string_view bytes, const engine::GroupState& state) {
  return IsRow(bytes, state);
}

std::string EncodeCommand(const engine::Command& command) {
  constexpr uint32_t kCommandId = 1;
  std::string out;
  BinaryWriter writer(out);
  engine::Envelope::Fields(
      command.envelope,
      [&](uint32_t number, const char* name, const auto& field) {
        if (number != kCommandId) writer(number, name, field);
      });
  writer.Varint(command.case_id.value);
  std::visit(
      [&](const auto& body) {
        writer.Bytes(std::string_view(body.kVerb));
        writer.Fields(body);
      },
      command.body);
  writer.Finish();
  return out;
}

}  // namespace stepwell::wire
