// Fills a queue with requests as an outage would, only faster.
#include "lib/queue/rocksdb_store.hpp"

#include <CLI/CLI.hpp>
#include <protozero/pbf_writer.hpp>
#include <snappy.h>

#include <iostream>
#include <random>

namespace rollcall::bench {

namespace {

struct backlog_options {
  std::string directory;
  std::string queue = "main";
  uint64_t megabytes = 1024;
  uint64_t samples = 2000;  // of each request
};

constexpr uint64_t blocks_at_once = 64;
constexpr int64_t interval = 15'000;

// Values that no compression makes small, so that few samples make many bytes.
std::string made_body(uint64_t samples, int64_t timestamp, std::mt19937_64& random) {
  std::string plain;
  protozero::pbf_writer request(plain);
  for (uint64_t i = 0; i < samples; ++i) {
    protozero::pbf_writer series(request, 1);
    for (auto [name, value] : {std::pair<std::string, std::string>{"__name__", "backlog"},
                               {"instance", std::to_string(i)},
                               {"job", "backlog"}}) {
      protozero::pbf_writer label(series, 1);
      label.add_string(1, name);
      label.add_string(2, value);
    }
    protozero::pbf_writer sample(series, 2);
    sample.add_double(1, static_cast<double>(random()) / 3);
    sample.add_int64(2, timestamp);
  }
  std::string body;
  snappy::Compress(plain.data(), plain.size(), &body);
  return body;
}

queue::block_ptr made_block(uint64_t sequence, const backlog_options& options, std::mt19937_64& random) {
  auto made = std::make_shared<queue::block>();
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  auto timestamp = now.count() - 3'600'000 + static_cast<int64_t>(sequence) * interval % 3'600'000;
  made->sequence = sequence;
  made->created = now.count();
  made->request.body = std::make_shared<const std::string>(made_body(options.samples, timestamp, random));
  made->request.samples = options.samples;
  made->request.timestamp_lowest = made->request.timestamp_highest = timestamp;
  // A source of its own each: a real fleet has many, whose requests may go side by side.
  made->request.sources = {{sequence, 1, 1}};
  return made;
}

int fill(const backlog_options& options) {
  queue::rocksdb_store_options opening;
  opening.directory = options.directory;
  auto store = queue::open_rocksdb_store(opening);
  std::mt19937_64 random(1);
  uint64_t sequence = 0;
  result<void> done = store ? result<void>() : tl::unexpected(store.error());
  for (uint64_t bytes = 0; done && bytes < options.megabytes << 20;) {
    queue::queue_changes changes;
    for (uint64_t i = 0; i < blocks_at_once; ++i) {
      changes.appended.push_back(made_block(++sequence, options, random));
      bytes += queue::encoded_bytes(*changes.appended.back());
    }
    done = (*store)->change(options.queue, changes);
  }
  if (done) done = (*store)->sync();
  if (!done) {
    std::cerr << "bench_backlog: " << done.error().message << '\n';
    return 1;
  }
  std::cout << "{\"blocks\": " << sequence << ", \"samples\": " << sequence * options.samples << "}\n";
  return 0;
}

}  // namespace

}  // namespace rollcall::bench

int main(int argc, char** argv) {
  CLI::App app("Makes a queue with a backlog");
  rollcall::bench::backlog_options options;
  app.add_option("--directory", options.directory, "Where an agent keeps its queues")->required();
  app.add_option("--queue", options.queue, "The endpoint's name");
  app.add_option("--megabytes", options.megabytes, "How large it is to be")->check(CLI::Range(1, 1 << 20));
  app.add_option("--samples", options.samples, "Samples of each request")->check(CLI::Range(1, 100'000));
  CLI11_PARSE(app, argc, argv);
  return rollcall::bench::fill(options);
}
