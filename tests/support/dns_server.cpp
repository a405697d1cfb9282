#include "tests/support/dns_server.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace rollcall::test {

namespace {

constexpr size_t header_bytes = 12;
constexpr size_t message_bytes_max = 65535;

std::string number(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

size_t number_at(std::string_view bytes, size_t at) {
  return static_cast<size_t>(static_cast<uint8_t>(bytes.at(at))) << 8 | static_cast<uint8_t>(bytes.at(at + 1));
}

int bound_socket(int type, const std::string& address, uint16_t port) {
  int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
  if (::bind(descriptor, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

uint16_t port_of(int descriptor) {
  sockaddr_in where{};
  socklen_t size = sizeof(where);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

}  // namespace

dns_server::dns_server(script play, const std::string& address, uint16_t port) : play_(std::move(play)) {
  // UDP and TCP share a port, which the system chooses for the one and may have given away for the other.
  for (int attempts = 20; attempts > 0 && tcp_ < 0; --attempts) {
    if (udp_ >= 0) ::close(udp_);
    udp_ = bound_socket(SOCK_DGRAM, address, port);
    if (udp_ < 0) continue;
    port_ = port_of(udp_);
    tcp_ = bound_socket(SOCK_STREAM, address, port_);
  }
  if (tcp_ < 0) throw std::runtime_error("no port for a DNS server");
  ::listen(tcp_, 16);
  wakeup_ = ::eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { run(); });
}

dns_server::~dns_server() {
  uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(wakeup_, &one, sizeof(one));
  thread_.join();
  for (int descriptor : {udp_, tcp_, wakeup_}) ::close(descriptor);
}

std::vector<dns_question> dns_server::questions() const {
  std::lock_guard lock(mutex_);
  return questions_;
}

std::string dns_server::record(uint16_t type, std::string_view data) {
  return "\xc0\x0c" + number(type) + number(1) + std::string(4, '\0') + number(data.size()) + std::string(data);
}

std::string dns_server::name(std::string_view dotted) {
  std::string out;
  while (!dotted.empty()) {
    auto end = std::min(dotted.find('.'), dotted.size());
    out += static_cast<char>(end);
    out += dotted.substr(0, end);
    dotted.remove_prefix(std::min(end + 1, dotted.size()));
  }
  return out + '\0';
}

void dns_server::run() {
  for (;;) {
    std::array<pollfd, 3> waiting = {{{wakeup_, POLLIN, 0}, {udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[0].revents) return;
    if (waiting[1].revents) serve_udp();
    if (waiting[2].revents) serve_tcp();
  }
}

void dns_server::serve_udp() {
  std::string message(message_bytes_max, '\0');
  sockaddr_storage from{};
  socklen_t size = sizeof(from);
  auto got = ::recvfrom(udp_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got <= 0) return;
  message.resize(static_cast<size_t>(got));
  auto reply = answer(message, false);
  if (!reply.empty()) ::sendto(udp_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
}

void dns_server::serve_tcp() {
  int peer = ::accept(tcp_, nullptr, nullptr);
  std::array<char, 2> length{};
  if (::recv(peer, length.data(), 2, MSG_WAITALL) == 2) {
    std::string message(number_at({length.data(), 2}, 0), '\0');
    if (::recv(peer, message.data(), message.size(), MSG_WAITALL) == static_cast<ssize_t>(message.size())) {
      auto reply = answer(message, true);
      reply.insert(0, number(reply.size()));
      ::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }
  ::close(peer);
}

std::string dns_server::answer(std::string_view message, bool over_tcp) {
  dns_question question;
  size_t at = header_bytes;
  while (message.at(at) != 0) {
    auto length = static_cast<uint8_t>(message[at]);
    question.name += std::string(message.substr(at + 1, length)) + '.';
    at += length + 1u;
  }
  question.type = static_cast<uint16_t>(number_at(message, at + 1));
  auto question_end = at + 5;
  question.over_tcp = over_tcp;
  question.has_edns = number_at(message, 10) > 0;
  {
    std::lock_guard lock(mutex_);
    questions_.push_back(question);
  }
  auto reply = play_(question);
  if (reply.silent) return {};
  size_t flags = 0x8180u | (reply.truncated ? 0x0200u : 0u) | reply.code;
  return std::string(message.substr(0, 2)) + number(flags) + number(1) + number(reply.answers) + std::string(4, '\0') +
         std::string(message.substr(header_bytes, question_end - header_bytes)) + reply.records;
}

}  // namespace rollcall::test
