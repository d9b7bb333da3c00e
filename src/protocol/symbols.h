// Symbols: small numbers for the names of one protocol, valid under its hash.
// Each kind of name has its own numbering, in document order, from 0.
#ifndef STEPWELL_PROTOCOL_SYMBOLS_H_
#define STEPWELL_PROTOCOL_SYMBOLS_H_

#include <compare>
#include <cstdint>

namespace stepwell::protocol {

template <class Tag>
struct Symbol {
  static constexpr uint16_t kNone = 0xFFFF;
  uint16_t value = kNone;

  constexpr Symbol() = default;
  constexpr explicit Symbol(uint16_t v) : value(v) {}
  constexpr bool IsNone() const { return value == kNone; }
  auto operator<=>(const Symbol&) const = default;
};

using ElementId = Symbol<struct ElementTag>;  // an item definition
using TrackId = Symbol<struct TrackTag>;
using PhaseId = Symbol<struct PhaseTag>;  // over all tracks
using ClockDefId = Symbol<struct ClockTag>;
using RuleId = Symbol<struct RuleTag>;
using MilestoneId = Symbol<struct MilestoneTag>;
using FactId = Symbol<struct FactTag>;
using RouteId = Symbol<struct RouteTag>;
using PoolId = Symbol<struct PoolTag>;
using TierId = Symbol<struct TierTag>;
using InstrumentRef = Symbol<struct InstrumentTag>;  // an imported instrument
using ProgramRef = Symbol<struct ProgramTag>;        // an imported program
using CalendarRef = Symbol<struct CalendarTag>;
using PurposeId = Symbol<struct PurposeTag>;    // a consent purpose
using OutcomeId = Symbol<struct OutcomeTag>;    // of decisions, alerts
using TemplateId = Symbol<struct TemplateTag>;  // of messages

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_SYMBOLS_H_
