#include "actors/io/file_watcher.hpp"

#include "tests/support/actor_system.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

using namespace rollcall;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

using texts = std::vector<std::string>;

/// A watcher of a directory of the test's own. Refresh intervals are far too long to matter, unless a test says so.
struct watcher_fixture {
  watcher_fixture() {
    static std::atomic<int> last{0};
    directory =
        fs::temp_directory_path() / ("rollcall-watch-" + std::to_string(getpid()) + "-" + std::to_string(++last));
    fs::create_directory(directory);
    start();
  }
  ~watcher_fixture() {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }

  void start(inotify_options options = {}) {
    options.settle_time = 1ms;
    watcher = system.adopt(spawn_file_watcher(system.system(), options));
  }
  void watch(const texts& patterns, std::chrono::milliseconds refresh = 24h) { watch(patterns, sink, refresh); }
  void watch(const texts& patterns, const test::probe<file_sink_actor>& whom, std::chrono::milliseconds refresh = 24h) {
    watch_files order{{}, refresh, whom.handle()};
    for (const auto& pattern : patterns) order.patterns.push_back((directory / pattern).string());
    act::tell(watcher, order);
  }

  /// Written beside and moved in place, so that nobody sees half of it.
  void write(const std::string& name, const std::string& text) {
    auto aside = directory / ".aside";
    std::ofstream(aside, std::ios::binary) << text;
    fs::rename(aside, directory / name);
  }

  /// What was told last, once it reads like this: "name text" or "name! error", in order. Otherwise what came instead.
  texts read_until(const texts& expected) { return read_until(expected, sink); }
  texts read_until(const texts& expected, test::probe<file_sink_actor>& whom) {
    size_t seen = 0;
    texts last;
    while (whom.wait_for<files_read>(seen + 1)) {
      auto all = whom.received<files_read>();
      seen = all.size();
      last = spell(all.back());
      if (last == expected) break;
    }
    return last;
  }
  texts spell(const files_read& read) const {
    texts result;
    for (const auto& each : read.files) {
      auto name = fs::path(each->path).lexically_relative(directory).string();
      result.push_back(each->error.empty() ? name + ' ' + each->text : name + "! " + each->error);
    }
    return result;
  }

  fs::path directory;
  test::threaded_system system;
  test::probe<file_sink_actor> sink = system.spawn_probe<file_sink_actor>();
  file_watcher_actor watcher;
};

}  // namespace

TEST_CASE_METHOD(watcher_fixture, "files are told of at once, in order of path, whatever order the patterns have") {
  write("b.yml", "two");
  write("a.yml", "one");
  write("x.json", "three");
  write("other.txt", "no");
  watch({"x.json", "*.yml", "a.yml"});
  CHECK(read_until({"a.yml one", "b.yml two", "x.json three"}) == texts{"a.yml one", "b.yml two", "x.json three"});
  auto files = sink.received<files_read>().at(0).files;
  struct stat info{};
  REQUIRE(::stat(files[0]->path.c_str(), &info) == 0);
  CHECK(files[0]->modified == info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000);
}

TEST_CASE_METHOD(watcher_fixture, "no files at all are told of too") {
  watch({"*.yml", "missing.yml"});
  REQUIRE(sink.wait_for<files_read>(1));
  CHECK(sink.received<files_read>().at(0).files.empty());
}

TEST_CASE_METHOD(watcher_fixture, "every kind of change is noticed") {
  write("a.yml", "one");
  watch({"*.yml"});
  REQUIRE(read_until({"a.yml one"}) == texts{"a.yml one"});
  SECTION("a file that is replaced") {
    write("a.yml", "two");
    CHECK(read_until({"a.yml two"}) == texts{"a.yml two"});
  }
  SECTION("a file that is written in place") {
    std::ofstream(directory / "a.yml") << "two";
    CHECK(read_until({"a.yml two"}) == texts{"a.yml two"});
  }
  SECTION("a file that is added") {
    write("b.yml", "two");
    CHECK(read_until({"a.yml one", "b.yml two"}) == texts{"a.yml one", "b.yml two"});
  }
  SECTION("a file that is removed") {
    fs::remove(directory / "a.yml");
    CHECK(read_until({}).empty());
  }
  SECTION("a file that is renamed out of the pattern") {
    fs::rename(directory / "a.yml", directory / "a.txt");
    CHECK(read_until({}).empty());
  }
  SECTION("a link that leads elsewhere, as a mounted configuration is changed") {
    fs::create_directory(directory / "v1");
    fs::create_directory(directory / "v2");
    std::ofstream(directory / "v1/b.yml") << "old";
    std::ofstream(directory / "v2/b.yml") << "new";
    fs::create_symlink("v1", directory / "current");
    fs::create_symlink("current/b.yml", directory / "b.yml");
    REQUIRE(read_until({"a.yml one", "b.yml old"}) == texts{"a.yml one", "b.yml old"});
    fs::create_symlink("v2", directory / "next");
    fs::rename(directory / "next", directory / "current");
    CHECK(read_until({"a.yml one", "b.yml new"}) == texts{"a.yml one", "b.yml new"});
  }
}

TEST_CASE_METHOD(watcher_fixture, "files that did not change are the same objects as before") {
  write("a.yml", "one");
  write("b.yml", "one");
  watch({"*.yml"});
  REQUIRE(read_until({"a.yml one", "b.yml one"}).size() == 2);
  auto before = sink.received<files_read>().back().files;
  write("b.yml", "two");
  REQUIRE(read_until({"a.yml one", "b.yml two"}) == texts{"a.yml one", "b.yml two"});
  auto after = sink.received<files_read>().back().files;
  CHECK(after[0] == before[0]);
  CHECK(after[1] != before[1]);
}

TEST_CASE_METHOD(watcher_fixture, "a change of other files in the directory is not told of") {
  write("a.yml", "one");
  watch({"a.yml"});
  REQUIRE(read_until({"a.yml one"}) == texts{"a.yml one"});
  write("other.yml", "x");
  write("a.yml", "one");
  write("a.yml", "two");
  REQUIRE(read_until({"a.yml two"}) == texts{"a.yml two"});
  CHECK(sink.received<files_read>().size() == 2);
}

TEST_CASE_METHOD(watcher_fixture, "what cannot be read is told of with its reason, beside what can") {
  write("a.yml", "one");
  write("large.yml", std::string(100, 'x'));
  fs::create_directory(directory / "d.yml");
  REQUIRE(::mkfifo((directory / "pipe.yml").c_str(), 0600) == 0);
  fs::create_symlink("nowhere", directory / "z.yml");
  inotify_options options;
  options.file_bytes_max = 99;
  start(options);
  watch({"*.yml"});
  REQUIRE(sink.wait_for<files_read>(1));
  CHECK(spell(sink.received<files_read>()[0]) ==
        texts{"a.yml one", "d.yml! is not a regular file", "large.yml! is larger than 99 bytes",
              "pipe.yml! is not a regular file", "z.yml! cannot be read: No such file or directory"});
}

TEST_CASE_METHOD(watcher_fixture, "more files than allowed are cut off, and the last one says so") {
  for (const char* name : {"a.yml", "b.yml", "c.yml", "d.yml"}) write(name, "x");
  inotify_options options;
  options.files_max = 2;
  start(options);
  watch({"*.yml"});
  REQUIRE(sink.wait_for<files_read>(1));
  CHECK(spell(sink.received<files_read>()[0]) == texts{"a.yml x", "b.yml x", "c.yml! more than 2 files match"});
}

TEST_CASE_METHOD(watcher_fixture, "a directory that appears later is found by looking again") {
  watch({"sub/a.yml"}, 5ms);
  REQUIRE(sink.wait_for<files_read>(1));
  fs::create_directory(directory / "sub");
  write("sub/a.yml", "one");
  CHECK(read_until({"sub/a.yml one"}) == texts{"sub/a.yml one"});
  // And if it is made anew, what is in it is followed again.
  fs::remove_all(directory / "sub");
  REQUIRE(read_until({}).empty());
  fs::create_directory(directory / "sub");
  write("sub/a.yml", "two");
  CHECK(read_until({"sub/a.yml two"}) == texts{"sub/a.yml two"});
}

TEST_CASE_METHOD(watcher_fixture, "a new watch of a sink replaces the earlier one") {
  write("a.yml", "one");
  write("b.yml", "one");
  watch({"a.yml"});
  REQUIRE(read_until({"a.yml one"}) == texts{"a.yml one"});
  watch({"b.yml"});
  REQUIRE(read_until({"b.yml one"}) == texts{"b.yml one"});
  write("a.yml", "two");
  write("b.yml", "two");
  REQUIRE(read_until({"b.yml two"}) == texts{"b.yml two"});
  for (const auto& each : sink.received<files_read>()) CHECK(each.files.size() == 1);
}

TEST_CASE_METHOD(watcher_fixture, "a sink that wants no more, or that ended, is left alone, and others are not") {
  write("a.yml", "one");
  auto other = system.spawn_probe<file_sink_actor>();
  auto mortal = system.spawn_probe<file_sink_actor>();
  watch({"a.yml"});
  watch({"a.yml"}, other);
  watch({"a.yml"}, mortal);
  REQUIRE(read_until({"a.yml one"}) == texts{"a.yml one"});
  REQUIRE(read_until({"a.yml one"}, other) == texts{"a.yml one"});
  REQUIRE(read_until({"a.yml one"}, mortal) == texts{"a.yml one"});
  act::tell(watcher, unwatch_files{sink.handle()});
  auto end = system.watch(mortal.handle());
  act::stop(mortal.handle());
  REQUIRE(end.wait());
  // The watcher has taken the order when it has begun the watch after it.
  watch({"a.yml"}, other);
  REQUIRE(other.wait_for<files_read>(2));
  write("a.yml", "two");
  CHECK(read_until({"a.yml two"}, other) == texts{"a.yml two"});
  CHECK(sink.received<files_read>().size() == 1);
}

TEST_CASE_METHOD(watcher_fixture, "a failure of its thread ends the actor with the error") {
  std::atomic<bool> fail{false};
  inotify_options options;
  options.before_round = [&] {
    if (fail) throw std::runtime_error("struck by lightning");
  };
  start(options);
  auto end = system.watch(watcher);
  watch({"a.yml"});
  REQUIRE(sink.wait_for<files_read>(1));
  CHECK_FALSE(end.ended());
  fail = true;
  write("a.yml", "one");
  REQUIRE(end.wait());
  CHECK_THAT(end.error(), Catch::Contains("struck by lightning"));
}

TEST_CASE("stars match within the last part of a path only, and results are in order") {
  auto directory = fs::temp_directory_path() / ("rollcall-match-" + std::to_string(getpid()));
  fs::create_directories(directory / "sub");
  for (const char* name : {"b.yml", "a.yml", "a.json", "sub/c.yml", ".hidden.yml"})
    std::ofstream(directory / name) << "";
  auto path = [&](const char* name) { return (directory / name).string(); };
  CHECK(match_files(path("*.yml")) == texts{path("a.yml"), path("b.yml")});
  CHECK(match_files(path("a*")) == texts{path("a.json"), path("a.yml")});
  CHECK(match_files(path("a.yml")) == texts{path("a.yml")});
  CHECK(match_files(path("missing.yml")).empty());
  CHECK(match_files(path("*.txt")).empty());
  fs::remove_all(directory);
}
