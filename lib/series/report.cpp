#include "lib/labels/names.hpp"
#include "lib/series/scrape_cache.hpp"
#include "lib/series/sequence_builder.hpp"
#include "lib/series/series_maker.hpp"

#include <array>
#include <mutex>
#include <unordered_map>

namespace rollcall::series {

namespace {

constexpr std::array<std::string_view, 8> report_names = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
};
constexpr size_t plain_report_size = 5;

block_sequence_ptr build_report_series(const target_labels& target, size_t count) {
  sequence_builder builder(target);
  for (std::string_view name : std::span(report_names).first(count)) {
    // No line of an exposition has the byte 0xFF at the end of its series text.
    std::string text = std::string(name) + '\xFF';
    series_record record;
    record.text_hash = series_text_hash(text);
    record.text_bytes = static_cast<uint32_t>(text.size());
    record.name_tag = metric_name_tag(name);
    label_builder all(target.set());
    all.set(metric_name_label, name);
    for (const auto& [label_name, value] : all.pairs()) record.add_label(label_name, value, target);
    builder.add(std::move(record));
  }
  return builder.finish();
}

// Report series are the same for all targets with the same label names, and few sets of names are in use at a time.
class report_series_table {
 public:
  block_sequence_ptr find(const target_labels& target, size_t count) {
    // Labels beyond the last slot are literals, which differ from target to target.
    constexpr size_t slots_max = 0x10000 - series_block::target_slot_base;
    if (target.size() > slots_max) return build_report_series(target, count);
    std::lock_guard lock(mutex_);
    auto& table = count == plain_report_size ? plain_ : extra_;
    auto found = table.find(target.slot_names());
    if (found != table.end()) return found->second;
    if (table.size() == entries_max) table.clear();
    return table[target.slot_names()] = build_report_series(target, count);
  }

 private:
  static constexpr size_t entries_max = 256;

  std::mutex mutex_;
  std::unordered_map<std::string, block_sequence_ptr> plain_;
  std::unordered_map<std::string, block_sequence_ptr> extra_;
};

block_sequence_ptr report_series(const target_labels& target, size_t count) {
  static auto& table = *new report_series_table;
  return table.find(target, count);
}

}  // namespace

batch_part report_part(const target_labels& target, const report& values, const extra_report* extra) {
  batch_part part;
  part.series = report_series(target, extra != nullptr ? report_names.size() : plain_report_size);
  for (double value : {values.up, values.scrape_duration_seconds, values.samples_scraped, values.samples_after_relabel,
                       values.series_added}) {
    part.values.push_back(to_bits(value));
  }
  if (extra != nullptr) {
    for (double value : {extra->scrape_timeout_seconds, extra->sample_limit, extra->body_size_bytes}) {
      part.values.push_back(to_bits(value));
    }
  }
  return part;
}

batch_part stale_report_part(const target_labels& target, bool with_extra) {
  size_t count = with_extra ? report_names.size() : plain_report_size;
  return {report_series(target, count), std::vector<value_bits>(count, stale_marker), {}};
}

scrape_batch_ptr make_batch(target_labels_ptr target, uint64_t source, int64_t timestamp, std::vector<batch_part> parts,
                            metadata_ptr metadata) {
  auto batch = std::make_shared<scrape_batch>();
  batch->target = std::move(target);
  batch->source = source;
  batch->timestamp = timestamp;
  batch->parts = std::move(parts);
  batch->metadata = std::move(metadata);
  for (const auto& part : batch->parts) {
    batch->samples +=
        part.values.size() - static_cast<size_t>(std::count(part.values.begin(), part.values.end(), absent));
  }
  return batch;
}

}  // namespace rollcall::series
