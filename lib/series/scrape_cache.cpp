#include "lib/series/scrape_cache.hpp"

#include "lib/series/known_series.hpp"
#include "lib/series/scrape_pass.hpp"
#include "lib/series/stale_series.hpp"

namespace rollcall::series {

struct scrape_cache::state {
  ingest_options_ptr options;
  target_labels_ptr target;
  known_series known;
};

scrape_cache::scrape_cache(ingest_options_ptr options, target_labels_ptr target)
    : state_(std::make_unique<state>(state{std::move(options), std::move(target), {}})) {}

scrape_cache::~scrape_cache() = default;
scrape_cache::scrape_cache(scrape_cache&&) noexcept = default;
scrape_cache& scrape_cache::operator=(scrape_cache&&) noexcept = default;

ingest_result scrape_cache::ingest(std::string_view body, exposition::format format, int64_t now) {
  if (body.empty()) return forget();
  scrape_pass pass(*state_->options, *state_->target, state_->known, body, now);
  pass.run(format);
  ingest_result result = pass.take_result();
  auto known = pass.take_known();
  bool same_metadata =
      result.failure || (state_->known.metadata && state_->known.metadata_digest == known.metadata_digest);
  if (same_metadata) {
    known.metadata = state_->known.metadata;
    known.metadata_digest = state_->known.metadata_digest;
  } else {
    known.metadata = read_metadata(body, format);
  }
  state_->known = std::move(known);
  return result;
}

ingest_result scrape_cache::forget() {
  ingest_result result;
  result.parts = stale_everything(state_->known, *state_->target);
  state_->known.tracked = tracking::none();
  return result;
}

const block_sequence_ptr& scrape_cache::series() const { return state_->known.sequence; }

bool scrape_cache::is_tracked(size_t position) const {
  return state_->known.tracked.contains(static_cast<rollcall::series::position>(position));
}

std::shared_ptr<scrape_cache> scrape_cache::outline() const {
  auto made = std::make_shared<scrape_cache>(state_->options, state_->target);
  made->state_->known.sequence = state_->known.sequence;
  made->state_->known.tracked = state_->known.tracked;
  return made;
}

bool scrape_cache::has_outline(const scrape_cache& outline) const {
  const auto& before = outline.state_->known;
  return before.sequence == state_->known.sequence && before.tracked == state_->known.tracked;
}

const target_labels_ptr& scrape_cache::target() const { return state_->target; }

const metadata_ptr& scrape_cache::metadata() const { return state_->known.metadata; }

size_t scrape_cache::live() const {
  size_t count = 0;
  if (const auto& sequence = state_->known.sequence) {
    for (const auto& block : *sequence) count += block->live();
  }
  return count;
}

}  // namespace rollcall::series
