#include "tests/simulation/simulated_fleet.hpp"

#include "lib/targets/schedule.hpp"

#include <algorithm>

namespace rollcall::test {

void simulated_fleet::appear(uint64_t key, int64_t wall, int64_t interval, int64_t phase) {
  auto& subject = subjects_[key];
  subject.interval = interval;
  subject.phase = phase;
  subject.lives.push_back({wall, 0});
  subject.was_scraped = false;
}

void simulated_fleet::disappear(uint64_t key, int64_t wall) { subjects_.at(key).lives.back().until = wall; }

void simulated_fleet::renew(uint64_t key) { ++subjects_.at(key).generation; }

bool simulated_fleet::is_there(uint64_t key) const {
  auto found = subjects_.find(key);
  return found != subjects_.end() && found->second.lives.back().until == 0;
}

simulated_fleet::series simulated_fleet::scrape(uint64_t key, int64_t tick) {
  auto& subject = subjects_.at(key);
  if (++subject.scrapes[tick] > 1) {
    ++double_scrapes_;
    notes_.push_back("target " + std::to_string(key) + " was scraped twice at " + std::to_string(tick));
  }
  subject.was_scraped = true;
  series seen{0, subject.generation};
  subject.unmarked.insert(seen.begin(), seen.end());
  return seen;
}

void simulated_fleet::mark(uint64_t key, uint64_t generation) {
  auto& subject = subjects_.at(key);
  if (subject.unmarked.erase(generation) == 0) {
    ++repeated_markers_;
    notes_.push_back("series " + std::to_string(generation) + " of target " + std::to_string(key) +
                     " was marked again");
  }
  bool is_alive = is_there(key) && subject.was_scraped && (generation == 0 || generation == subject.generation);
  if (!is_alive) return;
  ++false_markers_;
  notes_.push_back("series " + std::to_string(generation) + " of target " + std::to_string(key) + " was marked alive");
}

size_t simulated_fleet::missed_most(int64_t from, int64_t until) const {
  size_t most = 0;
  for (const auto& [key, subject] : subjects_) {
    size_t missed = 0;
    for (const auto& life : subject.lives) {
      // It takes a moment until a new target has an owner, and what is due at the end may be under way.
      auto begin = std::max(life.from + subject.interval, from);
      auto end = std::min(life.until == 0 ? until : life.until, until) - subject.interval;
      auto tick = next_due(milliseconds(begin), milliseconds(subject.interval), milliseconds(subject.phase)).count();
      for (; tick <= end; tick += subject.interval) {
        missed += subject.scrapes.contains(tick) ? 0 : 1;
      }
    }
    most = std::max(most, missed);
  }
  return most;
}

size_t simulated_fleet::missing_markers() const {
  size_t missing = 0;
  for (const auto& [key, subject] : subjects_) {
    auto gone = subject.unmarked;
    if (is_there(key)) {
      gone.erase(0);
      gone.erase(subject.generation);
    }
    missing += gone.size();
  }
  return missing;
}

}  // namespace rollcall::test
