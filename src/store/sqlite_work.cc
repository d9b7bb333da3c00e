// Worklist scans over SQLite: the filters asked for make the statement.
#include <map>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "store/sqlite_store.h"
#include "store/work_index.h"

namespace stepwell::store {
namespace {

// One bit a filter; the statement that has exactly those is kept.
int FiltersOf(const WorkScan& scan, ScanFor purpose) {
  return (scan.owner ? 1 : 0) | (scan.stream ? 2 : 0) | (scan.kinds ? 4 : 0) |
         (scan.due_before ? 8 : 0) | (scan.after ? 16 : 0) |
         (scan.due_from ? 32 : 0) | (scan.priority_min ? 64 : 0) |
         (scan.priority_max ? 128 : 0) | static_cast<int>(purpose) << 8;
}

// A stream has few lines: they are found by the stream and sorted. All other
// scans walk an index in the order of the answer.
const char* Columns(ScanFor purpose) {
  switch (purpose) {
    case ScanFor::kLines:
      return "SELECT stream_kind, stream, key, owner, kind, rank, due, payload";
    case ScanFor::kCount:
      return "SELECT COUNT(*)";
    case ScanFor::kTally:
      return "SELECT kind, rank, due";
  }
  return "";
}

std::string ScanSql(const WorkScan& scan, ScanFor purpose) {
  std::string sql = absl::StrCat(Columns(purpose), " FROM work");
  if (scan.stream) {
    absl::StrAppend(&sql, " INDEXED BY work_of_stream");
  } else if (!scan.owner) {
    absl::StrAppend(&sql, " INDEXED BY work_order");
  }
  absl::StrAppend(&sql, " WHERE 1");
  if (scan.owner) absl::StrAppend(&sql, " AND owner = ?");
  if (scan.stream) absl::StrAppend(&sql, " AND stream_kind = ? AND stream = ?");
  if (scan.kinds) {
    absl::StrAppend(&sql, " AND kind < 64 AND (? >> kind & 1) <> 0");
  }
  if (scan.priority_min) absl::StrAppend(&sql, " AND rank <= ?");
  if (scan.priority_max) absl::StrAppend(&sql, " AND rank >= ?");
  if (scan.due_from) absl::StrAppend(&sql, " AND due >= ?");
  if (scan.due_before) absl::StrAppend(&sql, " AND due < ?");
  if (scan.after) {
    absl::StrAppend(&sql,
                    " AND (rank, due, stream_kind, stream, key)"
                    " > (?, ?, ?, ?, ?)");
  }
  if (purpose == ScanFor::kLines) {
    absl::StrAppend(&sql,
                    " ORDER BY rank, due, stream_kind, stream, key"
                    " LIMIT ?");
  }
  return sql;
}

void BindScan(const WorkScan& scan, Statement& statement) {
  if (scan.owner) statement.BindNumber(*scan.owner);
  if (scan.stream) {
    statement.BindInt(static_cast<int>(scan.stream->kind))
        .BindNumber(scan.stream->id);
  }
  if (scan.kinds) statement.BindInt(static_cast<int64_t>(*scan.kinds));
  if (scan.priority_min) {
    statement.BindInt(-static_cast<int64_t>(*scan.priority_min));
  }
  if (scan.priority_max) {
    statement.BindInt(-static_cast<int64_t>(*scan.priority_max));
  }
  if (scan.due_from) statement.BindInt(scan.due_from->us);
  if (scan.due_before) statement.BindInt(scan.due_before->us);
  if (!scan.after) return;
  statement.BindInt(-static_cast<int64_t>(scan.after->priority))
      .BindInt(scan.after->due.us)
      .BindInt(static_cast<int>(scan.after->stream.kind))
      .BindNumber(scan.after->stream.id)
      .BindNumber(scan.after->key);
}

}  // namespace

absl::StatusOr<Statement*> SqliteStore::ScanStatement(const WorkScan& scan,
                                                      ScanFor purpose) {
  Statement& statement = scans_[FiltersOf(scan, purpose)];
  if (!statement) {
    STEPWELL_ASSIGN_OR_RETURN(statement, db_.Prepare(ScanSql(scan, purpose)));
  }
  return &statement;
}

absl::StatusOr<std::vector<WorkLine>> SqliteStore::ScanWork(
    const WorkScan& scan) {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(Statement * find,
                            ScanStatement(scan, ScanFor::kLines));
  BindScan(scan, *find);
  find->BindLimit(scan.limit);
  std::vector<WorkLine> lines;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool row, find->Step());
    if (!row) return lines;
    WorkLine& line = lines.emplace_back();
    line.stream.kind = static_cast<StreamKind>(find->ReadInt());
    line.stream.id = find->ReadNumber();
    line.row.key = find->ReadNumber();
    line.row.owner = find->ReadNumber();
    line.row.kind = static_cast<uint32_t>(find->ReadInt());
    line.row.priority = static_cast<int32_t>(-find->ReadInt());
    line.row.due.us = find->ReadInt();
    line.row.payload = find->ReadString();
  }
}

absl::StatusOr<uint64_t> SqliteStore::CountWork(const WorkScan& scan) {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(Statement * count,
                            ScanStatement(scan, ScanFor::kCount));
  BindScan(scan, *count);
  STEPWELL_ASSIGN_OR_RETURN(const bool row, count->Step());
  const uint64_t lines = row ? static_cast<uint64_t>(count->ReadInt()) : 0;
  count->Reset();
  return lines;
}

absl::StatusOr<std::vector<WorkTally>> SqliteStore::TallyWork(
    const WorkScan& scan, const WorkCuts& cuts) {
  const std::lock_guard lock(mutex_);
  STEPWELL_ASSIGN_OR_RETURN(Statement * tally,
                            ScanStatement(scan, ScanFor::kTally));
  BindScan(scan, *tally);
  // Grouped here: SQLite would sort the lines by kind first.
  std::map<uint32_t, WorkTally> tallies;
  while (true) {
    STEPWELL_ASSIGN_OR_RETURN(const bool row, tally->Step());
    if (!row) return ByKind(tallies);
    const auto kind = static_cast<uint32_t>(tally->ReadInt());
    const int64_t priority = -tally->ReadInt();
    AddTo(tallies[kind], cuts, priority, Instant{tally->ReadInt()});
  }
}

}  // namespace stepwell::store
