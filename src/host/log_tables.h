// Internal to the host: the tables that are made from the log, what their
// columns are, and docs/formats/tables.md, which is made from that.
#ifndef STEPWELL_HOST_LOG_TABLES_H_
#define STEPWELL_HOST_LOG_TABLES_H_

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/zone.h"
#include "engine/service_stream.h"
#include "host/line_rows.h"
#include "host/log_rows.h"
#include "metrics/log_courses.h"
#include "stepwell/table.h"

namespace stepwell::host {

// A change of what a column means is another version; new columns come at the
// end and are none.
inline constexpr int kTablesVersion = 1;
inline constexpr std::string_view kSubscaleTable = "subscale";
inline constexpr std::string_view kWorklistLineTable = "worklist_line";

struct ColumnSpec {
  const char* name;
  Column::Type type;
  const char* meaning;
};
struct TableSpec {
  const char* name;
  const char* grain;  // a row is ...
  const char* key;
  std::span<const ColumnSpec> columns;
};
std::span<const TableSpec> LogTableSpecs();
const TableSpec* FindLogTable(std::string_view name);

// Without rows.
Table NewTable(const TableSpec& spec);

// Cells in the order of the columns.
class TableRow {
 public:
  explicit TableRow(Table& table) : next_(table.columns.begin()) {}

  TableRow& Text(std::string_view text) {
    (next_++)->TextOrNull(text);
    return *this;
  }
  TableRow& Integer(int64_t number) {
    (next_++)->Integer(number);
    return *this;
  }
  // 0 is null.
  TableRow& Number(uint64_t number) {
    number == 0 ? (next_++)->Null()
                : (next_++)->Integer(static_cast<int64_t>(number));
    return *this;
  }
  TableRow& MaybeInteger(std::optional<int64_t> number) {
    number ? (next_++)->Integer(*number) : (next_++)->Null();
    return *this;
  }
  TableRow& Real(std::optional<double> number) {
    (next_++)->Number(number);
    return *this;
  }
  TableRow& Bool(bool value) {
    (next_++)->Bool(value);
    return *this;
  }
  TableRow& Time(Instant at) {
    (next_++)->Time(at);
    return *this;
  }
  TableRow& Times(const RowTimes& times) {
    return Time(times.at).Time(times.recorded);
  }

 private:
  std::vector<Column>::iterator next_;
};

// Gathers one table, case by case.
class LogTable {
 public:
  // `zone` is the service's: of its days and weeks. `service` has the register,
  // and must outlive the table.
  LogTable(const TableSpec& spec, const Zone& zone,
           const engine::ServiceState& service);

  void Add(CaseId id, const CaseRows& rows);
  void Add(CaseId id, const metrics::LogCourse& course);   // table "course"
  void Add(CaseId id, const std::vector<LineRow>& lines);  // "worklist_line"
  Table Take();

 private:
  struct Week {
    uint64_t pieces = 0, timed = 0, minutes = 0, contacts = 0;
    std::set<uint64_t> cases;
  };
  void AddReferrals(const std::string& id, const CaseRows& rows);
  void AddEpisodes(const std::string& id, const CaseRows& rows);
  void AddEnrolments(const std::string& id, const CaseRows& rows);
  void AddResponses(const std::string& id, const CaseRows& rows);
  void AddAnswers(const std::string& id, const CaseRows& rows);
  void AddScores(const std::string& id, const CaseRows& rows);
  void AddSubscales(const std::string& id, const CaseRows& rows);
  void AddAlerts(const std::string& id, const CaseRows& rows);
  void AddWork(const std::string& id, const CaseRows& rows);
  void AddClocks(const std::string& id, const CaseRows& rows);
  void AddAssignments(const std::string& id, const CaseRows& rows);
  void AddChecklists(const std::string& id, const CaseRows& rows);
  void AddWeeks(CaseId id, const CaseRows& rows);
  void AddAlertWeeks(const CaseRows& rows);
  int32_t MondayOf(Instant at) const;
  std::string NameOf(StaffId staff) const;  // empty: nobody

  const TableSpec& spec_;
  const Zone& zone_;
  const engine::ServiceState& service_;
  Table table_;
  std::map<std::pair<std::string, int32_t>, Week> weeks_;  // staff, Monday
  // Monday, pool, staff, tier, source.
  using AlertWeekKey =
      std::tuple<int32_t, std::string, std::string, std::string, std::string>;
  std::map<AlertWeekKey, std::array<uint64_t, kAlertCalls>> alert_weeks_;
};

// docs/formats/tables.md, whole.
std::string TablesPage();

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_LOG_TABLES_H_
