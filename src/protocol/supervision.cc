// `supervision`: second signs, and reviews that are drawn.
#include "protocol/supervision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/strings.h"
#include "protocol/loading.h"

namespace stepwell::protocol {
namespace {

constexpr std::string_view kFields[] = {"second_sign", "reviews"};
constexpr std::string_view kSignFields[] = {"of", "who", "due"};
constexpr std::string_view kReviewFields[] = {"id",     "item",   "from",
                                              "number", "source", "checklist"};
constexpr std::string_view kQuestionFields[] = {"id", "text"};
constexpr std::string_view kDrawnFrom[] = {"threads", "feedback", "cases"};

// What a member of staff completes; the homework is a task of its own kind.
struct Signed {
  std::string_view name;
  ItemKind kind;
};
constexpr Signed kSigned[] = {{"task", ItemKind::kTask},
                              {"message", ItemKind::kMessage},
                              {"appointment", ItemKind::kAppointment},
                              {"decision", ItemKind::kDecision}};
constexpr std::string_view kHomework = "homework";

void ReadSigned(ObjectReader& object, json::Value name, SecondSign& sign) {
  if (!name.is_string()) {
    WrongType(name, "a string", object.issues());
    return;
  }
  if (name.string_value() == kHomework) {
    sign.homework = true;
    return;
  }
  std::vector<std::string_view> known = {kHomework};
  for (const Signed& one : kSigned) {
    if (one.name == name.string_value()) {
      sign.kinds.push_back(one.kind);
      return;
    }
    known.push_back(one.name);
  }
  AddError(object.issues(), "unknown_value", name.pointer(),
           absl::StrCat("`", ToAbsl(name.string_value().substr(0, 80)),
                        "` is no kind of item that staff complete"),
           SuggestName(name.string_value(), known));
}

void ReadSecondSign(Loading& loading, ObjectReader& supervision,
                    Supervision& result) {
  if (!supervision.Has("second_sign")) return;
  ObjectReader object(supervision.Get("second_sign"), "`second_sign`",
                      kSignFields, loading.issues);
  SecondSign sign;
  for (const json::Value name : json::Children(object.NeedArray("of"))) {
    ReadSigned(object, name, sign);
  }
  if (object.Array("of") && object.Array("of").size() == 0) {
    object.Error("of", "missing_field", "nothing would ever be signed",
                 "name kinds of items, or leave `second_sign` out");
  }
  sign.pool = ReadName<PoolId>(loading, object, "who", loading.pools, true);
  sign.due = ReadName<ClockDefId>(loading, object, "due", loading.clocks, true);
  result.second_sign = std::make_shared<const SecondSign>(std::move(sign));
}

void ReadChecklist(Loading& loading, ObjectReader& review,
                   DrawnReview& result) {
  NameTable names("question");
  for (const json::Value value : json::Children(review.Array("checklist"))) {
    ObjectReader object(value, "a question", kQuestionFields, loading.issues);
    ChecklistQuestion question;
    question.id = ReadId(object, names);
    question.text = TextIn(ReadTexts(object.Need("text"),
                                     loading.protocol.language, loading.issues),
                           loading.protocol.language);
    result.checklist.push_back(std::move(question));
  }
}

// Its item waits in a list until somebody does it, and is late some day;
// nothing else opens it, and it says nothing of the patient.
void CheckItem(Loading& loading, ObjectReader& object,
               const Supervision& result, ElementId id) {
  if (id.IsNone()) return;
  const Element& item = loading.protocol.at(id);
  const auto fail = [&](std::string_view what) {
    object.Error("item", "review_item",
                 absl::StrCat("`", item.id, "` ", ToAbsl(what)),
                 "name a discretionary task of a pool, with a `due`");
  };
  if (item.kind != ItemKind::kTask || !item.checks.IsNone() ||
      !item.fact.IsNone()) {
    fail("is no task of its own that asks for no value");
  } else if (item.performer != Performer::kPool) {
    fail("lies with no pool: a review is for whoever supervises");
  } else if (item.mode != ItemMode::kDiscretionary) {
    fail("opens without being drawn");
  } else if (item.due.IsNone()) {
    fail("has no `due`: nobody would hear that it is late");
  } else if (result.ReviewOf(id) != nullptr) {
    fail("is the item of another review");
  }
}

void ReadReview(Loading& loading, json::Value value, NameTable& names,
                Supervision& result) {
  ObjectReader object(value, "a review", kReviewFields, loading.issues);
  DrawnReview review;
  review.id = ReadId(object, names);
  review.item =
      ReadName<ElementId>(loading, object, "item", loading.elements, true);
  object.Need("from");
  review.from =
      static_cast<DrawnFrom>(object.Choice("from", kDrawnFrom).value_or(0));
  object.Need("number");
  review.number = static_cast<int>(
      object.Int("number", 1, limits::kReviewsDrawnMax).value_or(1));
  ReadSource(loading, object, "this number of reviews");
  ReadChecklist(loading, object, review);
  CheckItem(loading, object, result, review.item);
  result.reviews.push_back(std::move(review));
}

}  // namespace

bool SecondSign::Asks(const Element& element) const {
  if (!element.checks.IsNone()) return homework;
  return std::find(kinds.begin(), kinds.end(), element.kind) != kinds.end();
}

const DrawnReview* Supervision::ReviewOf(ElementId item) const {
  for (const DrawnReview& review : reviews) {
    if (review.item == item) return &review;
  }
  return nullptr;
}

const DrawnReview* Supervision::FindReview(std::string_view id) const {
  for (const DrawnReview& review : reviews) {
    if (review.id == id) return &review;
  }
  return nullptr;
}

void ReadSupervision(Loading& loading) {
  const json::Value value = loading.root.Find("supervision");
  if (!value) return;
  ObjectReader object(value, "`supervision`", kFields, loading.issues);
  if (!object.ok()) return;
  Supervision supervision;
  ReadSecondSign(loading, object, supervision);
  NameTable names("review");
  for (const json::Value review : json::Children(object.Array("reviews"))) {
    ReadReview(loading, review, names, supervision);
  }
  loading.protocol.supervision =
      std::make_shared<const Supervision>(std::move(supervision));
}

}  // namespace stepwell::protocol
