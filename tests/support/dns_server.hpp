#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rollcall::test {

/// One question that came to a dns_server.
struct dns_question {
  std::string name;  ///< With its final dot.
  uint16_t type = 0;
  bool over_tcp = false;
  bool has_edns = false;
};

/// What to answer it with.
struct dns_reply {
  bool silent = false;
  bool truncated = false;
  uint8_t code = 0;  ///< RCODE: 0 success, 2 server failure, 3 no such name, 5 refused.
  uint16_t answers = 0;
  std::string records = {};  ///< The answer section as it goes over the wire.
};

/// A DNS server on a port of the system's choice at an address of this machine, UDP and TCP, that answers what its
/// script says.
class dns_server {
 public:
  using script = std::function<dns_reply(const dns_question&)>;

  /// Port 0 means one of the system's choice.
  explicit dns_server(script play, const std::string& address = "127.0.0.1", uint16_t port = 0);
  ~dns_server();
  dns_server(const dns_server&) = delete;
  dns_server& operator=(const dns_server&) = delete;

  uint16_t port() const { return port_; }
  /// Every question so far, in order of arrival.
  std::vector<dns_question> questions() const;

  /// A record with the name of the question.
  static std::string record(uint16_t type, std::string_view data);
  /// A name as it goes over the wire.
  static std::string name(std::string_view dotted);

 private:
  void run();
  void serve_udp();
  void serve_tcp();
  std::string answer(std::string_view message, bool over_tcp);

  script play_;
  uint16_t port_ = 0;
  int udp_ = -1;
  int tcp_ = -1;
  int wakeup_ = -1;
  mutable std::mutex mutex_;  // Guards what follows.
  std::vector<dns_question> questions_;
  std::thread thread_;
};

}  // namespace rollcall::test
