// What one person sees of the service: what they have open, and what they are
// asked to consent to. A related person (a guardian) sees what is theirs.
#ifndef STEPWELL_PORTAL_H_
#define STEPWELL_PORTAL_H_

#include <string>
#include <utility>
#include <vector>

#include "stepwell/time.h"

namespace stepwell {

// What somebody has open now.
struct PortalEntry {
  std::string case_id;
  std::string item;  // element
  std::string kind;  // questionnaire, module, appointment, ...
  std::string title;
  std::string state;
  std::string instrument;
  Instant since, due, appointment_at;
  std::string role;  // of a related person; empty: the patient's own
};
// A purpose that a way in asks the patient about, until they have given or
// refused their consent (`record_consent`).
struct PortalConsent {
  std::string case_id;
  std::string purpose;
  std::string title;
  Instant since;     // when the referral came, or the last consent ran out
  std::string role;  // as above
};
struct Portal {
  std::string person_id;
  std::vector<PortalEntry> entries;
  std::vector<PortalConsent> consents;
  std::vector<std::pair<std::string, std::string>> show_now;
};
std::string ToJson(const Portal& portal);

}  // namespace stepwell

#endif  // STEPWELL_PORTAL_H_
