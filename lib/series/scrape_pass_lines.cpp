#include "lib/exposition/line_scan.hpp"
#include "lib/exposition/open_metrics_parser.hpp"
#include "lib/exposition/open_metrics_scan.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/series/parser_source.hpp"
#include "lib/series/scrape_pass.hpp"

namespace rollcall::series {

namespace {

struct text_format {
  using parser = exposition::text_parser;
  using scanned = exposition::scanned_sample;
  static constexpr auto syntax = exposition::text_syntax::prometheus;

  static bool scan(const char*& at, scanned& read) { return exposition::scan_after_series(at, read); }
  static std::string_view exemplar_of(const scanned&) { return {}; }
};

struct open_metrics_format {
  using parser = exposition::open_metrics_parser;
  using scanned = exposition::scanned_open_metrics_sample;
  static constexpr auto syntax = exposition::text_syntax::open_metrics;

  static bool scan(const char*& at, scanned& read) { return exposition::scan_after_open_metrics_series(at, read); }
  static std::string_view exemplar_of(const scanned& read) { return read.exemplar; }
};

}  // namespace

/// Reads a format of lines. A line that is where the scrape before had it costs one hash of its text and one number;
/// the parser looks only at the others.
template <class Format>
class scrape_pass::line_reader {
 public:
  explicit line_reader(scrape_pass& pass)
      : pass_(pass),
        parser_(pass.body_),
        source_(parser_),
        metadata_(Format::syntax),
        at_(pass.body_.data()),
        scan_end_(pass.body_.data() + (pass.body_.rfind('\n') + 1)) {}

  void run() {
    // The parser sees the end, too: it may have to be marked.
    do {
      if (at_ < scan_end_) run_expected();
    } while (take_line());
    pass_.after_.metadata_digest = metadata_.digest();
  }

 private:
  // The hot loop: takes lines for as long as each is a metadata line of the usual form or the record expected next.
  void run_expected() {
    scrape_pass& pass = pass_;
    const char* at = at_;
    const char* const end = scan_end_;
    pass.expect_from(pass.cursor_.at);
    for (bool goes_on = true; goes_on;) {
      const size_t block_index = pass.cursor_.block;
      if (block_index == pass.blocks_.size()) {
        while (at < end && *at == '#' && metadata_.skip(at, end)) {
        }
        break;
      }
      const series_block& block = *pass.blocks_[block_index];
      const size_t size = block.size();
      const auto first = pass.cursor_.at - static_cast<position>(pass.cursor_.index);
      size_t i = pass.cursor_.index;
      for (; i < size; ++i) {
        while (at < end && *at == '#' && metadata_.skip(at, end)) {
        }
        const size_t text_bytes = block.text_bytes(i);
        if (static_cast<size_t>(end - at) <= text_bytes ||
            hash_text({at, text_bytes}, pass.secret_) != block.text_hash(i)) {
          break;
        }
        const char* rest = at + text_bytes;
        typename Format::scanned read;
        if (!Format::scan(rest, read)) break;
        const cursor here{block_index, i, first + static_cast<position>(i)};
        std::string_view exemplar = Format::exemplar_of(read);
        if (!read.has_timestamp && exemplar.empty() && pass.is_plain(here, block)) {
          pass.take_plain(here, read.value_bits);
        } else if (!take_expected(here, read, exemplar)) {
          break;
        }
        at = rest;
      }
      goes_on = i == size;
      pass.cursor_ = {block_index + (goes_on ? 1 : 0), goes_on ? 0 : i, first + static_cast<position>(i)};
    }
    at_ = at;
  }

  bool take_expected(const cursor& here, const exposition::scanned_sample& read, std::string_view exemplar) {
    exemplar_source source(exemplar);
    return pass_.take_expected(here, {read.value_bits, read.timestamp, read.has_timestamp, !exemplar.empty(), &source});
  }

  // Takes one entry by way of the full parser; false at the end of the body or on a failure.
  bool take_line() {
    parser_.seek(static_cast<size_t>(at_ - pass_.body_.data()));
    parser_.set_type(metadata_.type());
    auto entry = parser_.next();
    if (!entry) {
      pass_.fail_with(std::move(entry.error()));
      return false;
    }
    if (*entry == exposition::entry::end) return false;
    if (*entry == exposition::entry::sample && !take_sample()) return false;
    metadata_.set_type(parser_.type());
    const char* behind = pass_.body_.data() + parser_.position();
    bool is_metadata = *entry != exposition::entry::sample && *entry != exposition::entry::comment;
    if (is_metadata) metadata_.note({at_, static_cast<size_t>(behind - at_)});
    at_ = behind;
    return true;
  }

  bool take_sample() {
    std::string_view text = parser_.series_text();
    return pass_.take_elsewhere({hash_text(text, pass_.secret_), text.size(), parser_.raw_name()}, source_.sample());
  }

  scrape_pass& pass_;
  typename Format::parser parser_;
  line_source<typename Format::parser> source_;
  exposition::metadata_scanner metadata_;
  const char* at_;        // the next line
  const char* scan_end_;  // behind the last newline of the body
};

void scrape_pass::read_text() { line_reader<text_format>(*this).run(); }
void scrape_pass::read_open_metrics() { line_reader<open_metrics_format>(*this).run(); }

}  // namespace rollcall::series
