#include "lib/remote_write/metadata_queue.hpp"

#include "lib/base/earlier.hpp"
#include "lib/remote_write/compression.hpp"

#include <protozero/pbf_writer.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>

namespace rollcall::remote_write {

namespace {

// Field numbers of prometheus.WriteRequest and of MetricMetadata.
constexpr protozero::pbf_tag_type request_metadata = 3;
constexpr protozero::pbf_tag_type metadata_type = 1;
constexpr protozero::pbf_tag_type metadata_family = 2;
constexpr protozero::pbf_tag_type metadata_help = 4;
constexpr protozero::pbf_tag_type metadata_unit = 5;

// Requests have nothing to do with scrapes, but they go in order.
constexpr uint64_t only_source = 0;

struct by_content {
  bool operator()(const series::family_metadata* a, const series::family_metadata* b) const {
    return std::tie(a->family, a->type, a->help, a->unit) < std::tie(b->family, b->type, b->help, b->unit);
  }
};

void append_text(protozero::pbf_writer& entry, protozero::pbf_tag_type field, const std::string& text) {
  if (!text.empty()) entry.add_string(field, text);
}

void append_entry(std::string& message, const series::family_metadata& said) {
  protozero::pbf_writer writer(message);
  protozero::pbf_writer entry(writer, request_metadata);
  // The numbers are those of the enumerators.
  if (said.type != exposition::metric_type::unknown) entry.add_enum(metadata_type, static_cast<int32_t>(said.type));
  append_text(entry, metadata_family, said.family);
  append_text(entry, metadata_help, said.help);
  append_text(entry, metadata_unit, said.unit);
}

request request_of(const std::string& message, uint64_t entries, uint64_t number) {
  request made;
  made.samples = entries;
  made.body = compressor().compress(made.compression, message);
  made.sources = {{only_source, number, number}};
  return made;
}

send_queue_options one_by_one(send_queue_options options) {
  options.samples_max = std::numeric_limits<uint64_t>::max();
  options.window.requests_min = 1;
  options.window.requests_max = 1;
  return options;
}

}  // namespace

metadata_queue::metadata_queue(metadata_queue_options options) : options_(options), queue_(one_by_one(options.send)) {}

void metadata_queue::reconfigure(metadata_queue_options options) {
  if (collect_at_) *collect_at_ += options.interval - options_.interval;
  options_ = options;
  queue_.reconfigure(one_by_one(options.send));
}

void metadata_queue::note(const series::metadata_ptr& said) {
  if (!said || said->empty()) return;
  auto& known = tables_[said.get()];
  if (known.expired()) known = said;
}

std::vector<attempt> metadata_queue::take_due(milliseconds now) {
  if (!collect_at_ && !tables_.empty()) collect_at_ = now + options_.interval;
  if (collect_at_ && *collect_at_ <= now) {
    auto held = living_tables();
    if (queue_.empty()) collect(held);
    collect_at_ = now + options_.interval;
  }
  return queue_.take_due(now, std::numeric_limits<int64_t>::min());
}

std::vector<series::metadata_ptr> metadata_queue::living_tables() {
  std::vector<series::metadata_ptr> living;
  std::erase_if(tables_, [&living](const auto& known) {
    auto table = known.second.lock();
    if (table) living.push_back(table);
    return !table;
  });
  return living;
}

void metadata_queue::collect(const std::vector<series::metadata_ptr>& tables) {
  std::set<const series::family_metadata*, by_content> entries;
  for (const auto& table : tables) {
    for (const auto& said : *table)
      if (entries.size() < options_.entries_all_max) entries.insert(&said);
  }
  std::string message;
  uint64_t count = 0;
  for (const auto* said : entries) {
    append_entry(message, *said);
    if (++count < options_.entries_max) continue;
    queue_.push(request_of(message, count, ++requests_));
    message.clear();
    count = 0;
  }
  if (count > 0) queue_.push(request_of(message, count, ++requests_));
}

std::optional<milliseconds> metadata_queue::next_due() const { return earlier(queue_.next_due(), collect_at_); }

}  // namespace rollcall::remote_write
