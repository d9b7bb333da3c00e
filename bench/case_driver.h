// Cases of one protocol in a runtime, and commands to them: what benchmarks of
// the runtime begin with.
#ifndef STEPWELL_BENCH_CASE_DRIVER_H_
#define STEPWELL_BENCH_CASE_DRIVER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/catalogue.h"
#include "base/time_text.h"
#include "must.h"
#include "runtime/runtime.h"
#include "store/store.h"

namespace stepwell {

// A shipped protocol, by its name.
inline std::shared_ptr<const protocol::Protocol> Load(const std::string& name) {
  auto loaded = Must(protocol::LoadProtocol(
      FindCatalogueFile(absl::StrCat("protocols/", name, ".json")),
      protocol::BuiltInCatalogue()));
  if (loaded.protocol == nullptr) Die(loaded.issues.front().message);
  return loaded.protocol;
}

class CaseDriver {
 protected:
  CaseDriver(std::unique_ptr<store::Store> store, const std::string& name,
             size_t cases)
      : protocol_(Load(name)),
        runtime_(Must(runtime::Runtime::Create(std::move(store), "bench",
                                               protocol_, now_))) {
    for (size_t i = 0; i < cases; ++i) Open(i);
  }

  engine::Envelope By(engine::Role role) {
    engine::Envelope envelope;
    envelope.command_id = "c" + std::to_string(++next_);
    envelope.actor.role = role;
    return envelope;
  }

  template <class Body>
  void Do(CaseId id, engine::Role role, Body body) {
    engine::Command command;
    command.envelope = By(role);
    command.case_id = id;
    command.body = std::move(body);
    const runtime::Receipt receipt =
        Must(runtime_->SubmitToCase(command, now_));
    if (receipt.kind != runtime::ReceiptKind::kAccepted) {
      Die(receipt.code + ": " + receipt.reason);
    }
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  Instant now_ = *ParseInstant("2026-03-02T09:00:00Z");
  std::unique_ptr<runtime::Runtime> runtime_;
  std::vector<CaseId> cases_;
  uint64_t next_ = 0;  // command

 private:
  void Open(size_t i) {
    runtime::RegisterPerson person;
    person.envelope = By(engine::Role::kIntegration);
    person.identifiers = {{"bench", std::to_string(i)}};
    runtime::NewReferral referral;
    referral.person = Must(runtime_->Register(person, now_)).person;
    referral.envelope = By(engine::Role::kIntegration);
    referral.route = "self";
    referral.referral.received_at = now_;
    referral.referral.wait_from = now_;
    cases_.push_back(Must(runtime_->Refer(referral, now_)).case_id);
  }
};

}  // namespace stepwell

#endif  // STEPWELL_BENCH_CASE_DRIVER_H_
