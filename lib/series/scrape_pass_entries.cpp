#include "lib/exposition/nhcb_parser.hpp"
#include "lib/exposition/open_metrics_parser.hpp"
#include "lib/exposition/protobuf_parser.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/series/line_entries.hpp"
#include "lib/series/parser_source.hpp"
#include "lib/series/scrape_pass.hpp"

namespace rollcall::series {

/// Reads a format whose parser gives entry by entry and names each series by a hash.
template <class Parser>
class scrape_pass::entry_reader {
 public:
  entry_reader(scrape_pass& pass, Parser& parser)
      : pass_(pass), parser_(parser), source_(parser, pass.options_.type_and_unit_labels ? &description_ : nullptr) {}

  void run() {
    pass_.expect_from(pass_.cursor_.at);
    for (;;) {
      auto read = parser_.next();
      if (!read) return pass_.fail_with(std::move(read.error()));
      switch (*read) {
        case exposition::entry::end:
          pass_.after_.metadata_digest = digest_;
          return;
        case exposition::entry::sample:
        case exposition::entry::histogram:
          if (!take(*read == exposition::entry::histogram)) return;
          if constexpr (requires { parser_.take_numbers([](uint64_t, uint64_t) { return false; }); }) take_row();
          break;
        default:
          note_metadata(*read);
          break;
      }
    }
  }

 private:
  void note_metadata(exposition::entry kind) {
    auto take = [this](uint64_t hash) { digest_ = (digest_ ^ hash) * digest_factor; };
    take(family_hash());
    if (kind == exposition::entry::help) take(hash_text(parser_.help(), pass_.secret_));
    if (kind == exposition::entry::unit) take(hash_text(parser_.unit(), pass_.secret_));
    if (kind == exposition::entry::type) take(static_cast<uint64_t>(parser_.type()));
    if (pass_.options_.type_and_unit_labels) describe(kind);
  }

  uint64_t family_hash() const {
    if constexpr (requires { parser_.family_hash(); }) {
      return parser_.family_hash();
    } else {
      return hash_text(parser_.family(), pass_.secret_);
    }
  }

  // What the labels __type__ and __unit__ say is part of what a series is.
  void describe(exposition::entry kind) {
    if (parser_.family() != described_family_) {
      described_family_ = parser_.family();
      description_ = {};
    }
    if (kind == exposition::entry::type) description_.type = parser_.type();
    if (kind == exposition::entry::unit) description_.unit = parser_.unit();
    salt_ = hash_text(description_.unit + '\0' + std::string(to_string(description_.type)), pass_.secret_);
  }

  // False when the sample failed the scrape.
  bool take(bool is_histogram) {
    const uint64_t hash = parser_.series_hash() ^ salt_;
    cursor& here = pass_.cursor_;
    if (here.block < pass_.blocks_.size()) {
      const series_block& block = *pass_.blocks_[here.block];
      if (block.text_hash(here.index) == hash) {
        const cursor expected = here;
        bool is_number = !is_histogram && !parser_.timestamp() && !source_.has_exemplars();
        if (is_number && pass_.is_plain(expected, block)) {
          pass_.take_plain(expected, parser_.value_bits());
        } else if (exposed_sample sample = source_.sample(is_histogram); !pass_.take_expected(expected, sample)) {
          return take_elsewhere(hash, sample);
        }
        here = pass_.behind(expected);
        return !pass_.result_.failure;
      }
    }
    return take_elsewhere(hash, source_.sample(is_histogram));
  }

  // Takes the samples that follow as long as each is the expected record and nothing but its value is to be stored.
  void take_row() {
    if (pass_.diverged_ || pass_.watches_start_) return;
    cursor here = pass_.cursor_;
    const position begun = here.at;
    const uint64_t room = std::min<uint64_t>(std::min<uint64_t>(pass_.next_note_, pass_.before_.size) - begun,
                                             pass_.samples_max_ - pass_.appended_);
    if (room == 0) return;
    const position end = begun + static_cast<position>(room);
    const series_block* block = pass_.blocks_[here.block].get();
    value_bits* const values = pass_.values_.data();
    parser_.take_numbers([&](uint64_t hash, uint64_t value) {
      if (here.at == end || block->text_hash(here.index) != (hash ^ salt_)) return false;
      if (block->kind(here.index) != record_kind::live) return false;
      values[here.at++] = value;
      if (++here.index == block->size()) {
        here = {here.block + 1, 0, here.at};
        if (here.at != end) block = pass_.blocks_[here.block].get();
      }
      return true;
    });
    pass_.placed_ += here.at - begun;
    pass_.appended_ += here.at - begun;
    pass_.cursor_ = here;
  }

  bool take_elsewhere(uint64_t hash, const exposed_sample& sample) {
    bool goes_on = pass_.take_elsewhere({hash, 0, parser_.raw_name()}, sample);
    pass_.expect_from(pass_.cursor_.at);
    return goes_on;
  }

  static constexpr uint64_t digest_factor = 0x9E3779B97F4A7C15;  // odd, so that the order of lines counts

  scrape_pass& pass_;
  Parser& parser_;
  series_description description_;
  std::string described_family_;
  uint64_t salt_ = 0;
  entry_source<Parser> source_;
  uint64_t digest_ = 0;
};

void scrape_pass::read_protobuf() {
  exposition::histogram_options histograms{options_.scrape_native_histograms, options_.always_scrape_classic_histograms,
                                           options_.convert_classic_histograms_to_nhcb};
  exposition::protobuf_parser parser(body_, histograms, secret_);
  entry_reader(*this, parser).run();
}

// Reads lines one by one, for what becomes of several together.
template <class Parser>
void scrape_pass::read_lines_as_entries(Parser lines) {
  if (!options_.convert_classic_histograms_to_nhcb) {
    line_entries entries(std::move(lines), secret_);
    return entry_reader(*this, entries).run();
  }
  auto classic = options_.always_scrape_classic_histograms ? exposition::classic_lines::kept
                                                           : exposition::classic_lines::suppressed;
  exposition::nhcb_parser entries(std::move(lines), classic, secret_);
  entry_reader(*this, entries).run();
}

void scrape_pass::run(exposition::format format) {
  bool is_converted = options_.convert_classic_histograms_to_nhcb || options_.type_and_unit_labels;
  switch (format) {
    case exposition::format::text:
      if (is_converted) return read_lines_as_entries(exposition::text_parser(body_));
      return read_text();
    case exposition::format::open_metrics: {
      auto rule = watches_start_ ? exposition::start_times::apart : exposition::start_times::as_samples;
      if (is_converted || watches_start_) {
        return read_lines_as_entries(exposition::open_metrics_parser(body_, rule));
      }
      return read_open_metrics();
    }
    case exposition::format::protobuf:
      return read_protobuf();
  }
}

}  // namespace rollcall::series
