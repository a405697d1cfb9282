#include "actors/io/failure_log.hpp"

#include "tests/support/actor_system.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace rollcall;
namespace fs = std::filesystem;

namespace {

struct log_fixture {
  log_fixture() { fs::create_directories(directory); }
  ~log_fixture() { fs::remove_all(directory); }

  void write(const fetch_failed& failure) { act::tell(log, failure); }

  /// The lines of a file once there are that many; what there is when patience is over.
  std::vector<nlohmann::json> lines(const std::string& path, size_t count) {
    auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::vector<nlohmann::json> result;
    do {
      std::this_thread::yield();
      result.clear();
      std::ifstream in(path);
      for (std::string line; std::getline(in, line) && !in.eof();) result.push_back(nlohmann::json::parse(line));
    } while (result.size() < count && std::chrono::steady_clock::now() < patience);
    return result;
  }

  std::string directory = (fs::temp_directory_path() / ("failure_log." + std::to_string(::getpid()))).string();
  std::string file = directory + "/failures.log";
  test::threaded_system system;
  failure_log_actor log = system.adopt(spawn_failure_log(system.system()));
};

}  // namespace

TEST_CASE_METHOD(log_fixture, "each failed fetch is a line of JSON") {
  write({file, 1'700'000'000'123, "node", "http://a:1/metrics", "connection \"refused\""});
  write({file, 1'700'000'015'000, "node", "http://b:1/metrics", "timeout"});
  auto all = lines(file, 2);
  REQUIRE(all.size() == 2);
  CHECK(all[0] == nlohmann::json{{"time", "2023-11-14T22:13:20.123Z"},
                                 {"level", "ERROR"},
                                 {"msg", "connection \"refused\""},
                                 {"job_name", "node"},
                                 {"target", "http://a:1/metrics"}});
  CHECK(all[1]["target"] == "http://b:1/metrics");
}

TEST_CASE_METHOD(log_fixture, "a file that was moved away is opened anew when told so") {
  write({file, 1, "j", "first", "e"});
  REQUIRE(lines(file, 1).size() == 1);
  fs::rename(file, file + ".1");
  write({file, 2, "j", "second", "e"});
  REQUIRE(lines(file + ".1", 2).size() == 2);
  act::tell(log, reopen_logs{});
  write({file, 3, "j", "third", "e"});
  REQUIRE(lines(file, 1).size() == 1);
  CHECK(lines(file, 1)[0]["target"] == "third");
}

TEST_CASE_METHOD(log_fixture, "a file that cannot be written to costs its own lines only") {
  write({directory + "/none/x.log", 1, "j", "lost", "e"});
  write({file, 2, "j", "kept", "e"});
  CHECK(lines(file, 1).size() == 1);
}
