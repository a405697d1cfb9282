#include "lib/targets/target.hpp"

#include "lib/base/assert.hpp"
#include "lib/base/utf8.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"
#include "lib/targets/scrape_url.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <optional>

namespace rollcall {

namespace {

std::string bool_text(bool value) { return value ? "true" : "false"; }

// Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> no = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return std::nullopt;
}

tl::unexpected<error> wrong(std::string message) { return fail(errc::invalid_argument, std::move(message)); }

result<milliseconds> positive_duration(std::string_view text, const std::string& what) {
  auto parsed = parse_duration(text);
  if (!parsed) return wrong("error parsing " + what + ": " + parsed.error().message);
  if (parsed->count() == 0) return wrong(what + " cannot be 0");
  return *parsed;
}

labels defaults_of(const target_settings& settings) {
  return labels::of({
      {std::string(job_label), settings.job},
      {std::string(scrape_interval_label), format_duration(settings.scrape_interval)},
      {std::string(scrape_timeout_label), format_duration(settings.scrape_timeout)},
      {std::string(metrics_path_label), settings.metrics_path},
      {std::string(scheme_label), settings.scheme},
      {std::string(convert_classic_histograms_label), bool_text(settings.convert_classic_histograms_to_nhcb)},
      {std::string(always_scrape_classic_histograms_label), bool_text(settings.always_scrape_classic_histograms)},
      {std::string(scrape_native_histograms_label), bool_text(settings.scrape_native_histograms)},
  });
}

}  // namespace

target_factory::target_factory(target_settings settings)
    : settings_(std::move(settings)), defaults_(defaults_of(settings_)) {
  for (const auto& [name, values] : settings_.params) {
    if (!values.empty()) params_.emplace_back(std::string(param_label_prefix) + name, values.front());
  }
}

void target_factory::load(const target_group& group, size_t index) {
  ROLLCALL_ASSERT(index < group.targets.size());
  builder_.assign(group.targets[index]);
  builder_.add_missing(group.common);
  builder_.add_missing(defaults_);
  for (const auto& [name, value] : params_) builder_.set(name, value);
}

labels target_factory::discovered(const target_group& group, size_t index) {
  load(group, index);
  return builder_.build();
}

target_outcome target_factory::make(const target_group& group, size_t index) {
  load(group, index);
  return make_loaded();
}

target_outcome target_factory::make(const labels& discovered) {
  builder_.assign(discovered);
  return make_loaded();
}

target_outcome target_factory::make_loaded() {
  auto verdict = settings_.relabel.apply(builder_);
  if (!verdict.kept) return dropped_by_rule{verdict.dropped_by};
  target out;
  if (auto done = check_loaded(out); !done) return std::move(done.error());
  builder_.erase_if([](std::string_view name) { return name.starts_with(meta_label_prefix); });
  if (builder_.get(instance_label).empty()) builder_.set(instance_label, std::string(builder_.get(address_label)));
  for (const auto& [name, value] : builder_.pairs()) {
    if (!is_valid_utf8(value)) {
      return error{errc::invalid_argument, "invalid label value for " + quoted(name) + ": " + quoted(value)};
    }
  }
  out.all = builder_.build();
  out.url = url_of_loaded();
  out.unix_socket = builder_.get(unix_socket_label);
  out.identity = XXH64(out.url.data(), out.url.size(), out.all.hash());
  builder_.erase_if([](std::string_view name) { return name.starts_with(reserved_label_prefix); });
  out.visible = builder_.build();
  return out;
}

result<void> target_factory::check_loaded(target& out) const {
  auto address = builder_.get(address_label);
  if (address.empty()) return wrong("no address");
  if (address.find('/') != std::string_view::npos) return wrong(quoted(address) + " is not a valid hostname");
  if (auto done = check_times(out); !done) return done;
  return check_flags(out);
}

result<void> target_factory::check_times(target& out) const {
  auto interval = positive_duration(builder_.get(scrape_interval_label), "scrape interval");
  if (!interval) return tl::unexpected(std::move(interval.error()));
  auto timeout = positive_duration(builder_.get(scrape_timeout_label), "scrape timeout");
  if (!timeout) return tl::unexpected(std::move(timeout.error()));
  if (*timeout > *interval) {
    return wrong("scrape timeout cannot be greater than scrape interval (" +
                 quoted(builder_.get(scrape_timeout_label)) + " > " + quoted(builder_.get(scrape_interval_label)) +
                 ")");
  }
  out.interval = *interval;
  out.timeout = *timeout;
  return {};
}

result<void> target_factory::check_flags(target& out) const {
  struct {
    std::string_view label;
    bool target::* field;
    bool fallback;
  } const flags[] = {
      {convert_classic_histograms_label, &target::convert_classic_histograms_to_nhcb,
       settings_.convert_classic_histograms_to_nhcb},
      {always_scrape_classic_histograms_label, &target::always_scrape_classic_histograms,
       settings_.always_scrape_classic_histograms},
      {scrape_native_histograms_label, &target::scrape_native_histograms, settings_.scrape_native_histograms},
  };
  for (const auto& flag : flags) {
    auto text = builder_.get(flag.label);
    auto value = text.empty() ? flag.fallback : parse_bool(text);
    if (!value) {
      return wrong("error parsing " + std::string(flag.label) + ": strconv.ParseBool: parsing " + quoted(text) +
                   ": invalid syntax");
    }
    out.*flag.field = *value;
  }
  return {};
}

std::string target_factory::url_of_loaded() const {
  scrape_url_parts parts{builder_.get(scheme_label), builder_.get(address_label), builder_.get(metrics_path_label), {}};
  for (const auto& [name, values] : settings_.params) parts.params[name].assign(values.begin(), values.end());
  for (const auto& [name, value] : builder_.pairs()) {
    if (!name.starts_with(param_label_prefix)) continue;
    auto& values = parts.params[std::string_view(name).substr(param_label_prefix.size())];
    if (values.empty()) values.emplace_back();
    values.front() = value;
  }
  return scrape_url(parts);
}

labels discovered_labels(const target_group& group, size_t index, const target_settings& settings) {
  return target_factory(settings).discovered(group, index);
}

target_outcome make_target(const labels& discovered, const target_settings& settings) {
  return target_factory(settings).make(discovered);
}

}  // namespace rollcall
