#include "lib/dns/message.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using namespace rollcall::dns;

namespace {

std::string number(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

std::string name(const std::vector<std::string>& labels) {
  std::string out;
  for (const auto& each : labels) out += static_cast<char>(each.size()) + each;
  return out + '\0';
}

const std::string no_counts(4, '\0');
/// Points to the name in the question.
const std::string to_question = "\xc0\x0c";

/// A response to a question for q.example.
std::string response(size_t answers, const std::string& records) {
  return number(7) + number(0x8180) + number(1) + number(answers) + no_counts + name({"q", "example"}) + number(33) +
         number(1) + records;
}

std::string answer(size_t type, const std::string& data) {
  return to_question + number(type) + number(1) + std::string(4, '\0') + number(data.size()) + data;
}

std::vector<record> parsed(size_t count, const std::string& records) {
  auto result = parse_answer(response(count, records));
  REQUIRE(result);
  return *result;
}

bool is_refused(const std::string& message) { return !parse_answer(message); }

}  // namespace

TEST_CASE("records of every type that names a host are read") {
  CHECK(parsed(1, answer(1, std::string("\x0a\0\0\x01", 4))) == std::vector<record>{{record_type::a, "10.0.0.1", 0}});
  CHECK(parsed(1, answer(28, "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\x01")) ==
        std::vector<record>{{record_type::aaaa, "2001:db8::1", 0}});
  CHECK(parsed(1, answer(2, name({"ns1", "example"}))) == std::vector<record>{{record_type::ns, "ns1.example.", 0}});
  CHECK(parsed(1, answer(15, number(10) + name({"mail"}))) == std::vector<record>{{record_type::mx, "mail.", 0}});
  CHECK(parsed(1, answer(33, number(1) + number(2) + number(9100) + name({"h", "example"}))) ==
        std::vector<record>{{record_type::srv, "h.example.", 9100}});
}

TEST_CASE("records keep their order, and others among them are passed over") {
  auto records = parsed(3, answer(5, name({"alias"})) + answer(2, name({"b"})) + answer(2, name({"a"})));
  CHECK(records == std::vector<record>{{record_type::ns, "b.", 0}, {record_type::ns, "a.", 0}});
  CHECK(parsed(0, "").empty());
}

TEST_CASE("what follows the answer section is of no interest") {
  CHECK(parsed(1, answer(2, name({"a"})) + "\xff\xff garbage").size() == 1);
}

TEST_CASE("names are compressed by pointers to what stands before") {
  CHECK(parsed(1, answer(2,
                         "\x01"
                         "a" +
                             to_question)) == std::vector<record>{{record_type::ns, "a.q.example.", 0}});
  CHECK(parsed(1, answer(2, to_question)) == std::vector<record>{{record_type::ns, "q.example.", 0}});
}

TEST_CASE("the root is a dot, and unusual bytes are escaped") {
  CHECK(parsed(1, answer(2, std::string(1, '\0')))[0].target == ".");
  CHECK(parsed(1, answer(2, name({"a.b c", std::string("\x01\xff\"", 3)})))[0].target == R"(a\.b\ c.\001\255\".)");
}

TEST_CASE("a name that is longer than names can be is refused") {
  std::vector<std::string> labels(4, std::string(63, 'x'));
  labels.back().resize(61);
  CHECK_FALSE(is_refused(response(1, answer(2, name(labels)))));
  labels.back() += 'x';
  CHECK(is_refused(response(1, answer(2, name(labels)))));
}

TEST_CASE("a pointer to itself, forward or into a loop is refused") {
  auto data_begins = response(0, "").size() + to_question.size() + 10;
  auto pointer_to = [](size_t position) { return number(0xc000 | position); };
  CHECK(is_refused(response(1, answer(2, pointer_to(data_begins)))));
  CHECK(is_refused(response(1, answer(2, pointer_to(data_begins + 2)))));
  CHECK(is_refused(response(1, answer(2,
                                      "\x01"
                                      "a" +
                                          pointer_to(data_begins)))));
}

TEST_CASE("a label of no known kind is refused") {
  CHECK(is_refused(response(1, answer(2, std::string("\x40\0", 2)))));
  CHECK(is_refused(response(1, answer(2, std::string("\x80\0", 2)))));
}

TEST_CASE("data that is longer or shorter than its length says is refused") {
  CHECK(is_refused(response(1, answer(1, "abcde"))));
  CHECK(is_refused(response(1, answer(28, "abcd"))));
  CHECK(is_refused(response(1, answer(2, name({"a"}) + "x"))));
  CHECK(is_refused(response(1, answer(33, number(1)))));
}

TEST_CASE("a message that is cut off anywhere is refused") {
  auto whole = response(2, answer(33, number(1) + number(2) + number(3) + name({"h"})) + answer(2, to_question));
  REQUIRE(parse_answer(whole));
  for (size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(is_refused(whole.substr(0, length)));
  }
}

TEST_CASE("more answers than there are bytes for are refused") { CHECK(is_refused(response(65535, ""))); }
