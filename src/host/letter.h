// Internal to the host: what a letter to whoever referred can say in figures.
#ifndef STEPWELL_HOST_LETTER_H_
#define STEPWELL_HOST_LETTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "runtime/runtime.h"

namespace stepwell::host {

inline constexpr char kNoConsent[] = "no consent to letters";

struct LetterAsked {
  CaseId case_id;
  ReferralId referral;  // none: about the latest course
  // As it was known when the effect was asked for; 0: by all that had been
  // recorded at `until`.
  uint64_t effect = 0;
  Instant until = Instant::Never();
  Instant as_of = {};  // of what has no effect
};

// docs/formats/letter.md; empty when the referral led to no course. The same
// bytes each time that the same effect is offered.
absl::StatusOr<std::string> LetterJson(runtime::Runtime& runtime,
                                       const LetterAsked& asked);

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_LETTER_H_
