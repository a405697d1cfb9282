#include "actors/io/snapshot_store.hpp"

#include "tests/support/actor_system.hpp"
#include "tests/support/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace rollcall;
namespace fs = std::filesystem;

namespace {

group_snapshot_ptr snapshot(const std::string& address) {
  auto group = std::make_shared<target_group>();
  group->source = "some source";
  group->targets = {labels::of({{"__address__", address}})};
  return std::make_shared<group_snapshot>(group_snapshot{"c", 5, {group}});
}

struct store_fixture {
  store_fixture() { restart(); }

  void restart() {
    store =
        system.adopt(spawn_snapshot_store(system.system(), {.environment = system.process(), .directory = directory}));
  }
  snapshot_stored write(const std::string& name, const group_snapshot_ptr& what) {
    return system.ask<snapshot_stored>(store, store_snapshot{name, what});
  }
  group_snapshot_ptr read(const std::string& name) {
    return system.ask<stored_snapshot>(store, get_snapshot{name}).snapshot;
  }
  /// Has the store forget all but these names; returns when it has.
  void keep(std::vector<std::string> names) {
    act::tell(store, keep_snapshots{std::move(names)});
    read("none");
  }
  fs::path path(const std::string& name) const { return fs::path(directory) / (name + ".snapshot"); }
  void put(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
  void make_old(const fs::path& file) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(24 * 7 + 1));
  }

  test::scratch_directory scratch;
  std::string directory = scratch.path() + "/data/discovery";
  test::threaded_system system;
  snapshot_store_actor store;
};

}  // namespace

TEST_CASE_METHOD(store_fixture, "a snapshot outlives the store, and the last one counts") {
  CHECK_FALSE(read("dns-1"));
  CHECK(write("dns-1", snapshot("a:1")).error.empty());
  CHECK(write("dns-1", snapshot("b:1")).bytes == fs::file_size(path("dns-1")));
  CHECK(write("dns-2", snapshot("c:1")).error.empty());
  restart();
  REQUIRE(read("dns-1"));
  CHECK(*read("dns-1") == *snapshot("b:1"));
  CHECK(*read("dns-2") == *snapshot("c:1"));
  CHECK_FALSE(fs::exists(path("dns-1").string() + ".new"));
  CHECK(fs::status(path("dns-1")).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE_METHOD(store_fixture, "a damaged snapshot is set aside and its name is free") {
  write("dns-1", snapshot("a:1"));
  fs::resize_file(path("dns-1"), fs::file_size(path("dns-1")) - 1);
  CHECK_FALSE(read("dns-1"));
  CHECK_FALSE(fs::exists(path("dns-1")));
  CHECK(fs::exists(path("dns-1").string() + ".damaged"));
  CHECK(write("dns-1", snapshot("b:1")).error.empty());
  CHECK(*read("dns-1") == *snapshot("b:1"));
}

TEST_CASE_METHOD(store_fixture, "what was cut off while it was written is overwritten") {
  write("dns-1", snapshot("a:1"));
  put(path("dns-1").string() + ".new", "RCG1 half");
  restart();
  CHECK(*read("dns-1") == *snapshot("a:1"));
  CHECK(write("dns-1", snapshot("b:1")).error.empty());
  CHECK(*read("dns-1") == *snapshot("b:1"));
}

TEST_CASE_METHOD(store_fixture, "where nothing can be written the error says so, and it is counted") {
  fs::create_directories(fs::path(directory).parent_path());
  put(directory, "a file where the directory should be");
  auto refused = write("dns-1", snapshot("a:1"));
  CHECK_FALSE(refused.error.empty());
  CHECK(system.process()->metrics->snapshot_store.failures.Value() == 1);
  CHECK_FALSE(read("dns-1"));
  fs::remove(directory);
  CHECK(write("dns-1", snapshot("a:1")).error.empty());
  CHECK(system.process()->metrics->snapshot_store.written.Value() == 1);
}

TEST_CASE_METHOD(store_fixture, "old files that nobody wants go, and nothing else does") {
  for (const char* name : {"wanted", "unwanted", "recent"}) write(name, snapshot("a:1"));
  auto damaged = path("wanted").string() + ".damaged", scratch_file = path("gone").string() + ".new";
  auto other = directory + "/targets.json", similar = path("unwanted").string() + ".txt";
  for (const auto& file : {damaged, scratch_file, other, similar}) put(file, "x");
  fs::create_directory(path("directory"));
  for (const auto& file : {path("wanted"), path("unwanted"), fs::path(damaged), fs::path(scratch_file), fs::path(other),
                           fs::path(similar), path("directory")})
    make_old(file);
  keep({"wanted"});
  CHECK(fs::exists(path("wanted")));
  CHECK_FALSE(fs::exists(path("unwanted")));
  CHECK(fs::exists(path("recent")));
  CHECK_FALSE(fs::exists(damaged));
  CHECK_FALSE(fs::exists(scratch_file));
  CHECK(fs::exists(other));
  CHECK(fs::exists(similar));
  CHECK(fs::exists(path("directory")));
}
