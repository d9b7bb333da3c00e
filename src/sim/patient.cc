#include "sim/patient.h"

#include <algorithm>
#include <cmath>

namespace stepwell::sim {

using engine::GivenAnswer;

Patient::Patient(const Plan& plan, const RandomStream& random,
                 uint32_t route_draw, uint32_t number)
    : random_(random), entity_(uint64_t{route_draw} << 32 | number) {
  severity_ = NormalQuantile(Draw(plan.draw_severity, 0));
  if (!plan.trajectory.classes.empty()) {
    kind_ = &plan.trajectory.classes.At(Draw(plan.draw_class, 0));
  }
  occasions.resize(plan.answers.size());
}

double Patient::Total(const Plan& plan, const InstrumentAnswers& answers,
                      uint32_t occasion, double weeks) const {
  const double own = NormalQuantile(Draw(answers.draw_total, 0));
  double z = std::sqrt(plan.correlation) * severity_ +
             std::sqrt(1 - plan.correlation) * own;
  if (kind_ != nullptr) {
    z += kind_->change * std::min(1.0, weeks / kind_->weeks);
  }
  if (plan.trajectory.noise > 0 && occasion > 0) {
    z += plan.trajectory.noise *
         NormalQuantile(Draw(answers.draw_noise, occasion));
  }
  return answers.mean + answers.sd * z;
}

int64_t Patient::ItemValue(const ItemAnswers& item, uint32_t occasion) const {
  double u = Draw(item.draw, 0);
  if (occasion > 0 && Draw(item.draw_again, 2 * occasion) >= item.persists) {
    u = Draw(item.draw_again, 2 * occasion + 1);
  }
  if (!item.is_range) return item.values.At(u);
  const double width = static_cast<double>(item.high - item.low + 1);
  return item.low + static_cast<int64_t>(u * width);
}

// As evenly as it goes; who gets the rest is drawn.
void Patient::SpreadTotal(const Protocol& protocol,
                          const InstrumentAnswers& answers, uint32_t occasion,
                          int64_t total,
                          std::vector<GivenAnswer>& given) const {
  const instruments::Instrument& instrument =
      *protocol.at(answers.instrument).instrument;
  struct Open {
    uint16_t item;
    double order;
    int64_t value, max;
  };
  std::vector<Open> open;
  for (size_t i = 0; i < answers.by_total.size(); ++i) {
    const uint16_t item = answers.by_total[i];
    const instruments::ItemPlan& plan = instrument.plan()[item];
    const uint32_t index = occasion * 64 + static_cast<uint32_t>(i);
    open.push_back({item, Draw(answers.draw_order, index), plan.min, plan.max});
    total -= plan.min;
  }
  std::stable_sort(open.begin(), open.end(), [](const Open& a, const Open& b) {
    return a.order < b.order;
  });
  for (bool any = true; any && total > 0;) {
    any = false;
    for (Open& item : open) {
      if (total == 0 || item.value == item.max) continue;
      ++item.value;
      --total;
      any = true;
    }
  }
  for (const Open& item : open) {
    const instruments::ItemPlan& plan = instrument.plan()[item.item];
    const int64_t value =
        plan.reverse ? plan.min + plan.max - item.value : item.value;
    given.push_back({item.item, value, "", ""});
  }
}

std::vector<GivenAnswer> Patient::Answer(const Plan& plan,
                                         const Protocol& protocol,
                                         InstrumentRef instrument,
                                         uint32_t occasion,
                                         double weeks) const {
  const InstrumentAnswers& answers = plan.answers[instrument.value];
  std::vector<GivenAnswer> given;
  const auto& items = protocol.at(instrument).instrument->items();
  given.reserve(answers.items.size() + answers.by_total.size());
  int64_t planned = 0;
  for (const ItemAnswers& item : answers.items) {
    if (!item.text.empty()) {
      given.push_back({item.item, std::nullopt, item.text, ""});
      continue;
    }
    const int64_t value = ItemValue(item, occasion);
    if (items[item.item].scored) planned += value;
    given.push_back({item.item, value, "", ""});
  }
  if (answers.has_total) {
    const int64_t total = RoundToInt(Total(plan, answers, occasion, weeks));
    SpreadTotal(protocol, answers, occasion,
                std::max<int64_t>(0, total - planned), given);
    std::sort(given.begin(), given.end(),
              [](const GivenAnswer& a, const GivenAnswer& b) {
                return a.item < b.item;
              });
  }
  return given;
}

}  // namespace stepwell::sim
