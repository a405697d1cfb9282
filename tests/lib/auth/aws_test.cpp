#include "lib/auth/aws.hpp"

#include "tests/lib/auth/auth_fixture.hpp"

using namespace rollcall;
using namespace rollcall::test;
using auth::aws_credentials;

namespace {

// The account, host and time of AWS's published examples.
const aws_credentials example{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", {}};
constexpr auth::time_point example_time{std::chrono::seconds(1'440'938'160)};  // 2015-08-30 12:36:00

std::string authorization(std::string_view method, std::string_view url, const aws_credentials& credentials = example) {
  auto made = auth::aws_signature({method, url, "", "service", "us-east-1"}, credentials, example_time);
  REQUIRE(made);
  CHECK((*made)[1] == http::header{"X-Amz-Date", "20150830T123600Z"});
  return made->front().value;
}

aws_credentials at_hand(const http::aws_identity& who, std::map<std::string, std::string> environment) {
  auto found = auth::find_aws_credentials(who, noon, variables(std::move(environment)));
  REQUIRE(found);
  REQUIRE(std::holds_alternative<aws_credentials>(*found));
  return std::get<aws_credentials>(*found);
}

auth::token_request asked(const http::aws_identity& who, std::map<std::string, std::string> environment) {
  auto found = auth::find_aws_credentials(who, noon, variables(std::move(environment)));
  REQUIRE(found);
  REQUIRE(std::holds_alternative<auth::aws_question>(*found));
  CHECK(std::get<auth::aws_question>(*found).about == auth::aws_question::subject::credentials);
  return std::get<auth::aws_question>(*found).request;
}

http::aws_identity in_region() {
  http::aws_identity who;
  who.region = "eu-west-1";
  return who;
}

}  // namespace

TEST_CASE("signatures are those of AWS's published examples") {
  const std::string common =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=";
  CHECK(authorization("GET", "https://example.amazonaws.com/") ==
        common + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  CHECK(authorization("POST", "https://example.amazonaws.com/") ==
        common + "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  CHECK(authorization("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1") ==
        common + "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_CASE("the token of a session is signed and sent") {
  auto session = example;
  session.session_token = "session";
  auto made =
      auth::aws_signature({"POST", "https://aps.example/write", "body", "aps", "eu-west-1"}, session, example_time);
  REQUIRE(made);
  REQUIRE(made->size() == 3);
  CHECK(made->front().value.find("SignedHeaders=host;x-amz-date;x-amz-security-token,") != std::string::npos);
  CHECK(made->back() == http::header{"X-Amz-Security-Token", "session"});
}

TEST_CASE("a body that differs is signed differently") {
  auto signature_of = [](std::string_view body) {
    return auth::aws_signature({"POST", "https://aps.example/", body, "aps", "r"}, example, example_time)
        ->front()
        .value;
  };
  CHECK(signature_of("a") != signature_of("b"));
  CHECK(signature_of("a") == signature_of("a"));
}

TEST_CASE("keys come from the configuration, then the environment, then the profile") {
  temporary_file file(
      "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key=d\n"
      "# another\n[ other ]\naws_access_key_id=OTHER\naws_secret_access_key = o\naws_session_token = t\n");
  std::map<std::string, std::string> environment = {{"AWS_SHARED_CREDENTIALS_FILE", file.path()}};
  CHECK(at_hand(in_region(), environment).access_key == "DEFAULT");
  auto who = in_region();
  who.profile = "other";
  CHECK(at_hand(who, environment) == aws_credentials{"OTHER", "o", "t", {}});
  environment["AWS_ACCESS_KEY_ID"] = "ENV";
  environment["AWS_SECRET_ACCESS_KEY"] = "e";
  CHECK(at_hand(in_region(), environment).access_key == "ENV");
  who.access_key = "CONFIGURED";
  CHECK(at_hand(who, environment).access_key == "CONFIGURED");
}

TEST_CASE("a profile that is not there is an error") {
  temporary_file file("[default]\naws_access_key_id = a\naws_secret_access_key = b\n");
  auto who = in_region();
  who.profile = "missing";
  auto found = auth::find_aws_credentials(who, noon, variables({{"AWS_SHARED_CREDENTIALS_FILE", file.path()}}));
  REQUIRE_FALSE(found);
  CHECK(found.error().message == file.path() + " has no keys for profile \"missing\"");
}

TEST_CASE("without a region or credentials there is an error that says so") {
  auto nowhere = auth::find_aws_credentials({}, noon, variables());
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().message == "region not configured in sigv4 or in the environment");
  auto nobody = auth::find_aws_credentials(in_region(), noon,
                                           variables({{"HOME", "/nowhere"}, {"AWS_EC2_METADATA_DISABLED", "true"}}));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == errc::not_found);
}

TEST_CASE("the credentials of a role are asked of STS, signed with those at hand") {
  auto who = in_region();
  who.access_key = "A";
  who.secret_key = "B";
  who.role_arn = "arn:aws:iam::1:role/writer";
  who.external_id = "x";
  auto made = asked(who, {});
  CHECK(made.url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(form_field(made.body, "Action") == "AssumeRole");
  CHECK(form_field(made.body, "RoleArn") == who.role_arn);
  CHECK(form_field(made.body, "ExternalId") == "x");
  CHECK(header_of(made, "Authorization").find("/eu-west-1/sts/aws4_request") != std::string::npos);
  who.uses_fips_endpoint = true;
  CHECK(asked(who, {}).url == "https://sts-fips.eu-west-1.amazonaws.com/");
}

TEST_CASE("a web identity's token is exchanged at STS") {
  temporary_file token("jwt\n");
  auto made = asked(in_region(), {{"AWS_WEB_IDENTITY_TOKEN_FILE", token.path()}, {"AWS_ROLE_ARN", "arn:role"}});
  CHECK(form_field(made.body, "Action") == "AssumeRoleWithWebIdentity");
  CHECK(form_field(made.body, "WebIdentityToken") == "jwt");
  CHECK(form_field(made.body, "RoleArn") == "arn:role");
}

TEST_CASE("a container asks its credentials server") {
  auto made = asked(in_region(), {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in"}});
  CHECK(made.method == "GET");
  CHECK(made.url == "http://169.254.170.23/v1/credentials");
  CHECK(header_of(made, "Authorization") == "let me in");
}

TEST_CASE("credentials are read as STS and as containers send them") {
  auto sts = auth::read_aws_credentials(
      answer(R"({"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"B",
             "SessionToken":"C","Expiration":1.7000009E9}}}})"),
      noon);
  REQUIRE(sts);
  CHECK(*sts == aws_credentials{"A", "B", "C", std::chrono::seconds(900)});
  auto container = auth::read_aws_credentials(
      answer(R"({"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"2023-11-14T22:14:20Z"})"), noon);
  REQUIRE(container);
  CHECK(*container == aws_credentials{"A", "B", "C", std::chrono::seconds(60)});
}

TEST_CASE("what are no AWS credentials is refused") {
  auto refused = [](const http::response& response) { return !auth::read_aws_credentials(response, noon); };
  CHECK(refused(answer("<ErrorResponse/>", 403)));
  CHECK(refused(answer("no json")));
  CHECK(refused(answer(R"({"AccessKeyId":"A"})")));
  CHECK(refused(answer(R"({"AccessKeyId":"A","SecretAccessKey":"B","Expiration":"soon"})")));
  CHECK(refused(answer(R"({"AccessKeyId":"A","SecretAccessKey":"B","SessionToken":"a\nb"})")));
}
