#include "lib/relabel/regex.hpp"

#include "lib/base/utf8.hpp"
#include "lib/labels/code_point.hpp"

#include <algorithm>
#include <array>

namespace rollcall::relabel {

namespace {

// RE2 spends this much on a compiled expression and on the automaton that it grows while it matches. Its own default is
// below what Go compiles, such as \pL{1,500}; the larger budget is for expressions that need it and no others.
constexpr int64_t large_expression_bytes_max = 128 << 20;

std::string_view go_wording(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

std::string_view to_view(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

// Few enough captures for the stack in nearly all rules, any number from the heap in the others.
bool run(const re2::RE2& compiled, std::string_view text, std::span<std::string_view> captures) {
  std::array<re2::StringPiece, 8> few;
  std::vector<re2::StringPiece> many;
  re2::StringPiece* groups = few.data();
  size_t wanted = std::min(captures.size(), static_cast<size_t>(compiled.NumberOfCapturingGroups()) + 1);
  if (wanted > few.size()) {
    many.resize(wanted);
    groups = many.data();
  }
  if (!compiled.Match(text, 0, text.size(), re2::RE2::ANCHOR_BOTH, groups, static_cast<int>(wanted))) return false;
  for (size_t i = 0; i < captures.size(); ++i) captures[i] = i < wanted ? to_view(groups[i]) : std::string_view();
  return true;
}

}  // namespace

result<regex> regex::compile(std::string_view text) {
  regex out;
  out.simple_ = to_simple(text);
  if (out.simple_) {
    out.groups_ = out.simple_->captures ? 1 : 0;
    return out;
  }
  auto translated = to_re2(text);
  if (!translated) return tl::unexpected(std::move(translated.error()));
  auto anchored = "^(?s:" + *translated + ")$";
  re2::RE2::Options options;
  options.set_log_errors(false);
  out.compiled_ = std::make_unique<const re2::RE2>(anchored, options);
  if (out.compiled_->error_code() == re2::RE2::ErrorPatternTooLarge) {
    options.set_max_mem(large_expression_bytes_max);
    out.compiled_ = std::make_unique<const re2::RE2>(anchored, options);
  }
  if (!out.compiled_->ok()) {
    return fail(errc::syntax, "error parsing regexp: " + std::string(go_wording(out.compiled_->error_code())) + ": `" +
                                  out.compiled_->error_arg() + "`");
  }
  out.groups_ = static_cast<size_t>(out.compiled_->NumberOfCapturingGroups());
  return out;
}

bool regex::matches_simple(std::string_view text) const {
  const auto& literals = simple_->literals;
  if (simple_->tail == simple_regex::rest::none) return std::binary_search(literals.begin(), literals.end(), text);
  size_t least = literals.front().size() + (simple_->tail == simple_regex::rest::some ? 1 : 0);
  return text.size() >= least && text.starts_with(literals.front());
}

bool regex::matches(std::string_view text) const { return match(text, {}); }

bool regex::match(std::string_view text, std::span<std::string_view> captures) const {
  if (!simple_) return is_valid_utf8(text) ? run(*compiled_, text, captures) : match_invalid_utf8(text, captures);
  if (!matches_simple(text)) return false;
  std::fill(captures.begin(), captures.end(), std::string_view());
  if (!captures.empty()) captures[0] = text;
  if (captures.size() > 1 && simple_->captures) {
    bool whole = simple_->tail == simple_regex::rest::none;
    captures[1] = whole ? text : text.substr(simple_->literals.front().size());
  }
  return true;
}

// RE2 lets no operator match a byte that is not UTF-8; Go reads it as U+FFFD. So does this: it matches a repaired copy,
// then finds the places of the captures in the original.
bool regex::match_invalid_utf8(std::string_view text, std::span<std::string_view> captures) const {
  std::string repaired;
  std::vector<size_t> origin;  // for every byte of the copy, and its end, the offset in the original
  for (size_t at = 0; at < text.size();) {
    auto [character, bytes] = front_code_point(text.substr(at));
    append_utf8(repaired, character);
    origin.resize(repaired.size(), at);
    at += bytes;
  }
  origin.push_back(text.size());
  if (!run(*compiled_, repaired, captures)) return false;
  for (auto& capture : captures) {
    if (capture.data() == nullptr) continue;
    auto from = static_cast<size_t>(capture.data() - repaired.data());
    size_t start = origin[from];
    capture = text.substr(start, origin[from + capture.size()] - start);
  }
  return true;
}

std::vector<size_t> regex::groups_named(std::string_view name) const {
  std::vector<size_t> indices;
  if (!compiled_) return indices;
  for (const auto& [index, candidate] : compiled_->CapturingGroupNames()) {
    if (candidate == name) indices.push_back(static_cast<size_t>(index));
  }
  return indices;
}

}  // namespace rollcall::relabel
