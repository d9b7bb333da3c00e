// The case view as a FHIRPath model: which members a guard may read, of which
// type, and which may be missing. case_view.h lists them for people.
#ifndef STEPWELL_PROTOCOL_CASE_VIEW_MODEL_H_
#define STEPWELL_PROTOCOL_CASE_VIEW_MODEL_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "fhirpath/fhirpath.h"
#include "instruments/instrument.h"
#include "protocol/case_view.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

// The type of a node of the view.
constexpr fhirpath::TypeId ViewType(ViewField field, uint16_t symbol = 0) {
  return fhirpath::kFirstModelType + MakeViewId(field, symbol);
}
inline constexpr fhirpath::TypeId kCaseViewType = ViewType(ViewField::kRoot);

class CaseViewModel : public fhirpath::Model {
 public:
  // The names come from `protocol`; its tables of names must be complete,
  // and are copied.
  explicit CaseViewModel(const Protocol& protocol);

  std::optional<Member> FindMember(fhirpath::TypeId owner,
                                   std::string_view name) const override;
  std::vector<std::string> MemberNames(fhirpath::TypeId owner) const override;
  std::string TypeName(fhirpath::TypeId type) const override;
  std::string_view Namespace() const override { return "Case"; }

 private:
  struct Entry {
    std::string name;
    Member member;
  };
  void Add(fhirpath::TypeId owner, std::string_view name, Member member);
  void AddValue(fhirpath::TypeId owner, std::string_view name, uint32_t id,
                fhirpath::TypeId type, bool nullable);
  void AddNode(fhirpath::TypeId owner, std::string_view name, ViewField field,
               uint16_t symbol = 0);
  void AddRoot();
  void AddItem(uint16_t i, const Element& element);
  void AddNamed(const Protocol& protocol);
  void AddWindow(uint16_t clock);
  void AddInstrument(uint16_t symbol, const ImportedInstrument& imported);
  void AddSubscales(fhirpath::TypeId owner, uint16_t instrument,
                    const instruments::Instrument& document);

  // Few owners, each with its members in order.
  absl::flat_hash_map<fhirpath::TypeId, std::vector<Entry>> members_;
  absl::flat_hash_map<std::pair<fhirpath::TypeId, std::string>, Member> index_;
};

const instruments::Scale& ScaleOf(const Protocol& protocol, ScaleRef ref);

// True for a name that the root of the view has taken.
bool IsViewRootName(std::string_view name);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_CASE_VIEW_MODEL_H_
