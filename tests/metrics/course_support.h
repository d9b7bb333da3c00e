// The events of a case, told by days since it began, and its course.
#ifndef STEPWELL_TESTS_METRICS_COURSE_SUPPORT_H_
#define STEPWELL_TESTS_METRICS_COURSE_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/catalogue.h"
#include "metrics/course.h"
#include "protocol/protocol.h"

namespace stepwell::metrics {

inline constexpr Instant kStart{1'700'000'000'000'000};  // 2023-11-14T22:13:20Z

inline Instant DaysAfter(Instant start, double days) {
  return start + Microseconds(static_cast<int64_t>(days * 86'400e6));
}

class CourseFixture : public ::testing::Test {
 protected:
  explicit CourseFixture(Instant start = kStart) : start_(start) {}

  void SetUp() override {
    const auto loaded =
        protocol::LoadProtocol(FindCatalogueFile("protocols/icbt_base.json"),
                               protocol::BuiltInCatalogue());
    ASSERT_TRUE(loaded.ok());
    protocol_ = loaded->protocol;
  }

  Instant Day(double days) const { return DaysAfter(start_, days); }

  // The number of the event.
  template <class Body>
  uint64_t Take(double day, Body body, std::optional<double> recorded = {}) {
    course_.Take(engine::Event{++seq_, Day(day), Day(recorded.value_or(day)),
                               std::move(body)},
                 *protocol_);
    return seq_;
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  Course course_;

 private:
  const Instant start_;
  uint64_t seq_ = 0;
};

}  // namespace stepwell::metrics

#endif  // STEPWELL_TESTS_METRICS_COURSE_SUPPORT_H_
