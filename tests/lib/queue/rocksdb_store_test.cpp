#include "lib/queue/rocksdb_store.hpp"

#include "lib/queue/journal.hpp"
#include "lib/queue/journaled_store.hpp"
#include "tests/fakes/faulty_file_system.hpp"
#include "tests/lib/queue/made_block.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

namespace rollcall::queue {

namespace {

namespace fs = std::filesystem;
using fault = test::faulty_file_system::fault;
using test::made_block;
using test::shared;
using numbers = std::vector<uint64_t>;

constexpr size_t body_bytes = 20'000;

std::string body_of(uint64_t sequence) {
  std::string body(body_bytes, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>((sequence * 131 + i * 7) ^ (i >> 5));
  return body;
}

// A store on a directory of its own, that can be closed and opened again, and whose disk can be damaged.
class store_fixture {
 public:
  void open() {
    store.reset();
    rocksdb_store_options options;
    options.directory = directory.path() + "/queue";
    options.memtable_bytes = memtable_bytes;
    options.file_system = environment.get();
    options.report = [this](const std::string& what) { reports.push_back(what); };
    auto opened = open_rocksdb_store(options);
    REQUIRE(opened);
    store = *opened;
  }
  result<void> append(uint64_t first, uint64_t last) {
    for (auto sequence = first; sequence <= last; ++sequence) {
      auto done = store->change("a", {.appended = {shared(made_block(sequence, body_of(sequence)))}});
      if (!done) return done;
    }
    return {};
  }
  numbers listed() {
    numbers found;
    auto contents = store->contents("a");
    REQUIRE(contents);
    for (const auto& each : contents->blocks) found.push_back(each.sequence);
    return found;
  }
  // Of those listed, how many have the body that was written; one that is damaged or lost must say so.
  size_t intact() {
    size_t good = 0;
    for (auto sequence : listed()) {
      auto read = store->read("a", sequence).content;
      if (read) {
        CHECK(*read->request.body == body_of(sequence));
        ++good;
      } else {
        CHECK((read.error().code == errc::syntax || read.error().code == errc::not_found));
      }
    }
    return good;
  }
  fs::path newest(const std::string& extension) const {
    fs::path found;
    for (const auto& each : fs::directory_iterator(directory.path() + "/queue/blocks"))
      if (each.path().extension() == extension && each.path() > found) found = each.path();
    return found;
  }
  // RocksDB removes files at any time: they are counted until none has gone meanwhile.
  uint64_t bytes_on_disk() const {
    std::error_code gone;
    uint64_t sum = 0;
    do {
      gone.clear();
      sum = 0;
      for (const auto& each : fs::directory_iterator(directory.path() + "/queue/blocks")) {
        sum += each.file_size(gone);
        if (gone) break;
      }
    } while (gone);
    return sum;
  }
  static void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(at);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(out.good());
  }

  test::scratch_directory directory;
  size_t memtable_bytes = 8 * 1024 * 1024;
  std::shared_ptr<test::faulty_file_system> disk = std::make_shared<test::faulty_file_system>();
  std::unique_ptr<rocksdb::Env> environment = rocksdb::NewCompositeEnv(disk);
  std::vector<std::string> reports;
  block_store_ptr store;
};

numbers range(uint64_t first, uint64_t last) {
  numbers all;
  for (auto number = first; number <= last; ++number) all.push_back(number);
  return all;
}

}  // namespace

TEST_CASE_METHOD(store_fixture, "what was written is there when the store is opened again") {
  open();
  REQUIRE(append(1, 5));
  REQUIRE(store->change("a", {.erased = {2}, .set_aside = {{3, 1, "poison"}}}));
  open();
  CHECK(listed() == numbers{1, 4, 5});
  CHECK(intact() == 3);
  CHECK(store->contents("a")->set_aside.size() == 1);
  CHECK(reports.empty());
}

TEST_CASE_METHOD(store_fixture, "a directory that is in use is refused, until it no longer is") {
  open();
  auto second = open_rocksdb_store({.directory = directory.path() + "/queue"});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::closed);
  CHECK(second.error().message == directory.path() + "/queue: is in use by another process");
  store.reset();
  CHECK(open_rocksdb_store({.directory = directory.path() + "/queue"}));
}

TEST_CASE_METHOD(store_fixture, "what a process leaves that ends at once is all that was written") {
  open();
  REQUIRE(append(1, 50));
  // What the kernel has of the files is what another process finds after a kill.
  fs::create_directories(directory.path() + "/left");
  fs::copy(directory.path() + "/queue/blocks", directory.path() + "/left/blocks", fs::copy_options::recursive);
  auto left = *open_rocksdb_store({.directory = directory.path() + "/left"});
  store = left;
  CHECK(listed() == range(1, 50));
  CHECK(intact() == 50);
}

TEST_CASE_METHOD(store_fixture, "a log whose end is cut off or zero costs the blocks there and no others") {
  open();
  REQUIRE(append(1, 20));
  store.reset();
  auto log = newest(".log");
  auto size = fs::file_size(log);
  SECTION("cut off") { fs::resize_file(log, size - body_bytes / 2); }
  SECTION("zero") {
    overwrite(log, static_cast<std::streamoff>(size - body_bytes / 2), std::string(body_bytes / 2, '\0'));
  }
  open();
  CHECK(listed() == range(1, 19));
  CHECK(intact() == 19);
  REQUIRE(append(20, 25));
  open();
  CHECK(intact() == 25);
}

TEST_CASE_METHOD(store_fixture, "a log that is damaged in the middle costs the blocks there and no others") {
  open();
  REQUIRE(append(1, 20));
  store.reset();
  auto log = newest(".log");
  overwrite(log, static_cast<std::streamoff>(fs::file_size(log) / 2), "damaged");
  open();
  CHECK(intact() >= 16);
  CHECK(intact() < 20);
  // What is lost is known all the same.
  CHECK(listed() == range(1, 20));
}

TEST_CASE_METHOD(store_fixture, "wherever a log is damaged, it is known what is lost, and nothing comes back") {
  constexpr uint64_t last = 300;
  constexpr uint64_t kept_from = last - 200;
  constexpr uintmax_t log_block_bytes = 32 * 1024;
  open();
  for (uint64_t sequence = 1; sequence <= last; ++sequence) {
    queue_changes changes;
    changes.appended = {shared(made_block(sequence, body_of(sequence).substr(0, 1000)))};
    if (sequence > last - kept_from) changes.erased = {sequence - (last - kept_from)};
    REQUIRE(store->change("a", changes));
  }
  store.reset();
  auto log = newest(".log");
  auto size = fs::file_size(log);
  REQUIRE(size > 8 * log_block_bytes);
  fs::copy(directory.path() + "/queue", directory.path() + "/undamaged", fs::copy_options::recursive);
  size_t losses = 0;
  // In the last blocks of the log nothing stands behind the damage that could tell.
  for (uintmax_t at = 0; at + 3 * log_block_bytes < size; at += log_block_bytes / 3 + 1) {
    fs::remove_all(directory.path() + "/queue");
    fs::copy(directory.path() + "/undamaged", directory.path() + "/queue", fs::copy_options::recursive);
    overwrite(log, static_cast<std::streamoff>(at), "damaged");
    open();
    CHECK(listed() == range(kept_from + 1, last));
    size_t found = 0;
    for (auto sequence : listed()) found += store->read("a", sequence).content.has_value();
    losses += found < last - kept_from;
    store.reset();
  }
  CHECK(losses > 5);
}

TEST_CASE_METHOD(store_fixture, "what a damaged log has lost the journal still has") {
  constexpr uint64_t last = 20;
  const journal_options noting{.directory = directory.path() + "/journal"};
  open();
  journal notes(noting);
  for (uint64_t sequence = 1; sequence <= last; ++sequence) {
    auto added = shared(made_block(sequence, body_of(sequence).substr(0, 1000)));
    REQUIRE(notes.append("a", {.added = {added}, .needed_from = sequence}));
    REQUIRE(store->change("a", {.appended = {added}}));
  }
  REQUIRE(notes.append("a", {.finished = {1}, .needed_from = last + 1}));
  REQUIRE(store->change("a", {.erased = {1}}));
  store.reset();
  fs::create_directories(directory.path() + "/undamaged");
  for (const char* part : {"/queue", "/journal"})
    fs::copy(directory.path() + part, directory.path() + "/undamaged" + part, fs::copy_options::recursive);
  auto log = newest(".log");
  const auto log_bytes = fs::file_size(log);
  for (uintmax_t at = 0; at < log_bytes; at += 1001) {
    for (const char* part : {"/queue", "/journal"}) {
      fs::remove_all(directory.path() + part);
      fs::copy(directory.path() + "/undamaged" + part, directory.path() + part, fs::copy_options::recursive);
    }
    overwrite(log, static_cast<std::streamoff>(at), "damaged");
    open();
    store = make_journaled_store(store, std::make_shared<journal>(noting));
    CAPTURE(at);
    CHECK(listed() == range(2, last));
    size_t found = 0;
    for (auto sequence : listed()) found += store->read("a", sequence).content.has_value();
    CHECK(found == last - 1);
    store.reset();
  }
}

TEST_CASE_METHOD(store_fixture, "a damaged table costs the blocks in the damaged place, which can be set aside") {
  memtable_bytes = 100 * body_bytes;
  open();
  REQUIRE(append(1, 400));
  store.reset();
  auto file = newest(".sst");
  REQUIRE_FALSE(file.empty());
  overwrite(file, static_cast<std::streamoff>(fs::file_size(file) / 2), "damaged");
  open();
  auto all = listed();
  auto good = intact();
  CHECK(all.size() == 400);
  CHECK(good < 400);
  CHECK(good >= 396);
  for (auto sequence : all) {
    if (store->read("a", sequence).content) continue;
    CHECK(store->change("a", {.set_aside = {{sequence, 1, "damaged"}}}));
  }
  CHECK(listed().size() == good);
  CHECK(intact() == good);
  CHECK(store->contents("a")->set_aside.size() == 400 - good);
  // And it goes on, whatever compaction thinks of the table.
  REQUIRE(append(401, 900));
  CHECK(intact() == good + 500);
}

TEST_CASE_METHOD(store_fixture, "a database without its root is repaired") {
  open();
  REQUIRE(append(1, 20));
  store.reset();
  auto directory_of = directory.path() + "/queue/blocks";
  SECTION("the root is gone") { fs::remove(directory_of + "/CURRENT"); }
  SECTION("the root is empty") { fs::resize_file(directory_of + "/CURRENT", 0); }
  SECTION("the list of files is damaged") {
    for (const auto& each : fs::directory_iterator(directory_of))
      if (each.path().filename().string().starts_with("MANIFEST")) overwrite(each.path(), 0, std::string(40, 'x'));
  }
  open();
  CHECK(listed() == range(1, 20));
  CHECK(intact() == 20);
  CHECK_FALSE(reports.empty());
  REQUIRE(append(21, 30));
  open();
  CHECK(intact() == 30);
}

TEST_CASE_METHOD(store_fixture, "a full or read-only disk fails calls, and what was written before is still read") {
  auto [trouble, words] = GENERATE(table<fault, std::string>(
      {{fault::full, "no space left on device"}, {fault::read_only, "read-only file system"}}));
  open();
  REQUIRE(append(1, 10));
  disk->now = trouble;
  for (int i = 0; i < 3; ++i) {
    auto refused = store->change("a", {.appended = {shared(made_block(11, body_of(11)))}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::io);
    CHECK(refused.error().message.find(words) != std::string::npos);
  }
  disk->now = fault::none;
  REQUIRE(append(11, 12));
  CHECK(listed() == range(1, 12));
  CHECK(intact() == 12);
  CHECK(store->sync());
  open();
  CHECK(intact() == 12);
  CHECK(reports.empty());
}

TEST_CASE_METHOD(store_fixture, "a disk that is full from the start fails calls until it no longer is") {
  disk->now = fault::full;
  open();
  CHECK_FALSE(append(1, 1));
  CHECK_FALSE(store->queues());
  CHECK(store->read("a", 1).content.error().code == errc::io);
  disk->now = fault::none;
  REQUIRE(append(1, 1));
  CHECK(listed() == numbers{1});
}

TEST_CASE_METHOD(store_fixture, "the disk gets its room back as blocks are erased") {
  memtable_bytes = 50 * body_bytes;
  open();
  REQUIRE(append(1, 2000));
  auto full = bytes_on_disk();
  CHECK(full > 2000 * body_bytes);
  for (uint64_t sequence = 1; sequence <= 2000; ++sequence) REQUIRE(store->change("a", {.erased = {sequence}}));
  REQUIRE(append(2001, 2300));
  CHECK(bytes_on_disk() < full / 2);
  CHECK(intact() == 300);
}

}  // namespace rollcall::queue
