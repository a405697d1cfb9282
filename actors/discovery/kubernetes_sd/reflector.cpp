#include "actors/discovery/kubernetes_sd/reflector.hpp"

#include "actors/discovery/kubernetes_sd/object_digest.hpp"
#include "lib/http/percent_encode.hpp"

namespace rollcall::kubernetes {

std::string reflector::next_query(double random_unit) const {
  if (phase_ == phase::watch) {
    const auto seconds = static_cast<double>(options_.watch_time.count()) * (1 + random_unit);
    return "watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(static_cast<int64_t>(seconds)) +
           "&resourceVersion=" + http::encode_component(version_);
  }
  auto query = "limit=" + std::to_string(options_.page_items);
  if (!continue_token_.empty()) return query + "&continue=" + http::encode_component(continue_token_);
  switch (wanted_) {
    case freshness::any:
      // From the server's cache: the start of many agents is no load on the storage behind it.
      return query + "&resourceVersion=0";
    case freshness::known_version:
      return query + "&resourceVersionMatch=NotOlderThan&resourceVersion=" + http::encode_component(version_);
    case freshness::newest:
      break;
  }
  return query;
}

std::vector<object_change> reflector::take(list_page page) {
  std::vector<object_change> changes;
  for (auto& each : page.items) list(std::move(each), changes);
  continue_token_ = std::move(page.continue_token);
  if (!continue_token_.empty()) return changes;
  end_list(changes);
  version_ = std::move(page.version);
  phase_ = phase::watch;
  events_came_ = false;
  synced_ = true;
  return changes;
}

void reflector::list(object_ptr found, std::vector<object_change>& changes) {
  auto key = found->key();
  const auto digest = digest_of(*found);
  listed_.insert(known_.extract(key));
  if (std::exchange(listed_[key], digest) != digest) changes.push_back({std::move(key), std::move(found)});
}

void reflector::end_list(std::vector<object_change>& changes) {
  for (const auto& [key, digest] : known_) changes.push_back({key, nullptr});
  known_ = std::exchange(listed_, {});
}

void reflector::take(const watch_event& event, std::vector<object_change>& changes) {
  events_came_ = true;
  retry_.reset();
  version_ = event.object->version;
  if (event.kind == event_kind::bookmark) return;
  auto key = event.object->key();
  if (event.kind == event_kind::deleted) {
    if (known_.erase(key) != 0) changes.push_back({std::move(key), nullptr});
    return;
  }
  const auto digest = digest_of(*event.object);
  if (std::exchange(known_[key], digest) != digest) changes.push_back({std::move(key), event.object});
}

bool reflector::list_again() {
  const bool elsewhere = phase_ == phase::watch || !continue_token_.empty();
  if (elsewhere) begin_list(phase_ == phase::watch ? freshness::known_version : wanted_);
  for (auto& [key, digest] : known_) digest = 0;
  return elsewhere;
}

std::chrono::milliseconds reflector::ended(std::chrono::nanoseconds lived, double random_unit) {
  if (!events_came_ && lived < options_.watch_time_min) return retry_.next(random_unit);
  events_came_ = false;
  retry_.reset();
  return std::chrono::milliseconds(0);
}

std::chrono::milliseconds reflector::failed(trouble why, double random_unit) {
  events_came_ = false;
  const bool listing = phase_ == phase::list;
  switch (why) {
    case trouble::unreachable:
      // The same is asked again; but a server that was set back in time never becomes as new as what is known.
      if (listing && wanted_ == freshness::known_version) begin_list(freshness::newest);
      break;
    case trouble::refused:
    case trouble::malformed:
      begin_list(listing || !synced_ ? freshness::newest : freshness::known_version);
      break;
    case trouble::expired:
      begin_list(freshness::newest);
      break;
  }
  return retry_.next(random_unit);
}

void reflector::begin_list(freshness wanted) {
  phase_ = phase::list;
  wanted_ = wanted;
  continue_token_.clear();
  known_.merge(listed_);
}

}  // namespace rollcall::kubernetes
