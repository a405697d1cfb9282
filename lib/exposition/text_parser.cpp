#include "lib/exposition/text_parser.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"

#include <algorithm>

namespace rollcall::exposition {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

void text_parser::skip_blanks() {
  while (is_blank(reader_.peek())) reader_.seek(reader_.position() + 1);
}

result<text_parser::entry> text_parser::next() {
  do {
    skip_blanks();
    if (reader_.at_end() || reader_.peek() == '\0') return entry::end;
  } while (reader_.take('\n'));
  size_t start = reader_.position();
  auto read = reader_.take('#') ? comment() : sample();
  if (!read) reader_.seek(start);
  return read;
}

result<text_parser::entry> text_parser::comment() {
  if (is_blank(reader_.peek())) {
    skip_blanks();
    std::string_view rest = reader_.rest();
    std::string_view keyword = rest.substr(0, 4);
    if ((keyword == "HELP" || keyword == "TYPE") && rest.size() > 4 && is_blank(rest[4])) {
      reader_.seek(reader_.position() + keyword.size());
      skip_blanks();
      return metadata(keyword == "HELP" ? entry::help : entry::type);
    }
  }
  reader_.take_line();
  reader_.pass_newline();
  return entry::comment;
}

result<text_parser::entry> text_parser::metadata(entry kind) {
  token name;
  if (auto quoted_name = reader_.take_quoted()) {
    name = *quoted_name;
  } else {
    name.text = reader_.take_name(token_reader::colons::allowed);
    if (name.text.empty()) {
      return reader_.expected(kind == entry::help ? "metric name after HELP" : "metric name after TYPE");
    }
  }
  bool is_separated = is_blank(reader_.peek());
  std::string_view text = reader_.take_line();
  // One character parts the name from the text, whatever it is.
  if (!text.empty()) text.remove_prefix(1);
  // A rest of nothing but blanks is no text.
  if (is_separated && std::all_of(text.begin(), text.end(), is_blank)) text = {};
  if (kind == entry::type) {
    if (auto set = set_type_from(text); !set) return tl::unexpected(set.error());
  } else {
    if (!is_valid_utf8(text)) return reader_.refused("the help text is not valid UTF-8");
    help_ = text;
  }
  family_ = name;
  reader_.pass_newline();
  return kind;
}

result<void> text_parser::set_type_from(std::string_view text) {
  auto type = metric_type_of_text_name(text);
  if (!type) return reader_.refused("invalid metric type " + excerpt_of(text));
  type_ = *type;
  return {};
}

result<text_parser::entry> text_parser::sample() {
  size_t start = reader_.position();
  labels_.clear();
  name_ = {reader_.take_name(token_reader::colons::allowed), false};
  name_known_ = !name_.text.empty();
  if (!name_known_ && reader_.peek() != '{') {
    return reader_.expected("a metric name, '{' or '#' at the start of a line");
  }
  size_t text_end = reader_.position();
  skip_blanks();
  if (reader_.take('{')) {
    if (auto read = label_list(); !read) return tl::unexpected(read.error());
    text_end = reader_.position();
  }
  series_text_ = reader_.body().substr(start, text_end - start);
  if (!name_known_) return reader_.refused("metric name not set in " + excerpt_of(series_text_));
  if (auto read = value_and_timestamp(); !read) return tl::unexpected(read.error());
  return entry::sample;
}

result<void> text_parser::label_list() {
  for (;;) {
    skip_blanks();
    if (reader_.take('}')) return {};
    token name;
    size_t start = reader_.position();
    auto quoted_name = reader_.take_quoted();
    if (quoted_name) {
      name = *quoted_name;
    } else {
      name.text = reader_.take_name(token_reader::colons::refused);
      if (name.text.empty()) return reader_.expected("a label name or '}'");
    }
    skip_blanks();
    if (quoted_name && (reader_.peek() == ',' || reader_.peek() == '}')) {
      if (name_known_) {
        reader_.seek(start);
        return reader_.refused("metric name already set");
      }
      name_ = name;
      name_known_ = true;
    } else if (auto read = one_label(name); !read) {
      return read;
    }
    skip_blanks();
    reader_.take(',');
  }
}

result<void> text_parser::one_label(const token& name) {
  if (!reader_.take('=')) return reader_.expected("'=' after label name " + excerpt_of(name.text));
  skip_blanks();
  size_t start = reader_.position();
  auto value = reader_.take_quoted();
  if (!value) return reader_.expected("a quoted label value");
  if (!is_valid_utf8(value->text)) {
    reader_.seek(start);
    return reader_.refused("the value of label " + excerpt_of(name.text) + " is not valid UTF-8");
  }
  labels_.push_back({name, *value});
  return {};
}

result<void> text_parser::value_and_timestamp() {
  skip_blanks();
  std::string_view rest = reader_.rest();
  std::string_view text = rest.substr(0, rest.find_first_of(" \t\n{"));
  if (text.empty()) return reader_.expected("a value after the series");
  auto value = parse_number(text);
  if (!value) return reader_.expected("a number as value");
  value_bits_ = value_bits_of(*value);
  reader_.seek(reader_.position() + text.size());
  timestamp_.reset();
  skip_blanks();
  if (detail::is_digit(reader_.peek())) {
    rest = reader_.rest();
    std::string digits(rest.substr(0, rest.find_first_not_of("0123456789")));
    size_t count = digits.size();
    digits += '\n';
    const char* p = digits.data();
    int64_t milliseconds = 0;
    if (!scan_timestamp(p, milliseconds)) return reader_.expected("a timestamp that fits into 63 bits");
    timestamp_ = milliseconds;
    reader_.seek(reader_.position() + count);
    skip_blanks();
    if (reader_.peek() != '\n') return reader_.expected("the end of the line after the timestamp");
  }
  if (reader_.peek() != '\n') return reader_.expected("a timestamp or the end of the line");
  reader_.pass_newline();
  return {};
}

std::string text_parser::family() const { return family_.plain(); }

std::string text_parser::help() const { return unescape_help(help_); }

void text_parser::append_labels(std::vector<std::pair<std::string, std::string>>& out) const {
  append_plain_labels(out, name_, labels_, type_);
}

}  // namespace rollcall::exposition
