#pragma once

#include "messages/act_fwd.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

/// The one place, beside messages/act_fwd.hpp, that knows which CAF is in use: how actors are declared, talk, are
/// watched and are stopped. Behaviours are written against these names alone.
namespace rollcall::act {

using std::chrono::nanoseconds;

/// A point on the clock that drives timers: real time in the daemon, virtual time in tests.
using time_point = caf::actor_clock::time_point;

using caf::exit_reason;

template <class Handle, class State>
using self_ptr = typename Handle::template stateful_pointer<State>;

template <class Handle>
using behavior_of = typename Handle::behavior_type;

/// Base of every actor state. The declared constructor keeps states from being aggregates: under C++20, CAF 0.17 would
/// initialise the first member of an aggregate from the actor's own pointer.
struct state_base {
  state_base() = default;
  state_base(const state_base&) = delete;
  state_base& operator=(const state_base&) = delete;
};

template <class Self>
auto& state(Self self) {
  return self->state;
}

// -- talking ---------------------------------------------------------------------------------------------------------

/// Sends a message that nobody answers.
template <class Handle, class Message>
void tell(const Handle& destination, Message&& message) {
  caf::anon_send(destination, std::forward<Message>(message));
}

/// Sends a message to oneself at a time of the actor clock.
template <class Self, class Message>
void tell_self_at(Self self, time_point when, Message&& message) {
  self->scheduled_send(self, when, std::forward<Message>(message));
}

template <class Self, class Message>
void tell_self_after(Self self, nanoseconds delay, Message&& message) {
  self->scheduled_send(self, self->clock().now() + delay, std::forward<Message>(message));
}

/// Asks a question: `ask(self, who, 5s, question{}).then(on_answer, on_error)`. Asking an actor that has ended fails at
/// once. One that ends while it owes an answer never gives it, and then the time is what ends the waiting.
template <class Self, class Handle, class Message>
auto ask(Self self, const Handle& whom, nanoseconds timeout, Message&& message) {
  return self->request(whom, caf::duration{timeout}, std::forward<Message>(message));
}

/// Asks many actors the same question. When each has answered or failed, calls `done` once with the answers in the
/// order of the actors, nothing standing for one that failed or is null.
template <class Answer, class Self, class Handle, class Question>
void ask_all(Self self, const std::vector<Handle>& whom, nanoseconds timeout, const Question& question,
             std::function<void(std::vector<std::optional<Answer>>&)> done) {
  struct gathering {
    std::vector<std::optional<Answer>> answers;
    size_t open;
    std::function<void(std::vector<std::optional<Answer>>&)> done;

    void finish_one() {
      if (--open == 0) done(answers);
    }
  };
  auto gathered = std::make_shared<gathering>();
  gathered->answers.resize(whom.size());
  gathered->open = whom.size() + 1;
  gathered->done = std::move(done);
  for (size_t i = 0; i < whom.size(); ++i) {
    if (!whom[i]) {
      gathered->finish_one();
      continue;
    }
    ask(self, whom[i], timeout, question)
        .then(
            [gathered, i](Answer& answer) {
              gathered->answers[i] = std::move(answer);
              gathered->finish_one();
            },
            [gathered](const caf::error&) { gathered->finish_one(); });
  }
  gathered->finish_one();
}

template <class Handle>
void stop(const Handle& actor, exit_reason reason = exit_reason::user_shutdown) {
  if (actor) caf::anon_send_exit(actor, reason);
}

/// Has a function called whenever somebody stops the actor, which goes on until it quits.
template <class Self>
void on_stop(Self self, std::function<void()> call) {
  self->set_exit_handler([call = std::move(call)](caf::exit_msg&) { call(); });
}

/// A child that ends when its owner's state does, however that ends: in good order or by a fault.
template <class Handle>
class owned {
 public:
  owned() = default;
  owned(Handle actor) : actor_(std::move(actor)) {}
  owned(owned&& other) noexcept : actor_(std::exchange(other.actor_, nullptr)) {}
  owned& operator=(owned&& other) noexcept {
    if (this != &other) {
      reset();
      actor_ = std::exchange(other.actor_, nullptr);
    }
    return *this;
  }
  ~owned() { reset(); }

  const Handle& get() const { return actor_; }
  explicit operator bool() const { return static_cast<bool>(actor_); }
  /// Ends the child.
  void reset() {
    if (actor_) stop(std::exchange(actor_, nullptr));
  }
  /// Gives the child up without ending it.
  Handle release() { return std::exchange(actor_, nullptr); }

 private:
  Handle actor_;
};

// -- the world outside actors ----------------------------------------------------------------------------------------

/// Settings that were measured to be best: with work stealing, one actor that wakes 100,000 others takes seconds;
/// without a finite throughput, few busy actors starve all others. More workers than are needed wake each other for
/// nothing.
inline void tune(caf::actor_system_config& config, size_t workers) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-throughput", size_t{200});
  config.set("scheduler.max-threads", workers);
}

/// Asks from outside of any actor and ignores the answer.
template <class Answer, class Handle, class Question>
void ask_and_forget(caf::actor_system& system, const Handle& whom, Question question) {
  system.spawn([whom, question](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, question).then([](const Answer&) {}, [](caf::error&) {});
  });
}

/// Has a function called, on whatever thread, when the actor ends.
template <class Handle>
void on_end(const Handle& actor, std::function<void()> call) {
  caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor([call = std::move(call)] { call(); });
}

// -- watching --------------------------------------------------------------------------------------------------------

/// Called once with why an actor ended; an empty text means a normal end.
using down_handler = std::function<void(const std::string& error)>;

/// Who is watched, and what to do when it ends. Lives in the state of the actor that watches.
class watcher {
 public:
  void add(const caf::actor_addr& whom, down_handler handler) { handlers_[whom] = std::move(handler); }
  void remove(const caf::actor_addr& whom) { handlers_.erase(whom); }
  void clear() { handlers_.clear(); }
  bool contains(const caf::actor_addr& whom) const { return handlers_.find(whom) != handlers_.end(); }
  void on_down(const caf::actor_addr& whom, const std::string& error) {
    auto found = handlers_.find(whom);
    if (found == handlers_.end()) return;
    auto handler = std::move(found->second);
    handlers_.erase(found);
    handler(error);
  }

 private:
  std::unordered_map<caf::actor_addr, down_handler> handlers_;
};

/// The text of an error; empty for none and for an orderly end.
inline std::string render(caf::actor_system& system, const caf::error& error) {
  if (!error || error == exit_reason::user_shutdown) return {};
  return system.render(error);
}

template <class Self, class Handle>
void watch(Self self, watcher& watchers, const Handle& whom, down_handler handler) {
  watchers.add(whom.address(), std::move(handler));
  self->monitor(whom);
}

template <class Self, class Handle>
void unwatch(Self self, watcher& watchers, const Handle& whom) {
  if (!whom) return;
  watchers.remove(whom.address());
  self->demonitor(whom.address());
}

/// Gives an actor the house's manners: an exception ends it with a reason that carries its text, a stray error or
/// message is ignored, and the end of a watched actor reaches its handler.
template <class Self>
void init(Self self, watcher& watchers) {
  self->set_error_handler([](caf::error&) {});
  self->set_default_handler([](auto, auto&) -> caf::result<caf::message> { return caf::sec::unexpected_message; });
  self->set_down_handler(
      [self, &watchers](caf::down_msg& down) { watchers.on_down(down.source, render(self->system(), down.reason)); });
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
      return caf::make_error(caf::sec::runtime_error, std::string(exception.what()));
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error, std::string("unknown exception"));
    }
  });
}

/// Ends the actor because of a fault; its parent sees the text and decides on a restart.
template <class Self>
void crash(Self self, const std::string& why) {
  self->quit(caf::make_error(caf::sec::runtime_error, why));
}

}  // namespace rollcall::act
