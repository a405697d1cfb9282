#include "actors/discovery/consul_sd/consul_session.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace rollcall {

using std::chrono::milliseconds;

consul_session::consul_session(consul_session_options options)
    : options_(std::move(options)), datacenter_(options_.configuration.datacenter) {}

// -- what happens ----------------------------------------------------------------------------------------------------

watch_actions consul_session::begin(const watch_moment& moment) {
  watch_actions actions;
  if (!datacenter_.empty()) {
    start_watching(moment, actions);
    return actions;
  }
  auto tag = add_watch(kind::agent);
  ask(tag, watches_.at(tag), moment, actions);
  return actions;
}

watch_actions consul_session::answered(uint64_t tag, const http::response& response, const watch_moment& moment) {
  watch_actions actions;
  if (auto* one = take_answer(tag)) {
    observe(*one, response);
    if (auto understood = read(*one, response, actions); !understood)
      retry(tag, *one, understood.error().message, moment, actions);
    else
      go_on(tag, *one, moment, actions);
  }
  ask_queued(moment, actions);
  deliver(actions);
  return actions;
}

watch_actions consul_session::failed(uint64_t tag, const std::string& error, const watch_moment& moment) {
  watch_actions actions;
  if (auto* one = take_answer(tag)) retry(tag, *one, error, moment, actions);
  ask_queued(moment, actions);
  deliver(actions);
  return actions;
}

watch_actions consul_session::due(uint64_t tag, const watch_moment& moment) {
  watch_actions actions;
  auto found = watches_.find(tag);
  if (found == watches_.end()) return actions;
  auto& one = found->second;
  if (one.phase != phase::resting) return actions;
  if (one.kind == kind::service) {
    one.phase = phase::queued;
    queue_.push_back(tag);
    ask_queued(moment, actions);
  } else {
    ask(tag, one, moment, actions);
  }
  return actions;
}

std::string consul_session::trouble() const {
  for (const auto& [tag, one] : watches_)
    if (!one.error.empty()) return one.error;
  return {};
}

// -- asking ----------------------------------------------------------------------------------------------------------

uint64_t consul_session::add_watch(kind kind, std::string service) {
  auto tag = ++last_tag_;
  auto& one = watches_[tag];
  one.kind = kind;
  one.service = std::move(service);
  one.retry = backoff(options_.retry);
  if (kind == kind::service) {
    services_[one.service] = tag;
    one.phase = phase::queued;
    queue_.push_back(tag);
  }
  return tag;
}

void consul_session::start_watching(const watch_moment& moment, watch_actions& actions) {
  const auto& configuration = options_.configuration;
  if (configuration.watches_catalog()) {
    auto tag = add_watch(kind::catalog);
    ask(tag, watches_.at(tag), moment, actions);
  } else {
    for (const auto& service : std::set<std::string>(configuration.services.begin(), configuration.services.end()))
      add_watch(kind::service, service);
    ask_queued(moment, actions);
  }
}

void consul_session::ask(uint64_t tag, watch& one, const watch_moment& moment, watch_actions& actions) {
  const auto& configuration = options_.configuration;
  consul_wait wait{one.index, one.kind == kind::service ? wait_time() : options_.wait_max};
  fetch question;
  question.tag = tag;
  switch (one.kind) {
    case kind::agent:
      question.request = consul_agent_request(configuration);
      break;
    case kind::catalog:
      question.request = consul_catalog_request(configuration, wait);
      break;
    case kind::service:
      question.request = consul_health_request(configuration, one.service, wait);
      ++services_asked_;
      break;
  }
  // A server adds up to a sixteenth to the waiting, so that not all answers come at once.
  question.timeout = options_.answer_time_max;
  if (one.index != 0) question.timeout += wait.time + wait.time / 16;
  question.body_bytes_max = options_.body_bytes_max;
  one.phase = phase::asked;
  one.asked = moment.now;
  actions.questions.push_back(std::move(question));
}

void consul_session::ask_queued(const watch_moment& moment, watch_actions& actions) {
  while (!queue_.empty() && services_asked_ < options_.services_asked_max) {
    auto tag = queue_.front();
    queue_.pop_front();
    if (auto found = watches_.find(tag); found != watches_.end()) ask(tag, found->second, moment, actions);
  }
}

milliseconds consul_session::wait_time() const {
  if (services_.size() <= options_.services_asked_max) return options_.wait_max;
  auto share = options_.configuration.refresh_interval * static_cast<int64_t>(options_.services_asked_max) /
               static_cast<int64_t>(services_.size());
  return std::clamp(share, options_.wait_min, options_.wait_max);
}

void consul_session::rest(uint64_t tag, watch& one, milliseconds delay, watch_actions& actions) {
  one.phase = phase::resting;
  actions.alarms.push_back({tag, delay});
}

void consul_session::go_on(uint64_t tag, watch& one, const watch_moment& moment, watch_actions& actions) {
  actions.refreshed = true;
  one.error.clear();
  one.settled = one.answered = true;
  one.retry.reset();
  if (one.kind == kind::agent) {
    watches_.erase(tag);
    return start_watching(moment, actions);
  }
  auto spacing = options_.configuration.refresh_interval;
  auto delay = spacing - milliseconds(moment.now - one.asked);
  rest(tag, one, std::clamp(delay, milliseconds(0), spacing), actions);
}

// After a failure the next question does not wait: a server that lost its state has an index below ours, and would let
// us wait for nothing.
void consul_session::retry(uint64_t tag, watch& one, const std::string& error, const watch_moment& moment,
                           watch_actions& actions) {
  if (options_.metrics) options_.metrics->consul.rpc_failures.Increment();
  one.settled = true;
  one.error = one.kind == kind::service ? "service " + one.service + ": " + error : error;
  actions.failures.push_back(one.error);
  one.index = 0;
  rest(tag, one, one.retry.next(moment.random_unit), actions);
}

// -- answers ---------------------------------------------------------------------------------------------------------

consul_session::watch* consul_session::take_answer(uint64_t tag) {
  auto found = watches_.find(tag);
  // Only a service's watch goes away while its question is out.
  bool of_service = found == watches_.end() || found->second.kind == kind::service;
  if (of_service && services_asked_ > 0) --services_asked_;
  return found == watches_.end() ? nullptr : &found->second;
}

void consul_session::observe(const watch& one, const http::response& response) {
  if (!options_.metrics || one.kind == kind::agent) return;
  auto& metrics = options_.metrics->consul;
  auto seconds = std::chrono::duration<double>(response.elapsed).count();
  (one.kind == kind::catalog ? metrics.services_duration : metrics.service_duration).Observe(seconds);
}

result<void> consul_session::read(watch& one, const http::response& response, watch_actions& actions) {
  if (one.kind == kind::agent) {
    auto datacenter = read_consul_datacenter(response);
    if (!datacenter) return tl::unexpected(std::move(datacenter.error()));
    datacenter_ = std::move(*datacenter);
    return {};
  }
  auto index = consul_index_of(response);
  if (!index) return tl::unexpected(std::move(index.error()));
  bool unchanged = one.index != 0 && *index == one.index && response.status == 200;
  if (!unchanged && one.kind == kind::catalog) {
    auto catalog = read_consul_catalog(response);
    if (!catalog) return tl::unexpected(std::move(catalog.error()));
    take_catalog(*catalog, actions);
  } else if (!unchanged) {
    auto group = read_consul_instances(response, one.service, datacenter_, options_.configuration.tag_separator);
    if (!group) return tl::unexpected(std::move(group.error()));
    take_instances(one, std::move(*group), actions);
  }
  one.index = consul_next_index(one.index, *index);
  return {};
}

void consul_session::take_catalog(const consul_catalog& catalog, watch_actions& actions) {
  for (auto at = services_.begin(); at != services_.end();) {
    auto listed = catalog.find(at->first);
    if (listed != catalog.end() && is_wanted(options_.configuration, at->first, listed->second)) {
      ++at;
      continue;
    }
    auto withdrawn = std::make_shared<target_group>();
    withdrawn->source = at->first;
    if (!actions.found) actions.found.emplace();
    actions.found->groups.push_back(std::move(withdrawn));
    watches_.erase(at->second);
    at = services_.erase(at);
  }
  for (const auto& [service, tags] : catalog)
    if (!services_.contains(service) && is_wanted(options_.configuration, service, tags))
      add_watch(kind::service, service);
}

void consul_session::take_instances(watch& one, target_group group, watch_actions& actions) {
  if (one.group && *one.group == group) return;
  one.group = std::make_shared<target_group>(std::move(group));
  if (!actions.found) actions.found.emplace();
  actions.found->groups.push_back(one.group);
}

void consul_session::deliver(watch_actions& actions) {
  if (delivery_ == delivery::complete) return;
  bool all_settled = true, all_answered = true;
  for (const auto& [tag, one] : watches_) {
    all_settled = all_settled && one.settled;
    all_answered = all_answered && one.answered;
  }
  auto all_groups = [&] {
    update all;
    for (const auto& [service, tag] : services_)
      if (const auto& group = watches_.at(tag).group) all.groups.push_back(group);
    return all;
  };
  if (all_settled && all_answered) {
    delivery_ = delivery::complete;
    actions.found = all_groups();
    actions.found->complete = true;
  } else if (all_settled && delivery_ == delivery::withheld && !services_.empty()) {
    delivery_ = delivery::partial;
    actions.found = all_groups();
    if (actions.found->groups.empty()) actions.found.reset();
  } else if (delivery_ == delivery::withheld) {
    actions.found.reset();
  }
}

}  // namespace rollcall
