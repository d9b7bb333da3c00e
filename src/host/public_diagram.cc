// Protocols drawn and compared.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "host/migration_plans.h"
#include "host/protocol_impl.h"
#include "json/json.h"
#include "protocol/diff_protocols.h"
#include "protocol/draw.h"
#include "protocol/draw_text.h"
#include "stepwell/diagram.h"
#include "stepwell/protocol_diff.h"

namespace stepwell {
namespace {

constexpr size_t kLanguageBytesMax = 35;  // BCP 47: what all must hold

const protocol::Protocol& Compiled(const Protocol& protocol) {
  return static_cast<const host::ProtocolImpl&>(protocol).compiled();
}

bool IsLanguage(std::string_view text) {
  if (text.size() > kLanguageBytesMax) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-';
    if (!letter) return false;
  }
  return true;
}

const char* WhatName(ProtocolChange::What what) {
  static constexpr const char* kNames[] = {"added", "removed", "changed",
                                           "moved"};
  return kNames[static_cast<size_t>(what)];
}

void WriteEnd(json::Writer& w, const char* key, const ProtocolDiff::End& end) {
  w.Key(key).BeginObject();
  w.Key("protocol").String(end.id).Key("version").String(end.version);
  w.Key("status").String(end.status).Key("hash").String(end.hash);
  w.Key("logic_hash").String(end.logic_hash).EndObject();
}

// The heading that a change stands under.
std::string HeadingOf(const ProtocolChange& change) {
  return change.risk    ? "Risk"
         : change.logic ? change.kind
                        : "texts and sources only";
}

}  // namespace

absl::StatusOr<std::string> Draw(const Protocol& protocol,
                                 const DiagramOptions& options) {
  if (!IsLanguage(options.language)) {
    return InvalidInput(absl::StrCat(
        "`", ToAbsl(protocol::ShownText(options.language).substr(0, 80)),
        "` is not written as a language; for example \"sv\" or \"en-GB\""));
  }
  const protocol::Picture picture =
      protocol::PictureOf(Compiled(protocol), options.language);
  switch (options.format) {
    case DiagramFormat::kSvg:
      break;
    case DiagramFormat::kDot:
      return DrawDot(picture);
    case DiagramFormat::kMermaid:
      return DrawMermaid(picture);
  }
  return DrawSvg(picture);
}

ProtocolDiff CompareProtocols(const Protocol& before, const Protocol& after) {
  const protocol::Protocol& from = Compiled(before);
  const protocol::Protocol& to = Compiled(after);
  ProtocolDiff diff = protocol::Compare(from, to);
  if (from.id == to.id && from.hash != to.hash) {
    diff.migration = host::DraftOf(from, to);
  }
  return diff;
}

std::string ToJson(const ProtocolDiff& diff) {
  json::Writer w;
  w.BeginObject();
  WriteEnd(w, "before", diff.before);
  WriteEnd(w, "after", diff.after);
  w.Key("logic_changed").Bool(diff.logic_changed());
  w.Key("changes").BeginArray();
  for (const ProtocolChange& change : diff.changes) {
    w.BeginObject();
    w.Key("what").String(WhatName(change.what));
    w.Key("kind").String(change.kind).Key("subject").String(change.subject);
    w.Key("words").String(change.words);
    if (!change.document.empty()) w.Key("document").String(change.document);
    w.Key("pointer").String(change.pointer);
    if (!change.before.empty()) w.Key("before").Raw(change.before);
    if (!change.after.empty()) w.Key("after").Raw(change.after);
    w.Key("logic").Bool(change.logic).Key("risk").Bool(change.risk);
    w.EndObject();
  }
  w.EndArray();
  if (diff.migration) {
    w.Key("migration");
    host::WriteDraft(w, *diff.migration);
  }
  w.Key("text").String(ToText(diff));
  w.EndObject();
  return w.Take();
}

std::string ToText(const ProtocolDiff& diff) {
  const auto name = [](const ProtocolDiff::End& end) {
    return absl::StrCat(end.id, " ", end.version, " (", end.status, ")");
  };
  std::string out = absl::StrCat(name(diff.before), " -> ", name(diff.after),
                                 diff.logic_changed() ? ": the logic differs\n"
                                 : diff.changes.empty()
                                     ? ": the same\n"
                                     : ": texts only, the logic is the same\n");
  std::string heading;
  for (const ProtocolChange& change : diff.changes) {
    if (HeadingOf(change) != heading) {
      heading = HeadingOf(change);
      absl::StrAppend(&out, heading, "\n");
    }
    absl::StrAppend(&out, change.risk ? "! " : "  ", change.words,
                    change.risk && !change.logic ? " (text only)" : "", "\n");
  }
  return out;
}

}  // namespace stepwell
