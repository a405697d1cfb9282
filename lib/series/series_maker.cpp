#include "lib/series/series_maker.hpp"

#include "lib/labels/quote.hpp"
#include "lib/series/text_hash.hpp"

#include <algorithm>

namespace rollcall::series {

namespace {

// How much of a name or value a message shows.
constexpr size_t excerpt_bytes_max = 50;
constexpr size_t label_set_excerpt_bytes_max = 1000;

std::string excerpt(std::string_view text) { return std::string(text.substr(0, excerpt_bytes_max)); }

}  // namespace

uint8_t metric_name_tag(std::string_view name) {
  return static_cast<uint8_t>(XXH3_64bits(name.data(), name.size()) >> 56);
}

void series_maker::sort_exposed() {
  std::stable_sort(exposed_.begin(), exposed_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  labels_.clear();
  repeated_names_.clear();
  for (size_t i = 0; i < exposed_.size();) {
    const std::string& name = exposed_[i].first;
    size_t next = i;
    bool any_empty = false;
    for (; next < exposed_.size() && exposed_[next].first == name; ++next) any_empty |= exposed_[next].second.empty();
    // One empty value removes every label of that name.
    if (!any_empty) {
      labels_.set(name, exposed_[i].second);
      if (next - i > 1) repeated_names_.push_back(name);
    }
    i = next;
  }
}

void series_maker::honor_exposed_labels() {
  auto is_exposed = [this](std::string_view name) {
    auto at = std::lower_bound(exposed_.begin(), exposed_.end(), name,
                               [](const auto& pair, std::string_view wanted) { return pair.first < wanted; });
    return at != exposed_.end() && at->first == name;
  };
  for (auto [name, value] : target_.set()) {
    // An exposed empty value counts as present and so keeps the target's label away.
    if (!is_exposed(name)) labels_.set(name, value);
  }
}

void series_maker::add_target_labels() {
  if (options_.honor_labels) return honor_exposed_labels();
  label_list conflicts;
  for (auto [name, value] : target_.set()) {
    std::string_view exposed = labels_.get(name);
    if (!exposed.empty()) conflicts.emplace_back(name, exposed);
    labels_.set(name, value);
  }
  std::stable_sort(conflicts.begin(), conflicts.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (auto& [name, value] : conflicts) {
    do {
      name.insert(0, exported_label_prefix);
    } while (!labels_.get(name).empty());
    labels_.set(name, value);
  }
}

result<void> series_maker::check_limits() const {
  std::string metric = excerpt(labels_.get(metric_name_label));
  if (options_.label_limit > 0 && labels_.size() > options_.label_limit) {
    return fail(errc::limit_exceeded, "label_limit exceeded (metric: " + metric +
                                          ", number of labels: " + std::to_string(labels_.size()) +
                                          ", limit: " + std::to_string(options_.label_limit) + ")");
  }
  for (const auto& [name, value] : labels_.pairs()) {
    if (options_.label_name_length_limit > 0 && name.size() > options_.label_name_length_limit) {
      return fail(errc::limit_exceeded, "label_name_length_limit exceeded (metric: " + metric + ", label name: " +
                                            excerpt(name) + ", length: " + std::to_string(name.size()) +
                                            ", limit: " + std::to_string(options_.label_name_length_limit) + ")");
    }
    if (options_.label_value_length_limit > 0 && value.size() > options_.label_value_length_limit) {
      return fail(errc::limit_exceeded, "label_value_length_limit exceeded (metric: " + metric +
                                            ", label name: " + excerpt(name) + ", value: " + quoted(excerpt(value)) +
                                            ", length: " + std::to_string(value.size()) +
                                            ", limit: " + std::to_string(options_.label_value_length_limit) + ")");
    }
  }
  return {};
}

result<void> series_maker::check() const {
  std::string_view metric = labels_.get(metric_name_label);
  if (metric.empty()) return fail(errc::invalid_argument, "missing metric name (__name__ label)");
  bool is_valid = is_valid_metric_name(metric, options_.validation) &&
                  std::all_of(labels_.pairs().begin(), labels_.pairs().end(), [this](const auto& pair) {
                    return is_valid_label_name(pair.first, options_.validation);
                  });
  if (!is_valid) {
    return fail(errc::invalid_argument, "invalid metric name or label names: " +
                                            labels_.build().to_string().substr(0, label_set_excerpt_bytes_max));
  }
  if (auto within = check_limits(); !within) return within;
  for (const auto& name : repeated_names_) {
    bool is_overwritten = !options_.honor_labels && target_.slot_of(name) >= 0;
    if (is_overwritten || labels_.get(name).empty()) continue;
    return fail(errc::invalid_argument, "label name " + quoted(name) + " is not unique: invalid sample");
  }
  if (labels_.size() > labels_per_series_max) {
    return fail(errc::unsupported, "a series with more than " + std::to_string(labels_per_series_max) + " labels");
  }
  return {};
}

result<series_record> series_maker::make(const series_identity& identity, label_list exposed) {
  if (identity.text_bytes > series_block::text_bytes_max) {
    return fail(errc::unsupported,
                "a series text of more than " + std::to_string(series_block::text_bytes_max) + " bytes");
  }
  series_record record;
  record.text_hash = identity.hash;
  record.text_bytes = static_cast<uint32_t>(identity.text_bytes);
  record.name_tag = metric_name_tag(identity.name);
  exposed_ = std::move(exposed);
  sort_exposed();
  add_target_labels();
  bool is_kept = options_.metric_relabel.empty() || options_.metric_relabel.apply(labels_).kept;
  if (!is_kept || labels_.empty()) {
    record.reset(record_kind::dropped);
    return record;
  }
  if (auto checked = check(); !checked) return tl::unexpected(checked.error());
  for (const auto& [name, value] : labels_.pairs()) record.add_label(name, value, target_);
  return record;
}

}  // namespace rollcall::series
