// The small sections: what the protocol is, facts, routes, built-in duties.
#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kTopFields[] = {
    "$schema",        "protocol",   "version",
    "status",         "author",     "approver",
    "zone",           "language",   "title",
    "sources",        "imports",    "facts",
    "purposes",       "routes",     "milestones",
    "templates",      "clocks",     "tracks",
    "items_anywhere", "rules",      "risk",
    "intake_pool",    "lead_pool",  "parking",
    "messages",       "review",     "feedback_purpose",
    "documents",      "related",    "quiet_hours",
    "groups",         "carry",      "transfer",
    "intake",         "backdating", "supervision"};
constexpr std::string_view kStatuses[] = {"draft", "reviewed", "approved",
                                          "retired"};
constexpr std::string_view kFactFields[] = {"id", "title", "type", "carry",
                                            "from"};
constexpr std::string_view kFactTypes[] = {"boolean", "integer", "string",
                                           "date"};
constexpr std::string_view kParkingFields[] = {"pool", "clock"};
constexpr std::string_view kClockFields[] = {"clock"};
constexpr std::string_view kTransferFields[] = {"purpose", "ask", "letter",
                                                "clock", "disposition"};

// Protocol ids may have hyphens, like those of the whole catalogue.
void CheckId(ObjectReader& top, std::string_view id) {
  const auto legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  bool good = !id.empty() && id.size() <= limits::kNameBytesMax &&
              id[0] >= 'a' && id[0] <= 'z';
  for (const char c : id) good = good && legal(c);
  if (!good) {
    top.Error("protocol", "bad_name",
              absl::StrCat("`", ToAbsl(id.substr(0, 80)),
                           "` cannot be the id of a protocol"),
              "lower-case letters, digits, underscores and hyphens");
  }
}

bool FitsFact(FactValue::Kind fact, instruments::ItemKind item) {
  using I = instruments::ItemKind;
  switch (fact) {
    case FactValue::Kind::kBoolean:
      return item == I::kBoolean;
    case FactValue::Kind::kInteger:
      return item == I::kInteger || item == I::kChoice;
    case FactValue::Kind::kText:
      return item == I::kText;
    case FactValue::Kind::kDate:
      return item == I::kDate;
    case FactValue::Kind::kNone:
      return false;
  }
  return false;
}

// "intake.age": an item of an imported instrument.
void ReadFactSource(Loading& loading, ObjectReader& object, Fact& fact) {
  const auto from = object.Text("from");
  if (!from) return;
  const std::string pointer = object.PointerTo("from");
  const size_t dot = from->find('.');
  if (dot == std::string_view::npos) {
    AddError(loading.issues, "unknown_reference", pointer,
             "a fact comes from `instrument.item`",
             "for example \"intake.age\"");
    return;
  }
  fact.instrument = Resolve<InstrumentRef>(
      loading.instruments, from->substr(0, dot), pointer, loading.issues);
  if (fact.instrument.IsNone()) return;
  const auto& instrument = loading.protocol.at(fact.instrument).instrument;
  if (instrument == nullptr) return;
  const auto item = instrument->FindItem(from->substr(dot + 1));
  if (!item) {
    std::vector<std::string> known;
    for (const auto& each : instrument->items()) known.push_back(each.id);
    AddError(loading.issues, "unknown_reference", pointer,
             absl::StrCat("the instrument has no item `",
                          ToAbsl(from->substr(dot + 1)), "`"),
             SuggestName(from->substr(dot + 1), known));
    return;
  }
  fact.instrument_item = *item;
  if (!FitsFact(fact.kind, instrument->items()[*item].kind)) {
    AddError(loading.issues, "wrong_type", pointer,
             "the item's answers are not of the fact's type");
  }
}

}  // namespace

std::string ReadSource(Loading& loading, ObjectReader& object,
                       std::string_view what_number) {
  const auto source = object.Text("source");
  if (!source) {
    if (object.ok() && !object.Has("source")) {
      AddError(loading.issues, "no_source", object.pointer(),
               absl::StrCat(ToAbsl(what_number),
                            " does not say where it comes from"),
               "add `source`: an id of the document's `sources`, or "
               "\"assumption\"");
    }
    return "";
  }
  if (*source != "assumption") {
    ResolveIn(loading.sources, *source, object.PointerTo("source"),
              loading.issues);
  }
  return std::string(*source);
}

void ReadHeader(Loading& loading) {
  Protocol& protocol = loading.protocol;
  ObjectReader top(loading.root, "a protocol", kTopFields, loading.issues);
  top.Text("$schema");
  protocol.language = top.Text("language").value_or("en");
  if (const auto id = top.NeedText("protocol")) {
    CheckId(top, *id);
    protocol.id = *id;
  }
  protocol.version = top.NeedText("version").value_or("");
  if (const auto status = top.Choice("status", kStatuses)) {
    protocol.status = kStatuses[*status];
  } else {
    top.Need("status");
  }
  protocol.author = top.NeedText("author").value_or("");
  protocol.approver = top.Text("approver").value_or("");
  if (protocol.status == "approved" && protocol.approver.empty()) {
    top.Error("approver", "missing_field",
              "an approved protocol names its approver");
  }
  protocol.title =
      TextIn(ReadTexts(top.Need("title"), protocol.language, loading.issues),
             protocol.language);
  if (const auto zone = top.NeedText("zone")) {
    protocol.zone = FindZone(*zone);
    if (protocol.zone == nullptr) {
      top.Error("zone", "bad_zone",
                absl::StrCat("there is no time zone `", ToAbsl(*zone), "`"),
                "an IANA name, for example \"Europe/Stockholm\"");
    }
  }
}

void ReadFacts(Loading& loading) {
  for (const json::Value value : json::Children(loading.root.Find("facts"))) {
    ObjectReader object(value, "a fact", kFactFields, loading.issues);
    const auto id = object.Text("id");
    const uint16_t number = id ? loading.facts.Find(*id) : NameTable::kNone;
    if (number == NameTable::kNone) continue;  // reported when declared
    Fact& fact = loading.protocol.facts[number];
    object.Need("type");
    if (const auto type = object.Choice("type", kFactTypes)) {
      fact.kind = static_cast<FactValue::Kind>(*type + 1);
    }
    object.CheckTexts("title");
    fact.carry = object.Bool("carry", false);
    ReadFactSource(loading, object, fact);
  }
}

void ReadTransfer(Loading& loading) {
  const json::Value value = loading.root.Find("transfer");
  if (!value) return;
  ObjectReader object(value, "`transfer`", kTransferFields, loading.issues);
  Transfer& transfer = loading.protocol.transfer;
  transfer.allowed = object.ok();
  transfer.purpose =
      ReadName<PurposeId>(loading, object, "purpose", loading.purposes, true);
  transfer.ask =
      ReadName<ElementId>(loading, object, "ask", loading.elements, true);
  transfer.letter =
      ReadName<TemplateId>(loading, object, "letter", loading.templates, true);
  transfer.clock =
      ReadName<ClockDefId>(loading, object, "clock", loading.clocks, true);
  transfer.disposition = ReadName<OutcomeId>(loading, object, "disposition",
                                             loading.outcomes, true);
}

void ReadDuties(Loading& loading) {
  ReadTransfer(loading);
  Protocol& protocol = loading.protocol;
  ObjectReader named(loading.root, "a protocol", loading.issues);
  protocol.intake_pool =
      ReadName<PoolId>(loading, named, "intake_pool", loading.pools, true);
  protocol.lead_pool =
      ReadName<PoolId>(loading, named, "lead_pool", loading.pools, true);
  protocol.feedback_purpose =
      ReadName<PurposeId>(loading, named, "feedback_purpose", loading.purposes);
  ObjectReader parking(named.NeedObject("parking"), "`parking`", kParkingFields,
                       loading.issues);
  protocol.parking_pool =
      ReadName<PoolId>(loading, parking, "pool", loading.pools, true);
  protocol.parking_clock =
      ReadName<ClockDefId>(loading, parking, "clock", loading.clocks, true);
  if (!protocol.parking_clock.IsNone() &&
      protocol.at(protocol.parking_clock).patient_zone) {
    parking.Error("clock", "zone_of_nobody",
                  "parked input belongs to no person yet: there is no zone of "
                  "the patient",
                  "a clock with `zone`: \"service\"");
  }
  ObjectReader messages(named.NeedObject("messages"), "`messages`",
                        kClockFields, loading.issues);
  protocol.reply_clock =
      ReadName<ClockDefId>(loading, messages, "clock", loading.clocks, true);
  ObjectReader review(named.NeedObject("review"), "`review`", kClockFields,
                      loading.issues);
  protocol.review_clock =
      ReadName<ClockDefId>(loading, review, "clock", loading.clocks, true);
  if (protocol.review_element.IsNone()) return;  // too many elements
  Element& built_in = protocol.elements[protocol.review_element.value];
  built_in.performer = Performer::kPool;
  built_in.pool = protocol.lead_pool;
  built_in.due = protocol.review_clock;
}

}  // namespace stepwell::protocol
