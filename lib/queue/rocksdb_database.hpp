#pragma once

#include "lib/queue/directory_lock.hpp"
#include "lib/queue/rocksdb_store.hpp"

#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <string>

namespace rollcall::queue {

/// A RocksDB database with a column family per name, that is opened, repaired and brought back to life as need be. For
/// one thread.
class rocksdb_database {
 public:
  class listening_log;

  using family = rocksdb::ColumnFamilyHandle*;

  explicit rocksdb_database(rocksdb_store_options options);
  ~rocksdb_database() { close(); }
  rocksdb_database(const rocksdb_database&) = delete;
  rocksdb_database& operator=(const rocksdb_database&) = delete;

  /// Errors: as directory_lock::take().
  result<void> take_lock();
  /// To be called before all that follows. Opens the database, or has one that refused something try again.
  result<void> make_ready();
  rocksdb::DB& operator*() const { return *db_; }
  rocksdb::DB* operator->() const { return db_.get(); }
  const std::map<std::string, family>& families() const { return families_; }
  result<family> find_or_make(const std::string& name);
  result<void> drop(const std::string& name);
  /// What to answer to a call that the database failed; remembers that it did.
  tl::unexpected<error> failed(const rocksdb::Status& status);
  void report(const std::string& what) const { options_.report(what); }
  /// Whether records of the log were damaged.
  bool has_lost_records() const;

 private:
  std::string path() const { return options_.directory + "/blocks"; }
  bool has_lost_its_root() const;
  rocksdb::Status try_open();
  result<void> open();
  result<void> rename_aside(const std::string& why);
  void close();

  rocksdb_store_options options_;
  std::shared_ptr<listening_log> log_;
  directory_lock lock_;
  std::unique_ptr<rocksdb::DB> db_;  // null while it could not be opened
  family default_family_ = nullptr;
  std::map<std::string, family> families_;
  bool failed_ = false;   // a write failed: RocksDB may refuse all others
  bool damaged_ = false;  // of what was written some cannot be read
};

}  // namespace rollcall::queue
