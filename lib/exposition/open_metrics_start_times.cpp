#include "lib/exposition/open_metrics_start_times.hpp"

#include <algorithm>
#include <array>

namespace rollcall::exposition {

namespace {

constexpr std::string_view created_suffix = "_created";

// What a sample's name may have behind the name of its family.
constexpr std::array<std::string_view, 4> sample_suffixes = {"_total", "_bucket", "_count", "_sum"};

size_t suffix_bytes(std::string_view name) {
  for (auto suffix : sample_suffixes) {
    if (name.ends_with(suffix)) return suffix.size();
  }
  return 0;
}

bool is_aside(std::string_view name, metric_type type) {
  return (type == metric_type::histogram && name == "le") || (type == metric_type::summary && name == "quantile");
}

}  // namespace

bool has_start_time(metric_type type) {
  return type == metric_type::counter || type == metric_type::histogram || type == metric_type::summary;
}

std::optional<std::string_view> without_created(std::string_view name) {
  if (!name.ends_with(created_suffix)) return std::nullopt;
  return name.substr(0, name.size() - created_suffix.size());
}

void open_metrics_start_times::begin(size_t first) {
  found_.clear();
  first_ = first;
  end_ = first;
}

void open_metrics_start_times::spell_key(std::string_view family, const std::vector<raw_label>& labels,
                                         metric_type type) {
  sorted_.clear();
  for (const auto& label : labels) {
    if (!is_aside(label.name.text, type)) sorted_.push_back(&label);
  }
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const auto* a, const auto* b) { return a->name.text < b->name.text; });
  // A quote that is not escaped stands in no name or value, so nothing else is spelled the same.
  key_ = family;
  for (const auto* label : sorted_) {
    ((key_ += '"') += label->name.text) += '"';
    key_ += label->value.text;
  }
}

void open_metrics_start_times::add(size_t at, std::string_view family, const std::vector<raw_label>& labels,
                                   metric_type type, int64_t milliseconds) {
  spell_key(family, labels, type);
  found_[key_] = {at, milliseconds};
}

std::optional<int64_t> open_metrics_start_times::find(size_t at, std::string_view name,
                                                      const std::vector<raw_label>& labels, metric_type type) {
  if (found_.empty()) return std::nullopt;
  spell_key(name, labels, type);
  auto entry = found_.find(key_);
  if (size_t suffix = suffix_bytes(name); entry == found_.end() && suffix > 0) {
    key_.erase(name.size() - suffix, suffix);
    entry = found_.find(key_);
  }
  if (entry == found_.end() || entry->second.at < at) return std::nullopt;
  return entry->second.milliseconds;
}

}  // namespace rollcall::exposition
