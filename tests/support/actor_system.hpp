#pragma once

#include "actors/act.hpp"
#include "actors/environment.hpp"
#include "lib/telemetry/telemetry.hpp"
#include "messages/message_types.hpp"
#include "tests/support/probe.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace rollcall::test {

/// An actor system with threads and real time, scheduled as the daemon's: for actors that have a thread beside them.
/// Tests wait for what must happen, with a patience that only a broken program exhausts.
class threaded_system {
 public:
  threaded_system() : system_(configure(config_)), metrics_(std::make_shared<telemetry>()) {
    environment_ =
        std::make_shared<environment>(environment{[] {
                                                    return std::chrono::duration_cast<std::chrono::milliseconds>(
                                                               std::chrono::system_clock::now().time_since_epoch())
                                                        .count();
                                                  },
                                                  [] { return 0.5; }, metrics_});
  }

  /// Stops whom it was given and waits for them.
  ~threaded_system() {
    for (auto stop = stops_.rbegin(); stop != stops_.rend(); ++stop) (*stop)();
    system_.await_all_actors_done();
  }

  threaded_system(const threaded_system&) = delete;
  threaded_system& operator=(const threaded_system&) = delete;

  caf::actor_system& system() { return system_; }
  const environment_ptr& process() const { return environment_; }

  template <class Handle>
  Handle adopt(Handle actor) {
    stops_.push_back([actor] { act::stop(actor); });
    return actor;
  }

  template <class Handle>
  probe<Handle> spawn_probe() {
    auto spawned = test::spawn_probe<Handle>(system_);
    adopt(spawned.handle());
    return spawned;
  }

  /// Blocks for the answer; throws the error if there is one.
  template <class Answer, class Handle, class Question>
  Answer ask(const Handle& whom, Question question) {
    caf::scoped_actor self(system_);
    Answer result;
    self->request(whom, std::chrono::seconds(30), std::move(question))
        .receive([&](Answer& answer) { result = std::move(answer); },
                 [&](caf::error& error) { throw std::runtime_error(system_.render(error)); });
    return result;
  }

  /// Blocks until the actor has handled what it was told before by this thread. It must not know this question.
  template <class Handle>
  void wait_for_handled(const Handle& whom) {
    caf::scoped_actor self(system_);
    self->request(caf::actor_cast<caf::actor>(whom), std::chrono::seconds(30), uint64_t{0})
        .receive([] {}, [](const caf::error&) {});
  }

  template <class Handle>
  ending watch(const Handle& actor) {
    return ending(system_, actor);
  }

 private:
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", size_t{2});
    config.set("scheduler.max-throughput", size_t{200});
    add_message_types(config);
    return config;
  }

  caf::actor_system_config config_;
  caf::actor_system system_;
  std::shared_ptr<telemetry> metrics_;
  environment_ptr environment_;
  std::vector<std::function<void()>> stops_;
};

}  // namespace rollcall::test
