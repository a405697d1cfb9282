// Where targets go: our placement beside hashing, on the same targets of sizes after Zipf's law.
#include "bench/cpu_seconds.hpp"
#include "bench/placement/peers.hpp"
#include "bench/placement/sizes.hpp"
#include "bench/placement/subject.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace {

using namespace rollcall;
using namespace rollcall::bench;
using ::bench::cpu_seconds;

// Rendezvous hashing looks at every pair of target and worker.
constexpr double pairs_max = 2e9;

struct row {
  std::string name;
  double even = 0;
  double joined = 0;
  double even_joined = 0;
  double left = 0;
  double even_left = 0;
  double nanoseconds = 0;
  double bytes = 0;
};

void print(const row& shown, uint32_t workers) {
  std::printf("| %-26s | %8.3f | %6.2f %% | %5.2f | %8.3f | %6.2f %% | %5.2f | %8.3f | %9.0f | %5.0f |\n",
              shown.name.c_str(), shown.even, 100 * shown.joined, shown.joined * (workers + 1), shown.even_joined,
              100 * shown.left, shown.left * (workers + 1), shown.even_left, shown.nanoseconds, shown.bytes);
}

row measure_hash(const char* name, owners (*owners_of)(const std::vector<sized_target>&, uint32_t),
                 const std::vector<sized_target>& targets, uint32_t workers) {
  double begun = cpu_seconds();
  auto before = owners_of(targets, workers);
  double spent = cpu_seconds() - begun;
  auto after = owners_of(targets, workers + 1);
  double moved = moved_share(targets, before, after);
  double even = max_to_mean(targets, before, workers);
  // The one that leaves is the one that joined.
  return {name,
          even,
          moved,
          max_to_mean(targets, after, workers + 1),
          moved,
          even,
          spent * 1e9 / static_cast<double>(targets.size()),
          0};
}

row measure_ours(const std::vector<sized_target>& targets, uint32_t workers) {
  auto size = static_cast<double>(targets.size());
  row found{.name = "rollcall"};
  double bytes = allocated_bytes();
  double begun = cpu_seconds();
  subject ours(targets);
  ours.join_workers(workers);
  ours.place();
  found.nanoseconds = (cpu_seconds() - begun) * 1e9 / size;
  found.bytes = (allocated_bytes() - bytes) / size;
  std::printf("before anything was measured: max/mean %.3f of the expected load\n", ours.max_to_mean());
  begun = cpu_seconds();
  ours.observe();
  std::printf("one measurement of each: %.0f ns for each; then max/mean %.3f\n", (cpu_seconds() - begun) * 1e9 / size,
              ours.max_to_mean());
  begun = cpu_seconds();
  auto moves = ours.converge();
  std::printf("balance: %zu moves (%.2f %% of the load) in %.3f s\n", moves.size(), 100 * ours.share(moves),
              cpu_seconds() - begun);
  found.even = ours.max_to_mean();
  begun = cpu_seconds();
  ours.converge();
  std::printf("a plan with nothing to do: %.0f us\n", (cpu_seconds() - begun) * 1e6);

  ours.join_workers(1);
  moves = ours.converge();
  found.joined = ours.share(moves);
  found.even_joined = ours.max_to_mean();
  std::printf("a join: %zu moves\n", moves.size());
  ours.placed().leave(ours.placed().workers().back());
  moves = ours.converge();
  found.left = ours.share(moves);
  found.even_left = ours.max_to_mean();
  std::printf("a leave: %zu moves\n", moves.size());
  return found;
}

void print_head(const std::vector<sized_target>& targets, uint32_t workers) {
  double sum = 0;
  double most = 0;
  for (const auto& each : targets) {
    sum += each.expense;
    most = std::max(most, double(each.expense));
  }
  std::printf("%zu targets on %u workers; the dearest target is %.3f of the mean load\n", targets.size(), workers,
              most * workers / sum);
}

void print_table_head() {
  std::printf("\n| %-26s | %8s | %8s | %5s | %8s | %8s | %5s | %8s | %9s | %5s |\n", "", "max/mean", "join", "x 1/N",
              "max/mean", "leave", "x 1/N", "max/mean", "ns/target", "B");
  std::printf(
      "|----------------------------|----------|----------|-------|----------|----------|-------|----------|-----------"
      "|"
      "-------|\n");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Placement beside hashing");
  target_sizes sizes;
  uint32_t workers = 100;
  app.add_option("--targets", sizes.targets, "Number of targets")->check(CLI::Range(1u, 100'000'000u));
  app.add_option("--workers", workers, "Number of workers")->check(CLI::Range(1u, 100'000u));
  app.add_option("--series-max", sizes.series_max, "Series of the largest target");
  app.add_option("--series-min", sizes.series_min, "Series of the smallest target");
  app.add_option("--seed", sizes.seed, "Seed of the targets");
  CLI11_PARSE(app, argc, argv);
  auto targets = make_targets(sizes);
  print_head(targets, workers);
  auto ours = measure_ours(targets, workers);
  print_table_head();
  print(ours, workers);
  print(measure_hash("hash modulo N, as vmagent", hash_sharding, targets, workers), workers);
  if (double(targets.size()) * workers <= pairs_max) {
    print(measure_hash("rendezvous hashing", rendezvous_hashing, targets, workers), workers);
  } else {
    std::printf("(rendezvous hashing is left out: it would look at more than %.0e pairs)\n", pairs_max);
  }
}
