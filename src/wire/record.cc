#include "wire/record.h"

#include <array>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "wire/binary.h"

namespace stepwell::wire {

using engine::Event;
using engine::EventBody;

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
    return MakeError(absl::StatusCode::kUnimplemented,
                     absl::StrCat("a log record has codec ",
                                  static_cast<int>(bytes[0]),
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
  header.at = Instant{static_cast<int64_t>(
      static_cast<uint64_t>(header.recorded.us) +
      static_cast<uint64_t>(UnZigZag(numbers[3])))};
  header.body = bytes.substr(at);
  return header;
}

// One reader an event type, found by its number.
using BodyReader = bool (*)(std::string_view, EventBody&);

template <class E>
bool ReadBody(std::string_view bytes, EventBody& body) {
  return DecodeFrom(bytes, body.emplace<E>());
}

struct ReaderEntry {
  uint16_t type;
  uint8_t version;
  BodyReader read;
};

template <size_t... I>
constexpr auto MakeReaders(std::index_sequence<I...>) {
  return std::array<ReaderEntry, sizeof...(I)>{
      ReaderEntry{std::variant_alternative_t<I, EventBody>::kType,
                  std::variant_alternative_t<I, EventBody>::kVersion,
                  &ReadBody<std::variant_alternative_t<I, EventBody>>}...};
}

constexpr auto kReaders =
    MakeReaders(std::make_index_sequence<std::variant_size_v<EventBody>>());

// Types are numbered from 1 in the order of the variant, so that decoding is
// an index and not a search.
constexpr bool InOrder() {
  for (size_t i = 0; i < kReaders.size(); ++i) {
    if (kReaders[i].type != i + 1) return false;
  }
  return true;
}
static_assert(InOrder(), "event types are numbered in the variant's order");

}  // namespace

std::string EncodeEvent(const Event& event) {
  std::string out;
  out.reserve(64);
  out.push_back(static_cast<char>(kRecordCodec));
  out.push_back(0);
  std::visit(
      [&](const auto& body) {
        using E = std::decay_t<decltype(body)>;
        out.push_back(static_cast<char>(E::kVersion));
        PutVarint(E::kType, out);
        PutVarint(event.seq, out);
        PutVarint(ZigZag(event.recorded.us), out);
        PutVarint(ZigZag(static_cast<int64_t>(
                      static_cast<uint64_t>(event.at.us) -
                      static_cast<uint64_t>(event.recorded.us))),
                  out);
        EncodeTo(body, out);
      },
      event.body);
  return out;
}

absl::StatusOr<Event> DecodeEvent(std::string_view bytes) {
  STEPWELL_ASSIGN_OR_RETURN(const Header header, ReadHeader(bytes));
  if (header.type == 0 || header.type > kReaders.size()) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     absl::StrCat("log record ", header.seq, " has type ",
                                  header.type,
                                  ", which this version does not know"));
  }
  const ReaderEntry& reader = kReaders[header.type - 1u];
  if (header.version > reader.version) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     absl::StrCat("log record ", header.seq,
                                  " was written by a newer version"));
  }
  Event event;
  event.seq = header.seq;
  event.recorded = header.recorded;
  event.at = header.at;
  if (!reader.read(header.body, event.body)) {
    return Corrupt(absl::StrCat("log record ", header.seq, " is damaged"));
  }
  return event;
}

absl::StatusOr<uint64_t> PeekSeq(std::string_view bytes) {
  STEPWELL_ASSIGN_OR_RETURN(const Header header, ReadHeader(bytes));
  return header.seq;
}

std::string EncodeState(const engine::CaseState& state) {
  std::string out;
  out.reserve(1024);
  out.push_back(static_cast<char>(engine::kStateVersion & 0xFF));
  out.push_back(static_cast<char>(engine::kStateVersion >> 8));
  EncodeTo(state, out);
  return out;
}

absl::StatusOr<engine::CaseState> DecodeState(std::string_view bytes) {
  if (bytes.size() < 2) return Corrupt("a state row is cut short");
  const int version = static_cast<uint8_t>(bytes[0]) |
                      static_cast<uint8_t>(bytes[1]) << 8;
  if (version != engine::kStateVersion) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     absl::StrCat("a state row has codec version ", version,
                                  "; this version reads ",
                                  engine::kStateVersion));
  }
  engine::CaseState state;
  if (!DecodeFrom(bytes.substr(2), state)) {
    return Corrupt("a state row is damaged");
  }
  return state;
}

std::string EncodeCommand(const engine::Command& command) {
  std::string out;
  engine::Envelope envelope = command.envelope;
  envelope.command_id.clear();
  EncodeTo(envelope, out);
  PutVarint(command.case_id.value, out);
  std::visit(
      [&](const auto& body) {
        out += body.kVerb;
        EncodeTo(body, out);
      },
      command.body);
  return out;
}

}  // namespace stepwell::wire
