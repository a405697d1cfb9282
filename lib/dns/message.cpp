#include "lib/dns/message.hpp"

#include "lib/dns/address.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>

namespace rollcall::dns {

namespace {

constexpr size_t header_bytes = 12;
constexpr size_t name_bytes_max = 255;  // RFC 1035, 2.3.4: labels and their lengths
constexpr uint8_t pointer_mark = 0xc0;

/// Takes a message apart from front to back. After something that is not there, or not allowed, it has failed for
/// good, and what it gives is worthless.
class message_reader {
 public:
  explicit message_reader(std::string_view message) : message_(message) {}

  bool failed() const { return failed_; }
  size_t position() const { return at_; }

  std::span<const uint8_t> bytes(size_t count) {
    if (failed_ || message_.size() - at_ < count) {
      failed_ = true;
      return {};
    }
    auto* begin = reinterpret_cast<const uint8_t*>(message_.data()) + at_;
    at_ += count;
    return {begin, count};
  }

  uint16_t number() {
    auto got = bytes(2);
    return failed_ ? uint16_t{0} : static_cast<uint16_t>(got[0] << 8 | got[1]);
  }

  /// A name with its final dot; "." for the root.
  std::string name() {
    std::string text;
    size_t length = 1;  // of the name as it would be without compression
    size_t after = 0;   // where to read on, once a pointer was followed
    size_t lowest = at_;
    for (;;) {
      auto head = bytes(1);
      if (failed_) return {};
      if (head[0] >= pointer_mark) {
        auto rest = bytes(1);
        if (failed_) return {};
        size_t to = static_cast<size_t>(head[0] & ~pointer_mark) << 8 | rest[0];
        if (after == 0) after = at_;
        // A pointer leads to a name that stands before; so following them comes to an end.
        if (to >= lowest) return fail_name();
        at_ = lowest = to;
        continue;
      }
      if (head[0] > 63) return fail_name();
      if (head[0] == 0) break;
      length += head[0] + 1u;
      if (length > name_bytes_max) return fail_name();
      append_label(text, bytes(head[0]));
    }
    if (after != 0) at_ = after;
    return text.empty() ? "." : text;
  }

 private:
  std::string fail_name() {
    failed_ = true;
    return {};
  }

  static void append_label(std::string& text, std::span<const uint8_t> label) {
    constexpr std::string_view special = ". '@;()\"\\";
    for (uint8_t byte : label) {
      auto c = static_cast<char>(byte);
      if (special.find(c) != std::string_view::npos) {
        text += '\\';
        text += c;
      } else if (byte < ' ' || byte > '~') {
        fmt::format_to(std::back_inserter(text), "\\{:03}", byte);
      } else {
        text += c;
      }
    }
    text += '.';
  }

  std::string_view message_;
  size_t at_ = 0;
  bool failed_ = false;
};

/// The data of a record, where its type is one of ours. The reader stands at its beginning.
bool read_data(message_reader& reader, uint16_t type, size_t length, std::vector<record>& out) {
  switch (static_cast<record_type>(type)) {
    case record_type::a:
      if (length != 4) return false;
      if (auto address = reader.bytes(4); !reader.failed())
        out.push_back({record_type::a, format_address(address.first<4>()), 0});
      return true;
    case record_type::aaaa:
      if (length != 16) return false;
      if (auto address = reader.bytes(16); !reader.failed())
        out.push_back({record_type::aaaa, format_address(address.first<16>()), 0});
      return true;
    case record_type::ns:
      out.push_back({record_type::ns, reader.name(), 0});
      return true;
    case record_type::mx:
      reader.number();  // the preference
      out.push_back({record_type::mx, reader.name(), 0});
      return true;
    case record_type::srv: {
      reader.bytes(4);  // priority and weight
      auto port = reader.number();
      out.push_back({record_type::srv, reader.name(), port});
      return true;
    }
  }
  reader.bytes(length);
  return true;
}

bool read_record(message_reader& reader, std::vector<record>& out) {
  reader.name();
  auto type = reader.number();
  reader.bytes(6);  // class and time to live
  size_t length = reader.number();
  auto begin = reader.position();
  return read_data(reader, type, length, out) && !reader.failed() && reader.position() == begin + length;
}

}  // namespace

result<std::vector<record>> parse_answer(std::string_view message) {
  auto malformed = [](const char* where) {
    return fail(errc::syntax, fmt::format("malformed DNS message: {}", where));
  };
  message_reader reader(message);
  reader.bytes(4);  // id and flags
  auto questions = reader.number();
  auto answers = reader.number();
  reader.bytes(4);  // the counts of the sections after that
  for (size_t i = 0; i < questions && !reader.failed(); ++i) {
    reader.name();
    reader.bytes(4);
  }
  if (reader.failed()) return malformed(message.size() < header_bytes ? "header" : "question");
  std::vector<record> out;
  for (size_t i = 0; i < answers; ++i)
    if (!read_record(reader, out)) return malformed("answer");
  return out;
}

}  // namespace rollcall::dns
