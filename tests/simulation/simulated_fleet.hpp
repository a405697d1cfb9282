#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rollcall::test {

/// The targets of a simulation: what each exposes, and who scraped what and marked what when.
class simulated_fleet {
 public:
  /// A series is the number of its generation; 0 is the one that every target always exposes.
  using series = std::set<uint64_t>;

  void appear(uint64_t key, int64_t wall, int64_t interval, int64_t phase);
  void disappear(uint64_t key, int64_t wall);
  /// The target exposes another generation from now on.
  void renew(uint64_t key);
  bool is_there(uint64_t key) const;

  /// A scrape of the tick: what the target exposes.
  series scrape(uint64_t key, int64_t tick);
  /// A staleness marker. It is false if the series is there, and was scraped since its target has last appeared.
  void mark(uint64_t key, uint64_t generation);

  // -- what came of it
  size_t double_scrapes() const { return double_scrapes_; }
  size_t false_markers() const { return false_markers_; }
  /// The largest number of ticks that any target missed between two times, its first and last but one interval aside.
  size_t missed_most(int64_t from, int64_t until) const;
  /// Series that are gone and were not marked since they were scraped.
  size_t missing_markers() const;
  /// Markers of what was not scraped since it was marked.
  size_t repeated_markers() const { return repeated_markers_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct life {
    int64_t from = 0;
    int64_t until = 0;  // 0 while it lasts
  };
  struct subject {
    int64_t interval = 0;
    int64_t phase = 0;
    uint64_t generation = 1;
    std::vector<life> lives;
    bool was_scraped = false;           // in the last of them
    std::map<int64_t, size_t> scrapes;  // by tick
    std::set<uint64_t> unmarked;        // scraped, and not marked since
  };

  std::map<uint64_t, subject> subjects_;
  size_t double_scrapes_ = 0;
  size_t false_markers_ = 0;
  size_t repeated_markers_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace rollcall::test
