#include "lib/auth/aws.hpp"
#include "lib/auth/aws_instance.hpp"
#include "lib/auth/rfc3339.hpp"
#include "lib/http/authorization.hpp"
#include "lib/labels/quote.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace rollcall::auth {

namespace {

constexpr std::string_view sts_version = "2011-06-15";
constexpr std::string_view session_name = "rollcall";
constexpr size_t excerpt_bytes_max = 200;
// In the year 2255: what is later does not fit into the system's clock.
constexpr double seconds_max = 9e9;

using fields = std::map<std::string, std::string>;
using subject = aws_question::subject;

constexpr std::string_view nothing_at_hand =
    "no AWS credentials in sigv4, the environment or the shared credentials file";

std::string trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(blanks) - begin + 1));
}

// The fields of one section of an INI file: `[name]`, then `key = value` a line.
fields section_of(std::string_view text, std::string_view wanted) {
  fields found;
  bool is_wanted = false;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string content = trimmed(line);
    if (content.empty() || content[0] == '#' || content[0] == ';') continue;
    if (content.front() == '[' && content.back() == ']') {
      is_wanted = trimmed(std::string_view(content).substr(1, content.size() - 2)) == wanted;
    } else if (auto equals = content.find('='); is_wanted && equals != std::string::npos) {
      found[trimmed(content.substr(0, equals))] = trimmed(content.substr(equals + 1));
    }
  }
  return found;
}

std::string first_of(const environment& variables, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (auto value = variables(name); !value.empty()) return value;
  }
  return {};
}

result<std::optional<aws_credentials>> of_profile(const std::string& profile, const environment& variables) {
  std::string file = variables("AWS_SHARED_CREDENTIALS_FILE");
  if (file.empty()) file = variables("HOME") + "/.aws/credentials";
  auto text = http::read_small_file(file);
  if (!text) {
    if (profile.empty()) return std::optional<aws_credentials>();
    return fail("profile " + rollcall::quoted(profile), text.error());
  }
  auto found = section_of(*text, profile.empty() ? "default" : profile);
  aws_credentials read{found["aws_access_key_id"], found["aws_secret_access_key"], found["aws_session_token"], {}};
  if (!read.access_key.empty() && !read.secret_key.empty()) return read;
  if (profile.empty()) return std::optional<aws_credentials>();
  return fail(errc::not_found, file + " has no keys for profile " + rollcall::quoted(profile));
}

// Keys that are at hand, if any are.
result<std::optional<aws_credentials>> at_hand(const http::aws_identity& who, const environment& variables) {
  if (!who.access_key.empty()) return aws_credentials{who.access_key, who.secret_key, {}, {}};
  if (who.profile.empty()) {
    aws_credentials named{first_of(variables, {"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"}),
                          first_of(variables, {"AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"}),
                          variables("AWS_SESSION_TOKEN"),
                          {}};
    if (!named.access_key.empty() && !named.secret_key.empty()) return named;
  }
  return of_profile(who.profile.empty() ? variables("AWS_PROFILE") : who.profile, variables);
}

std::string sts_url(const std::string& region, bool uses_fips_endpoint) {
  return std::string("https://sts") + (uses_fips_endpoint ? "-fips." : ".") + region + ".amazonaws.com/";
}

result<token_request> role_request(const http::aws_identity& who, const aws_credentials& with,
                                   const std::string& region, time_point now) {
  form asked = {{"Action", "AssumeRole"},
                {"Version", std::string(sts_version)},
                {"RoleArn", who.role_arn},
                {"RoleSessionName", std::string(session_name)}};
  if (!who.external_id.empty()) asked.emplace_back("ExternalId", who.external_id);
  auto made = form_request(sts_url(region, who.uses_fips_endpoint), asked);
  auto signature = aws_signature({"POST", made.url, made.body, "sts", region}, with, now);
  if (!signature) return tl::unexpected(std::move(signature.error()));
  made.headers.insert(made.headers.end(), signature->begin(), signature->end());
  return made;
}

result<token_request> web_identity_request(const http::aws_identity& who, const std::string& region,
                                           const environment& variables) {
  auto federated = http::read_secret({"", variables("AWS_WEB_IDENTITY_TOKEN_FILE")});
  if (!federated) return fail("unable to read the web identity's token", federated.error());
  const std::string role = who.role_arn.empty() ? variables("AWS_ROLE_ARN") : who.role_arn;
  return form_request(sts_url(region, who.uses_fips_endpoint), {{"Action", "AssumeRoleWithWebIdentity"},
                                                                {"Version", std::string(sts_version)},
                                                                {"RoleArn", role},
                                                                {"RoleSessionName", std::string(session_name)},
                                                                {"WebIdentityToken", *federated}});
}

result<token_request> container_request(const environment& variables) {
  token_request made;
  made.method = "GET";
  made.url = variables("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (made.url.empty()) made.url = "http://169.254.170.2" + variables("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  auto token = http::read_secret(
      {variables("AWS_CONTAINER_AUTHORIZATION_TOKEN"), variables("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")});
  if (!token) return fail("unable to read the container's authorization token", token.error());
  if (!token->empty()) made.headers.push_back({"Authorization", *token});
  return made;
}

// Seconds since the epoch as a number (STS), or a time of RFC 3339 (containers).
std::optional<time_point> read_expiration(const nlohmann::json& value) {
  if (value.is_number()) {
    const std::chrono::duration<double> since_epoch(value.get<double>());
    if (!(since_epoch.count() >= 0 && since_epoch.count() < seconds_max)) return std::nullopt;
    return time_point(std::chrono::duration_cast<time_point::duration>(since_epoch));
  }
  return value.is_string() ? read_rfc3339(value.get_ref<const std::string&>()) : std::nullopt;
}

// The object that holds the credentials, inside of what STS wraps around it.
nlohmann::json credentials_in(nlohmann::json answer) {
  for (const char* wrapper : {"AssumeRoleResponse", "AssumeRoleWithWebIdentityResponse", "AssumeRoleResult",
                              "AssumeRoleWithWebIdentityResult", "Credentials"}) {
    if (answer.is_object() && answer.contains(wrapper)) answer = nlohmann::json(answer[wrapper]);
  }
  return answer;
}

}  // namespace

result<std::string> find_aws_region(const http::aws_identity& who, const environment& variables) {
  std::string region = who.region.empty() ? first_of(variables, {"AWS_REGION", "AWS_DEFAULT_REGION"}) : who.region;
  if (region.empty()) return fail(errc::not_found, "region not configured in sigv4 or in the environment");
  return region;
}

result<aws_finding> find_aws_credentials(const http::aws_identity& who, time_point now, const environment& variables) {
  auto to_question = [](token_request request) { return aws_finding(aws_question{std::move(request)}); };
  auto region = find_aws_region(who, variables);
  if (!region) return tl::unexpected(std::move(region.error()));
  auto keys = at_hand(who, variables);
  if (!keys) return tl::unexpected(std::move(keys.error()));
  if (*keys && who.role_arn.empty()) return aws_finding(std::move(**keys));
  if (*keys) return role_request(who, **keys, *region, now).map(to_question);
  if (!variables("AWS_WEB_IDENTITY_TOKEN_FILE").empty()) {
    return web_identity_request(who, *region, variables).map(to_question);
  }
  bool has_container =
      !first_of(variables, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"}).empty();
  if (has_container && who.role_arn.empty()) return container_request(variables).map(to_question);
  if (may_ask_aws_instance(variables))
    return aws_finding(aws_question{aws_session_request(variables), subject::instance_session});
  return fail(errc::not_found, std::string(nothing_at_hand));
}

result<aws_finding> take_aws_answer(const http::aws_identity& who, const aws_question& asked,
                                    const http::response& response, time_point now, const environment& variables) {
  if (response.failure != http::failure::none) {
    if (asked.about == subject::credentials) return fail(errc::io, response.error);
    return fail(errc::io, std::string(nothing_at_hand) + ", and from the instance metadata service: " + response.error);
  }
  if (asked.about == subject::instance_session) {
    return read_aws_session(response, variables).map([&](std::string session) {
      return aws_finding(
          aws_question{aws_role_request(session, variables), subject::instance_role, std::move(session)});
    });
  }
  if (asked.about == subject::instance_role) {
    return read_aws_role(response).map([&](const std::string& role) {
      return aws_finding(
          aws_question{aws_instance_request(role, asked.session, variables), subject::instance_credentials});
    });
  }
  auto credentials = read_aws_credentials(response, now);
  if (!credentials) return tl::unexpected(std::move(credentials.error()));
  bool is_final = asked.about == subject::credentials || who.role_arn.empty();
  if (is_final) return aws_finding(std::move(*credentials));
  auto region = find_aws_region(who, variables);
  if (!region) return tl::unexpected(std::move(region.error()));
  return role_request(who, *credentials, *region, now).map([](token_request request) {
    return aws_finding(aws_question{std::move(request)});
  });
}

result<aws_credentials> read_aws_credentials(const http::response& response, time_point now) {
  if (response.status < 200 || response.status > 299) {
    return fail(errc::io, "cannot fetch AWS credentials: status " + std::to_string(response.status) + ": " +
                              rollcall::quoted(response.body.substr(0, excerpt_bytes_max)));
  }
  auto answer = credentials_in(nlohmann::json::parse(response.body, nullptr, false));
  if (!answer.is_object()) return fail(errc::syntax, "the answer with AWS credentials is no JSON object");
  auto text = [&](const char* key) {
    auto found = answer.find(key);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  aws_credentials read{text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken"), {}};
  if (read.session_token.empty()) read.session_token = text("Token");
  if (read.access_key.empty() || read.secret_key.empty()) {
    return fail(errc::syntax, "the answer with AWS credentials has no AccessKeyId or SecretAccessKey");
  }
  for (const auto* text : {&read.access_key, &read.session_token}) {
    bool is_line = std::none_of(text->begin(), text->end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (!is_line) return fail(errc::syntax, "the answer with AWS credentials holds a control character");
  }
  if (answer.contains("Expiration")) {
    const auto expires = read_expiration(answer["Expiration"]);
    if (!expires) return fail(errc::syntax, "the AWS credentials expire at a time that cannot be read");
    read.lifetime = std::max(std::chrono::duration_cast<std::chrono::seconds>(*expires - now), std::chrono::seconds(0));
  }
  return read;
}

}  // namespace rollcall::auth
