#pragma once

#include "actors/io/child_process.hpp"
#include "lib/auth/aws.hpp"
#include "lib/auth/exec_credential.hpp"
#include "lib/auth/token.hpp"
#include "messages/http.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace rollcall {

/// Gets tokens and credentials for clients whose configuration only tells how to get them, and puts them on their
/// fetches. One is asked for when the first fetch needs it and is used until shortly before it expires, what a plugin
/// gave also until a server refuses it; what comes meanwhile waits. A failure is the answer to all that wait; the next
/// fetch tries anew.
class identity_keeper {
 public:
  struct callbacks {
    std::function<void(fetch)> send;                           ///< Takes a fetch that has its credentials.
    std::function<void(const fetch&, http::response)> refuse;  ///< Answers a fetch that cannot have them.
    /// Asks a token server. Its answer goes to take_answer() with the same tag.
    std::function<void(http::request_ptr, std::shared_ptr<const std::string> body, uint64_t tag)> ask;
    /// Runs a credential plugin. Its output goes to take_output() with the same tag.
    std::function<void(process_order, uint64_t tag)> run;
    std::function<auth::time_point()> now;
    auth::environment variables;
  };
  /// How long a token server may take; a fetch that waits may take that long in addition to its own timeout.
  static constexpr std::chrono::seconds answer_max{10};
  /// The same for a plugin, which may have to ask several servers.
  static constexpr std::chrono::seconds plugin_max{60};
  static constexpr size_t plugin_output_bytes_max = 1 << 20;

  explicit identity_keeper(callbacks calls) : calls_(std::move(calls)) {}

  /// Whether a fetch has to pass through take().
  static bool is_needed_by(const fetch& order) {
    const auto& client = order.request->client;
    return client && (client->plugin || !std::holds_alternative<std::monostate>(client->identity));
  }
  /// Whether a response tells that the credentials of a fetch that was sent are good no more. Then it goes to
  /// take_refusal().
  static bool is_refusal(const fetch& sent, const http::response& response) {
    return response.status == 401 && sent.request->client && sent.request->client->plugin;
  }
  /// Sends the fetch, keeps it until it has its credentials, or refuses it.
  void take(fetch order);
  void take_answer(uint64_t tag, const http::response& response);
  void take_output(uint64_t tag, const process_output& output);
  /// Forgets what the client's plugin gave, if it is what was sent.
  void take_refusal(const http::client_config& client, const http::header_list& credentials);
  /// Refuses what waits for a sink, or with one of its tags.
  void cancel(const http_sink_actor& sink, std::optional<uint64_t> tag);

 private:
  // Everything known of one identity.
  struct holding {
    http::client_config_ptr client;  // tells the identity
    std::optional<std::variant<auth::token, auth::aws_credentials, auth::exec_credential>> held;
    http::client_config_ptr with_certificate;  // of a plugin, else null
    auth::time_point expires;
    auth::client_naming naming = auth::client_naming::in_header;
    bool is_naming_known = false;
    uint64_t asked = 0;            // the tag of the question under way, or 0
    auth::aws_question aws_asked;  // that question, of AWS's identities
    std::vector<fetch> waiting;
  };

  holding& holding_of(const http::client_config_ptr& client);
  holding* asked_with(uint64_t tag);
  void sweep();
  bool is_fresh(const holding& held) const { return held.held && calls_.now() < held.expires; }
  void ask(holding& wanted);
  void follow(holding& wanted, result<auth::aws_finding> found);
  void put(holding& wanted, auth::token_request question);
  void ask_plugin(holding& wanted);
  void send(const holding& with, fetch order);
  result<http::header_list> credentials(const holding& with, const fetch& order) const;
  void settle(holding& got, std::optional<std::chrono::seconds> lifetime);
  void fail(holding& without, const std::string& error);
  void refuse(const fetch& order, http::failure why, const std::string& error);
  bool retries_in_body(holding& refused, const http::response& response);

  callbacks calls_;
  std::list<holding> holdings_;
  // By the address of the settings, which their holding or `aliases_` keeps alive.
  std::unordered_map<const http::client_config*, holding*> by_client_;
  std::vector<http::client_config_ptr> aliases_;
  uint64_t tags_ = 0;
};

}  // namespace rollcall
