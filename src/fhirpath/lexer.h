// Internal: text to tokens.
#ifndef STEPWELL_FHIRPATH_LEXER_H_
#define STEPWELL_FHIRPATH_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "fhirpath/value.h"

namespace stepwell::fhirpath {

enum class Token : uint8_t {
  kEnd,
  kError,
  kIdentifier,  // plain word, keywords included
  kQuoted,      // `delimited`: text is unescaped
  kString,      // 'text': unescaped
  kInteger,
  kDecimal,
  kTemporal,  // @...: in `value`
  kVariable,  // %name, %`name`, %'name'
  kDollar,    // $this, $index, $total: text without $
  kSymbol,    // punctuation and operators: in `text`
};

struct TokenInfo {
  Token token = Token::kEnd;
  std::string text;  // unescaped, or the error's message
  Value value;       // of temporals
  uint32_t begin = 0;
  uint32_t end = 0;
  bool is(std::string_view symbol) const {
    return token == Token::kSymbol && text == symbol;
  }
  bool word(std::string_view w) const {
    return token == Token::kIdentifier && text == w;
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  // The next token; after kEnd or kError always the same again.
  TokenInfo Next();

 private:
  bool SkipSpace(TokenInfo* token);  // false: an unclosed comment
  void Word(TokenInfo* token);
  void Quoted(char quote, Token kind, TokenInfo* token);
  bool Escape(TokenInfo* token);
  void Number(TokenInfo* token);
  void Temporal(TokenInfo* token);
  void Prefixed(TokenInfo* token);
  void Symbol(TokenInfo* token);
  void Error(TokenInfo* token, std::string message);
  char Peek(size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
  }

  std::string_view text_;
  size_t pos_ = 0;
};

// Appends `code` as UTF-8.
void AppendUtf8(uint32_t code, std::string* out);

}  // namespace stepwell::fhirpath

#endif  // STEPWELL_FHIRPATH_LEXER_H_
