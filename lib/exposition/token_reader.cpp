#include "lib/exposition/token_reader.hpp"

#include "lib/exposition/number.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <algorithm>

namespace rollcall::exposition {

namespace {

constexpr std::string_view escapable_in_quotes = "\\n\"";
constexpr std::string_view escapable_in_help = "\\n";

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::string unescape(std::string_view text, std::string_view escapable) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && escapable.find(text[i + 1]) != std::string_view::npos) {
      ++i;
      out += text[i] == 'n' ? '\n' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string excerpt_of(std::string_view text) { return quoted(text.substr(0, excerpt_bytes_max)); }

std::string token::plain() const { return escaped ? unescape(text, escapable_in_quotes) : std::string(text); }

std::string unescape_help(std::string_view text) { return unescape(text, escapable_in_help); }

void append_plain_labels(std::vector<std::pair<std::string, std::string>>& out, const token& name,
                         const std::vector<raw_label>& labels, metric_type type) {
  out.emplace_back(metric_name_label, name.plain());
  for (const auto& label : labels) {
    auto& [plain_name, plain_value] = out.emplace_back(label.name.plain(), label.value.plain());
    bool is_number = (type == metric_type::histogram && plain_name == "le") ||
                     (type == metric_type::summary && plain_name == "quantile");
    if (!is_number) continue;
    if (auto number = parse_number(plain_value)) {
      plain_value.clear();
      append_open_metrics_number(plain_value, *number);
    }
  }
}

bool token_reader::take(char c) {
  if (at_end() || body_[at_] != c) return false;
  ++at_;
  return true;
}

std::string_view token_reader::take_name(colons rule) {
  size_t first = at_;
  auto starts = [rule](char c) { return is_name_start(c) || (rule == colons::allowed && c == ':'); };
  if (at_end() || !starts(body_[at_])) return {};
  while (at_ < body_.size() && (starts(body_[at_]) || detail::is_digit(body_[at_]))) ++at_;
  return body_.substr(first, at_ - first);
}

std::optional<token> token_reader::take_quoted() {
  if (at_end() || body_[at_] != '"') return std::nullopt;
  token taken;
  size_t p = at_ + 1;
  for (; p < body_.size() && body_[p] != '"'; ++p) {
    if (body_[p] != '\\') continue;
    ++p;
    if (p >= body_.size() || body_[p] == '\n') return std::nullopt;
    taken.escaped = true;
  }
  if (p >= body_.size()) return std::nullopt;
  taken.text = body_.substr(at_ + 1, p - at_ - 1);
  at_ = p + 1;
  return taken;
}

std::string_view token_reader::take_line() {
  size_t first = at_;
  at_ = std::min(body_.find('\n', at_), body_.size());
  return body_.substr(first, at_ - first);
}

void token_reader::pass_newline() { at_ = std::min(at_ + 1, body_.size()); }

tl::unexpected<error> token_reader::refused(std::string_view what) const {
  size_t here = std::min(at_, body_.size());
  auto line = 1 + std::count(body_.begin(), body_.begin() + static_cast<std::ptrdiff_t>(here), '\n');
  return fail(errc::syntax, "line " + std::to_string(line) + ": " + std::string(what));
}

tl::unexpected<error> token_reader::expected(std::string_view what) const {
  std::string message = "expected " + std::string(what) + ", got ";
  if (at_end()) return refused(message + "the end of the text");
  std::string_view next = body_.substr(at_, excerpt_bytes_max);
  if (next.front() == '\n') return refused(message + "the end of the line");
  return refused(message + quoted(next.substr(0, next.find('\n'))));
}

}  // namespace rollcall::exposition
