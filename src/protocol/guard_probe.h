// Internal: can a guard ever be true? Tries the values that its paths can
// have: all of a small range, the words of a closed list, and around the
// numbers that the guard itself names. Says "yes" whenever it cannot tell.
#ifndef STEPWELL_PROTOCOL_GUARD_PROBE_H_
#define STEPWELL_PROTOCOL_GUARD_PROBE_H_

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhirpath/fhirpath.h"
#include "protocol/past.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

class GuardProbe : private fhirpath::Source {
 public:
  // How many evaluations all probes of one document may take together.
  static constexpr size_t kTriesOfDocument = 100'000;

  // `protocol` and `tries_left` outlive this.
  GuardProbe(const Protocol& protocol, size_t& tries_left);

  // What is known where the guard is read: the phases that the track can be
  // in, the outcome that a decision has just had.
  void Assume(TrackId track, std::vector<PhaseId> phases);
  void Assume(ElementId decision, OutcomeId outcome);
  void Assume(RouteId route);
  // Decisions that a guard reads have been made.
  void AssumeDecided() { decided_ = true; }
  // The tier that the answers to the instrument have come to.
  void Assume(InstrumentRef instrument, std::string_view tier);
  // The fact has just been set to the value, which outlives this.
  void Assume(FactId fact, const FactValue& value);
  // What can lie behind a case that is in the phase. `past` outlives this.
  void Assume(const Past& past, PhaseId here);

  using Guards = std::span<const fhirpath::Program* const>;
  // False only when there are no values under which all of them are true, none
  // of `others` is, and all of `denied` are false.
  bool MayAllBeTrue(Guards guards, Guards others = {}, Guards denied = {});
  // The last answer was a yes by values that were found, and not because it
  // could not tell.
  bool found() const { return found_; }

 private:
  using Values = std::vector<std::optional<fhirpath::Value>>;
  struct Variable {
    Values values;  // nullopt: missing
    size_t at = 0;
    bool unclear = false;  // it may be more than is tried
  };
  using Key = std::pair<uint32_t, uint32_t>;  // node, member

  void Member(uint32_t node, uint32_t member_id, std::string_view name,
              fhirpath::Collection& out) const override;
  void AllChildren(uint32_t node, fhirpath::Collection& out) const override;
  std::optional<fhirpath::Value> Primitive(uint32_t node) const override;

  // What the member can be; nullopt: too much to try.
  std::optional<Values> ValuesOf(uint32_t node, uint32_t member) const;
  std::optional<Values> ValuesOfFact(uint16_t fact, uint32_t member) const;
  std::optional<Values> ValuesOfAnswer(uint16_t instrument,
                                       uint16_t item) const;
  const instruments::Scale& ScaleAt(uint32_t member) const;
  std::optional<Values> ValuesOfScale(const instruments::Scale& scale) const;
  std::optional<Values> ValuesOfTrack(uint16_t track) const;
  std::optional<Values> ValuesOfOutcome(uint16_t element) const;
  std::optional<Values> ValuesBefore(uint32_t node, uint32_t member) const;
  std::optional<Values> Numbers(std::optional<int64_t> min,
                                std::optional<int64_t> max,
                                bool whole = true) const;
  void ReadGuard(const fhirpath::Program& guard);
  // What the guards say of the values that are tried now; nothing: they could
  // not be evaluated.
  std::optional<bool> AreTrue(Guards guards, Guards others, Guards denied);
  bool Next();

  const Protocol& protocol_;
  size_t& tries_left_;
  std::map<uint16_t, std::vector<PhaseId>> phases_;
  std::map<uint16_t, OutcomeId> outcomes_;
  std::optional<RouteId> route_;
  bool decided_ = false;
  std::map<uint16_t, std::string> tiers_;  // by instrument
  std::map<uint16_t, const FactValue*> facts_;
  const Past* past_ = nullptr;
  PhaseId here_;
  std::vector<fhirpath::Decimal> numbers_;  // that the guards name
  std::map<uint32_t, std::vector<std::string>> texts_;
  bool calculates_ = false;
  bool opaque_ = false;  // does to its values what nobody can foresee

  // Found while a guard is evaluated, in the order of reading.
  mutable std::vector<std::pair<Key, Variable>> variables_;
  mutable bool unclear_ = false;      // such a one was read
  mutable bool any_unclear_ = false;  // by one of the guards
  bool found_ = false;
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_GUARD_PROBE_H_
