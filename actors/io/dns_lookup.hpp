#pragma once

#include "actors/io/dns_thread.hpp"
#include "lib/base/result.hpp"

#include <poll.h>

#include <optional>
#include <vector>

struct ares_channeldata;

namespace rollcall {

/// One lookup under way: the names of the search list one after the other, each put to the servers in their order, over
/// UDP with EDNS0 and over TCP where an answer was truncated. A server that fails, refuses or is silent passes the
/// question on to the next; one that knows the name, or knows that there is none, settles it. A name that exists ends
/// the lookup, with or without records. Only if every name was settled is it known that there is nothing.
class dns_lookup {
 public:
  dns_lookup(look_up order, const dns_options& options);
  ~dns_lookup();
  dns_lookup(const dns_lookup&) = delete;
  dns_lookup& operator=(const dns_lookup&) = delete;

  const look_up& order() const { return order_; }
  /// Set once the lookup is over.
  const std::optional<looked_up>& outcome() const { return outcome_; }

  /// Adds what it waits for.
  void prepare(std::vector<pollfd>& sockets) const;
  /// How long it may at most be left alone.
  std::chrono::milliseconds patience(std::chrono::milliseconds at_most) const;
  /// Goes on after a poll; `sockets` has what poll said of those that prepare() added, among others.
  void proceed(const std::vector<pollfd>& sockets);

 private:
  static void on_answer(void* self, int status, int timeouts, unsigned char* message, int size);
  void open();
  void ask_next();
  void take_answer();
  void conclude(result<std::vector<dns::record>> found);

  look_up order_;
  const dns_options& options_;
  ares_channeldata* channel_ = nullptr;
  std::vector<std::string> names_;
  size_t next_name_ = 0;
  bool asking_ = false;
  int status_ = 0;      // of the answer to the latest question
  std::string answer_;  // its bytes
  std::string doubt_;   // why a name could not be settled, or empty
  std::optional<looked_up> outcome_;
};

}  // namespace rollcall
