#include "tests/simulation/simulated_cluster.hpp"

#include "lib/targets/schedule.hpp"

#include <algorithm>

namespace rollcall::test {

namespace {

constexpr int64_t lease = 3000;
constexpr int64_t beats_per_lease = 6;
constexpr int64_t introduction_retry = 500;

}  // namespace

simulated_cluster::simulated_cluster(simulation_options options) : simulated_time(options.seed), options_(options) {
  start_coordinator();
  run_coordinator();
}

// -- targets ----------------------------------------------------------------------------------------------------------

cluster::loop_plan simulated_cluster::plan_of(uint64_t key) const {
  auto length = milliseconds(interval);
  return {key, length, phase(key * 7919, 0, length), 1, std::make_shared<const std::string>("plan")};
}

void simulated_cluster::add_target(uint64_t key) {
  auto plan = plan_of(key);
  bool is_back = !fleet_.is_there(key) && !targets_.insert(key).second;
  targets_.insert(key);
  fleet_.appear(key, wall(), interval, plan.phase.count());
  if (!coordinator_) return;
  coordinator_->want(plan, {}, wall() + coordinator_skew_);
  if (is_back) coordinator_->succeed(key, key, wall() + coordinator_skew_);
  flush_coordinator();
}

void simulated_cluster::remove_target(uint64_t key) {
  if (!fleet_.is_there(key)) return;
  fleet_.disappear(key, wall());
  if (!coordinator_) return;
  coordinator_->unwant(key, wall() + coordinator_skew_);
  flush_coordinator();
}

bool simulated_cluster::is_everything_placed() const {
  for (auto key : targets_)
    if (fleet_.is_there(key) && coordinator_->place_of(key).owner.empty()) return false;
  return true;
}

// -- processes --------------------------------------------------------------------------------------------------------

std::vector<std::string> simulated_cluster::workers() const {
  std::vector<std::string> names;
  for (const auto& [name, which] : workers_) names.push_back(name);
  return names;
}

std::vector<std::string> simulated_cluster::staying() const {
  std::vector<std::string> names;
  for (const auto& [name, which] : workers_)
    if (which.is_staying) names.push_back(name);
  return names;
}

void simulated_cluster::in_process(const std::string& name, uint64_t incarnation, int64_t when,
                                   std::function<void(process&)> what) {
  at(when, [this, name, incarnation, what = std::move(what)] {
    auto found = workers_.find(name);
    if (found == workers_.end() || found->second.incarnation != incarnation) return;
    if (found->second.paused_until > now()) return in_process(name, incarnation, found->second.paused_until, what);
    what(found->second);
    after_event(name, found->second);
  });
}

void simulated_cluster::add_worker(const std::string& name) {
  auto incarnation = ++last_incarnation_;
  auto skew = draw_skew();
  cluster::worker_options worker;
  worker.incarnation = incarnation;
  worker.policy = options_.broken == mutation::no_lease ? cluster::lease_policy::available : options_.policy;
  auto after = [this, name, incarnation](int64_t wait, std::function<void()> what) {
    in_process(name, incarnation, now() + wait, [what = std::move(what)](process&) { what(); });
  };
  auto& which = workers_[name];
  which = {};
  which.incarnation = incarnation;
  which.worker = std::make_unique<simulated_worker>(name, worker, skew, fleet_, after);
  beat(name, incarnation);
}

void simulated_cluster::kill(const std::string& name) { workers_.erase(name); }

void simulated_cluster::leave(const std::string& name) {
  workers_.at(name).is_staying = false;
  in_process(name, workers_.at(name).incarnation, now(), [](process& which) { which.worker->side().leave(); });
}

void simulated_cluster::pause(const std::string& name, int64_t length) {
  workers_.at(name).paused_until = now() + length;
}

void simulated_cluster::partition(const std::string& name, int64_t length) {
  auto& which = workers_.at(name);
  which.cut_off_until = now() + length;
}

void simulated_cluster::drain(const std::string& name) {
  if (coordinator_->drain(name)) workers_.at(name).is_staying = false;
}

void simulated_cluster::heal() {
  options_.carrier = {};
  for (auto& [name, which] : workers_) which.paused_until = which.cut_off_until = 0;
}

void simulated_cluster::restart_coordinator(int64_t down) {
  coordinator_.reset();
  at(now() + down, [this] {
    start_coordinator();
    for (auto& [name, which] : workers_) which.is_connected = false;
    // Discovery does not find everything at once.
    for (auto key : targets_) {
      at(now() + static_cast<int64_t>(draw(3000)), [this, key] {
        if (!coordinator_ || !fleet_.is_there(key)) return;
        coordinator_->want(plan_of(key), {}, wall() + coordinator_skew_);
        flush_coordinator();
      });
    }
  });
}

void simulated_cluster::start_coordinator() {
  cluster::coordinator_options options;
  options.epoch = ++epoch_;
  options.lease = milliseconds(lease);
  if (options_.broken == mutation::hasty_takeover) {
    options.lease = milliseconds(lease / 2);
    options.skew_max = milliseconds(0);
  }
  options.settling = milliseconds(lease + lease / 2);
  options.orphan_grace = milliseconds(60'000);
  coordinator_skew_ = draw_skew();
  coordinator_ = std::make_unique<cluster::coordinator_side>(options, now());
}

// -- messages ---------------------------------------------------------------------------------------------------------

void simulated_cluster::carry(const std::string& name, std::function<void()> deliver) {
  auto found = workers_.find(name);
  if (found == workers_.end() || found->second.cut_off_until > now()) return;
  auto chance = [this] { return static_cast<double>(draw(1'000'000)) / 1e6; };
  auto delay = [this] { return 1 + static_cast<int64_t>(draw(static_cast<uint64_t>(options_.carrier.delay_max))); };
  if (chance() < options_.carrier.loss) return;
  if (chance() < options_.carrier.repetition) at(now() + delay(), deliver);
  at(now() + delay(), std::move(deliver));
}

// A worker says something several times in a lease, and introduces itself until it is accepted.
void simulated_cluster::beat(const std::string& name, uint64_t incarnation) {
  in_process(name, incarnation, now(), [this, name, incarnation](process& which) {
    auto& side = which.worker->side();
    if (!which.is_connected) {
      introduce(name, which);
    } else if (auto words = side.make_frame(now())) {
      send_to_coordinator(name, *words);
    }
    auto wait = which.is_connected ? lease / beats_per_lease : introduction_retry;
    at(now() + wait, [this, name, incarnation] { beat(name, incarnation); });
  });
}

void simulated_cluster::introduce(const std::string& name, process& which) {
  auto words = cluster::decode_introduction(cluster::encode(which.worker->side().introduce(now())));
  carry(name, [this, name, words = *words] {
    if (!coordinator_) return;
    auto answer = coordinator_->introduce({name, "", name, 1}, words, now(), wall() + coordinator_skew_);
    if (!answer) return;
    carry(name, [this, name, incarnation = words.incarnation, accepted = *answer] {
      in_process(name, incarnation, now(), [accepted](process& which) {
        which.is_connected = which.worker->side().accept(accepted) || which.is_connected;
      });
    });
    flush_coordinator();
  });
}

void simulated_cluster::send_to_coordinator(const std::string& name, cluster::frame sent) {
  auto incarnation = workers_.at(name).incarnation;
  carry(name, [this, name, incarnation, sent = tampered(std::move(sent))] {
    if (!coordinator_) return;
    bool is_known = coordinator_->take(sent, now(), wall() + coordinator_skew_).has_value();
    flush_coordinator();
    if (is_known) return;
    carry(name, [this, name, incarnation] {
      in_process(name, incarnation, now(), [](process& which) { which.is_connected = false; });
    });
  });
}

void simulated_cluster::send_to_worker(const std::string& name, cluster::frame sent) {
  auto found = workers_.find(name);
  if (found == workers_.end()) return;
  carry(name, [this, name, incarnation = found->second.incarnation, sent = std::move(sent)] {
    in_process(name, incarnation, now(), [this, name, sent](process& which) {
      auto& side = which.worker->side();
      auto wants_answer = side.take(sent, now(), wall() + which.worker->skew());
      if (!wants_answer || !*wants_answer) return;
      if (auto answer = side.make_frame(now())) send_to_coordinator(name, *answer);
    });
  });
}

// Ticks at their time, and whatever there is to say.
void simulated_cluster::after_event(const std::string& name, process& which) {
  if (which.worker->is_dismissed()) {
    workers_.erase(name);
    return;
  }
  auto& side = which.worker->side();
  side.run_ticks(now(), wall() + which.worker->skew());
  if (which.is_connected && side.has_work(now())) {
    if (auto words = side.make_frame(now())) send_to_coordinator(name, *words);
  }
  auto next = side.next_tick();
  if (!next) return;
  auto when = std::max(now() + 1, *next - wall_base - which.worker->skew());
  if (which.armed_for > now() && which.armed_for <= when) return;
  which.armed_for = when;
  in_process(name, which.incarnation, when, [](process&) {});
}

void simulated_cluster::flush_coordinator() {
  for (auto& [name, sent] : coordinator_->take_frames(now())) send_to_worker(name, std::move(sent));
}

void simulated_cluster::run_coordinator() {
  if (coordinator_) {
    coordinator_->run(now(), wall() + coordinator_skew_);
    flush_coordinator();
  }
  at(now() + 250, [this] { run_coordinator(); });
}

cluster::frame simulated_cluster::tampered(cluster::frame sent) const {
  if (options_.broken == mutation::none) return sent;
  if (auto notices = cluster::decode_notices(sent.items); notices && !sent.items.empty()) {
    sent.items.clear();
    for (auto& each : *notices) {
      auto* promise = std::get_if<cluster::yielding>(&each);
      if (promise && options_.broken == mutation::late_cut) promise->cut -= interval;
      auto* estate = std::get_if<cluster::yielded>(&each);
      if (estate && options_.broken == mutation::lost_estate) estate->state.clear();
      auto* copy = std::get_if<cluster::copied>(&each);
      if (copy && options_.broken == mutation::lost_copies) copy->state.clear();
      cluster::append(sent.items, each);
    }
  }
  return sent;
}

}  // namespace rollcall::test
