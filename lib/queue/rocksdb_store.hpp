#pragma once

#include "lib/base/result.hpp"
#include "lib/queue/block_store.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class Env;  // NOLINT(readability-identifier-naming): its name there
}

namespace rollcall::queue {

struct rocksdb_store_options {
  std::string directory;                          ///< Made when it does not exist. Nobody else puts anything there.
  size_t memtable_bytes = 256 * 1024;             ///< Two of them per queue, and log files of about four times as much.
  size_t file_bytes = 8 * 1024 * 1024;            ///< Of a table, which goes as a whole.
  size_t memtables_bytes_max = 64 * 1024 * 1024;  ///< Of all queues.
  rocksdb::Env* file_system = nullptr;            ///< Not owned; null means that of the machine.
  /// Hears what a store does about damage, in a sentence. Called within the calls to the store.
  std::function<void(const std::string&)> report = [](const std::string&) {};
};

/// Queues in RocksDB, a column family each. Holds a lock on the directory as long as it lives. What is damaged is
/// repaired as far as possible; a database that cannot be is renamed, never deleted, and a new one begun. A disk that
/// refuses to be written to does not keep it from being made: its calls fail until the disk has recovered.
/// Errors: closed, when another process uses the directory.
result<block_store_ptr> open_rocksdb_store(rocksdb_store_options options);

}  // namespace rollcall::queue
