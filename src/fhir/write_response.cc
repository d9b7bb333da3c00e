// What patients answered: QuestionnaireResponse. A missing answer is no item,
// never a zero; what was said not to apply says so.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/strings.h"
#include "fhir/check.h"
#include "fhir/primitives.h"
#include "fhir/read_element.h"
#include "fhir/write_element.h"
#include "instruments/answers.h"

namespace stepwell::fhir {
namespace {

using engine::GivenAnswer;
using engine::ResponseReceived;
using engine::ResponseState;
using instruments::Instrument;
using instruments::Item;
using instruments::ItemKind;

constexpr std::string_view kOrdinalValue =
    "http://hl7.org/fhir/StructureDefinition/ordinalValue";

std::string SystemUrl(const std::string& system) {
  if (system == "loinc") return std::string(kLoinc);
  if (system == "snomed") return "http://snomed.info/sct";
  return absl::StrCat(ToAbsl(kCodeSystems), "answer");
}

// The code of a listed value and its system; empty when it has none.
Concept CodeOfValue(const instruments::AnswerValue& value) {
  for (const instruments::Code& code : value.codes) {
    return {SystemUrl(code.system), code.code, "", ""};
  }
  if (value.id.empty()) return {};
  return Own("answer", value.id);
}

class AnswerWriter {
 public:
  explicit AnswerWriter(json::Writer& w) : w_(w) {}

  void Write(const Instrument& instrument, const GivenAnswer& answer) {
    if (answer.item >= instrument.items().size()) {
      const std::string name = answer.name.empty() ? "unknown" : answer.name;
      return Named(name, [&] { Plain(answer); });
    }
    const Item& item = instrument.items()[answer.item];
    Named(item.link_id.empty() ? item.id : item.link_id,
          [&] { Known(instrument, item, answer); });
  }

 private:
  template <class Body>
  void Named(const std::string& link_id, Body body) {
    w_.BeginObject();
    w_.Key("linkId").String(CleanText(link_id));
    w_.Key("answer").BeginArray().BeginObject();
    body();
    w_.EndObject().EndArray().EndObject();
  }

  void Known(const Instrument& instrument, const Item& item,
             const GivenAnswer& answer) {
    if (item.kind == ItemKind::kText || !answer.number) return Plain(answer);
    if (item.kind == ItemKind::kDate) return DateValue(answer);
    const instruments::ValueSet& set = instrument.value_sets()[item.values];
    const bool fits = *answer.number >= INT32_MIN &&
                      *answer.number <= INT32_MAX &&
                      set.Contains(static_cast<int32_t>(*answer.number));
    if (item.kind == ItemKind::kBoolean && fits) {
      w_.Key("valueBoolean").Bool(*answer.number != 0);
      return;
    }
    const instruments::AnswerValue* value =
        fits ? set.Find(static_cast<int32_t>(*answer.number)) : nullptr;
    const Concept code = value == nullptr ? Concept{} : CodeOfValue(*value);
    if (code.code.empty()) return Plain(answer);
    CodingValue(code, *answer.number);
  }

  void CodingValue(const Concept& code, int64_t weight) {
    w_.Key("valueCoding").BeginObject();
    w_.Key("extension").BeginArray().BeginObject();
    w_.Key("url").String(kOrdinalValue);
    w_.Key("valueDecimal").Int(weight);
    w_.EndObject().EndArray();
    w_.Key("system").String(code.system);
    w_.Key("code").String(code.code);
    w_.EndObject();
  }

  void DateValue(const GivenAnswer& answer) {
    // Years 1 to 9999: days -719162 to 2932896.
    if (*answer.number < -719'162 || *answer.number > 2'932'896) {
      return Plain(answer);
    }
    w_.Key("valueDate")
        .String(
            instruments::DateAnswerText(static_cast<int32_t>(*answer.number)));
  }

  // As it came: a number, a text, or said not to apply.
  void Plain(const GivenAnswer& answer) {
    if (answer.number) {
      if (*answer.number >= INT32_MIN && *answer.number <= INT32_MAX) {
        w_.Key("valueInteger").Int(*answer.number);
      } else {
        w_.Key("valueDecimal").Int(*answer.number);
      }
      return;
    }
    const std::string text = CleanText(answer.text);
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
    if (answer.text != "not-applicable" && !blank) {
      w_.Key("valueString").String(text);
      return;
    }
    w_.Key("extension").BeginArray().BeginObject();
    w_.Key("url").String(kDataAbsentReason);
    w_.Key("valueCode").String(blank ? "unknown" : "not-applicable");
    w_.EndObject().EndArray();
  }

  json::Writer& w_;
};

class ResponseWriter {
 public:
  explicit ResponseWriter(const WriteContext& context) : context_(context) {}

  std::optional<WrittenResource> Write(const ResponseState& response) {
    const engine::Event* event = context_.EventAt(response.seq);
    const auto* received = event == nullptr
                               ? nullptr
                               : std::get_if<ResponseReceived>(&event->body);
    if (received == nullptr) return std::nullopt;
    const std::string id = context_.ResponseIdOf(response.seq);
    json::Writer w = BeginResource("QuestionnaireResponse", id);
    if (IsCode(received->language)) {
      w.Key("language").String(received->language);
    }
    ReadRaw(*received);
    WriteRawInput(w, *received);
    w.Key("identifier");
    PutIdentifier(w, KeyOf(response));
    WriteQuestionnaire(w, *received);
    w.Key("status").String(StatusOf(response, *received));
    context_.PutPatient(w, "subject");
    PutClinicalTime(w, "authored", event->at);
    context_.PutPatient(w, "author");
    context_.PutPatient(w, "source");
    WriteItems(w, *received);
    return EndResource(w, "QuestionnaireResponse", id);
  }

 private:
  std::string StatusOf(const ResponseState& response,
                       const ResponseReceived& received) const {
    if (response.is_void) return "entered-in-error";
    // What was not read says itself what it is.
    if (received.instrument.IsNone()) {
      for (const char* status :
           {"in-progress", "stopped", "entered-in-error"}) {
        if (StringOf(raw_, "status") == status) return status;
      }
    }
    return received.fit == engine::ResponseFit::kAmendment ? "amended"
                                                           : "completed";
  }

  Identifier KeyOf(const ResponseState& response) const {
    if (response.id.empty()) {
      return {OwnSystem("event"),
              absl::StrCat(context_.case_id, "/", response.seq)};
    }
    const size_t bar = response.id.rfind('|');
    if (bar == std::string::npos || bar + 1 == response.id.size()) {
      return PublicIdentifier({OwnSystem("response"), response.id});
    }
    return PublicIdentifier(
        {response.id.substr(0, bar), response.id.substr(bar + 1)});
  }

  // What was kept as it came because it could not be read in full.
  void ReadRaw(const ResponseReceived& received) {
    raw_ = {};
    document_.reset();
    raw_text_.reset();
    if (received.raw_key.empty() || !context_.person.document) return;
    raw_text_ = context_.person.document(received.raw_key);
    if (!raw_text_) return;
    auto parsed = json::Parse(*raw_text_);
    if (!parsed.ok()) return;
    document_ = *std::move(parsed);
    raw_ = document_->root();
    if (StringOf(raw_, "resourceType") != "QuestionnaireResponse") raw_ = {};
  }

  // An answer to no questionnaire of the service goes out as it came in, with
  // its items when they are legal, else as an attachment alone.
  bool HasLegalItems() const {
    if (!raw_.Find("item")) return false;
    const auto probe = json::Parse(absl::StrCat(
        "{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\","
        "\"item\":",
        json::Canonical(raw_.Find("item")), "}"));
    return probe.ok() && !HasError(CheckStructure(*probe));
  }

  void WriteRawInput(json::Writer& w, const ResponseReceived& received) {
    if (!raw_text_ || (received.instrument.IsNone() && HasLegalItems())) {
      return;
    }
    w.Key("extension").BeginArray().BeginObject();
    w.Key("url").String(absl::StrCat(ToAbsl(kExtensions), "raw-input"));
    w.Key("valueAttachment").BeginObject();
    w.Key("contentType")
        .String(document_ ? "application/json" : "application/octet-stream");
    w.Key("data").String(absl::Base64Escape(*raw_text_));
    w.EndObject().EndObject().EndArray();
  }

  void WriteQuestionnaire(json::Writer& w, const ResponseReceived& received) {
    if (!received.instrument.IsNone()) {
      w.Key("questionnaire")
          .String(context_.InstrumentUrl(received.instrument));
      return;
    }
    const json::Value url = raw_.Find("questionnaire");
    if (url && PrimitiveProblem("canonical", url).empty()) {
      w.Key("questionnaire").String(url.string_value());
    }
  }

  void WriteItems(json::Writer& w, const ResponseReceived& received) {
    if (received.instrument.IsNone()) {
      if (HasLegalItems()) {
        w.Key("item").Raw(json::Canonical(raw_.Find("item")));
      }
      return;
    }
    if (received.answers.empty()) return;
    const Instrument& instrument =
        *context_.protocol().at(received.instrument).instrument;
    w.Key("item").BeginArray();
    for (const GivenAnswer& answer : received.answers) {
      AnswerWriter(w).Write(instrument, answer);
    }
    w.EndArray();
  }

  const WriteContext& context_;
  std::optional<std::string> raw_text_;
  std::optional<json::Document> document_;
  json::Value raw_;  // the QuestionnaireResponse as it came, if it is one
};

}  // namespace

void WriteResponses(const WriteContext& context) {
  ResponseWriter writer(context);
  for (const ResponseState& response : context.state().responses) {
    auto written = writer.Write(response);
    if (written) context.out.push_back(*std::move(written));
  }
}

std::optional<WrittenResource> WriteResponse(const ExportedPerson& person,
                                             size_t response) {
  std::vector<WrittenResource> out;
  std::vector<ExportNote> notes;
  const WriteContext context{person, out, notes, IdToText(person.id.value),
                             IdToText(person.state->id.value)};
  return ResponseWriter(context).Write(person.state->responses.at(response));
}

}  // namespace stepwell::fhir
