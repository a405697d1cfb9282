#include "lib/exposition/number.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

using namespace rollcall::exposition;

namespace {

// The bits that the scanner gives for a text, whole or not at all.
std::optional<uint64_t> scanned(const std::string& text) {
  std::string line = text + "\n";
  const char* at = line.data();
  uint64_t bits = 0;
  if (!scan_value(at, bits)) {
    CHECK(at == line.data());
    return std::nullopt;
  }
  if (at != line.data() + text.size()) return std::nullopt;
  return bits;
}

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::string plain(double value) {
  std::string out;
  append_decimal(out, value);
  return out;
}

std::string open_metrics(double value) {
  std::string out;
  append_open_metrics_number(out, value);
  return out;
}

// Numbers as exporters write them, and stranger ones.
std::string random_number(std::mt19937_64& random) {
  char text[400];
  switch (random() % 8) {
    case 0:
      return std::to_string(random() >> (random() % 64));
    case 1:
      std::snprintf(text, sizeof text, "%.*f", static_cast<int>(random() % 20), 1e-3 * double(random() % 1000000));
      break;
    case 2:
      std::snprintf(text, sizeof text, "%.17g", std::bit_cast<double>(random() & ~(uint64_t{1} << 62)));
      break;
    case 3:
      std::snprintf(text, sizeof text, "%llue%d", static_cast<unsigned long long>(random() % 100000),
                    int(random() % 80) - 40);
      break;
    case 4:
      std::snprintf(text, sizeof text, "-%.9e", double(random() % 1000000) / 7);
      break;
    case 5:
      std::snprintf(text, sizeof text, "%020llu.%llu", static_cast<unsigned long long>(random() % 1000),
                    static_cast<unsigned long long>(random()));
      break;
    case 6:
      std::snprintf(text, sizeof text, "%.1f", double(random() >> 11) / 2);
      break;
    default:
      std::snprintf(text, sizeof text, "%llu.e%+d", static_cast<unsigned long long>(random() >> 10),
                    int(random() % 40) - 20);
      break;
  }
  return text;
}

}  // namespace

TEST_CASE("numbers round as the C library rounds them") {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = random_number(random);
    double expected = std::strtod(text.c_str(), nullptr);
    if (std::isnan(expected) || std::isinf(expected)) continue;
    INFO(text);
    auto parsed = parse_number(text);
    REQUIRE(parsed.has_value());
    REQUIRE(std::bit_cast<uint64_t>(*parsed) == std::bit_cast<uint64_t>(expected));
    REQUIRE(scanned(text) == std::bit_cast<uint64_t>(expected));
  }
}

TEST_CASE("the scanner and the whole-text parser accept the same texts") {
  constexpr std::string_view alphabet = "0123456789+-.eEinfatyNxX_p()";
  std::mt19937_64 random(7);
  size_t accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (size_t length = 1 + random() % 6; text.size() < length;) text += alphabet[random() % alphabet.size()];
    INFO(text);
    auto parsed = parse_number(text);
    auto bits = scanned(text);
    REQUIRE(parsed.has_value() == bits.has_value());
    if (!parsed) continue;
    ++accepted;
    REQUIRE(value_bits_of(*parsed) == *bits);
    char* end = nullptr;
    double expected = std::strtod(text.c_str(), &end);
    REQUIRE(*end == '\0');
    REQUIRE(value_bits_of(expected) == *bits);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("the scanner stops at blanks and braces") {
  for (std::string line : {"12 x\n", "12\tx\n", "12\n", "12{\n"}) {
    const char* at = line.data();
    uint64_t bits = 0;
    CHECK(scan_value(at, bits));
    CHECK(at == line.data() + 2);
    CHECK(bits == std::bit_cast<uint64_t>(12.0));
  }
}

TEST_CASE("numbers too large are refused and numbers too small become zero") {
  std::string zeros(400, '0');
  CHECK_FALSE(parse_number("1e309"));
  CHECK_FALSE(parse_number("-1e309"));
  CHECK_FALSE(parse_number("1" + zeros));
  CHECK_FALSE(parse_number("0." + zeros + "1e800"));
  CHECK(parse_number("0." + zeros + "1e401") == 1.0);
  CHECK(parse_number("1" + zeros + "e-400") == 1.0);
  CHECK(parse_number("0." + zeros + "1") == 0.0);
  CHECK(parse_number("1" + zeros + "e-900") == 0.0);
  CHECK(std::signbit(*parse_number("-1e-999")));
  CHECK(parse_number("4.9406564584124654e-324") == 4.9406564584124654e-324);
}

TEST_CASE("numbers print as Go prints the shortest form") {
  struct {
    double value;
    const char* text;
  } table[] = {{0, "0"},
               {-0.0, "-0"},
               {1, "1"},
               {-1, "-1"},
               {10, "10"},
               {100000, "100000"},
               {999999, "999999"},
               {1000000, "1e+06"},
               {1234567, "1.234567e+06"},
               {123456.7, "123456.7"},
               {0.1, "0.1"},
               {0.0001, "0.0001"},
               {0.00001, "1e-05"},
               {0.000012345, "1.2345e-05"},
               {1e21, "1e+21"},
               {1.5e300, "1.5e+300"},
               {5e-324, "5e-324"},
               {0.30000000000000004, "0.30000000000000004"},
               {1.7976931348623157e308, "1.7976931348623157e+308"},
               {16384000000, "1.6384e+10"},
               {std::nan(""), "NaN"},
               {INFINITY, "+Inf"},
               {-INFINITY, "-Inf"}};
  for (auto [value, text] : table) CHECK(number(value) == text);
}

TEST_CASE("numbers print without an exponent where that is asked for") {
  struct {
    double value;
    const char* text;
  } table[] = {{0, "0"},
               {1, "1"},
               {1000000, "1000000"},
               {1e23, "100000000000000000000000"},
               {123456.7, "123456.7"},
               {1e-7, "0.0000001"},
               {-1.25e-3, "-0.00125"},
               {1e21, "1000000000000000000000"},
               {std::nan(""), "NaN"},
               {INFINITY, "+Inf"}};
  for (auto [value, text] : table) CHECK(plain(value) == text);
}

TEST_CASE("numbers print in the canonical form of OpenMetrics") {
  struct {
    double value;
    const char* text;
  } table[] = {{0, "0.0"},         {-0.0, "0.0"},        {1, "1.0"},           {-1, "-1.0"},
               {0.5, "0.5"},       {100000, "100000.0"}, {1e6, "1e+06"},       {1e-5, "1e-05"},
               {INFINITY, "+Inf"}, {-INFINITY, "-Inf"},  {std::nan(""), "NaN"}};
  for (auto [value, text] : table) CHECK(open_metrics(value) == text);
}

TEST_CASE("what is printed reads back to the same bits") {
  std::mt19937_64 random(99);
  for (int i = 0; i < 100'000; ++i) {
    auto value = std::bit_cast<double>(random());
    if (std::isnan(value)) continue;
    REQUIRE(parse_number(number(value)) == value);
    REQUIRE(parse_number(open_metrics(value)) == value);
    REQUIRE(parse_number(plain(value)) == value);
  }
}

TEST_CASE("timestamps have up to 63 bits") {
  struct {
    const char* text;
    std::optional<int64_t> value;
  } table[] = {{"0\n", 0},
               {"0012\n", 12},
               {"9223372036854775807\n", INT64_MAX},
               {"9223372036854775808\n", std::nullopt},
               {"18446744073709551617\n", std::nullopt},
               {"99999999999999999999\n", std::nullopt},
               {"\n", std::nullopt},
               {"-1\n", std::nullopt},
               {"00000000000000000000000000000007\n", 7}};
  for (auto [text, value] : table) {
    INFO(text);
    const char* at = text;
    int64_t read = 0;
    CHECK(scan_timestamp(at, read) == value.has_value());
    if (value) {
      CHECK(read == *value);
      CHECK(*at == '\n');
    } else {
      CHECK(at == text);
    }
  }
}
