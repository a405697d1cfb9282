#pragma once

#include "lib/exposition/line_scan.hpp"
#include "lib/exposition/text_parser.hpp"
#include "lib/series/known_series.hpp"
#include "lib/series/scrape_cache.hpp"
#include "lib/series/sequence_builder.hpp"
#include "lib/series/series_maker.hpp"
#include "lib/series/text_hash.hpp"
#include "lib/series/text_index.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace rollcall::series {

/// One body on its way through a target's cache. As long as its lines are those of the scrape before, in their order,
/// the pass only compares and collects values; at the first other line it diverges and builds a new sequence.
class scrape_pass {
 public:
  /// All but `now` must outlive the pass.
  scrape_pass(const ingest_options& options, const target_labels& target, const known_series& before,
              std::string_view body, int64_t now);

  /// Takes the whole body.
  void run();

  /// The figures and parts of the scrape; the pass is over.
  ingest_result take_result();
  /// What is known after the scrape; call it after take_result().
  known_series take_known() { return std::move(after_); }

 private:
  using sample = exposition::scanned_sample;

  // Lines, in scrape_pass.cpp.
  void run_expected();
  bool take_expected(const cursor& here, const sample& read);
  bool take_line();
  bool take_sample();
  std::optional<cursor> find_ahead(uint64_t hash) const;
  void ensure_index();
  void diverge();
  void fail_with(error failure);

  // Series, in scrape_pass_series.cpp.
  void take_known_series(const cursor& here, const sample& read);
  void take_new_series(const sample& read);
  void take_repeated(uint64_t hash, const sample& read);
  void take_another_sample(position original, const series_note* note, const sample& read);
  value_bits admit(const sample& read, const series_note* note);
  bool refuse(const series_note* note, std::optional<int64_t> timestamp);
  void place(const cursor& here, value_bits value);
  void place(series_record record, value_bits value);
  sample parsed_sample() const;

  // The end, in scrape_pass_end.cpp.
  void keep_success();
  void keep_failure();
  void append_unseen();
  void note_further_samples();
  batch_part further_part() const;
  void count_lines();
  position new_position(position old_position) const;

  const ingest_options& options_;
  const target_labels& target_;
  const known_series& before_;
  const block_sequence& blocks_;
  const hash_secret& secret_;
  std::string_view body_;
  int64_t now_;
  uint64_t samples_max_;

  exposition::text_parser parser_;
  exposition::metadata_scanner metadata_;
  const char* at_;        // the next line
  const char* scan_end_;  // behind the last newline of the body

  cursor cursor_;        // the record expected next
  position placed_ = 0;  // records of this scrape so far
  position next_note_ = no_position;
  std::vector<value_bits> values_;
  std::vector<explicit_timestamp> timestamps_;
  std::vector<position> untracked_;
  std::vector<series_note> notes_;
  uint64_t appended_ = 0;
  uint64_t dropped_ = 0;
  uint64_t unplaced_ = 0;  // lines without a record: beyond the sample limit, or the one that failed the scrape
  uint64_t failed_ = 0;    // 1 if a line failed the scrape for its labels

  // Only once the scrape has diverged.
  bool diverged_ = false;
  block_map map_;
  sequence_builder builder_;
  std::vector<position> new_positions_;  // by old position
  std::optional<text_index> index_;
  series_maker maker_;

  // Further samples of series that stood before in the scrape, each with a timestamp of its own.
  struct further_sample {
    position original;
    value_bits value;
    int64_t timestamp;
  };
  std::vector<further_sample> further_;

  ingest_result result_;
  known_series after_;
};

}  // namespace rollcall::series
