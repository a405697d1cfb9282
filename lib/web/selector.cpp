#include "lib/web/selector.hpp"

#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"
#include "lib/web/selector_lexer.hpp"

#include <algorithm>

namespace rollcall::web {

namespace {

std::string describe(const selector_token& token) {
  switch (token.kind) {
    case word_kind::end:
      return "end of input";
    case word_kind::identifier:
      return "identifier " + quoted(token.text);
    case word_kind::string:
      return "string " + quoted(token.text);
    default:
      return quoted(token.text);
  }
}

match_operation operation_of(std::string_view text) {
  if (text == "=~") return match_operation::regex_match;
  if (text == "!~") return match_operation::regex_no_match;
  return text == "!=" ? match_operation::not_equal : match_operation::equal;
}

/// Reads one selector, word by word.
class selector_parser {
 public:
  explicit selector_parser(std::string_view text) : lexer_(text) {}

  result<std::vector<matcher>> parse();

 private:
  result<void> advance();
  result<void> parse_braces();
  /// One condition, with the current token at its label name.
  result<void> parse_matcher();
  result<void> parse_condition(const selector_token& name);
  tl::unexpected<error> unexpected(const std::string& rest) const {
    return lexer_.fail_at(token_.position, "unexpected " + describe(token_) + rest);
  }
  result<void> add(std::string name, match_operation operation, const selector_token& value);

  selector_lexer lexer_;
  selector_token token_;
  std::vector<matcher> matchers_;
};

result<void> selector_parser::advance() {
  auto token = lexer_.next();
  if (!token) return tl::unexpected(token.error());
  token_ = std::move(*token);
  return {};
}

result<std::vector<matcher>> selector_parser::parse() {
  if (auto done = advance(); !done) return tl::unexpected(done.error());
  if (token_.kind == word_kind::identifier) {
    matchers_.push_back({std::string(metric_name_label), match_operation::equal, std::string(token_.text), {}});
    if (auto done = advance(); !done) return tl::unexpected(done.error());
  } else if (token_.kind != word_kind::left_brace) {
    return unexpected("");
  }
  if (token_.kind == word_kind::left_brace) {
    if (auto done = parse_braces(); !done) return tl::unexpected(done.error());
  }
  if (token_.kind != word_kind::end) return unexpected("");
  return std::move(matchers_);
}

result<void> selector_parser::parse_braces() {
  if (auto done = advance(); !done) return done;
  while (token_.kind != word_kind::right_brace) {
    if (token_.kind != word_kind::identifier && token_.kind != word_kind::string) {
      return unexpected(R"( in label matching, expected identifier or "}")");
    }
    if (auto done = parse_matcher(); !done) return done;
    if (token_.kind == word_kind::right_brace) break;
    if (token_.kind != word_kind::comma) return unexpected(R"( in label matching, expected "," or "}")");
    if (auto done = advance(); !done) return done;
  }
  return advance();
}

result<void> selector_parser::parse_matcher() {
  selector_token name = std::move(token_);
  if (auto done = advance(); !done) return done;
  if (token_.kind == word_kind::operation) return parse_condition(name);
  // A string alone is the name of the metric.
  bool alone = token_.kind == word_kind::comma || token_.kind == word_kind::right_brace;
  if (name.kind == word_kind::string && alone) return add(std::string(metric_name_label), match_operation::equal, name);
  return unexpected(" in label matching, expected label matching operator");
}

result<void> selector_parser::parse_condition(const selector_token& name) {
  auto operation = operation_of(token_.text);
  if (auto done = advance(); !done) return done;
  if (token_.kind != word_kind::string) return unexpected(" in label matching, expected string");
  std::string label_name = name.kind == word_kind::string ? name.value : std::string(name.text);
  if (auto done = add(std::move(label_name), operation, token_); !done) return done;
  return advance();
}

result<void> selector_parser::add(std::string name, match_operation operation, const selector_token& value) {
  matcher added{std::move(name), operation, value.value, {}};
  if (operation == match_operation::regex_match || operation == match_operation::regex_no_match) {
    auto compiled = relabel::regex::compile(added.value);
    if (!compiled) return lexer_.fail_at(value.position, compiled.error().message);
    added.regex = std::move(*compiled);
  }
  matchers_.push_back(std::move(added));
  return {};
}

std::string_view value_of(std::span<const label> series, std::string_view name) {
  for (const auto& each : series) {
    if (each.name == name) return each.value;
  }
  return {};
}

}  // namespace

bool matcher::matches(std::string_view text) const {
  switch (operation) {
    case match_operation::equal:
      return text == value;
    case match_operation::not_equal:
      return text != value;
    case match_operation::regex_match:
      return regex->matches(text);
    case match_operation::regex_no_match:
      return !regex->matches(text);
  }
  return false;
}

result<selector> selector::parse(std::string_view text) {
  auto matchers = selector_parser(text).parse();
  if (!matchers) return tl::unexpected(matchers.error());
  selector parsed;
  parsed.matchers_ = std::move(*matchers);
  return parsed;
}

bool selector::matches(std::span<const label> series) const {
  return !matchers_.empty() && std::all_of(matchers_.begin(), matchers_.end(), [series](const matcher& each) {
    return each.matches(value_of(series, each.name));
  });
}

}  // namespace rollcall::web
