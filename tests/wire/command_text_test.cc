// Messages and letters are of something: of staff an empty one is a mistake, of
// a patient it is a message all the same.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "support/matchers.h"
#include "wire/command_json.h"
#include "wire/json_support.h"

namespace stepwell::wire {
namespace {

using testing::StatusIs;

class CommandText : public ::testing::Test {
 protected:
  void SetUp() override {
    protocol_ = CatalogueProtocol("icbt_base");
    ASSERT_NE(protocol_, nullptr);
  }

  absl::StatusOr<CommandBody> Read(const std::string& members) {
    STEPWELL_ASSIGN_OR_RETURN(
        const json::Document document,
        ParseCommand(absl::StrCat(R"({"id":"c","case":"0123456789ABC",)",
                                  members, "}")));
    STEPWELL_ASSIGN_OR_RETURN(const CommandHead head,
                              ReadCommandHead(document.root()));
    return ReadCommandBody(head, document.root(), NamesOfProtocol(*protocol_));
  }
  absl::StatusOr<CommandBody> OfStaff(const std::string& members) {
    return Read(absl::StrCat(R"("actor":{"role":"integration"},)", members));
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
};

TEST_F(CommandText, WhatStaffWriteIsNotEmpty) {
  const std::string message = R"("command":"send_message","message_id":"m")";
  const std::string letter =
      R"("command":"transfer_case","action":"hand_over","to":"hospital")";
  for (const std::string& verb : {message, letter}) {
    const auto missing = OfStaff(verb);
    EXPECT_THAT(missing, StatusIs(absl::StatusCode::kInvalidArgument,
                                  "or the `body_key` under which the host"));
    EXPECT_EQ(PlaceOf(missing.status()).pointer, "/text");
    EXPECT_EQ(PlaceOf(OfStaff(verb + R"(,"text":"")").status()).pointer,
              "/text");
    EXPECT_EQ(PlaceOf(OfStaff(verb + R"(,"text":" \n\t ")").status()).pointer,
              "/text");
    EXPECT_EQ(PlaceOf(OfStaff(verb + R"(,"body_key":"")").status()).pointer,
              "/body_key");
    EXPECT_OK(OfStaff(verb + R"(,"text":"Dear")"));
    EXPECT_OK(OfStaff(verb + R"(,"body_key":"k-1")"));
  }
  EXPECT_OK(OfStaff(R"("command":"transfer_case","action":"confirm")"));
}

TEST_F(CommandText, AnEmptyMessageOfAPatientIsTaken) {
  for (const char* text : {"", R"(,"text":"")"}) {
    ASSERT_OK_AND_ASSIGN(
        const CommandBody read,
        Read(absl::StrCat(R"("command":"receive_message","message_id":"m")",
                          text)));
    EXPECT_EQ(std::get<engine::ReceiveMessage>(read.body).message_id, "m");
    EXPECT_EQ(read.text, "");
  }
}

}  // namespace
}  // namespace stepwell::wire
