// Strong ids: two kinds of id never mix by accident. Numeric ids are derived
// from command ids (see base/fingerprint.h), so the same input gives the same
// id on any machine.
#ifndef STEPWELL_IDS_H_
#define STEPWELL_IDS_H_

#include <compare>
#include <cstdint>
#include <utility>

namespace stepwell {

template <class Tag, class Rep = uint64_t>
struct StrongId {
  Rep value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  auto operator<=>(const StrongId&) const = default;

  template <class H>
  friend H AbslHashValue(H h, const StrongId& id) {
    return H::combine(std::move(h), id.value);
  }
};

using PersonId = StrongId<struct PersonIdTag>;
using CaseId = StrongId<struct CaseIdTag>;
using ReferralId = StrongId<struct ReferralIdTag>;
// A member of staff: a number in the service's own staff register.
using StaffId = StrongId<struct StaffIdTag, uint32_t>;

}  // namespace stepwell

#endif  // STEPWELL_IDS_H_
