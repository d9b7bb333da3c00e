// Events at the door of a service: referrals and their documents, consents, the
// people who belong to a patient, and how they may be reached. See event.h.
#ifndef STEPWELL_ENGINE_EVENT_DOOR_H_
#define STEPWELL_ENGINE_EVENT_DOOR_H_

#include <optional>
#include <string>
#include <vector>

#include "engine/event_macro.h"
#include "engine/types.h"

namespace stepwell::engine {

struct ReferralAttached {
  using Self = ReferralAttached;
  Referral referral;
  STEPWELL_EVENT(5, "ReferralAttached") { v(1, "referral", s.referral); }
};

struct ReferralAnswered {
  using Self = ReferralAnswered;
  ReferralId referral;
  OutcomeId disposition;
  STEPWELL_EVENT(6, "ReferralAnswered") {
    v(1, "referral", s.referral);
    v(2, "disposition", s.disposition);
  }
};

struct ConsentRecorded {
  using Self = ConsentRecorded;
  PurposeId consent_purpose;
  bool given = false;
  std::optional<Instant> valid_until;
  std::string by;         // a role of related persons; empty = the patient
  PersonId related = {};  // who of the role; none: it was not told
  bool outdone = false;   // they have said something later: it is history
  STEPWELL_EVENT(7, "ConsentRecorded") {
    v(1, "consent_purpose", s.consent_purpose);
    v(2, "given", s.given);
    v(3, "valid_until", s.valid_until);
    v(4, "by", s.by);
    v(5, "related", s.related);
    v(6, "outdone", s.outdone);
  }
};

// What somebody said for the patient counts no more: they are no related person
// of that role any longer.
struct ConsentLapsed {
  using Self = ConsentLapsed;
  PurposeId consent_purpose;
  std::string by;
  PersonId related;
  STEPWELL_EVENT(100, "ConsentLapsed") {
    v(1, "consent_purpose", s.consent_purpose);
    v(2, "by", s.by);
    v(3, "related", s.related);
  }
};

// A referral whose care had ended before it came here: kept, and asking for
// nothing.
struct EndedReferralFiled {
  using Self = EndedReferralFiled;
  Referral referral;
  STEPWELL_EVENT(47, "EndedReferralFiled") { v(1, "referral", s.referral); }
};

// What is valid for a time only has run out: it is as if it had never been
// told. Or the day has come from which the patient's own consent counts.
struct ValidityEnded {
  using Self = ValidityEnded;
  std::vector<PurposeId> consents;     // in force until now, by whomever
  std::vector<std::string> documents;  // kinds
  std::vector<PurposeId> of_age;
  // Of each consent the related person whose it was; none: the patient. Another
  // of the role may have said yes as well, and it holds.
  std::vector<PersonId> related = {};
  STEPWELL_EVENT(61, "ValidityEnded") {
    v(1, "consents", s.consents);
    v(2, "documents", s.documents);
    v(3, "of_age", s.of_age);
    v(4, "related", s.related);
  }
};

// A document of a referral came later, or more is known of it.
struct DocumentFiled {
  using Self = DocumentFiled;
  ReferralId referral;
  ReferralDocument document;
  STEPWELL_EVENT(62, "DocumentFiled") {
    v(1, "referral", s.referral);
    v(2, "document", s.document);
  }
};

// Somebody is a related person of the patient in this role, or is no longer.
struct RelatedPersonNoted {
  using Self = RelatedPersonNoted;
  PersonId related;
  std::string role;
  bool ended = false;
  STEPWELL_EVENT(63, "RelatedPersonNoted") {
    v(1, "related", s.related);
    v(2, "role", s.role);
    v(3, "ended", s.ended);
  }
};

// Whoever is on file by the record is the person: the two were merged. Equal:
// the record stands for itself again.
struct RelatedIdentified {
  using Self = RelatedIdentified;
  PersonId related;  // the record
  PersonId person;
  STEPWELL_EVENT(120, "RelatedIdentified") {
    v(1, "related", s.related);
    v(2, "person", s.person);
  }
};

// From when on the patient's own consent counts, as far as their age is known.
struct ConsentAgeNoted {
  using Self = ConsentAgeNoted;
  PurposeId consent_purpose;
  std::optional<Instant> from;  // absent: by what is known, not yet
  bool reached = false;         // it counts already
  bool unknown = false;         // nothing is known of the age any more
  STEPWELL_EVENT(64, "ConsentAgeNoted") {
    v(1, "consent_purpose", s.consent_purpose);
    v(2, "from", s.from);
    v(3, "reached", s.reached);
    v(4, "unknown", s.unknown);
  }
};

// How the patient may be reached is another way from here on.
struct SafeContactNoted {
  using Self = SafeContactNoted;
  SafeContact contact;
  bool outdone = false;  // they have said something later: it is history
  STEPWELL_EVENT(65, "SafeContactNoted") {
    v(1, "contact", s.contact);
    v(2, "outdone", s.outdone);
  }
};

}  // namespace stepwell::engine

#endif  // STEPWELL_ENGINE_EVENT_DOOR_H_
