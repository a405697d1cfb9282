#include "lib/http/accept.hpp"

#include "lib/base/assert.hpp"

#include <catch2/catch.hpp>

using namespace rollcall::http;

TEST_CASE("the Accept header of the default protocols is Prometheus's") {
  CHECK(accept_header({"OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"},
                      "allow-utf-8") ==
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
}

TEST_CASE("the Accept header with protobuf first uses all weights") {
  CHECK(accept_header({"PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0",
                       "PrometheusText0.0.4"},
                      "underscores") ==
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
        "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,"
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=underscores;q=0.3,"
        "text/plain;version=0.0.4;q=0.2,*/*;q=0.1");
}

TEST_CASE("a single protocol leaves the rest to */*") {
  CHECK(accept_header({"PrometheusText0.0.4"}, "allow-utf-8") == "text/plain;version=0.0.4;q=0.6,*/*;q=0.5");
  CHECK(accept_header({}, "allow-utf-8") == "*/*;q=0.6");
}

TEST_CASE("an unknown protocol is a bug") {
  CHECK_THROWS_AS(accept_header({"PrometheusText2"}, "allow-utf-8"), rollcall::assertion_failure);
}
