#pragma once

#include <cctype>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Bodies in Prometheus's protobuf format, written as text.
namespace rollcall::test {

namespace metric_family_text {

enum class kind { unsigned_number, signed_number, zigzag, fixed, text, metric_type, message };

struct field {
  int number;
  kind of;
  std::string message;  ///< Which, for kind::message.
};

using message_fields = std::map<std::string, field, std::less<>>;

/// The messages of io/prometheus/client/metrics.proto.
inline const std::map<std::string, message_fields, std::less<>>& schema() {
  using enum kind;
  static const std::map<std::string, message_fields, std::less<>> messages = {
      {"family",
       {{"name", {1, text, ""}},
        {"help", {2, text, ""}},
        {"type", {3, metric_type, ""}},
        {"metric", {4, message, "metric"}},
        {"unit", {5, text, ""}}}},
      {"metric",
       {{"label", {1, message, "label"}},
        {"gauge", {2, message, "single"}},
        {"counter", {3, message, "single"}},
        {"summary", {4, message, "summary"}},
        {"untyped", {5, message, "single"}},
        {"timestamp_ms", {6, signed_number, ""}},
        {"histogram", {7, message, "histogram"}}}},
      {"label", {{"name", {1, text, ""}}, {"value", {2, text, ""}}}},
      // Gauge, Counter and Untyped; only a counter has more than a value.
      {"single",
       {{"value", {1, fixed, ""}},
        {"exemplar", {2, message, "exemplar"}},
        {"created_timestamp", {3, message, "timestamp"}}}},
      {"summary",
       {{"sample_count", {1, unsigned_number, ""}},
        {"sample_sum", {2, fixed, ""}},
        {"quantile", {3, message, "quantile"}},
        {"created_timestamp", {4, message, "timestamp"}}}},
      {"quantile", {{"quantile", {1, fixed, ""}}, {"value", {2, fixed, ""}}}},
      {"histogram",
       {{"sample_count", {1, unsigned_number, ""}},
        {"sample_sum", {2, fixed, ""}},
        {"bucket", {3, message, "bucket"}},
        {"sample_count_float", {4, fixed, ""}},
        {"schema", {5, zigzag, ""}},
        {"zero_threshold", {6, fixed, ""}},
        {"zero_count", {7, unsigned_number, ""}},
        {"zero_count_float", {8, fixed, ""}},
        {"negative_span", {9, message, "span"}},
        {"negative_delta", {10, zigzag, ""}},
        {"negative_count", {11, fixed, ""}},
        {"positive_span", {12, message, "span"}},
        {"positive_delta", {13, zigzag, ""}},
        {"positive_count", {14, fixed, ""}},
        {"created_timestamp", {15, message, "timestamp"}},
        {"exemplars", {16, message, "exemplar"}}}},
      {"bucket",
       {{"cumulative_count", {1, unsigned_number, ""}},
        {"upper_bound", {2, fixed, ""}},
        {"exemplar", {3, message, "exemplar"}},
        {"cumulative_count_float", {4, fixed, ""}}}},
      {"span", {{"offset", {1, zigzag, ""}}, {"length", {2, unsigned_number, ""}}}},
      {"exemplar",
       {{"label", {1, message, "label"}}, {"value", {2, fixed, ""}}, {"timestamp", {3, message, "timestamp"}}}},
      {"timestamp", {{"seconds", {1, signed_number, ""}}, {"nanos", {2, signed_number, ""}}}},
  };
  return messages;
}

inline std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

inline std::string delimited(std::string_view bytes) { return varint(bytes.size()) + std::string(bytes); }

/// Reads the notation and writes the bytes; throws std::runtime_error on what it does not understand.
class encoder {
 public:
  explicit encoder(std::string_view text) : text_(text) {}

  std::string families() {
    std::string out;
    for (skip(); at_ < text_.size(); skip()) {
      if (word() != "family") refuse("expected a family");
      expect('{');
      out += delimited(message("family"));
    }
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw std::runtime_error(what + " before: " + std::string(text_.substr(at_, 40)));
  }

  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == ',') {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool take(char c) {
    skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) refuse(std::string("expected ") + c);
  }

  std::string word() {
    skip();
    std::string out;
    auto belongs = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || strchr("_.+-", c) != nullptr;
    };
    while (at_ < text_.size() && belongs(text_[at_])) out += text_[at_++];
    if (out.empty()) refuse("expected a word");
    return out;
  }

  std::string quoted_text() {
    expect('"');
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c != '\\' || at_ == text_.size()) {
        out += c;
        continue;
      }
      c = text_[at_++];
      if (c == 'n') {
        out += '\n';
      } else if (c == 'x') {
        out += static_cast<char>(std::stoi(std::string(text_.substr(at_, 2)), nullptr, 16));
        at_ += 2;
      } else {
        out += c;
      }
    }
    expect('"');
    return out;
  }

  std::string message(const std::string& name) {
    const auto& fields = schema().at(name);
    std::string out;
    while (!take('}')) {
      std::string field_name = word();
      auto found = fields.find(field_name);
      if (found == fields.end()) refuse(name + " has no field " + field_name);
      append_field(out, found->second);
    }
    return out;
  }

  void append_field(std::string& out, const field& one) {
    take(':');
    auto tag = [&](uint64_t type) { return varint(static_cast<uint64_t>(one.number) << 3 | type); };
    if (one.of == kind::message) {
      expect('{');
      out += tag(2) + delimited(message(one.message));
    } else if (one.of == kind::text) {
      out += tag(2) + delimited(quoted_text());
    } else if (take('[')) {
      std::string packed;
      while (!take(']')) packed += scalar(one.of);
      out += tag(2) + delimited(packed);
    } else {
      out += tag(one.of == kind::fixed ? 1 : 0) + scalar(one.of);
    }
  }

  std::string scalar(kind of) {
    std::string value = word();
    switch (of) {
      case kind::unsigned_number:
        return varint(std::stoull(value));
      case kind::signed_number:
        return varint(static_cast<uint64_t>(std::stoll(value)));
      case kind::zigzag: {
        auto number = std::stoll(value);
        return varint(static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63));
      }
      case kind::fixed: {
        double number = std::stod(value);
        std::string bytes(sizeof number, '\0');
        std::memcpy(bytes.data(), &number, sizeof number);
        return bytes;
      }
      case kind::metric_type:
        return varint(type_number(value));
      case kind::text:
      case kind::message:
        break;
    }
    refuse("no scalar");
  }

  uint64_t type_number(const std::string& name) const {
    const std::vector<std::string> names = {"COUNTER", "GAUGE", "SUMMARY", "UNTYPED", "HISTOGRAM", "GAUGE_HISTOGRAM"};
    for (uint64_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return i;
    }
    return std::stoull(name);
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace metric_family_text

/// The bytes of MetricFamily messages, each behind its length, from a subset of protobuf's text format:
///   family { name: "requests" type: COUNTER metric { label { name: "code" value: "200" } counter { value: 5 } } }
/// Fields are written in the order of the text. A list in brackets is written packed; a name that repeats is not.
/// Strings know the escapes \n, \", \\ and \xNN; '#' begins a comment. Throws std::runtime_error on anything else.
inline std::string encode_metric_families(std::string_view text_proto) {
  return metric_family_text::encoder(text_proto).families();
}

}  // namespace rollcall::test
