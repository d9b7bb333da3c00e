// Walks a small service exhaustively: whatever order a few commands and steps
// of time come in, the laws hold after every one.
#ifndef STEPWELL_TESTS_PROPERTY_WALKER_SUPPORT_H_
#define STEPWELL_TESTS_PROPERTY_WALKER_SUPPORT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/service_stream.h"
#include "engine/state.h"
#include "property/checks_support.h"
#include "protocol/protocol.h"
#include "service/caseload.h"

namespace stepwell::testing {

class Walker {
 public:
  // The letters of the alphabet: what may be done at each step.
  static constexpr int kLetters = 14;

  Walker(std::shared_ptr<const protocol::Protocol> protocol,
         std::vector<int> alphabet);
  // Every word of up to `depth` letters; the story of the first that breaks a
  // law, or "".
  std::string Walk(int depth);
  // One word; letters are taken by their remainder.
  std::string Follow(std::span<const uint8_t> letters);

  uint64_t words() const { return words_; }
  uint64_t commands() const { return commands_; }
  uint64_t events() const { return events_; }
  uint64_t refused() const { return refused_; }

 private:
  struct Node {
    engine::CaseState state;
    CaseWatch watch;
    std::set<uint64_t> effects;
    std::map<uint32_t, Instant> clocks;
    Instant now;
    std::vector<std::string> log;
  };

  std::string Begin(Node& root);
  std::string Visit(const Node& node, int depth);
  // Does the letter; "" or what is wrong.
  std::string Do(int letter, Node& node);
  std::optional<engine::CommandBody> BodyOf(int letter, const Node& node);
  std::string Submit(engine::CommandBody body, engine::Role role, bool advance,
                     Node& node);
  std::string Check(const engine::CaseState& before,
                    const std::vector<engine::Event>& events, bool advance,
                    Node& node);
  std::string Pass(Duration time, Node& node);
  engine::SubmitResponse Answers(int each, int risk) const;
  std::string Story(const Node& node) const;

  std::shared_ptr<const protocol::Protocol> protocol_;
  const std::vector<int> alphabet_;
  engine::ServiceState service_;
  service::Caseloads caseloads_;
  std::string word_;
  uint64_t words_ = 0, commands_ = 0, events_ = 0, refused_ = 0;
};

}  // namespace stepwell::testing

#endif  // STEPWELL_TESTS_PROPERTY_WALKER_SUPPORT_H_
