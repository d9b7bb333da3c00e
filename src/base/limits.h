// The one table of limits. docs/reference/limits.md explains each; a test
// keeps the two alike. Every loop over outside data is bounded by one of them.
#ifndef STEPWELL_BASE_LIMITS_H_
#define STEPWELL_BASE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace stepwell::limits {

inline constexpr size_t kJsonBytesMax = 64u << 20;        // one document
inline constexpr size_t kCommandBytesMax = 1u << 20;      // one command
inline constexpr size_t kCommandProblemsMax = 100;        // noted with input
inline constexpr size_t kJsonDepthMax = 256;              // nesting
inline constexpr size_t kNameBytesMax = 64;               // protocol names
inline constexpr size_t kTextBytesMax = 65536;            // one text field
inline constexpr size_t kExpressionBytesMax = 16384;      // FHIRPath source
inline constexpr size_t kExpressionDepthMax = 128;        // FHIRPath nesting
inline constexpr size_t kExpressionStepsMax = 1'000'000;  // per evaluation
inline constexpr size_t kExpressionItemsMax = 1'000'000;  // collection size
inline constexpr size_t kElementsMax = 60'000;            // per protocol (u16)
inline constexpr size_t kTracksMax = 64;                  // of one protocol
inline constexpr int64_t kIntakeStartsMax = 100'000;      // of one throttle
inline constexpr int64_t kIntakePlacesMax = 1'000'000;    // of one queue
inline constexpr int64_t kReviewsDrawnMax = 1'000;        // of a member, month
inline constexpr size_t kOverlaysMax = 8;                 // on each other
inline constexpr size_t kProgramSetsMax = 32;             // of modules
inline constexpr size_t kGuidanceLevelsMax = 32;          // of one program
inline constexpr size_t kProtocolIssuesMax = 10'000;      // of one document
inline constexpr size_t kMicrostepsMax = 1'000;           // per command
inline constexpr size_t kEventsPerCommandMax = 10'000;    // in the log
inline constexpr size_t kInstrumentBytesMax = 4u << 20;   // one document
inline constexpr size_t kInstrumentItemsMax = 500;        // per instrument
inline constexpr size_t kInstrumentValuesMax = 1'000;     // per value set
inline constexpr size_t kInstrumentScalesMax = 64;        // with the total
inline constexpr size_t kInstrumentRulesMax = 1'000;      // flags, cut-offs
inline constexpr size_t kAnswerTextBytesMax = 16'384;     // one text answer
inline constexpr size_t kNormValuesMax = 100'000;         // per instrument
inline constexpr size_t kTableBytesMax = 1u << 30;        // one CSV table
inline constexpr size_t kTableRowsMax = 5'000'000;        // of one table
inline constexpr size_t kTableColumnsMax = 1'000;         // of one table
inline constexpr int64_t kAdvanceDaysMax = 60;            // without catch-up
inline constexpr int64_t kStaffSkewMinutesMax = 5;        // staff `now` behind
inline constexpr int64_t kTimeTrustedHoursMax = 24;  // beyond the last advance
inline constexpr int64_t kPauseReviewDaysMax = 184;  // until its review
inline constexpr int64_t kReviewedUnchangedDaysMax = 90;  // mark of an alert
inline constexpr size_t kCalendarDatesMax = 10'000;       // holidays, own hours
inline constexpr int64_t kCalendarIdleYearsMax = 20;    // closed = never opens
inline constexpr int64_t kCalendarReachYearsMax = 200;  // of working time
inline constexpr int64_t kSpanYearsMax = 100;           // one time budget
inline constexpr int kPercentMax = 1'000;               // of a time budget

// The store. SQLite itself stops at 1,000,000,000 bytes a value.
inline constexpr size_t kStoredBytesMax = 128u << 20;  // record, state, row
inline constexpr size_t kStoredNameBytesMax = 1024;    // keys that are text

// FHIR texts that come in. A Bundle or one line is one JSON document.
inline constexpr size_t kFhirBytesMax = 256u << 20;   // all lines together
inline constexpr size_t kFhirEntriesMax = 100'000;    // of one text
inline constexpr size_t kFhirBundleDepthMax = 4;      // Bundles in Bundles
inline constexpr size_t kFhirIdentifiersMax = 1'000;  // of one resource
inline constexpr size_t kFhirSupportMax = 1'000;      // of one referral
inline constexpr size_t kFhirAnswersMax = 10'000;     // of one response
inline constexpr size_t kFhirProblemsMax = 1'000;     // of one response

}  // namespace stepwell::limits

#endif  // STEPWELL_BASE_LIMITS_H_
