#include "lib/queue/rocksdb_database.hpp"

#include <rocksdb/env.h>
#include <rocksdb/table.h>

#include <atomic>
#include <cstdarg>
#include <filesystem>
#include <string_view>

namespace rollcall::queue {

using rocksdb::Status;

// RocksDB's own log is a file beside its tables, and a disk that refuses to take a line of it would end the process.
// What goes wrong comes back from the calls, but for records of its write-ahead log that it leaves out: of those it
// only says so.
class rocksdb_database::listening_log : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  listening_log() : Logger(rocksdb::WARN_LEVEL) {}
  void Logv(const char* format, va_list) override {
    if (std::string_view(format).find("dropping %") != std::string_view::npos) heard_of_loss = true;
  }

  std::atomic<bool> heard_of_loss = false;
};

namespace {

// Tells the column families of queues from the one that RocksDB always has.
constexpr std::string_view family_prefix = "queue:";
constexpr const char* marker_key = "q";
constexpr int background_jobs_max = 2;
// The index of each is in memory. A backlog is written and read file by file.
constexpr int files_open_max = 32;
constexpr size_t file_buffer_bytes = size_t{64} << 10;
// Memtables are small, so it takes more of them before it is worth while to write the youngest table again.
constexpr int tables_per_compaction = 8;
constexpr int names_aside_max = 1000;

rocksdb::ColumnFamilyOptions family_options(const rocksdb_store_options& options) {
  rocksdb::ColumnFamilyOptions made;
  made.write_buffer_size = options.memtable_bytes;
  // In one piece, which goes back to the system as a whole.
  made.arena_block_size = options.memtable_bytes;
  made.max_write_buffer_number = 2;
  made.level0_file_num_compaction_trigger = tables_per_compaction;
  // A file goes back to the disk when nothing in it lives any more, so it is not to be large.
  made.target_file_size_base = options.file_bytes;
  // Bodies are compressed already.
  made.compression = rocksdb::kNoCompression;
  made.bottommost_compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions tables;
  // Each block is read once.
  tables.no_block_cache = true;
  made.table_factory.reset(rocksdb::NewBlockBasedTableFactory(tables));
  return made;
}

rocksdb::DBOptions database_options(const rocksdb_store_options& options, const std::shared_ptr<rocksdb::Logger>& log) {
  rocksdb::DBOptions made;
  made.create_if_missing = true;
  if (options.file_system) made.env = options.file_system;
  made.db_write_buffer_size = options.memtables_bytes_max;
  made.max_total_wal_size = 4 * options.memtable_bytes;
  made.max_open_files = files_open_max;
  made.max_background_jobs = background_jobs_max;
  made.writable_file_max_buffer_size = file_buffer_bytes;
  made.stats_dump_period_sec = 0;
  made.stats_persist_period_sec = 0;
  made.info_log = log;
  // A record is whole or it is not, and no record depends on another: a damaged one costs itself alone.
  made.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  return made;
}

bool is_damage(const Status& status) { return status.IsCorruption() || status.IsInvalidArgument(); }

}  // namespace

rocksdb_database::rocksdb_database(rocksdb_store_options options)
    : options_(std::move(options)), log_(std::make_shared<listening_log>()) {}

bool rocksdb_database::has_lost_records() const { return log_->heard_of_loss; }

result<void> rocksdb_database::take_lock() {
  auto lock = directory_lock::take(options_.directory);
  if (!lock) return tl::unexpected(lock.error());
  lock_ = std::move(*lock);
  return {};
}

void rocksdb_database::close() {
  for (auto& [name, family] : families_)
    if (db_) db_->DestroyColumnFamilyHandle(family);
  families_.clear();
  if (db_ && default_family_) db_->DestroyColumnFamilyHandle(default_family_);
  default_family_ = nullptr;
  db_.reset();
}

// RocksDB would take a database that has lost its root for none at all, and clear it away.
bool rocksdb_database::has_lost_its_root() const {
  std::error_code none;
  std::filesystem::path directory = path();
  return std::filesystem::exists(directory, none) && !std::filesystem::is_empty(directory, none) &&
         !std::filesystem::exists(directory / "CURRENT", none);
}

Status rocksdb_database::try_open() {
  if (has_lost_its_root()) return Status::Corruption("the file CURRENT is missing");
  auto options = database_options(options_, log_);
  options.paranoid_checks = !damaged_;
  std::vector<std::string> names;
  // Fails where there is no database yet.
  rocksdb::DB::ListColumnFamilies(options, path(), &names).PermitUncheckedError();
  if (names.empty()) names.push_back(rocksdb::kDefaultColumnFamilyName);
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  for (const auto& name : names) wanted.emplace_back(name, family_options(options_));
  std::vector<family> handles;
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::Open(options, path(), wanted, &handles, &opened);
  if (!status.ok()) return status;
  db_.reset(opened);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].starts_with(family_prefix)) {
      families_[names[i].substr(family_prefix.size())] = handles[i];
    } else {
      default_family_ = handles[i];
    }
  }
  return status;
}

result<void> rocksdb_database::open() {
  auto status = try_open();
  if (is_damage(status) && !std::exchange(damaged_, true)) {
    report("the database is damaged, it is opened with fewer checks: " + status.ToString());
    status = try_open();
  }
  if (is_damage(status)) {
    report("the database is damaged, it is repaired: " + status.ToString());
    rocksdb::Options all(database_options(options_, log_), family_options(options_));
    status = rocksdb::RepairDB(path(), all);
    if (status.ok()) status = try_open();
  }
  if (is_damage(status)) {
    if (auto renamed = rename_aside(status.ToString()); !renamed) return renamed;
    damaged_ = false;
    status = try_open();
  }
  if (!status.ok()) return fail(errc::io, options_.directory + ": " + status.ToString());
  failed_ = false;
  return {};
}

result<void> rocksdb_database::rename_aside(const std::string& why) {
  for (int number = 1; number <= names_aside_max; ++number) {
    auto name = path() + ".damaged-" + std::to_string(number);
    std::error_code trouble;
    if (std::filesystem::exists(name, trouble)) continue;
    std::filesystem::rename(path(), name, trouble);
    if (trouble) return fail(errc::io, path() + ": cannot be renamed: " + trouble.message());
    report("the database cannot be repaired, it is kept as " + name + ": " + why);
    return {};
  }
  return fail(errc::limit_exceeded, options_.directory + ": there are too many damaged databases");
}

result<void> rocksdb_database::make_ready() {
  if (!lock_) {
    if (auto locked = take_lock(); !locked) return locked;
  }
  if (db_ && failed_) {
    failed_ = !db_->Resume().ok();
    if (failed_) close();
  }
  return db_ ? result<void>() : open();
}

tl::unexpected<error> rocksdb_database::failed(const Status& status) {
  failed_ = true;
  if (status.IsCorruption()) damaged_ = true;
  return fail(errc::io, options_.directory + ": " + status.ToString());
}

result<rocksdb_database::family> rocksdb_database::find_or_make(const std::string& name) {
  auto found = families_.find(name);
  if (found != families_.end()) return found->second;
  family made = nullptr;
  auto status = db_->CreateColumnFamily(family_options(options_), std::string(family_prefix) + name, &made);
  if (!status.ok()) return failed(status);
  families_[name] = made;
  // A repair knows the families from the tables that are there, so each has one from the start.
  status = db_->Put({}, made, marker_key, name);
  if (status.ok()) status = db_->Flush({}, made);
  if (!status.ok()) return failed(status);
  return made;
}

result<void> rocksdb_database::drop(const std::string& name) {
  auto found = families_.find(name);
  if (found == families_.end()) return {};
  if (auto status = db_->DropColumnFamily(found->second); !status.ok()) return failed(status);
  db_->DestroyColumnFamilyHandle(found->second);
  families_.erase(found);
  return {};
}

}  // namespace rollcall::queue
