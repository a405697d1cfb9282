#include "actors/io/dns_lookup.hpp"

#include "lib/base/assert.hpp"
#include "lib/dns/message.hpp"
#include "lib/dns/resolv_conf.hpp"
#include "lib/labels/quote.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace rollcall {

namespace {

constexpr size_t resolv_conf_bytes_max = 64u << 10;
constexpr int class_internet = 1;
constexpr int edns_bytes = 4096;  // what Prometheus announces

result<dns::resolv_conf> read_resolv_conf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(errc::io, fmt::format("could not load {}: {}", path, std::strerror(errno)));
  std::string text(resolv_conf_bytes_max, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return fail(errc::io, fmt::format("could not load {}", path));
  text.resize(static_cast<size_t>(in.gcount()));
  return dns::parse_resolv_conf(text);
}

/// The servers as c-ares takes them; what is no address is left out.
std::vector<ares_addr_port_node> server_nodes(const std::vector<std::string>& servers, uint16_t port) {
  std::vector<ares_addr_port_node> nodes;
  for (const auto& server : servers) {
    ares_addr_port_node node{};
    node.udp_port = node.tcp_port = port;
    if (::inet_pton(AF_INET, server.c_str(), &node.addr.addr4) == 1)
      node.family = AF_INET;
    else if (::inet_pton(AF_INET6, server.c_str(), &node.addr.addr6) == 1)
      node.family = AF_INET6;
    else
      continue;
    nodes.push_back(node);
  }
  for (size_t i = 1; i < nodes.size(); ++i) nodes[i - 1].next = &nodes[i];
  return nodes;
}

ares_channel open_channel(std::chrono::milliseconds attempt_timeout) {
  ares_options options{};
  options.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  options.ednspsz = edns_bytes;
  options.timeout = static_cast<int>(attempt_timeout.count());
  options.tries = 1;
  options.ndomains = 0;
  char lookups[] = "b";
  options.lookups = lookups;
  constexpr int given = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS |
                        ARES_OPT_LOOKUPS | ARES_OPT_NOROTATE;
  ares_channel channel = nullptr;
  return ares_init_options(&channel, &options, given) == ARES_SUCCESS ? channel : nullptr;
}

}  // namespace

dns_lookup::dns_lookup(look_up order, const dns_options& options) : order_(std::move(order)), options_(options) {
  open();
}

dns_lookup::~dns_lookup() {
  if (channel_) ares_destroy(channel_);
}

void dns_lookup::open() {
  auto conf = read_resolv_conf(options_.resolv_conf);
  if (!conf) return conclude(tl::unexpected(conf.error()));
  auto servers = server_nodes(conf->servers, options_.port);
  if (servers.empty()) return conclude(fail(errc::io, fmt::format("{} names no server", options_.resolv_conf)));
  channel_ = open_channel(options_.attempt_timeout);
  if (!channel_ || ares_set_servers_ports(channel_, servers.data()) != ARES_SUCCESS)
    return conclude(fail(errc::io, "c-ares could not be initialised"));
  names_ = dns::names_to_try(*conf, order_.name);
  ask_next();
}

void dns_lookup::on_answer(void* self, int status, int, unsigned char* message, int size) {
  auto& lookup = *static_cast<dns_lookup*>(self);
  lookup.asking_ = false;
  lookup.status_ = status;
  lookup.answer_.assign(reinterpret_cast<const char*>(message), message ? static_cast<size_t>(size) : 0);
}

// A question that cannot be put, such as one for a name that is no name, is answered at once.
void dns_lookup::ask_next() {
  while (!outcome_ && !asking_) {
    if (next_name_ == names_.size()) {
      if (doubt_.empty()) return conclude({});
      return conclude(fail(errc::io, fmt::format("could not resolve {}: all servers responded with errors to at least "
                                                 "one search domain: {}",
                                                 rollcall::quoted(order_.name), doubt_)));
    }
    asking_ = true;
    ares_query(channel_, names_[next_name_++].c_str(), class_internet, static_cast<int>(order_.type), on_answer, this);
    if (!asking_) take_answer();
  }
}

void dns_lookup::take_answer() {
  switch (status_) {
    case ARES_SUCCESS:
      if (auto records = dns::parse_answer(answer_))
        conclude(std::move(records));
      else
        doubt_ = records.error().message;
      return;
    case ARES_ENODATA:
      return conclude({});
    case ARES_ENOTFOUND:
      return;
    default:
      doubt_ = fmt::format("{}: {}", names_[next_name_ - 1], ares_strerror(status_));
  }
}

void dns_lookup::conclude(result<std::vector<dns::record>> found) {
  outcome_.emplace();
  outcome_->tag = order_.tag;
  if (found)
    outcome_->records = std::move(*found);
  else
    outcome_->error = std::move(found.error().message);
}

void dns_lookup::prepare(std::vector<pollfd>& sockets) const {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> open{};
  auto bits = static_cast<unsigned>(ares_getsock(channel_, open.data(), ARES_GETSOCK_MAXNUM));
  for (unsigned i = 0; i < open.size(); ++i) {
    short events = 0;
    if (bits & (1u << i)) events |= POLLIN;
    if (bits & (1u << (i + ARES_GETSOCK_MAXNUM))) events |= POLLOUT;
    if (events != 0) sockets.push_back({open[i], events, 0});
  }
}

std::chrono::milliseconds dns_lookup::patience(std::chrono::milliseconds at_most) const {
  timeval limit{};
  limit.tv_sec = at_most.count() / 1000;
  limit.tv_usec = at_most.count() % 1000 * 1000;
  timeval wait{};
  auto* chosen = ares_timeout(channel_, &limit, &wait);
  return std::chrono::milliseconds(chosen->tv_sec * 1000 + (chosen->tv_usec + 999) / 1000);
}

void dns_lookup::proceed(const std::vector<pollfd>& sockets) {
  ROLLCALL_ASSERT(!outcome_);
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> mine{};
  ares_getsock(channel_, mine.data(), ARES_GETSOCK_MAXNUM);
  for (const auto& each : sockets) {
    if (each.revents == 0 || std::find(mine.begin(), mine.end(), each.fd) == mine.end()) continue;
    bool readable = (each.revents & ~POLLOUT) != 0;
    ares_process_fd(channel_, readable ? each.fd : ARES_SOCKET_BAD, each.revents & POLLOUT ? each.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (asking_) return;
  take_answer();
  ask_next();
}

}  // namespace rollcall
