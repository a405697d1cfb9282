#pragma once

#include "lib/exposition/text_parser.hpp"
#include "lib/labels/quote.hpp"
#include "lib/series/scrape_cache.hpp"

#include <algorithm>
#include <compare>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rollcall::series {

/// One sample or staleness marker, spelled out.
struct plain_sample {
  std::string series;
  value_bits value;
  int64_t timestamp;

  auto operator<=>(const plain_sample&) const = default;
};

/// What came of a scrape, spelled out and sorted.
struct plain_result {
  std::vector<plain_sample> samples;
  std::string failure;
  uint64_t samples_scraped = 0;
  uint64_t samples_after_relabel = 0;
  uint64_t series_added = 0;
  uint64_t duplicates = 0;
  uint64_t out_of_order = 0;
  uint64_t out_of_bounds = 0;
  bool sample_limit_exceeded = false;
  bool label_limits_exceeded = false;

  bool operator==(const plain_result&) const = default;
};

inline plain_result spell_out(const ingest_result& result, const target_labels& target, int64_t now) {
  plain_result plain;
  for (const auto& part : result.parts) {
    size_t at = 0;
    size_t stamped = 0;
    for (const auto& block : *part.series) {
      for (size_t i = 0; i < block->size(); ++i, ++at) {
        int64_t timestamp = now;
        if (stamped < part.timestamps.size() && part.timestamps[stamped].position == at) {
          timestamp = part.timestamps[stamped++].milliseconds;
        }
        if (part.values.at(at) == absent) continue;
        plain.samples.push_back({block->labels_of(i, target).to_string(), part.values[at], timestamp});
      }
    }
  }
  std::sort(plain.samples.begin(), plain.samples.end());
  if (result.failure) plain.failure = result.failure->message;
  plain.samples_scraped = result.samples_scraped;
  plain.samples_after_relabel = result.samples_after_relabel;
  plain.series_added = result.series_added;
  plain.duplicates = result.duplicates;
  plain.out_of_order = result.out_of_order;
  plain.out_of_bounds = result.out_of_bounds;
  plain.sample_limit_exceeded = result.sample_limit_exceeded;
  plain.label_limits_exceeded = result.label_limits_exceeded;
  return plain;
}

/// The same promises as scrape_cache, kept in the most obvious way: every line is parsed each time, and what has to be
/// remembered stands in maps by series text and by label set.
class reference_cache {
 public:
  reference_cache(ingest_options_ptr options, target_labels_ptr target)
      : options_(std::move(options)), target_(std::move(target)) {}

  plain_result ingest(std::string_view body, int64_t now) {
    plain_result result;
    std::set<std::string> current;
    if (!body.empty()) {
      seen_.clear();
      take_lines(body, now, result, current);
      if (result.failure.empty() && result.sample_limit_exceeded) result.failure = "sample limit exceeded";
      if (!result.failure.empty()) {
        result.samples.clear();
      } else {
        std::erase_if(series_, [this](const auto& entry) { return !seen_.contains(entry.first); });
        std::erase_if(dropped_, [this](const auto& text) { return !seen_.contains(text); });
      }
    }
    for (const auto& series : previous_) {
      if (!current.contains(series)) result.samples.push_back({series, stale_marker, now});
    }
    previous_ = current;
    std::sort(result.samples.begin(), result.samples.end());
    return result;
  }

 private:
  struct series_entry {
    labels set;
    bool is_known = false;
    int64_t last_timestamp = std::numeric_limits<int64_t>::min();
  };
  using pair_list = std::vector<std::pair<std::string, std::string>>;

  void take_lines(std::string_view body, int64_t now, plain_result& result, std::set<std::string>& current) {
    exposition::text_parser parser(body);
    uint64_t appended = 0;
    for (;;) {
      auto entry = parser.next();
      if (!entry) {
        result.failure = entry.error().message;
        return;
      }
      if (*entry == exposition::text_parser::entry::end) return;
      if (*entry != exposition::text_parser::entry::sample) continue;
      ++result.samples_scraped;
      std::string text(parser.series_text());
      if (dropped_.contains(text)) {
        seen_.insert(text);
        continue;
      }
      bool was_seen = seen_.contains(text);
      auto found = series_.find(text);
      series_entry fresh;
      bool is_cached = found != series_.end();
      if (!is_cached) {
        auto made = make_labels(parser, result);
        if (!result.failure.empty()) return;
        if (!made) {
          if (!result.sample_limit_exceeded) {
            dropped_.insert(text);
            seen_.insert(text);
          }
          continue;
        }
        fresh.set = *made;
      }
      ++result.samples_after_relabel;
      auto timestamp = options_->honor_timestamps ? parser.timestamp() : std::nullopt;
      if (was_seen && is_cached && !timestamp) {
        ++result.duplicates;
        continue;
      }
      if (options_->sample_limit > 0 && appended >= options_->sample_limit) {
        result.sample_limit_exceeded = true;
        if (is_cached) seen_.insert(text);
        continue;
      }
      ++appended;
      append(text, is_cached ? found->second : fresh, {"", parser.value_bits(), now}, timestamp, result, current);
      if (!is_cached) series_.emplace(text, fresh);
    }
  }

  void append(const std::string& text, series_entry& target, plain_sample sample, std::optional<int64_t> timestamp,
              plain_result& result, std::set<std::string>& current) {
    bool was_seen = !seen_.insert(text).second;
    if (!was_seen) last_before_[text] = target.last_timestamp;
    int64_t now = sample.timestamp;
    if (timestamp && *timestamp > now + 600'000) {
      ++result.out_of_bounds;
      return;
    }
    if (timestamp.value_or(now) <= last_before_.at(text)) {
      ++result.out_of_order;
      return;
    }
    if (!target.is_known && !was_seen) ++result.series_added;
    target.is_known = true;
    constexpr auto never = std::numeric_limits<int64_t>::min();
    target.last_timestamp = std::max(timestamp.value_or(never), was_seen ? target.last_timestamp : never);
    sample.series = target.set.to_string();
    sample.timestamp = timestamp.value_or(now);
    result.samples.push_back(sample);
    if (!was_seen && (!timestamp || options_->track_timestamps_staleness)) current.insert(sample.series);
  }

  std::optional<labels> make_labels(const exposition::text_parser& parser, plain_result& result) const {
    pair_list pairs;
    parser.append_labels(pairs);
    std::map<std::string, std::vector<std::string>> exposed;
    for (const auto& [name, value] : pairs) exposed[name].push_back(value);
    std::map<std::string, std::string> set;
    std::set<std::string> repeated;
    for (const auto& [name, values] : exposed) {
      if (std::count(values.begin(), values.end(), "") > 0) continue;
      set[name] = values[0];
      if (values.size() > 1) repeated.insert(name);
    }
    pair_list conflicts;
    for (auto [name, value] : target_->set()) {
      std::string key(name);
      if (options_->honor_labels) {
        if (!exposed.contains(key)) set[key] = value;
        continue;
      }
      if (set.contains(key)) conflicts.emplace_back(key, set[key]);
      repeated.erase(key);
      set[key] = value;
    }
    std::stable_sort(conflicts.begin(), conflicts.end(),
                     [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
    for (const auto& [name, value] : conflicts) {
      std::string moved = "exported_" + name;
      while (set.contains(moved)) moved = "exported_" + moved;
      set[moved] = value;
    }
    label_builder builder;
    for (const auto& [name, value] : set) builder.set(name, value);
    if (!options_->metric_relabel.apply(builder).kept || builder.empty()) return std::nullopt;
    labels made = builder.build();
    result.failure = fault_of(made, repeated, result.label_limits_exceeded);
    return made;
  }

  std::string fault_of(const labels& made, const std::set<std::string>& repeated, bool& label_limits_exceeded) const {
    std::string metric(made.get("__name__"));
    if (metric.empty()) return "missing metric name (__name__ label)";
    for (auto [name, value] : made) {
      bool is_valid = is_valid_label_name(name, options_->validation) &&
                      (name != "__name__" || is_valid_metric_name(value, options_->validation));
      if (!is_valid) return "invalid metric name or label names: " + made.to_string().substr(0, 1000);
    }
    if (options_->label_limit > 0 && made.size() > options_->label_limit) {
      label_limits_exceeded = true;
      return "label_limit exceeded (metric: " + metric.substr(0, 50) +
             ", number of labels: " + std::to_string(made.size()) +
             ", limit: " + std::to_string(options_->label_limit) + ")";
    }
    for (const auto& name : repeated) {
      if (made.contains(name)) return "label name " + quoted(name) + " is not unique: invalid sample";
    }
    return "";
  }

  ingest_options_ptr options_;
  target_labels_ptr target_;
  std::map<std::string, series_entry> series_;
  std::set<std::string> dropped_;
  std::set<std::string> seen_;  // texts of the scrape under way
  std::map<std::string, int64_t> last_before_;
  std::set<std::string> previous_;
};

}  // namespace rollcall::series
