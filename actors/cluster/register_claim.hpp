#pragma once

#include "actors/cluster/claim.hpp"
#include "lib/cluster/leadership.hpp"
#include "messages/leadership.hpp"

#include <functional>

namespace rollcall {

/// Takes what came of a step, and the time.
using consulted_callback = std::function<void(const consulted&, int64_t steady)>;
/// Has the arbiter consulted within a time.
using consultation = std::function<void(const cluster::leadership::step&, milliseconds, consulted_callback)>;

/// A claim by the word of an arbiter that keeps a register. Whoever calls the callbacks must not outlive it.
class register_claim : public claim {
 public:
  register_claim(cluster::leadership_options options, consultation consult)
      : holder_(options.holder), leadership_(std::move(options)), consult_(std::move(consult)) {}

  std::optional<uint64_t> epoch_led(int64_t steady) const override { return leadership_.epoch_led(steady); }
  int64_t leads_until() const override { return leadership_.leads_until(); }
  known_leader known() const override;
  void proceed(int64_t steady, int64_t wall) override;
  milliseconds period() const override { return leadership_.period(); }
  void hear_of(uint64_t epoch) override { leadership_.hear_of(epoch); }
  void give_up() override { leadership_.give_up(); }
  void resign() override;
  bool is_resigning() const override { return is_resigning_ && leadership_.is_resigning(); }

  std::optional<welcome> receive(const hello&, int64_t, int64_t) override { return std::nullopt; }
  void admit(const std::string&, const welcome&) override {}
  void hear(const words&, int64_t) override {}
  session_over farewell() const override { return {}; }

 private:
  void report(const std::string& error);
  void hear(const cluster::leadership::step& step, const consulted& answer, int64_t steady);

  std::string holder_;
  cluster::leadership leadership_;
  consultation consult_;
  bool is_resigning_ = false;
  std::string error_;  // of the last consultation; empty when the arbiter answered
};

}  // namespace rollcall
