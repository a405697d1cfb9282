#include "tests/simulation/simulated_worker.hpp"

#include "lib/cluster/byte_codec.hpp"

namespace rollcall::test {

namespace {

// How long a scrape is under way when its loop is asked for what it knows.
constexpr int64_t scrape_length = 300;
constexpr int farewell_ticks_max = 2;
constexpr int64_t copy_pace = 200;

std::string encode(const simulated_fleet::series& known) {
  std::string bytes;
  cluster::packer out(bytes);
  for (auto each : known) out.number(each);
  return bytes;
}

simulated_fleet::series decode(const std::string& bytes) {
  simulated_fleet::series known;
  cluster::unpacker in(bytes);
  while (!in.at_end()) known.insert(in.number());
  return known;
}

}  // namespace

void simulated_worker::start(const cluster::run& order) {
  loops_[order.which] = {order.plan.key, order.from_before == cluster::estate::awaited, {}, {}, false, {}, 0, {}};
}

void simulated_worker::mark_all(uint64_t key, const series& gone, const series& alive) {
  for (auto each : gone)
    if (!alive.contains(each)) fleet_.mark(key, each);
}

void simulated_worker::tick(cluster::tenancy which, int64_t scheduled) {
  auto& loop = loops_.at(which);
  if (loop.heir) {
    if (loop.awaits || ++loop.farewell_ticks < farewell_ticks_max) return;
    mark_all(loop.key, all_of(loop), {});
    loops_.erase(which);
    return side_.ended(which);
  }
  auto seen = fleet_.scrape(loop.key, scheduled);
  mark_all(loop.key, all_of(loop), seen);
  loop.predecessors.clear();
  loop.known = std::move(seen);
  copy_soon(which);
}

// Once in a session, and whenever it knows other series.
void simulated_worker::copy_soon(cluster::tenancy which) {
  after_(copy_pace, [this, which] {
    auto found = loops_.find(which);
    if (found == loops_.end() || found->second.awaits) return;
    if (!side_.wants_copies()) return copy_soon(which);
    std::pair newest{side_.session(), all_of(found->second)};
    if (found->second.copied == newest) return;
    side_.copy(which, encode(newest.second));
    found->second.copied = std::move(newest);
  });
}

simulated_worker::series simulated_worker::all_of(const loop& from) {
  auto all = from.known;
  for (const auto& each : from.predecessors) all.insert(each.begin(), each.end());
  return all;
}

void simulated_worker::hand_over(cluster::tenancy which) {
  auto found = loops_.find(which);
  if (found == loops_.end() || found->second.awaits) return;
  auto all = all_of(found->second);
  auto heir = found->second.heir;
  loops_.erase(found);
  if (!heir) return side_.collected(which, encode(all));
  inherit(*heir, encode(all));
  side_.ended(which);
}

void simulated_worker::collect(cluster::tenancy which) {
  loops_.at(which).is_collecting = true;
  loops_.at(which).heir.reset();
  after_(scrape_length, [this, which] { hand_over(which); });
}

void simulated_worker::inherit(cluster::tenancy which, const std::string& state) {
  auto found = loops_.find(which);
  if (found == loops_.end()) return;
  auto& loop = found->second;
  loop.awaits = false;
  auto known = decode(state);
  if (!known.empty()) loop.predecessors.push_back(std::move(known));
  copy_soon(which);
  if (loop.is_collecting || (loop.heir && *loop.heir != cluster::no_tenancy)) hand_over(which);
}

void simulated_worker::retire(cluster::tenancy which, cluster::tenancy heir) {
  loops_.at(which).heir = heir;
  if (heir != cluster::no_tenancy) hand_over(which);
}

}  // namespace rollcall::test
