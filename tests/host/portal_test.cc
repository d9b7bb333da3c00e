// What a patient is offered, as the portal shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/host_support.h"
#include "support/matchers.h"

namespace stepwell::host {
namespace {

class PortalTest : public HostTest {};

constexpr char kOffers[] = R"({"protocol": "offers", "version": "1",
  "base": "icbt_base@1", "status": "draft", "author": "The Stepwell authors",
  "tracks": [{"id": "pathway", "phases": [{"id": "intake", "items": [
    {"id": "again", "kind": "questionnaire", "who": "patient",
     "instrument": "phq9", "mode": "offered", "title": "Once more"}]}]}]})";

TEST_F(PortalTest, WhatIsOfferedIsToldLikeWhatIsOpen) {
  Begin(kOffers);
  ASSERT_OK_AND_ASSIGN(const Portal portal,
                       service_->QueryPortal("urn:clinic|p-1", now_));
  ASSERT_EQ(portal.entries.size(), 5u);
  const PortalEntry& open = portal.entries[1];
  EXPECT_EQ(open.item, "screen_phq9");
  EXPECT_EQ(open.state, "available");
  EXPECT_EQ(open.instrument, "phq-9");
  const PortalEntry& offered = portal.entries[4];
  EXPECT_EQ(offered.item, "again");
  EXPECT_EQ(offered.state, "offered");
  EXPECT_EQ(offered.kind, "questionnaire");
  EXPECT_EQ(offered.title, "Once more");
  EXPECT_EQ(offered.instrument, "phq-9");
  EXPECT_EQ(offered.case_id, open.case_id);
  EXPECT_TRUE(offered.since.IsNever());
}

}  // namespace
}  // namespace stepwell::host
