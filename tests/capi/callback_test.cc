// Callbacks that throw, stop, or call back: nothing crosses the border but a
// status. C++, because C cannot throw; through the shared library like C.
#include <cstring>
#include <stdexcept>
#include <string>

#include "capi/support.h"

namespace {

stepwell_service* service;

int32_t Collect(void* user_data, const char* piece, size_t len) {
  static_cast<std::string*>(user_data)->append(piece, len);
  return 0;
}

int32_t Throw(void*, const char*, size_t) {
  throw std::runtime_error("the host's mistake");
}

int32_t ThrowNumber(void*, const char*, size_t) { throw 7; }

int32_t StopAt2(void* user_data, const char*, size_t) {
  return ++*static_cast<int*>(user_data) == 2 ? 1 : 0;
}

int32_t CallBack(void*, const char*, size_t) {
  char* text = nullptr;
  CHECK(stepwell_service_health(service, NOW, &text, nullptr, nullptr) ==
        STEPWELL_OK);
  stepwell_string_free(text);
  return 0;
}

stepwell_status Export(stepwell_piece_callback callback, void* user_data,
                       stepwell_error** error) {
  char* report = reinterpret_cast<char*>(&service);
  size_t len = 77;
  const stepwell_status status = stepwell_service_export(
      service, NOW, nullptr, 0, callback, user_data, &report, &len, error);
  CHECK((report == nullptr) == (status != STEPWELL_OK));
  CHECK((len == 0) == (status != STEPWELL_OK));
  stepwell_string_free(report);
  return status;
}

void TestAnExportComesInPieces() {
  std::string first, second;
  CHECK(Export(Collect, &first, nullptr) == STEPWELL_OK);
  CHECK(Export(Collect, &second, nullptr) == STEPWELL_OK);
  CHECK(first == second);
  HAS(first.c_str(), "\"resourceType\":\"Bundle\"");
  HAS(first.c_str(), "\"ServiceRequest\"");
  CHECK(Export(CallBack, nullptr, nullptr) == STEPWELL_OK);
}

void TestWhatACallbackThrowsIsAStatus() {
  for (const stepwell_piece_callback callback : {Throw, ThrowNumber}) {
    stepwell_error* error = nullptr;
    CHECK(Export(callback, nullptr, &error) == STEPWELL_CALLBACK_FAILED);
    CHECK(std::strcmp(stepwell_error_code(error), "callback_failed") == 0);
    stepwell_error_free(error);
    CHECK(Export(callback, nullptr, nullptr) == STEPWELL_CALLBACK_FAILED);
  }
  // The service is none the worse for it.
  HAS(JSON(stepwell_service_verify, service), "\"differences\":[]");
}

int32_t ThrowProgress(void*, uint64_t, uint64_t) {
  throw std::runtime_error("the host's mistake");
}

void TestAProgressCallbackThatThrowsEndsTheSimulation() {
  stepwell_simulation_options options = {};
  options.struct_size = sizeof options;
  options.protocol = options.plan = "catalogue:icbt_sweden";
  options.protocol_len = options.plan_len = std::strlen(options.plan);
  options.replications = 4;
  options.threads = 2;
  options.progress = ThrowProgress;
  stepwell_simulation* simulation = nullptr;
  stepwell_error* error = nullptr;
  CHECK(stepwell_simulation_run(&options, &simulation, &error) ==
        STEPWELL_CALLBACK_FAILED);
  CHECK(simulation == nullptr);
  stepwell_error_free(error);
}

void TestACallbackStops() {
  int calls = 0;
  stepwell_error* error = nullptr;
  CHECK(Export(StopAt2, &calls, &error) == STEPWELL_CANCELLED);
  CHECK(calls == 2);
  stepwell_error_free(error);
}

}  // namespace

int main() {
  service = support_create("memory:", "catalogue:icbt_base");
  const char* const person =
      "\"actor\":{\"role\":\"integration\"},\"person\":{\"system\":\"s\","
      "\"value\":\"1\"}}";
  for (const char* const command :
       {"{\"id\":\"1\",\"command\":\"register_person\",",
        "{\"id\":\"2\",\"command\":\"receive_referral\",\"route\":\"self\","}) {
    const std::string text = std::string(command) + person;
    HAS(JSON(stepwell_service_submit, service, NOW, text.data(), text.size()),
        "accepted");
  }
  TestAnExportComesInPieces();
  TestWhatACallbackThrowsIsAStatus();
  TestAProgressCallbackThatThrowsEndsTheSimulation();
  TestACallbackStops();
  support_finish();
  stepwell_service_free(service);
  return CHECK_RESULT;
}
