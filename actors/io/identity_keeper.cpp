#include "actors/io/identity_keeper.hpp"

#include "lib/http/url.hpp"
#include "lib/labels/quote.hpp"

#include <algorithm>
#include <utility>

namespace rollcall {

namespace {

// A token is not used in its last seconds, so that it does not expire on its way.
constexpr std::chrono::seconds expiry_margin{10};
// How many settings may be known before those that nobody uses any more are looked for.
constexpr size_t sweep_at = 64;

bool is_aws(const http::identity& who) { return std::holds_alternative<http::aws_identity>(who); }

bool is_same(const http::client_config& one, const http::client_config& other) {
  return one.identity == other.identity && one.plugin == other.plugin;
}

http::header_list token_header(const auth::exec_credential& credential) {
  if (credential.token.empty()) return {};
  return {{"Authorization", "Bearer " + credential.token}};
}

error of_plugin(const http::exec_plugin& plugin, const error& cause) {
  std::string text = "credential plugin " + rollcall::quoted(plugin.command) + ": " + cause.message;
  if (cause.code == errc::not_found && !plugin.install_hint.empty()) text += ": " + plugin.install_hint;
  return {cause.code, std::move(text)};
}

}  // namespace

identity_keeper::holding& identity_keeper::holding_of(const http::client_config_ptr& client) {
  if (auto known = by_client_.find(client.get()); known != by_client_.end()) return *known->second;
  if (by_client_.size() >= sweep_at) sweep();
  auto same = std::find_if(holdings_.begin(), holdings_.end(),
                           [&](const holding& one) { return is_same(*one.client, *client); });
  if (same == holdings_.end()) {
    same = holdings_.emplace(holdings_.end());
    same->client = client;
  } else {
    aliases_.push_back(client);
  }
  return *(by_client_[client.get()] = &*same);
}

// Forgets settings that only this keeper still has, as those of before a reload.
void identity_keeper::sweep() {
  std::erase_if(aliases_, [this](const http::client_config_ptr& client) {
    if (client.use_count() > 1) return false;
    by_client_.erase(client.get());
    return true;
  });
  holdings_.remove_if([this](const holding& one) {
    bool is_in_use = one.client.use_count() > 1 || one.asked != 0 ||
                     std::any_of(aliases_.begin(), aliases_.end(),
                                 [&](const auto& client) { return by_client_[client.get()] == &one; });
    if (!is_in_use) by_client_.erase(one.client.get());
    return !is_in_use;
  });
}

void identity_keeper::take(fetch order) {
  holding& wanted = holding_of(order.request->client);
  if (is_fresh(wanted)) return send(wanted, std::move(order));
  wanted.waiting.push_back(std::move(order));
  if (wanted.asked == 0) ask(wanted);
}

void identity_keeper::ask(holding& wanted) {
  if (wanted.client->plugin) return ask_plugin(wanted);
  const auto& who = wanted.client->identity;
  if (const auto* aws = std::get_if<http::aws_identity>(&who)) {
    return follow(wanted, auth::find_aws_credentials(*aws, calls_.now(), calls_.variables));
  }
  auto made = auth::make_token_request(who, wanted.naming, calls_.now(), calls_.variables);
  if (!made) return fail(wanted, made.error().message);
  put(wanted, std::move(*made));
}

// AWS's credentials may take several questions, one after the other.
void identity_keeper::follow(holding& wanted, result<auth::aws_finding> found) {
  if (!found) return fail(wanted, found.error().message);
  if (const auto* credentials = std::get_if<auth::aws_credentials>(&*found)) {
    wanted.held = *credentials;
    return settle(wanted, credentials->lifetime);
  }
  wanted.aws_asked = std::get<auth::aws_question>(std::move(*found));
  put(wanted, wanted.aws_asked.request);
}

void identity_keeper::put(holding& wanted, auth::token_request question) {
  http::client_config client;
  client.tls = question.tls;
  client.proxy = question.proxy;
  http::request request;
  request.method = question.method;
  request.url = question.url;
  request.headers = std::make_shared<const http::header_list>(std::move(question.headers));
  request.client = std::make_shared<const http::client_config>(std::move(client));
  auto body = question.method == "GET" ? nullptr : std::make_shared<const std::string>(std::move(question.body));
  wanted.asked = ++tags_;
  calls_.ask(std::make_shared<const http::request>(std::move(request)), std::move(body), wanted.asked);
}

void identity_keeper::ask_plugin(holding& wanted) {
  const auto& plugin = *wanted.client->plugin;
  auto info = auth::exec_info(plugin);
  if (!info) return fail(wanted, of_plugin(plugin, info.error()).message);
  process_order order;
  order.program = plugin.command;
  order.arguments = plugin.arguments;
  order.variables = plugin.variables;
  order.variables.emplace_back("KUBERNETES_EXEC_INFO", std::move(*info));
  order.time_max = plugin_max;
  order.output_bytes_max = plugin_output_bytes_max;
  wanted.asked = ++tags_;
  calls_.run(std::move(order), wanted.asked);
}

identity_keeper::holding* identity_keeper::asked_with(uint64_t tag) {
  auto asked = std::find_if(holdings_.begin(), holdings_.end(), [&](const holding& one) { return one.asked == tag; });
  if (asked == holdings_.end()) return nullptr;
  asked->asked = 0;
  return &*asked;
}

void identity_keeper::take_output(uint64_t tag, const process_output& output) {
  auto* asked = asked_with(tag);
  if (asked == nullptr) return;
  const auto& plugin = *asked->client->plugin;
  auto read = output.and_then([&](const auto& text) { return auth::read_exec_credential(text, plugin.api_version); });
  if (!read) return fail(*asked, of_plugin(plugin, read.error()).message);
  std::optional<std::chrono::seconds> lifetime;
  if (read->expires) lifetime = std::chrono::duration_cast<std::chrono::seconds>(*read->expires - calls_.now());
  asked->with_certificate = nullptr;
  if (!read->certificate.empty()) {
    auto client = std::make_shared<http::client_config>(*asked->client);
    client->tls.cert = read->certificate;
    client->tls.key = {read->key, ""};
    asked->with_certificate = std::move(client);
  }
  asked->held = std::move(*read);
  settle(*asked, lifetime);
}

void identity_keeper::take_refusal(const http::client_config& client, const http::header_list& credentials) {
  for (auto& one : holdings_) {
    if (!one.held || !is_same(*one.client, client)) continue;
    const auto& held = std::get<auth::exec_credential>(*one.held);
    // What was got since then is not what was refused.
    if (held.certificate == client.tls.cert && token_header(held) == credentials) one.held.reset();
  }
}

void identity_keeper::take_answer(uint64_t tag, const http::response& response) {
  auto* asked = asked_with(tag);
  if (asked == nullptr) return;
  if (const auto* aws = std::get_if<http::aws_identity>(&asked->client->identity)) {
    return follow(*asked, auth::take_aws_answer(*aws, asked->aws_asked, response, calls_.now(), calls_.variables));
  }
  if (response.failure != http::failure::none) return fail(*asked, response.error);
  auto read = auth::read_token(response);
  if (!read) return retries_in_body(*asked, response) ? void() : fail(*asked, read.error().message);
  asked->is_naming_known = true;
  asked->held = *read;
  settle(*asked, read->lifetime);
}

// Some servers know clients only by the body of the request; whether this one does is found out once.
bool identity_keeper::retries_in_body(holding& refused, const http::response& response) {
  bool may_help = std::holds_alternative<http::oauth2_config>(refused.client->identity) && response.status >= 400 &&
                  !refused.is_naming_known && refused.naming == auth::client_naming::in_header;
  refused.naming = may_help ? auth::client_naming::in_body : auth::client_naming::in_header;
  if (may_help) ask(refused);
  return may_help;
}

void identity_keeper::settle(holding& got, std::optional<std::chrono::seconds> lifetime) {
  // What says nothing of its end is used for ever; keys at hand are looked for again, as their file may change.
  got.expires = auth::time_point::max();
  if (lifetime) got.expires = calls_.now() + std::max(*lifetime - expiry_margin, std::chrono::seconds(0));
  if (is_aws(got.client->identity) && !lifetime) got.expires = calls_.now();
  for (auto& order : std::exchange(got.waiting, {})) send(got, std::move(order));
}

result<http::header_list> identity_keeper::credentials(const holding& with, const fetch& order) const {
  if (const auto* token = std::get_if<auth::token>(&*with.held)) {
    return http::header_list{{"Authorization", token->header_value()}};
  }
  if (const auto* credential = std::get_if<auth::exec_credential>(&*with.held)) return token_header(*credential);
  const auto& who = std::get<http::aws_identity>(with.client->identity);
  auto region = auth::find_aws_region(who, calls_.variables);
  if (!region) return tl::unexpected(std::move(region.error()));
  std::string_view body = order.body ? std::string_view(*order.body) : std::string_view();
  const auto& request = *order.request;
  return auth::aws_signature({request.method, request.url, body, who.service_name, *region},
                             std::get<auth::aws_credentials>(*with.held), calls_.now());
}

void identity_keeper::send(const holding& with, fetch order) {
  auto headers = credentials(with, order);
  if (!headers) return refuse(order, http::failure::credentials, headers.error().message);
  order.credentials.insert(order.credentials.end(), headers->begin(), headers->end());
  if (with.with_certificate) {
    auto request = std::make_shared<http::request>(*order.request);
    request->client = with.with_certificate;
    order.request = std::move(request);
  }
  calls_.send(std::move(order));
}

void identity_keeper::fail(holding& without, const std::string& error) {
  for (const auto& order : std::exchange(without.waiting, {})) refuse(order, http::failure::credentials, error);
}

void identity_keeper::refuse(const fetch& order, http::failure why, const std::string& error) {
  http::response response;
  response.failure = why;
  response.error = http::request_context(order.request->method, order.request->url) + ": " + error;
  calls_.refuse(order, std::move(response));
}

void identity_keeper::cancel(const http_sink_actor& sink, std::optional<uint64_t> tag) {
  for (auto& one : holdings_) {
    auto is_meant = [&](const fetch& order) { return order.sink == sink && (!tag || order.tag == *tag); };
    auto kept = std::stable_partition(one.waiting.begin(), one.waiting.end(),
                                      [&](const fetch& order) { return !is_meant(order); });
    std::vector<fetch> cancelled(std::make_move_iterator(kept), std::make_move_iterator(one.waiting.end()));
    one.waiting.erase(kept, one.waiting.end());
    for (const auto& order : cancelled) refuse(order, http::failure::cancelled, "the request was cancelled");
  }
}

}  // namespace rollcall
