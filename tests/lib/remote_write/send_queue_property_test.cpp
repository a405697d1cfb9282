#include "lib/remote_write/send_queue.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

namespace rollcall::remote_write {

namespace {

using namespace std::chrono_literals;

// A receiver and the queue in front of it, driven at random. Every request has a number; samples == number + 1, so an
// attempt tells which request it is of.
class simulation {
 public:
  explicit simulation(uint64_t seed) : random_(seed), queue_(options()) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      check_bounds();
    }
    drain();
  }

 private:
  send_queue_options options() {
    send_queue_options options;
    options.window = {1 + below(3), 3 + below(6), 30ms, 5'000ms};
    options.samples_max = 2'000 + below(100'000);
    options.bytes_max = 1'000 + below(20'000);
    options.answer_timeout = 40s;
    bounds_ = options;
    return options;
  }

  uint64_t below(uint64_t n) { return random_() % n; }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        push();
        break;
      case 3:
        now_ += milliseconds(below(3'000));
        break;
      case 4:
        if (below(60) == 0) forget_answers();
        break;
      default:
        answer_one();
    }
    take();
  }

  void push() {
    std::vector<source_span> spans;
    if (below(3) != 0) ++batch_;
    for (uint64_t source = 0; source < 6; ++source) {
      if (below(3) != 0) continue;
      auto& known = last_batch_[source];
      // Sometimes the source's last batch goes on in this request.
      auto first = below(2) == 0 && known != 0 ? known : batch_;
      auto last = below(2) == 0 ? first : batch_;
      known = last;
      spans.push_back({source, first, last});
    }
    if (spans.empty()) return;
    auto number = sent_.size();
    sent_.push_back(spans);
    samples_in_ += number + 1;
    auto body = std::make_shared<const std::string>(1 + below(200), 'x');
    queue_.push({{number + 1, 0, 0}, {}, body, 0, 0, spans});
    newest_ = number;
  }

  void take() {
    for (const auto& attempt : queue_.take_due(now_, INT64_MIN)) {
      auto number = attempt.samples - 1;
      check_order(number);
      REQUIRE(seen_.count(number) == (attempt.repeats > 0 ? 1 : 0));
      seen_.insert({number, 0});
      under_way_[attempt.tag] = {number, now_};
    }
    REQUIRE(queue_.in_flight() <= bounds_.window.requests_max);
  }

  // Nothing that goes out may share a series with something older that is, or will be, sent as well.
  void check_order(uint64_t number) {
    for (const auto& [tag, other] : under_way_) {
      if (lost_.count(tag) == 0) REQUIRE(!conflict(number, other.first));
    }
    // What went out after this one shares no series with it: it would have overtaken.
    for (auto later : finished_) {
      if (later > number) REQUIRE(!conflict(number, later));
    }
  }

  bool conflict(uint64_t a, uint64_t b) const {
    for (const auto& x : sent_[a]) {
      for (const auto& y : sent_[b]) {
        if (x.source != y.source) continue;
        bool same_batch = x.batch_first == x.batch_last && x == y;
        if (!same_batch) return true;
      }
    }
    return false;
  }

  void answer_one() {
    if (under_way_.empty()) return;
    auto chosen = std::next(under_way_.begin(), static_cast<long>(below(under_way_.size())));
    auto [tag, what] = *chosen;
    bool late = lost_.count(tag) != 0 || now_ - what.second >= bounds_.answer_timeout;
    under_way_.erase(chosen);
    switch (below(4)) {
      case 0: {
        auto hold_off = below(4) == 0 ? std::optional(milliseconds(below(20'000))) : std::nullopt;
        bool counted = queue_.failed(tag, now_, hold_off);
        if (!late) REQUIRE(counted);
        break;
      }
      case 1:
        if (queue_.refused(tag)) {
          refused_ += what.first + 1;
          finished_.push_back(what.first);
        }
        break;
      default:
        if (queue_.delivered(tag)) {
          delivered_ += what.first + 1;
          finished_.push_back(what.first);
        }
    }
  }

  void forget_answers() {
    queue_.fail_all(now_);
    for (const auto& [tag, what] : under_way_) lost_.insert({tag, 0});
  }

  void check_bounds() {
    // The newest and what is under way may not be dropped, so they can exceed a bound.
    uint64_t kept = newest_ + 1;
    for (const auto& [tag, what] : under_way_) kept += what.first + 1;
    REQUIRE(queue_.samples() <= bounds_.samples_max + kept);
    const auto& totals = queue_.totals();
    REQUIRE(samples_in_ == queue_.samples() + totals.delivered + totals.refused + totals.dropped_queue_full);
    REQUIRE(totals.delivered == delivered_);
    REQUIRE(totals.refused == refused_);
  }

  // With a receiver that is well again, everything leaves.
  void drain() {
    for (int round = 0; round < 10'000 && !queue_.empty(); ++round) {
      take();
      while (!under_way_.empty()) {
        auto [tag, what] = *under_way_.begin();
        under_way_.erase(under_way_.begin());
        if (queue_.delivered(tag)) delivered_ += what.first + 1;
      }
      auto next = queue_.next_due();
      REQUIRE((queue_.empty() || next));
      if (next) now_ = std::max(now_, *next);
    }
    REQUIRE(queue_.empty());
    REQUIRE(queue_.bytes() == 0);
    check_bounds();
  }

  std::mt19937_64 random_;
  send_queue_options bounds_;
  send_queue queue_;
  milliseconds now_{0};
  uint64_t batch_ = 1;
  uint64_t newest_ = 0;
  uint64_t samples_in_ = 0, delivered_ = 0, refused_ = 0;
  std::map<uint64_t, uint64_t> last_batch_;
  std::vector<std::vector<source_span>> sent_;
  std::map<uint64_t, int> seen_, lost_;
  std::map<uint64_t, std::pair<uint64_t, milliseconds>> under_way_;
  std::vector<uint64_t> finished_;
};

}  // namespace

TEST_CASE("no sample overtakes an older one of its series, and every sample is delivered or counted") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    simulation(seed).run(600);
  }
}

}  // namespace rollcall::remote_write
