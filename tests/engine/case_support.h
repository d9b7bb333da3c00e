// One case under a shipped protocol, told by commands; the invariants are
// looked at after each.
#ifndef STEPWELL_TESTS_ENGINE_CASE_SUPPORT_H_
#define STEPWELL_TESTS_ENGINE_CASE_SUPPORT_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/time_text.h"
#include "engine/decide.h"
#include "engine/invariants.h"
#include "support/matchers.h"

namespace stepwell::engine {

class CaseTest : public ::testing::Test {
 protected:
  // The shipped protocol, in which each text of the pairs, which stands there
  // once, is replaced by its other; no case yet.
  void Load(
      const std::string& protocol,
      const std::vector<std::pair<std::string, std::string>>& changes = {}) {
    std::string text(
        FindCatalogueFile(absl::StrCat("protocols/", protocol, ".json")));
    for (const auto& [from, to] : changes) {
      const size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      ASSERT_EQ(text.find(from, at + 1), std::string::npos) << from;
      text.replace(at, from.size(), to);
    }
    ASSERT_OK_AND_ASSIGN(auto loaded, protocol::LoadProtocol(
                                          text, protocol::BuiltInCatalogue()));
    for (const Issue& issue : loaded.issues) {
      EXPECT_NE(issue.severity, Severity::kError)
          << issue.pointer << " " << issue.message;
    }
    protocol_ = loaded.protocol;
    ASSERT_NE(protocol_, nullptr);
    now_ = *ParseInstant("2026-03-02T09:00:00Z");
  }

  // A case of it.
  void Open(
      const std::string& protocol,
      const std::vector<std::pair<std::string, std::string>>& changes = {},
      Duration waited = Duration{0}) {
    Load(protocol, changes);
    if (protocol_ == nullptr) return;
    ReceiveReferral referral;
    referral.person = PersonId(1);
    referral.referral.id = ReferralId(1);
    referral.referral.route = protocol_->FindRoute("self");
    referral.referral.received_at = now_;
    referral.referral.wait_from = now_ - waited;
    Do(Role::kIntegration, referral);
  }

  // "" or the code of the rejection. The invariants hold afterwards. `at` is
  // the clinical time.
  std::string Do(Role role, CommandBody body, std::span<const Event> of = {},
                 std::optional<Instant> at = std::nullopt) {
    if (protocol_ == nullptr) return "no protocol";
    Command command;
    command.case_id = CaseId(7);
    command.envelope.command_id = absl::StrCat("c", ++commands_);
    command.envelope.actor.role = role;
    command.envelope.reason = "test";
    command.envelope.at = at;
    command.body = std::move(body);
    auto outcome = Decide(*protocol_, state_, EmptyWorld(), command, now_, of);
    EXPECT_OK(outcome);
    if (!outcome.ok()) return "error";
    state_ = outcome->state;
    last_ = outcome->events;
    EXPECT_EQ(BrokenInvariants(*protocol_, state_, now_),
              std::vector<std::string>());
    return outcome->rejection ? outcome->rejection->code : "";
  }

  // Moves on and fires what is due, in order of time. What was recorded on the
  // way is in `last_`.
  void Pass(Duration duration) {
    now_ = now_ + duration;
    std::vector<Event> all;
    for (int i = 0; i < 1000; ++i) {
      uint32_t clock = kExpiryClock;
      Instant due = Instant::Never();
      for (const uint32_t inner : kInnerClocks) {
        if (state_.InnerDue(inner) >= due) continue;
        clock = inner;
        due = state_.InnerDue(inner);
      }
      for (const ClockState& running : state_.clocks) {
        if (running.next_due >= due) continue;
        clock = running.ordinal;
        due = running.next_due;
      }
      if (due > now_) {
        last_ = std::move(all);
        return;
      }
      Do(Role::kSystem, FireClock{clock, due});
      all.insert(all.end(), last_.begin(), last_.end());
    }
    FAIL() << "the clocks never come to rest";
  }

  // The events of one kind that the last command, or Pass, recorded.
  template <class E>
  std::vector<Event> Recorded() const {
    std::vector<Event> found;
    for (const Event& event : last_) {
      if (std::holds_alternative<E>(event.body)) found.push_back(event);
    }
    return found;
  }

  std::string Staff(const std::string& element, ItemVerb action,
                    const std::string& outcome = "",
                    std::optional<Instant> at = std::nullopt) {
    WorkItem work;
    work.element = protocol_->FindElement(element);
    work.action = action;
    work.outcome = protocol_->FindOutcome(outcome);
    return Do(Role::kStaff, work, {}, at);
  }

  std::string Answer(const std::string& id, const std::string& instrument,
                     const std::vector<int>& answers,
                     std::optional<Instant> at = std::nullopt) {
    SubmitResponse response;
    response.response_id = id;
    response.instrument = protocol_->FindInstrument(instrument);
    for (uint16_t i = 0; i < answers.size(); ++i) {
      response.answers.push_back({i, answers[i], "", ""});
    }
    return Do(Role::kPatient, response, {}, at);
  }

  const ItemState* Latest(const std::string& element) const {
    const ElementId id = protocol_->FindElement(element);
    for (auto it = state_.items.rbegin(); it != state_.items.rend(); ++it) {
      if (it->key.element == id) return &*it;
    }
    return nullptr;
  }
  const ClockState* ClockOf(const std::string& name) const {
    for (const ClockState& clock : state_.clocks) {
      if (!clock.def.IsNone() && protocol_->at(clock.def).id == name) {
        return &clock;
      }
    }
    return nullptr;
  }

  // The answers of an adult with the first problem, in no other therapy.
  SubmitResponse IntakeForm() const {
    const auto& form =
        *protocol_->at(protocol_->FindInstrument("intake")).instrument;
    SubmitResponse intake;
    intake.response_id = "form";
    intake.instrument = protocol_->FindInstrument("intake");
    intake.answers = {{*form.FindItem("age"), 34, "", ""},
                      {*form.FindItem("parallel_therapy"), 0, "", ""},
                      {*form.FindItem("problem"), 1, "", ""}};
    return intake;
  }

  // From the referral to the item that opens the treatment.
  void ComeToStart() {
    Do(Role::kPatient, IntakeForm());
    Answer("worry", "gad7", {1, 1, 1, 1, 1, 1, 1});
    Answer("life", "wsas", {2, 2, 2, 2, 2});
    Answer("first", "phq9", {2, 2, 2, 2, 1, 1, 1, 1, 0});
    Do(Role::kStaff,
       ChangeAppointment{protocol_->FindElement("video_assessment"),
                         AppointmentVerb::kBook, now_ + Hours(1)});
    EXPECT_EQ(Staff("video_assessment", ItemVerb::kComplete), "");
    EXPECT_EQ(Staff("inclusion", ItemVerb::kComplete, "include"), "");
  }

  void StartTreatment() {
    ComeToStart();
    EXPECT_EQ(Staff("start_treatment", ItemVerb::kComplete), "");
    ASSERT_NE(Latest("weekly_phq9"), nullptr);
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  CaseState state_;
  std::vector<Event> last_;
  Instant now_;
  int commands_ = 0;
};

}  // namespace stepwell::engine

#endif  // STEPWELL_TESTS_ENGINE_CASE_SUPPORT_H_
