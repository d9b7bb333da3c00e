// Well-typed guards of any shape over the members of a model.
#ifndef STEPWELL_TESTS_AGREEMENT_RANDOM_GUARD_H_
#define STEPWELL_TESTS_AGREEMENT_RANDOM_GUARD_H_

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fhirpath/fhirpath.h"

namespace stepwell {

class RandomGuard {
 public:
  RandomGuard(const fhirpath::Model& model, fhirpath::TypeId root,
              uint32_t seed)
      : random_(seed) {
    Collect(model, root, "");
  }

  std::string Make() { return Truth(4); }
  size_t paths() const {
    return truths_.size() + numbers_.size() + texts_.size() + dates_.size() +
           moments_.size();
  }

 private:
  using Texts = std::vector<std::string>;

  void Collect(const fhirpath::Model& model, fhirpath::TypeId owner,
               const std::string& before) {
    for (const std::string& name : model.MemberNames(owner)) {
      const auto member = *model.FindMember(owner, name);
      const std::string path = before + name;
      switch (member.type) {
        case fhirpath::kBooleanType:
          truths_.push_back(path);
          break;
        case fhirpath::kIntegerType:
        case fhirpath::kDecimalType:
          numbers_.push_back(path);
          break;
        case fhirpath::kStringType:
          texts_.push_back(path);
          break;
        case fhirpath::kDateType:
          dates_.push_back(path);
          break;
        case fhirpath::kDateTimeType:
          moments_.push_back(path);
          break;
        default:
          Collect(model, member.type, path + ".");
      }
    }
  }

  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  std::string OneOf(const Texts& texts) {
    return texts.empty() ? "{}" : texts[Below(texts.size())];
  }
  std::string AnyPath() {
    const Texts* lists[] = {&truths_, &numbers_, &texts_, &dates_, &moments_};
    return OneOf(*lists[Below(std::size(lists))]);
  }

  std::string Compared() {
    static const Texts kOps = {
        " < ", " <= ", " > ", " >= ", " = ", " != ", " ~ "};
    return OneOf(kOps);
  }

  std::string Truth(int depth) {
    if (depth == 0) return Below(8) == 0 ? "true" : OneOf(truths_);
    const int inner = depth - 1;
    switch (Below(13)) {
      case 0:
      case 1:
      case 2:
        return absl::StrCat("(", Truth(inner), ") and (", Truth(inner), ")");
      case 3:
      case 4:
        return absl::StrCat("(", Truth(inner), ") or (", Truth(inner), ")");
      case 5:
        return absl::StrCat("(", Truth(inner), ")",
                            Below(2) == 0 ? " xor (" : " implies (",
                            Truth(inner), ")");
      case 6:
        return absl::StrCat("(", Truth(inner), ").not()");
      case 7:
        return absl::StrCat("iif(", Truth(inner), ", ", Truth(inner), ", ",
                            Truth(inner), ")");
      case 8:
        return Presence();
      case 9:
        return TextTruth(inner);
      case 10:
        return TimeTruth();
      default:
        return absl::StrCat(Number(inner), Compared(), Number(inner));
    }
  }

  std::string Presence() {
    switch (Below(4)) {
      case 0:
        return absl::StrCat("known(", AnyPath(), ")");
      case 1:
        return absl::StrCat(AnyPath(), ".exists()");
      case 2:
        return absl::StrCat(AnyPath(), ".empty()");
      default:
        return absl::StrCat("(", AnyPath(), " | ", AnyPath(), ").count() = 2");
    }
  }

  std::string TextTruth(int depth) {
    switch (Below(4)) {
      case 0:
        return absl::StrCat(OneOf(texts_), " in ('done' | 'self' | 'active')");
      case 1:
        return absl::StrCat(Text(depth), ".startsWith('", Below(2) ? "s" : "d",
                            "')");
      case 2:
        return absl::StrCat(Text(depth), ".matches('^[a-m]')");
      default:
        return absl::StrCat(Text(depth),
                            Below(2) ? " = " : " != ", Text(depth));
    }
  }

  // JSON has no word for dates: both sides say what the texts are.
  std::string TimeTruth() {
    if (Below(2) == 0) {
      return absl::StrCat(OneOf(dates_), ".toDate()", Compared(), "@",
                          1950 + Below(80), "-0", 1 + Below(9), "-15");
    }
    return absl::StrCat(OneOf(moments_), ".toDateTime() + ", Below(400),
                        " days", Compared(), "@", 2023 + Below(4),
                        "-03-02T09:00:00Z");
  }

  std::string Number(int depth) {
    if (depth <= 0 || Below(3) == 0) {
      return Below(3) == 0 ? absl::StrCat(Below(30)) : OneOf(numbers_);
    }
    static const Texts kOps = {" + ", " - ", " * ", " / ", " div ", " mod "};
    switch (Below(5)) {
      case 0:
        return absl::StrCat("(", Number(depth - 1), OneOf(kOps),
                            Number(depth - 1), ")");
      case 1:
        return absl::StrCat("(", Number(depth - 1), ").abs()");
      case 2:
        return absl::StrCat("(", OneOf(numbers_), " | ", OneOf(numbers_),
                            ").sum()");
      case 3:
        return absl::StrCat(OneOf(texts_), ".length()");
      default:
        return absl::StrCat(AnyPath(), ".count()");
    }
  }

  std::string Text(int depth) {
    if (depth <= 0 || Below(2) == 0) {
      return Below(4) == 0 ? "'done'" : OneOf(texts_);
    }
    return Below(2) == 0
               ? absl::StrCat("(", Text(depth - 1), " & ", Text(depth - 1), ")")
               : absl::StrCat(Text(depth - 1), ".upper()");
  }

  std::mt19937 random_;
  Texts truths_, numbers_, texts_, dates_, moments_;
};

}  // namespace stepwell

#endif  // STEPWELL_TESTS_AGREEMENT_RANDOM_GUARD_H_
