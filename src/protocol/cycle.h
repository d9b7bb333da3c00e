// Internal: finds a cycle in a graph of numbered nodes, depth first and without
// recursion: a document may chain thousands.
#ifndef STEPWELL_PROTOCOL_CYCLE_H_
#define STEPWELL_PROTOCOL_CYCLE_H_

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace stepwell::protocol {

class CycleFinder {
 public:
  // The k-th node after `node`, in a fixed order; -1 when there are no more.
  using NextNode = std::function<int64_t(size_t node, size_t k)>;

  CycleFinder(size_t nodes, NextNode next)
      : next_(std::move(next)), state_(nodes, kNew) {}

  // The nodes of a cycle that can be reached from `start`, first = last; empty
  // when there is none, or when it has been told of.
  std::vector<size_t> From(size_t start) {
    if (state_[start] != kNew) return {};
    Push(start);
    while (!path_.empty()) {
      Step& step = path_.back();
      const int64_t next = next_(step.node, step.next++);
      if (next < 0) {
        state_[step.node] = kDone;
        path_.pop_back();
      } else if (state_[next] == kOpen) {
        return Found(static_cast<size_t>(next));
      } else if (state_[next] == kNew) {
        Push(static_cast<size_t>(next));
      }
    }
    return {};
  }

 private:
  enum State : uint8_t { kNew, kOpen, kDone };
  struct Step {
    size_t node;
    size_t next = 0;
  };

  void Push(size_t node) {
    state_[node] = kOpen;
    path_.push_back({node});
  }

  std::vector<size_t> Found(size_t repeated) {
    std::vector<size_t> cycle;
    auto it = path_.rbegin();
    while (it->node != repeated) ++it;
    for (auto at = it.base() - 1; at != path_.end(); ++at) {
      cycle.push_back(at->node);
    }
    cycle.push_back(repeated);
    for (const Step& step : path_) state_[step.node] = kDone;
    path_.clear();
    return cycle;
  }

  NextNode next_;
  std::vector<State> state_;
  std::vector<Step> path_;
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_CYCLE_H_
