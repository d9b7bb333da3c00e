#include "wire/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <variant>

#include "base/time_text.h"
#include "json/json.h"
#include "support/matchers.h"
#include "wire/binary.h"
#include "wire/json_support.h"
#include "wire/state_json.h"

namespace stepwell::wire {
namespace {

using engine::Event;
using ::testing::HasSubstr;

// Gives every field of a struct a value that is neither its default nor
// absent, different from field to field.
class Filler {
 public:
  template <class T>
  void operator()(uint32_t, const char*, T& value) {
    ++step_;
    if constexpr (IsOptional<T>::value) {
      (*this)(0, "", value.emplace());
    } else if constexpr (std::is_same_v<T, bool>) {
      value = true;
    } else if constexpr (std::is_enum_v<T>) {
      value = EnumTable<T>::kEntries[1].value;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(1);
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = "text " + std::to_string(step_);
    } else if constexpr (std::is_same_v<T, Instant>) {
      value = Instant{1'772'438'400'000'000 + step_ * 1'000'000};
    } else if constexpr (IsSymbol<T>::value) {
      value = T(0);
    } else if constexpr (IsStrongId<T>::value) {
      value = T(1);
    } else if constexpr (std::is_same_v<T, Fingerprint>) {
      value.bytes.fill(0xAB);
    } else if constexpr (std::is_same_v<T, protocol::FactValue>) {
      value.kind = protocol::FactValue::Kind::kInteger;
      value.number = 41;
    } else if constexpr (IsVector<T>::value) {
      (*this)(0, "", value.emplace_back());
      (*this)(0, "", value.emplace_back());
    } else {
      T::Fields(value, *this);
    }
  }

 private:
  int step_ = 0;
};

// The names that a struct lists.
template <class T>
std::set<std::string> FieldNames() {
  T value;
  std::set<std::string> names;
  T::Fields(value,
            [&](uint32_t, const char* name, auto&) { names.insert(name); });
  return names;
}

template <class E, class Body>
void ExpectEveryField(const Names& names) {
  E event;
  event.seq = 7;
  Body body;
  Filler filler;
  Body::Fields(body, filler);
  event.body = body;
  const std::string text = EventToJson(event, names);
  auto document = json::Parse(text);
  ASSERT_THAT(document, testing::IsOk()) << text;
  const json::Value root = document->root();
  EXPECT_EQ(root.Find("event").string_value(), Body::kName);
  EXPECT_EQ(root.Find("seq").int64_value(), 7);
  for (const std::string& name : FieldNames<Body>()) {
    EXPECT_TRUE(root.Find(name))
        << Body::kName << " loses " << name << ": " << text;
    EXPECT_FALSE(root.Find(name).is_null()) << name << ": " << text;
  }
  EXPECT_EQ(EventToText(event, names).find(Body::kName), 0u);
  EXPECT_EQ(EventName(Body::kType), Body::kName);
}

template <class E, class Variant, size_t... I>
void ExpectEveryType(const Names& names, std::index_sequence<I...>) {
  (ExpectEveryField<E, std::variant_alternative_t<I, Variant>>(names), ...);
}

template <class E, class Variant>
void ExpectEveryType(const Names& names) {
  ExpectEveryType<E, Variant>(
      names, std::make_index_sequence<std::variant_size_v<Variant>>());
}

class EventJson : public ::testing::Test {
 protected:
  void SetUp() override {
    protocol_ = CatalogueProtocol("minimal");
    ASSERT_NE(protocol_, nullptr);
    names_ = NamesOfProtocol(*protocol_);
  }

  Event At(engine::EventBody body) const {
    Event event;
    event.seq = 3;
    event.at = *ParseInstant("2026-03-02T08:00:00Z");
    event.recorded = *ParseInstant("2026-03-02T08:00:05Z");
    event.body = std::move(body);
    return event;
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  Names names_;
};

TEST_F(EventJson, EveryEventTypeOfEveryStreamKeepsAllItsFields) {
  ExpectEveryType<Event, engine::EventBody>(names_);
  ExpectEveryType<engine::PersonEvent, engine::PersonEventBody>(names_);
  ExpectEveryType<engine::ServiceEvent, engine::ServiceEventBody>(names_);
  ExpectEveryType<engine::GroupEvent, engine::GroupEventBody>(names_);
}

TEST_F(EventJson, NumbersOfTheProtocolBecomeNames) {
  engine::ItemOpened opened;
  opened.key = {protocol_->FindElement("form"), 1, 1};
  opened.owner = engine::Patient();
  opened.due = *ParseInstant("2026-03-09T09:00:00+01:00");
  EXPECT_EQ(
      EventToJson(At(opened), names_),
      R"({"seq":3,"at":"2026-03-02T08:00:00Z","recorded":"2026-03-02T08:00:05Z",)"
      R"("event":"ItemOpened","key":{"element":"form","episode":1,)"
      R"("occurrence":1},"owner":{"kind":"patient"},"priority":0,)"
      R"("due":"2026-03-09T08:00:00Z","note":""})");
  EXPECT_EQ(EventToText(At(opened), names_),
            "ItemOpened item=form owner=patient due=2026-03-09T08:00:00Z");
  names_.zone = protocol_->zone;  // Stockholm
  EXPECT_EQ(EventToText(At(opened), names_),
            "ItemOpened item=form owner=patient due=2026-03-09T09:00");
}

TEST_F(EventJson, ItemsAreNamedByTheStateOfTheCase) {
  engine::CaseState state;
  state.items.emplace_back().key.element = protocol_->FindElement("call");
  engine::ItemDone done;
  done.minutes = 25;
  EXPECT_EQ(EventToText(At(done), names_), "ItemDone item=#0 minutes=25");
  names_.state = &state;
  EXPECT_EQ(EventToText(At(done), names_), "ItemDone item=call minutes=25");
  EXPECT_THAT(EventToJson(At(done), names_),
              HasSubstr(R"("item":0,"element":"call","minutes":25)"));
}

TEST_F(EventJson, AnswersAreNamedByTheirInstrument) {
  engine::ResponseReceived response;
  response.response_id = "r1";
  response.instrument = protocol_->FindInstrument("phq9");
  response.answers = {{0, 2, "", ""},
                      {8, std::nullopt, "maybe", ""},
                      {0xFFFF, std::nullopt, "x", "q77"}};
  const auto& items = protocol_->at(response.instrument).instrument->items();
  EXPECT_THAT(EventToText(At(response), names_),
              HasSubstr("answers=" + items[0].id + ":2," + items[8].id +
                        ":maybe,?q77:x"));
  EXPECT_THAT(EventToJson(At(response), names_),
              HasSubstr(R"({"item":")" + items[0].id + R"(","number":2,)"));
}

TEST_F(EventJson, ScoresAreExact) {
  engine::ScoreRecorded score;
  score.instrument = protocol_->FindInstrument("phq9");
  score.score = engine::Ratio{21, 2};
  score.band = 2;
  const auto& scale =
      protocol_->at(score.instrument).instrument->scales().front();
  EXPECT_THAT(EventToJson(At(score), names_), HasSubstr(R"("score":10.5)"));
  EXPECT_THAT(EventToJson(At(score), names_),
              HasSubstr(R"("band":")" + scale.bands[2].id + '"'));
  score.score = engine::Ratio{-34, 3};
  EXPECT_THAT(EventToJson(At(score), names_),
              HasSubstr(R"("score":{"numerator":-34,"denominator":3})"));
  EXPECT_THAT(EventToText(At(score), names_), HasSubstr(" score=-34/3"));
  score.band = 0xFF;
  EXPECT_THAT(EventToJson(At(score), names_),
              ::testing::Not(HasSubstr("band")));
}

TEST_F(EventJson, AValueWithBlanksIsQuotedInText) {
  engine::ItemOpened opened;
  opened.key = {protocol_->review_element, 2, 3};
  opened.note = "look at \"this\" = that";
  EXPECT_THAT(
      EventToText(At(opened), names_),
      HasSubstr(R"(occurrence=3 episode=2 note="look at \"this\" = that")"));
}

TEST_F(EventJson, WhoActsIsOneWord) {
  engine::CommandRecorded command;
  command.verb = "work_item";
  command.envelope.command_id = "c1";
  command.envelope.actor = {engine::Role::kStaff, StaffId(1), ""};
  EXPECT_EQ(EventToText(At(command), names_),
            "CommandRecorded verb=work_item command_id=c1 actor=anna");
  command.envelope.actor = {engine::Role::kReferrer, StaffId(0), "gp-22"};
  EXPECT_THAT(EventToText(At(command), names_),
              HasSubstr("actor=referrer:gp-22"));
}

TEST_F(EventJson, SymbolsOfAnotherProtocolShowAsNumbers) {
  engine::TrackMoved moved;
  moved.track = protocol::TrackId(900);
  moved.to = protocol::PhaseId(901);
  EXPECT_EQ(EventToText(At(moved), names_), "TrackMoved track=#900 to=#901");
  EXPECT_THAT(EventToJson(At(moved), Names()), HasSubstr(R"("to":"#901")"));
}

TEST_F(EventJson, TimesOutsideTheCalendarDoNotCrash) {
  engine::ClockStarted clock;
  clock.started_at = Instant{INT64_MIN};
  clock.due = Instant::Never();
  Event event = At(clock);
  event.at = Instant{INT64_MIN};
  const std::string text = EventToJson(event, names_);
  ASSERT_OK(json::Parse(text));
  EXPECT_THAT(text, HasSubstr(R"("due":null)"));
}

TEST_F(EventJson, TiersAreNamedByTheirInstrument) {
  engine::ScoreRecorded score;
  score.instrument = protocol_->FindInstrument("risk_screen");
  score.tier = 0;
  const std::string tier =
      protocol_->at(score.instrument).instrument->tiers().ids[0];
  EXPECT_THAT(EventToText(At(score), names_), HasSubstr(" tier=" + tier));
  EXPECT_THAT(EventToJson(At(score), names_),
              HasSubstr(R"("tier":")" + tier + '"'));
}

TEST_F(EventJson, ATimeThatIsNotReachedYetIsLeftOut) {
  engine::ReferralAttached attached;
  attached.referral.received_at = *ParseInstant("2026-03-02T08:00:00Z");
  EXPECT_EQ(EventToText(At(attached), names_),
            "ReferralAttached received_at=2026-03-02T08:00:00Z");
  EXPECT_THAT(EventToJson(At(attached), names_),
              ::testing::Not(HasSubstr("answered_at")));
}

TEST_F(EventJson, EffectsAreNamedAsInTheOutbox) {
  engine::EffectSettled settled;
  settled.effect = 10306503599348164277u;
  const std::string id = IdToText(settled.effect);
  EXPECT_EQ(EventToText(At(settled), names_),
            "EffectSettled effect=" + id + " delivered=false expired=false");
  EXPECT_THAT(EventToJson(At(settled), names_),
              HasSubstr(R"("effect":")" + id + '"'));
  engine::Voided voided;
  voided.responses = {3, 7};
  voided.effects_sent = {settled.effect};
  EXPECT_EQ(EventToText(At(voided), names_),
            "Voided target=0 responses=3,7 effects_sent=" + id +
                " safe_contact=false");
}

TEST_F(EventJson, TheStateOfACaseListsEveryField) {
  engine::CaseState state;
  Filler filler;
  engine::CaseState::Fields(state, filler);
  ASSERT_OK_AND_ASSIGN(const json::Document document,
                       json::Parse(StateToJson(state, names_)));
  for (const std::string& name : FieldNames<engine::CaseState>()) {
    EXPECT_TRUE(document.root().Find(name)) << name;
  }
  EXPECT_EQ(document.root()
                .Find("items")
                .at(0)
                .Find("key")
                .Find("element")
                .string_value(),
            protocol_->elements[0].id);
}

}  // namespace
}  // namespace stepwell::wire
