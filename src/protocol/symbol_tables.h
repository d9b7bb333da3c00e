// What the numbers of one version of a protocol are in another: one table a
// kind of name. Part of the log format (the event Migrated): a field number is
// never reused.
#ifndef STEPWELL_PROTOCOL_SYMBOL_TABLES_H_
#define STEPWELL_PROTOCOL_SYMBOL_TABLES_H_

#include <type_traits>
#include <vector>

#include "protocol/symbols.h"

namespace stepwell::protocol {

// Index: the old number; value: the new one, none where there is no such thing
// any more. An empty table says that the numbers are the same.
struct SymbolTables {
  std::vector<ElementId> items;
  std::vector<TrackId> tracks;
  std::vector<PhaseId> phases;
  std::vector<ClockDefId> clocks;
  std::vector<MilestoneId> milestones;
  std::vector<FactId> facts;
  std::vector<RouteId> routes;
  std::vector<PoolId> pools;
  std::vector<TierId> tiers;
  std::vector<InstrumentRef> instruments;
  std::vector<ProgramRef> programs;
  std::vector<PurposeId> consents;
  std::vector<OutcomeId> outcomes;
  std::vector<TemplateId> templates;
  bool operator==(const SymbolTables&) const = default;

  template <class S, class V>
  static constexpr void Fields(S& s, V&& v) {
    v(1, "items", s.items);
    v(2, "tracks", s.tracks);
    v(3, "phases", s.phases);
    v(4, "clocks", s.clocks);
    v(5, "milestones", s.milestones);
    v(6, "facts", s.facts);
    v(7, "routes", s.routes);
    v(8, "pools", s.pools);
    v(9, "tiers", s.tiers);
    v(10, "instruments", s.instruments);
    v(11, "programs", s.programs);
    v(12, "consents", s.consents);
    v(13, "outcomes", s.outcomes);
    v(14, "templates", s.templates);
  }

  // The new number of a symbol. Total: what the table does not hold is none;
  // kinds without a table (rules, calendars), which no case holds, stay.
  template <class Tag>
  Symbol<Tag> Map(Symbol<Tag> symbol) const {
    Symbol<Tag> mapped = symbol;
    Fields(*this, [&]<class T>(int, const char*, const T& table) {
      if constexpr (std::is_same_v<T, std::vector<Symbol<Tag>>>) {
        if (symbol.IsNone() || table.empty()) return;
        mapped =
            symbol.value < table.size() ? table[symbol.value] : Symbol<Tag>();
      }
    });
    return mapped;
  }
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_SYMBOL_TABLES_H_
