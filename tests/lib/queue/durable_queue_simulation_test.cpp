#include "tests/lib/queue/queue_bench.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>
#include <sstream>

/// Random lives of a queue: outages, refusals, kills, power cuts and a disk that is full now and then. A kill must not
/// cost anything that was taken; a power cut may cost what was not synced.
namespace rollcall::queue {

namespace {

constexpr uint64_t sources = 4;

// Of a source, by number.
using sample = std::pair<uint64_t, uint64_t>;

std::vector<sample> samples_in(const std::string& body) {
  std::vector<sample> found;
  std::istringstream in(test::unpacked(body));
  for (sample each; in >> each.first >> each.second;) found.push_back(each);
  return found;
}

// One queue, and what is known of every sample.
class simulation : public test::queue_bench {
 public:
  simulation(uint64_t seed, delivery_order order) : random_(seed) {
    options.order = order;
    options.lane_bytes_max = 60;
    options.merged_samples_max = 4;
    options.send.window.requests_min = 4;
    options.store.work_bytes_max = 30;
    start();
  }

  void run(int steps) {
    for (int step = 0; step < steps; ++step) act();
    store.write_fault.clear();
    for (int round = 0; round < 100 && queue->samples() > 0; ++round) {
      now += std::chrono::seconds(10);
      settle();
      send();
      while (!under_way.empty()) deliver(0);
    }
    now += std::chrono::seconds(10);
    settle();
  }

  void check() {
    CHECK(queue->samples() == 0);
    CHECK(store.sequences("q").empty());
    std::set<sample> missing;
    for (const auto& each : owed_)
      if (!finished_.contains(each)) missing.insert(each);
    CHECK(missing.empty());
    CHECK(overtaken_.empty());
  }

  bool cuts_power = false;

 private:
  uint64_t draw(uint64_t below) { return random_() % below; }

  void act() {
    now += milliseconds(draw(300));
    switch (draw(16)) {
      case 0:
        if (draw(4) == 0) crash();
        return;
      case 1:
        store.write_fault = draw(3) == 0 ? "full" : "";
        return;
      case 2:
        if (store.sync()) owe_all_stored();
        return;
      case 3:
      case 4:
      case 5:
        return push_some();
      case 6:
      case 7:
        return ask();
      case 8:
      case 9:
        answer();
        return;
      case 10:
        if (!under_way.empty()) queue->failed(take_tag(draw(under_way.size())), now, std::nullopt);
        return;
      case 11:
        if (!under_way.empty()) refuse(draw(under_way.size()));
        return;
      default:
        send();
        if (!under_way.empty() && draw(3) > 0) deliver(draw(under_way.size()));
    }
  }

  void push_some() {
    auto source = 1 + draw(sources);
    auto number = ++numbers_[source];
    auto words = std::to_string(source) + ' ' + std::to_string(number) + ' ';
    taken_.emplace(source, number);
    auto made = test::made_request(test::packed(words), 1, {source}, ++batch_);
    if (draw(4) == 0) {
      queue->draft(made, wall);
      note();
      if (draw(4) == 0) return crash();
    }
    if (draw(2) == 0) return queue->push(std::move(made), wall);
    queue->push_held(std::move(made), wall, now + milliseconds(draw(1000)));
  }

  // A life's requests of one source go in order: what goes now has nothing older before it that is not finished.
  void send() {
    for (auto& attempt : queue->take_due(now, INT64_MIN)) {
      auto samples = samples_in(*attempt.body);
      for (const auto& [source, number] : samples) on_the_way_[source].erase(number);
      for (const auto& [source, number] : samples) {
        const auto& others = on_the_way_[source];
        bool overtakes = !others.empty() && *others.begin() < number;
        if (overtakes && options.order == delivery_order::strict) overtaken_.emplace_back(source, number);
      }
      for (const auto& [source, number] : samples) on_the_way_[source].insert(number);
      under_way.push_back(std::move(attempt));
    }
  }
  void finish(const std::string& body) {
    for (const auto& sample : samples_in(body)) {
      finished_.insert(sample);
      on_the_way_[sample.first].erase(sample.second);
    }
  }
  void deliver(size_t index) {
    auto body = under_way[index].body;
    if (queue->delivered(take_tag(index))) finish(*body);
  }
  void refuse(size_t index) {
    auto body = under_way[index].body;
    if (queue->refused(take_tag(index), wall, "no")) finish(*body);
  }

  // What the store has, it owes to deliver.
  void owe_all_stored() {
    for (auto sequence : store.sequences("q")) {
      for (const auto& sample : samples_in(*store.read("q", sequence).content->request.body)) owed_.insert(sample);
    }
  }

  void crash() {
    store.write_fault.clear();
    if (cuts_power) {
      store.cut_power();
      notes = {};
    } else {
      note();
      recover();
      owe_all_stored();
      for (const auto& each : taken_) owed_.insert(each);
    }
    under_way.clear();
    on_the_way_.clear();
    batch_ = 0;
    start();
  }

  std::mt19937_64 random_;
  uint64_t batch_ = 0;
  std::map<uint64_t, uint64_t> numbers_;
  std::map<uint64_t, std::set<uint64_t>> on_the_way_;  // by source
  std::set<sample> taken_, owed_, finished_;
  std::vector<sample> overtaken_;
};

}  // namespace

TEST_CASE("whatever happens, what the store had is delivered or set aside, and in strict order nothing overtakes") {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    for (auto order : {delivery_order::strict, delivery_order::live_first}) {
      for (bool cuts_power : {false, true}) {
        CAPTURE(seed, static_cast<int>(order), cuts_power);
        simulation run(seed, order);
        run.cuts_power = cuts_power;
        run.run(400);
        run.check();
      }
    }
  }
}

}  // namespace rollcall::queue
