// The case mix: how questionnaires are answered, together.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/numbers.h"
#include "base/strings.h"
#include "sim/plan_reader.h"

namespace stepwell::sim {
namespace {

constexpr std::string_view kInstrumentFields[] = {"id", "total", "items",
                                                  "source", "note"};
constexpr std::string_view kTotalFields[] = {"mean", "sd", "source", "note"};
constexpr std::string_view kItemFields[] = {
    "id", "values", "from", "to", "text", "persists", "source", "note"};

using instruments::Instrument;

std::optional<int64_t> WholeNumber(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const auto digits = ParseDigits(negative ? text.substr(1) : text);
  if (!digits) return std::nullopt;
  return negative ? -*digits : *digits;
}

// A value must be one that the questionnaire takes: a plan that answers out of
// range would fill the reviews of the simulated staff.
void CheckValue(const Instrument& instrument, uint16_t item, int64_t value,
                const std::string& pointer, Issues& issues) {
  const instruments::Item& definition = instrument.items()[item];
  const auto& set = instrument.value_sets()[definition.values];
  const bool number = definition.kind != instruments::ItemKind::kText &&
                      definition.kind != instruments::ItemKind::kDate;
  if (number && set.Contains(static_cast<int32_t>(value))) return;
  AddError(issues, "out_of_range", pointer,
           absl::StrCat("`", definition.id, "` of ", instrument.id(),
                        " takes no ", value));
}

void ReadChoice(json::Value values, const Instrument& instrument,
                ItemAnswers& answers, Issues& issues) {
  for (const auto& [name, share] : ReadShares(values, issues)) {
    const auto number = WholeNumber(name);
    const std::string pointer = protocol::Below(values.pointer(), name);
    if (!number || *number > INT32_MAX || *number < INT32_MIN) {
      AddError(issues, "out_of_range", pointer,
               absl::StrCat("`", name, "` is no whole number"),
               "answers by their value: {\"0\": 0.7, \"1\": 0.3}");
      continue;
    }
    CheckValue(instrument, answers.item, *number, pointer, issues);
    answers.values.values.push_back({*number, share});
  }
}

std::optional<ItemAnswers> ReadItem(const Entry& entry,
                                    const Instrument& instrument,
                                    Issues& issues) {
  ObjectReader object(entry.value, "the answers to an item", kItemFields,
                      issues);
  const auto item = instrument.FindItem(entry.id);
  if (!item) {
    Unknown(absl::StrCat("item of ", instrument.id()), entry.id,
            object.PointerTo("id"), NamesOf(instrument.items()), issues);
    return std::nullopt;
  }
  ItemAnswers answers;
  answers.item = *item;
  answers.persists = Number(object, "persists", kShare).value_or(0);
  const std::string name = absl::StrCat(instrument.id(), ".", entry.id);
  answers.draw = PurposeOf(absl::StrCat("answer/", name));
  answers.draw_again = PurposeOf(absl::StrCat("again/", name));
  const int ways = int{object.Has("values")} + int{object.Has("text")} +
                   int{object.Has("from") || object.Has("to")};
  if (ways != 1) {
    AddError(issues, "missing_field", object.pointer(),
             "an item is answered in one way",
             "one of `values`, `text`, and `from` with `to`");
  } else if (object.Has("values")) {
    ReadChoice(object.Get("values"), instrument, answers, issues);
  } else if (object.Has("text")) {
    answers.text = std::string(object.Text("text").value_or(""));
  } else {
    answers.is_range = true;
    answers.low = object.Int("from", INT32_MIN, INT32_MAX).value_or(0);
    answers.high = object.Int("to", INT32_MIN, INT32_MAX).value_or(0);
    CheckValue(instrument, *item, answers.low, object.PointerTo("from"),
               issues);
    CheckValue(instrument, *item, answers.high, object.PointerTo("to"), issues);
    if (answers.high < answers.low) {
      object.Error("to", "out_of_range", "`to` is less than `from`");
    }
  }
  return answers;
}

void ReadTotal(ObjectReader& object, const Instrument& instrument,
               InstrumentAnswers& answers) {
  if (!instrument.has_total()) {
    object.Error("total", "out_of_range",
                 absl::StrCat(instrument.id(), " has no total score"),
                 "give the answers of its items");
    return;
  }
  ObjectReader total(object.Object("total"), "a total", kTotalFields,
                     object.issues());
  const instruments::Scale& scale = instrument.scales()[0];
  const Range range = {
      static_cast<double>(scale.min.num) / static_cast<double>(scale.min.den),
      static_cast<double>(scale.max.num) / static_cast<double>(scale.max.den)};
  answers.has_total = true;
  answers.mean = NeedNumber(total, "mean", range);
  answers.sd = NeedNumber(total, "sd", {0, range.high - range.low});
  if (scale.method != instruments::ScaleMethod::kSum || !scale.plain_sum) {
    object.Error("total", "out_of_range",
                 "only a plain sum can be given as a total",
                 "give the answers of its items");
  }
  for (const uint16_t item : scale.items) {
    const bool given =
        std::any_of(answers.items.begin(), answers.items.end(),
                    [&](const ItemAnswers& i) { return i.item == item; });
    if (!given) answers.by_total.push_back(item);
  }
}

// What must be answered and is not planned would be missing in every response.
void CheckWhole(ObjectReader& object, const Instrument& instrument,
                const InstrumentAnswers& answers) {
  for (uint16_t i = 0; i < instrument.items().size(); ++i) {
    const instruments::Item& item = instrument.items()[i];
    const bool given =
        std::any_of(answers.items.begin(), answers.items.end(),
                    [&](const ItemAnswers& a) { return a.item == i; }) ||
        std::find(answers.by_total.begin(), answers.by_total.end(), i) !=
            answers.by_total.end();
    if (given || !item.required || !item.scored) continue;
    object.Error("items", "missing_field",
                 absl::StrCat("nothing says how `", item.id, "` of ",
                              instrument.id(), " is answered"),
                 "an entry in `items`, or a `total`");
  }
}

}  // namespace

void ReadAnswers(ObjectReader& patients, Reading& reading) {
  for (const Entry& entry : Entries(patients, "answers", "answers")) {
    ObjectReader object(entry.value, "the answers to an instrument",
                        kInstrumentFields, reading.issues);
    const InstrumentRef ref = reading.protocol.FindInstrument(entry.id);
    if (ref.IsNone()) {
      std::vector<std::string> names;
      for (const auto& known : reading.protocol.instruments) {
        names.push_back(known.name);
      }
      Unknown("instrument", entry.id, object.PointerTo("id"), names,
              reading.issues);
      continue;
    }
    const Instrument& instrument = *reading.protocol.at(ref).instrument;
    InstrumentAnswers answers;
    answers.instrument = ref;
    for (const Entry& item : Entries(object, "items", "an item")) {
      const auto read = ReadItem(item, instrument, reading.issues);
      if (read) answers.items.push_back(*read);
    }
    if (object.Has("total")) ReadTotal(object, instrument, answers);
    CheckWhole(object, instrument, answers);
    std::sort(answers.items.begin(), answers.items.end(),
              [](const ItemAnswers& a, const ItemAnswers& b) {
                return a.item < b.item;
              });
    answers.draw_total = PurposeOf(absl::StrCat("total/", instrument.id()));
    answers.draw_noise = PurposeOf(absl::StrCat("noise/", instrument.id()));
    answers.draw_order = PurposeOf(absl::StrCat("order/", instrument.id()));
    reading.plan.answers[ref.value] = std::move(answers);
  }
}

}  // namespace stepwell::sim
