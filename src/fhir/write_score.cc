// Scores: Observations derived from answers. What could not be scored says so
// instead of a number, and an unanswered risk item is unknown, never no.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "fhir/write_element.h"
#include "instruments/rational.h"

namespace stepwell::fhir {
namespace {

using engine::Answer3;
using engine::ScoreRecorded;
using engine::ScoreState;
using instruments::Instrument;

// The exact score, as a decimal when it is one.
std::string DecimalText(const engine::Ratio& ratio) {
  if (ratio.denominator == 0) return "";
  if (ratio.numerator % ratio.denominator == 0) {
    return absl::StrCat(ratio.numerator / ratio.denominator);
  }
  // 6 places, rounded half away from zero.
  const bool negative = (ratio.numerator < 0) != (ratio.denominator < 0);
  const __int128 numerator = ratio.numerator < 0
                                 ? -static_cast<__int128>(ratio.numerator)
                                 : static_cast<__int128>(ratio.numerator);
  const __int128 denominator = ratio.denominator < 0
                                   ? -static_cast<__int128>(ratio.denominator)
                                   : static_cast<__int128>(ratio.denominator);
  const __int128 scaled =
      (numerator * 2'000'000 + denominator) / (2 * denominator);
  std::string fraction = absl::StrCat(static_cast<int64_t>(scaled % 1'000'000));
  fraction.insert(0, 6 - fraction.size(), '0');
  while (fraction.back() == '0') fraction.pop_back();
  return absl::StrCat(negative ? "-" : "",
                      static_cast<int64_t>(scaled / 1'000'000), ".", fraction);
}

class ScoreWriter {
 public:
  explicit ScoreWriter(const WriteContext& context)
      : context_(context), state_(context.state()) {}

  void Write(const ScoreState& score) {
    const engine::Event* event = context_.EventAt(score.seq);
    const auto* recorded =
        event == nullptr ? nullptr : std::get_if<ScoreRecorded>(&event->body);
    if (recorded == nullptr || score.instrument.IsNone()) return;
    const Instrument& instrument =
        *context_.protocol().at(score.instrument).instrument;
    // A form without a score says nothing here: its answers are the response.
    if (!instrument.has_total() && score.tier == 0xFF) return;
    const std::string id = absl::StrCat(context_.case_id, "-s", score.seq);
    json::Writer w = BeginResource("Observation", id);
    w.Key("status").String(StatusOf(score, *recorded));
    PutConcepts(w, "category", Hl7("observation-category", "survey"));
    WriteCode(w, instrument);
    context_.PutPatient(w, "subject");
    PutClinicalTime(w, "effectiveDateTime", event->at);
    PutInstant(w, "issued", event->recorded);
    WriteValue(w, instrument, score);
    WriteInterpretation(w, instrument, score);
    WriteNote(w, instrument, *recorded);
    PutConcept(w, "method", MethodOf(score, *recorded));
    PutReferences(w, "derivedFrom", "QuestionnaireResponse",
                  context_.ResponseIdOf(score.response_seq));
    WriteRisk(w, instrument, score);
    context_.out.push_back(EndResource(w, "Observation", id));
  }

 private:
  // Void: the response was taken back, or a later version of it replaces it.
  // Corrected: a safety amendment scored the same answers otherwise. What
  // counts since then is given, as in the case and in every measure.
  const char* StatusOf(const ScoreState& score,
                       const ScoreRecorded& recorded) const {
    if (score.is_void) return "entered-in-error";
    if (score.score != recorded.score || score.band != recorded.band ||
        score.tier != recorded.tier || score.risk != recorded.risk) {
      return "corrected";
    }
    const engine::Event* event = context_.EventAt(score.response_seq);
    const auto* response =
        event == nullptr ? nullptr
                         : std::get_if<engine::ResponseReceived>(&event->body);
    return response != nullptr &&
                   response->fit == engine::ResponseFit::kAmendment
               ? "amended"
               : "final";
  }

  void WriteCode(json::Writer& w, const Instrument& instrument) {
    w.Key("code").BeginObject();
    w.Key("coding").BeginArray();
    if (instrument.has_total()) {
      for (const instruments::Code& code : instrument.scales()[0].codes) {
        if (code.system == "loinc") {
          PutCoding(w, {std::string(kLoinc), code.code, "", ""});
        }
      }
    }
    PutCoding(w, Own("score", instrument.id()));
    w.EndArray();
    PutText(w, "text", instrument.title());
    w.EndObject();
  }

  void WriteValue(json::Writer& w, const Instrument& instrument,
                  const ScoreState& score) {
    if (!instrument.has_total()) {
      return PutConcept(w, "valueCodeableConcept",
                        TierOf(instrument, score.tier));
    }
    if (!score.score) {
      // Answers are missing, and the instrument's rule gives no score then.
      return PutConcept(w, "dataAbsentReason",
                        Hl7("data-absent-reason", "unknown"));
    }
    const std::string number = DecimalText(*score.score);
    w.Key("valueQuantity").BeginObject();
    w.Key("value").Raw(number);
    w.Key("unit").String("score");
    w.Key("system").String(kUcum);
    w.Key("code").String("{score}");
    w.EndObject();
  }

  static Concept TierOf(const Instrument& instrument, uint8_t tier) {
    const auto& ids = instrument.tiers().ids;
    if (tier >= ids.size()) return {};
    return Own("tier", absl::StrCat(instrument.id(), "/", ids[tier]));
  }

  void WriteInterpretation(json::Writer& w, const Instrument& instrument,
                           const ScoreState& score) {
    if (!instrument.has_total()) return;
    const auto& bands = instrument.scales()[0].bands;
    const Concept tier = TierOf(instrument, score.tier);
    const bool band = score.band < bands.size();
    if (!band && tier.code.empty()) return;
    w.Key("interpretation").BeginArray();
    if (band) {
      PutConcept(w, nullptr,
                 Own("band",
                     absl::StrCat(instrument.id(), "/", bands[score.band].id)));
    }
    PutConcept(w, nullptr, tier);
    w.EndArray();
  }

  void WriteNote(json::Writer& w, const Instrument& instrument,
                 const ScoreRecorded& recorded) {
    std::vector<std::string> missing;
    for (const uint16_t item : recorded.missing) {
      if (item < instrument.items().size()) {
        missing.push_back(instrument.items()[item].id);
      }
    }
    if (missing.empty()) return;
    w.Key("note").BeginArray().BeginObject();
    w.Key("text").String(absl::StrCat("Without a usable answer: ",
                                      absl::StrJoin(missing, ", ")));
    w.EndObject().EndArray();
  }

  // Which rule scored: the version of the document, and whether it prorated.
  Concept MethodOf(const ScoreState& score,
                   const ScoreRecorded& recorded) const {
    const auto& imported = context_.protocol().at(score.instrument);
    return Own("scoring", absl::StrCat(imported.id, "@", imported.version,
                                       recorded.prorated ? "/prorated" : ""));
  }

  void WriteRisk(json::Writer& w, const Instrument& instrument,
                 const ScoreState& score) {
    if (instrument.risk_markers().empty()) return;
    w.Key("component").BeginArray().BeginObject();
    PutConcept(w, "code", Own("risk", "disclosed"));
    if (score.risk == Answer3::kUnknown) {
      PutConcept(w, "dataAbsentReason", Hl7("data-absent-reason", "unknown"));
    } else {
      w.Key("valueBoolean").Bool(score.risk == Answer3::kYes);
    }
    w.EndObject().EndArray();
  }

  const WriteContext& context_;
  const engine::CaseState& state_;
};

}  // namespace

void WriteScores(const WriteContext& context) {
  ScoreWriter writer(context);
  for (const ScoreState& score : context.state().scores) writer.Write(score);
}

}  // namespace stepwell::fhir
