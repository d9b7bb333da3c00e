// The protocols that random services run, and what is said to their facts and
// programs.
#include <cstdlib>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/date.h"
#include "base/zone.h"
#include "property/generator_support.h"
#include "protocol/supervision.h"
#include "support/shared_data.h"

namespace stepwell::testing {
namespace {

// The smallest service with ladders that speak to the patient, about risk and
// about the work of staff, which no service that ships does.
std::string Speaking() {
  std::string text(FindCatalogueFile("protocols/minimal.json"));
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    if (at == std::string::npos) std::abort();
    text.replace(at, from.size(), to);
  };
  const std::string word =
      R"({"notify": {"to": "patient", "template": "crisis_info", "valid_for": "3 days"}})";
  replace(R"({"at": "100%", "do": [{"notify": {"to": "team")",
          R"({"at": "50%", "do": [)" + word + R"(]},
             {"at": "100%", "do": [)" +
              word + R"(, {"notify": {"to": "team")");
  replace(R"({"at": "100%", "do": [{"priority": 10}]})",
          R"({"at": "50%", "do": [)" + word + R"(]},
             {"at": "100%", "do": [)" +
              word + R"(, {"priority": 10}]})");
  return text;
}

// Every case is given to somebody and begins its course in one command.
std::string Weighing() {
  std::string text = ReadFileText(
      absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/weighing.json"));
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    if (at == std::string::npos) std::abort();
    text.replace(at, from.size(), to);
  };
  replace(R"("when": "facts.wants = 'course'", "on_unknown": "block",)", "");
  replace(R"("on": "fact:wants")", R"("on": "referral.received:self")");
  return text;
}

std::string TextOf(const std::string& name) {
  if (name == "speaking") return Speaking();
  if (name == "weighing") return Weighing();
  static const std::set<std::string> kOfTests = {
      "decisions", "programs",   "declared",    "routes",
      "booking",   "transfer",   "intake",      "handover",
      "flow",      "follow_ups", "supervision", "assignment"};
  if (kOfTests.count(name) > 0) {
    return ReadFileText(
        absl::StrCat(STEPWELL_SOURCE_DIR, "/tests/protocols/", name, ".json"));
  }
  return std::string(
      FindCatalogueFile(absl::StrCat("protocols/", name, ".json")));
}

std::shared_ptr<const protocol::Protocol> Load(const std::string& text) {
  const auto loaded =
      protocol::LoadProtocol(text, protocol::BuiltInCatalogue());
  if (!loaded.ok() || loaded->protocol == nullptr) std::abort();
  return loaded->protocol;
}

}  // namespace

std::shared_ptr<const protocol::Protocol> ProtocolNamed(
    const std::string& name) {
  return Load(TextOf(name));
}

SecondVersion SecondVersionOf(const std::string& name) {
  std::string text = TextOf(name);
  const auto put = [&](const std::string& at, const std::string& instead) {
    const size_t found = text.find(at);
    if (found == std::string::npos) std::abort();
    text.replace(found, at.size(), instead);
  };
  put(R"("version": "1")", R"("version": "2")");
  // Every number of an item is another one in it.
  const std::string more =
      R"({"id": "of_two", "kind": "task", "who": "owner"})";
  if (text.find("\"items_anywhere\": [") != std::string::npos) {
    put("\"items_anywhere\": [", R"("items_anywhere": [)" + more + ", ");
  } else {
    put("\"imports\": {",
        R"("items_anywhere": [)" + more + R"(], "imports": {)");
  }
  // Cases become heavier, and lighter, by going over to it.
  if (name == "weighing") {
    put(R"({"guided": 150, "on_demand": 40})",
        R"({"guided": 90, "on_demand": 120})");
  }
  SecondVersion second;
  second.protocol = Load(text);
  const auto first = ProtocolNamed(name);
  const auto plan = protocol::LoadMigration(
      protocol::PlanByNames(*first, *second.protocol).document, *first,
      *second.protocol);
  if (!plan.ok() || plan->migration == nullptr) std::abort();
  second.plan = plan->migration;
  return second;
}

// A value of the fact's type, and one that some guard may be waiting for.
void Generator::FitFact(engine::RecordFact& record) {
  engine::FactValue& value = record.value;
  value.kind = protocol_->at(record.fact).kind;
  value.text.clear();
  if (value.kind == engine::FactValue::Kind::kText) {
    value.text = dice_.Chance(50) ? "course" : "weekly";
    value.number = 0;
  } else if (value.kind == engine::FactValue::Kind::kDate) {
    value.number =
        (now_ - Instant{}).us / WallDays(1).us + 30 - dice_.Below(40);
  }
}

void Generator::AddOwnership(engine::WorkItem& work) {
  if (dice_.Chance(80)) {
    work.until = now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 20)) - 10);
  }
  if (dice_.Chance(60)) {
    work.pool = AnySymbol<protocol::PoolId>(protocol_->pools.size());
  }
  work.staff = StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
}

engine::AssignCase Generator::AnyAssignment() {
  engine::AssignCase assign{
      AnySymbol<protocol::PoolId>(protocol_->pools.size()),
      StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)))};
  if (dice_.Chance(20)) assign.needs = engine::CaseNeeds{{"trauma"}, {}};
  if (dice_.Chance(10)) assign.needs = engine::CaseNeeds{{}, {}, "north"};
  return assign;
}

void Generator::AddGifts(engine::StaffState& staff) {
  if (dice_.Chance(50)) staff.skills.push_back("trauma");
  if (dice_.Chance(20)) staff.caseload_max = 1;
  if (dice_.Chance(30)) {
    staff.new_until = now_ + Hours(static_cast<int64_t>(dice_.Below(24 * 60)));
  }
  if (dice_.Chance(10)) {
    staff.left_at = now_ + Hours(static_cast<int64_t>(dice_.Below(96)));
    const StaffId cover(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
    if (cover.value != 0) staff.cover = cover;
  }
  if (dice_.Chance(20) && !protocol_->calendars.empty()) {
    staff.calendar =
        protocol_->calendars[dice_.Below(protocol_->calendars.size())].name;
  }
  if (dice_.Chance(30)) staff.sites = {"north"};
  if (dice_.Chance(30)) staff.share = 1 + static_cast<int>(dice_.Below(100));
  if (dice_.Chance(10)) {
    staff.starts_at = now_ + Hours(static_cast<int64_t>(dice_.Below(48)));
  }
  if (dice_.Chance(20)) {
    const Instant until = now_ + Hours(static_cast<int64_t>(dice_.Below(240)));
    staff.ramp_up = {{until, 1}, {until + WallDays(7), 2}};
  }
}

Request Generator::Acting() {
  SetActing set;
  set.envelope = By(engine::Role::kStaff);
  set.staff = StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
  set.acting.of = StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
  set.acting.from = now_ + Hours(static_cast<int64_t>(dice_.Below(48)));
  set.acting.to =
      set.acting.from + Hours(static_cast<int64_t>(dice_.Below(24 * 7)) - 2);
  if (dice_.Chance(50) && !protocol_->pools.empty()) {
    set.acting.pools = {
        protocol_->pools[dice_.Below(protocol_->pools.size())].id};
  }
  return Of(std::move(set));
}

// The answers to some of the questions of a review.
void Generator::AddChecklist(engine::WorkItem& work) {
  const auto& supervision = protocol_->supervision;
  const protocol::DrawnReview* review =
      supervision == nullptr || work.element.IsNone()
          ? nullptr
          : supervision->ReviewOf(work.element);
  if (review == nullptr) return;
  for (const protocol::ChecklistQuestion& question : review->checklist) {
    if (dice_.Chance(10)) continue;
    work.checklist.push_back(
        {question.id, static_cast<engine::Checked>(dice_.Below(3))});
  }
}

bool Generator::IsReviewTime() {
  return protocol_->supervision != nullptr && dice_.Chance(50);
}

std::string Generator::AnyTemplate() {
  if (protocol_->templates.empty() || dice_.Chance(10)) return "no_such";
  return dice_.Pick(protocol_->templates);
}

// Of the protocol; now and then none, or one that there is not.
std::string Generator::AnyTier() {
  const auto& tiers = protocol_->risk.tiers;
  if (tiers.empty() || dice_.Chance(20)) return dice_.Chance(50) ? "" : "hgih";
  return tiers[dice_.Below(tiers.size())].id;
}

// What staff may answer and read, what the patient may read, and the risk that
// somebody sees in it.
void Generator::AddMessages(const engine::CaseState& state,
                            std::vector<engine::Role>& roles,
                            std::vector<engine::CommandBody>& steps) {
  for (const engine::MessageState& message : state.messages) {
    if (message.status != engine::MessageStatus::kOpen) continue;
    roles.push_back(engine::Role::kStaff);
    engine::SendMessage answer;
    answer.message_id = Named("s");
    answer.answers = message.id;
    if (dice_.Chance(20)) answer.message_template = AnyTemplate();
    answer.element = AnySymbol<protocol::ElementId>(protocol_->elements.size());
    steps.push_back(answer);
    if (dice_.Chance(10)) {
      roles.push_back(dice_.Chance(50) ? engine::Role::kIntegration
                                       : engine::Role::kStaff);
      steps.push_back(engine::FlagRisk{message.id, AnyTier()});
    }
    if (message.read_at || dice_.Chance(50)) continue;
    roles.push_back(engine::Role::kStaff);
    steps.push_back(engine::ReadMessage{message.id});
  }
  for (const engine::UnreadState& sent : state.unread) {
    if (!dice_.Chance(20)) continue;
    roles.push_back(engine::Role::kPatient);
    steps.push_back(engine::ReadMessage{sent.id});
  }
}

Request Generator::Batch() {
  if (protocol_->supervision != nullptr && dice_.Chance(90)) {
    const Date day = ToLocal(*protocol_->zone, now_).date;
    const Date first{day.days - (FieldsOf(day).day - 1)};
    return Of(Draw{By(engine::Role::kIntegration),
                   AddMonths(first, -static_cast<int64_t>(dice_.Below(3)))});
  }
  Reassign batch;
  batch.envelope = By(engine::Role::kStaff);
  batch.what.from = StaffId(static_cast<uint32_t>(dice_.Below(kStaff + 1)));
  batch.what.to = StaffId(static_cast<uint32_t>(dice_.Below(kStaff)));
  batch.what.over_limits = dice_.Chance(50);
  return Of(std::move(batch));
}

bool Generator::SwitchesSafeMode(uint64_t turn, bool is_on) const {
  return turn >= 950 && turn < (is_on ? 990 : 957);
}

Request Generator::SafeMode(bool is_on) {
  SwitchSafeMode command;
  command.envelope = By(engine::Role::kStaff);
  command.on = is_on == dice_.Chance(5);
  return Of(std::move(command));
}

engine::ChangeEnrolment Generator::AnyEnrolment() {
  engine::ChangeEnrolment change;
  change.program = AnySymbol<protocol::ProgramRef>(protocol_->programs.size());
  change.to = AnySymbol<protocol::ProgramRef>(protocol_->programs.size());
  change.action = static_cast<engine::EnrolmentVerb>(1 + dice_.Below(8));
  if (change.program.IsNone()) return change;
  const protocol::ImportedProgram& program = protocol_->at(change.program);
  // The reader knows the modules and names of the program only.
  for (uint64_t n = dice_.Below(4); n > 0 && !program.modules.empty(); --n) {
    change.modules.push_back(dice_.Pick(program.modules));
  }
  if (!program.sets.empty() && dice_.Chance(30)) {
    change.sets = {static_cast<uint8_t>(dice_.Below(program.sets.size()))};
  }
  if (!program.guidance.empty() && dice_.Chance(60)) {
    change.guidance =
        static_cast<uint8_t>(dice_.Below(program.guidance.size()));
  }
  if (dice_.Chance(30)) change.language = "sv";
  return change;
}

engine::RecordConsent Generator::AnyConsent(const engine::CaseState& state) {
  engine::RecordConsent said{
      AnySymbol<protocol::PurposeId>(protocol_->purposes.size()),
      dice_.Chance(70),
      dice_.Chance(40) ? RoleName(true) : "",
      {}};
  if (!said.by.empty() && !state.related.empty() && dice_.Chance(70)) {
    const engine::RelatedState& whoever = dice_.Pick(state.related);
    said.by = whoever.role;
    said.related = whoever.person;
  }
  return said;
}

engine::VoidEvent Generator::AnyVoid(const engine::CaseState& state) {
  engine::VoidEvent taken;
  taken.target = dice_.Below(state.version + 3);
  const auto words = words_.find(state.id);
  if (words != words_.end() && dice_.Chance(40)) {
    taken.target = dice_.Pick(words->second);
  } else if (!state.responses.empty() && dice_.Chance(50)) {
    taken.target = dice_.Pick(state.responses).seq;
  }
  return taken;
}

void Generator::LearnWord(const runtime::Receipt& receipt) {
  uint64_t seq = receipt.version - receipt.events.size();
  for (const uint16_t type : receipt.events) {
    ++seq;
    if (type == engine::ConsentRecorded::kType ||
        type == engine::SafeContactNoted::kType) {
      words_[receipt.case_id].push_back(seq);
    }
  }
}

engine::RecordFact Generator::AnyFactRecord() {
  engine::RecordFact record{
      AnySymbol<protocol::FactId>(protocol_->facts.size()), AnyFact()};
  if (!record.fact.IsNone() && dice_.Chance(70)) FitFact(record);
  return record;
}

}  // namespace stepwell::testing
