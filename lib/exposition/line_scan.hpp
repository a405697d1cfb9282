#pragma once

#include "lib/exposition/number.hpp"
#include "lib/exposition/text_parser.hpp"

#include <cstdint>
#include <string_view>

namespace rollcall::exposition {

/// The value of a sample line and the timestamp behind it.
struct scanned_sample {
  uint64_t value_bits = 0;
  int64_t timestamp = 0;
  bool has_timestamp = false;
};

inline void scan_blanks(const char*& at) {
  while (*at == ' ' || *at == '\t') ++at;
}

/// Reads the rest of a sample line whose series text ends at `at`, and moves past its newline, of which there must be
/// one. False, with `at` anywhere, when the line is none that this short way understands; text_parser then decides.
inline bool scan_after_series(const char*& at, scanned_sample& sample) {
  if (*at != ' ' && *at != '\t' && at[-1] != '}') return false;
  scan_blanks(at);
  if (!scan_value(at, sample.value_bits)) return false;
  sample.has_timestamp = false;
  if (*at != '\n') {
    scan_blanks(at);
    if (detail::is_digit(*at)) {
      if (!scan_timestamp(at, sample.timestamp)) return false;
      sample.has_timestamp = true;
      scan_blanks(at);
    }
    if (*at != '\n') return false;
  }
  ++at;
  return true;
}

/// Which of the two text formats a body is in.
enum class text_syntax : uint8_t { prometheus, open_metrics };

/// Reads over HELP and TYPE lines of the usual form, and in OpenMetrics over UNIT lines, checking them as text_parser
/// and open_metrics_parser do.
class metadata_scanner {
 public:
  explicit metadata_scanner(text_syntax syntax = text_syntax::prometheus) : syntax_(syntax) {}

  /// Moves past the line at `at`, which begins with '#'; a newline must stand before `end`. False, with `at` where it
  /// was, when the parser has to look at the line.
  bool skip(const char*& at, const char* end);
  /// What the last TYPE line said.
  metric_type type() const { return type_; }
  void set_type(metric_type type) { type_ = type; }

  /// A hash of the lines that were skipped or noted, in their order. The same metadata give the same digest in one
  /// process; other metadata give it only by an accident of 64 bits.
  uint64_t digest() const { return digest_; }
  /// Takes a line into the digest that the parser read instead, with its newline.
  void note(std::string_view line);

 private:
  size_t name_bytes(const char* at, const char* end);
  bool take_type(std::string_view name);

  text_syntax syntax_;
  metric_type type_ = metric_type::unknown;
  std::string_view family_;  // the last name found valid: most often the next one is the same
  uint64_t digest_ = 0;
};

}  // namespace rollcall::exposition
