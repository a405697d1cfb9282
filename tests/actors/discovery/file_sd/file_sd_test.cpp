#include "actors/discovery/file_sd/file_sd.hpp"

#include "actors/discovery/file_sd/file_sd_options.hpp"
#include "tests/support/services_fixture.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

file_content_ptr file(const std::string& path, const std::string& text, int64_t modified = 5000) {
  return std::make_shared<file_content>(file_content{path, "", text, modified});
}

file_content_ptr unreadable(const std::string& path, const std::string& error) {
  return std::make_shared<file_content>(file_content{path, error, "", 0});
}

/// The file watcher is a probe; the test tells what it would have read.
struct file_sd_fixture : test::services_fixture {
  file_sd_fixture() {
    options->files = {"/sd/*.yml", "/sd/x.json"};
    options->refresh_interval = 5min;
    discoverer = adopt(file_sd().spawn(system(), options, {targets.handle(), announced, process(), "j"}));
    settle();
    auto watches = files.take<watch_files>();
    REQUIRE(watches.size() == 1);
    watch = watches[0];
  }

  void read(std::vector<file_content_ptr> found) { tell(watch.sink, files_read{std::move(found)}); }
  /// "source address..." of each group of the one update that came.
  texts found() {
    auto updates = targets.take<update>();
    REQUIRE(updates.size() == 1);
    CHECK(updates[0].complete);
    texts result;
    for (const auto& group : updates[0].groups) {
      std::string text = group->source;
      for (const auto& target : group->targets) text += ' ' + std::string(target.get("__address__"));
      result.push_back(text);
    }
    return result;
  }
  discoverer_status status() { return ask<discoverer_status>(discoverer, get_discoverer_status{}); }

  std::shared_ptr<file_sd_options> options = std::make_shared<file_sd_options>();
  test::probe<target_sink_actor> targets = spawn_probe<target_sink_actor>();
  discoverer_actor discoverer;
  watch_files watch;
};

}  // namespace

TEST_CASE_METHOD(file_sd_fixture, "the files are watched as configured, and of a new watcher as well") {
  CHECK(watch.patterns == options->files);
  CHECK(watch.refresh_interval == 5min);
  auto changed = make_services();
  tell(discoverer, use_services{changed});
  CHECK(files.received<watch_files>().empty());
  auto successor = spawn_probe<file_watcher_actor>();
  auto replaced = std::make_shared<services>(*announced);
  replaced->files = successor.handle();
  tell(discoverer, use_services{replaced});
  CHECK(successor.received<watch_files>() == std::vector{watch});
}

TEST_CASE_METHOD(file_sd_fixture, "YAML and JSON become groups with source and path") {
  read({file("/sd/a.yml", "- targets: [a:1, a:2]\n  labels: {env: prod}\n- targets: [a:3]\n"),
        file("/sd/x.json", R"([{"targets": ["x:1"]}])")});
  auto updates = targets.received<update>();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].groups.at(0)->common == labels::of({{"__meta_filepath", "/sd/a.yml"}, {"env", "prod"}}));
  CHECK(found() == texts{"/sd/a.yml:0 a:1 a:2", "/sd/a.yml:1 a:3", "/sd/x.json:0 x:1"});
  CHECK(status().refreshes == 1);
  CHECK(status().last_success == wall_clock());
  CHECK(metrics().file("/sd/a.yml")->modified.Value() == 5);
}

TEST_CASE_METHOD(file_sd_fixture, "no files are an answer too") {
  read({});
  CHECK(found().empty());
  CHECK(status().failures == 0);
}

TEST_CASE_METHOD(file_sd_fixture, "a file that cannot be read or understood keeps what it had, the others go on") {
  read({file("/sd/a.yml", "- targets: [a:1]\n"), file("/sd/b.yml", "- targets: [b:1]\n")});
  found();
  SECTION("when it cannot be understood") {
    read({file("/sd/a.yml", "- targts: [a:2]\n"), file("/sd/b.yml", "- targets: [b:2]\n")});
    CHECK_THAT(status().last_error, Catch::StartsWith("/sd/a.yml: 1:3: "));
  }
  SECTION("when it cannot be read") {
    read({unreadable("/sd/a.yml", "cannot be read: Permission denied"), file("/sd/b.yml", "- targets: [b:2]\n")});
    CHECK(status().last_error == "/sd/a.yml: cannot be read: Permission denied");
  }
  CHECK(found() == texts{"/sd/a.yml:0 a:1", "/sd/b.yml:0 b:2"});
  CHECK(status().failures == 1);
  CHECK(metrics().discovery.file_read_errors.Value() == 1);
  read({file("/sd/a.yml", "- targets: [a:3]\n"), file("/sd/b.yml", "- targets: [b:2]\n")});
  CHECK(found() == texts{"/sd/a.yml:0 a:3", "/sd/b.yml:0 b:2"});
  CHECK(status().last_error.empty());
}

TEST_CASE_METHOD(file_sd_fixture, "a file that stays broken stays an error when another one changes, counted once") {
  auto broken = file("/sd/a.yml", "nonsense");
  read({broken, file("/sd/b.yml", "- targets: [b:1]\n")});
  auto error = status().last_error;
  CHECK_THAT(error, Catch::StartsWith("/sd/a.yml: "));
  advance(1min);
  read({broken, file("/sd/b.yml", "- targets: [b:2]\n")});
  CHECK(status().last_error == error);
  CHECK(status().failures == 1);
  CHECK(status().last_success == 0);
  read({file("/sd/b.yml", "- targets: [b:2]\n")});
  CHECK(status().last_error.empty());
  CHECK(status().last_success == wall_clock());
}

TEST_CASE_METHOD(file_sd_fixture, "a file that is gone withdraws its groups, as does a list that got shorter") {
  auto b = file("/sd/b.yml", "- targets: [b:1]\n");
  read({file("/sd/a.yml", "- targets: [a:1]\n- targets: [a:2]\n"), b});
  found();
  read({file("/sd/a.yml", "- targets: [a:1]\n"), b});
  CHECK(found() == texts{"/sd/a.yml:0 a:1", "/sd/b.yml:0 b:1"});
  read({b});
  CHECK(found() == texts{"/sd/b.yml:0 b:1"});
}

TEST_CASE_METHOD(file_sd_fixture, "a file that did not change is not read again") {
  auto a = file("/sd/a.yml", "- targets: [a:1]\n");
  read({a});
  auto before = targets.take<update>();
  read({a, file("/sd/b.yml", "- targets: [b:1]\n")});
  auto after = targets.take<update>();
  REQUIRE(after.size() == 1);
  CHECK(after[0].groups.at(0) == before.at(0).groups.at(0));
}
