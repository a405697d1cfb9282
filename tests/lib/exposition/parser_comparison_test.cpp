#include "tests/lib/exposition/parser_comparison.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace rollcall;

namespace {

/// Makes bodies that are mostly right, from pieces, and changes a few bytes of some.
class body_generator {
 public:
  explicit body_generator(exposition::text_syntax syntax) : syntax_(syntax) {}

  std::string next() {
    std::string body;
    for (uint32_t lines = below(12); lines > 0; --lines) body += below(3) == 0 ? metadata() : sample();
    if (is_open_metrics() && below(20) > 0) body += one_of({"# EOF\n", "# EOF"});
    if (below(3) == 0) change(body);
    return body;
  }

 private:
  bool is_open_metrics() const { return syntax_ == exposition::text_syntax::open_metrics; }
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  std::string one_of(const std::vector<std::string>& choices) {
    return choices[below(static_cast<uint32_t>(choices.size()))];
  }

  std::string metadata() {
    std::string name = one_of({"a", "b_c", "\"d.e\"", "a_seconds", ":x1"});
    switch (below(is_open_metrics() ? 3 : 2)) {
      case 0:
        return "# HELP " + name + one_of({" text\n", " \n", " \\\"x\\\\\\n \xc3\xa9\n"});
      case 1:
        return "# TYPE " + name + " " +
               one_of({"counter", "gauge", "histogram", "summary", is_open_metrics() ? "unknown" : "untyped"}) + "\n";
      default:
        return below(2) == 0 ? "# UNIT a_seconds seconds\n" : "# UNIT " + name + " \n";
    }
  }

  std::string label() {
    return one_of({"l", "le", "quantile", "job", "\"u.v\""}) + "=\"" +
           one_of({"", "1", "0.5", "+Inf", "1e6", "plain text", "\\\\", "x\\\"y\\nz", "\xc3\xa9", "NaN"}) + "\"";
  }

  std::string braces(const std::string& first) {
    std::string text = "{" + first;
    bool is_open = !first.empty();
    for (uint32_t count = below(4); count > 0; --count) {
      text += (is_open ? "," : "") + label();
      is_open = true;
    }
    return text + (is_open && below(6) == 0 ? ",}" : "}");
  }

  std::string number() {
    switch (below(6)) {
      case 0:
        return std::to_string(below(1000));
      case 1:
        return one_of({"NaN", "+Inf", "-Inf", "-0", "1e-400", ".5", "5.", "0.1e3", "12345678901234567890", "-7.25"});
      case 2:
        return std::to_string(below(2000000000)) + "." + std::to_string(below(10000));
      default:
        return std::to_string(below(100)) + "." + std::to_string(below(1000000)) + one_of({"", "", "e-3", "E+7"});
    }
  }

  std::string exemplar() {
    return " # {" + one_of({"", "trace_id=\"a1\"", "a=\"b\",c=\"d e\"", "a=\"b\",", label()}) + "} " + number() +
           one_of({"", "", " 1700000000", " 1700000000.1239", " -0.0019"});
  }

  std::string sample() {
    std::string line = one_of({"a", "a_total", "a_created", "b_c_bucket", "b_c_sum", "b_c_created", ""});
    if (line.empty()) {
      line = braces("\"d.e\"");
    } else if (below(2) == 0) {
      line += braces("");
    }
    line += " " + number();
    if (is_open_metrics()) {
      line += one_of({"", "", " 1700000000.123", " 1700000000", " -1.5e3", " 1e300", " 0.29"});
      if (below(4) == 0) line += exemplar();
    } else {
      line += one_of({"", "", " 1700000000123", " \t1 "});
    }
    return line + "\n";
  }

  void change(std::string& body) {
    constexpr std::string_view bytes = " \n\t\"\\{},=#_0aE.-+\0\xff";
    for (uint32_t count = 1 + below(2); count > 0 && !body.empty(); --count) {
      size_t at = below(static_cast<uint32_t>(body.size()));
      char byte = bytes[below(static_cast<uint32_t>(bytes.size()))];
      switch (below(3)) {
        case 0:
          body[at] = byte;
          break;
        case 1:
          body.insert(at, 1, byte);
          break;
        default:
          body.erase(at, 1);
      }
    }
  }

  exposition::text_syntax syntax_;
  std::mt19937 random_{20200101};
};

constexpr int bodies = 20000;

}  // namespace

TEST_CASE("the OpenMetrics parser, its short ways and the reference agree on generated bodies") {
  body_generator generator(exposition::text_syntax::open_metrics);
  test::compared sum;
  size_t accepted = 0;
  for (int i = 0; i < bodies; ++i) {
    std::string body = generator.next();
    auto found = test::compare_open_metrics(body);
    if (body.find('\\') == std::string::npos) test::compare_start_times(body, found);
    INFO(body);
    REQUIRE(found.difference == "");
    accepted += found.is_accepted ? 1 : 0;
    sum.samples += found.samples;
    sum.scanned += found.scanned;
    sum.exemplars += found.exemplars;
    sum.metadata += found.metadata;
    sum.start_times += found.start_times;
  }
  CHECK(accepted > bodies / 2);
  CHECK(accepted < bodies - bodies / 10);
  CHECK(sum.scanned > sum.samples * 3 / 4);
  CHECK(sum.exemplars > 1000);
  CHECK(sum.metadata > 1000);
  CHECK(sum.start_times > 100);
}

TEST_CASE("the text parser, its short ways and the reference agree on generated bodies") {
  body_generator generator(exposition::text_syntax::prometheus);
  test::compared sum;
  size_t accepted = 0;
  for (int i = 0; i < bodies; ++i) {
    std::string body = generator.next();
    auto found = test::compare_text(body);
    INFO(body);
    REQUIRE(found.difference == "");
    accepted += found.is_accepted ? 1 : 0;
    sum.samples += found.samples;
    sum.scanned += found.scanned;
    sum.metadata += found.metadata;
  }
  CHECK(accepted > bodies / 2);
  CHECK(accepted < bodies - bodies / 10);
  CHECK(sum.scanned > sum.samples * 3 / 4);
  CHECK(sum.metadata > 1000);
}
