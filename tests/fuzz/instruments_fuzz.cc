// Any bytes: a status, issues with places, or an instrument that scores the
// same answers twice alike and whose risk is never "no" without an answer. The
// same bytes as answers to the PHQ-9 never give a score outside its range.
// seeds: catalogue/instruments
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/answers_json.h"
#include "instruments/score.h"
#include "instruments/score_report.h"

namespace {

using stepwell::instruments::Instrument;
using stepwell::instruments::ScaleScore;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckInstrument(const Instrument& instrument) {
  namespace si = stepwell::instruments;
  si::Answers answers(instrument);
  for (size_t fill = 0; fill < 3; ++fill) {
    for (uint16_t i = 0; i < answers.size() && fill > 0; ++i) {
      answers.SetValue(i, fill == 1 ? instrument.plan()[i].max : 1);
    }
    const si::ScoreResult result = si::Score(instrument, answers.view());
    Require(result.scales.size() == instrument.scales().size());
    for (const ScaleScore& scale : result.scales) {
      Require(!scale.exact.has_value() ||
              (*scale.exact >= scale.min && *scale.exact <= scale.max));
    }
    if (fill == 0 && !instrument.risk_markers().empty()) {
      Require(result.risk() == si::Tri::kUnknown);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace si = stepwell::instruments;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = si::LoadInstrument(text);
  if (loaded.ok()) {
    Require((loaded->instrument == nullptr) ==
            stepwell::HasError(loaded->issues));
    if (loaded->instrument != nullptr) CheckInstrument(*loaded->instrument);
  }
  static const auto& phq = *new auto(*si::LoadCatalogueInstrument("phq-9"));
  const auto report = si::ScoreJson(*phq, text);
  if (report.ok()) Require(stepwell::json::Parse(report->json).ok());
  return 0;
}
