#include "lib/remote_write/request_builder.hpp"
#include "lib/series/block_builder.hpp"
#include "lib/series/scrape_batch.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace rollcall {

namespace {

constexpr size_t series_per_target = 2000;
constexpr size_t series_per_block = 64;

// A series as node_exporter and kubernetes give them: name, three labels of its own, three of the target.
series::block_ptr make_block(const series::target_labels& target, size_t first) {
  series::block_builder builder;
  series::series_record record;
  for (size_t i = first; i < first + series_per_block && i < series_per_target; ++i) {
    record.reset(series::record_kind::live);
    record.text_hash = i;
    label_builder set(target.set());
    set.set("__name__", "node_network_transmit_bytes_total_" + std::to_string(i / 50));
    set.set("cpu", std::to_string(i % 50));
    set.set("device", "eth" + std::to_string(i % 7));
    set.set("mode", "iowait");
    for (const auto& [name, value] : set.pairs()) record.add_label(name, value, target);
    builder.add(record);
  }
  return std::make_shared<const series::series_block>(builder.take(target.slot_names()));
}

series::scrape_batch make_batch() {
  series::scrape_batch batch;
  batch.target = std::make_shared<const series::target_labels>(
      labels::of({{"instance", "10.12.13.14:9100"}, {"job", "node"}, {"cluster", "eu-west-1-production"}}));
  batch.source = 1;
  batch.timestamp = 1'795'435'200'000;
  series::block_sequence blocks;
  for (size_t first = 0; first < series_per_target; first += series_per_block)
    blocks.push_back(make_block(*batch.target, first));
  batch.parts.push_back({std::make_shared<const series::block_sequence>(std::move(blocks)), {}, {}});
  for (size_t i = 0; i < series_per_target; ++i)
    batch.parts[0].values.push_back(series::to_bits(static_cast<double>(i * i) * 1.25));
  batch.samples = series_per_target;
  return batch;
}

void encode(benchmark::State& state, remote_write::message_kind message, remote_write::label_rules rules) {
  auto batch = make_batch();
  remote_write::request_builder_options options;
  options.message = message;
  options.rules = std::move(rules);
  options.samples_max = 10'000'000;
  remote_write::request_builder builder(options);
  size_t appended = 0;
  for (auto _ : state) {
    builder.append(batch, batch.timestamp, [](const remote_write::request&) {});
    if (++appended % 8 != 0) continue;
    state.PauseTiming();
    benchmark::DoNotOptimize(builder.cut());
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * series_per_target));
}

constexpr auto v1 = remote_write::message_kind::v1;
constexpr auto v2 = remote_write::message_kind::v2;

const remote_write::label_rules no_rules;
const remote_write::label_rules external_labels{labels::of({{"replica", "a"}}), {}};

remote_write::label_rules relabeling() {
  relabel::rule_config drop;
  drop.action = relabel::action::drop;
  drop.source_labels = {"__name__"};
  drop.regex = "nothing_.*";
  return {{}, *relabel::program::compile(std::vector{drop}, name_validation::utf8)};
}

void encode_and_compress(benchmark::State& state, remote_write::message_kind message,
                         remote_write::compression compression) {
  auto batch = make_batch();
  remote_write::request_builder_options options;
  options.message = message;
  options.compression = compression;
  remote_write::request_builder builder(options);
  size_t bytes = 0;
  for (auto _ : state) {
    builder.append(batch, batch.timestamp, [&](const remote_write::request& full) { bytes = full.body->size(); });
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * series_per_target));
  state.counters["bytes/sample"] = static_cast<double>(bytes) / series_per_target;
}

BENCHMARK_CAPTURE(encode, version_1, v1, no_rules);
BENCHMARK_CAPTURE(encode, version_1_with_external_labels, v1, external_labels);
BENCHMARK_CAPTURE(encode, version_1_with_relabeling, v1, relabeling());
BENCHMARK_CAPTURE(encode, version_2, v2, no_rules);
BENCHMARK_CAPTURE(encode, version_2_with_external_labels, v2, external_labels);
BENCHMARK_CAPTURE(encode_and_compress, version_1, v1, remote_write::compression::snappy);
BENCHMARK_CAPTURE(encode_and_compress, version_1_in_zstd, v1, remote_write::compression::zstd);
BENCHMARK_CAPTURE(encode_and_compress, version_2, v2, remote_write::compression::snappy);

}  // namespace

}  // namespace rollcall
