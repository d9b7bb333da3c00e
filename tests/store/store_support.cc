#include "store/store_support.h"

#include <stdlib.h>

#include <cstdio>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace stepwell::store {
namespace {

void Line(std::string& out, const std::string& text) {
  absl::StrAppend(&out, absl::CHexEscape(text), "\n");
}

void DumpStream(Store& store, StreamKey key, std::string& out) {
  const auto state = Value(store.LoadState(key));
  Line(out, absl::StrCat("stream ", static_cast<int>(key.kind), " ", key.id,
                         " ", state ? state->version : 0, " ",
                         state ? state->bytes : "none"));
  for (const std::string& record :
       Value(store.ReadRecords(key, 1, 1'000'000))) {
    Line(out, "  " + record);
  }
}

void DumpStreams(Store& store, std::string& out) {
  for (const StreamKind kind : {StreamKind::kCase, StreamKind::kPerson,
                                StreamKind::kService, StreamKind::kGroup}) {
    for (const StreamKey key : Value(store.ListStreams(kind, 0, 1'000'000))) {
      DumpStream(store, key, out);
    }
  }
}

void DumpWork(Store& store, std::string& out) {
  WorkScan scan;
  scan.limit = 1'000'000;
  for (const WorkLine& line : Value(store.ScanWork(scan))) {
    Line(out,
         absl::StrCat("work ", static_cast<int>(line.stream.kind), " ",
                      line.stream.id, " ", line.row.key, " ", line.row.owner,
                      " ", line.row.kind, " ", line.row.priority, " ",
                      line.row.due.us, " ", line.row.payload));
  }
}

void DumpRows(Store& store, std::string& out) {
  for (const DueClock& row :
       Value(store.DueClocks(Instant::Never(), 1'000'000))) {
    Line(out, absl::StrCat("clock ", row.due.us, " ",
                           static_cast<int>(row.stream.kind), " ",
                           row.stream.id, " ", row.clock));
  }
  for (const PendingEffect& row : Value(store.PendingEffects(0, 1'000'000))) {
    Line(out, absl::StrCat("effect ", row.position, " ", row.stream.id, " ",
                           row.row.effect, " ", row.row.valid_until.us, " ",
                           row.row.payload));
  }
  for (const auto& [name, value] : Value(store.Counters(""))) {
    Line(out, absl::StrCat("counter ", name, " ", value));
  }
  for (const AuditRow& row : Value(store.ReadAudit(0, 1'000'000))) {
    Line(out, absl::StrCat("audit ", row.at.us, " ", row.entry));
  }
}

}  // namespace

StreamWrite Write(StreamKey stream, uint64_t version,
                  std::vector<std::string> records) {
  StreamWrite write;
  write.stream = stream;
  write.expected_version = version;
  write.state = absl::StrCat("state after ", version + records.size());
  for (const std::string& record : records) write.records.push_back(record);
  return write;
}

CommitRequest Commit(StreamWrite write) {
  CommitRequest request;
  request.streams.push_back(std::move(write));
  return request;
}

WorkRow Work(uint64_t key, uint64_t owner, int32_t priority, int64_t due_us,
             uint32_t kind) {
  WorkRow row;
  row.key = key;
  row.owner = owner;
  row.kind = kind;
  row.priority = priority;
  row.due = Instant{due_us};
  row.payload = absl::StrCat("work ", key);
  return row;
}

TempDir::TempDir(On on) {
  namespace fs = std::filesystem;
  const bool memory = on == On::kMemory && fs::is_directory("/dev/shm");
  const fs::path parent = memory ? "/dev/shm" : fs::temp_directory_path();
  std::string name = (parent / "stepwell-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    CheckOk(absl::InternalError("no temporary directory"));
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Dump(Store& store) {
  std::string out;
  DumpStreams(store, out);
  DumpRows(store, out);
  DumpWork(store, out);
  for (const char* space : {"protocol", "raw", "person"}) {
    for (const std::string& key :
         Value(store.ListDocuments(space, "", 1'000'000))) {
      Line(out, absl::StrCat("document ", space, " ", key, " ",
                             Value(store.GetDocument(space, key)).value()));
    }
  }
  return out;
}

void CheckOk(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace stepwell::store
