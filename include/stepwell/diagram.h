// A protocol as a picture: tracks are lanes, phases are boxes with their items,
// moves are arrows labelled with the rules that make them; ways in, modules,
// clocks and alerts stand beside them. Drawn from what is compiled, so that it
// shows what runs.
#ifndef STEPWELL_DIAGRAM_H_
#define STEPWELL_DIAGRAM_H_

#include <string>

#include "absl/status/statusor.h"
#include "stepwell/protocol.h"

namespace stepwell {

enum class DiagramFormat {
  kSvg,      // laid out here: one file that a browser shows, no scripts in it
  kDot,      // for Graphviz
  kMermaid,  // for pages that render Mermaid
};

struct DiagramOptions {
  DiagramFormat format = DiagramFormat::kSvg;
  // Of the texts: "sv". Where the document has none in it, those in its own
  // language stand. The library's own words are in English, Swedish, Norwegian,
  // Danish and Dutch; in other languages they are English. Empty: the
  // protocol's.
  std::string language = "";
};

// The same protocol gives the same bytes. kInvalidArgument when the language is
// not written as one. Any thread.
absl::StatusOr<std::string> Draw(const Protocol& protocol,
                                 const DiagramOptions& options);

}  // namespace stepwell

#endif  // STEPWELL_DIAGRAM_H_
