#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rollcall {

/// Names of labels under numbers that stand for them in memory. A name that was given a number keeps it, and one that
/// was refused is always refused, so that equal names are written equally. Never forgets; bounded. Safe from any
/// thread.
class name_table {
 public:
  static constexpr uint32_t names_max = 1u << 15;
  static constexpr size_t name_bytes_max = 256;

  name_table() = default;
  name_table(const name_table&) = delete;
  name_table& operator=(const name_table&) = delete;
  ~name_table();

  /// The table of the process.
  static name_table& shared();

  /// The number of a name, which is given one if there is room; 0 when it has none.
  uint32_t number_of(std::string_view name);
  /// The name of a number that number_of() gave. Valid as long as the table.
  std::string_view name_of(uint32_t number) const;

 private:
  static constexpr size_t chunk_names = 256;
  using chunk = std::array<std::string_view, chunk_names>;

  std::shared_mutex mutex_;  // of what follows but for the chunks, which are read without
  std::unordered_map<std::string_view, uint32_t> numbers_;
  std::deque<std::string> texts_;
  std::array<std::atomic<chunk*>, names_max / chunk_names> chunks_{};
};

}  // namespace rollcall
