#include "tests/simulation/simulated_election.hpp"

#include <algorithm>

namespace rollcall::test {

namespace {

constexpr int64_t look_interval = simulated_election::lease / 16;
constexpr int64_t beat_interval = simulated_election::lease / 6;
// A connection that carries nothing is lost then.
constexpr int64_t silence_max = 5 * simulated_election::lease / 2;
// How long a worker takes to turn to another coordinator.
constexpr int64_t turn_min = 200;
constexpr uint64_t turn_spread = 300;

}  // namespace

simulated_election::simulated_election(election_world world)
    : simulated_time(world.seed),
      world_(world),
      coordinators_(world.coordinators),
      workers_(world.voters + world.others),
      cut_until_(world.coordinators, std::vector<int64_t>(world.voters + world.others, 0)) {
  for (size_t i = 0; i < coordinators_.size(); ++i) start_coordinator(i);
  for (size_t i = 0; i < workers_.size(); ++i) start_worker(i);
}

int64_t simulated_election::steady(const process& who) const {
  return who.offset + static_cast<int64_t>(static_cast<double>(now()) * who.rate);
}

void simulated_election::be_born(process& who) {
  who.life = ++last_life_;
  who.offset = static_cast<int64_t>(draw(1'000'000'000));
  who.rate = 0.99 + 0.02 * chance();
  who.skew = draw_skew();
}

template <class Process>
void simulated_election::in(std::vector<Process>& all, size_t which, uint64_t life,
                            std::function<void(Process&)> what) {
  auto& who = all[which];
  if (who.life != life || life == 0) return;
  if (who.paused_until <= now()) return what(who);
  at(who.paused_until, [=, this, &all] { in(all, which, life, what); });
}

// Leading begins with something that happens, so nothing is missed in between.
void simulated_election::look() {
  size_t leaders = 0;
  for (auto& each : coordinators_) {
    auto epoch = each.side ? each.side->epoch_led(steady(each)) : std::nullopt;
    if (!epoch) continue;
    ++leaders;
    bool is_known = *epoch == epoch_led_ && each.life == led_by_;
    if (!is_known && *epoch <= epoch_led_) ++epochs_out_of_order_;
    if (*epoch > epoch_led_) {
      epoch_led_ = *epoch;
      led_by_ = each.life;
    }
  }
  if (leaders > 1) ++rivals_;
}

// -- coordinators -----------------------------------------------------------------------------------------------------

void simulated_election::start_coordinator(size_t which) {
  auto& who = coordinators_[which];
  who = {};
  be_born(who);
  if (world_.broken == broken_rule::slow_clocks) who.rate = 0.4;
  cluster::election_options options;
  options.holder = "coordinator-" + std::to_string(who.life);
  options.address = options.holder;
  options.lease = milliseconds(lease);
  for (size_t i = 0; i < world_.voters; ++i) options.voters.push_back(name_of(i));
  who.side.emplace(options);
  look_after(which, who.life);
}

void simulated_election::look_after(size_t which, uint64_t life) {
  in<coordinator>(coordinators_, which, life, [this, which, life](coordinator& who) {
    see(which);
    if (auto given_back = who.side->despair(steady(who)))
      for (auto index : std::exchange(who.waiting, {})) send_away(which, index, given_back);
    after(look_interval, [=, this] { look_after(which, life); });
  });
}

// Whether it leads decides what it does.
void simulated_election::see(size_t which) {
  auto& who = coordinators_[which];
  auto epoch = who.side->epoch_led(steady(who));
  if (epoch == who.epoch) return;
  who.epoch = epoch;
  for (auto index : std::exchange(who.members, {})) end_session(which, index, std::nullopt);
}

// The worker says hello again, unless it is in another session than that.
void simulated_election::end_session(size_t which, size_t index, std::optional<uint64_t> session) {
  to_worker(which, index, [this, index, session](worker& who) {
    if (session && who.session != session) return;
    who.session.reset();
    say_hello(index);
  });
}

void simulated_election::receive(size_t which, size_t index, const cluster::vote& said) {
  auto& who = coordinators_[which];
  see(which);
  auto answer = cluster::reception{};
  if (index < world_.voters) {
    answer = who.side->receive(name_of(index), said, steady(who), wall_of(who), chance());
    // The same promise under another name.
    if (world_.broken == broken_rule::counted_twice && said.promised)
      who.side->receive(name_of((index + 1) % world_.voters), said, steady(who), wall_of(who), chance());
  } else if (who.epoch) {
    answer.what = cluster::reception::kind::join;
  }
  see(which);
  using kind = cluster::reception::kind;
  if (answer.what == kind::go_away) return send_away(which, index, std::nullopt);
  who.waiting.erase(index);
  if (answer.what == kind::wait) {
    who.waiting.insert(index);
    return to_worker(which, index, [=, this](worker&) { consider(which, index, *answer.asked); });
  }
  who.members.insert(index);
  to_worker(which, index, [this, index, epoch = who.epoch](worker& member) {
    member.session = epoch;
    member.echo = 0;
    say_words(index);
  });
}

// -- workers ----------------------------------------------------------------------------------------------------------

void simulated_election::start_worker(size_t which) {
  auto& who = workers_[which];
  who = {};
  be_born(who);
  who.side.emplace(steady(who) - (world_.broken == broken_rule::no_silence ? 10 * lease : 0));
  who.joined = draw(coordinators_.size());
  who.heard = now();
  beat(which, who.life);
}

void simulated_election::beat(size_t index, uint64_t life) {
  in<worker>(workers_, index, life, [this, index, life](worker& who) {
    bool is_refused = coordinators_[who.joined].life == 0;  // its host closes the connections
    if (is_refused || now() - who.heard >= silence_max) try_next(who);
    if (who.session) {
      say_words(index);
    } else {
      say_hello(index);
    }
    after(beat_interval, [=, this] { beat(index, life); });
  });
}

void simulated_election::try_next(worker& who) {
  ++who.contact;
  who.joined = (who.joined + 1) % coordinators_.size();
  who.session.reset();
  who.heard = now();
  auto said = who.side->say(steady(who));
  if (world_.broken == broken_rule::faithless && said.promised) who.side->release(*said.promised);
}

void simulated_election::say_hello(size_t index) {
  auto& who = workers_[index];
  to_coordinator(index, [this, index, which = who.joined, said = who.side->say(steady(who))](coordinator&) {
    receive(which, index, said);
  });
}

void simulated_election::say_words(size_t index) {
  auto& who = workers_[index];
  auto epoch = *who.session;
  who.side->serve(epoch, steady(who));
  to_coordinator(index, [this, index, which = who.joined, epoch, echo = who.echo](coordinator& leader) {
    see(which);
    if (leader.epoch != epoch || !leader.members.contains(index)) return end_session(which, index, epoch);
    auto now = steady(leader);
    leader.side->renew(name_of(index), echo, now);
    see(which);
    if (leader.epoch != epoch) return;
    to_worker(which, index, [stamp = now, epoch](worker& member) {
      if (member.session == epoch) member.echo = std::max(member.echo, stamp);
    });
  });
}

void simulated_election::consider(size_t which, size_t index, const cluster::candidacy& asked) {
  auto& who = workers_[index];
  if (who.joined != which || who.session) return;
  if (who.side->consider(asked, steady(who)) == cluster::consent::given) say_hello(index);
}

void simulated_election::send_away(size_t which, size_t index, const std::optional<cluster::candidacy>& given_back) {
  to_worker(which, index, [this, index, given_back](worker& who) {
    if (given_back) who.side->release(*given_back);
    who.session.reset();
    auto contact = ++who.contact;
    after(turn_min + static_cast<int64_t>(draw(turn_spread)), [this, index, contact, life = who.life] {
      in<worker>(workers_, index, life, [this, index, contact](worker& who) {
        if (who.contact != contact) return;
        try_next(who);
        say_hello(index);
      });
    });
  });
}

// -- messages ---------------------------------------------------------------------------------------------------------

void simulated_election::to_coordinator(size_t index, std::function<void(coordinator&)> what) {
  auto which = workers_[index].joined;
  auto life = coordinators_[which].life;
  if (cut_until_[which][index] > now() || chance() < world_.loss) return;
  after(1 + static_cast<int64_t>(draw(static_cast<uint64_t>(world_.delay_max))),
        [=, this] { in<coordinator>(coordinators_, which, life, what); });
}

// What comes from a coordinator that the worker has left is not listened to.
void simulated_election::to_worker(size_t which, size_t index, std::function<void(worker&)> what) {
  auto life = workers_[index].life;
  auto contact = workers_[index].contact;
  if (workers_[index].joined != which || cut_until_[which][index] > now() || chance() < world_.loss) return;
  after(1 + static_cast<int64_t>(draw(static_cast<uint64_t>(world_.delay_max))), [=, this] {
    in<worker>(workers_, index, life, [=, this](worker& who) {
      if (who.contact != contact) return;
      who.heard = now();
      what(who);
    });
  });
}

// -- what happens -----------------------------------------------------------------------------------------------------

void simulated_election::kill_coordinator(size_t which, int64_t down) {
  coordinators_[which] = {};
  after(down, [this, which] {
    if (coordinators_[which].life == 0) start_coordinator(which);
  });
}

void simulated_election::resign(size_t which, int64_t down) {
  auto& who = coordinators_[which];
  if (who.life == 0 || who.paused_until > now()) return;
  auto given_back = who.side->resign();
  for (const auto* all : {&who.members, &who.waiting})
    for (auto index : *all) send_away(which, index, given_back);
  kill_coordinator(which, down);
}

void simulated_election::kill_worker(size_t which, int64_t down) {
  workers_[which] = {};
  for (auto& each : coordinators_) {
    each.members.erase(which);
    each.waiting.erase(which);
  }
  after(down, [this, which] {
    if (workers_[which].life == 0) start_worker(which);
  });
}

void simulated_election::cut(size_t coordinator, size_t worker, int64_t length) {
  cut_until_[coordinator][worker] = now() + length;
  auto& who = workers_[worker];
  bool is_noticed = who.joined == coordinator && who.life != 0 && who.paused_until <= now() && draw(2) == 0;
  if (is_noticed) try_next(who);
}

void simulated_election::heal() {
  for (auto& row : cut_until_) std::fill(row.begin(), row.end(), 0);
  for (auto& each : coordinators_) each.paused_until = std::min(each.paused_until, now());
  for (auto& each : workers_) each.paused_until = std::min(each.paused_until, now());
  for (size_t i = 0; i < coordinators_.size(); ++i)
    if (coordinators_[i].life == 0) start_coordinator(i);
  for (size_t i = 0; i < workers_.size(); ++i)
    if (workers_[i].life == 0) start_worker(i);
}

std::optional<size_t> simulated_election::leader() const {
  for (size_t i = 0; i < coordinators_.size(); ++i)
    if (coordinators_[i].side && coordinators_[i].side->epoch_led(steady(coordinators_[i]))) return i;
  return std::nullopt;
}

size_t simulated_election::members() const {
  auto which = leader();
  return which ? coordinators_[*which].members.size() : 0;
}

}  // namespace rollcall::test
