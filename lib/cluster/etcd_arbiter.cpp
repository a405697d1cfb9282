#include "lib/cluster/etcd_arbiter.hpp"

#include "lib/cluster/arbiter_json.hpp"
#include "lib/http/base64.hpp"

namespace rollcall::cluster {

namespace {

using nlohmann::json;

// The revision of a key that does not exist.
constexpr const char* no_revision = "0";

json to_json(const mandate& value) {
  return {{"epoch", value.epoch},
          {"holder", value.holder},
          {"address", value.address},
          {"leaseMilliseconds", value.lease.count()},
          {"renewals", value.renewals}};
}

result<mandate> read_mandate(const std::string& bytes) {
  auto value = json::parse(bytes, nullptr, false);
  mandate read;
  read.epoch = number_in(value, "epoch");
  read.holder = text_in(value, "holder");
  read.address = text_in(value, "address");
  read.lease = milliseconds(static_cast<int64_t>(number_in(value, "leaseMilliseconds")));
  read.renewals = number_in(value, "renewals");
  if (!is_plausible(read)) return fail(errc::syntax, "the key's value is not what a coordinator wrote");
  return read;
}

}  // namespace

arbiter_request etcd_arbiter::read() const {
  return {"POST", server_ + "/v3/kv/range", json{{"key", http::base64(key_)}}.dump()};
}

arbiter_request etcd_arbiter::write(const std::string& expected, const mandate& wanted, int64_t) const {
  auto key = http::base64(key_);
  json compare{{"key", key}, {"target", "MOD"}, {"result", "EQUAL"}};
  compare["mod_revision"] = expected.empty() ? no_revision : expected;
  json put{{"requestPut", {{"key", key}, {"value", http::base64(to_json(wanted).dump())}}}};
  json body{{"compare", json::array({compare})}, {"success", json::array({put})}};
  return {"POST", server_ + "/v3/kv/txn", body.dump()};
}

result<register_content> etcd_arbiter::content_of(int status, const std::string& body) const {
  auto answer = parse_answer(status, body);
  if (!answer) return tl::unexpected(answer.error());
  auto pairs = answer->find("kvs");
  if (pairs == answer->end() || !pairs->is_array() || pairs->empty()) return register_content{};
  const auto& pair = pairs->front();
  auto value = http::decode_base64(text_in(pair, "value"));
  auto version = text_in(pair, "mod_revision");
  if (!value || version.empty()) return fail(errc::syntax, "etcd's answer is not understood");
  auto held = read_mandate(*value);
  if (!held) return tl::unexpected(held.error());
  return register_content{version, std::move(*held)};
}

result<write_outcome> etcd_arbiter::outcome_of(int status, const std::string& body) const {
  auto answer = parse_answer(status, body);
  if (!answer) return tl::unexpected(answer.error());
  // The gateway leaves out what is false.
  auto succeeded = answer->find("succeeded");
  if (succeeded == answer->end() || *succeeded != true) return write_outcome{};
  auto header = answer->find("header");
  auto revision = header == answer->end() ? std::string() : text_in(*header, "revision");
  if (revision.empty()) return fail(errc::syntax, "etcd's answer is not understood");
  return write_outcome{true, revision};
}

}  // namespace rollcall::cluster
