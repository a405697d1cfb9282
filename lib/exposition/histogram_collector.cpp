#include "lib/exposition/histogram_collector.hpp"

#include "lib/exposition/number.hpp"
#include "lib/labels/names.hpp"

#include <algorithm>
#include <cmath>

namespace rollcall::exposition {

namespace {

constexpr std::string_view bound_label = "le";
// In no text, which is UTF-8.
constexpr char separator = '\xff';

struct suffix {
  std::string_view text;
  classic_line::part part;
};

constexpr suffix suffixes[] = {
    {"_bucket", classic_line::part::bucket}, {"_sum", classic_line::part::sum}, {"_count", classic_line::part::count}};

}  // namespace

classic_line classic_line::of(label_list labels) {
  classic_line line;
  line.base_name = std::move(labels.front().second);
  labels.erase(labels.begin());
  for (auto [text, part] : suffixes) {
    if (!line.base_name.ends_with(text)) continue;
    line.base_name.resize(line.base_name.size() - text.size());
    line.what = part;
    break;
  }
  auto is_bound = [](const auto& label) { return label.first == bound_label; };
  if (line.what == part::bucket) {
    auto bound = std::find_if(labels.begin(), labels.end(), is_bound);
    auto number = bound == labels.end() ? std::nullopt : parse_number(bound->second);
    if (number && !std::isnan(*number)) {
      line.upper_bound = *number;
    } else {
      line.what = part::none;
    }
  }
  std::erase_if(labels, is_bound);
  std::sort(labels.begin(), labels.end());
  line.labels = std::move(labels);
  return line;
}

bool histogram_collector::continues(const classic_line& line) const {
  return line.base_name == base_name_ && line.labels == labels_;
}

void histogram_collector::begin(const classic_line& line, std::string_view raw_name,
                                std::optional<int64_t> start_timestamp) {
  is_collecting_ = true;
  base_name_ = line.base_name;
  labels_ = line.labels;
  // A suffix needs no escape, so it is as long in the text.
  raw_name_ = raw_name.substr(0, raw_name.rfind('_'));
  start_timestamp_ = start_timestamp;
  exemplars_.clear();
  classic_.clear();
}

void histogram_collector::add(const classic_line& line, double value, std::optional<int64_t> timestamp) {
  timestamp_ = timestamp;
  switch (line.what) {
    case classic_line::part::bucket:
      classic_.set_bucket(line.upper_bound, value);
      break;
    case classic_line::part::sum:
      classic_.set_sum(value);
      break;
    case classic_line::part::count:
      classic_.set_count(value);
      break;
    case classic_line::part::none:
      break;
  }
}

bool histogram_collector::finish() {
  is_collecting_ = false;
  auto converted = classic_.convert();
  if (!converted) return false;
  histogram_ = std::make_shared<const histograms::native_histogram>(std::move(*converted));
  return true;
}

uint64_t histogram_collector::series_hash(hash_secret secret) const {
  std::string identity = base_name_;
  for (const auto& [name, value] : labels_) {
    identity += separator;
    identity += name;
    identity += separator;
    identity += value;
  }
  identity += separator;
  return hash_bytes(identity, secret);
}

void histogram_collector::append_labels(classic_line::label_list& out) const {
  out.emplace_back(metric_name_label, base_name_);
  out.insert(out.end(), labels_.begin(), labels_.end());
}

}  // namespace rollcall::exposition
