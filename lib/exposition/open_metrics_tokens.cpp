#include "lib/exposition/open_metrics_tokens.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/number.hpp"

#include <cmath>

namespace rollcall::exposition {

namespace {

constexpr std::string_view exemplar_begin = "# {";

bool contains(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

result<token> read_label_value(token_reader& reader) {
  size_t start = reader.position();
  auto value = reader.take_quoted();
  if (!value || contains(value->text, '\n')) {
    reader.seek(start);
    return reader.expected("a label value in quotes that ends within the line");
  }
  if (!is_valid_utf8(value->text)) return reader.refused("a label value is not valid UTF-8");
  return *value;
}

// What follows the space at the reader's place, up to the next space or the end of the line.
std::string_view word_after_space(const token_reader& reader) {
  std::string_view rest = reader.rest();
  if (!rest.starts_with(' ')) return {};
  rest.remove_prefix(1);
  return rest.substr(0, rest.find_first_of(" \n"));
}

}  // namespace

exemplar raw_exemplar::plain() const {
  exemplar out;
  out.labels.reserve(labels.size());
  for (const auto& label : labels) out.labels.emplace_back(label.name.plain(), label.value.plain());
  out.value_bits = value_bits;
  out.timestamp = timestamp;
  return out;
}

bool is_unit_of(std::string_view family, std::string_view unit) {
  if (unit.empty()) return true;
  if (!family.ends_with(unit)) return false;
  family.remove_suffix(unit.size());
  return family.ends_with('_');
}

result<token> read_open_metrics_name(token_reader& reader, token_reader::colons rule, std::string_view what) {
  size_t start = reader.position();
  if (auto name = reader.take_quoted()) {
    if (!contains(name->text, '\0')) return *name;
    reader.seek(start);
  }
  token name{reader.take_name(rule), false};
  if (name.text.empty()) return reader.expected(what);
  return name;
}

result<void> read_braces(token_reader& reader, raw_braces& braces) {
  if (!reader.take('{')) return reader.expected("'{'");
  while (!reader.take('}')) {
    bool is_quoted = reader.peek() == '"';
    auto name = read_open_metrics_name(reader, token_reader::colons::refused, "a label name or '}'");
    if (!name) return tl::unexpected(name.error());
    bool has_value = !is_quoted || (reader.peek() != ',' && reader.peek() != '}');
    if (has_value) {
      if (!reader.take('=')) return reader.expected("'=' after label name " + excerpt_of(name->text));
      auto value = read_label_value(reader);
      if (!value) return tl::unexpected(value.error());
      braces.labels.push_back({*name, *value});
    } else {
      if (braces.metric_name) return reader.refused("metric name already set");
      braces.metric_name = *name;
    }
    if (!reader.take(',') && reader.peek() != '}') return reader.expected("',' or '}'");
  }
  return {};
}

result<double> read_number(token_reader& reader, std::string_view what) {
  std::string_view text = word_after_space(reader);
  auto number = parse_number(text);
  if (!number) return reader.expected("a space and " + std::string(what));
  reader.seek(reader.position() + 1 + text.size());
  return *number;
}

result<int64_t> read_timestamp(token_reader& reader) {
  auto seconds = read_number(reader, "a timestamp in seconds");
  if (!seconds) return tl::unexpected(seconds.error());
  if (!std::isfinite(*seconds)) return reader.refused("a timestamp is not finite");
  return milliseconds_of(*seconds);
}

bool begins_exemplar(std::string_view rest) {
  return rest.starts_with(' ') && rest.substr(1).starts_with(exemplar_begin);
}

result<raw_exemplar> read_exemplar(token_reader& reader) {
  if (!reader.rest().starts_with(exemplar_begin)) return reader.expected("'# {' of an exemplar");
  size_t start = reader.position() + exemplar_begin.size() - 1;
  reader.seek(start);
  raw_braces braces;
  if (auto read = read_braces(reader, braces); !read) return tl::unexpected(read.error());
  std::string_view text = reader.body().substr(start, reader.position() - start);
  if (braces.metric_name || contains(text, '\n') || contains(text, '\0')) {
    reader.seek(start);
    return reader.expected("labels of an exemplar");
  }
  raw_exemplar read;
  read.labels = std::move(braces.labels);
  auto value = read_number(reader, "the value of the exemplar");
  if (!value) return tl::unexpected(value.error());
  read.value_bits = value_bits_of(*value);
  if (reader.peek() != '\n') {
    auto timestamp = read_timestamp(reader);
    if (!timestamp) return tl::unexpected(timestamp.error());
    read.timestamp = *timestamp;
  }
  if (reader.peek() != '\n') return reader.expected("the end of the line after the exemplar");
  return read;
}

result<exemplar> parse_exemplar(std::string_view text) {
  token_reader reader(text);
  auto read = read_exemplar(reader);
  if (!read) return tl::unexpected(read.error());
  if (!reader.at_end()) return reader.expected("one exemplar alone");
  return read->plain();
}

}  // namespace rollcall::exposition
