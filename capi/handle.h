// Internal to capi: what every handle begins with, so that NULL, a handle of
// another kind, a closed one and one from before fork() are told apart.
//
// A call holds a Use while it runs. Freeing marks the handle closed; what it
// holds is destroyed when the last call has ended. In debug builds the emptied
// handle stays in memory for ever, so that whoever uses it again is told so.
#ifndef STEPWELL_CAPI_HANDLE_H_
#define STEPWELL_CAPI_HANDLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "outcome.h"

namespace stepwell::capi {

// Numbers that no other object is likely to begin with.
enum class Kind : uint32_t {
  kClosed = 0x5357'0000,
  kError = 0x5357'E001,
  kProtocol = 0x5357'E002,
  kInstrument = 0x5357'E003,
  kExpression = 0x5357'E004,
  kService = 0x5357'E005,
  kDecision = 0x5357'E006,
  kSimulation = 0x5357'E007,
};
// "service"; "" for what is no kind of handle.
const char* KindName(Kind kind);

// How often this process is the child of a fork, counted from the first
// handle.
uint32_t ForkGeneration();

struct Head {
  explicit Head(Kind of) : kind(of), generation(ForkGeneration()) {}
  std::atomic<Kind> kind;
  const uint32_t generation;
  // Calls under way; kFreed is added when the handle is freed.
  std::atomic<uint64_t> users{0};
};
inline constexpr uint64_t kFreed = uint64_t{1} << 63;

// True once, for the call that closes it. Freeing twice, or what is no such
// handle, ends a debug build; in a release build it does nothing.
bool MayFree(std::atomic<Kind>& kind, Kind wanted) noexcept;

// Keeps a pointer reachable for leak checkers.
void Keep(const void* closed) noexcept;

// Releases what was closed; in debug builds its emptied shell stays.
template <class T>
void Bury(T* closed) noexcept {
#ifdef NDEBUG
  delete closed;
#else
  Keep(closed);
  closed->Empty();
#endif
}

// One call on a handle.
template <class T>
class Use {
 public:
  explicit Use(const T* handle) : handle_(const_cast<T*>(handle)) {
    outcome_ = Enter();
    if (!outcome_.ok()) handle_ = nullptr;
  }
  ~Use() {
    if (handle_ != nullptr) Leave();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  const Outcome& outcome() const { return outcome_; }
  auto& operator*() const { return *handle_->value; }
  auto* operator->() const { return handle_->value.get(); }
  T* handle() const { return handle_; }

 private:
  Outcome Enter() {
    const char* const name = KindName(T::kKind);
    if (handle_ == nullptr) {
      return Outcome::Misuse("the ", name, " is NULL");
    }
    const Kind kind = handle_->kind.load(std::memory_order_acquire);
    if (kind != T::kKind) return WrongKind(name, kind);
    if (handle_->generation != ForkGeneration()) {
      return Outcome::Misuse("the ", name,
                             " was made before fork(): open it anew in the "
                             "child process");
    }
    if ((handle_->users.fetch_add(1, std::memory_order_acq_rel) & kFreed) !=
        0) {
      Leave();
      return WrongKind(name, Kind::kClosed);
    }
    return {};
  }
  static Outcome WrongKind(const char* name, Kind kind) {
    if (kind == Kind::kClosed) {
      return Outcome::Misuse("the ", name, " is closed");
    }
    std::string found = KindName(kind);
    found = found.empty() ? ", found none of this library" : ", found " + found;
    return Outcome::Misuse("expected a handle of kind ", name, found);
  }
  void Leave() {
    if (handle_->users.fetch_sub(1, std::memory_order_acq_rel) == kFreed + 1) {
      Bury(handle_);
    }
  }

  T* handle_;
  Outcome outcome_;
};

// The free function of a handle.
template <class T>
void Free(T* handle) noexcept {
  if (handle == nullptr) return;
  const Kind kind = handle->kind.load(std::memory_order_acquire);
  // In a child process what the parent opened is not ours to close.
  if (kind == T::kKind && handle->generation != ForkGeneration()) return;
  if (!MayFree(handle->kind, T::kKind)) return;
  if (handle->users.fetch_or(kFreed, std::memory_order_acq_rel) == 0) {
    Bury(handle);
  }
}

// A call whose result is a handle. `body` gives StatusOr<what it holds>, or an
// Outcome that is a failure.
template <class T, class Body>
stepwell_status MakeCall(T** out, stepwell_error** error,
                         const Body& body) noexcept {
  if (out != nullptr) *out = nullptr;
  return Guard(error, [&]() -> Outcome {
    if (out == nullptr) return Outcome::Misuse("the out-parameter is NULL");
    typename T::Value value;
    STEPWELL_CAPI_TRY(body(value));
    *out = new T(std::move(value));
    return {};
  });
}

}  // namespace stepwell::capi

#define STEPWELL_CAPI_HANDLE(name, kind_of, held)                        \
  struct name : ::stepwell::capi::Head {                                 \
    using Value = held;                                                  \
    static constexpr ::stepwell::capi::Kind kKind =                      \
        ::stepwell::capi::Kind::kind_of;                                 \
    explicit name(Value given) : Head(kKind), value(std::move(given)) {} \
    void Empty() { value = Value(); }                                    \
    Value value;                                                         \
  }

#endif  // STEPWELL_CAPI_HANDLE_H_
