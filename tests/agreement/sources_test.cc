// Two sources, one evaluator: a guard over the engine's case view, which builds
// nothing, gives what it gives over the same case written out as JSON. 100,000
// pairs of a random guard and a random case of the shipped service, and 10,000
// of another protocol.
#include <gtest/gtest.h>

#include <string>

#include "agreement/random_case.h"
#include "agreement/random_guard.h"
#include "base/catalogue.h"
#include "engine/view.h"
#include "fhir/json_source.h"
#include "json/json.h"
#include "protocol/case_view_model.h"
#include "support/matchers.h"

namespace stepwell {
namespace {

namespace fp = ::stepwell::fhirpath;

constexpr int kGuardsOfCase = 100;

void WriteValue(const fp::Value& value, json::Writer* out) {
  switch (value.kind()) {
    case fp::Kind::kBoolean:
      out->Bool(value.boolean());
      return;
    case fp::Kind::kInteger:
    case fp::Kind::kDecimal:
      out->Raw(fp::ToLiteral(value));
      return;
    default:
      out->String(fp::ToLiteral(value));
  }
}

// What lies below a node, member by member, as the model names it.
void WriteNode(const fp::Source& source, const fp::Model& model,
               fp::TypeId type, uint32_t node, json::Writer* out) {
  out->BeginObject();
  for (const std::string& name : model.MemberNames(type)) {
    const auto member = *model.FindMember(type, name);
    fp::Collection items;
    source.Member(node, member.id, name, items);
    if (items.empty()) continue;
    out->Key(name);
    if (items.size() > 1) {  // `all` of an instrument: its scores
      out->BeginArray();
      for (const fp::Value& item : items) WriteValue(item, out);
      out->EndArray();
    } else if (items[0].is_node()) {
      WriteNode(source, model, member.type, items[0].node().index, out);
    } else {
      WriteValue(items[0], out);
    }
  }
  out->EndObject();
}

struct Kind {
  const char* protocol;
  int cases;
};

class Agreement : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    const std::string text(FindCatalogueFile(
        absl::StrCat("protocols/", GetParam().protocol, ".json")));
    ASSERT_OK_AND_ASSIGN(auto loaded, protocol::LoadProtocol(
                                          text, protocol::BuiltInCatalogue()));
    protocol_ = loaded.protocol;
    ASSERT_NE(protocol_, nullptr);
  }

  // "true", "false", "unknown" or "error".
  std::string Outcome(const std::string& guard, const fp::Model* model,
                      const fp::Source& source) {
    fp::CompileOptions options;
    options.model = model;
    if (model != nullptr) options.root_type = protocol::kCaseViewType;
    const fp::CompileResult compiled = fp::Compile(guard, options);
    if (compiled.program == nullptr) {
      ADD_FAILURE() << guard << ": " << compiled.issues[0].message;
      return "issue";
    }
    const fp::Source* sources[] = {&source};
    fp::EvaluateOptions evaluate;
    evaluate.now = Instant{1'767'225'600'000'000};
    evaluate.sources = sources;
    const auto truth =
        fp::EvaluateTruth(*compiled.program, {0, 0}, evaluate, &scratch_);
    if (!truth.ok()) return "error";
    return *truth == fp::Tri::kTrue    ? "true"
           : *truth == fp::Tri::kFalse ? "false"
                                       : "unknown";
  }

  std::shared_ptr<const protocol::Protocol> protocol_;
  fp::Scratch scratch_;
};

TEST_P(Agreement, CaseViewAndJsonGiveTheSameTruth) {
  const protocol::CaseViewModel model(*protocol_);
  RandomCase cases(*protocol_, 1);
  RandomGuard guards(model, protocol::kCaseViewType, 2);
  ASSERT_GT(guards.paths(), 30u);
  const int pairs = GetParam().cases * kGuardsOfCase;
  std::map<std::string, int> outcomes;
  for (int i = 0; i < GetParam().cases; ++i) {
    const engine::CaseState state = cases.Make();
    const engine::CaseView view(*protocol_, state);
    json::Writer writer;
    WriteNode(view, model, protocol::kCaseViewType, 0, &writer);
    const std::string text = writer.Take();
    ASSERT_OK_AND_ASSIGN(const json::Document document, json::Parse(text));
    const fhir::JsonSource written(document, nullptr);
    for (int n = 0; n < kGuardsOfCase; ++n) {
      const std::string guard = guards.Make();
      const std::string seen = Outcome(guard, &model, view);
      ASSERT_EQ(seen, Outcome(guard, nullptr, written)) << guard << "\n"
                                                        << text;
      ++outcomes[seen];
    }
  }
  // All kinds of outcome are among them, errors as the exception.
  for (const char* kind : {"true", "false", "unknown"}) {
    EXPECT_GT(outcomes[kind], pairs / 20) << kind;
    RecordProperty(kind, outcomes[kind]);
  }
  EXPECT_LT(outcomes["error"], pairs / 20);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Agreement,
                         ::testing::Values(Kind{"icbt_sweden", 1'000},
                                           Kind{"bench_p1", 100}),
                         [](const auto& test) {
                           return std::string(test.param.protocol);
                         });

}  // namespace
}  // namespace stepwell
