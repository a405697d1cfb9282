#include "bench/fleet/exposition.hpp"

#include "lib/base/assert.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace rollcall::bench {

namespace {

constexpr double page_bytes = 4096;
constexpr double standing_still_share = 0.3;
constexpr double never_moved_share = 0.2;  // Of those that stand still.

/// Share of the observations that fall into each bucket: most requests are quick.
constexpr std::array bucket_shares = {0.22, 0.24, 0.22, 0.14, 0.08, 0.05, 0.03, 0.012, 0.005, 0.002, 0.001};

size_t histogram_series() { return bucket_bounds().size() + 2; }

/// Range of the mean change per scrape interval.
double drawn_rate(value_kind kind, random_numbers& random) {
  switch (kind) {
    case value_kind::events:
      return random.spread(2, 2e4);
    case value_kind::seconds:
      return random.spread(0.02, 12);
    case value_kind::octets:
      return random.spread(1e3, 5e7);
    case value_kind::histogram:
      return random.spread(2, 2e3);
    default:
      return 1;
  }
}

}  // namespace

void append_value(std::string& text, double value) {
  std::array<char, 32> digits;
  double size = std::fabs(value);
  auto format = size == 0 || (size >= 1e-4 && size < 1e6) ? std::chars_format::fixed : std::chars_format::scientific;
  auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value, format);
  ROLLCALL_ASSERT(failure == std::errc());
  text.append(digits.data(), end);
}

exposition::exposition(exposition_options options) : options_(options), random_(options.seed) {
  ROLLCALL_ASSERT(options_.series > 0);
  size_t remaining = options_.series;
  const family* last = nullptr;
  for (const auto& family : families()) {
    if (family.values != value_kind::histogram && family.weight > 0) last = &family;
  }
  for (const auto& family : families()) {
    size_t count = family.weight == 0 ? 1 : options_.series * family.weight / 1000;
    if (family.values == value_kind::histogram) count -= count % histogram_series();
    if (&family == last) count = remaining;
    count = std::min(count, remaining);
    if (family.values == value_kind::histogram) count -= count % histogram_series();
    add_family(family, count);
    remaining -= count;
  }
  ROLLCALL_ASSERT(series_.size() == options_.series);
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].of->unit == unit_kind::pod) renamable_.push_back(i);
  }
  for (size_t i = renamable_.size(); i > 1; --i) std::swap(renamable_[i - 1], renamable_[random_.below(i)]);
}

void exposition::add_family(const family& of, size_t series_count) {
  bool is_histogram = of.values == value_kind::histogram;
  size_t group_count = is_histogram ? series_count / histogram_series() : series_count;
  for (size_t i = 0; i < group_count; ++i) {
    group added{&of, i, 0, 0, series_.size(), is_histogram ? histogram_series() : 1};
    series_.resize(series_.size() + added.count);
    start_values(added);
    name_group(added);
    groups_.push_back(added);
  }
}

void exposition::name_group(const group& named) {
  std::string name(named.of->name);
  std::string labels = labels_of(*named.of, named.combination, named.generation);
  if (named.of->values != value_kind::histogram) {
    series_[named.first].text = labels.empty() ? name + ' ' : name + '{' + labels + "} ";
    return;
  }
  auto bounds = bucket_bounds();
  for (size_t i = 0; i < bounds.size(); ++i) {
    series_[named.first + i].text = name + "_bucket{" + labels + ",le=\"" + std::string(bounds[i]) + "\"} ";
  }
  series_[named.first + bounds.size()].text = name + "_sum{" + labels + "} ";
  series_[named.first + bounds.size() + 1].text = name + "_count{" + labels + "} ";
}

void exposition::start_values(group& started) {
  value_kind kind = started.of->values;
  started.rate = drawn_rate(kind, random_);
  double& value = series_[started.first].value;
  bool stands_still = random_.unit() < standing_still_share;
  // A new pod begins at nought.
  bool starts_empty = started.generation > 0 || (stands_still && random_.unit() < never_moved_share);
  double age = starts_empty ? 0 : random_.spread(1e3, 1e6);
  switch (kind) {
    case value_kind::constant:
      value = 1.79e9 + std::floor(random_.unit() * 1e9) / 100;
      break;
    case value_kind::events:
    case value_kind::octets:
      value = std::floor(started.rate * age);
      break;
    case value_kind::seconds:
      value = std::round(started.rate * age * 100) / 100;
      break;
    case value_kind::memory:
      value = std::floor(random_.spread(1e3, 1e6)) * page_bytes;
      break;
    case value_kind::level:
      value = std::floor(random_.spread(1, 1000));
      break;
    case value_kind::ratio:
      value = random_.unit();
      break;
    case value_kind::histogram:
      observe(started, started.rate * age);
      break;
  }
  if (stands_still) started.rate = 0;
}

void exposition::observe(const group& observed, double rate) {
  size_t buckets = bucket_bounds().size();
  double seen = 0;
  double bound = 0.005;
  double sum = 0;
  for (size_t i = 0; i < buckets; ++i) {
    if (i < bucket_shares.size()) {
      double mean = rate * bucket_shares[i];
      double count = std::floor(mean * (0.5 + random_.unit()) + random_.unit());
      seen += count;
      sum += count * bound * (0.5 + random_.unit() / 2);
      bound *= 2;
    }
    series_[observed.first + i].value += seen;
  }
  series_[observed.first + buckets].value += sum;
  series_[observed.first + buckets + 1].value += seen;
}

void exposition::move_values(const group& moved) {
  if (moved.rate == 0) return;
  double& value = series_[moved.first].value;
  switch (moved.of->values) {
    case value_kind::constant:
      break;
    case value_kind::events:
    case value_kind::octets:
      value += std::floor(moved.rate * (0.5 + random_.unit()) + random_.unit());
      break;
    case value_kind::seconds:
      value = std::round((value + moved.rate * (0.5 + random_.unit())) * 100) / 100;
      break;
    case value_kind::memory:
      value += (static_cast<double>(random_.below(513)) - 256) * page_bytes;
      if (value < 0) value = -value;
      break;
    case value_kind::level:
      value = std::fabs(value + static_cast<double>(random_.below(21)) - 10);
      break;
    case value_kind::ratio:
      value = 0.9 * value + 0.1 * random_.unit();
      break;
    case value_kind::histogram:
      observe(moved, moved.rate * (0.5 + random_.unit()));
      break;
  }
}

void exposition::rename_due() {
  rename_credit_ += static_cast<double>(options_.series) * options_.churn_percent / 100;
  // More than once round in one advance would give a series a name that nobody ever sees.
  for (size_t i = 0; i < renamable_.size(); ++i) {
    group& next = groups_[renamable_[next_renamed_]];
    if (rename_credit_ < static_cast<double>(next.count)) return;
    rename_credit_ -= static_cast<double>(next.count);
    next_renamed_ = (next_renamed_ + 1) % renamable_.size();
    ++next.generation;
    for (size_t k = 0; k < next.count; ++k) series_[next.first + k].value = 0;
    start_values(next);
    name_group(next);
  }
  rename_credit_ = 0;
}

void exposition::advance() {
  for (const auto& moved : groups_) move_values(moved);
  rename_due();
}

std::string exposition::render() const {
  std::string text;
  text.reserve(series_.size() * 160);
  const family* current = nullptr;
  for (const auto& drawn : groups_) {
    if (drawn.of != current) {
      current = drawn.of;
      std::string name(current->name);
      text += "# HELP " + name + ' ' + std::string(current->help) + '\n';
      text += "# TYPE " + name + ' ' + std::string(type_of(current->values)) + '\n';
    }
    for (size_t i = 0; i < drawn.count; ++i) {
      const series& line = series_[drawn.first + i];
      text += line.text;
      append_value(text, line.value);
      text += '\n';
    }
  }
  return text;
}

}  // namespace rollcall::bench
