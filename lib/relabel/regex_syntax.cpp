#include "lib/relabel/regex_syntax.hpp"

#include "lib/base/utf8.hpp"

#include <algorithm>

namespace rollcall::relabel {

namespace {

tl::unexpected<error> syntax_error(std::string_view what, std::string_view where) {
  return fail(errc::syntax, "error parsing regexp: " + std::string(what) + ": `" + std::string(where) + "`");
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool is_ascii_punctuation(char c) { return c > ' ' && c < 0x7F && (!is_word(c) || c == '_'); }

// Walks over an expression, piece by piece, and writes the translation.
class translator {
 public:
  explicit translator(std::string_view text) : text_(text) {}

  result<std::string> run() {
    while (at_ < text_.size()) {
      result<void> done = piece();
      if (!done) return tl::unexpected(std::move(done.error()));
    }
    return std::move(out_);
  }

 private:
  result<void> piece() {
    switch (text_[at_]) {
      case '\\':
        return escape();
      case '[':
        copy(class_length());
        return {};
      case '(':
        return open();
      case ')':
        if (depth_ == 0) return syntax_error("unexpected )", text_);
        --depth_;
        copy(1);
        return {};
      default:
        copy(1);
        return {};
    }
  }

  result<void> escape() {
    char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (next == 'C') return syntax_error("invalid escape sequence", "\\C");
    if (next == 'Q') {
      size_t end = text_.find("\\E", at_ + 2);
      copy(end == std::string_view::npos ? text_.size() - at_ : end + 2 - at_);
    } else if (next == '_') {
      out_ += '_';
      at_ += 2;
    } else {
      copy(std::min<size_t>(2, text_.size() - at_));
    }
    return {};
  }

  result<void> open() {
    ++depth_;
    std::string_view rest = text_.substr(at_);
    size_t name = rest.starts_with("(?P<") ? 4 : 3;
    bool named = name == 4 || (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!"));
    if (!named) {
      copy(1);
      return {};
    }
    size_t end = rest.find('>');
    if (end == std::string_view::npos) return syntax_error("invalid named capture", rest);
    std::string_view chars = rest.substr(name, end - name);
    if (chars.empty() || !std::all_of(chars.begin(), chars.end(), is_word)) {
      return syntax_error("invalid named capture", rest.substr(0, end + 1));
    }
    out_ += "(?P<";
    out_ += chars;
    out_ += '>';
    at_ += end + 1;
    return {};
  }

  // The bytes of the class at the front, brackets included; all the rest when it does not end.
  size_t class_length() const {
    size_t i = at_ + 1;
    if (i < text_.size() && text_[i] == '^') ++i;
    for (bool first = true; i < text_.size(); first = false) {
      if (text_[i] == ']' && !first) return i + 1 - at_;
      if (text_[i] == '\\') {
        i += 2;
        continue;
      }
      size_t named = text_.substr(i).starts_with("[:") ? text_.find(":]", i + 2) : std::string_view::npos;
      i = named == std::string_view::npos ? i + 1 : named + 2;
    }
    return text_.size() - at_;
  }

  void copy(size_t bytes) {
    out_.append(text_.substr(at_, bytes));
    at_ += bytes;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;
  std::string out_;
};

// The text that a pattern without operators stands for.
std::optional<std::string> to_literal(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      if (++i == pattern.size() || !is_ascii_punctuation(pattern[i])) return std::nullopt;
    } else if (std::string_view(".+*?()|[]{}^$").find(pattern[i]) != std::string_view::npos) {
      return std::nullopt;
    }
    out += pattern[i];
  }
  return out;
}

// The alternatives of `a|b|c`; an escaped bar does not separate.
std::vector<std::string_view> split_alternatives(std::string_view pattern) {
  std::vector<std::string_view> pieces;
  size_t from = 0;
  for (size_t i = 0; i <= pattern.size(); ++i) {
    if (i < pattern.size() && pattern[i] == '\\') {
      ++i;
    } else if (i == pattern.size() || pattern[i] == '|') {
      pieces.push_back(pattern.substr(from, i - from));
      from = i + 1;
    }
  }
  // An escape at the very end jumps over the end.
  if (from <= pattern.size()) pieces.push_back(pattern.substr(from));
  return pieces;
}

std::optional<simple_regex> to_alternation(std::string_view pattern) {
  simple_regex out;
  bool group = pattern.size() >= 2 && pattern.front() == '(' && pattern.back() == ')';
  if (group) {
    pattern = pattern.substr(1, pattern.size() - 2);
    out.captures = !pattern.starts_with("?:");
    if (!out.captures) pattern.remove_prefix(2);
  }
  for (std::string_view piece : split_alternatives(pattern)) {
    auto literal = to_literal(piece);
    if (!literal) return std::nullopt;
    out.literals.push_back(std::move(*literal));
  }
  std::sort(out.literals.begin(), out.literals.end());
  out.literals.erase(std::unique(out.literals.begin(), out.literals.end()), out.literals.end());
  return out;
}

std::optional<simple_regex> to_prefix(std::string_view pattern) {
  simple_regex out;
  out.captures = pattern.ends_with(')');
  std::string_view tail = pattern.substr(pattern.size() - std::min<size_t>(pattern.size(), out.captures ? 4 : 2));
  if (tail == ".*" || tail == "(.*)") {
    out.tail = simple_regex::rest::any;
  } else if (tail == ".+" || tail == "(.+)") {
    out.tail = simple_regex::rest::some;
  } else {
    return std::nullopt;
  }
  auto literal = to_literal(pattern.substr(0, pattern.size() - tail.size()));
  if (!literal) return std::nullopt;
  out.literals.push_back(std::move(*literal));
  return out;
}

}  // namespace

result<std::string> to_re2(std::string_view go_regex) { return translator(go_regex).run(); }

std::optional<simple_regex> to_simple(std::string_view go_regex) {
  // Invalid text is an error for the full parser, and U+FFFD matches any byte that is not UTF-8.
  if (!is_valid_utf8(go_regex) || go_regex.find("\xEF\xBF\xBD") != std::string_view::npos) return std::nullopt;
  if (auto prefix = to_prefix(go_regex)) return prefix;
  return to_alternation(go_regex);
}

}  // namespace rollcall::relabel
