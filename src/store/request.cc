// Rules of a commit that hold for every store.
#include "store/request.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/fingerprint.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/strings.h"

namespace stepwell::store {
namespace {

constexpr char kCheckUrl[] = "stepwell.store/failed-check";

std::string NameOf(StreamKey key) {
  static constexpr const char* kKinds[] = {"case", "person", "service",
                                           "group"};
  const int kind = static_cast<int>(key.kind);
  if (kind < 1 || kind > 4)
    return absl::StrCat("kind ", kind, "/", IdToText(key.id));
  return absl::StrCat(kKinds[kind - 1], "/", IdToText(key.id));
}

absl::Status Invalid(std::string_view list, size_t index,
                     std::string_view what) {
  return InvalidInput(absl::StrCat(ToAbsl(what), " (in ", ToAbsl(list), "[",
                                   index, "] of a commit)"));
}

absl::Status CheckName(std::string_view list, size_t index,
                       std::string_view name) {
  if (name.empty()) return Invalid(list, index, "a name is empty");
  if (name.size() > limits::kStoredNameBytesMax) {
    return Invalid(list, index,
                   absl::StrCat("a name has ", name.size(), " bytes, over ",
                                limits::kStoredNameBytesMax));
  }
  return absl::OkStatus();
}

absl::Status CheckBytes(std::string_view list, size_t index,
                        std::string_view bytes) {
  if (bytes.size() <= limits::kStoredBytesMax) return absl::OkStatus();
  return Invalid(list, index,
                 absl::StrCat("a value has ", bytes.size(), " bytes, over ",
                              limits::kStoredBytesMax));
}

absl::Status CheckStream(size_t index, const StreamWrite& write) {
  const int kind = static_cast<int>(write.stream.kind);
  if (kind < 1 || kind > 4 || write.stream.id == 0) {
    return Invalid("streams", index,
                   absl::StrCat("no such stream can be: ", NameOf(write.stream),
                                "; kinds are 1 to 4, ids begin at 1"));
  }
  if (write.expected_version == 0 && (write.records.empty() || !write.state)) {
    return Invalid("streams", index, "a new stream needs a record and a state");
  }
  for (const std::string_view record : write.records) {
    STEPWELL_RETURN_IF_ERROR(CheckBytes("streams", index, record));
  }
  if (write.state) {
    STEPWELL_RETURN_IF_ERROR(CheckBytes("streams", index, *write.state));
  }
  for (const WorkRow& row : write.work_set) {
    STEPWELL_RETURN_IF_ERROR(CheckBytes("streams", index, row.payload));
  }
  for (const OutboxRow& row : write.outbox) {
    STEPWELL_RETURN_IF_ERROR(CheckBytes("streams", index, row.payload));
  }
  return absl::OkStatus();
}

absl::Status CheckStreams(std::span<const StreamWrite> streams) {
  for (size_t i = 0; i < streams.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(CheckStream(i, streams[i]));
  }
  if (streams.size() < 2) return absl::OkStatus();
  std::vector<StreamKey> keys;
  keys.reserve(streams.size());
  for (const StreamWrite& write : streams) keys.push_back(write.stream);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return absl::OkStatus();
  return InvalidInput(
      absl::StrCat("a commit writes ", NameOf(*twice), " twice"));
}

// What a commit writes has an expected version of its own.
absl::Status CheckUnchanged(const CommitRequest& request) {
  for (size_t i = 0; i < request.unchanged.size(); ++i) {
    for (const StreamWrite& write : request.streams) {
      if (write.stream != request.unchanged[i].stream) continue;
      return Invalid("unchanged", i,
                     absl::StrCat(NameOf(write.stream), " is written"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCommand(const CommandRow& row) {
  STEPWELL_RETURN_IF_ERROR(CheckName("command", 0, row.id));
  STEPWELL_RETURN_IF_ERROR(CheckBytes("command", 0, row.fingerprint));
  return CheckBytes("command", 0, row.reply);
}

}  // namespace

absl::Status CheckRequest(const CommitRequest& request) {
  STEPWELL_RETURN_IF_ERROR(CheckStreams(request.streams));
  STEPWELL_RETURN_IF_ERROR(CheckUnchanged(request));
  if (request.command) {
    STEPWELL_RETURN_IF_ERROR(CheckCommand(*request.command));
  }
  for (size_t i = 0; i < request.counters.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(
        CheckName("counters", i, request.counters[i].name));
  }
  for (size_t i = 0; i < request.external_ids.size(); ++i) {
    const ExternalIdRow& row = request.external_ids[i];
    STEPWELL_RETURN_IF_ERROR(CheckName("external_ids", i, row.system));
    STEPWELL_RETURN_IF_ERROR(CheckName("external_ids", i, row.value));
  }
  for (size_t i = 0; i < request.documents.size(); ++i) {
    const DocumentWrite& write = request.documents[i];
    STEPWELL_RETURN_IF_ERROR(CheckName("documents", i, write.space));
    STEPWELL_RETURN_IF_ERROR(CheckName("documents", i, write.key));
    if (!write.bytes) continue;
    STEPWELL_RETURN_IF_ERROR(CheckBytes("documents", i, *write.bytes));
  }
  for (size_t i = 0; i < request.audit.size(); ++i) {
    STEPWELL_RETURN_IF_ERROR(CheckBytes("audit", i, request.audit[i].entry));
  }
  return absl::OkStatus();
}

absl::Status FailCheck(FailedCheck check, size_t index,
                       std::string_view message) {
  absl::Status status = Conflict(message);
  status.SetPayload(
      kCheckUrl, absl::Cord(absl::StrCat(static_cast<int>(check), ":", index)));
  return status;
}

CheckFailure CheckFailureOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kCheckUrl);
  if (!payload) return {};
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), ':');
  int check = 0;
  uint64_t index = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &check) ||
      !absl::SimpleAtoi(parts[1], &index)) {
    return {};
  }
  return {static_cast<FailedCheck>(check), static_cast<size_t>(index)};
}

absl::Status CommandExists(const CommandRow& row) {
  return FailCheck(
      FailedCheck::kCommand, 0,
      absl::StrCat("command ", row.id, " has been carried out before"));
}

absl::Status VersionMoved(FailedCheck check, size_t index,
                          const StreamCheck& wanted,
                          std::optional<uint64_t> found) {
  const std::string expected =
      wanted.version == 0 ? "not to exist"
                          : absl::StrCat("at version ", wanted.version);
  return FailCheck(
      check, index,
      absl::StrCat(
          NameOf(wanted.stream), " was expected ", expected, " and ",
          found ? absl::StrCat("is at version ", *found) : "does not exist"));
}

absl::Status ExternalIdTaken(size_t index, const ExternalIdRow& row) {
  return FailCheck(FailedCheck::kExternalId, index,
                   absl::StrCat("external id ", row.system, "|", row.value,
                                " already names something else"));
}

absl::Status EffectPending(size_t index, uint64_t effect) {
  return FailCheck(
      FailedCheck::kEffect, index,
      absl::StrCat("effect ", IdToText(effect), " is pending already"));
}

absl::StatusOr<int64_t> ChangedCounter(size_t index, const CounterWrite& write,
                                       int64_t value) {
  int64_t changed = 0;
  std::string fault;
  if (__builtin_add_overflow(value, write.delta, &changed)) {
    fault = absl::StrCat("overflow: ", value, " plus ", write.delta);
  } else if (write.min && changed < *write.min) {
    fault = absl::StrCat("be ", changed, ", under ", *write.min);
  } else if (write.max && changed > *write.max) {
    fault = absl::StrCat("be ", changed, ", over ", *write.max);
  } else {
    return changed;
  }
  return FailCheck(FailedCheck::kCounter, index,
                   absl::StrCat("counter ", write.name, " would ", fault));
}

}  // namespace stepwell::store
