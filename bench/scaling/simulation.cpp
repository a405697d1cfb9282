#include "bench/scaling/simulation.hpp"

#include "bench/cpu_seconds.hpp"
#include "bench/placement/sizes.hpp"
#include "bench/placement/subject.hpp"
#include "lib/targets/schedule.hpp"

#include <map>
#include <utility>

namespace rollcall::bench {

namespace {

constexpr int64_t wall_base = 1'700'000'000'000;
constexpr int64_t step_length = 50;
// How often workers and coordinator look after things of themselves, as the daemon has it.
constexpr int64_t beat_length = 500;
constexpr int64_t round_length = 200;
constexpr milliseconds interval = std::chrono::seconds(15);
constexpr uint64_t settings = 1;
constexpr placement::cost expense = 10'000;

}  // namespace

simulation::simulation(simulation_options options)
    : options_(options), plan_(std::make_shared<const std::string>(options.plan_bytes, 'p')) {}

int64_t simulation::wall() const { return wall_base + now_; }

template <class Work>
void simulation::coordinate(const Work& work) {
  double begun = ::bench::cpu_seconds();
  work();
  effort_.cpu_seconds += ::bench::cpu_seconds() - begun;
}

void simulation::start_coordinator() {
  cluster::coordinator_options options;
  options.epoch = ++epoch_;
  options.handovers_max = options_.handovers_max;
  coordinator_ = std::make_unique<cluster::coordinator_side>(options, now_);
  coordinator_->define(settings, plan_);
  for (auto& each : workers_) each->is_connected = false;
}

void simulation::add_workers(uint32_t count) {
  while (count-- > 0) {
    auto number = workers_.size();
    workers_.push_back(
        std::make_unique<simulated_worker>("worker-" + std::to_string(number), number + 1, options_.state_bytes));
  }
}

void simulation::drain_worker(size_t index) { coordinator_->drain(workers_[index]->name()); }

void simulation::want_all() {
  coordinate([&] {
    for (uint64_t i = 0; i < options_.targets; ++i) {
      uint64_t key = scrambled(i ^ options_.seed << 40);
      // Each target's plan is bytes of its own, as in life.
      auto bytes = std::make_shared<const std::string>(*plan_);
      coordinator_->want({key, interval, phase(key, 0, interval), settings, std::move(bytes)}, {}, wall());
    }
  });
}

void simulation::observe_all() {
  for (auto& each : workers_) {
    if (!each->is_dead) each->observe_all(options_.status_bytes);
  }
}

effort simulation::run_until(const std::function<bool()>& condition, double virtual_seconds_max) {
  auto begun = now_;
  auto end = now_ + static_cast<int64_t>(virtual_seconds_max * 1000);
  while (now_ < end) {
    step();
    if (condition()) break;
  }
  effort_.virtual_seconds = static_cast<double>(now_ - begun) / 1000;
  return std::exchange(effort_, {});
}

bool simulation::is_at_rest() const {
  size_t loops = 0;
  for (const auto& each : workers_) {
    if (!each->is_dead) loops += each->side().loops();
  }
  return loops == options_.targets && coordinator_->handovers() == 0;
}

void simulation::step() {
  now_ += step_length;
  for (auto& each : workers_) {
    if (each->is_dead) continue;
    if (!each->is_connected) introduce(*each);
    each->side().run_ticks(now_, wall());
  }
  if (now_ % round_length == 0) coordinate([&] { coordinator_->run(now_, wall()); });
  deliver_to_workers();
  deliver_to_coordinator(now_ % beat_length == 0);
  coordinate([&] {
    for (const auto& [key, bytes] : coordinator_->take_observed()) {
      coordinator_->weigh(key, expense);
      ++observations_;
    }
  });
  for (auto& each : workers_) effort_.loops_started += each->take_started();
}

void simulation::introduce(simulated_worker& worker) {
  auto words = worker.side().introduce(now_);
  auto bytes = cluster::encode(words);
  result<cluster::acceptance> answer = fail(errc::closed, "");
  coordinate([&] {
    auto decoded = cluster::decode_introduction(bytes);
    if (decoded) answer = coordinator_->introduce({worker.name(), "", worker.name(), 1}, *decoded, now_, wall());
  });
  ++effort_.frames_in;
  effort_.bytes_in += bytes.size();
  if (answer) worker.is_connected = worker.side().accept(*answer);
}

void simulation::deliver_to_workers() {
  std::vector<std::pair<std::string, cluster::frame>> frames;
  coordinate([&] { frames = coordinator_->take_frames(now_); });
  std::map<std::string, simulated_worker*, std::less<>> names;
  for (auto& each : workers_) names[each->name()] = each.get();
  for (const auto& [name, frame] : frames) {
    ++effort_.frames_out;
    effort_.bytes_out += frame.items.size();
    auto* worker = names.at(name);
    if (!worker->is_dead) (void)worker->side().take(frame, now_, wall());
  }
}

void simulation::deliver_to_coordinator(bool everyone) {
  for (auto& each : workers_) {
    if (each->is_dead || !each->is_connected || (!everyone && !each->side().has_work(now_))) continue;
    auto frame = each->side().make_frame(now_);
    if (!frame) continue;
    ++effort_.frames_in;
    effort_.bytes_in += frame->items.size();
    coordinate([&] {
      if (!coordinator_->take(*frame, now_, wall())) each->is_connected = false;
    });
  }
}

}  // namespace rollcall::bench
