#include "tests/simulation/simulated_leaders.hpp"

#include "lib/targets/schedule.hpp"

#include <algorithm>

namespace rollcall::test {

namespace {

constexpr int64_t look_interval = 150;
constexpr int64_t beat_interval = simulated_leaders::lease / 6;
constexpr int64_t silence_max = 2 * simulated_leaders::lease;
constexpr int64_t discovery_max = 2000;

cluster::loop_plan plan_of(uint64_t key) {
  auto length = milliseconds(simulated_leaders::interval);
  return {key, length, phase(key * 7919, 0, length), 1, std::make_shared<const std::string>("plan")};
}

}  // namespace

simulated_leaders::simulated_leaders(leaders_options options, size_t coordinators, size_t workers, uint64_t targets)
    : simulated_time(options.seed), options_(options), targets_(targets) {
  for (uint64_t key = 1; key <= targets; ++key) fleet_.appear(key, wall(), interval, plan_of(key).phase.count());
  coordinators_.resize(coordinators);
  for (size_t i = 0; i < coordinators; ++i) start(i);
  workers_.resize(workers);
  for (size_t i = 0; i < workers; ++i) {
    cluster::worker_options protocol;
    protocol.incarnation = ++last_incarnation_;
    protocol.policy = options.policy;
    auto after = [this, i](int64_t wait, std::function<void()> what) {
      at(now() + wait, [this, i, what = std::move(what)] {
        what();
        after_event(i);
      });
    };
    auto skew = draw_skew();
    workers_[i].process = std::make_unique<simulated_worker>(name_of(i), protocol, skew, fleet_, after);
    beat(i);
  }
}

// -- coordinators -----------------------------------------------------------------------------------------------------

void simulated_leaders::in_coordinator(size_t which, uint64_t incarnation, std::function<void(coordinator&)> what) {
  auto& process = coordinators_[which];
  if (process.incarnation != incarnation || incarnation == 0) return;
  if (process.paused_until <= now()) return what(process);
  at(process.paused_until, [=, this] { in_coordinator(which, incarnation, what); });
}

void simulated_leaders::start(size_t which) {
  auto& process = coordinators_[which];
  process = {};
  process.incarnation = ++last_incarnation_;
  process.steady_offset = static_cast<int64_t>(draw(1'000'000'000));
  process.skew = draw_skew();
  auto name = "coordinator-" + std::to_string(process.incarnation);
  process.leadership.emplace(cluster::leadership_options{name, name, milliseconds(lease)});
  look_after(which, process.incarnation);
}

void simulated_leaders::look_after(size_t which, uint64_t incarnation) {
  in_coordinator(which, incarnation, [this, which, incarnation](coordinator& process) {
    proceed(which);
    if (is_leading(which)) {
      process.side->run(now() + process.steady_offset, wall() + process.skew);
      flush(which);
    }
    at(now() + look_interval, [=, this] { look_after(which, incarnation); });
  });
}

void simulated_leaders::proceed(size_t which) {
  auto& process = coordinators_[which];
  is_leading(which);
  auto step = process.leadership->next(now() + process.steady_offset, wall() + process.skew);
  if (step) ask_arbiter(which, *step);
}

void simulated_leaders::ask_arbiter(size_t which, cluster::leadership::step step) {
  auto incarnation = coordinators_[which].incarnation;
  auto answer = [this, which, incarnation](int64_t wait, std::function<void(coordinator&)> what) {
    at(now() + wait, [=, this] {
      in_coordinator(which, incarnation, [this, which, what](coordinator& process) {
        what(process);
        proceed(which);
      });
    });
  };
  auto steady = [this](const coordinator& process) { return now() + process.steady_offset; };
  auto timeout = coordinators_[which].leadership->period().count();
  auto fail = [answer, timeout] { answer(timeout, [](coordinator& process) { process.leadership->on_failure(); }); };
  auto is_cut_off = [this, which] {
    return coordinators_[which].no_arbiter_until > now() || arbiter_down_until_ > now() || is_lost();
  };
  if (is_cut_off()) return fail();
  at(now() + delay(), [=, this] {
    bool is_written = false;
    if (const auto* asked = std::get_if<cluster::leadership::write>(&step)) {
      is_written = asked->expected == register_.version;
      if (is_written) register_ = {std::to_string(++register_version_), asked->wanted};
    }
    // What was done may be known to nobody.
    if (is_cut_off()) return fail();
    auto content = register_;
    if (options_.broken == leader_mutation::no_wait && content.held) content.held->lease = milliseconds(1);
    if (std::holds_alternative<cluster::leadership::read>(step))
      return answer(delay(), [=](coordinator& process) { process.leadership->on_content(content, steady(process)); });
    cluster::write_outcome outcome{is_written, is_written ? content.version : std::string()};
    answer(delay(), [=](coordinator& process) { process.leadership->on_outcome(outcome, steady(process)); });
  });
}

bool simulated_leaders::is_leading(size_t which) {
  auto& process = coordinators_[which];
  auto epoch = process.leadership->epoch_led(now() + process.steady_offset);
  const auto& known = process.leadership->known();
  if (options_.broken == leader_mutation::no_fence && !epoch && process.side && known &&
      known->epoch == process.side->epoch())
    epoch = known->epoch;
  bool is_same = epoch ? process.side && process.side->epoch() == *epoch : !process.side;
  if (!is_same && process.side) stand_by(which);
  if (!is_same && epoch) lead(which, *epoch);
  return process.side != nullptr;
}

void simulated_leaders::lead(size_t which, uint64_t epoch) {
  auto& process = coordinators_[which];
  led_by_.emplace(epoch, process.incarnation);
  cluster::coordinator_options options;
  options.epoch = epoch;
  options.lease = milliseconds(lease);
  options.settling = milliseconds(3 * lease);
  options.orphan_grace = std::chrono::minutes(1);
  process.side = std::make_unique<cluster::coordinator_side>(options, now() + process.steady_offset);
  // Discovery begins with it, and does not find everything at once.
  for (uint64_t key = 1; key <= targets_; ++key) {
    at(now() + static_cast<int64_t>(draw(discovery_max)), [this, which, epoch, key] {
      in_coordinator(which, coordinators_[which].incarnation, [this, which, epoch, key](coordinator& process) {
        if (!is_leading(which) || process.side->epoch() != epoch) return;
        process.side->want(plan_of(key), {}, wall() + process.skew);
        flush(which);
      });
    });
  }
}

void simulated_leaders::stand_by(size_t which) {
  auto& process = coordinators_[which];
  process.side.reset();
  for (const auto& [session, name] : std::exchange(process.members, {}))
    to_worker(which, static_cast<size_t>(std::stoul(name.substr(name.find('-') + 1))),
              [which](worker& who) { lose_membership(who, which); });
}

void simulated_leaders::flush(size_t which) {
  auto& process = coordinators_[which];
  auto frames = process.side->take_frames(now() + process.steady_offset);
  // Whoever speaks for an epoch does so alone, and nobody speaks for a later one yet.
  bool is_late =
      led_by_.rbegin()->first > process.side->epoch() || led_by_.at(process.side->epoch()) != process.incarnation;
  if (is_late) late_orders_ += frames.size();
  for (auto& [name, sent] : frames) {
    auto to = static_cast<size_t>(std::stoul(name.substr(name.find('-') + 1)));
    to_worker(which, to, [this, to, which, sent = std::move(sent)](worker& who) {
      if (who.joined != which) return;
      who.heard = now();
      auto& side = who.process->side();
      auto before = side.loops();
      auto wants_answer = side.take(sent, now(), wall() + who.process->skew());
      if (side.loops() > before && sent.session >> cluster::epoch_shift < side.epoch()) ++obeyed_wrongly_;
      if (wants_answer && *wants_answer) say(to);
    });
  }
}

// -- what happens -----------------------------------------------------------------------------------------------------

void simulated_leaders::kill(size_t which, int64_t down) {
  coordinators_[which] = {};
  at(now() + down, [this, which] {
    if (coordinators_[which].incarnation == 0) start(which);
  });
  // Its host closes the connections.
  for (auto& who : workers_)
    if (who.joined == which) who.heard = now() - silence_max;
}

void simulated_leaders::pause(size_t which, int64_t length) { coordinators_[which].paused_until = now() + length; }

void simulated_leaders::cut_off_from_arbiter(size_t which, int64_t length) {
  coordinators_[which].no_arbiter_until = now() + length;
}

void simulated_leaders::cut_off_from_workers(size_t which, int64_t length) {
  coordinators_[which].no_workers_until = now() + length;
}

void simulated_leaders::resign(size_t which) {
  auto incarnation = coordinators_[which].incarnation;
  in_coordinator(which, incarnation, [this, which](coordinator& process) {
    process.leadership->resign();
    proceed(which);
  });
}

std::optional<size_t> simulated_leaders::leader() const {
  for (size_t i = 0; i < coordinators_.size(); ++i) {
    const auto& process = coordinators_[i];
    if (process.side && process.paused_until <= now() && process.leadership->epoch_led(now() + process.steady_offset))
      return i;
  }
  return std::nullopt;
}

std::string simulated_leaders::owner_of(uint64_t key) const {
  auto which = leader();
  return which ? coordinators_[*which].side->place_of(key).owner : std::string();
}

bool simulated_leaders::is_everything_placed() const {
  for (uint64_t key = 1; key <= targets_; ++key)
    if (owner_of(key).empty()) return false;
  return true;
}

size_t simulated_leaders::moves() const {
  auto which = leader();
  return which ? coordinators_[*which].side->moves().size() : 0;
}

// -- messages ---------------------------------------------------------------------------------------------------------

void simulated_leaders::to_coordinator(size_t from, size_t which, std::function<void(coordinator&)> what) {
  if (coordinators_[which].no_workers_until > now() || is_lost()) return;
  auto incarnation = coordinators_[which].incarnation;
  at(now() + delay(), [=, this] {
    in_coordinator(which, incarnation, what);
    after_event(from);
  });
}

void simulated_leaders::to_worker(size_t which, size_t to, std::function<void(worker&)> what) {
  if (coordinators_[which].no_workers_until > now() || is_lost()) return;
  at(now() + delay(), [this, to, what = std::move(what)] {
    what(workers_[to]);
    after_event(to);
  });
}

// A coordinator that it has left has no say any more.
void simulated_leaders::lose_membership(worker& who, size_t at) {
  if (who.joined == at) who.is_member = false;
}

void simulated_leaders::try_next(worker& who) {
  who.joined = (who.joined + 1) % coordinators_.size();
  who.is_member = false;
  who.heard = now();
}

void simulated_leaders::beat(size_t index) {
  auto& who = workers_[index];
  bool is_silent = now() - who.heard >= (who.is_member ? silence_max : beat_interval);
  if (is_silent) try_next(who);
  if (who.is_member) {
    say(index);
  } else {
    introduce(index);
  }
  after_event(index);
  at(now() + beat_interval, [this, index] { beat(index); });
}

void simulated_leaders::introduce(size_t index) {
  auto& who = workers_[index];
  auto words = who.process->side().introduce(now());
  auto which = who.joined;
  to_coordinator(index, which, [this, index, which, words](coordinator& process) {
    process.leadership->hear_of(words.epoch);
    if (!is_leading(which)) {
      auto known = process.leadership->known() ? process.leadership->known()->epoch : 0;
      return to_worker(which, index, [this, known](worker& who) {
        who.process->side().hear_of(known);
        if (!who.is_member) try_next(who);
      });
    }
    auto name = name_of(index);
    auto answer =
        process.side->introduce({name, "", name, 1}, words, now() + process.steady_offset, wall() + process.skew);
    if (!answer) return;
    process.members[answer->session] = name;
    to_worker(which, index, [this, which, accepted = *answer](worker& who) {
      if (who.joined != which || !who.process->side().accept(accepted)) return;
      who.is_member = true;
      who.heard = now();
    });
    flush(which);
  });
}

void simulated_leaders::say(size_t index) {
  auto& who = workers_[index];
  auto words = who.process->side().make_frame(now());
  if (!words) return;
  auto which = who.joined;
  to_coordinator(index, which, [this, index, which, words = *words](coordinator& process) {
    if (!is_leading(which)) return;
    bool is_known = process.side->take(words, now() + process.steady_offset, wall() + process.skew).has_value();
    flush(which);
    if (!is_known) to_worker(which, index, [which](worker& who) { lose_membership(who, which); });
  });
}

// Ticks at their time, and whatever there is to say.
void simulated_leaders::after_event(size_t index) {
  auto& who = workers_[index];
  auto& side = who.process->side();
  auto skew = who.process->skew();
  side.run_ticks(now(), wall() + skew);
  if (who.is_member && side.has_work(now())) say(index);
  auto next = side.next_tick();
  if (!next) return;
  auto when = std::max(now() + 1, *next - wall_base - skew);
  if (who.armed_for > now() && who.armed_for <= when) return;
  who.armed_for = when;
  at(when, [this, index] { after_event(index); });
}

}  // namespace rollcall::test
