// Ids of messages: the same one again is known, and what is read takes no room.
#include <gtest/gtest.h>

#include <string>

#include "engine/case_support.h"

namespace stepwell::engine {
namespace {

class MessageId : public CaseTest {
 protected:
  std::string Receive(const std::string& id, const std::string& body) {
    ReceiveMessage message;
    message.message_id = id;
    message.body_key = body;
    EXPECT_EQ(Do(Role::kPatient, message), "");
    const auto received = Recorded<MessageReceived>();
    return received.empty()
               ? ""
               : std::get<MessageReceived>(received[0].body).message_id;
  }
  std::string Send(const std::string& id) {
    SendMessage message;
    message.message_id = id;
    message.body_key = "k";
    return Do(Role::kStaff, message);
  }
  void Read(const std::string& id) {
    EXPECT_EQ(Do(Role::kPatient, ReadMessage{id}), "");
  }
};

TEST_F(MessageId, OneThatGotAnotherIdIsTheSameWhenItComesAgain) {
  Open("minimal");
  EXPECT_EQ(Receive("m", "A"), "m");
  EXPECT_EQ(Receive("m", "B"), "m/1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Receive("m", "B"), "") << "it was kept twice";
    EXPECT_EQ(Receive("m", "A"), "");
  }
  EXPECT_EQ(state_.messages.size(), 2u);
  ASSERT_NE(state_.Received("m", "B"), nullptr);
  EXPECT_EQ(state_.Received("m", "B")->id, "m/1");
  EXPECT_EQ(Receive("m", "C"), "m/2");
}

// It has the name of a message of staff, also when that was read meanwhile.
TEST_F(MessageId, OneWithAnIdOfStaffIsTheSameWhenItComesAgain) {
  Open("minimal");
  EXPECT_EQ(Send("s"), "");
  EXPECT_EQ(Receive("s", "A"), "s/0");
  EXPECT_EQ(Receive("s", "A"), "");
  Read("s");
  EXPECT_EQ(Receive("s", "A"), "");
}

// Nothing that a patient wrote is taken for another text of theirs.
TEST_F(MessageId, AnotherTextIsNeverTheSame) {
  Open("minimal");
  EXPECT_EQ(Receive("m/1", "A"), "m/1");
  EXPECT_EQ(Receive("m", "B"), "m");
  EXPECT_EQ(Receive("m", "C"), "m/2");
  EXPECT_EQ(Receive("", "C"), "");
  EXPECT_EQ(state_.messages.size(), 4u);
}

// After years, when ids are no longer looked for one by one.
TEST_F(MessageId, OfManyEachIsToldFromTheOthers) {
  Open("minimal");
  constexpr int kMany = 40;
  const auto name = [](const char* whose, int i) {
    return whose + std::to_string(i);
  };
  for (int i = 0; i < kMany; ++i) {
    EXPECT_EQ(Receive(name("m", i), "A"), name("m", i));
    EXPECT_EQ(Send(name("s", i)), "");
  }
  for (int i = 0; i < kMany; ++i) {
    EXPECT_EQ(Receive(name("m", i), "A"), "");
    EXPECT_EQ(Send(name("m", i)), "message_known");
    EXPECT_EQ(Send(name("s", i)), "message_known");
  }
  EXPECT_EQ(Receive("s9", "B"), "s9/40");
  Read("s7");
  Read("s9");
  EXPECT_EQ(Receive("s9", "B"), "") << "it was kept twice";
  EXPECT_EQ(Send("s7"), "");
  EXPECT_EQ(Send("s7"), "message_known");
  EXPECT_EQ(Send("s39"), "message_known");
  EXPECT_EQ(Receive("s9", "C"), "s9");
  EXPECT_EQ(Receive("m3", "C"), "m3/42");
  EXPECT_EQ(Receive("m3", "C"), "");
  EXPECT_EQ(state_.unread.size(), kMany - 1u);
}

TEST_F(MessageId, WhatIsReadTakesNoRoomInTheCase) {
  Open("minimal");
  const CaseState before = state_;
  for (const char* id : {"s1", "s2", "s3"}) {
    EXPECT_EQ(Send(id), "");
    EXPECT_EQ(Send(id), "message_known");
    Read(id);
  }
  EXPECT_GT(state_.version, before.version);
  state_.version = before.version;
  EXPECT_TRUE(state_ == before) << "the case keeps what the log has";
}

}  // namespace
}  // namespace stepwell::engine
