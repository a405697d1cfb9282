#include "actors/io/failure_log.hpp"

#include "lib/log/log.hpp"

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<failure_log_actor, failure_log_state>;

std::string line_of(const fetch_failed& failure) {
  auto seconds = static_cast<std::time_t>(failure.time / 1000);
  nlohmann::ordered_json line;
  line["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), failure.time % 1000);
  line["level"] = "ERROR";
  line["msg"] = failure.error;
  line["job_name"] = failure.job;
  line["target"] = failure.target;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

void on(self_ptr self, const fetch_failed& failure) {
  auto& file = act::state(self).files[failure.file];
  if (!file.stream.is_open()) file.stream.open(failure.file, std::ios::app);
  file.stream << line_of(failure) << std::flush;
  if (file.stream) {
    file.is_broken = false;
    return;
  }
  if (!file.is_broken)
    log::error("failure-log", "Cannot write to the scrape failure log", {{"file", failure.file}, {"job", failure.job}});
  file.is_broken = true;
  file.stream.close();
  file.stream.clear();
}

void on(self_ptr self, const reopen_logs&) { act::state(self).files.clear(); }

act::behavior_of<failure_log_actor> failure_log(self_ptr self) {
  act::init(self, act::state(self).watchers);
  return {
      [self](const fetch_failed& failure) { on(self, failure); },
      [self](const reopen_logs& order) { on(self, order); },
  };
}

}  // namespace

failure_log_actor spawn_failure_log(caf::actor_system& system) { return system.spawn<caf::detached>(failure_log); }

}  // namespace rollcall
