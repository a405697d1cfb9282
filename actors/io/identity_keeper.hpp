#pragma once

#include "lib/auth/aws.hpp"
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
/// fetches. One is asked for when the first fetch needs it and is used until shortly before it expires; what comes
/// meanwhile waits. A failure is the answer to all that wait; the next fetch tries anew.
class identity_keeper {
 public:
  struct callbacks {
    std::function<void(fetch)> send;                           ///< Takes a fetch that has its credentials.
    std::function<void(const fetch&, http::response)> refuse;  ///< Answers a fetch that cannot have them.
    /// Asks a token server. Its answer goes to take_answer() with the same tag.
    std::function<void(http::request_ptr, std::shared_ptr<const std::string> body, uint64_t tag)> ask;
    std::function<auth::time_point()> now;
    auth::environment variables;
  };
  /// How long a token server may take; a fetch that waits may take that long in addition to its own timeout.
  static constexpr std::chrono::seconds answer_max{10};

  explicit identity_keeper(callbacks calls) : calls_(std::move(calls)) {}

  /// Whether a fetch has to pass through take().
  static bool is_needed_by(const fetch& order) {
    return order.request->client && !std::holds_alternative<std::monostate>(order.request->client->identity);
  }
  /// Sends the fetch, keeps it until it has its credentials, or refuses it.
  void take(fetch order);
  void take_answer(uint64_t tag, const http::response& response);
  /// Refuses what waits for a sink, or with one of its tags.
  void cancel(const http_sink_actor& sink, std::optional<uint64_t> tag);

 private:
  // Everything known of one identity.
  struct holding {
    http::client_config_ptr client;  // tells the identity
    std::optional<std::variant<auth::token, auth::aws_credentials>> held;
    auth::time_point expires;
    auth::client_naming naming = auth::client_naming::in_header;
    bool is_naming_known = false;
    uint64_t asked = 0;            // the tag of the question under way, or 0
    auth::aws_question aws_asked;  // that question, of AWS's identities
    std::vector<fetch> waiting;
  };

  holding& holding_of(const http::client_config_ptr& client);
  void sweep();
  bool is_fresh(const holding& held) const { return held.held && calls_.now() < held.expires; }
  void ask(holding& wanted);
  void follow(holding& wanted, result<auth::aws_finding> found);
  void put(holding& wanted, auth::token_request question);
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
