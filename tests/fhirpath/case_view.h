// A small host for tests and benchmarks: a struct with typed members, the way
// an engine shows a case.
#ifndef STEPWELL_TESTS_FHIRPATH_CASE_VIEW_H_
#define STEPWELL_TESTS_FHIRPATH_CASE_VIEW_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fhirpath/fhirpath.h"

namespace stepwell::fhirpath {

class CaseModel : public Model {
 public:
  static constexpr TypeId kCase = kFirstModelType;
  static constexpr TypeId kFacts = kFirstModelType + 1;
  static constexpr TypeId kScore = kFirstModelType + 2;
  enum MemberId : uint32_t {
    kFactsId = 1,
    kPhq9Id,
    kRouteId,
    kAgeId,
    kNameId,
    kBirthId,
    kScoreId,
    kBandId,
    kAllId,
    kSinceId
  };
  struct Row {
    TypeId owner;
    std::string_view name;
    Member member;
  };
  static const std::vector<Row>& Rows() {
    static const std::vector<Row> kRows = {
        {kCase, "facts", {kFactsId, kFacts, false, false}},
        {kCase, "phq9", {kPhq9Id, kScore, false, false}},
        {kCase, "route", {kRouteId, kStringType, false, false}},
        {kFacts, "age", {kAgeId, kIntegerType, false, true}},
        {kFacts, "name", {kNameId, kStringType, false, true}},
        {kFacts, "birth", {kBirthId, kDateType, false, true}},
        {kScore, "score", {kScoreId, kIntegerType, false, true}},
        {kScore, "band", {kBandId, kStringType, false, true}},
        {kScore, "all", {kAllId, kIntegerType, true, true}},
        {kScore, "since", {kSinceId, kDateTimeType, false, true}},
    };
    return kRows;
  }
  std::optional<Member> FindMember(TypeId owner,
                                   std::string_view name) const override {
    for (const Row& row : Rows()) {
      if ((row.owner == owner || owner == kAnyType) && row.name == name) {
        return row.member;
      }
    }
    return std::nullopt;
  }
  std::vector<std::string> MemberNames(TypeId owner) const override {
    std::vector<std::string> names;
    for (const Row& row : Rows()) {
      if (row.owner == owner) names.emplace_back(row.name);
    }
    return names;
  }
  std::string TypeName(TypeId type) const override {
    return type == kCase ? "Case" : type == kFacts ? "Facts" : "Score";
  }
};

class CaseSource : public Source {
 public:
  std::optional<int64_t> age = 34;
  std::optional<int64_t> score = 14;
  std::string name = "Ada";
  std::string route = "self";
  std::vector<int64_t> all = {9, 14};

  void Member(uint32_t node, uint32_t id, std::string_view,
              Collection& out) const override {
    switch (id) {
      case CaseModel::kFactsId:
        out.push_back(Value::Of(Node{0, 1}));
        break;
      case CaseModel::kPhq9Id:
        out.push_back(Value::Of(Node{0, 2}));
        break;
      case CaseModel::kRouteId:
        out.push_back(Value::BorrowedString(route));
        break;
      case CaseModel::kAgeId:
        if (age) out.push_back(Value::Integer(*age));
        break;
      case CaseModel::kNameId:
        out.push_back(Value::BorrowedString(name));
        break;
      case CaseModel::kScoreId:
        if (score) out.push_back(Value::Integer(*score));
        break;
      case CaseModel::kAllId:
        for (int64_t n : all) out.push_back(Value::Integer(n));
        break;
      default:
        break;
    }
    static_cast<void>(node);
  }
  void AllChildren(uint32_t node, Collection& out) const override {
    if (node != 0) return;
    out.push_back(Value::Of(Node{0, 1}));
    out.push_back(Value::Of(Node{0, 2}));
  }
  std::optional<Value> Primitive(uint32_t) const override {
    return std::nullopt;
  }
};

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_TESTS_FHIRPATH_CASE_VIEW_H_
