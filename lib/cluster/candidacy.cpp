#include "lib/cluster/candidacy.hpp"

#include "lib/cluster/byte_codec.hpp"
#include "lib/cluster/mandate.hpp"

namespace rollcall::cluster {

namespace {

std::string read_text(unpacker& in) {
  auto text = in.text();
  if (text.size() > candidate_text_bytes_max) in.fail();
  return std::string(text);
}

void write(packer& out, const candidacy& value) {
  out.number(value.epoch);
  out.text(value.holder);
  out.text(value.address);
  out.number(static_cast<uint64_t>(value.lease.count()));
  out.signed_number(value.stamp);
  out.flag(value.is_elected);
}

candidacy read_candidacy(unpacker& in) {
  candidacy value;
  value.epoch = in.number_up_to(epoch_max);
  value.holder = read_text(in);
  value.address = read_text(in);
  value.lease = milliseconds(in.number_up_to(static_cast<uint64_t>(promise_max.count())));
  value.stamp = in.signed_number();
  value.is_elected = in.flag();
  if (value.epoch == 0 || value.holder.empty() || value.lease.count() == 0) in.fail();
  return value;
}

}  // namespace

std::string encode(const candidacy& value) {
  std::string bytes;
  packer out(bytes);
  write(out, value);
  return bytes;
}

result<candidacy> decode_candidacy(std::string_view bytes) {
  unpacker in(bytes);
  auto value = read_candidacy(in);
  if (!in.finished()) return fail(errc::syntax, "malformed candidacy");
  return value;
}

std::string encode(const vote& value) {
  std::string bytes;
  packer out(bytes);
  out.flag(value.is_binding);
  out.number(value.heard);
  out.flag(value.promised.has_value());
  if (value.promised) write(out, *value.promised);
  return bytes;
}

result<vote> decode_vote(std::string_view bytes) {
  unpacker in(bytes);
  vote value;
  value.is_binding = in.flag();
  value.heard = in.number_up_to(epoch_max);
  if (in.flag()) value.promised = read_candidacy(in);
  if (!in.finished() || (value.is_binding && !value.promised)) return fail(errc::syntax, "malformed vote");
  return value;
}

}  // namespace rollcall::cluster
