// Internal: what a drawing of a protocol shows, before it has a format: lanes
// of phases with their items, ways in, moves, modules, clocks and alerts.
#ifndef STEPWELL_PROTOCOL_DRAW_PICTURE_H_
#define STEPWELL_PROTOCOL_DRAW_PICTURE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/draw_words.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

// What a line of a box is about.
enum class Mark : uint8_t {
  kNone,
  kQuestionnaire,
  kModule,  // and programs
  kTask,
  kMessage,
  kAppointment,
  kDecision,
  kClock,
  kRisk,
};

struct PictureLine {
  Mark mark = Mark::kNone;
  std::string text;
  std::string note;        // "patient, within 3 days"; may be empty
  bool risk = false;       // part of how risk is met
  bool may_alert = false;  // its answers can raise an alert
};
PictureLine PlainLine(std::string text);

struct PictureBox {
  std::string id;    // in the document
  std::string name;  // for people
  std::vector<PictureLine> lines;
  bool initial = false;  // of its track
  bool final = false;
  bool risk = false;
};

// An arrow between two boxes of one list. `from` is kAnywhere for a move that
// is made from every phase.
struct PictureEdge {
  static constexpr size_t kAnywhere = SIZE_MAX;
  size_t from = 0, to = 0;
  std::vector<std::string> labels;  // the rules and clocks that move
};

// A track with its phases, or a program with its modules.
struct PictureChart {
  std::string id, name;
  std::string note;
  std::vector<PictureBox> boxes;
  std::vector<PictureEdge> edges;  // by from, then to
};

struct Picture {
  std::string title;
  std::string note;  // "icbt_base 1, draft"
  std::string language;
  std::vector<PictureBox> routes;  // they lead to where the first track begins
  std::vector<PictureChart> tracks;
  PictureBox anywhere;  // items of no phase
  std::vector<PictureChart> programs;
  std::vector<PictureBox> limits;  // queue, groups, quiet hours
  std::vector<PictureBox> clocks;
  std::vector<PictureBox> tiers;

  std::string_view Say(Word word) const {
    return protocol::Say(word, language);
  }
  // Where every way in leads: the phase in which the first track begins.
  // kAnywhere when there is none.
  size_t entry() const;
};

// Texts in `language`, else in the protocol's own.
Picture PictureOf(const Protocol& protocol, std::string_view language);

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_PICTURE_H_
