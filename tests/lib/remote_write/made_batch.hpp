#pragma once

#include "lib/series/block_builder.hpp"
#include "lib/series/scrape_batch.hpp"
#include "lib/series/target_labels.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Batches for tests, made without a scrape.
namespace rollcall::test {

using pairs = std::vector<std::pair<std::string, std::string>>;

inline series::target_labels_ptr made_target(pairs set) {
  return std::make_shared<const series::target_labels>(labels::of(std::move(set)));
}

/// A block of these series, each given by its labels without the target's; `{}` makes a record that is not live. A
/// label that equals the target's becomes a slot, as do the target's labels that the series lacks.
inline series::block_ptr made_block(const series::target_labels& target, const std::vector<pairs>& all) {
  series::block_builder builder;
  series::series_record record;
  for (const auto& own : all) {
    record.reset(own.empty() ? series::record_kind::dropped : series::record_kind::live);
    ++record.text_hash;
    if (!own.empty()) {
      label_builder set(target.set());
      for (const auto& [name, value] : own) set.set(name, value);
      for (const auto& [name, value] : set.pairs()) record.add_label(name, value, target);
    }
    builder.add(record);
  }
  return std::make_shared<const series::series_block>(builder.take(target.slot_names()));
}

inline series::batch_part made_part(std::vector<series::block_ptr> blocks, std::vector<series::value_bits> values,
                                    std::vector<series::explicit_timestamp> timestamps = {}) {
  return {std::make_shared<const series::block_sequence>(std::move(blocks)), std::move(values), std::move(timestamps)};
}

inline series::scrape_batch_ptr made_batch(series::target_labels_ptr target, uint64_t source, int64_t timestamp,
                                           std::vector<series::batch_part> parts) {
  series::scrape_batch batch;
  batch.target = std::move(target);
  batch.source = source;
  batch.timestamp = timestamp;
  batch.parts = std::move(parts);
  for (const auto& part : batch.parts) {
    for (auto value : part.values) batch.samples += value != series::absent;
  }
  return std::make_shared<const series::scrape_batch>(std::move(batch));
}

/// One target with labels {instance="<source>", job="j"} that exposes `n` series m{i="0"}, m{i="1"}, ... of value 1.
inline series::scrape_batch_ptr plain_batch(uint64_t source, int64_t timestamp, size_t n) {
  auto target = made_target({{"instance", std::to_string(source)}, {"job", "j"}});
  std::vector<series::block_ptr> blocks;
  for (size_t first = 0; first < n; first += series::series_block::records_max) {
    std::vector<pairs> all;
    for (size_t i = first; i < std::min(n, first + series::series_block::records_max); ++i)
      all.push_back({{"__name__", "m"}, {"i", std::to_string(i)}});
    blocks.push_back(made_block(*target, all));
  }
  std::vector<series::value_bits> values(n, series::to_bits(1));
  return made_batch(target, source, timestamp, {made_part(std::move(blocks), std::move(values))});
}

}  // namespace rollcall::test
