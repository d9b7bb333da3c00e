// The log's bytes: golden records of every event, and every way in which bytes
// can be bad. STEPWELL_UPDATE_GOLDEN=1 writes the files and the table of
// docs/formats/log.md anew; the difference is to be reviewed: a record that
// was released never changes.
#include "wire/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/strings.h"
#include "support/matchers.h"
#include "wire/binary.h"
#include "wire/record_support.h"

namespace stepwell::wire {
namespace {

using stepwell::testing::Filler;

constexpr char kFolder[] = STEPWELL_SOURCE_DIR "/tests/golden/records/";
constexpr char kPage[] = STEPWELL_SOURCE_DIR "/docs/formats/log.md";
constexpr char kTableBegins[] = "<!-- events begin -->\n";
constexpr char kTableEnds[] = "<!-- events end -->\n";

bool Updating() { return std::getenv("STEPWELL_UPDATE_GOLDEN") != nullptr; }

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

absl::StatusOr<engine::Event> DecodeAs(std::string_view bytes,
                                       const engine::Event*) {
  return DecodeEvent(bytes);
}
absl::StatusOr<engine::PersonEvent> DecodeAs(std::string_view bytes,
                                             const engine::PersonEvent*) {
  return DecodePersonEvent(bytes);
}
absl::StatusOr<engine::ServiceEvent> DecodeAs(std::string_view bytes,
                                              const engine::ServiceEvent*) {
  return DecodeServiceEvent(bytes);
}

absl::StatusOr<engine::GroupEvent> DecodeAs(std::string_view bytes,
                                            const engine::GroupEvent*) {
  return DecodeGroupEvent(bytes);
}

// A record of this event with everything filled.
template <class Event, class Body>
Event Example() {
  Event event;
  event.seq = 4711;
  event.recorded = Instant{1'772'442'000'000'000};
  event.at = Instant{1'772'441'000'000'000};
  Body body;
  Filler filler;
  Body::Fields(body, filler);
  event.body = std::move(body);
  return event;
}

// Calls `visit` with an example of every event of every stream, and the name
// of its stream.
template <class Event, class Visit, size_t... I>
void EachOf(const char* stream, Visit& visit, std::index_sequence<I...>) {
  (visit(stream,
         Example<Event, std::variant_alternative_t<
                            I, decltype(std::declval<Event>().body)>>()),
   ...);
}
template <class Visit>
void EachEvent(Visit visit) {
  EachOf<engine::Event>(
      "case", visit,
      std::make_index_sequence<std::variant_size_v<engine::EventBody>>());
  EachOf<engine::PersonEvent>(
      "person", visit,
      std::make_index_sequence<std::variant_size_v<engine::PersonEventBody>>());
  EachOf<engine::ServiceEvent>(
      "service", visit,
      std::make_index_sequence<
          std::variant_size_v<engine::ServiceEventBody>>());
  EachOf<engine::GroupEvent>(
      "group", visit,
      std::make_index_sequence<std::variant_size_v<engine::GroupEventBody>>());
}

template <class Event>
std::string NameOf(const Event& event) {
  return std::visit([](const auto& e) { return std::string(e.kName); },
                    event.body);
}
template <class Event>
int TypeOf(const Event& event) {
  return std::visit([](const auto& e) { return int{e.kType}; }, event.body);
}
template <class Event>
int VersionOf(const Event& event) {
  return std::visit([](const auto& e) { return int{e.kVersion}; }, event.body);
}

template <class Event>
std::string GoldenName(const char* stream, const Event& event) {
  return absl::StrCat(stream, "_", TypeOf(event), "_", NameOf(event), "_v",
                      VersionOf(event), ".hex");
}

// Hexadecimal text, 32 bytes a line.
std::string ToText(const std::string& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 32) {
    absl::StrAppend(&text, absl::BytesToHexString(bytes.substr(i, 32)), "\n");
  }
  return text;
}

std::string FromText(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
  return absl::HexStringToBytes(text);
}

TEST(GoldenRecords, EveryEventHasOneThatLoadsAndIsWrittenTheSame) {
  std::set<std::string> names;
  EachEvent([&](const char* stream, const auto& event) {
    const std::string name = GoldenName(stream, event);
    SCOPED_TRACE(name);
    names.insert(name);
    if (Updating()) WriteFile(kFolder + name, ToText(EncodeEvent(event)));
    const std::string golden = FromText(ReadFile(kFolder + name));
    ASSERT_FALSE(golden.empty()) << "there is no golden record";
    const auto decoded = DecodeAs(golden, &event);
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, event);
    EXPECT_EQ(ToText(EncodeEvent(*decoded)), ToText(golden));
  });
  // Those of earlier versions stay, and still load.
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = file.path().filename().string();
    if (names.count(name) != 0) continue;
    const std::string bytes = FromText(ReadFile(file.path().string()));
    EXPECT_TRUE(DecodeEvent(bytes).ok() || DecodePersonEvent(bytes).ok() ||
                DecodeServiceEvent(bytes).ok())
        << name << " no longer loads";
  }
}

TEST(Records, AnEmptyEventReadsBackToo) {
  EachEvent([&](const char*, auto event) {
    std::visit([](auto& body) { body = {}; }, event.body);
    const auto decoded = DecodeAs(EncodeEvent(event), &event);
    ASSERT_OK(decoded) << NameOf(event);
    EXPECT_EQ(*decoded, event) << NameOf(event);
  });
}

TEST(Records, CutShortNeverCrashesAndNeverGivesTheWholeEvent) {
  EachEvent([&](const char*, const auto& event) {
    const std::string bytes = EncodeEvent(event);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = DecodeAs(bytes.substr(0, size), &event);
      if (decoded.ok()) {
        EXPECT_NE(*decoded, event) << NameOf(event) << " at " << size;
      }
    }
  });
}

TEST(Records, FlippedBitsNeverCrash) {
  const RandomStream random{3, 0};
  uint64_t drawn = 0, read = 0, refused = 0;
  EachEvent([&](const char*, const auto& event) {
    const std::string bytes = EncodeEvent(event);
    for (int i = 0; i < 500; ++i) {
      std::string bad = bytes;
      const int flips = 1 + i % 4;
      for (int flip = 0; flip < flips; ++flip) {
        const RandomWords words = random.Words(drawn++, 0, 0);
        bad[words[0] % bad.size()] ^= static_cast<char>(1u << (words[1] % 8));
      }
      ++(DecodeAs(bad, &event).ok() ? read : refused);
    }
  });
  EXPECT_GT(read, 0u);
  EXPECT_GT(refused, 0u);
}

TEST(Records, FieldsOfANewerWriterAreSkipped) {
  EachEvent([&](const char*, const auto& event) {
    std::string bytes = EncodeEvent(event);
    PutVarint(900 << 1, bytes);
    PutVarint(12345, bytes);
    PutVarint(901 << 1 | 1, bytes);
    PutVarint(3, bytes);
    bytes += "new";
    const auto decoded = DecodeAs(bytes, &event);
    ASSERT_OK(decoded) << NameOf(event);
    EXPECT_EQ(*decoded, event);
  });
}

TEST(Records, WhatANewerVersionWroteIsRefusedByName) {
  using stepwell::testing::StatusIs;
  const std::string good =
      EncodeEvent(Example<engine::Event, engine::ItemOpened>());
  const auto changed = [&](size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return DecodeEvent(bytes);
  };
  const auto newer = absl::StatusCode::kUnimplemented;
  EXPECT_THAT(changed(0, 2), StatusIs(newer, "codec 2"));
  EXPECT_THAT(changed(1, 1), StatusIs(newer, "flags"));
  EXPECT_THAT(changed(2, 2), StatusIs(newer, "newer version"));
  EXPECT_THAT(changed(3, 127), StatusIs(newer, "type 127"));
  // A record of another stream is no event of this one.
  EXPECT_THAT(DecodeEvent(EncodeEvent(
                  Example<engine::PersonEvent, engine::PersonRegistered>())),
              StatusIs(newer, "type 201"));
}

TEST(Records, AStateRowReadsBackAndANewerOneIsRefused) {
  engine::CaseState state;
  Filler filler;
  engine::CaseState::Fields(state, filler);
  std::string bytes = EncodeState(state);
  const auto decoded = DecodeState(bytes);
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, state);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = DecodeState(bytes.substr(0, size));
    if (cut.ok()) {
      EXPECT_NE(*cut, state) << size;
    }
  }
  for (const char version : {0, kRowVersion + 1}) {
    bytes[0] = version;
    EXPECT_THAT(DecodeState(bytes),
                stepwell::testing::StatusIs(
                    absl::StatusCode::kUnimplemented,
                    absl::StrCat("version ", static_cast<int>(version))));
  }
}

// In a state row a field is absent that has the value it is made with. What
// is made with another value than 0 must come back as 0 all the same.
TEST(Records, AStateRowKeepsWhatIsZeroAndWhatIsAsItIsMade) {
  engine::CaseState state;
  EXPECT_LE(EncodeState(state).size(), 2u + 2u + 32u + 2u);  // pin and owner
  state.items.resize(3);
  state.items[1].due = Instant{0};
  state.items[2].opened_at = Instant::Never();
  state.items[2].minutes = 0;
  state.scores.resize(2);
  state.scores[1].band = state.scores[1].tier = 0;
  state.responses.resize(2);
  state.responses[1].item = 0;
  state.pending_effects.resize(2);
  state.pending_effects[1].clock = 0;
  state.alerts.resize(2);
  state.alerts[1].evidence = 0;
  state.alerts[1].joined.resize(2);
  state.alerts[1].joined[1].rearmed = false;
  state.paused_at = Instant{0};
  const auto decoded = DecodeState(EncodeState(state));
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, state);
}

TEST(Records, AStateRowOfVersionOneReadsAndCountsAsTheState) {
  engine::CaseState state;
  Filler filler;
  engine::CaseState::Fields(state, filler);
  state.items.emplace_back();
  std::string bytes("\x01\0", 2);
  EncodeTo(state, bytes);
  EXPECT_GT(bytes.size(), EncodeState(state).size());
  const auto decoded = DecodeState(bytes);
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, state);
  EXPECT_TRUE(IsRowOf(bytes, state));
  EXPECT_TRUE(IsRowOf(EncodeState(state), state));
  state.next_clock += 1;
  EXPECT_FALSE(IsRowOf(bytes, state));
  EXPECT_FALSE(IsRowOf(bytes.substr(0, 1), state));
}

// What version 2 left out is what the state is made with.
TEST(Records, AStateRowOfVersionTwoReads) {
  engine::CaseState state;
  state.version = 300;
  state.id = CaseId(7);
  state.protocol.bytes[0] = 9;
  state.last_at = Instant{1'772'442'000'000'001};
  state.owner = engine::Patient();
  state.items.resize(3);
  state.items[1].due = Instant{0};
  state.items[1].note = "about";
  state.items[2].opened_at = Instant::Never();
  state.items[2].minutes = 0;
  state.scores.resize(2);
  state.scores[1].band = state.scores[1].tier = 0;
  state.scores[1].score = engine::Ratio{7, 2};
  state.paused_at = Instant{1'772'442'000'000'000};
  const std::string bytes = absl::HexStringToBytes(
      "020002ac02040709200900000000000000000000000000000000000000000000"
      "0000000000000000000a8288aefeec8093030d020200151d0304030007000d03"
      "0007000c01190561626f757408030007000a0016001f0d02000a0b04020e0404"
      "0c0014002e8188aefeec809303");
  const auto decoded = DecodeState(bytes);
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, state);
  EXPECT_TRUE(IsRowOf(bytes, state));
  EXPECT_LT(EncodeState(state).size(), bytes.size());
}

// Each form of an instant, and what lies outside of all but the last.
TEST(Records, EveryInstantOfAStateRowComesBack) {
  constexpr int64_t kFar = int64_t{1} << 60;
  engine::CaseState state;
  for (const int64_t us :
       {int64_t{0}, int64_t{1}, int64_t{1'772'442'000'000'000},
        int64_t{1'772'442'000'000'001}, int64_t{1'772'442'060'000'001},
        int64_t{1'772'442'000'000'001}, int64_t{1'772'441'000'000'000},
        int64_t{1'772'441'007'000'000}, Instant::Never().us,
        int64_t{60'000'000}, int64_t{-2}, -kFar, kFar - 1, kFar, kFar + 1,
        INT64_MAX - 1, int64_t{1'772'442'060'000'001}, int64_t{60'000'000}}) {
    state.items.emplace_back().opened_at = Instant{us};
    state.alerts.emplace_back().reviewed_until = Instant{us};
    const auto decoded = DecodeState(EncodeState(state));
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, state) << us;
  }
}

// More instants than the writer remembers, again and again.
TEST(Records, ManyInstantsOfAStateRowComeBack) {
  engine::CaseState state;
  const RandomStream random{7, 0};
  for (uint64_t i = 0; i < 3000; ++i) {
    const RandomWords words = random.Words(i, 0, 0);
    engine::ItemState& item = state.items.emplace_back();
    item.opened_at =
        Instant{1'772'442'000'000'000 + int64_t{words[0] % 700} * 1'234'567};
    item.due = item.opened_at + WallDays(int64_t{words[1] % 9});
  }
  const std::string bytes = EncodeState(state);
  const auto decoded = DecodeState(bytes);
  ASSERT_OK(decoded);
  EXPECT_EQ(*decoded, state);
  // A deadline is told by its distance: written out, the two took sixteen.
  EXPECT_LT(bytes.size(), 3000u * 13);
}

TEST(Records, FlippedBitsOfAStateRowNeverCrash) {
  engine::CaseState state;
  Filler filler;
  engine::CaseState::Fields(state, filler);
  const std::string bytes = EncodeState(state);
  const RandomStream random{5, 0};
  uint64_t read = 0;
  for (uint64_t i = 0; i < 20'000; ++i) {
    const RandomWords words = random.Words(i, 0, 0);
    std::string bad = bytes;
    bad[words[0] % bad.size()] ^= static_cast<char>(1u << (words[1] % 8));
    bad[words[2] % bad.size()] ^= static_cast<char>(i % 2 << (words[3] % 8));
    const auto decoded = DecodeState(bad);
    if (!decoded.ok()) continue;
    ++read;
    const auto again = DecodeState(EncodeState(*decoded));
    ASSERT_OK(again);
    EXPECT_EQ(*again, *decoded);
  }
  EXPECT_GT(read, 0u);
  EXPECT_LT(read, 20'000u);
}

TEST(Records, AFieldOfAStateRowThatIsNotKnownIsRefused) {
  std::string bytes("\x03\0", 2);
  PutVarint(uint64_t{1} << 62, bytes);
  PutVarint(5, bytes);
  EXPECT_THAT(DecodeState(bytes),
              stepwell::testing::StatusIs(absl::StatusCode::kUnimplemented,
                                          "newer version"));
}

// Longer than the writer's first room, and lengths of several bytes.
TEST(Records, ALongStateReadsBack) {
  engine::CaseState state;
  for (const size_t length : {0u, 1u, 127u, 128u, 2000u, 16383u, 16384u}) {
    state.items.emplace_back().note.assign(length, 'x');
    state.facts.resize(state.facts.size() + length);
    const auto decoded = DecodeState(EncodeState(state));
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, state);
  }
}

TEST(Records, NumbersAreNeverUsedTwice) {
  std::set<std::pair<std::string, int>> types;
  EachEvent([&](const char* stream, const auto& event) {
    EXPECT_TRUE(types.insert({stream, TypeOf(event)}).second)
        << stream << " " << NameOf(event);
    std::visit(
        [&](auto body) {
          uint32_t last = 0;
          std::set<uint32_t> numbers;
          decltype(body)::Fields(body, [&](uint32_t number, auto...) {
            EXPECT_TRUE(numbers.insert(number).second) << NameOf(event);
            last = number;
          });
          (void)last;
        },
        event.body);
  });
}

// `| 12 | ItemOpened | 1 key, 2 owner, ... |` a line.
std::string Table() {
  std::string table =
      "| stream | type | event | version | fields |\n"
      "|---|---|---|---|---|\n";
  EachEvent([&](const char* stream, const auto& event) {
    std::string fields;
    std::visit(
        [&](auto body) {
          decltype(body)::Fields(
              body, [&](uint32_t number, const char* name, auto...) {
                absl::StrAppend(&fields, fields.empty() ? "" : ", ", number,
                                " ", name);
              });
        },
        event.body);
    absl::StrAppend(&table, "| ", stream, " | ", TypeOf(event), " | ",
                    NameOf(event), " | ", VersionOf(event), " | ",
                    fields.empty() ? "none" : fields, " |\n");
  });
  return table;
}

TEST(LogPage, ListsTheEventsAsTheyAre) {
  std::string page = ReadFile(kPage);
  const size_t begin = page.find(kTableBegins);
  const size_t end = page.find(kTableEnds);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const size_t from = begin + sizeof(kTableBegins) - 1;
  if (Updating()) {
    page.replace(from, end - from, Table());
    WriteFile(kPage, page);
    return;
  }
  EXPECT_EQ(page.substr(from, end - from), Table());
}

// Seven bits at a time, as the page of the format says it.
std::string PlainVarint(uint64_t value) {
  std::string out;
  do {
    const uint64_t rest = value >> 7;
    out += static_cast<char>(value % 128 + (rest != 0 ? 128 : 0));
    value = rest;
  } while (value != 0);
  return out;
}

TEST(Varints, AreThoseOfThePlainWriterAtEveryLength) {
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t power = uint64_t{1} << bit;
    for (uint64_t value : {power - 1, power, power + 1, power | power / 3,
                           ~uint64_t{0} >> bit}) {
      std::string out;
      PutVarint(value, out);
      EXPECT_EQ(out, PlainVarint(value)) << value;
    }
  }
}

}  // namespace
}  // namespace stepwell::wire
