#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::placement {

/// Zones and nodes by number. Place 0 is everywhere.
class place_table {
 public:
  enum class kind : unsigned char { zone, node };

  /// The number of a place, which it keeps until it was released as often as it was acquired. The empty name is place
  /// 0.
  uint32_t acquire(kind what, std::string_view name);
  void release(uint32_t place);

 private:
  using key = std::pair<kind, std::string>;

  struct entry {
    std::map<key, uint32_t>::iterator name;
    uint64_t uses = 0;
  };

  std::map<key, uint32_t> numbers_;
  std::vector<entry> places_;  // of place n at n - 1
  std::vector<uint32_t> free_;
};

}  // namespace rollcall::placement
