#include "lib/exposition/nhcb_parser.hpp"

#include "lib/exposition/text_parser.hpp"
#include "tests/lib/exposition/described_entries.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace rollcall;
using exposition::classic_lines;
using exposition::entry;
using exposition::nhcb_parser;
using exposition::text_parser;
using test::test_secret;

namespace {

/// A text format that has more to say: a sample with a timestamp from 1000 on has an exemplar of that value, everything
/// began at 42, and the unit is "parrots".
class talkative_parser : public text_parser {
 public:
  using text_parser::text_parser;

  bool has_exemplar() const { return timestamp().value_or(0) >= 1000; }
  exposition::exemplar exemplar() const {
    return {{{"a", "b"}}, std::bit_cast<uint64_t>(static_cast<double>(*timestamp())), {}};
  }
  std::optional<int64_t> start_timestamp() const { return 42; }
  std::string unit() const { return "parrots"; }
};

template <class Parser = text_parser>
std::string described(std::string_view body, classic_lines classic = classic_lines::suppressed) {
  nhcb_parser<Parser> parser(Parser(body), classic, test_secret);
  return test::described_body(parser);
}

/// The hashes and raw names of all histograms of a body.
std::vector<std::pair<uint64_t, std::string>> histograms_of(std::string_view body) {
  nhcb_parser<text_parser> parser(text_parser(body), classic_lines::suppressed, test_secret);
  std::vector<std::pair<uint64_t, std::string>> found;
  for (;;) {
    auto read = parser.next();
    REQUIRE(read);
    if (*read == entry::end) return found;
    if (*read == entry::histogram) found.emplace_back(parser.series_hash(), parser.raw_name());
  }
}

}  // namespace

TEST_CASE("the NHCB parser reads every conformance case as expected") {
  auto cases = test::exposition_cases(TEST_SOURCE_DIR "/conformance/nhcb");
  CHECK(cases.size() >= 10);
  for (const auto& one : cases) {
    INFO("tests/conformance/nhcb/" << one.name << ".case");
    bool keeps = one.has("always_scrape_classic_histograms");
    CHECK(described(one.body, keeps ? classic_lines::kept : classic_lines::suppressed) == one.expected);
  }
}

TEST_CASE("a body without histograms is read as the text parser reads it") {
  std::string body =
      "# HELP a b\n# TYPE a counter\na{x=\"1\"} 1\n\na 2 5\n# TYPE s summary\ns_count 1\ns{quantile=\"1\"} 2\n";
  nhcb_parser<text_parser> parser(text_parser(body), classic_lines::suppressed, test_secret);
  text_parser plain(body);
  for (;;) {
    auto read = parser.next();
    auto expected = plain.next();
    REQUIRE(read);
    CHECK(*read == *expected);
    CHECK(parser.position() == plain.position());
    if (*read == entry::end) break;
    if (*read != entry::sample) continue;
    CHECK(parser.series_hash() == exposition::hash_bytes(plain.series_text(), test_secret));
    CHECK(parser.raw_name() == plain.raw_name());
    CHECK(parser.value_bits() == plain.value_bits());
    CHECK(parser.timestamp() == plain.timestamp());
  }
}

TEST_CASE("a histogram has the exemplars of its lines and the start of its first") {
  std::string body =
      "# TYPE h histogram\nh_bucket{le=\"1\"} 1 1001\nh_bucket{le=\"+Inf\"} 2 1002\nh_sum 3 7\nh_count 2 8\n";
  CHECK(described<talkative_parser>(body) ==
        "type h histogram\n"
        "histogram h {count:2, sum:3, [-Inf,1]:1, (1,+Inf]:1} @8 since 42\n"
        "  exemplar {a=\"b\"} 1001\n"
        "  exemplar {a=\"b\"} 1002\n");
}

TEST_CASE("exemplars go to the histogram alone when the lines are kept") {
  std::string body = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2 1002\nother 1 1003\n";
  CHECK(described<talkative_parser>(body, classic_lines::kept) ==
        "type h histogram\n"
        "sample h_bucket{le=\"+Inf\"} 2 @1002 since 42\n"
        "histogram h {count:2, sum:0, [-Inf,+Inf]:2} @1002 since 42\n"
        "  exemplar {a=\"b\"} 1002\n"
        "sample other 1 @1003 since 42\n"
        "  exemplar {a=\"b\"} 1003\n");
}

TEST_CASE("the unit is that of the lines") {
  nhcb_parser<talkative_parser> parser(talkative_parser(""), classic_lines::suppressed, test_secret);
  CHECK(parser.unit() == "parrots");
}

TEST_CASE("a histogram is known by its name and labels whatever its buckets and their order") {
  auto first = histograms_of("# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\",b=\"2\"} 1\nh_count{a=\"1\",b=\"2\"} 1\n");
  auto second = histograms_of("# TYPE h histogram\nh_sum{b=\"2\",a=\"1\"} 5\nh_bucket{le=\"7\",b=\"2\",a=\"1\"} 1\n");
  REQUIRE(first.size() == 1);
  CHECK(first == second);
  CHECK(first[0].second == "h");
}

TEST_CASE("different histograms have different hashes") {
  auto found = histograms_of(
      "# TYPE h histogram\nh_count 1\nh_count{a=\"1\"} 1\nh_count{a=\"2\"} 1\nh_count{a=\"\",b=\"1\"} 1\n"
      "h_count{a=\"1\",b=\"\"} 1\n# TYPE i_j histogram\ni_j_count 1\n# TYPE hh histogram\nhh_count 1\n");
  CHECK(found.size() == 7);
  std::set<uint64_t> hashes;
  for (const auto& [hash, name] : found) hashes.insert(hash);
  CHECK(hashes.size() == found.size());
  CHECK(found[5].second == "i_j");
}

TEST_CASE("an error ends the body without the histogram before it") {
  CHECK(described("# TYPE h histogram\nh_count 1\nbroken\n").starts_with("type h histogram\nerror line 3: "));
}
