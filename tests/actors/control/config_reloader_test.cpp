#include "actors/control/config_reloader.hpp"

#include "tests/support/actor_system.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using path_list = std::vector<std::filesystem::path>;

config_ptr make_config(const std::string& yaml, path_list files = {"main.yml"}) {
  auto result = std::make_shared<config>();
  result->yaml = yaml;
  result->files = std::move(files);
  return result;
}

/// The files as the reloader's two functions see them: the checksum is of their text, and the text is what is loaded.
/// One that begins with "bad" does not load, an empty one stands for a file that cannot be read.
class fake_files {
 public:
  result<config_ptr> load() {
    std::unique_lock lock(mutex_);
    ++loads_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    auto text = text_;
    if (after_load_) text_ = *std::exchange(after_load_, std::nullopt);
    if (text == "throw") throw std::runtime_error("a bug in the loader");
    if (text.empty() || text.starts_with("bad")) return fail(errc::syntax, "main.yml:1:1: " + text);
    return make_config(text, files_);
  }
  std::string checksum(const config& of) {
    std::lock_guard lock(mutex_);
    ++looks_;
    changed_.notify_all();
    return text_.empty() ? std::string() : std::to_string(of.files.size()) + text_;
  }

  void set(const std::string& text) {
    std::lock_guard lock(mutex_);
    text_ = text;
  }
  void set_files(path_list files) {
    std::lock_guard lock(mutex_);
    files_ = std::move(files);
  }
  /// The next load still reads the text of now, and when it is done the text is another one.
  void set_after_load(const std::string& text) {
    std::lock_guard lock(mutex_);
    after_load_ = text;
  }
  void close() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  size_t loads() {
    std::lock_guard lock(mutex_);
    return loads_;
  }
  bool wait_for_loads(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return loads_ >= count; });
  }
  /// Until it was looked so often again whether anything changed.
  bool wait_for_looks(size_t count) {
    std::unique_lock lock(mutex_);
    auto goal = looks_ + count;
    return changed_.wait_for(lock, 30s, [&] { return looks_ >= goal; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_ = "first";
  std::optional<std::string> after_load_;
  path_list files_ = {"main.yml"};
  bool open_ = true;
  size_t loads_ = 0, looks_ = 0;
};

struct reloader_fixture {
  void start(std::chrono::milliseconds auto_reload_interval = 0ms) {
    config_reloader_options options;
    options.load = [this] { return files.load(); };
    options.checksum = [this](const config& of) { return files.checksum(of); };
    options.initial = initial;
    options.supervisor = supervisor.handle();
    options.environment = system.process();
    options.auto_reload_interval = auto_reload_interval;
    reloader = system.adopt(spawn_config_reloader(system.system(), options));
    // Answered, so it has begun, and knows the checksum of what it began with.
    in_force();
  }
  reloaded reload() { return system.ask<reloaded>(reloader, reload_config{}); }
  std::string in_force() { return system.ask<config_in_force>(reloader, get_config{}).config->yaml; }
  std::vector<std::string> applied() {
    std::vector<std::string> result;
    for (const auto& each : supervisor.received<apply_config>()) result.push_back(each.config->yaml);
    return result;
  }
  double last_successful() { return system.process()->metrics->daemon.config_last_reload_successful.Value(); }

  fake_files files;
  config_ptr initial = make_config("first");
  test::threaded_system system;
  test::probe<supervisor_actor> supervisor = system.spawn_probe<supervisor_actor>();
  config_reloader_actor reloader;
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(reloader_fixture, "what was loaded at start is in force and is not applied again") {
  start();
  CHECK(in_force() == "first");
  CHECK(files.loads() == 0);
  CHECK(applied().empty());
}

TEST_CASE_METHOD(reloader_fixture, "a good configuration is applied and then in force") {
  start();
  files.set("second");
  CHECK(reload() == reloaded{true, ""});
  CHECK(in_force() == "second");
  REQUIRE(supervisor.wait_for<apply_config>(1));
  CHECK(applied() == texts{"second"});
  CHECK(last_successful() == 1);
  CHECK(system.process()->metrics->daemon.config_last_reload_success_timestamp.Value() > 0);
}

TEST_CASE_METHOD(reloader_fixture, "a bad configuration leaves the old one in force and says what is wrong") {
  start();
  files.set("bad one");
  CHECK(reload() == reloaded{false, "main.yml:1:1: bad one"});
  CHECK(in_force() == "first");
  CHECK(applied().empty());
  CHECK(last_successful() == 0);
  files.set("second");
  CHECK(reload().applied);
  CHECK(in_force() == "second");
  CHECK(last_successful() == 1);
}

TEST_CASE_METHOD(reloader_fixture, "a loader that throws costs neither the process nor the configuration") {
  start();
  files.set("throw");
  CHECK(reload() == reloaded{false, "a bug in the loader"});
  CHECK(in_force() == "first");
  files.set("second");
  CHECK(reload().applied);
}

TEST_CASE_METHOD(reloader_fixture, "requests that come while it reads are answered by one more reading, together") {
  start();
  files.close();
  std::vector<std::unique_ptr<caf::scoped_actor>> askers;
  auto ask = [&](caf::scoped_actor& asker) { return asker->request(reloader, caf::infinite, reload_config{}); };
  std::vector<decltype(ask(std::declval<caf::scoped_actor&>()))> open;
  for (int i = 0; i < 4; ++i) {
    askers.push_back(std::make_unique<caf::scoped_actor>(system.system()));
    open.push_back(ask(*askers.back()));
    if (i == 0) REQUIRE(files.wait_for_loads(1));
  }
  // Answered in order, so the requests before have come.
  in_force();
  files.set("second");
  files.open();
  size_t answers = 0;
  for (auto& each : open)
    each.receive([&](const reloaded& outcome) { answers += outcome.applied ? 1 : 0; },
                 [&](const caf::error& error) { FAIL(system.system().render(error)); });
  CHECK(answers == 4);
  CHECK(files.loads() == 2);
  REQUIRE(supervisor.wait_for<apply_config>(2));
  CHECK(applied() == texts{"second", "second"});
}

TEST_CASE_METHOD(reloader_fixture, "without an interval nothing is reloaded by itself, with one only what changed") {
  SECTION("without") {
    start();
    files.set("second");
    CHECK(in_force() == "first");
    CHECK(files.loads() == 0);
  }
  SECTION("with") {
    start(1ms);
    REQUIRE(files.wait_for_looks(5));
    CHECK(files.loads() == 0);
    files.set("second");
    REQUIRE(supervisor.wait_for<apply_config>(1));
    CHECK(in_force() == "second");
    REQUIRE(files.wait_for_looks(5));
    CHECK(files.loads() == 1);
    CHECK(applied() == texts{"second"});
  }
}

TEST_CASE_METHOD(reloader_fixture, "a bad configuration is looked at once by itself, and again when it has changed") {
  start(1ms);
  files.set("bad one");
  REQUIRE(files.wait_for_loads(1));
  REQUIRE(files.wait_for_looks(5));
  CHECK(files.loads() == 1);
  CHECK(last_successful() == 0);
  files.set("bad two");
  REQUIRE(files.wait_for_loads(2));
  REQUIRE(files.wait_for_looks(5));
  CHECK(files.loads() == 2);
  files.set("second");
  REQUIRE(supervisor.wait_for<apply_config>(1));
  CHECK(applied() == texts{"second"});
}

TEST_CASE_METHOD(reloader_fixture, "going back to the old text after a bad one is a change as well") {
  start(1ms);
  files.set("bad");
  REQUIRE(files.wait_for_loads(1));
  REQUIRE(files.wait_for_looks(2));
  files.set("first");
  REQUIRE(supervisor.wait_for<apply_config>(1));
  REQUIRE(files.wait_for_looks(2));
  CHECK(last_successful() == 1);
}

TEST_CASE_METHOD(reloader_fixture, "a file that cannot be read for a moment is left alone until it can") {
  start(1ms);
  files.set("");
  REQUIRE(files.wait_for_looks(5));
  CHECK(files.loads() == 0);
  files.set("second");
  REQUIRE(supervisor.wait_for<apply_config>(1));
  CHECK(applied() == texts{"second"});
}

TEST_CASE_METHOD(reloader_fixture, "a change that comes while the files are read is found at the next look") {
  start(1ms);
  SECTION("after a good one") {
    files.set_after_load("third");
    files.set("second");
    REQUIRE(supervisor.wait_for<apply_config>(2));
    CHECK(applied() == texts{"second", "third"});
  }
  SECTION("after a bad one") {
    files.set_after_load("third");
    files.set("bad");
    REQUIRE(supervisor.wait_for<apply_config>(1));
    CHECK(applied() == texts{"third"});
  }
}

TEST_CASE_METHOD(reloader_fixture, "a configuration that names other files is not loaded twice for that") {
  start(1ms);
  files.set_files({"main.yml", "jobs.yml"});
  files.set("second");
  REQUIRE(supervisor.wait_for<apply_config>(1));
  REQUIRE(files.wait_for_looks(5));
  CHECK(files.loads() == 1);
}

TEST_CASE_METHOD(reloader_fixture, "a reloader that is stopped while it reads waits for the reading") {
  start();
  files.close();
  auto end = system.watch(reloader);
  caf::scoped_actor asker(system.system());
  asker->request(reloader, caf::infinite, reload_config{});
  REQUIRE(files.wait_for_loads(1));
  act::stop(reloader);
  files.open();
  CHECK(end.wait());
  CHECK(applied().empty());
}

TEST_CASE("a configuration's checksum tells its files' names and contents, and is empty when one is missing") {
  auto directory = std::filesystem::temp_directory_path() / ("rollcall-checksum-" + std::to_string(getpid()));
  std::filesystem::create_directory(directory);
  auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(directory / name) << text;
    return directory / name;
  };
  auto a = write("a.yml", "same");
  auto b = write("b.yml", "same");
  auto sum_of = [](path_list files) { return config_checksum(*make_config("", std::move(files))); };
  CHECK(sum_of({a}).size() == 64);
  CHECK(sum_of({a}) == sum_of({a}));
  CHECK(sum_of({a}) != sum_of({b}));
  CHECK(sum_of({a, b}) != sum_of({b, a}));
  CHECK(sum_of({a, directory / "missing.yml"}).empty());
  auto before = sum_of({a, b});
  write("b.yml", "other");
  CHECK(sum_of({a, b}) != before);
  std::filesystem::remove_all(directory);
}
