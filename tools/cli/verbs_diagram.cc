// draw and diff: protocols before somebody approves them.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli.h"
#include "stepwell/diagram.h"
#include "stepwell/protocol_diff.h"

namespace stepwell::cli {
namespace {

// A file or catalogue:NAME, compiled; errors name it.
absl::StatusOr<std::shared_ptr<const Protocol>> Compiled(
    const std::string& given) {
  auto text = ReadProtocol(given);
  if (!text.ok()) return text.status();
  auto protocol = Protocol::Compile(*text);
  if (protocol.ok()) return protocol;
  return absl::Status(protocol.status().code(),
                      absl::StrCat(given, ": ", protocol.status().message()));
}

struct DrawArguments {
  std::string protocol, as = "svg", language;
};

int DrawIt(const Common& common, const DrawArguments& arguments) {
  const auto protocol = Compiled(arguments.protocol);
  if (!protocol.ok()) return Fail(common, protocol.status());
  DiagramOptions options;
  options.language = arguments.language;
  if (arguments.as == "dot") options.format = DiagramFormat::kDot;
  if (arguments.as == "mermaid") options.format = DiagramFormat::kMermaid;
  const auto drawn = Draw(**protocol, options);
  if (!drawn.ok()) return Fail(common, drawn.status());
  if (common.json) {
    PrintLine(absl::StrCat("{\"protocol\":", Quote((*protocol)->id()),
                           ",\"version\":", Quote((*protocol)->version()),
                           ",\"hash\":", Quote((*protocol)->hash()),
                           ",\"as\":", Quote(arguments.as),
                           ",\"text\":", Quote(*drawn), "}"));
  } else {
    Print(*drawn);
  }
  return kFine;
}

int Diff(const Common& common, const std::string& before,
         const std::string& after) {
  const auto old = Compiled(before);
  if (!old.ok()) return Fail(common, old.status());
  const auto now = Compiled(after);
  if (!now.ok()) return Fail(common, now.status());
  const ProtocolDiff diff = CompareProtocols(**old, **now);
  if (common.json) {
    PrintLine(ToJson(diff));
  } else {
    for (const absl::string_view line :
         absl::StrSplit(ToText(diff), '\n', absl::SkipEmpty())) {
      const std::string plain = Plain({line.data(), line.size()});
      PrintLine(line[0] == '!'   ? Toned(Tone::kBad, plain)
                : line[0] == ' ' ? plain
                                 : Toned(Tone::kBold, plain));
    }
  }
  return diff.changes.empty() ? kFine : kNo;
}

}  // namespace

void AddDiagramVerbs(CLI::App& app, Common& common) {
  CLI::App* draw = AddVerb(app, common, "draw", "Draws a protocol");
  auto arguments = std::make_shared<DrawArguments>();
  draw->add_option("PROTOCOL", arguments->protocol,
                   "a file, - or catalogue:NAME")
      ->required();
  draw->add_option("--as", arguments->as, "svg (default), dot or mermaid")
      ->check(CLI::IsMember({"svg", "dot", "mermaid"}));
  draw->add_option("--language", arguments->language,
                   "of the texts: sv; default: the protocol's");
  OnRun(draw, common,
        [&common, arguments] { return DrawIt(common, *arguments); });

  CLI::App* diff = AddVerb(app, common, "diff",
                           "What differs between two protocols, in words; 1 "
                           "when anything does");
  auto names = std::make_shared<std::pair<std::string, std::string>>();
  diff->add_option("BEFORE", names->first, "a file or catalogue:NAME")
      ->required();
  diff->add_option("AFTER", names->second, "a file or catalogue:NAME")
      ->required();
  OnRun(diff, common,
        [&common, names] { return Diff(common, names->first, names->second); });
}

}  // namespace stepwell::cli
