// Internal: the shape of the generated table of FHIR R4 types.
#ifndef STEPWELL_FHIR_R4_MODEL_DATA_H_
#define STEPWELL_FHIR_R4_MODEL_DATA_H_

#include <cstddef>
#include <cstdint>

namespace stepwell::fhir::r4 {

inline constexpr uint16_t kNone = 0xFFFF;
inline constexpr uint16_t kSystemBase = 0xFF00;  // a member's System type

enum Kind : uint8_t { kPrimitive, kComplex, kResource, kBackbone, kChoice };
enum Flag : uint8_t { kMany = 1, kRequired = 2, kIsChoice = 4 };

struct TypeRow {
  uint16_t name;
  uint16_t base;   // a row, or kNone
  uint16_t owner;  // of a backbone element: the row it is a member of
  uint16_t first;  // member, or choice
  uint16_t count;
  uint8_t kind;
  uint8_t abstract;
};

// Sorted by name within a type; inherited members are the base's.
struct MemberRow {
  uint16_t name;
  uint16_t type;  // a row, or kSystemBase + a System type
  uint8_t flags;
  uint16_t value_set;  // of a required binding, + 1; 0 = none
};

extern const char kNames[];  // sorted
extern const uint16_t kNameOffsets[];
extern const size_t kNameCount;
extern const TypeRow kTypes[];
extern const size_t kTypeCount;
extern const MemberRow kMembers[];
extern const size_t kMemberCount;
extern const uint16_t kChoices[];
extern const char kValueSets[];
extern const uint16_t kValueSetOffsets[];
extern const size_t kValueSetCount;

}  // namespace stepwell::fhir::r4

#endif  // STEPWELL_FHIR_R4_MODEL_DATA_H_
