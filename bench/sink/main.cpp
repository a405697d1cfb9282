// A remote_write 1.0 receiver that stores nothing and checks everything.
#include "bench/http/process.hpp"
#include "bench/http/server.hpp"
#include "bench/sink/delivery_ledger.hpp"
#include "bench/sink/write_request.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atomic>
#include <iostream>
#include <mutex>

namespace rollcall::bench {

namespace {

constexpr size_t body_bytes_max = 32 << 20;
constexpr size_t plain_bytes_max = 256 << 20;

struct sink_options {
  uint8_t network = 127;
  uint16_t port = 0;
  unsigned threads = 1;
  double interval_seconds = 15;
  size_t series_max = 64'000'000;
};

nlohmann::json to_json(const delivery_counts& counts) {
  return {{"requests", counts.requests},
          {"requests_refused", counts.requests_refused},
          {"wire_bytes", counts.wire_bytes},
          {"payload_samples", counts.payload_samples},
          {"report_samples", counts.report_samples},
          {"stale_markers", counts.stale_markers},
          {"report_stale_markers", counts.report_stale_markers},
          {"gaps", counts.gaps},
          {"gap_intervals", counts.gap_intervals},
          {"duplicates", counts.duplicates},
          {"out_of_order", counts.out_of_order},
          {"series_untracked", counts.series_untracked},
          {"exemplars", counts.exemplars},
          {"histograms", counts.histograms},
          {"metadata", counts.metadata}};
}

class sink {
 public:
  explicit sink(const sink_options& options)
      : ledger_(std::chrono::milliseconds(static_cast<int64_t>(options.interval_seconds * 1e3)), options.series_max) {}

  http_response serve(const http_request& request) {
    if (request.method == "GET" && request.path == "/stats") return json_response(stats());
    if (request.method == "POST" && request.path == "/reset") {
      std::lock_guard lock(mutex_);
      ledger_.reset();
      return {204, {}, nullptr};
    }
    if (request.method == "POST" && (request.path == "/away" || request.path == "/back")) {
      away_ = request.path == "/away";
      return {204, {}, nullptr};
    }
    if (request.method == "POST" && request.path == "/api/v1/write") {
      if (away_) return {503, {}, nullptr};
      return receive(request);
    }
    return {404, {}, nullptr};
  }

  std::string stats() {
    std::lock_guard lock(mutex_);
    nlohmann::json all = {{"window", to_json(ledger_.window())},
                          {"total", to_json(ledger_.total())},
                          {"series", ledger_.series()},
                          {"series_silent", ledger_.series_silent()},
                          {"oldest_last", ledger_.oldest_last()}};
    return all.dump() + '\n';
  }

 private:
  http_response receive(const http_request& request) {
    thread_local write_request_reader reader(plain_bytes_max);
    auto observed = request.content_encoding == "snappy"
                        ? reader.read(request.body)
                        : result<const observed_request*>(fail(errc::unsupported, "Content-Encoding is not snappy"));
    std::lock_guard lock(mutex_);
    if (!observed) {
      ledger_.refuse(request.wire_bytes);
      return {400, {}, std::make_shared<const std::string>(observed.error().message + '\n')};
    }
    ledger_.accept(**observed, request.wire_bytes);
    return {204, {}, nullptr};
  }

  std::atomic<bool> away_ = false;
  std::mutex mutex_;
  delivery_ledger ledger_;
};

int run(const sink_options& options) {
  raise_descriptor_limit();
  stop_signals signals;
  sink receiver(options);
  http_server_options listening{
      .network = options.network, .port = options.port, .threads = options.threads, .body_bytes_max = body_bytes_max};
  if (options.network != 127) listening.address = 0;
  auto server =
      http_server::start(listening, [&](const http_request& request, uint32_t) { return receiver.serve(request); });
  if (!server) {
    std::cerr << "bench_sink: " << server.error().message << '\n';
    return 1;
  }
  nlohmann::json ports = {{"port", (*server)->port()}};
  std::cout << ports.dump() << std::endl;
  while (!signals.wait_for(std::chrono::seconds(1))) continue;
  std::cout << receiver.stats() << std::flush;
  return 0;
}

}  // namespace

}  // namespace rollcall::bench

int main(int argc, char** argv) {
  CLI::App app("A remote_write receiver for load measurements");
  rollcall::bench::sink_options options;
  app.add_option("--network", options.network, "First byte of the addresses that are served; else 127.0.0.1 alone");
  app.add_option("--port", options.port, "Port; 0 lets the system choose");
  app.add_option("--threads", options.threads, "Threads that receive")->check(CLI::Range(1u, 64u));
  app.add_option("--interval", options.interval_seconds, "Seconds between two samples of a series")
      ->check(CLI::Range(0.01, 3600.0));
  app.add_option("--series-max", options.series_max, "Bound of the series that are followed one by one");
  CLI11_PARSE(app, argc, argv);
  return rollcall::bench::run(options);
}
