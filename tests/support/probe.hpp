#pragma once

#include "actors/act.hpp"

#include <any>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

/// An actor of any interface that writes down what it is told and gives scripted answers.
namespace rollcall::test {

/// What a probe heard and what it is to answer. Shared by the probe's actor and the test; safe from any thread.
class probe_notes {
 public:
  template <class Message>
  void note(const Message& message) {
    std::lock_guard lock(mutex_);
    heard_[typeid(Message)].emplace_back(message);
    changed_.notify_all();
  }

  template <class Message>
  std::vector<Message> heard() const {
    std::lock_guard lock(mutex_);
    std::vector<Message> messages;
    if (auto found = heard_.find(typeid(Message)); found != heard_.end())
      for (const auto& message : found->second) messages.push_back(std::any_cast<Message>(message));
    return messages;
  }

  template <class Message>
  void forget() {
    std::lock_guard lock(mutex_);
    heard_.erase(typeid(Message));
  }

  template <class Message>
  bool wait_for(std::size_t count, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return heard_[typeid(Message)].size() >= count; });
  }

  template <class Question, class Answer>
  void script(std::function<Answer(const Question&)> answer) {
    std::lock_guard lock(mutex_);
    scripts_[typeid(Question)] = std::move(answer);
  }

  /// The scripted answer, or a default-made one.
  template <class Answer, class Question>
  Answer answer(const Question& question) const {
    std::function<Answer(const Question&)> script;
    {
      std::lock_guard lock(mutex_);
      if (auto found = scripts_.find(typeid(Question)); found != scripts_.end())
        script = std::any_cast<std::function<Answer(const Question&)>>(found->second);
    }
    return script ? script(question) : Answer{};
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::type_index, std::vector<std::any>> heard_;
  std::unordered_map<std::type_index, std::any> scripts_;
};

namespace detail {

template <class Signature>
struct probe_handler;

template <class Message>
struct probe_handler<caf::typed_mpi<caf::detail::type_list<Message>, caf::output_tuple<void>>> {
  static auto make(std::shared_ptr<probe_notes> notes) {
    return [notes](const Message& message) { notes->note(message); };
  }
};

template <class Question, class Answer>
struct probe_handler<caf::typed_mpi<caf::detail::type_list<Question>, caf::output_tuple<Answer>>> {
  static auto make(std::shared_ptr<probe_notes> notes) {
    return [notes](const Question& question) -> Answer {
      notes->note(question);
      return notes->answer<Answer>(question);
    };
  }
};

template <class Handle, class... Signatures>
typename Handle::behavior_type probe_behavior(caf::detail::type_list<Signatures...>,
                                              const std::shared_ptr<probe_notes>& notes) {
  return {probe_handler<Signatures>::make(notes)...};
}

template <class Handle>
typename Handle::behavior_type probe_actor(typename Handle::pointer self, std::shared_ptr<probe_notes> notes) {
  self->set_default_handler([](auto, auto&) -> caf::result<caf::message> { return caf::sec::unexpected_message; });
  return probe_behavior<Handle>(typename Handle::signatures{}, notes);
}

}  // namespace detail

/// The test's side of a probe. Converts to its handle, and to that of any role it conforms to.
template <class Handle>
class probe {
 public:
  probe(Handle handle, std::shared_ptr<probe_notes> notes) : handle_(std::move(handle)), notes_(std::move(notes)) {}

  const Handle& handle() const { return handle_; }
  template <class Role>
  operator Role() const {
    return handle_;
  }

  /// Everything of this type that came, in order, since the start or the last take.
  template <class Message>
  std::vector<Message> received() const {
    return notes_->heard<Message>();
  }

  /// Like received, and forgets it.
  template <class Message>
  std::vector<Message> take() {
    auto messages = notes_->heard<Message>();
    notes_->forget<Message>();
    return messages;
  }

  /// Blocks until so many messages of this type came; false when patience ran out. Only for systems with threads: in
  /// the deterministic fixture nothing happens meanwhile.
  template <class Message>
  bool wait_for(std::size_t count, std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    return notes_->wait_for<Message>(count, patience);
  }

  /// Answers this kind of question so from now on; before that the answer is a default-made one.
  template <class Question, class Answer>
  void answer_with(std::function<Answer(const Question&)> answer) {
    notes_->script<Question, Answer>(std::move(answer));
  }

 private:
  Handle handle_;
  std::shared_ptr<probe_notes> notes_;
};

template <class Handle>
probe<Handle> spawn_probe(caf::actor_system& system) {
  auto notes = std::make_shared<probe_notes>();
  return {system.spawn(detail::probe_actor<Handle>, notes), notes};
}

/// Whether and why an actor ended.
class ending {
 public:
  template <class Handle>
  ending(caf::actor_system& system, const Handle& actor) : state_(std::make_shared<state>()) {
    caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor([state = state_, &system](const caf::error& reason) {
      std::lock_guard lock(state->mutex);
      state->ended = true;
      state->error = act::render(system, reason);
      state->changed.notify_all();
    });
  }

  bool ended() const {
    std::lock_guard lock(state_->mutex);
    return state_->ended;
  }

  /// Empty while the actor runs and after an orderly end.
  std::string error() const {
    std::lock_guard lock(state_->mutex);
    return state_->error;
  }

  bool wait(std::chrono::milliseconds patience = std::chrono::seconds(30)) const {
    std::unique_lock lock(state_->mutex);
    return state_->changed.wait_for(lock, patience, [this] { return state_->ended; });
  }

 private:
  struct state {
    mutable std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    std::string error;
  };
  std::shared_ptr<state> state_;
};

}  // namespace rollcall::test
