// Internal: what a document calls its parts, for people. Works on the rendered
// document, so that it knows everything that the document says.
#ifndef STEPWELL_PROTOCOL_DRAW_NAMES_H_
#define STEPWELL_PROTOCOL_DRAW_NAMES_H_

#include <map>
#include <string>
#include <string_view>

#include "json/json.h"
#include "protocol/protocol.h"

namespace stepwell::protocol {

class Names {
 public:
  // Titles in `language`, else in the protocol's own, else in any.
  Names(const Protocol& protocol, std::string_view language);

  json::Value root() const { return document_.root(); }
  // The program of this import name, or absent.
  json::Value Program(std::string_view name) const;
  const std::string& language() const { return language_; }

  // Of a part by its section and id ("routes", "gp"), of a phase as
  // "pathway/intake"; the id itself when it has no title.
  std::string Of(std::string_view section, std::string_view id) const;
  // The `title` (or other text member) of an object; empty when it has none.
  std::string TextOf(json::Value object, std::string_view member) const;

  // "opens Call a silent patient": what an action does, in the library's words
  // of `words` (a language) and the document's names.
  std::string ActionInWords(json::Value action, std::string_view words) const;

 private:
  void Collect();
  void Note(std::string_view section, std::string_view id, json::Value object);
  std::string Operand(std::string_view key, json::Value value,
                      std::string_view words) const;

  std::string language_, own_language_;
  json::Document document_;
  std::map<std::string, json::Document, std::less<>> programs_;
  std::map<std::string, std::string, std::less<>> titles_;  // "routes gp"
};

}  // namespace stepwell::protocol

#endif  // STEPWELL_PROTOCOL_DRAW_NAMES_H_
