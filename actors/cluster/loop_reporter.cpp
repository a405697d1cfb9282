#include "actors/cluster/loop_reporter.hpp"

#include "actors/cluster/report_codec.hpp"
#include "lib/labels/label_texts.hpp"
#include "lib/web/federate.hpp"

#include <map>

namespace rollcall {

namespace {

using self_ptr = act::self_ptr<loop_reporter_actor, loop_reporter_state>;

// What a loop's entry takes beside its texts.
constexpr size_t entry_bytes = 32;

size_t size_of(const series::metadata_table& families) {
  size_t size = 0;
  for (const auto& each : families) size += entry_bytes + each.family.size() + each.help.size() + each.unit.size();
  return size;
}

/// Writes what one loop said on the page; returns how many bytes that takes, roughly.
size_t add(fleet_report& page, uint64_t key, const loop_status& status) {
  page.statuses.emplace_back(key, status);
  return entry_bytes + status.last_error.size();
}

// Of a table that many targets share only the first one counts.
class metadata_page {
 public:
  explicit metadata_page(std::string metric) : metric_(std::move(metric)) {}

  size_t add(fleet_report& page, const known_metadata& known) {
    size_t size = 0;
    for (const auto& each : known.targets) {
      auto [table, added] = tables_.try_emplace(each.families);
      if (added) {
        table->second = chosen(each.families);
        size += size_of(*table->second);
      }
      if (table->second->empty()) continue;
      size += entry_bytes + each.target->slot_names().size() * 2;
      page.metadata.push_back({each.target, table->second});
    }
    return size;
  }

 private:
  series::metadata_ptr chosen(const series::metadata_ptr& all) const {
    if (metric_.empty()) return all;
    auto one = std::make_shared<series::metadata_table>();
    for (const auto& each : *all)
      if (each.family == metric_) one->push_back(each);
    return one;
  }

  std::string metric_;
  std::map<series::metadata_ptr, series::metadata_ptr> tables_;
};

size_t add(fleet_report& page, web::federation& chosen, const latest& newest) {
  for (const auto& batch : newest.batches)
    // What is too much for one loop is too much for the whole answer, which says so.
    if (batch) (void)chosen.add(*batch);
  size_t size = 0;
  for (auto& each : chosen.take()) {
    size += entry_bytes + each.name.size() + each.series.size();
    page.samples.push_back(std::move(each));
  }
  return size;
}

// Asks all loops; `add` puts what one of them said on the page and returns how many bytes that takes.
template <class Answer, class Question, class Add>
caf::result<loops_page> ask_loops(self_ptr self, const Question& question, Add add) {
  auto& state = act::state(self);
  std::vector<scrape_loop_actor> actors;
  for (const auto& each : state.options.loops) actors.push_back(each.loop);
  auto promise = self->make_response_promise<loops_page>();
  act::ask_all<Answer>(self, actors, state.options.loop_timeout, question, [self, promise, add](auto& answers) mutable {
    const auto& options = act::state(self).options;
    fleet_report page;
    auto end = options.end;
    size_t size = 0;
    for (size_t i = 0; i < answers.size(); ++i) {
      if (answers[i]) size += add(page, options.loops[i].key, *answers[i]);
      if (size < options.page_bytes_wanted || i + 1 == answers.size()) continue;
      end = options.loops[i].place;
      break;
    }
    promise.deliver(loops_page{encode_report(page), end});
    self->quit();
  });
  return promise;
}

caf::result<loops_page> write_samples(self_ptr self) {
  const auto& options = act::state(self).options;
  std::vector<std::string_view> texts(options.about.selectors.begin(), options.about.selectors.end());
  auto selectors = web::parse_selectors(texts);
  if (!selectors) {
    self->quit();
    return loops_page{};
  }
  auto chosen = std::make_shared<web::federation>(
      std::move(*selectors), web::federation::options{labels_of(options.about.external_labels),
                                                      options.environment->wall_clock(), options.series_max});
  return ask_loops<latest>(self, get_latest{}, [chosen](fleet_report& page, uint64_t, const latest& answer) {
    return add(page, *chosen, answer);
  });
}

caf::result<loops_page> on(self_ptr self, const write_page&) {
  const auto& about = act::state(self).options.about;
  switch (about.topic) {
    case loops_topic::statuses:
      return ask_loops<loop_status>(
          self, get_loop_status{},
          [](fleet_report& page, uint64_t key, const loop_status& answer) { return add(page, key, answer); });
    case loops_topic::metadata: {
      auto tables = std::make_shared<metadata_page>(about.metric);
      return ask_loops<known_metadata>(
          self, get_metadata{},
          [tables](fleet_report& page, uint64_t, const known_metadata& answer) { return tables->add(page, answer); });
    }
    case loops_topic::samples:
      return write_samples(self);
  }
  // A topic of a node that this one does not understand.
  self->quit();
  return loops_page{};
}

act::behavior_of<loop_reporter_actor> loop_reporter(self_ptr self, loop_reporter_options options) {
  auto& state = act::state(self);
  state.options = std::move(options);
  act::init(self, state.watchers);
  return {
      [self](const write_page& order) { return on(self, order); },
  };
}

}  // namespace

loop_reporter_actor spawn_loop_reporter(caf::actor_system& system, loop_reporter_options options) {
  return system.spawn(loop_reporter, std::move(options));
}

}  // namespace rollcall
