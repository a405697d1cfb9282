#include "actors/discovery/file_sd/target_group_json.hpp"

#include "lib/labels/names.hpp"
#include "lib/labels/quote.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace rollcall {
namespace {

/// Lets the parser read the text and tells how far it has come.
class counting_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  counting_iterator(const char* at, const char** progress) : at_(at), progress_(progress) {}
  reference operator*() const { return *at_; }
  counting_iterator& operator++() {
    *progress_ = ++at_;
    return *this;
  }
  bool operator==(const counting_iterator& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** progress_;
};

/// Builds groups from the parser's events. Returning false from an event ends the parsing.
class group_builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  group_builder(std::string_view text, const char** progress) : text_(text), progress_(progress) {}

  std::vector<written_target_group> groups;
  std::optional<error> fault;

  bool null() override {
    switch (state_) {
      case state::list:
        return refuse(fmt::format("nil target group item found (index {})", groups.size()));
      case state::group:
        return true;  // As an empty value for the key before it.
      case state::targets:
        groups.back().targets.emplace_back();
        return true;
      case state::labels:
        return true;
      case state::outside:
        ended_ = true;
        return true;
    }
    return false;
  }

  bool string(string_t& value) override {
    if (state_ == state::targets) {
      groups.back().targets.push_back(std::move(value));
      return true;
    }
    if (state_ == state::labels) {
      groups.back().labels.back().second = std::move(value);
      return true;
    }
    return wrong("string");
  }

  bool start_array(size_t) override {
    if (state_ == state::outside && !ended_) return enter(state::list);
    if (state_ == state::group && key_ == "targets") {
      groups.back().targets.clear();
      return enter(state::targets);
    }
    return wrong("array");
  }

  bool start_object(size_t) override {
    if (state_ == state::list) {
      groups.emplace_back();
      return enter(state::group);
    }
    if (state_ == state::group && key_ == "labels") {
      groups.back().labels.clear();
      return enter(state::labels);
    }
    return wrong("object");
  }

  bool end_array() override { return enter(state_ == state::targets ? state::group : state::outside); }
  bool end_object() override { return enter(state_ == state::labels ? state::group : state::list); }

  bool key(string_t& name) override {
    if (state_ == state::labels) {
      if (!is_valid_label_name(name, name_validation::utf8))
        return refuse(fmt::format("{} is not a valid label name", rollcall::quoted(name)));
      groups.back().labels.emplace_back(std::move(name), "");
      return true;
    }
    if (name != "targets" && name != "labels")
      return refuse(fmt::format("field {} not found in type target_group", name));
    key_ = std::move(name);
    return true;
  }

  bool boolean(bool) override { return wrong("bool"); }
  bool number_integer(number_integer_t) override { return wrong("number"); }
  bool number_unsigned(number_unsigned_t) override { return wrong("number"); }
  bool number_float(number_float_t, const string_t&) override { return wrong("number"); }
  bool binary(binary_t&) override { return wrong("binary"); }

  bool parse_error(size_t, const std::string& last_token, const nlohmann::json::exception&) override {
    return refuse(last_token.empty() ? "unexpected end of JSON input"
                                     : fmt::format("invalid JSON near {}", rollcall::quoted(shortened(last_token))));
  }

 private:
  enum class state : unsigned char { outside, list, group, targets, labels };

  bool enter(state next) {
    ended_ = ended_ || next == state::outside;
    state_ = next;
    return true;
  }

  static std::string_view shortened(std::string_view token) {
    constexpr size_t bytes_max = 40;
    return token.substr(token.size() - std::min(token.size(), bytes_max));
  }

  bool wrong(std::string_view found) {
    switch (state_) {
      case state::outside:
        return refuse(fmt::format("expected a list of target groups, found {}", found));
      case state::list:
        return refuse(fmt::format("expected a target group, found {}", found));
      case state::group:
        return refuse(fmt::format("expected {} for {}, found {}",
                                  key_ == "targets" ? "a list of addresses" : "a map of labels", key_, found));
      case state::targets:
        return refuse(fmt::format("expected an address, found {}", found));
      case state::labels:
        return refuse(fmt::format("expected a label value, found {}", found));
    }
    return false;
  }

  /// The parser stands behind what it read last, so positions are those of the end of a token.
  bool refuse(const std::string& message) {
    if (fault) return false;
    auto read = text_.substr(0, static_cast<size_t>(*progress_ - text_.data()));
    auto line = 1 + std::count(read.begin(), read.end(), '\n');
    auto line_start = read.rfind('\n') + 1;
    auto column = std::max<size_t>(read.size() - line_start, 1);
    fault = error{errc::syntax, fmt::format("{}:{}: {}", line, column, message)};
    return false;
  }

  std::string_view text_;
  const char** progress_;
  state state_ = state::outside;
  bool ended_ = false;
  std::string key_;  // The last key of the group.
};

}  // namespace

result<std::vector<written_target_group>> parse_target_group_json(std::string_view text) {
  const char* progress = text.data();
  group_builder builder(text, &progress);
  const char* end = text.data() + text.size();
  bool whole =
      nlohmann::json::sax_parse(counting_iterator(text.data(), &progress), counting_iterator(end, &progress), &builder);
  if (builder.fault) return tl::unexpected(std::move(*builder.fault));
  if (!whole) return fail(errc::syntax, "1:1: invalid JSON");
  return std::move(builder.groups);
}

}  // namespace rollcall
