#include "lib/web/federate.hpp"

#include "lib/exposition/number.hpp"
#include "lib/exposition/text_writer.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>
#include <tuple>

namespace rollcall::web {

namespace {

/// A label as the text format writes it: the inside of the braces of a series that has nothing else.
std::string label_text(const std::string& name, const std::string& value) {
  std::string text;
  exposition::append_series(text, labels::of({{name, value}}));
  return text.substr(1, text.size() - 2);
}

labels to_labels(std::span<const label> series) {
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(series.size());
  for (const auto& each : series) pairs.emplace_back(each.name, each.value);
  return labels::of(std::move(pairs));
}

std::string_view value_of(std::span<const label> series, std::string_view name) {
  for (const auto& each : series) {
    if (each.name == name) return each.value;
  }
  return {};
}

/// Walks the explicit timestamps of a part along with its values.
class timestamp_cursor {
 public:
  timestamp_cursor(const series::batch_part& part, int64_t common) : part_(part), common_(common) {}

  /// The timestamp of a position; positions must be asked for in rising order.
  int64_t at(size_t position) {
    while (next_ < part_.timestamps.size() && part_.timestamps[next_].position < position) ++next_;
    bool own = next_ < part_.timestamps.size() && part_.timestamps[next_].position == position;
    return own ? part_.timestamps[next_].milliseconds : common_;
  }

 private:
  const series::batch_part& part_;
  int64_t common_;
  size_t next_ = 0;
};

}  // namespace

federation::federation(std::vector<selector> selectors, options options)
    : selectors_(std::move(selectors)), options_(std::move(options)) {
  for (label each : options_.external_labels) {
    std::string name(each.name);
    external_.emplace_back(name, label_text(name, std::string(each.value)));
  }
  if (!options_.external_labels.contains(instance_label)) {
    // Says that the series has no instance, so that nobody takes it for one of this process.
    external_.emplace_back(instance_label, std::string(instance_label) + "=\"\"");
    std::sort(external_.begin(), external_.end());
  }
}

bool federation::wanted(std::span<const label> series) const {
  return std::any_of(selectors_.begin(), selectors_.end(),
                     [series](const selector& each) { return each.matches(series); });
}

result<void> federation::add(const series::scrape_batch& batch) {
  for (const auto& part : batch.parts) {
    if (auto done = add_part(part, batch); !done) return done;
  }
  return {};
}

result<void> federation::add(std::vector<series::written_sample> samples) {
  if (auto room = check_room(samples.size()); !room) return room;
  std::move(samples.begin(), samples.end(), std::back_inserter(entries_));
  return {};
}

result<void> federation::check_room(size_t more) const {
  if (more <= options_.series_max - entries_.size()) return {};
  return fail(errc::limit_exceeded, "more than " + std::to_string(options_.series_max) + " series match");
}

result<void> federation::add_part(const series::batch_part& part, const series::scrape_batch& batch) {
  if (!part.series) return {};
  timestamp_cursor timestamps(part, batch.timestamp);
  std::vector<label> found;
  size_t position = 0;
  for (const auto& block : *part.series) {
    for (size_t i = 0; i < block->size(); ++i, ++position) {
      if (position >= part.values.size()) return {};
      series::value_bits bits = part.values[position];
      // The text format has no form for a native histogram.
      bool is_number = bits != series::absent && bits != series::stale_marker && bits != series::histogram_value;
      if (!is_number) continue;
      int64_t timestamp = timestamps.at(position);
      if (timestamp <= options_.now - age_max || timestamp > options_.now) continue;
      found.clear();
      for (uint16_t id : block->pair_ids(i)) found.push_back(series::decode_pair(block->resolve(id, *batch.target)));
      if (!wanted(found)) continue;
      if (auto room = check_room(1); !room) return room;
      add_sample(found, timestamp, bits);
    }
  }
  return {};
}

void federation::add_sample(std::span<const label> series, int64_t timestamp, series::value_bits bits) {
  std::string_view name = value_of(series, metric_name_label);
  if (name.empty()) return;
  std::string text;
  exposition::append_series(text, to_labels(series));
  add_external_labels(text, series);
  entries_.push_back({std::string(name), std::move(text), timestamp, bits});
}

void federation::add_external_labels(std::string& text, std::span<const label> series) const {
  bool open = text.ends_with('}');
  if (open) text.pop_back();
  for (const auto& [name, written] : external_) {
    if (!value_of(series, name).empty()) continue;
    text += open ? ',' : '{';
    text += written;
    open = true;
  }
  if (open) text += '}';
}

std::string federation::finish() {
  std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.series, b.timestamp) < std::tie(b.name, b.series, a.timestamp);
  });
  std::string body;
  const series::written_sample* previous = nullptr;
  for (const auto& each : entries_) {
    if (!previous || previous->name != each.name) {
      exposition::append_type(body, each.name, exposition::metric_type::unknown);
    } else if (previous->series == each.series) {
      continue;
    }
    previous = &each;
    body += each.series;
    body += ' ';
    exposition::append_number(body, series::to_double(each.bits));
    body += ' ';
    body += std::to_string(each.timestamp);
    body += '\n';
  }
  return body;
}

result<std::vector<selector>> parse_selectors(std::span<const std::string_view> texts) {
  std::vector<selector> selectors;
  selectors.reserve(texts.size());
  for (std::string_view text : texts) {
    auto parsed = selector::parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    selectors.push_back(std::move(*parsed));
  }
  return selectors;
}

}  // namespace rollcall::web
