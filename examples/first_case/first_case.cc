// One patient from referral to discharge, in C++, on an SQLite file.
// usage: first_case_cc FILE
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "stepwell/service.h"
#include "stepwell/time_text.h"

namespace {

using stepwell::Instant;

// tutorial: errors
// The value of a call, or the end of the program with the reason.
template <class T>
T Value(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
  std::exit(1);
}
// tutorial end

struct Clinic {
  std::unique_ptr<stepwell::Service> service;
  Instant now;
  int number = 0;

  // tutorial: submit
  void Submit(const std::string& actor, const std::string& members) {
    const std::string command =
        "{\"id\":\"first-" + std::to_string(++number) +
        "\",\"actor\":" + actor +
        ",\"person\":{\"system\":\"urn:clinic\",\"value\":\"p-1\"}," +
        "\"command\":" + members + "}";
    const stepwell::Reply reply = Value(service->Submit(command, now));
    std::printf("reply: %s\n", ToJson(reply).c_str());
  }
  // tutorial end

  void Advance(int days) {
    now = now + stepwell::WallDays(days);
    std::printf("clocks: %s\n",
                ToJson(Value(service->Advance(now, {}))).c_str());
  }
};

constexpr char kHost[] = R"({"role":"integration"})";
constexpr char kPatient[] = R"({"role":"patient"})";
constexpr char kAnna[] = R"({"role":"staff","staff":"anna"})";

}  // namespace

int main(int argc, char** argv) {
  Clinic clinic;
  clinic.now = *stepwell::TimeFromText("2026-03-02T09:00:00Z");
  const std::string file = argc > 1 ? argv[1] : "first_case.db";

  // tutorial: create
  stepwell::ServiceOptions options;
  options.protocol = "catalogue:minimal";  // or the text of a document
  options.prototype = true;                // a draft, and no patients
  clinic.service =
      Value(stepwell::Service::Create("sqlite:" + file, options, clinic.now));
  // tutorial end

  // tutorial: story
  clinic.Submit(kHost, R"("add_staff","staff":"anna","pools":["team"])");
  clinic.Submit(kHost, R"("register_person")");
  clinic.Submit(kHost, R"("receive_referral","route":"self")");
  clinic.Advance(8);  // nobody answers the questionnaire: a reminder
  std::printf("outbox: %s\n",
              ToJson(Value(clinic.service->Outbox(0, 10))).c_str());
  clinic.Submit(kPatient, R"("submit_response","item":"form",)"
                          R"("answers":[1,2,1,1,0,1,0,1,0])");
  clinic.Submit(kAnna, R"("work_item","item":"call","action":"complete",)"
                       R"("minutes":20)");
  clinic.Submit(kAnna, R"("work_item","item":"ending","action":"complete",)"
                       R"("outcome":"helped","reason":"feels better")");
  // tutorial end

  std::printf("replay: %s\n", ToJson(Value(clinic.service->Verify())).c_str());
  return 0;
}
