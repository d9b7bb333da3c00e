#include "host/kernel_state.h"

#include "absl/strings/str_cat.h"
#include "base/fingerprint.h"
#include "base/status.h"
#include "engine/apply.h"
#include "stepwell/kernel.h"
#include "wire/record.h"

namespace stepwell {
namespace host {
namespace {

constexpr std::string_view kMagic = "SWKS\x01";
constexpr size_t kTagBytes = 8;

std::string TagOf(std::string_view bytes) {
  const Fingerprint print = FingerprintOf(bytes);
  return std::string(reinterpret_cast<const char*>(print.bytes.data()),
                     kTagBytes);
}

}  // namespace

std::string SealState(const engine::CaseState& state) {
  const std::string bytes = wire::EncodeState(state);
  std::string sealed(kMagic);
  sealed += TagOf(bytes);
  sealed += bytes;
  return sealed;
}

absl::StatusOr<engine::CaseState> UnsealState(std::string_view sealed) {
  if (sealed.substr(0, 4) == kMagic.substr(0, 4) && sealed.size() > 4 &&
      sealed[4] != kMagic[4]) {
    return MakeError(absl::StatusCode::kUnimplemented,
                     "the state was written by a newer version");
  }
  if (sealed.size() < kMagic.size() + kTagBytes ||
      sealed.substr(0, kMagic.size()) != kMagic) {
    return Corrupt("these bytes are no state of a case");
  }
  const std::string_view bytes = sealed.substr(kMagic.size() + kTagBytes);
  if (sealed.substr(kMagic.size(), kTagBytes) != TagOf(bytes)) {
    return Corrupt("the state of the case is damaged: its tag does not fit");
  }
  return wire::DecodeState(bytes);
}

}  // namespace host

absl::StatusOr<std::string> FoldKernel(
    std::string_view state, std::span<const std::string_view> records) {
  engine::CaseState folded;
  if (!state.empty()) {
    STEPWELL_ASSIGN_OR_RETURN(folded, host::UnsealState(state));
  }
  for (size_t i = 0; i < records.size(); ++i) {
    const absl::StatusOr<engine::Event> event = wire::DecodeEvent(records[i]);
    if (!event.ok()) {
      return Annotate(event.status(), absl::StrCat("record ", i));
    }
    if (event->seq != folded.version + 1) {
      return Corrupt(absl::StrCat("record ", i, " is number ", event->seq,
                                  " of its case, expected ",
                                  folded.version + 1));
    }
    engine::Apply(*event, folded);
  }
  if (!folded.Exists()) return InvalidInput("no record opens a case");
  return host::SealState(folded);
}

}  // namespace stepwell
