#include "tests/lib/queue/queue_bench.hpp"
#include "tests/lib/remote_write/wire_format.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <set>

/// Random lives of a queue: outages, refusals, kills, power cuts and a disk that is full now and then. A kill must not
/// cost anything that was noted, nor have anything accepted twice whose acceptance was noted, and is in the store if
/// it is of a part of a block; a power cut may cost what was not synced.
namespace rollcall::queue {

namespace {

constexpr uint64_t sources = 4;
constexpr uint64_t series_of_source = 3;

// Of a series, by number.
using sample = std::pair<uint64_t, uint64_t>;

std::string body_of(uint64_t source, uint64_t number) {
  std::vector<test::wire_sample> samples;
  for (uint64_t i = 0; i < series_of_source; ++i)
    samples.push_back({{{"s", std::to_string(source * series_of_source + i)}}, 1, static_cast<int64_t>(number)});
  return test::packed(test::wire_encode(samples));
}

std::vector<sample> samples_in(const std::string& body) {
  std::vector<sample> found;
  for (const auto& each : test::wire_decode(test::unpacked(body)))
    found.emplace_back(std::stoull(each.labels.at(0).second), each.timestamp);
  return found;
}

// One queue, and what is known of every sample.
class simulation : public test::queue_bench {
 public:
  simulation(uint64_t seed, delivery_order order) : random_(seed) {
    options.order = order;
    options.lane_bytes_max = 240;
    options.merged_samples_max = 4 * series_of_source;
    options.send.window.requests_min = 4;
    options.store.work_bytes_max = 120;
    options.store.gathering = milliseconds(seed % 2 == 0 ? 0 : 250);
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
    settle_in_time();
  }

  void check() {
    CHECK(queue->samples() == 0);
    CHECK(store.sequences("q").empty());
    auto kept = accepted_;
    auto contents = store.contents("q");
    for (const auto& each : contents->set_aside) {
      auto aside = store.read_set_aside("q", each.sequence).content;
      REQUIRE(aside);
      for (const auto& sample : samples_in(*aside->request.body)) kept.insert(sample);
    }
    std::set<sample> missing;
    for (const auto& each : owed_)
      if (!kept.contains(each)) missing.insert(each);
    CHECK(missing.empty());
    CHECK(overtaken_.empty());
    if (!cuts_power && !notes_late) CHECK(repeated_.empty());
  }

  bool cuts_power = false;
  bool notes_late = false;  // the journal, a thread of its own, hears of things after the store

 private:
  uint64_t draw(uint64_t below) { return random_() % below; }

  void note() {
    test::queue_bench::note();
    if (!cuts_power) owed_.insert(taken_.begin(), taken_.end());
    settled_.merge(accepted_whole_);
    noted_parts_.merge(accepted_parts_);
  }
  void ask() {
    if (!notes_late || draw(2) == 0) note();
    auto work = queue->take_work(now, wall);
    if (!work) return;
    pending = std::move(work);
    written_parts_.merge(noted_parts_);
  }
  void answer() {
    if (test::queue_bench::answer() && queue->figures().unstored_bytes == 0) settled_.merge(written_parts_);
  }

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
    auto body = body_of(source, number);
    for (const auto& each : samples_in(body)) taken_.insert(each);
    auto made = test::made_request(std::move(body), series_of_source, {source}, ++batch_);
    if (draw(4) == 0) {
      queue->draft(made, wall);
      note();
      if (draw(4) == 0) return crash();
    }
    if (draw(2) == 0) return queue->push(std::move(made), wall);
    queue->push_held(std::move(made), wall, now + milliseconds(draw(1000)));
  }

  // A life's samples of one series go in order: what goes now has nothing older before it that is not finished.
  void send() {
    for (auto& attempt : queue->take_due(now, INT64_MIN)) {
      auto samples = samples_in(*attempt.body);
      for (const auto& [series, number] : samples) on_the_way_[series].erase(number);
      for (const auto& [series, number] : samples) {
        const auto& others = on_the_way_[series];
        bool overtakes = !others.empty() && *others.begin() < number;
        if (overtakes && options.order == delivery_order::strict) overtaken_.emplace_back(series, number);
      }
      for (const auto& [series, number] : samples) on_the_way_[series].insert(number);
      under_way.push_back(std::move(attempt));
    }
  }
  void deliver(size_t index) {
    auto body = under_way[index].body;
    auto before = queue->figures();
    if (!queue->delivered(take_tag(index))) return;
    auto after = queue->figures();
    bool is_part = after.blocks == before.blocks || after.set_aside_blocks > before.set_aside_blocks;
    for (const auto& sample : samples_in(*body)) {
      if (settled_.contains(sample)) repeated_.insert(sample);
      accepted_.insert(sample);
      (is_part ? accepted_parts_ : accepted_whole_).insert(sample);
      on_the_way_[sample.first].erase(sample.second);
    }
  }
  // It may come again as a part of what it was.
  void refuse(size_t index) {
    auto body = under_way[index].body;
    auto about = draw(4) == 0 ? remote_write::blame::request : remote_write::blame::series;
    if (!queue->refused(take_tag(index), wall, "no", {}, about)) return;
    for (const auto& sample : samples_in(*body)) on_the_way_[sample.first].erase(sample.second);
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
      if (draw(2) == 0) note();
      recover();
      owe_all_stored();
    }
    for (auto* unsure : {&accepted_whole_, &accepted_parts_, &noted_parts_, &written_parts_}) unsure->clear();
    pending.reset();
    taken_.clear();
    under_way.clear();
    on_the_way_.clear();
    batch_ = 0;
    start();
  }

  std::mt19937_64 random_;
  uint64_t batch_ = 0;
  std::map<uint64_t, uint64_t> numbers_;
  std::map<uint64_t, std::set<uint64_t>> on_the_way_;  // by series
  std::set<sample> taken_, owed_, accepted_, repeated_;
  std::set<sample> accepted_whole_, accepted_parts_, noted_parts_, written_parts_;  // what a kill may repeat
  std::set<sample> settled_;                                                        // what it may not
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
        run.notes_late = seed % 3 == 0;
        run.run(400);
        run.check();
      }
    }
  }
}

}  // namespace rollcall::queue
