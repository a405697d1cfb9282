#pragma once

#include "lib/series/exposed_sample.hpp"
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

/// One body on its way through a target's cache. As long as its samples are those of the scrape before, in their order,
/// the pass only compares and collects values; at the first other one it diverges and builds a new sequence.
class scrape_pass {
 public:
  /// All but `now` must outlive the pass.
  scrape_pass(const ingest_options& options, const target_labels& target, const known_series& before,
              std::string_view body, int64_t now);

  /// Takes the whole body.
  void run(exposition::format format);

  /// The figures and parts of the scrape; the pass is over.
  ingest_result take_result();
  /// What is known after the scrape; call it after take_result().
  known_series take_known() { return std::move(after_); }

 private:
  using sample = exposed_sample;
  // Samples of series that stand elsewhere in the scrape, each with a timestamp of its own.
  struct further_sample {
    position original;
    value_bits value;
    int64_t timestamp;
    histograms::histogram_ptr histogram;
  };

  template <class Format>
  class line_reader;
  template <class Parser>
  class entry_reader;

  // Readers, in scrape_pass_lines.cpp and scrape_pass_entries.cpp.
  void read_text();
  void read_open_metrics();
  void read_protobuf();
  template <class Parser>
  void read_lines_as_entries(Parser lines);

  // Places, in scrape_pass.cpp.
  bool is_plain(const cursor& here, const series_block& block) const {
    return !diverged_ && here.at != next_note_ && block.kind(here.index) == record_kind::live &&
           appended_ < samples_max_ && !watches_start_;
  }
  void take_plain(const cursor& here, uint64_t value) {
    values_[here.at] = value;
    ++placed_;
    ++appended_;
  }
  // The place behind another.
  cursor behind(const cursor& here) const {
    bool is_last = here.index + 1 == blocks_[here.block]->size();
    return {here.block + (is_last ? 1 : 0), is_last ? 0 : here.index + 1, here.at + 1};
  }
  void expect_from(position at);
  bool take_expected(const cursor& here, const sample& read);
  bool take_elsewhere(const series_identity& identity, const sample& read);
  std::optional<cursor> find_ahead(uint64_t hash) const;
  void ensure_index();
  void diverge();
  void fail_with(error failure);

  // Series, in scrape_pass_series.cpp.
  void take_known_series(const cursor& here, const sample& read);
  void take_new_series(const series_identity& identity, const sample& read);
  void take_repeated(const series_identity& identity, const sample& read);
  void take_another_sample(position original, const series_note* note, const sample& read);
  value_bits admit(const sample& read, const series_note* note, position before);
  bool refuse(const series_note* note, std::optional<int64_t> timestamp);
  void place(const cursor& here, value_bits value);
  void place(series_record record, value_bits value);

  // What goes beyond a number, in scrape_pass_beyond.cpp.
  histograms::histogram_ptr fit_histogram(const sample& read);
  void take_exemplars(const sample& read, int64_t timestamp, position before);
  void take_start(const sample& read, int64_t timestamp, const series_note* note, position before,
                  const histograms::histogram_ptr& like);
  void carry_exemplar_notes();

  // The end, in scrape_pass_end.cpp.
  void keep_success();
  void keep_failure();
  void append_unseen();
  void note_further_samples();
  batch_part further_part(const std::vector<further_sample>& samples) const;
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
  bool watches_start_;

  cursor cursor_;        // the record expected next
  position placed_ = 0;  // records of this scrape so far
  position next_note_ = no_position;
  std::vector<value_bits> values_;
  std::vector<explicit_timestamp> timestamps_;
  std::vector<histogram_sample> histograms_;
  std::vector<exemplar_sample> exemplars_;
  std::vector<position> untracked_;
  std::vector<series_note> notes_;
  std::vector<exemplar_note> exemplar_notes_;
  uint64_t appended_ = 0;
  uint64_t dropped_ = 0;
  uint64_t unplaced_ = 0;  // samples without a record: beyond the sample limit, or the one that failed the scrape
  uint64_t failed_ = 0;    // 1 if a sample failed the scrape for its labels

  // Only once the scrape has diverged.
  bool diverged_ = false;
  block_map map_;
  sequence_builder builder_;
  std::vector<position> new_positions_;  // by old position
  std::optional<text_index> index_;
  series_maker maker_;

  std::vector<further_sample> further_;
  std::vector<further_sample> starts_;           // zeros at the time a series began
  std::vector<explicit_timestamp> start_times_;  // beside the values

  ingest_result result_;
  known_series after_;
};

}  // namespace rollcall::series
