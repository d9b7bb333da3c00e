// LoadProtocol: overlays, imports, two passes over the document, checks.
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "protocol/case_view_model.h"
#include "protocol/hash.h"
#include "protocol/load_stored.h"
#include "protocol/loading.h"
#include "protocol/overlay.h"

namespace stepwell::protocol {
namespace {

// Guards need the model, and the model needs the types of all that has a
// name: facts come first, then the view, then everything that has guards.
void ReadAll(Loading& loading) {
  ReadHeader(loading);
  LoadImports(loading);
  DeclareNames(loading);
  ReadFacts(loading);
  ReadRoutes(loading);
  ReadPurposes(loading);
  ReadQuietHours(loading);
  ReadBackdating(loading);
  loading.protocol.view =
      std::make_shared<const CaseViewModel>(loading.protocol);
  ReadClocks(loading);
  ReadDuties(loading);
  ReadGroups(loading);
  ReadItems(loading);
  ReadRules(loading);
  ReadRisk(loading);
  ReadIntake(loading);
  ReadSupervision(loading);
}

// The pin covers what the document imports, or a changed instrument would
// change a running case. Each part is preceded by its name and length.
Fingerprint HashOf(const std::string& document,
                   const std::map<std::string, std::string>& files) {
  std::string all = absl::StrCat("protocol ", document.size(), "\n", document);
  for (const auto& [path, text] : files) {
    absl::StrAppend(&all, "\n", path, " ", text.size(), "\n", text);
  }
  return FingerprintOf(all);
}

void Seal(Loading& loading) {
  Protocol& protocol = loading.protocol;
  protocol.document = json::Canonical(loading.root);
  std::map<std::string, std::string> canonical;
  for (const auto& [path, text] : loading.files) {
    const absl::StatusOr<json::Document> document = json::Parse(text);
    canonical[path] = document.ok() ? json::Canonical(document->root()) : "";
  }
  protocol.hash = HashOf(protocol.document, canonical);
  protocol.logic_hash =
      HashOf(CanonicalLogic(loading.root), loading.logic_of_files);
  protocol.imports.assign(canonical.begin(), canonical.end());
}

void CheckWhole(Loading& loading) {
  CheckWords(loading);
  CheckReach(loading);
  CheckFlow(loading);
  CheckIdle(loading);
  CheckMoves(loading);
  CheckWhoEnds(loading);
  CheckSafety(loading);
  CheckEndings(loading);
  CheckRisk(loading);
  CheckDecisions(loading);
  CheckUnknown(loading);
  CheckRoutes(loading);
  CheckRelated(loading);
  CheckBooking(loading);
  CheckIntake(loading);
  CheckTime(loading);
  CheckWindows(loading);
  CheckTexts(loading);
  CheckBlank(loading);
  CheckQuiet(loading);
}

// A document with a million mistakes is not worth a million issues.
void Truncate(Issues& issues) {
  if (issues.size() <= limits::kProtocolIssuesMax) return;
  const size_t more = issues.size() - limits::kProtocolIssuesMax;
  issues.resize(limits::kProtocolIssuesMax);
  AddError(issues, "too_many_issues", "",
           absl::StrCat(more, " further issues are not listed"));
}

absl::StatusOr<LoadResult> Load(std::string_view text,
                                const CatalogueReader& catalogue, bool check) {
  STEPWELL_ASSIGN_OR_RETURN(json::Document document, json::Parse(text));
  LoadResult result;
  if (!document.root().is_object()) {
    WrongType(document.root(), "an object", result.issues);
    return result;
  }
  std::optional<json::Document> rendered =
      RenderOverlays(std::move(document), catalogue, result.issues);
  if (!rendered) return result;
  // Symbols are numbered in the order of the canonical text: that is what the
  // hash pins and what a store keeps. An object's members have no order.
  rendered = json::Parse(json::Canonical(rendered->root())).value();
  auto protocol = std::make_shared<Protocol>();
  Loading loading(rendered->root(), catalogue, *protocol, result.issues,
                  !check);
  ReadAll(loading);
  CheckAlways(loading);
  if (check && !HasError(result.issues)) CheckWhole(loading);
  Truncate(result.issues);
  if (HasError(result.issues)) return result;
  Seal(loading);
  result.protocol = std::move(protocol);
  return result;
}

}  // namespace

absl::StatusOr<LoadResult> LoadProtocol(std::string_view text,
                                        const CatalogueReader& catalogue) {
  return Load(text, catalogue, true);
}

absl::StatusOr<LoadResult> LoadStored(std::string_view text,
                                      const CatalogueReader& catalogue) {
  return Load(text, catalogue, false);
}

}  // namespace stepwell::protocol
