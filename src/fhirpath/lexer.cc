#include "fhirpath/lexer.h"

namespace stepwell::fhirpath {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendUtf8(uint32_t code, std::string* out) {
  const auto add = [out](uint32_t byte) { *out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

TokenInfo Lexer::Next() {
  TokenInfo token;
  if (!SkipSpace(&token)) return token;
  token.begin = static_cast<uint32_t>(pos_);
  const char c = Peek();
  if (pos_ >= text_.size()) {
    token.token = Token::kEnd;
  } else if (IsLetter(c)) {
    Word(&token);
  } else if (IsDigit(c)) {
    Number(&token);
  } else if (c == '\'') {
    Quoted('\'', Token::kString, &token);
  } else if (c == '`') {
    Quoted(c, Token::kQuoted, &token);
  } else if (c == '@') {
    Temporal(&token);
  } else if (c == '%' || c == '$') {
    Prefixed(&token);
  } else {
    Symbol(&token);
  }
  token.end = static_cast<uint32_t>(pos_);
  return token;
}

bool Lexer::SkipSpace(TokenInfo* token) {
  while (pos_ < text_.size()) {
    const char c = text_[pos_];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++pos_;
    } else if (c == '/' && Peek(1) == '/') {
      while (pos_ < text_.size() && text_[pos_] != '\n' &&
             text_[pos_] != '\r') {
        ++pos_;
      }
    } else if (c == '/' && Peek(1) == '*') {
      const size_t close = text_.find("*/", pos_ + 2);
      if (close == std::string_view::npos) {
        token->begin = token->end = static_cast<uint32_t>(pos_);
        Error(token, "the comment is not closed with */");
        return false;
      }
      pos_ = close + 2;
    } else {
      break;
    }
  }
  return true;
}

void Lexer::Word(TokenInfo* token) {
  const size_t begin = pos_;
  while (IsLetter(Peek()) || IsDigit(Peek())) ++pos_;
  token->token = Token::kIdentifier;
  token->text = text_.substr(begin, pos_ - begin);
}

void Lexer::Quoted(char quote, Token kind, TokenInfo* token) {
  ++pos_;
  while (pos_ < text_.size() && text_[pos_] != quote) {
    if (text_[pos_] == '\\') {
      if (!Escape(token)) return;
    } else {
      token->text += text_[pos_++];
    }
  }
  if (pos_ >= text_.size()) {
    return Error(token, std::string("the text is not closed with ") + quote);
  }
  ++pos_;
  token->token = kind;
}

bool Lexer::Escape(TokenInfo* token) {
  const char c = Peek(1);
  pos_ += 2;
  switch (c) {
    case '\'':
    case '"':
    case '`':
    case '\\':
    case '/':
      token->text += c;
      return true;
    case 'r':
      token->text += '\r';
      return true;
    case 'n':
      token->text += '\n';
      return true;
    case 't':
      token->text += '\t';
      return true;
    case 'f':
      token->text += '\f';
      return true;
    case 'u':
      break;
    default:
      pos_ -= 2;
      Error(token,
            "unknown escape; known are \\' \\\" \\` \\\\ \\/ \\r \\n "
            "\\t \\f \\uXXXX");
      return false;
  }
  uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexValue(Peek());
    if (digit < 0) {
      Error(token, "\\u needs four hexadecimal digits");
      return false;
    }
    code = code * 16 + static_cast<uint32_t>(digit);
    ++pos_;
  }
  if (code >= 0xD800 && code < 0xDC00 && Peek() == '\\' && Peek(1) == 'u') {
    uint32_t low = 0;
    for (size_t i = 2; i < 6; ++i) {
      const int digit = HexValue(Peek(i));
      low = low * 16 + static_cast<uint32_t>(digit < 0 ? 0 : digit);
    }
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      pos_ += 6;
    }
  }
  if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;  // a lone surrogate
  AppendUtf8(code, &token->text);
  return true;
}

void Lexer::Number(TokenInfo* token) {
  const size_t begin = pos_;
  while (IsDigit(Peek())) ++pos_;
  token->token = Token::kInteger;
  if (Peek() == '.' && IsDigit(Peek(1))) {
    ++pos_;
    while (IsDigit(Peek())) ++pos_;
    token->token = Token::kDecimal;
  }
  token->text = text_.substr(begin, pos_ - begin);
}

void Lexer::Temporal(TokenInfo* token) {
  fhirpath::Temporal value;
  char kind;
  const size_t read = ScanTemporal(text_.substr(pos_ + 1), &value, &kind);
  if (read == 0 || IsLeapSecond(value)) {
    return Error(token,
                 "this is no date, time or date-time; write it as "
                 "@2014-01-31, @T14:30 or @2014-01-31T14:30:00Z");
  }
  pos_ += 1 + read;
  token->token = Token::kTemporal;
  token->value = kind == 'd'   ? Value::Date(value)
                 : kind == 't' ? Value::Time(value)
                               : Value::DateTime(value);
}

void Lexer::Prefixed(TokenInfo* token) {
  const bool variable = Peek() == '%';
  ++pos_;
  if (variable && (Peek() == '`' || Peek() == '\'')) {
    return Quoted(Peek(), Token::kVariable, token);
  }
  if (!IsLetter(Peek())) {
    return Error(token, variable ? "a name must follow %"
                                 : "this, index or total must follow $");
  }
  Word(token);
  token->token = variable ? Token::kVariable : Token::kDollar;
}

void Lexer::Symbol(TokenInfo* token) {
  static constexpr std::string_view kTwo[] = {"<=", ">=", "!=", "!~"};
  for (std::string_view symbol : kTwo) {
    if (text_.substr(pos_, 2) == symbol) {
      token->token = Token::kSymbol;
      token->text = symbol;
      pos_ += 2;
      return;
    }
  }
  static constexpr std::string_view kOne = "+-*/&|<>=~.,()[]{}";
  if (kOne.find(Peek()) == std::string_view::npos) {
    return Error(token, "this character has no meaning here");
  }
  token->token = Token::kSymbol;
  token->text = Peek();
  ++pos_;
}

void Lexer::Error(TokenInfo* token, std::string message) {
  token->token = Token::kError;
  token->text = std::move(message);
  pos_ = text_.size();
}

}  // namespace stepwell::fhirpath
