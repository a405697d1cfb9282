#include "lib/exposition/protobuf_parser.hpp"

#include "lib/base/utf8.hpp"
#include "lib/exposition/exemplar_message.hpp"
#include "lib/exposition/number.hpp"
#include "lib/exposition/wire_fields.hpp"
#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace rollcall::exposition {

namespace {

// A family's length is a varint of at most 32 bits.
constexpr size_t length_bytes_max = 5;
// How much of a family's name an error message shows.
constexpr size_t excerpt_bytes_max = 60;

// io.prometheus.client.MetricFamily.
constexpr uint32_t family_name = wire_tag(1, wire_type::bytes);
constexpr uint32_t family_help = wire_tag(2, wire_type::bytes);
constexpr uint32_t family_type = wire_tag(3, wire_type::varint);
constexpr uint32_t family_unit = wire_tag(5, wire_type::bytes);
constexpr uint32_t family_last = 5;

// By the numbers of io.prometheus.client.MetricType.
constexpr metric_type types[] = {metric_type::counter, metric_type::gauge,     metric_type::summary,
                                 metric_type::unknown, metric_type::histogram, metric_type::gauge_histogram};

// Whether `_<unit>` ends the name of a family; that of a counter may have `_total` behind it.
bool has_unit(metric_type type, std::string_view family, std::string_view unit) {
  constexpr std::string_view counter_suffix = "_total";
  if (type == metric_type::counter && family.ends_with(counter_suffix)) family.remove_suffix(counter_suffix.size());
  if (!family.ends_with(unit)) return false;
  family.remove_suffix(unit.size());
  return family.ends_with('_');
}

}  // namespace

protobuf_parser::protobuf_parser(std::string_view body, const histogram_options& options, hash_secret secret)
    : body_(body), options_(options), secret_(secret), place_(body.data()) {}

std::string protobuf_parser::place_text() const {
  std::string text = "metric family ";
  if (!family_.empty()) text += quoted(family_.substr(0, excerpt_bytes_max)) + ' ';
  return text + "at byte " + std::to_string(position()) + ": ";
}

tl::unexpected<error> protobuf_parser::failed_with(const std::string& what) {
  failure_ = error{errc::syntax, place_text() + what};
  stage_ = stage::failed;
  return tl::unexpected(*failure_);
}

result<entry> protobuf_parser::next() {
  switch (stage_) {
    case stage::metrics:
      return next_sample();
    case stage::families:
      return begin_family();
    case stage::unit:
      stage_ = stage::type;
      return entry::unit;
    case stage::type:
      stage_ = stage::metrics;
      return entry::type;
    case stage::failed:
      break;
  }
  return tl::unexpected(*failure_);
}

// Takes the next message with its length off the body.
result<std::string_view> protobuf_parser::take_message() {
  family_ = {};
  place_ = body_.data() + at_;
  uint64_t size = 0;
  size_t length_bytes = 0;
  unsigned char byte = 0x80;
  for (; byte >= 0x80; ++length_bytes) {
    if (length_bytes == length_bytes_max) return failed_with("its length is no 32-bit number");
    if (at_ + length_bytes == body_.size()) return failed_with("the body ends within its length");
    byte = static_cast<unsigned char>(body_[at_ + length_bytes]);
    size |= static_cast<uint64_t>(byte & 0x7F) << (7 * length_bytes);
  }
  std::string_view rest = body_.substr(at_ + length_bytes);
  if (size > rest.size()) {
    return failed_with("it has " + std::to_string(size) + " bytes, but only " + std::to_string(rest.size()) +
                       " are left of the body");
  }
  at_ += length_bytes + size;
  return rest.substr(0, size);
}

// Reads all of a family but its metrics; false if it has none.
result<bool> protobuf_parser::read_family() {
  auto message = take_message();
  if (!message) return tl::unexpected(std::move(message.error()));
  family_ = {};
  help_ = {};
  unit_ = {};
  uint64_t type = 0;
  bool has_metrics = false;
  wire_fields fields(*message);
  while (fields.next()) {
    switch (fields.tag()) {
      case family_metric:
        has_metrics = true;
        break;
      case family_name:
        family_ = fields.bytes();
        break;
      case family_help:
        help_ = fields.bytes();
        break;
      case family_type:
        type = fields.value();
        break;
      case family_unit:
        unit_ = fields.bytes();
        break;
      default:
        if (fields.number() <= family_last) return failed_with("malformed");
    }
  }
  if (fields.failed()) return failed_with("malformed");
  if (!has_metrics) return false;
  if (family_.empty() || !is_valid_utf8(family_)) return failed_with("invalid metric name");
  if (!is_valid_utf8(help_)) return failed_with("the help text is not UTF-8");
  if (!is_valid_utf8(unit_)) return failed_with("the unit is not UTF-8");
  if (type >= std::size(types)) return failed_with("unknown metric type " + std::to_string(type));
  type_ = types[type];
  if (!unit_.empty() && !has_unit(type_, family_, unit_)) {
    return failed_with("the unit " + quoted(unit_.substr(0, excerpt_bytes_max)) + " is not a suffix of the name");
  }
  family_at_ = message->data();
  family_end_ = family_at_ + message->size();
  return true;
}

result<entry> protobuf_parser::begin_family() {
  for (;;) {
    if (at_ == body_.size()) return entry::end;
    auto has_metrics = read_family();
    if (!has_metrics) return tl::unexpected(std::move(has_metrics.error()));
    if (*has_metrics) break;
  }
  family_hash_ = hash_bytes(family_, secret_);
  if (is_histogram() || type_ == metric_type::summary) {
    count_name_.assign(family_) += "_count";
    sum_name_.assign(family_) += "_sum";
    bucket_name_.assign(family_) += "_bucket";
  }
  role_ = role::none;
  stage_ = unit_.empty() ? stage::type : stage::unit;
  return entry::help;
}

result<entry> protobuf_parser::next_metric() {
  wire_fields fields(std::string_view(family_at_, static_cast<size_t>(family_end_ - family_at_)));
  while (fields.next()) {
    if (fields.tag() != family_metric) continue;
    family_at_ = fields.end();
    place_ = fields.begin();
    return begin_metric(fields.bytes());
  }
  stage_ = stage::families;
  return begin_family();
}

result<entry> protobuf_parser::begin_metric(std::string_view message) {
  if (!metric_.read(message, type_)) return failed_with(std::string(metric_.fault));
  hash_metric();
  classic_follows_ = false;
  converted_follows_ = false;
  if (is_histogram()) {
    if (options_.scrape_native_histograms && metric_.native.is_native()) {
      if (!metric_.native.has_all_buckets(metric_.totals)) {
        return failed_with("invalid histogram: its spans need another number of buckets than there is");
      }
      classic_follows_ = options_.always_scrape_classic_histograms && !metric_.numbers.empty();
      converted_.reset();
      return take(role::native, 0);
    }
    if (options_.convert_classic_histograms_to_nhcb && !options_.always_scrape_classic_histograms) return convert();
    converted_follows_ = options_.convert_classic_histograms_to_nhcb;
  } else if (type_ != metric_type::summary) {
    return take(role::value, metric_.value);
  }
  return take(role::count, metric_.totals.all());
}

result<entry> protobuf_parser::take(role what, double value) {
  role_ = what;
  value_ = value;
  return what == role::native ? entry::histogram : entry::sample;
}

// Goes on to what else there is of the metric, and behind it to the next one.
result<entry> protobuf_parser::next_sample() {
  switch (role_) {
    case role::value:
    case role::none:
      return next_metric();
    case role::native:
      if (!classic_follows_) return next_metric();
      classic_follows_ = false;
      return take(role::count, metric_.totals.all());
    case role::count:
      return take(role::sum, metric_.totals.sum);
    case role::sum:
      number_ = 0;
      break;
    case role::bucket:
      // Whatever stands behind a bucket for +Inf does not count.
      if (label_bits_ == infinity_bits) return converted_follows_ ? convert() : next_metric();
      ++number_;
      break;
    case role::quantile:
      ++number_;
      break;
  }
  return take_number();
}

result<entry> protobuf_parser::take_number() {
  auto kind = type_ == metric_type::summary ? role::quantile : role::bucket;
  if (number_ < metric_.numbers.size()) {
    label_bits_ = metric_.numbers[number_].label_bits;
    return take(kind, std::bit_cast<double>(metric_.numbers[number_].value_bits));
  }
  if (kind == role::quantile) return next_metric();
  label_bits_ = infinity_bits;
  return take(kind, metric_.totals.all());
}

result<entry> protobuf_parser::convert() {
  classic_.clear();
  classic_.set_count(metric_.totals.all());
  classic_.set_sum(metric_.totals.sum);
  for (const auto& bucket : metric_.numbers) {
    classic_.set_bucket(std::bit_cast<double>(bucket.label_bits), std::bit_cast<double>(bucket.value_bits));
  }
  auto converted = classic_.convert();
  if (!converted) return failed_with("invalid histogram: " + converted.error().message);
  converted_ = std::make_shared<const histograms::native_histogram>(with_hint(std::move(*converted)));
  return take(role::native, 0);
}

histograms::native_histogram protobuf_parser::with_hint(histograms::native_histogram histogram) const {
  if (type_ == metric_type::gauge_histogram) histogram.hint = histograms::reset_hint::gauge;
  return histogram;
}

histograms::histogram_ptr protobuf_parser::histogram() const {
  if (converted_) return converted_;
  return std::make_shared<const histograms::native_histogram>(with_hint(metric_.native.histogram(metric_.totals)));
}

std::string_view protobuf_parser::raw_name() const {
  switch (role_) {
    case role::count:
      return count_name_;
    case role::sum:
      return sum_name_;
    case role::bucket:
      return bucket_name_;
    case role::value:
    case role::native:
    case role::quantile:
    case role::none:
      break;
  }
  return family_;
}

std::optional<int64_t> protobuf_parser::start_timestamp() const {
  bool counts = type_ == metric_type::counter || type_ == metric_type::summary || is_histogram();
  if (!counts || metric_.created.empty()) return std::nullopt;
  auto start = read_timestamp(metric_.created);
  return start == 0 ? std::nullopt : start;
}

result<void> protobuf_parser::check_labels() const {
  for (auto run : metric_.label_runs) {
    if (!are_valid_labels(run)) return fail(errc::syntax, place_text() + "invalid label name or value");
  }
  return {};
}

void protobuf_parser::append_labels(std::vector<std::pair<std::string, std::string>>& out) const {
  out.emplace_back(metric_name_label, raw_name());
  for (auto run : metric_.label_runs) append_label_run(out, run);
  if (role_ != role::bucket && role_ != role::quantile) return;
  auto& [name, value] = out.emplace_back(role_ == role::bucket ? "le" : "quantile", "");
  append_open_metrics_number(value, std::bit_cast<double>(label_bits_));
}

// Visits the exemplars of the sample in hand, each as its message.
template <class Visitor>
void protobuf_parser::visit_exemplars(Visitor visit) const {
  auto visit_present = [&](std::string_view message) {
    if (message.data() != nullptr) visit(message);
  };
  if (type_ == metric_type::counter) {
    visit_present(metric_.exemplar);
  } else if (role_ == role::bucket && is_histogram()) {
    if (number_ < metric_.numbers.size()) visit_present(metric_.numbers[number_].exemplar);
  } else if (role_ == role::native) {
    for (auto message : metric_.exemplars) visit_present(message);
    if (!metric_.exemplars.empty()) return;
    for (const auto& bucket : metric_.numbers) visit_present(bucket.exemplar);
  }
}

void protobuf_parser::append_exemplars(std::vector<exemplar>& out) const {
  visit_exemplars([&](std::string_view message) {
    auto read = read_exemplar(message);
    bool is_wanted = read && (role_ != role::native || read->timestamp);
    if (is_wanted) out.push_back(std::move(*read));
  });
}

bool protobuf_parser::has_native_exemplars() const {
  bool any = false;
  visit_exemplars([&](std::string_view) { any = true; });
  return any;
}

uint64_t protobuf_parser::exemplars_hash() const {
  uint64_t sum = 0;
  visit_exemplars([&](std::string_view message) {
    sum = mixed(sum, XXH3_64bits_withSecret(message.data(), message.size(), secret_.data(), secret_.size()));
  });
  return sum;
}

}  // namespace rollcall::exposition
