#include "fhir/sdc_functions.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/status.h"

namespace stepwell::fhir {

namespace fp = ::stepwell::fhirpath;

namespace {

constexpr std::array<std::string_view, 5> kWeightUrls = {
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/valueset-ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/codesystem-ordinalValue"};

bool IsWeightUrl(std::string_view url) {
  return std::find(kWeightUrls.begin(), kWeightUrls.end(), url) !=
         kWeightUrls.end();
}

// A place in one of the documents.
struct Place {
  const JsonSource* source = nullptr;
  uint32_t node = 0;
  explicit operator bool() const { return source != nullptr; }
};

template <class Visit>  // bool(uint32_t child): false stops
void EachChild(const JsonSource& source, uint32_t node, std::string_view name,
               Visit visit) {
  for (uint32_t i = source.FirstChild(node); i != 0; i = source.Next(i)) {
    if (source.NameOf(i) == name && !visit(i)) return;
  }
}

std::optional<fp::Decimal> NumberAt(const JsonSource& source, uint32_t node) {
  const json::Value value = source.JsonOf(node);
  if (!value || !value.is_number()) return std::nullopt;
  return fp::Decimal::Parse(value.number_text());
}

// The weight in an extension of the element itself.
std::optional<fp::Decimal> OwnWeight(const JsonSource& source, uint32_t node) {
  std::optional<fp::Decimal> weight;
  EachChild(source, node, "extension", [&](uint32_t extension) {
    const json::Value url = source.Text(extension, "url");
    if (!url || !IsWeightUrl(url.string_value())) return true;
    const uint32_t value = source.Find(extension, "value");
    if (value != 0) weight = NumberAt(source, value);
    return !weight.has_value();
  });
  return weight;
}

// What a coded answer says: system (may be absent) and code.
struct Code {
  json::Value system;
  json::Value code;
};

Code CodeAt(const JsonSource& source, uint32_t coding) {
  return {source.Text(coding, "system"), source.Text(coding, "code")};
}

bool Same(json::Value a, json::Value b) {
  return a && b && a.string_value() == b.string_value();
}

bool Matches(const Code& wanted, const Code& held) {
  if (!Same(wanted.code, held.code)) return false;
  return !wanted.system || !held.system || Same(wanted.system, held.system);
}

// An item of a Questionnaire by linkId, in document order.
uint32_t FindItem(const JsonSource& form, uint32_t parent,
                  std::string_view link_id) {
  uint32_t found = 0;
  EachChild(form, parent, "item", [&](uint32_t item) {
    const json::Value own = form.Text(item, "linkId");
    found = own && own.string_value() == link_id
                ? item
                : FindItem(form, item, link_id);
    return found == 0;
  });
  return found;
}

std::optional<fp::Decimal> OptionWeight(const JsonSource& form, uint32_t item,
                                        const JsonSource& source,
                                        uint32_t value) {
  std::optional<fp::Decimal> weight;
  const Code wanted = CodeAt(source, value);
  EachChild(form, item, "answerOption", [&](uint32_t option) {
    const uint32_t held = form.Find(option, "value");
    if (held == 0) return true;
    bool match;
    if (wanted.code) {
      match = Matches(wanted, CodeAt(form, held));
    } else {
      const auto a = source.Primitive(value);
      const auto b = form.Primitive(held);
      match = a && b && fp::ToLiteral(*a) == fp::ToLiteral(*b);
    }
    if (!match) return true;
    weight = OwnWeight(form, option);
    if (!weight) weight = OwnWeight(form, held);
    return !weight.has_value();
  });
  return weight;
}

// The concept in a list of nested `name` elements: expansion.contains,
// include.concept, CodeSystem.concept.
std::optional<fp::Decimal> ConceptWeight(const JsonSource& source,
                                         uint32_t parent, std::string_view name,
                                         const Code& wanted,
                                         json::Value system);

// A CodeSystem keeps the weight as a property.
std::optional<fp::Decimal> PropertyWeight(const JsonSource& source,
                                          uint32_t concept_node) {
  std::optional<fp::Decimal> weight;
  EachChild(source, concept_node, "property", [&](uint32_t property) {
    const json::Value code = source.Text(property, "code");
    if (!code || (code.string_value() != "itemWeight" &&
                  code.string_value() != "ordinalValue")) {
      return true;
    }
    const uint32_t value = source.Find(property, "value");
    if (value != 0) weight = NumberAt(source, value);
    return !weight.has_value();
  });
  return weight;
}

std::optional<fp::Decimal> ConceptWeight(const JsonSource& source,
                                         uint32_t parent, std::string_view name,
                                         const Code& wanted,
                                         json::Value system) {
  std::optional<fp::Decimal> weight;
  EachChild(source, parent, name, [&](uint32_t node) {
    Code held = CodeAt(source, node);
    if (!held.system) held.system = system;
    if (Matches(wanted, held)) {
      weight = OwnWeight(source, node);
      if (!weight) weight = PropertyWeight(source, node);
    }
    if (!weight) weight = ConceptWeight(source, node, name, wanted, system);
    return !weight.has_value();
  });
  return weight;
}

std::optional<fp::Decimal> ValueSetWeight(const Place& set,
                                          const Code& wanted) {
  const JsonSource& source = *set.source;
  const uint32_t expansion = source.Find(set.node, "expansion");
  if (expansion != 0) {
    auto weight =
        ConceptWeight(source, expansion, "contains", wanted, json::Value());
    if (weight) return weight;
  }
  const uint32_t compose = source.Find(set.node, "compose");
  if (compose == 0) return std::nullopt;
  std::optional<fp::Decimal> weight;
  EachChild(source, compose, "include", [&](uint32_t include) {
    weight = ConceptWeight(source, include, "concept", wanted,
                           source.Text(include, "system"));
    return !weight.has_value();
  });
  return weight;
}

bool IsA(const JsonSource& source, uint32_t node, std::string_view type) {
  const json::Value value = source.JsonOf(node);
  const json::Value named = value ? value.Find("resourceType") : json::Value();
  return named.is_string() && named.string_value() == type;
}

bool UrlMatches(const JsonSource& source, uint32_t node,
                std::string_view canonical) {
  const size_t bar = canonical.find('|');
  const json::Value url = source.Text(node, "url");
  if (!url || url.string_value() != canonical.substr(0, bar)) return false;
  if (bar == std::string_view::npos) return true;
  const json::Value version = source.Text(node, "version");
  return version && version.string_value() == canonical.substr(bar + 1);
}

// A resource of `type` by canonical url in a document: the root itself, an
// entry of a Bundle, or a contained one; `#id` is a contained one by id.
Place FindResource(const JsonSource& source, std::string_view type,
                   std::string_view canonical) {
  const bool local = !canonical.empty() && canonical[0] == '#';
  if (!local && IsA(source, 0, type) && UrlMatches(source, 0, canonical)) {
    return {&source, 0};
  }
  Place found;
  for (const bool contained : {true, false}) {
    EachChild(source, 0, contained ? "contained" : "entry", [&](uint32_t n) {
      const uint32_t node = contained ? n : source.Find(n, "resource");
      if (node == 0 || !IsA(source, node, type)) return true;
      const json::Value id = source.Text(node, "id");
      const bool match =
          local ? contained && id && id.string_value() == canonical.substr(1)
                : UrlMatches(source, node, canonical);
      if (match) found = {&source, node};
      return !match;
    });
    if (found) break;
  }
  return found;
}

// The documents in the order they are asked.
std::vector<const JsonSource*> Documents(const SdcSources& sources,
                                         const JsonSource& own) {
  std::vector<const JsonSource*> documents;
  if (sources.questionnaire != nullptr) {
    documents.push_back(sources.questionnaire);
  }
  documents.push_back(&own);
  documents.insert(documents.end(), sources.knowledge.begin(),
                   sources.knowledge.end());
  return documents;
}

// The item of the form that the answer around `node` belongs to.
uint32_t FormItem(const JsonSource& form, const JsonSource& source,
                  uint32_t node) {
  for (uint32_t up = node; up != 0; up = source.ParentOf(up)) {
    if (source.NameOf(up) != "item") continue;
    const json::Value link_id = source.Text(up, "linkId");
    return link_id ? FindItem(form, 0, link_id.string_value()) : 0;
  }
  return 0;
}

std::optional<fp::Decimal> FormWeight(const SdcSources& sources,
                                      const JsonSource& source, uint32_t value,
                                      const Code& wanted) {
  const JsonSource* form = sources.questionnaire;
  if (form == nullptr) return std::nullopt;
  const uint32_t item = FormItem(*form, source, value);
  if (item == 0) return std::nullopt;
  auto weight = OptionWeight(*form, item, source, value);
  const json::Value set = form->Text(item, "answerValueSet");
  if (weight || !set || !wanted.code) return weight;
  for (const JsonSource* document : Documents(sources, source)) {
    const Place found = FindResource(*document, "ValueSet", set.string_value());
    if (!found) continue;
    weight = ValueSetWeight(found, wanted);
    if (weight) return weight;
  }
  return std::nullopt;
}

std::optional<fp::Decimal> CodeSystemWeight(const SdcSources& sources,
                                            const JsonSource& source,
                                            const Code& wanted) {
  if (!wanted.system || !wanted.code) return std::nullopt;
  for (const JsonSource* document : Documents(sources, source)) {
    const Place found =
        FindResource(*document, "CodeSystem", wanted.system.string_value());
    if (!found) continue;
    auto weight = ConceptWeight(*found.source, found.node, "concept", wanted,
                                wanted.system);
    if (weight) return weight;
  }
  return std::nullopt;
}

// Each answer looks through the documents: more than this would take minutes.
constexpr size_t kWeightVisitsMax = 500'000'000;

absl::Status Weights(const SdcSources& sources, const fp::HostCall& call) {
  size_t visits = 0;
  for (const JsonSource* document : sources.knowledge) {
    visits += document->size();
  }
  if (sources.questionnaire != nullptr) visits += sources.questionnaire->size();
  if (!call.input.empty() && call.input[0].is_node()) {
    const auto& own = static_cast<const JsonSource&>(
        *call.options.sources[call.input[0].node().source]);
    for (uint32_t i = own.FirstChild(0); i != 0; i = own.Next(i)) ++visits;
  }
  if (visits * call.input.size() > kWeightVisitsMax) {
    return TooLarge("too many answers for so large a questionnaire");
  }
  for (const fp::Value& item : call.input) {
    if (!item.is_node()) continue;
    const fp::Node node = item.node();
    const auto& source =
        static_cast<const JsonSource&>(*call.options.sources[node.source]);
    const auto weight = WeightOf(sources, source, node.index);
    if (weight) call.out.push_back(fp::Value::Of(*weight));
  }
  return absl::OkStatus();
}

constexpr std::string_view kProfileBase =
    "http://hl7.org/fhir/StructureDefinition/";

absl::Status ConformsTo(const R4Model& model, const fp::HostCall& call) {
  if (call.input.empty() || call.arguments[0].empty()) return absl::OkStatus();
  const fp::Value& argument = call.arguments[0].front();
  if (!argument.is(fp::Kind::kString)) {
    return InvalidInput("the profile's url must be a String");
  }
  const std::string_view url = argument.string();
  const bool base = url.substr(0, kProfileBase.size()) == kProfileBase;
  const auto type =
      base ? model.FindType(url.substr(kProfileBase.size())) : std::nullopt;
  if (!type) {
    return InvalidInput("the profile " + std::string(url) + " is not known");
  }
  const fp::Value& item = call.input[0];
  bool conforms = false;
  if (call.input.size() == 1 && item.is_node()) {
    const fp::Source* source = call.options.sources[item.node().source];
    conforms = model.IsSubtype(source->TypeOf(item.node().index), *type);
  }
  call.out.push_back(fp::Value::Boolean(conforms));
  return absl::OkStatus();
}

// Elements that FHIR's narrative admits.
bool AllowedTag(std::string_view name) {
  static constexpr std::string_view kAllowed[] = {
      "a",       "abbr",  "acronym", "b",     "big",      "blockquote", "br",
      "caption", "cite",  "code",    "col",   "colgroup", "dd",         "dfn",
      "div",     "dl",    "dt",      "em",    "h1",       "h2",         "h3",
      "h4",      "h5",    "h6",      "hr",    "i",        "img",        "li",
      "ol",      "p",     "pre",     "q",     "samp",     "small",      "span",
      "strong",  "sub",   "sup",     "table", "tbody",    "td",         "tfoot",
      "th",      "thead", "tr",      "tt",    "ul",       "var"};
  return std::find(std::begin(kAllowed), std::end(kAllowed), name) !=
         std::end(kAllowed);
}

// Visits what stands outside of quotes; where `visit` says true, or npos.
template <class Visit>
size_t FindUnquoted(std::string_view text, size_t pos, const Visit& visit) {
  char quote = 0;
  for (; pos < text.size(); ++pos) {
    const char c = text[pos];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (visit(pos)) {
      return pos;
    }
  }
  return std::string_view::npos;
}

size_t TagEnd(std::string_view text, size_t pos) {
  return FindUnquoted(text, pos, [text](size_t i) { return text[i] == '>'; });
}

bool IsSpaceAt(std::string_view text, size_t pos) {
  return absl::ascii_isspace(static_cast<unsigned char>(text[pos]));
}

// onclick and its like.
bool HasEventAttribute(std::string_view tag) {
  return FindUnquoted(tag, 0, [tag](size_t i) {
           return i > 0 && IsSpaceAt(tag, i - 1) &&
                  absl::ascii_tolower(tag[i]) == 'o' && i + 1 < tag.size() &&
                  absl::ascii_tolower(tag[i + 1]) == 'n';
         }) != std::string_view::npos;
}

// One <div> of admitted, balanced elements without event attributes.
bool NarrativeIsFine(std::string_view text) {
  std::vector<std::string_view> open;
  size_t pos = 0;
  bool any = false;
  while ((pos = text.find('<', pos)) != std::string_view::npos) {
    if (text.substr(pos, 4) == "<!--") {
      pos = text.find("-->", pos);
      if (pos == std::string_view::npos) return false;
      continue;
    }
    const size_t end = TagEnd(text, pos);
    if (end == std::string_view::npos) return false;
    std::string_view tag = text.substr(pos + 1, end - pos - 1);
    pos = end + 1;
    const bool closing = !tag.empty() && tag.front() == '/';
    const bool empty = !tag.empty() && tag.back() == '/';
    if (closing) tag.remove_prefix(1);
    if (empty) tag.remove_suffix(1);
    const std::string_view name = tag.substr(0, tag.find_first_of(" \t\r\n"));
    if (!AllowedTag(name)) return false;
    if (HasEventAttribute(tag)) return false;
    if (closing) {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    } else if (!empty) {
      if (open.empty() && (any || name != "div")) return false;
      open.push_back(name);
      any = true;
    }
  }
  return any && open.empty();
}

// Text or an image, beside the elements.
bool NarrativeSaysSomething(std::string_view text) {
  size_t pos = 0;
  while (pos < text.size()) {
    if (text[pos] != '<') {
      if (text.substr(pos, 6) == "&nbsp;" || text.substr(pos, 6) == "&#160;") {
        pos += 6;
        continue;
      }
      if (!IsSpaceAt(text, pos)) return true;
      ++pos;
      continue;
    }
    const bool comment = text.substr(pos, 4) == "<!--";
    if (text.substr(pos, 4) == "<img") return true;
    const size_t end = comment ? text.find("-->", pos) : TagEnd(text, pos);
    if (end == std::string_view::npos) return false;
    pos = end + (comment ? 3 : 1);
  }
  return false;
}

using NarrativeCheck = bool (*)(std::string_view text);

// A narrative that is withheld is not judged.
absl::Status HtmlChecks(const fp::HostCall& call, NarrativeCheck check) {
  if (call.input.empty()) return absl::OkStatus();
  bool fine = call.input.size() == 1;
  if (fine && call.input[0].is_node()) {
    const fp::Node node = call.input[0].node();
    const fp::Source& source = *call.options.sources[node.source];
    if (source.LacksValue(node.index)) return absl::OkStatus();
    const auto plain = source.Primitive(node.index);
    fine = plain && plain->is(fp::Kind::kString) && check(plain->string());
  }
  call.out.push_back(fp::Value::Boolean(fine));
  return absl::OkStatus();
}

fp::HostFunction Named(std::string name, fp::TypeId type, bool many) {
  fp::HostFunction function;
  function.name = std::move(name);
  function.type = type;
  function.many = many;
  return function;
}

}  // namespace

std::optional<fp::Decimal> WeightOf(const SdcSources& sources,
                                    const JsonSource& source, uint32_t node) {
  uint32_t value = node;
  // An answer stands for its value.
  if (const uint32_t held = source.Find(node, "value");
      held != 0 && !source.Text(node, "code")) {
    if (auto weight = OwnWeight(source, node)) return weight;
    value = held;
  }
  if (auto weight = OwnWeight(source, value)) return weight;
  const Code wanted = CodeAt(source, value);
  if (auto weight = FormWeight(sources, source, value, wanted)) return weight;
  return CodeSystemWeight(sources, source, wanted);
}

void AddFhirFunctions(const SdcSources& sources, fp::FunctionTable* functions) {
  for (const char* name : {"weight", "ordinal"}) {
    fp::HostFunction weight = Named(name, fp::kDecimalType, true);
    weight.call = [sources](const fp::HostCall& call) {
      return Weights(sources, call);
    };
    functions->Add(std::move(weight));
  }
  const R4Model* model = sources.model;
  fp::HostFunction conforms = Named("conformsTo", fp::kBooleanType, false);
  conforms.arguments_min = conforms.arguments_max = 1;
  conforms.argument_types = {fp::TypeBit(fp::kStringType)};
  conforms.call = [model](const fp::HostCall& call) {
    return model == nullptr ? InvalidInput("no model is given")
                            : ConformsTo(*model, call);
  };
  functions->Add(std::move(conforms));
  // As R5 names the two: of txt-1, and of txt-2.
  for (const auto& [name, check] :
       {std::pair<const char*, NarrativeCheck>{"htmlChecks", NarrativeIsFine},
        {"htmlChecks2", NarrativeSaysSomething}}) {
    fp::HostFunction html = Named(name, fp::kBooleanType, false);
    html.input_types = fp::TypeBit(fp::kStringType);
    html.call = [check = check](const fp::HostCall& call) {
      return HtmlChecks(call, check);
    };
    functions->Add(std::move(html));
  }
}

}  // namespace stepwell::fhir
