#include "lib/auth/aws.hpp"
#include "tests/lib/auth/auth_fixture.hpp"

using namespace rollcall;
using namespace rollcall::test;
using auth::aws_credentials;
using auth::aws_question;

/// The dialogue with the metadata service of an instance.
namespace {

const std::string credentials = R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"B","Token":"C",
                                    "Expiration":"2023-11-14T22:14:20Z"})";

using variable_map = std::map<std::string, std::string>;

/// Someone on an instance, and what comes of asking.
struct dialogue {
  explicit dialogue(variable_map set = {}) : environment(std::move(set)) {
    environment["HOME"] = "/nowhere";
    who.region = "eu-west-1";
  }

  void begin() { found = auth::find_aws_credentials(who, noon, variables(environment)); }
  void hear(const http::response& response) {
    found = auth::take_aws_answer(who, question(), response, noon, variables(environment));
  }
  aws_question question() const {
    REQUIRE(found);
    REQUIRE(std::holds_alternative<aws_question>(*found));
    return std::get<aws_question>(*found);
  }
  std::string url() const { return question().request.url; }
  std::string session() const { return header_of(question().request, "X-aws-ec2-metadata-token"); }
  aws_credentials outcome() const {
    REQUIRE(found);
    REQUIRE(std::holds_alternative<aws_credentials>(*found));
    return std::get<aws_credentials>(*found);
  }
  std::string trouble() const { return found ? "" : found.error().message; }

  http::aws_identity who;
  variable_map environment;
  result<auth::aws_finding> found = auth::aws_finding();
};

}  // namespace

TEST_CASE("an instance is asked for a session, its role and the role's credentials") {
  dialogue with;
  with.begin();
  CHECK(with.question().request.method == "PUT");
  CHECK(with.url() == "http://169.254.169.254/latest/api/token");
  CHECK(header_of(with.question().request, "X-aws-ec2-metadata-token-ttl-seconds") == "21600");
  with.hear(answer("session=="));
  CHECK(with.question().request.method == "GET");
  CHECK(with.url() == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(with.session() == "session==");
  with.hear(answer("my role/x\nother"));
  CHECK(with.trouble() == "the instance metadata service's answer cannot be understood");
  with.begin();
  with.hear(answer("session=="));
  with.hear(answer("my?role\nother"));
  CHECK(with.url() == "http://169.254.169.254/latest/meta-data/iam/security-credentials/my%3Frole");
  CHECK(with.session() == "session==");
  with.hear(answer(credentials));
  CHECK(with.outcome() == aws_credentials{"A", "B", "C", std::chrono::seconds(60)});
}

TEST_CASE("the environment says where the metadata service is, and whether it is asked") {
  dialogue elsewhere(variable_map{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"}});
  elsewhere.begin();
  CHECK(elsewhere.url() == "http://127.0.0.1:1338/latest/api/token");
  dialogue by_ipv6(variable_map{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"}});
  by_ipv6.begin();
  CHECK(by_ipv6.url() == "http://[fd00:ec2::254]/latest/api/token");
  dialogue never(variable_map{{"AWS_EC2_METADATA_DISABLED", "True"}});
  never.begin();
  CHECK(never.trouble() == "no AWS credentials in sigv4, the environment or the shared credentials file");
}

TEST_CASE("a metadata service of version 1 is asked without a session, where that is allowed") {
  auto status = GENERATE(403, 404, 405);
  dialogue with;
  with.begin();
  with.hear(answer("", status));
  CHECK(with.url() == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(with.session().empty());
  dialogue strict(variable_map{{"AWS_EC2_METADATA_V1_DISABLED", "true"}});
  strict.begin();
  strict.hear(answer("", status));
  CHECK(strict.trouble() == "the instance metadata service answers with status " + std::to_string(status));
}

TEST_CASE("a role that is configured is asked of STS with the instance's credentials") {
  dialogue with;
  with.who.role_arn = "arn:role";
  with.begin();
  with.hear(answer("session"));
  with.hear(answer("instance-role"));
  with.hear(answer(credentials));
  CHECK(with.url() == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(form_field(with.question().request.body, "RoleArn") == "arn:role");
  CHECK(header_of(with.question().request, "X-Amz-Security-Token") == "C");
  with.hear(answer(R"({"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":
      {"AccessKeyId":"R","SecretAccessKey":"S","SessionToken":"T","Expiration":1.7000009E9}}}})"));
  CHECK(with.outcome().access_key == "R");
}

TEST_CASE("what goes wrong with the metadata service is told") {
  dialogue with;
  with.begin();
  http::response none;
  none.failure = http::failure::transport;
  none.error = "connection refused";
  with.hear(none);
  CHECK(with.trouble() ==
        "no AWS credentials in sigv4, the environment or the shared credentials file, and from the instance metadata "
        "service: connection refused");
  with.begin();
  with.hear(answer("", 500));
  CHECK(with.trouble() == "the instance metadata service answers with status 500");
  for (const char* session : {"", "\n", "a b",
                              "a\x01"
                              "b"}) {
    with.begin();
    with.hear(answer(session));
    CHECK(with.trouble() == "the instance metadata service's answer cannot be understood");
  }
  with.begin();
  with.hear(answer("session"));
  with.hear(answer("", 404));
  CHECK(with.trouble() == "the instance has no role");
  with.begin();
  with.hear(answer("session"));
  with.hear(answer("role"));
  with.hear(answer(R"({"Code":"AssumeRoleUnauthorizedAccess"})"));
  CHECK(with.trouble() == "the answer with AWS credentials has no AccessKeyId or SecretAccessKey");
}
