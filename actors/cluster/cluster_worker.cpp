#include "actors/cluster/cluster_worker.hpp"

#include "actors/cluster/worker_loops.hpp"
#include "lib/cluster/mandate.hpp"
#include "lib/log/log.hpp"
#include "lib/telemetry/telemetry.hpp"

namespace rollcall {

namespace {

using worker_impl = act::extended<cluster_worker_actor, void(words), void(session_over), loops_page(get_loops_page),
                                  void(coordinator_found), void(coordinator_lost), void(schedule), void(unschedule),
                                  void(estate_collected), void(estate_copied), void(beat_due), void(ticks_due),
                                  void(placed_restart_due)>;
using self_ptr = act::self_ptr<worker_impl, cluster_worker_state>;

int64_t steady(self_ptr self) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(self->clock().now().time_since_epoch()).count();
}

int64_t wall(self_ptr self) { return act::state(self).options.environment->wall_clock(); }

// -- ticks ------------------------------------------------------------------------------------------------------------

// Asks to be woken for the next tick, unless that is asked for already.
void arm(self_ptr self) {
  auto& state = act::state(self);
  auto next = state.side->next_tick();
  if (!next || (state.armed_for && *state.armed_for <= *next)) return;
  state.armed_for = next;
  auto wait = std::max<int64_t>(*next - wall(self), 0);
  act::tell_self_after(self, std::chrono::milliseconds(wait), ticks_due{++state.tick_generation});
}

void on(self_ptr self, const ticks_due& due) {
  auto& state = act::state(self);
  if (due.generation != state.tick_generation) return;
  state.armed_for.reset();
  state.side->run_ticks(steady(self), wall(self));
  arm(self);
}

// -- the coordinator --------------------------------------------------------------------------------------------------

void send_frame(self_ptr self) {
  auto& state = act::state(self);
  if (!state.coordinator || !state.is_member) return;
  auto said = state.side->make_frame(steady(self));
  if (!said) return;
  state.voter->serve(said->session >> cluster::epoch_shift, steady(self));
  act::tell(state.coordinator, words{std::move(*said)});
}

// What has come up is said at once, not at the next beat.
void settle(self_ptr self) {
  if (act::state(self).side->has_work(steady(self))) send_frame(self);
  arm(self);
}

void leave_for_another(self_ptr self) {
  auto& state = act::state(self);
  state.coordinator = nullptr;
  state.is_member = false;
  act::tell(state.link.get(), leave_coordinator{});
}

// Said once for each reason, as a worker that nobody takes goes from one coordinator to the next.
void refuse(self_ptr self, const std::string& why) {
  auto& state = act::state(self);
  if (std::exchange(state.last_refusal, why) != why)
    log::warn("cluster-worker", "The coordinator refuses this worker", {{"err", why}});
  leave_for_another(self);
}

void warn_of_rivals(self_ptr self, const welcome& answer) {
  auto& state = act::state(self);
  if (!answer.leader.empty() || state.options.coordinators < 2 || std::exchange(state.is_warned, true)) return;
  log::warn("cluster-worker",
            "This coordinator has no --cluster.arbiter, but there are several in --cluster.join: if "
            "another one runs, both assign");
}

void join(self_ptr self, const welcome& answer) {
  auto& state = act::state(self);
  auto accepted = cluster::decode_acceptance(answer.acceptance);
  if (!accepted) return refuse(self, accepted.error().message);
  if (accepted->epoch < state.side->epoch()) return refuse(self, "it was replaced by another coordinator");
  if (!state.side->accept(*accepted)) return;
  state.is_member = true;
  state.last_refusal.clear();
  log::info("cluster-worker", "Joined the cluster", {{"epoch", std::to_string(accepted->epoch)}});
  warn_of_rivals(self, answer);
  send_frame(self);
  settle(self);
}

void say_hello(self_ptr self);

void follow_lease(cluster_worker_options& options, std::chrono::milliseconds lease) {
  if (lease.count() > 0) options.beat = std::max(lease / options.beats_per_lease, options.beat_min);
}

// What is promised anew is said at once, what lasts longer at the next beat.
void consider(self_ptr self, const std::string& bytes) {
  auto& state = act::state(self);
  auto asked = cluster::decode_candidacy(bytes);
  if (!asked) return refuse(self, asked.error().message);
  follow_lease(state.options, asked->lease);
  if (state.voter->consider(*asked, steady(self)) == cluster::consent::given) say_hello(self);
}

void on_welcome(self_ptr self, const welcome& answer) {
  auto& state = act::state(self);
  state.is_asking = false;
  state.side->hear_of(answer.epoch);
  if (!answer.refusal.empty()) return refuse(self, answer.refusal);
  if (!answer.candidacy.empty()) return consider(self, answer.candidacy);
  join(self, answer);
}

void say_hello(self_ptr self) {
  auto& state = act::state(self);
  if (!state.coordinator || state.is_asking) return;
  state.is_asking = true;
  hello greeting;
  greeting.node = state.options.node;
  greeting.zone = state.options.zone;
  greeting.introduction = cluster::encode(state.side->introduce(steady(self)));
  greeting.vote = cluster::encode(state.voter->say(steady(self)));
  greeting.port = worker_port_actor{worker_impl{self}};
  // What comes from a coordinator that was left is not listened to.
  auto is_current = [self, asked = state.coordinator] { return act::state(self).coordinator == asked; };
  act::ask(self, state.coordinator, state.options.hello_timeout, std::move(greeting))
      .then(
          [self, is_current](const welcome& answer) {
            if (is_current()) on_welcome(self, answer);
          },
          [self, is_current](const caf::error&) {
            if (is_current()) act::state(self).is_asking = false;
          });
}

void on(self_ptr self, const coordinator_found& found) {
  auto& state = act::state(self);
  state.coordinator = found.coordinator;
  state.is_member = false;
  state.is_asking = false;
  say_hello(self);
}

void on(self_ptr self, const coordinator_lost& lost) {
  auto& state = act::state(self);
  log::warn("cluster-worker", "The coordinator is out of reach; what runs goes on",
            {{"err", lost.why}, {"loops", std::to_string(state.side->loops())}});
  state.coordinator = nullptr;
  state.is_member = false;
}

void on(self_ptr self, const session_over& over) {
  auto& state = act::state(self);
  state.is_member = false;
  if (over.given_back.empty()) return say_hello(self);
  if (auto given_back = cluster::decode_candidacy(over.given_back)) state.voter->release(*given_back);
  leave_for_another(self);
}

void on(self_ptr self, const words& heard) {
  auto& state = act::state(self);
  auto wants_answer = state.side->take(heard.said, steady(self), wall(self));
  if (!wants_answer)
    log::error("cluster-worker", "The coordinator was not understood", {{"err", wants_answer.error().message}});
  if (wants_answer && *wants_answer) send_frame(self);
  settle(self);
}

// So many loops at a beat come to all of them in each interval.
size_t loops_in_turn(const cluster_worker_state& state) {
  auto turns = std::max<int64_t>(1, state.options.status_interval / state.options.beat);
  return (state.loops->size() + static_cast<size_t>(turns) - 1) / static_cast<size_t>(turns);
}

void tell_statuses(self_ptr self) {
  auto& state = act::state(self);
  for (const auto& [which, loop] : state.loops->next_in_turn(loops_in_turn(state))) {
    act::ask(self, loop, state.options.status_timeout, get_loop_status{})
        .then([self, which = which](
                  const loop_status& status) { act::state(self).side->observe(which, encode_status(status)); },
              [](const caf::error&) {});
  }
}

// Has the next loops copied, unless that is still being done for the last ones or nobody takes it.
void copy_estates(self_ptr self) {
  auto& state = act::state(self);
  if (state.is_copying || !state.side->wants_copies()) return;
  estate_copier_options copier;
  copier.sink = copy_sink_actor{worker_impl{self}};
  copier.session = state.side->session();
  copier.loops = state.loops->next_to_copy(std::min(loops_in_turn(state), state.options.copies_at_once_max),
                                           copier.session, steady(self));
  if (copier.loops.empty()) return;
  state.is_copying = true;
  auto done = [self] { act::state(self).is_copying = false; };
  auto actor = spawn_estate_copier(self->system(), std::move(copier));
  act::ask(self, actor, state.options.copies_timeout, make_copies{})
      .then([done](const copies_made&) { done(); }, [done](const caf::error&) { done(); });
}

void on(self_ptr self, const estate_copied& copy) {
  auto& state = act::state(self);
  state.loops->copied(copy.which, copy.session, copy.version, steady(self));
  state.side->copy(copy.which, copy.state);
  settle(self);
}

// Says that it wants to end, and ends when there is nothing to give away or nobody takes it in time.
void leave(self_ptr self) {
  auto& state = act::state(self);
  state.side->leave();
  if (!state.leaving_since) state.leaving_since = steady(self);
  bool is_over = steady(self) - *state.leaving_since >= state.options.drain_deadline.count();
  bool has_nothing = !state.is_member && state.side->loops() == 0;
  if (is_over || has_nothing) state.options.call.dismissed();
}

void on(self_ptr self, const beat_due&) {
  auto& state = act::state(self);
  if (state.options.leaving->load()) leave(self);
  if (state.is_member) {
    tell_statuses(self);
    copy_estates(self);
    send_frame(self);
  } else {
    say_hello(self);
  }
  follow_lease(state.options, state.side->lease());
  act::tell_self_after(self, state.options.beat, beat_due{});
}

// -- loops ------------------------------------------------------------------------------------------------------------

void on(self_ptr self, const estate_collected& estate) {
  auto& state = act::state(self);
  state.loops->forget(estate.which);
  state.side->collected(estate.which, estate.state);
  settle(self);
}

loop_keeper keeper_of(self_ptr self) {
  loop_keeper keeper;
  keeper.ticker = ticker_actor{worker_impl{self}};
  keeper.estates = estate_sink_actor{worker_impl{self}};
  keeper.watch = [self](const scrape_loop_actor& loop, cluster::tenancy which) {
    act::watch(self, act::state(self).watchers, loop, [self, which](const std::string& error) {
      act::state(self).loops->ended(which, error);
      settle(self);
    });
  };
  keeper.restart_later = [self](cluster::tenancy which) {
    act::tell_self_after(self, act::state(self).options.restart_delay, placed_restart_due{which});
  };
  keeper.over = [self](cluster::tenancy which) { act::state(self).side->ended(which); };
  // Later, as the protocol is in the middle of something.
  keeper.collected = [self](cluster::tenancy which, std::string known) {
    act::tell(estate_sink_actor{worker_impl{self}}, estate_collected{which, std::move(known)});
  };
  return keeper;
}

void on(self_ptr self, const use_services& order) {
  auto& state = act::state(self);
  state.options.services = order.services;
  state.loops->use(order.services);
}

// -- questions --------------------------------------------------------------------------------------------------------

// Asks every loop, and adds up what it says together with its assignment.
template <class Status, class Answer, class Question, class Add>
caf::result<Answer> ask_loops(self_ptr self, const Question& question, Add add) {
  auto& state = act::state(self);
  auto loops = std::make_shared<std::vector<std::pair<loop_assignment, scrape_loop_actor>>>(state.loops->all());
  std::vector<scrape_loop_actor> actors;
  for (const auto& [assignment, loop] : *loops) actors.push_back(loop);
  auto promise = self->make_response_promise<Answer>();
  act::ask_all<Status>(self, actors, state.options.status_timeout, question,
                       [promise, loops, add](auto& answers) mutable {
                         Answer all;
                         for (size_t i = 0; i < answers.size(); ++i) add(all, (*loops)[i].first, answers[i]);
                         promise.deliver(std::move(all));
                       });
  return promise;
}

caf::result<targets> on(self_ptr self, const get_targets& question) {
  auto add = [job = question.job](targets& all, const loop_assignment& loop, const std::optional<loop_status>& status) {
    if (!job.empty() && job != loop.settings->job) return;
    auto pool = std::find_if(all.pools.begin(), all.pools.end(),
                             [&](const auto& each) { return each.job == loop.settings->job; });
    if (pool == all.pools.end())
      pool = all.pools.insert(all.pools.end(), pool_targets{loop.settings->job, {}, {}, 0, 0});
    pool->active.push_back({loop.visible, loop.visible, loop.request->url, loop.interval, loop.timeout, 0,
                            status.value_or(loop_status{})});
  };
  return ask_loops<loop_status, targets>(self, get_loop_status{}, add);
}

caf::result<latest> on(self_ptr self, const get_latest& question) {
  return ask_loops<latest, latest>(self, question, [](latest& all, const loop_assignment&, auto& answer) {
    if (answer) all.batches.insert(all.batches.end(), answer->batches.begin(), answer->batches.end());
  });
}

caf::result<known_metadata> on(self_ptr self, const get_metadata& question) {
  return ask_loops<known_metadata, known_metadata>(
      self, question, [](known_metadata& all, const loop_assignment&, auto& answer) {
        if (answer) all.targets.insert(all.targets.end(), answer->targets.begin(), answer->targets.end());
      });
}

scrape_pools pools_of(const cluster_worker_state& state) {
  std::set<std::string> jobs;
  for (const auto& [assignment, loop] : state.loops->all()) jobs.insert(assignment.settings->job);
  return {{jobs.begin(), jobs.end()}};
}

// Loops are asked and answers written beside this actor, which has ticks to deliver.
caf::result<loops_page> on(self_ptr self, const get_loops_page& question) {
  auto& state = act::state(self);
  auto page = state.loops->page(question.after, question.about.job, state.options.page_loops_max);
  page.environment = state.options.environment;
  page.about = question.about;
  return self->delegate(spawn_loop_reporter(self->system(), std::move(page)), write_page{});
}

caf::result<answer_begun> on(self_ptr self, const get_answer& question) {
  auto& state = act::state(self);
  if (!state.coordinator || !state.is_member) return answer_begun{};
  return self->delegate(state.coordinator, question);
}

cluster_view view_of(const cluster_worker_state& state) {
  cluster_view view;
  view.role = "worker";
  view.epoch = state.side->epoch();
  view.lease = state.side->lease();
  view.targets = state.side->loops();
  node_view node;
  node.name = state.options.node;
  node.zone = state.options.zone;
  node.loops = state.side->loops();
  node.draining = state.options.leaving->load();
  view.nodes.push_back(std::move(node));
  return view;
}

act::behavior_of<worker_impl> cluster_worker(self_ptr self, cluster_worker_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  state.loops = std::make_unique<worker_loops>(self->system(), state.options, keeper_of(self));
  state.side = std::make_unique<cluster::worker_side>(state.options.protocol, *state.loops);
  state.voter.emplace(steady(self));
  state.link = state.options.spawn_link(self->system(), coordinator_sink_actor{worker_impl{self}});
  act::tell_self_after(self, state.options.beat, beat_due{});
  return {
      // What there is to scrape comes from the coordinator.
      [](sync&) {},
      [](const apply_scrape&) {},
      [self](const use_services& order) { on(self, order); },
      [self](const get_scrape_pools&) { return pools_of(act::state(self)); },
      [self](const get_targets& question) { return on(self, question); },
      [self](const get_latest& question) { return on(self, question); },
      [self](const get_metadata& question) { return on(self, question); },
      [self](const get_answer& question) { return on(self, question); },
      [self](const get_cluster&) { return view_of(act::state(self)); },
      [self](const words& heard) { on(self, heard); },
      [self](const session_over& over) { on(self, over); },
      [self](const get_loops_page& question) { return on(self, question); },
      [self](const coordinator_found& found) { on(self, found); },
      [self](const coordinator_lost& lost) { on(self, lost); },
      // Loops are woken by the protocol.
      [](const schedule&) {},
      [](const unschedule&) {},
      [self](const estate_collected& estate) { on(self, estate); },
      [self](const estate_copied& copy) { on(self, copy); },
      [self](const beat_due& due) { on(self, due); },
      [self](const ticks_due& due) { on(self, due); },
      [self](const placed_restart_due& due) { act::state(self).loops->restart(due.which); },
  };
}

}  // namespace

cluster_worker_actor spawn_cluster_worker(caf::actor_system& system, cluster_worker_options options) {
  return system.spawn(cluster_worker, std::move(options));
}

}  // namespace rollcall
