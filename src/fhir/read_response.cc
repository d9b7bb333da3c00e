// QuestionnaireResponses. Every way to fail ends in a problem beside what
// could be read: the host decides, and parks what it cannot place.
#include "fhir/read_response.h"

#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "fhir/read_element.h"

namespace stepwell::fhir {
namespace {

constexpr std::string_view kStatuses[] = {"in-progress", "completed", "amended",
                                          "entered-in-error", "stopped"};

// "valueCoding" -> "Coding"; empty for other keys.
std::string_view ValueSuffix(std::string_view key) {
  if (key.size() < 6 || key.substr(0, 5) != "value") return {};
  return absl::ascii_isupper(key[5]) ? key.substr(5) : std::string_view{};
}

struct ScalarType {
  std::string_view suffix;
  json::Type json;
  AnswerType type;
};
constexpr ScalarType kScalars[] = {
    {"Boolean", json::Type::kBool, AnswerType::kBoolean},
    {"Integer", json::Type::kNumber, AnswerType::kInteger},
    {"Decimal", json::Type::kNumber, AnswerType::kDecimal},
    {"Date", json::Type::kString, AnswerType::kDate},
    {"DateTime", json::Type::kString, AnswerType::kDateTime},
    {"Time", json::Type::kString, AnswerType::kTime},
    {"String", json::Type::kString, AnswerType::kString},
    {"Uri", json::Type::kString, AnswerType::kUri},
};

class ResponseReader {
 public:
  ResponseReader(const Resource& resource, const ReadContext& context)
      : resource_(resource), value_(resource.value), context_(context) {}

  ImportedResponse Read() {
    out_.key = KeyOf(resource_, context_.references);
    if (!value_) {
      out_.raw = resource_.raw;
      Problem("unreadable", "",
              "the resource cannot be read: " + resource_.error);
      return std::move(out_);
    }
    out_.raw = json::Canonical(value_);
    out_.language = std::string(StringOf(value_, "language"));
    ReadStatus();
    ReadAuthored();
    ReadSubject();
    const std::string_view canonical = CanonicalOf(value_);
    items_ = &context_.questionnaires->Find(canonical, resource_);
    ReadItems(value_, "");
    NameInstrument(canonical);
    // What its sender takes back is kept, and looked at by a person; it is not
    // scored as an answer to anything.
    if (out_.status == "entered-in-error") out_.instrument.clear();
    const std::string modifier = FindModifier(value_);
    if (!modifier.empty()) {
      Problem("modifier", modifier,
              "it changes the meaning of the answers in a way that is not "
              "understood here");
    }
    return std::move(out_);
  }

 private:
  void Problem(std::string code, std::string_view element, std::string reason,
               std::string hint = "") {
    if (out_.problems.size() >= limits::kFhirProblemsMax) return;
    out_.problems.push_back(
        {std::move(code),
         element.empty() ? resource_.path : resource_.At(element),
         resource_.label(), std::move(reason), std::move(hint)});
  }

  void ReadStatus() {
    const std::string_view status = StringOf(value_, "status");
    out_.status = std::string(status);
    for (const std::string_view known : kStatuses) {
      if (status != known) continue;
      if (status == "entered-in-error") {
        Problem("entered_in_error", "status",
                "the sender takes these answers back");
      }
      return;
    }
    Problem(status.empty() ? "missing" : "unknown_code", "status",
            status.empty() ? "\"status\" is missing"
                           : absl::StrCat("\"", Shown(status),
                                          "\" is no code of this element"),
            "in-progress, completed, amended, entered-in-error or stopped");
  }

  void ReadAuthored() {
    const json::Value value = value_.Find("authored");
    if (!value || value.is_null()) return;
    out_.authored_text = std::string(StringOf(value_, "authored"));
    const FhirTime time = ParseFhirTime(out_.authored_text);
    out_.authored = time.instant;
    out_.authored_date = time.date;
    if (time.legal) return;
    Problem("bad_time", "authored",
            absl::StrCat("\"", Shown(out_.authored_text), "\" is no dateTime"),
            std::string(kTimeHint));
  }

  // The subject, or else the Patient who is said to have answered, or else
  // whom the containing resource is about.
  void ReadSubject() {
    std::string_view element = "subject";
    Subject subject = Resolve("subject");
    for (const std::string_view other : {"source", "author"}) {
      if (subject.state != Subject::State::kNone) break;
      const Subject who = Resolve(other);
      if (who.code == "subject_no_patient") continue;
      subject = who;
      element = other;
    }
    const Resource* owner = context_.references.OwnerOf(resource_);
    if (subject.state == Subject::State::kNone && owner != nullptr) {
      subject = context_.persons.Resolve(owner->value.Find("subject"), *owner);
    }
    out_.subject = subject.key;
    out_.subject_found = subject.state == Subject::State::kFound;
    constexpr const char* kHint = "name the Patient in \"subject\"";
    if (subject.state == Subject::State::kNone) {
      Problem("no_subject", "subject", "no patient is named", kHint);
    } else if (subject.state == Subject::State::kUnusable) {
      Problem(subject.code, element, subject.reason, kHint);
    } else if (subject.state == Subject::State::kUnknown &&
               !(context_.options.is_known_person &&
                 context_.options.is_known_person(subject.key))) {
      Problem("subject_unresolved", element, "the patient is not in the text");
    }
  }

  Subject Resolve(std::string_view element) const {
    return context_.persons.Resolve(value_.Find(element), resource_);
  }

  void NameInstrument(std::string_view canonical) {
    const size_t bar = canonical.find('|');
    out_.questionnaire = std::string(canonical.substr(0, bar));
    if (bar != std::string_view::npos) {
      out_.version = std::string(canonical.substr(bar + 1));
    }
    InstrumentNames& names = *context_.names;
    out_.instrument = names.ByCanonical(canonical);
    if (out_.instrument.empty()) {
      out_.instrument = names.ByLoinc(items_->loinc());
    }
    if (!out_.instrument.empty()) return;
    std::vector<std::string_view> codes;
    for (const ImportedAnswer& answer : out_.answers) {
      if (!answer.code.empty()) codes.push_back(answer.code);
    }
    out_.instrument = names.ByItems(codes);
    Problem(out_.instrument.empty() ? "unknown_questionnaire"
                                    : "questionnaire_inferred",
            "questionnaire",
            out_.instrument.empty()
                ? "the questionnaire is none of the shipped instruments"
                : absl::StrCat("the questionnaire is told from its items: ",
                               out_.instrument),
            "a canonical URL that ends in the id of an instrument (phq-9)");
  }

  static std::string Under(const std::string& path, std::string_view key,
                           size_t index) {
    return absl::StrCat(path, path.empty() ? "" : ".", ToAbsl(key), "[", index,
                        "]");
  }

  // Depth is bounded by the JSON parser.
  void ReadItems(json::Value parent, const std::string& path) {
    const json::Value list = parent.Find("item");
    if (list && !list.is_array() && !list.is_object()) {
      Problem("wrong_type", path.empty() ? "item" : path + ".item",
              "this is no list of items");
    }
    size_t index = 0;
    for (json::Value item : ListOf(parent, "item")) {
      const std::string at = Under(path, "item", index++);
      if (Full(at)) return;
      if (!item.is_object()) {
        AddUnreadable(item, {}, at);
        continue;
      }
      ReadItem(item, at);
    }
  }

  bool Full(const std::string& path) {
    if (out_.answers.size() < limits::kFhirAnswersMax) return false;
    if (!full_) {
      Problem("too_many", path,
              absl::StrCat("only the first ", limits::kFhirAnswersMax,
                           " answers are read"));
    }
    full_ = true;
    return true;
  }

  void ReadItem(json::Value item, const std::string& path) {
    ImportedAnswer model;
    const json::Value link_id = item.Find("linkId");
    model.link_id = std::string(link_id.is_number() ? link_id.number_text()
                                                    : StringOf(item, "linkId"));
    if (model.link_id.empty()) {
      Problem("missing", path, "the item has no linkId");
    }
    model.code = std::string(items_->CodeOf(model.link_id));
    if (model.code.empty()) model.code = std::string(LoincOf(model.link_id));
    const json::Value answers = item.Find("answer");
    if (answers.is_array()) {
      size_t index = 0;
      for (json::Value answer : json::Children(answers)) {
        const std::string at = Under(path, "answer", index++);
        if (Full(at)) return;
        ReadAnswer(answer, model, at);
      }
    } else if (answers && !answers.is_null()) {
      Problem("wrong_type", path + ".answer", "this is no list of answers");
      ReadAnswer(answers, model, path + ".answer");
    }
    ReadItems(item, path);
  }

  void ReadAnswer(json::Value answer, const ImportedAnswer& model,
                  const std::string& path) {
    if (!answer.is_object()) {
      Problem("wrong_type", path, "an answer is an object with a value");
      AddScalar(answer, model, path);
      return;
    }
    size_t values = 0;
    std::string_view reason = AbsentReason(answer);
    for (json::Value member : json::Children(answer)) {
      const std::string_view key = member.key();
      const std::string_view suffix = ValueSuffix(key);
      if (!suffix.empty() && !member.is_null()) {
        ++values;
        ReadValue(member, suffix, answer, model, path);
      } else if (key.substr(0, 1) == "_" && reason.empty() &&
                 !ValueSuffix(key.substr(1)).empty()) {
        reason = AbsentReason(member);
      }
    }
    if (values > 1) {
      Problem("several_values", path, "one answer has several values",
              "one answer for each value");
    } else if (values == 0 && !answer.Find("item")) {
      ImportedAnswer absent = model;
      absent.type = reason == "not-applicable" ? AnswerType::kNotApplicable
                                               : AnswerType::kAbsent;
      absent.value = std::string(reason);
      Add(std::move(absent), path);
    }
    ReadItems(answer, path);
  }

  void Add(ImportedAnswer answer, const std::string& path) {
    answer.path = path;
    out_.answers.push_back(std::move(answer));
  }

  void AddUnreadable(json::Value value, ImportedAnswer answer,
                     const std::string& path) {
    Problem("unreadable_answer", path, "this cannot be read as an answer");
    answer.type = AnswerType::kUnreadable;
    answer.value = Shown(json::Canonical(value), 200);
    Add(std::move(answer), path);
  }

  // By what the JSON says, when the element's type says something else.
  void AddScalar(json::Value value, ImportedAnswer answer,
                 const std::string& path) {
    if (value.is_bool()) {
      answer.type = AnswerType::kBoolean;
      answer.value = value.bool_value() ? "true" : "false";
    } else if (value.is_number()) {
      answer.type = value.int64_value().has_value() ? AnswerType::kInteger
                                                    : AnswerType::kDecimal;
      answer.value = std::string(value.number_text());
    } else if (value.is_string()) {
      answer.type = AnswerType::kString;
      answer.value = std::string(value.string_value());
    } else {
      return AddUnreadable(value, std::move(answer), path);
    }
    Add(std::move(answer), path);
  }

  void ReadValue(json::Value value, std::string_view suffix, json::Value answer,
                 const ImportedAnswer& model, const std::string& path) {
    for (const ScalarType& scalar : kScalars) {
      if (scalar.suffix == suffix) {
        return ReadScalar(value, scalar, model, path);
      }
    }
    ImportedAnswer out = model;
    if (value.is_object() && suffix == "Coding") {
      ReadCodingValue(value, answer, &out);
    } else if (value.is_object() && suffix == "Quantity" &&
               value.Find("value").is_number() && !value.Find("comparator")) {
      out.type = AnswerType::kQuantity;
      out.value = std::string(value.Find("value").number_text());
      out.unit = std::string(StringOf(value, "unit"));
      if (out.unit.empty()) out.unit = std::string(StringOf(value, "code"));
    } else if (value.is_object() && suffix == "Reference") {
      out.type = AnswerType::kReference;
      out.value = std::string(StringOf(value, "reference"));
      out.display = std::string(StringOf(value, "display"));
    } else if (value.is_object() && suffix == "Attachment") {
      out.type = AnswerType::kAttachment;
      const std::string_view title = StringOf(value, "title");
      out.value = std::string(title.empty() ? StringOf(value, "url") : title);
    } else if (value.is_object()) {
      return AddUnreadable(value, std::move(out), path);
    } else {
      Problem("wrong_type", path,
              absl::StrCat("value", Shown(suffix, 40), " is no object"));
      return AddScalar(value, std::move(out), path);
    }
    Add(std::move(out), path);
  }

  void ReadCodingValue(json::Value value, json::Value answer,
                       ImportedAnswer* out) {
    const Coding coding = ReadCoding(value);
    out->type = AnswerType::kCoding;
    out->value = std::string(coding.code);
    out->system = std::string(coding.system);
    out->display = std::string(coding.display);
    std::string_view weight = WeightOn(value);
    if (weight.empty()) weight = WeightOn(answer);
    if (weight.empty()) weight = items_->WeightOf(out->link_id, coding.code);
    out->ordinal = std::string(weight);
  }

  void ReadScalar(json::Value value, const ScalarType& scalar,
                  const ImportedAnswer& model, const std::string& path) {
    const char* wrong = nullptr;
    if (value.type() != scalar.json) {
      wrong = "the value is of another type than its name says";
    } else if (scalar.type == AnswerType::kInteger &&
               !value.int64_value().has_value()) {
      wrong = "the value is no whole number";
    } else if (scalar.type == AnswerType::kDate ||
               scalar.type == AnswerType::kDateTime) {
      const FhirTime time = ParseFhirTime(value.string_value());
      const bool too_long =
          scalar.type == AnswerType::kDate && value.string_value().size() > 10;
      if (!time.legal || too_long) wrong = "the value is no legal date";
    }
    const size_t before = out_.answers.size();
    AddScalar(value, model, path);
    if (wrong == nullptr) {
      out_.answers[before].type = scalar.type;
    } else {
      Problem("wrong_type", path, wrong);
    }
  }

  const Resource& resource_;
  const json::Value value_;
  const ReadContext& context_;
  const QuestionnaireItems* items_ = nullptr;
  ImportedResponse out_;
  bool full_ = false;
};

instruments::RawAnswer::Type RawTypeOf(AnswerType type) {
  using Raw = instruments::RawAnswer::Type;
  switch (type) {
    case AnswerType::kBoolean:
      return Raw::kBoolean;
    case AnswerType::kDecimal:
    case AnswerType::kInteger:
    case AnswerType::kQuantity:
      return Raw::kNumber;
    case AnswerType::kDate:
    case AnswerType::kDateTime:
      return Raw::kDate;
    case AnswerType::kTime:
    case AnswerType::kString:
    case AnswerType::kUri:
      return Raw::kString;
    case AnswerType::kCoding:
      return Raw::kCoding;
    case AnswerType::kNotApplicable:
      return Raw::kNotApplicable;
    case AnswerType::kReference:
    case AnswerType::kAttachment:
    case AnswerType::kAbsent:
    case AnswerType::kUnreadable:
      break;
  }
  return Raw::kUnreadable;
}

}  // namespace

std::string_view CanonicalOf(json::Value response) {
  const std::string_view canonical = StringOf(response, "questionnaire");
  // Before R4 the questionnaire was a Reference.
  return canonical.empty()
             ? StringOf(response.Find("questionnaire"), "reference")
             : canonical;
}

ImportedResponse ReadResponse(const Resource& resource,
                              const ReadContext& context) {
  return ResponseReader(resource, context).Read();
}

std::vector<instruments::RawAnswer> RawAnswersOf(
    const ImportedResponse& response,
    const instruments::Instrument& instrument) {
  std::vector<instruments::RawAnswer> raw;
  raw.reserve(response.answers.size());
  for (const ImportedAnswer& answer : response.answers) {
    if (answer.type == AnswerType::kAbsent) continue;
    const bool by_code = !answer.code.empty() &&
                         !instrument.FindItem(answer.link_id).has_value() &&
                         instrument.FindItem(answer.code).has_value();
    std::string_view value = answer.value;
    if (answer.type == AnswerType::kDateTime) value = value.substr(0, 10);
    raw.push_back({by_code ? answer.code : answer.link_id,
                   RawTypeOf(answer.type), value, answer.system,
                   answer.ordinal});
  }
  return raw;
}

}  // namespace stepwell::fhir
