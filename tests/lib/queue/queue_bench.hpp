#pragma once

#include "lib/queue/durable_queue.hpp"
#include "tests/fakes/memory_store.hpp"
#include "tests/lib/queue/made_block.hpp"

#include <snappy.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

/// A body of remote_write's kind that says what is in it.
inline std::string packed(const std::string& words) {
  std::string compressed;
  snappy::Compress(words.data(), words.size(), &compressed);
  return compressed;
}

inline std::string unpacked(const std::string& body) {
  std::string words;
  snappy::Uncompress(body.data(), body.size(), &words);
  return words;
}

/// A durable queue with its store, which does its work when told to.
class queue_bench {
 public:
  queue_bench() { options.durability = queue::durability::stored; }

  /// Begins a life: what was in memory before is gone.
  void start() {
    pending.reset();
    queue.emplace(options);
    settle();
  }
  /// The store does what it is asked for until it is asked for nothing.
  void settle() {
    do {
      ask();
    } while (answer());
  }
  /// Likewise until nothing gathers or waits for others to be written any more.
  void settle_in_time() {
    for (int round = 0; round < 3; ++round, now += std::chrono::seconds(1)) settle();
  }
  /// Has the queue say what it wants of the store.
  void ask() {
    note();
    if (auto work = queue->take_work(now, wall)) pending = std::move(work);
  }
  /// The journal is told what there is to be noted.
  void note() {
    if (auto what = queue->take_note()) notes.take("q", std::move(*what));
  }
  /// What a new process does first.
  void recover() {
    for (const auto& [name, changes] : std::exchange(notes, {}).changes()) {
      if (!store.change(name, changes)) throw std::logic_error("the store takes nothing");
    }
  }
  bool answer() {
    if (!pending) return false;
    auto work = std::move(*pending);
    pending.reset();
    auto done = queue::perform(store, "q", work);
    queue->work_done(done, now, wall);
    return true;
  }
  void push(const std::string& words, std::vector<uint64_t> sources, uint64_t batch, uint64_t samples = 10) {
    queue->push(made_request(packed(words), samples, std::move(sources), batch), wall);
  }
  void push_held(const std::string& words, std::vector<uint64_t> sources, uint64_t batch, milliseconds until) {
    queue->push_held(made_request(packed(words), 10, std::move(sources), batch), wall, until);
  }
  /// The words of what is to be sent now; it counts as under way.
  std::vector<std::string> take() {
    std::vector<std::string> words;
    for (auto& attempt : queue->take_due(now, INT64_MIN)) {
      words.push_back(unpacked(*attempt.body));
      under_way.push_back(std::move(attempt));
    }
    return words;
  }
  uint64_t take_tag(size_t index = 0) {
    auto tag = under_way.at(index).tag;
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(index));
    return tag;
  }
  /// Sends and delivers until nothing more is to be sent; gives what was.
  std::vector<std::string> deliver_all() {
    std::vector<std::string> all;
    for (bool more = true; more;) {
      settle();
      auto words = take();
      all.insert(all.end(), words.begin(), words.end());
      more = !under_way.empty();
      while (!under_way.empty()) queue->delivered(take_tag());
    }
    settle();
    return all;
  }

  queue::durable_queue_options options;
  memory_store store;
  queue::journal_contents notes;
  std::optional<queue::durable_queue> queue;
  std::optional<queue::store_work> pending;
  std::vector<remote_write::attempt> under_way;
  milliseconds now{1000};
  int64_t wall = 1'700'000'000'000;
};

}  // namespace rollcall::test
