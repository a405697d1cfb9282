#include "lib/exposition/open_metrics_parser.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace rollcall::exposition {

namespace {

constexpr std::string_view end_line = "# EOF";

struct keyword {
  std::string_view line_begin;
  entry kind = entry::end;
  std::string_view expected_behind;
};

constexpr std::array<keyword, 3> keywords = {{
    {"# HELP ", entry::help, "a metric name after HELP"},
    {"# TYPE ", entry::type, "a metric name after TYPE"},
    {"# UNIT ", entry::unit, "a metric name after UNIT"},
}};

}  // namespace

result<open_metrics_parser::entry> open_metrics_parser::next() {
  for (;;) {
    size_t start = reader_.position();
    auto read = read_entry();
    if (!read || *read == entry::end) reader_.seek(start);
    bool is_passed_over = read && *read == entry::sample && rule_ == start_times::apart && is_start_time();
    if (!is_passed_over) return read;
  }
}

bool open_metrics_parser::is_start_time() const { return has_start_time(type_) && without_created(name().text); }

result<open_metrics_parser::entry> open_metrics_parser::read_entry() {
  if (reader_.at_end()) return reader_.expected("'# EOF'");
  return reader_.peek() == '#' ? hash_line() : sample();
}

result<open_metrics_parser::entry> open_metrics_parser::hash_line() {
  std::string_view rest = reader_.rest();
  if (rest.starts_with(end_line)) return end_of_text();
  for (const auto& keyword : keywords) {
    if (!rest.starts_with(keyword.line_begin)) continue;
    reader_.seek(reader_.position() + keyword.line_begin.size());
    return metadata(keyword.kind, keyword.expected_behind);
  }
  return reader_.expected("'# ' and HELP, TYPE, UNIT or EOF");
}

result<open_metrics_parser::entry> open_metrics_parser::end_of_text() {
  reader_.seek(reader_.position() + end_line.size());
  reader_.take('\n');
  if (!reader_.at_end()) return reader_.expected("nothing after '# EOF'");
  return entry::end;
}

result<open_metrics_parser::entry> open_metrics_parser::metadata(entry kind, std::string_view expected_name) {
  auto family = read_open_metrics_name(reader_, token_reader::colons::allowed, expected_name);
  if (!family) return tl::unexpected(family.error());
  if (!reader_.take(' ')) return reader_.expected("a space after the metric name");
  std::string_view text = reader_.take_line();
  if (reader_.at_end()) return reader_.expected("a newline");
  if (auto taken = take_metadata(kind, *family, text); !taken) return tl::unexpected(taken.error());
  family_ = *family;
  reader_.pass_newline();
  return kind;
}

result<void> open_metrics_parser::take_metadata(entry kind, const token& family, std::string_view text) {
  if (kind == entry::help) {
    if (!is_valid_utf8(text)) return reader_.refused("the help text is not valid UTF-8");
    help_ = {text, text.find('\\') != std::string_view::npos};
  } else if (kind == entry::type) {
    auto type = metric_type_of(text);
    if (!type) return reader_.refused("invalid metric type " + excerpt_of(text));
    type_ = *type;
  } else {
    if (!is_unit_of(family.text, text)) {
      return reader_.refused("unit " + excerpt_of(text) + " is no suffix of metric " + excerpt_of(family.text));
    }
    unit_ = text;
  }
  return {};
}

result<open_metrics_parser::entry> open_metrics_parser::sample() {
  sample_at_ = reader_.position();
  braces_.labels.clear();
  braces_.metric_name.reset();
  token bare_name{reader_.take_name(token_reader::colons::allowed), false};
  if (!bare_name.text.empty()) {
    braces_.metric_name = bare_name;
  } else if (reader_.peek() != '{') {
    return reader_.expected("a metric name, '{' or '# ' at the start of a line");
  }
  if (reader_.peek() == '{') {
    if (auto read = read_braces(reader_, braces_); !read) return tl::unexpected(read.error());
  }
  series_text_ = reader_.body().substr(sample_at_, reader_.position() - sample_at_);
  if (!braces_.metric_name) return reader_.refused("metric name not set in " + excerpt_of(series_text_));
  if (auto read = rest_of_sample(); !read) return tl::unexpected(read.error());
  return entry::sample;
}

result<void> open_metrics_parser::rest_of_sample() {
  auto value = read_number(reader_, "a number as value");
  if (!value) return tl::unexpected(value.error());
  value_bits_ = value_bits_of(*value);
  timestamp_.reset();
  exemplar_.reset();
  if (reader_.peek() != '\n' && !begins_exemplar(reader_.rest())) {
    auto timestamp = read_timestamp(reader_);
    if (!timestamp) return tl::unexpected(timestamp.error());
    timestamp_ = *timestamp;
  }
  if (begins_exemplar(reader_.rest())) {
    reader_.take(' ');
    auto exemplar = read_exemplar(reader_);
    if (!exemplar) return tl::unexpected(exemplar.error());
    exemplar_ = std::move(*exemplar);
  }
  if (reader_.at_end()) return reader_.expected("a newline and '# EOF'");
  if (!reader_.take('\n')) return reader_.expected("an exemplar or the end of the line");
  return {};
}

void open_metrics_parser::append_labels(std::vector<std::pair<std::string, std::string>>& out) const {
  append_plain_labels(out, name(), braces_.labels, type_);
}

exemplar open_metrics_parser::exemplar() const {
  ROLLCALL_ASSERT(has_exemplar());
  return exemplar_->plain();
}

std::optional<int64_t> open_metrics_parser::start_timestamp() {
  if (rule_ != start_times::apart || !has_start_time(type_)) return std::nullopt;
  if (!start_times_.covers(sample_at_)) {
    start_times_.begin(sample_at_);
    open_metrics_parser ahead(reader_.body());
    ahead.seek(sample_at_);
    for (auto read = ahead.next(); read == entry::sample; read = ahead.next()) {
      auto family = without_created(ahead.raw_name());
      auto seconds = std::bit_cast<double>(ahead.value_bits());
      if (!family || !std::isfinite(seconds)) continue;
      start_times_.add(ahead.sample_at_, *family, ahead.braces_.labels, type_, milliseconds_of(seconds));
    }
    start_times_.finish(ahead.position());
  }
  return start_times_.find(sample_at_, raw_name(), braces_.labels, type_);
}

}  // namespace rollcall::exposition
