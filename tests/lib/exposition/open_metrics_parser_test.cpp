#include "lib/exposition/open_metrics_parser.hpp"

#include "lib/exposition/open_metrics_scan.hpp"
#include "tests/lib/exposition/conformance.hpp"
#include "tests/lib/exposition/parser_comparison.hpp"

#include <catch2/catch.hpp>

using namespace rollcall;
using exposition::entry;
using exposition::open_metrics_parser;
using exposition::start_times;

TEST_CASE("the OpenMetrics parser reads every conformance case as expected") {
  auto cases = test::conformance_cases("open_metrics");
  CHECK(cases.size() >= 100);
  for (const auto& [name, body, expected] : cases) {
    INFO(name);
    CHECK(test::describe<open_metrics_parser>(body, exposition::to_string) == expected);
  }
}

TEST_CASE("the short ways over OpenMetrics and the reference agree with every conformance case") {
  size_t scanned = 0;
  size_t metadata = 0;
  for (const auto& [name, body, expected] : test::conformance_cases("open_metrics")) {
    INFO(name);
    auto found = test::compare_open_metrics(body);
    CHECK(found.difference == "");
    CHECK(found.is_accepted == (expected.find("error ") == std::string::npos));
    scanned += found.scanned;
    metadata += found.metadata;
  }
  CHECK(scanned > 40);
  CHECK(metadata > 20);
}

TEST_CASE("the OpenMetrics parser goes on at any line, and knows the end there") {
  std::string body = "# TYPE a histogram\na_bucket{le=\"1\"} 1\nb 2\n# EOF\n";
  open_metrics_parser parser(body);
  parser.seek(body.find("b 2"));
  CHECK(parser.next() == entry::sample);
  CHECK(parser.raw_name() == "b");
  parser.seek(body.find("# EOF"));
  CHECK(parser.next() == entry::end);
  CHECK(parser.next() == entry::end);
  CHECK(parser.position() == body.find("# EOF"));
  parser.seek(body.size());
  CHECK_FALSE(parser.next());

  parser.seek(body.find("a_bucket"));
  parser.set_type(exposition::metric_type::histogram);
  CHECK(parser.next() == entry::sample);
  CHECK(parser.series_text() == "a_bucket{le=\"1\"}");
  CHECK(test::sample_of(parser).labels.at(1).second == "1.0");
}

TEST_CASE("the OpenMetrics parser stays at the entry that it refuses") {
  open_metrics_parser parser("a 1\nb\n# EOF\n");
  CHECK(parser.next() == entry::sample);
  auto position = parser.position();
  CHECK_FALSE(parser.next());
  CHECK(parser.position() == position);
  CHECK_FALSE(parser.next());
}

namespace {

/// The name of each sample with its start timestamp, in the rule `apart`.
std::string started(std::string_view body) {
  open_metrics_parser parser(body, start_times::apart);
  std::string out;
  for (auto read = parser.next(); read && *read != entry::end; read = parser.next()) {
    if (*read != entry::sample) continue;
    auto at = parser.start_timestamp();
    out += std::string(parser.raw_name()) + (at ? "@" + std::to_string(*at) : "") + ' ';
  }
  return out;
}

}  // namespace

TEST_CASE("start times of counters, histograms and summaries stand apart from samples") {
  CHECK(started("# TYPE a counter\na_total 1\na_created 1.0019\n# EOF\n") == "a_total@1001 ");
  CHECK(started("# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\na_created 2\n"
                "# EOF\n") == "a_bucket@2000 a_bucket@2000 a_sum@2000 a_count@2000 ");
  CHECK(started("# TYPE a summary\na{quantile=\"1\"} 1\na_sum 1\na_count 1\na_created 2\n# EOF\n") ==
        "a@2000 a_sum@2000 a_count@2000 ");
  CHECK(started("# TYPE a.b counter\n") == "");
  CHECK(started("# TYPE \"a.b\" counter\n{\"a.b_total\",c=\"d\"} 1\n{c=\"d\",\"a.b_created\"} 3\n# EOF\n") ==
        "a.b_total@3000 ");
}

TEST_CASE("start times of other types are samples") {
  CHECK(started("# TYPE a gauge\na 1\na_created 1\n# EOF\n") == "a a_created ");
  CHECK(started("# TYPE a unknown\na_total 1\na_created 1\n# EOF\n") == "a_total a_created ");
  CHECK(started("a_total 1\na_created 1\n# EOF\n") == "a_total a_created ");
}

TEST_CASE("a start time belongs to the series with the same labels, in any order") {
  CHECK(started("# TYPE a counter\na_total{b=\"1\"} 1\na_total{b=\"2\",c=\"3\"} 1\na_total 1\n"
                "a_created{c=\"3\",b=\"2\"} 2\na_created{b=\"1\"} 1\n# EOF\n") == "a_total@1000 a_total@2000 a_total ");
  CHECK(started("# TYPE a counter\na_total{le=\"1\"} 1\na_created{le=\"2\"} 2\n# EOF\n") == "a_total ");
}

TEST_CASE("a start time is looked for behind the sample and within the family alone") {
  CHECK(started("# TYPE a counter\na_created 1\na_total 1\n# EOF\n") == "a_total ");
  CHECK(started("# TYPE a counter\na_total 1\na_created 1\na_total 1\n# EOF\n") == "a_total@1000 a_total ");
  CHECK(started("# TYPE a counter\na_total 1\n# HELP a b\na_created 1\n# EOF\n") == "a_total ");
  CHECK(started("# TYPE a counter\na_total 1\n# TYPE a counter\na_total 1\na_created 1\n# EOF\n") ==
        "a_total a_total@1000 ");
}

TEST_CASE("a start time that is no time or stands behind an error is none") {
  CHECK(started("# TYPE a counter\na_total 1\na_created NaN\n# EOF\n") == "a_total ");
  CHECK(started("# TYPE a counter\na_total 1\na_created -Inf\n# EOF\n") == "a_total ");
  CHECK(started("# TYPE a counter\na_total 1\n\na_created 1\n# EOF\n") == "a_total ");
}

TEST_CASE("as samples, start times are not looked for") {
  open_metrics_parser parser("# TYPE a counter\na_total 1\na_created 1\n# EOF\n");
  CHECK(parser.next() == entry::type);
  CHECK(parser.next() == entry::sample);
  CHECK_FALSE(parser.start_timestamp().has_value());
  CHECK(parser.next() == entry::sample);
  CHECK(parser.raw_name() == "a_created");
}

TEST_CASE("the short way over OpenMetrics takes the usual lines") {
  for (std::string_view rest : {" 1\n", " -1.5e3 1700000000.123\n", " NaN\n", " 1 # {} 2\n",
                                " 1 2 # {trace_id=\"a b\",c=\"\",} 0.5 1700000000\n"}) {
    INFO(rest);
    std::string line = "a" + std::string(rest);
    const char* at = line.data() + 1;
    exposition::scanned_open_metrics_sample sample;
    CHECK(exposition::scan_after_open_metrics_series(at, sample));
    CHECK(at == line.data() + line.size());
    CHECK(sample.exemplar.empty() == (rest.find('#') == std::string_view::npos));
  }
}

TEST_CASE("the short way over OpenMetrics leaves what is no such line") {
  for (std::string_view rest : {"1\n",
                                "\t1\n",
                                "  1\n",
                                " 1 \n",
                                " 1\t\n",
                                " 1\t2\n",
                                " 1 2 \n",
                                " 1 2 3\n",
                                " 1 NaN\n",
                                " \n",
                                "\n",
                                " 1{\n",
                                " 1 #\n",
                                " 1 # {}\n",
                                " 1 # {} 2 \n",
                                " 1 # {} 2 Inf\n",
                                " 1 # {a=\"b\"c=\"d\"} 1\n",
                                " 1 # {,} 1\n",
                                " 1 # {a=\"\\n\"} 1\n",
                                " 1 # {a=\"\xff\"} 1\n",
                                " 1 # {\"a\"=\"b\"} 1\n",
                                " 1 #{} 2\n",
                                " 1# {} 2\n",
                                " 1 # {a=\"b\n"}) {
    INFO(rest);
    std::string line = "a" + std::string(rest);
    const char* at = line.data() + 1;
    exposition::scanned_open_metrics_sample sample;
    CHECK_FALSE(exposition::scan_after_open_metrics_series(at, sample));
  }
}

TEST_CASE("an exemplar alone is read only when it is one") {
  auto read = exposition::parse_exemplar("# {a=\"b\"} 0.5 1.5");
  REQUIRE(read);
  CHECK(*read == exposition::exemplar{{{"a", "b"}}, std::bit_cast<uint64_t>(0.5), 1500});
  for (std::string_view text : {"", "#", "# {", " # {} 1", "# {} 1\n", "# {} 1\na 1", "# {}", "# {\"a\"} 1"}) {
    INFO(text);
    CHECK_FALSE(exposition::parse_exemplar(text));
  }
}

TEST_CASE("the digest of metadata tells a change of text or order, and no change of samples") {
  using exposition::text_syntax;
  auto digest = [](std::string_view lines, text_syntax syntax) {
    exposition::metadata_scanner scanner(syntax);
    const char* at = lines.data();
    const char* end = at + lines.size();
    while (at < end) REQUIRE(scanner.skip(at, end));
    return scanner.digest();
  };
  std::string a = "# HELP a b\n# TYPE a gauge\n";
  std::string b = "# HELP b b\n# TYPE b gauge\n";
  for (auto syntax : {text_syntax::prometheus, text_syntax::open_metrics}) {
    CHECK(digest(a + b, syntax) == digest(a + b, syntax));
    CHECK(digest(a + b, syntax) != digest(b + a, syntax));
    CHECK(digest(a + b, syntax) != digest(a, syntax));
    CHECK(digest(a + a, syntax) != digest("", syntax));
    CHECK(digest("# HELP a b\n", syntax) != digest("# HELP a c\n", syntax));
  }
  exposition::metadata_scanner noted;
  noted.note("# HELP a b\n");
  noted.note("# TYPE a gauge\n");
  CHECK(noted.digest() == digest(a, text_syntax::prometheus));
}

TEST_CASE("the scanner of metadata takes what its format has and no more") {
  using exposition::text_syntax;
  auto skips = [](std::string_view line, text_syntax syntax) {
    exposition::metadata_scanner scanner(syntax);
    const char* at = line.data();
    return scanner.skip(at, line.data() + line.size());
  };
  CHECK(skips("# UNIT a_s s\n", text_syntax::open_metrics));
  CHECK(skips("# UNIT a_s \n", text_syntax::open_metrics));
  CHECK_FALSE(skips("# UNIT a_s m\n", text_syntax::open_metrics));
  CHECK_FALSE(skips("# UNIT a_s s\n", text_syntax::prometheus));
  CHECK(skips("# TYPE a stateset\n", text_syntax::open_metrics));
  CHECK_FALSE(skips("# TYPE a stateset\n", text_syntax::prometheus));
  CHECK(skips("# TYPE a untyped\n", text_syntax::prometheus));
  CHECK_FALSE(skips("# TYPE a untyped\n", text_syntax::open_metrics));
  CHECK_FALSE(skips("# EOF\n", text_syntax::open_metrics));
  CHECK_FALSE(skips("# HELP a\n", text_syntax::open_metrics));
}
