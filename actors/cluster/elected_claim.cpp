#include "actors/cluster/elected_claim.hpp"

#include "actors/act.hpp"
#include "lib/log/log.hpp"

#include <utility>

namespace rollcall {

namespace {

constexpr int periods_per_lease = 4;

}  // namespace

known_leader elected_claim::known() const {
  const auto& leader = election_.known_leader();
  return leader ? known_leader{leader->epoch, leader->address} : known_leader{};
}

milliseconds elected_claim::period() const { return election_.lease() / periods_per_lease; }

void elected_claim::proceed(int64_t steady, int64_t) {
  if (auto given_back = election_.despair(steady)) send_away(*given_back);
}

void elected_claim::resign() {
  auto given_back = election_.resign();
  if (!given_back) return;
  given_back_ = cluster::encode(*given_back);
  send_away(*given_back);
}

void elected_claim::send_away(const cluster::candidacy& given_back) {
  for (const auto& [node, port] : std::exchange(waiting_, {})) act::tell(port, session_over{0, encode(given_back)});
}

std::optional<welcome> elected_claim::receive(const hello& worker, int64_t steady, int64_t wall) {
  if (worker.version != cluster::protocol_version || !election_.is_voter(worker.node) || !worker.port)
    return std::nullopt;
  auto said = cluster::decode_vote(worker.vote);
  if (!said) return welcome{said.error().message, {}, 0, {}};
  auto answer = election_.receive(worker.node, *said, steady, wall, random_unit_());
  waiting_.erase(worker.node);
  switch (answer.what) {
    case cluster::reception::kind::join:
      return std::nullopt;
    case cluster::reception::kind::wait:
      waiting_[worker.node] = worker.port;
      return welcome{{}, {}, 0, {}, encode(*answer.asked)};
    case cluster::reception::kind::go_away:
      break;
  }
  auto leader = known();
  auto whom = said->is_binding ? "the worker has promised to serve " + said->promised->address : "it leads no more";
  return welcome{std::move(whom), {}, leader.epoch, leader.address};
}

void elected_claim::admit(const std::string& node, const welcome& answer) {
  auto accepted = cluster::decode_acceptance(answer.acceptance);
  if (!accepted || !election_.is_voter(node)) return;
  std::erase_if(sessions_, [&](const auto& each) { return each.second == node; });
  sessions_[accepted->session] = node;
}

// What a member answers to was sent before it promised anew, by the clock that it was stamped by.
void elected_claim::hear(const words& heard, int64_t steady) {
  auto epoch = election_.epoch_led(steady);
  auto voter = sessions_.find(heard.said.session);
  if (!epoch || voter == sessions_.end() || heard.said.session >> cluster::epoch_shift != *epoch) return;
  election_.renew(voter->second, heard.said.echo, steady);
}

}  // namespace rollcall
