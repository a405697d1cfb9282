#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/message_types.hpp"
#include "tests/support/probe.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace rollcall::test {

/// An actor system on one thread and in virtual time: actors run inside settle() and advance() and nowhere else, so
/// that a test sees the same on every run. For Catch2's TEST_CASE_METHOD, or as a local variable.
class actor_fixture {
 public:
  actor_fixture()
      : system_(configure(config_)),
        scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
        metrics_(std::make_shared<telemetry>()) {
    // Time 0 means "never" to some, so life begins later.
    clock().current_time += std::chrono::hours(1);
    started_ = clock().now();
    environment_ = std::make_shared<environment>(
        environment{[this] { return wall_clock(); }, [this] { return random_unit; }, metrics_});
  }

  ~actor_fixture() {
    for (auto stop = stops_.rbegin(); stop != stops_.rend(); ++stop) (*stop)();
    settle();
    clock().cancel_all();
    settle();
    // The actor system's destructor would wait for them for ever.
    if (auto left = system_.registry().running(); left != 0) {
      std::fprintf(stderr, "a test left %zu actors running\n", left);
      std::abort();
    }
  }

  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  caf::actor_system& system() { return system_; }
  telemetry& metrics() { return *metrics_; }
  /// What actors get of the process: the clock of this fixture, random_unit, and metrics().
  const environment_ptr& process() const { return environment_; }

  double random_unit = 0.5;                     ///< What every draw of a random number yields.
  int64_t wall_clock_base = 1'700'000'000'000;  ///< Wall-clock time at the start; change it to step the clock.

  /// Milliseconds since the Unix epoch.
  int64_t wall_clock() {
    return wall_clock_base + std::chrono::duration_cast<std::chrono::milliseconds>(now() - started_).count();
  }
  act::time_point now() { return clock().now(); }

  // -- running -------------------------------------------------------------------------------------------------------

  /// Runs until nobody has anything to do at this moment.
  void settle() {
    while (scheduler_.try_run_once()) {
    }
  }

  /// Lets time pass; every timer fires at its own moment, also those that were set meanwhile.
  void advance(std::chrono::nanoseconds duration) {
    const auto end = now() + duration;
    settle();
    while (!clock().schedule().empty() && clock().schedule().begin()->first <= end) {
      advance_to(clock().schedule().begin()->first);
      settle();
    }
    advance_to(end);
    settle();
  }

  // -- actors --------------------------------------------------------------------------------------------------------

  /// Has the fixture stop this actor at its end; every actor without a parent needs it.
  template <class Handle>
  Handle adopt(Handle actor) {
    stops_.push_back([actor] { act::stop(actor); });
    return actor;
  }

  template <class Handle>
  probe<Handle> spawn_probe() {
    auto spawned = test::spawn_probe<Handle>(system_);
    adopt(spawned.handle());
    settle();
    return spawned;
  }

  template <class Handle, class Message>
  void tell(const Handle& whom, Message message) {
    act::tell(whom, std::move(message));
    settle();
  }

  /// The answer if it comes without the passing of time; throws otherwise, with the error if there was one.
  template <class Answer, class Handle, class Question>
  Answer ask(const Handle& whom, Question question) {
    auto pending = begin_ask<Answer>(whom, std::move(question));
    if (!pending->error.empty()) throw std::runtime_error(pending->error);
    if (!pending->answer) throw std::runtime_error("no answer without the passing of time");
    return *pending->answer;
  }

  /// A question whose answer takes time.
  template <class Answer>
  struct pending {
    std::optional<Answer> answer;
    std::string error;
  };

  template <class Answer, class Handle, class Question>
  std::shared_ptr<const pending<Answer>> begin_ask(const Handle& whom, Question question) {
    auto outcome = std::make_shared<pending<Answer>>();
    auto asker = system_.spawn([=](caf::event_based_actor* self) {
      act::ask(self, whom, std::chrono::hours(1), question)
          .then([outcome](const Answer& answer) { outcome->answer = answer; },
                [outcome, self](caf::error& error) { outcome->error = self->system().render(error); });
    });
    adopt(asker);
    settle();
    return outcome;
  }

  template <class Handle>
  void stop(const Handle& actor) {
    act::stop(actor);
    settle();
  }

  template <class Handle>
  ending watch(const Handle& actor) {
    return ending(system_, actor);
  }

 private:
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    add_message_types(config);
    return config;
  }

  caf::detail::test_actor_clock& clock() { return scheduler_.clock(); }

  void advance_to(act::time_point when) {
    if (when > now()) clock().current_time = when;
    clock().advance_time(std::chrono::nanoseconds(0));
  }

  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  act::time_point started_;
  std::shared_ptr<telemetry> metrics_;
  environment_ptr environment_;
  std::vector<std::function<void()>> stops_;
};

}  // namespace rollcall::test
