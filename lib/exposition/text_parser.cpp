#include "lib/exposition/text_parser.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <algorithm>
#include <cstring>

namespace rollcall::exposition {

namespace {

// How much of the body an error message may quote.
constexpr size_t excerpt_bytes_max = 60;

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

// Resolves \\ and \n, and \" where quotes are escaped; every other backslash stands for itself.
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

constexpr std::string_view escapable_in_quotes = "\\n\"";
constexpr std::string_view escapable_in_help = "\\n";

}  // namespace

std::string_view to_string(metric_type type) {
  switch (type) {
    case metric_type::counter:
      return "counter";
    case metric_type::gauge:
      return "gauge";
    case metric_type::histogram:
      return "histogram";
    case metric_type::summary:
      return "summary";
    // The text format does not know the others.
    case metric_type::unknown:
    case metric_type::gauge_histogram:
    case metric_type::info:
    case metric_type::stateset:
      break;
  }
  return "untyped";
}

tl::unexpected<error> text_parser::refused(std::string_view what) const {
  size_t here = std::min(at_, body_.size());
  auto line = 1 + std::count(body_.begin(), body_.begin() + static_cast<std::ptrdiff_t>(here), '\n');
  return fail(errc::syntax, "line " + std::to_string(line) + ": " + std::string(what));
}

tl::unexpected<error> text_parser::expected(std::string_view what) const {
  if (at_end()) return refused("expected " + std::string(what) + ", got the end of the text");
  std::string_view rest = body_.substr(at_, excerpt_bytes_max);
  if (rest.front() == '\n') return refused("expected " + std::string(what) + ", got the end of the line");
  return refused("expected " + std::string(what) + ", got " + quoted(rest.substr(0, rest.find('\n'))));
}

void text_parser::skip_blanks() {
  while (at_ < body_.size() && is_blank(body_[at_])) ++at_;
}

void text_parser::pass_newline() { at_ = std::min(at_ + 1, body_.size()); }

std::string_view text_parser::take_name(bool with_colon) {
  size_t first = at_;
  auto starts = [&](char c) { return is_name_start(c) || (with_colon && c == ':'); };
  if (at_end() || !starts(body_[at_])) return {};
  while (at_ < body_.size() && (starts(body_[at_]) || is_name_part(body_[at_]))) ++at_;
  return body_.substr(first, at_ - first);
}

std::optional<text_parser::token> text_parser::take_quoted() {
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

result<text_parser::entry> text_parser::next() {
  for (;;) {
    skip_blanks();
    if (at_end() || body_[at_] == '\0') return entry::end;
    if (body_[at_] != '\n') break;
    ++at_;
  }
  size_t start = at_;
  auto read = body_[at_] == '#' ? comment() : sample();
  if (!read) at_ = start;
  return read;
}

result<text_parser::entry> text_parser::comment() {
  ++at_;
  if (is_blank(peek())) {
    skip_blanks();
    std::string_view keyword = body_.substr(at_, 4);
    bool is_keyword = (keyword == "HELP" || keyword == "TYPE") && at_ + 4 < body_.size() && is_blank(body_[at_ + 4]);
    if (is_keyword) {
      at_ += 4;
      skip_blanks();
      return metadata(keyword == "HELP" ? entry::help : entry::type);
    }
  }
  at_ = std::min(body_.find('\n', at_), body_.size());
  pass_newline();
  return entry::comment;
}

result<text_parser::entry> text_parser::metadata(entry kind) {
  token name;
  if (auto quoted_name = take_quoted()) {
    name = *quoted_name;
  } else {
    name.text = take_name(true);
    if (name.text.empty()) return expected(kind == entry::help ? "metric name after HELP" : "metric name after TYPE");
  }
  size_t end = std::min(body_.find('\n', at_), body_.size());
  // One character parts the name from the text, whatever it is.
  std::string_view text = at_ < end ? body_.substr(at_ + 1, end - at_ - 1) : std::string_view();
  // A rest of nothing but blanks is no text.
  if (std::all_of(text.begin(), text.end(), is_blank) && is_blank(peek())) text = {};
  if (kind == entry::type) {
    if (auto set = set_type_from(text); !set) return tl::unexpected(set.error());
  } else {
    if (!is_valid_utf8(text)) return refused("the help text is not valid UTF-8");
    help_ = text;
  }
  family_ = name;
  at_ = end;
  pass_newline();
  return kind;
}

result<void> text_parser::set_type_from(std::string_view text) {
  for (auto type :
       {metric_type::counter, metric_type::gauge, metric_type::histogram, metric_type::summary, metric_type::unknown}) {
    if (text == to_string(type)) {
      type_ = type;
      return {};
    }
  }
  return refused("invalid metric type " + quoted(text.substr(0, excerpt_bytes_max)));
}

result<text_parser::entry> text_parser::sample() {
  size_t start = at_;
  labels_.clear();
  name_ = {take_name(true), false};
  name_known_ = !name_.text.empty();
  if (!name_known_ && peek() != '{') return expected("a metric name, '{' or '#' at the start of a line");
  size_t text_end = at_;
  skip_blanks();
  if (peek() == '{') {
    ++at_;
    if (auto read = label_list(); !read) return tl::unexpected(read.error());
    text_end = at_;
  }
  series_text_ = body_.substr(start, text_end - start);
  if (!name_known_) return refused("metric name not set in " + quoted(series_text_.substr(0, excerpt_bytes_max)));
  if (auto read = value_and_timestamp(); !read) return tl::unexpected(read.error());
  return entry::sample;
}

result<void> text_parser::label_list() {
  for (;;) {
    skip_blanks();
    if (peek() == '}') {
      ++at_;
      return {};
    }
    token name;
    size_t start = at_;
    auto quoted_name = take_quoted();
    if (quoted_name) {
      name = *quoted_name;
    } else {
      name.text = take_name(false);
      if (name.text.empty()) return expected("a label name or '}'");
    }
    skip_blanks();
    if (quoted_name && (peek() == ',' || peek() == '}')) {
      if (name_known_) {
        at_ = start;
        return refused("metric name already set");
      }
      name_ = name;
      name_known_ = true;
    } else if (auto read = one_label(name); !read) {
      return read;
    }
    skip_blanks();
    if (peek() == ',') ++at_;
  }
}

result<void> text_parser::one_label(const token& name) {
  if (peek() != '=') return expected("'=' after label name " + quoted(name.text.substr(0, excerpt_bytes_max)));
  ++at_;
  skip_blanks();
  size_t start = at_;
  auto value = take_quoted();
  if (!value) return expected("a quoted label value");
  if (!is_valid_utf8(value->text)) {
    at_ = start;
    return refused("the value of label " + quoted(name.text.substr(0, excerpt_bytes_max)) + " is not valid UTF-8");
  }
  labels_.push_back({name, *value});
  return {};
}

result<void> text_parser::value_and_timestamp() {
  skip_blanks();
  size_t first = at_;
  while (!at_end() && !detail::ends_value(body_[at_]) && body_[at_] != '{') ++at_;
  std::string_view text = body_.substr(first, at_ - first);
  if (text.empty()) return expected("a value after the series");
  auto value = parse_number(text);
  if (!value) {
    at_ = first;
    return expected("a number as value");
  }
  value_bits_ = value_bits_of(*value);
  timestamp_.reset();
  skip_blanks();
  if (detail::is_digit(peek())) {
    size_t end = at_;
    while (end < body_.size() && detail::is_digit(body_[end])) ++end;
    std::string digits(body_.substr(at_, end - at_));
    digits += '\n';
    const char* p = digits.data();
    int64_t milliseconds = 0;
    if (!scan_timestamp(p, milliseconds)) return expected("a timestamp that fits into 63 bits");
    timestamp_ = milliseconds;
    at_ = end;
    skip_blanks();
    if (peek() != '\n') return expected("the end of the line after the timestamp");
  }
  if (peek() != '\n') return expected("a timestamp or the end of the line");
  pass_newline();
  return {};
}

std::string text_parser::family() const {
  return family_.escaped ? unescape(family_.text, escapable_in_quotes) : std::string(family_.text);
}

std::string text_parser::help() const { return unescape(help_, escapable_in_help); }

void text_parser::append_labels(std::vector<std::pair<std::string, std::string>>& out) const {
  auto plain = [](const token& from) {
    return from.escaped ? unescape(from.text, escapable_in_quotes) : std::string(from.text);
  };
  out.emplace_back(metric_name_label, plain(name_));
  for (const auto& [name, value] : labels_) {
    auto& [plain_name, plain_value] = out.emplace_back(plain(name), plain(value));
    bool is_number = (type_ == metric_type::histogram && plain_name == "le") ||
                     (type_ == metric_type::summary && plain_name == "quantile");
    if (!is_number) continue;
    if (auto number = parse_number(plain_value)) {
      plain_value.clear();
      append_open_metrics_number(plain_value, *number);
    }
  }
}

}  // namespace rollcall::exposition
