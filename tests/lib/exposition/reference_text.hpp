#pragma once

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The text formats read slowly and plainly, to compare the parsers with. Nothing of lib/exposition is used.
namespace rollcall::test {

using reference_labels = std::vector<std::pair<std::string, std::string>>;

struct reference_exemplar {
  reference_labels labels;
  uint64_t value_bits = 0;
  std::optional<int64_t> timestamp;

  bool operator==(const reference_exemplar&) const = default;
};

struct reference_sample {
  reference_labels labels;  ///< As the text has them, `__name__` first.
  uint64_t value_bits = 0;
  std::optional<int64_t> timestamp;
  std::optional<reference_exemplar> exemplar;

  bool operator==(const reference_sample&) const = default;
};

/// What cannot be read is thrown as this.
struct reference_refusal {};

inline void reference_require(bool holds) {
  if (!holds) throw reference_refusal{};
}

/// A decimal number in the forms of Go, without hexadecimal digits and underscores.
inline double reference_number(std::string text) {
  reference_require(text.find('\0') == std::string::npos);
  std::string lower;
  for (char c : text) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  size_t i = 0;
  bool has_sign = !lower.empty() && (lower[0] == '+' || lower[0] == '-');
  if (has_sign) i = 1;
  std::string magnitude = lower.substr(i);
  double sign = has_sign && lower[0] == '-' ? -1.0 : 1.0;
  if (magnitude == "inf" || magnitude == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (lower == "nan") return std::bit_cast<double>(uint64_t{0x7ff8000000000001});
  size_t digits = 0;
  for (; i < lower.size() && lower[i] >= '0' && lower[i] <= '9'; ++i) ++digits;
  if (i < lower.size() && lower[i] == '.') {
    for (++i; i < lower.size() && lower[i] >= '0' && lower[i] <= '9'; ++i) ++digits;
  }
  reference_require(digits > 0);
  if (i < lower.size() && lower[i] == 'e') {
    ++i;
    if (i < lower.size() && (lower[i] == '+' || lower[i] == '-')) ++i;
    size_t first = i;
    while (i < lower.size() && lower[i] >= '0' && lower[i] <= '9') ++i;
    reference_require(i > first);
  }
  reference_require(i == lower.size());
  double value = std::strtod(text.c_str(), nullptr);
  reference_require(!std::isinf(value));
  return value;
}

/// The canonical form of a bucket's bound or a quantile.
inline std::string reference_canonical(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == 0) return "0.0";
  char text[64];
  for (int digits = 0; digits < 17; ++digits) {
    std::snprintf(text, sizeof text, "%.*e", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  std::string scientific = text;
  size_t e = scientific.find('e');
  int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < -4 || exponent >= 6) return scientific;
  int digits = static_cast<int>(e) - (value < 0 ? 1 : 0) - (scientific.find('.') < e ? 1 : 0);
  std::snprintf(text, sizeof text, "%.*f", std::max(digits - 1 - exponent, 0), value);
  std::string plain = text;
  return plain.find('.') == std::string::npos ? plain + ".0" : plain;
}

inline bool reference_is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    auto byte = [&](size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
    unsigned lead = byte(i);
    size_t more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : lead >> 3 == 30 ? 3 : 4;
    if (more == 4) return false;
    unsigned code = more == 0 ? lead : lead & (0x3fu >> more);
    for (size_t k = 1; k <= more; ++k) {
      if (byte(i + k) >> 6 != 2) return false;
      code = code << 6 | (byte(i + k) & 0x3f);
    }
    const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    i += more + 1;
  }
  return true;
}

inline std::string reference_unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char next = i + 1 < text.size() ? text[i + 1] : 'x';
    if (text[i] == '\\' && (next == '\\' || next == '"' || next == 'n')) {
      out += next == 'n' ? '\n' : next;
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// What both formats are made of.
class reference_reader {
 public:
  explicit reference_reader(std::string body) : body_(std::move(body)) {}

 protected:
  bool ended() const { return i_ == body_.size(); }
  bool sees(std::string_view text) const { return body_.compare(i_, text.size(), text) == 0; }
  bool sees_any(std::string_view set) const { return !ended() && set.find(body_[i_]) != std::string_view::npos; }
  bool eat(std::string_view text) {
    if (!sees(text)) return false;
    i_ += text.size();
    return true;
  }
  void need(std::string_view text) { reference_require(eat(text)); }
  std::string eat_all_but(std::string_view set) {
    std::string eaten;
    while (!ended() && !sees_any(set)) eaten += body_[i_++];
    return eaten;
  }
  std::string eat_all_of(std::string_view set) {
    std::string eaten;
    while (sees_any(set)) eaten += body_[i_++];
    return eaten;
  }
  std::string eat_name(std::string letters) {
    letters += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    return sees_any(letters) ? eat_all_of(letters.append(digits)) : "";
  }
  /// A text in quotes, its escapes as they are. What it may not have is in `refused`.
  std::string need_quoted(std::string_view refused) {
    need("\"");
    std::string text;
    while (!eat("\"")) {
      bool is_escape = eat("\\");
      reference_require(!ended() && (!is_escape || !sees("\n")));
      reference_require(refused.find(body_[i_]) == std::string_view::npos);
      if (is_escape) text += '\\';
      text += body_[i_++];
    }
    return text;
  }
  static reference_sample canonical(reference_sample sample, const std::string& type) {
    for (auto& [name, value] : sample.labels) {
      if (!(type == "histogram" && name == "le") && !(type == "summary" && name == "quantile")) continue;
      try {
        value = reference_canonical(reference_number(value));
      } catch (const reference_refusal&) {
      }
    }
    return sample;
  }

  static constexpr std::string_view digits = "0123456789";

  std::string body_;
  size_t i_ = 0;
  std::string type_;
  std::vector<reference_sample> samples_;
};

/// The Prometheus text format.
class reference_prometheus_text : reference_reader {
 public:
  using reference_reader::reference_reader;

  std::vector<reference_sample> read() {
    if (body_.empty() || body_.back() != '\n') body_ += '\n';
    for (;;) {
      blanks();
      if (ended() || body_[i_] == '\0') return samples_;
      if (eat("\n")) continue;
      if (eat("#")) {
        hash_line();
      } else {
        sample();
      }
    }
  }

 private:
  std::string blanks() { return eat_all_of(" \t"); }

  void hash_line() {
    bool is_apart = !blanks().empty();
    bool is_help = is_apart && (sees("HELP ") || sees("HELP\t"));
    bool is_type = is_apart && (sees("TYPE ") || sees("TYPE\t"));
    if (is_help || is_type) {
      i_ += 4;
      blanks();
      if (sees("\"")) {
        need_quoted("");
      } else {
        reference_require(!eat_name(":").empty());
      }
      bool is_blank_next = sees_any(" \t");
      std::string text = eat_all_but("\n");
      text = text.empty() ? text : text.substr(1);
      if (is_blank_next && text.find_first_not_of(" \t") == std::string::npos) text.clear();
      if (is_help) reference_require(reference_is_utf8(text));
      if (is_type) {
        reference_require(text == "counter" || text == "gauge" || text == "histogram" || text == "summary" ||
                          text == "untyped");
        type_ = text;
      }
    }
    eat_all_but("\n");
    need("\n");
  }

  void sample() {
    std::string name = eat_name(":");
    std::optional<std::string> known;
    if (!name.empty()) known = name;
    reference_require(known || sees("{"));
    reference_sample read;
    blanks();
    if (eat("{")) braces(known, read.labels);
    reference_require(known.has_value());
    read.labels.insert(read.labels.begin(), {"__name__", *known});
    blanks();
    read.value_bits = std::bit_cast<uint64_t>(reference_number(eat_all_but(" \t\n{")));
    blanks();
    if (sees_any(digits)) {
      std::string number = eat_all_of(digits);
      errno = 0;
      read.timestamp = std::strtoll(number.c_str(), nullptr, 10);
      reference_require(errno == 0);
      blanks();
    }
    need("\n");
    samples_.push_back(canonical(read, type_));
  }

  void braces(std::optional<std::string>& known, reference_labels& labels) {
    for (blanks(); !eat("}"); blanks()) {
      bool is_quoted = sees("\"");
      std::string name = is_quoted ? reference_unescape(need_quoted("")) : eat_name("");
      reference_require(is_quoted || !name.empty());
      blanks();
      if (is_quoted && sees_any(",}")) {
        reference_require(!known.has_value());
        known = name;
      } else {
        need("=");
        blanks();
        std::string value = need_quoted("");
        reference_require(reference_is_utf8(value));
        labels.emplace_back(name, reference_unescape(value));
        blanks();
      }
      eat(",");
    }
  }
};

/// OpenMetrics.
class reference_open_metrics : reference_reader {
 public:
  using reference_reader::reference_reader;

  std::vector<reference_sample> read() {
    while (!eat("# EOF")) {
      if (eat("# HELP ")) {
        name();
        need(" ");
        reference_require(reference_is_utf8(eat_all_but("\n")));
        need("\n");
      } else if (eat("# TYPE ")) {
        name();
        need(" ");
        type_ = eat_all_but("\n");
        std::vector<std::string> types = {"unknown",   "counter",        "gauge", "summary",
                                          "histogram", "gaugehistogram", "info",  "stateset"};
        reference_require(std::find(types.begin(), types.end(), type_) != types.end());
        need("\n");
      } else if (eat("# UNIT ")) {
        std::string family = name();
        need(" ");
        std::string unit = eat_all_but("\n");
        reference_require(unit.empty() || family.ends_with("_" + unit));
        need("\n");
      } else {
        sample();
      }
    }
    eat("\n");
    reference_require(ended());
    return samples_;
  }

 private:
  static constexpr std::string_view nul{"\0", 1};
  static constexpr std::string_view nul_and_newline{"\0\n", 2};

  std::string name() {
    if (sees("\"")) return need_quoted(nul);
    std::string bare = eat_name(":");
    reference_require(!bare.empty());
    return bare;
  }

  double number() {
    need(" ");
    return reference_number(eat_all_but(" \n"));
  }

  int64_t timestamp() {
    double seconds = number();
    reference_require(std::isfinite(seconds));
    double milliseconds = std::trunc(seconds * 1000);
    if (milliseconds >= 9223372036854775808.0 || milliseconds < -9223372036854775808.0) {
      return std::numeric_limits<int64_t>::min();
    }
    return static_cast<int64_t>(milliseconds);
  }

  void sample() {
    std::optional<std::string> known;
    if (std::string bare = eat_name(":"); !bare.empty()) known = bare;
    reference_sample read;
    reference_require(known || sees("{"));
    if (eat("{")) {
      while (!eat("}")) {
        bool is_quoted = sees("\"");
        std::string label = is_quoted ? reference_unescape(need_quoted(nul)) : eat_name("");
        reference_require(is_quoted || !label.empty());
        if (is_quoted && sees_any(",}")) {
          reference_require(!known.has_value());
          known = label;
        } else {
          read.labels.emplace_back(label, label_value("\n"));
        }
        reference_require(eat(",") || sees("}"));
      }
    }
    reference_require(known.has_value());
    read.labels.insert(read.labels.begin(), {"__name__", *known});
    read.value_bits = std::bit_cast<uint64_t>(number());
    if (sees(" ") && !sees(" # {")) read.timestamp = timestamp();
    if (eat(" # {")) read.exemplar = exemplar();
    need("\n");
    samples_.push_back(canonical(read, type_));
  }

  std::string label_value(std::string_view refused) {
    need("=");
    std::string value = need_quoted(refused);
    reference_require(reference_is_utf8(value));
    return reference_unescape(value);
  }

  reference_exemplar exemplar() {
    reference_exemplar read;
    while (!eat("}")) {
      bool is_quoted = sees("\"");
      std::string label = is_quoted ? reference_unescape(need_quoted(nul_and_newline)) : eat_name("");
      reference_require(is_quoted || !label.empty());
      read.labels.emplace_back(label, label_value(nul_and_newline));
      reference_require(eat(",") || sees("}"));
    }
    read.value_bits = std::bit_cast<uint64_t>(number());
    if (sees(" ")) read.timestamp = timestamp();
    return read;
  }
};

/// The samples of a body, or nothing when it is refused.
template <class Format>
std::optional<std::vector<reference_sample>> read_reference(std::string_view body) {
  try {
    return Format(std::string(body)).read();
  } catch (const reference_refusal&) {
    return std::nullopt;
  }
}

}  // namespace rollcall::test
