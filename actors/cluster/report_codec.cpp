#include "actors/cluster/report_codec.hpp"

#include "actors/cluster/loop_codec.hpp"
#include "lib/cluster/byte_codec.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace rollcall {

namespace {

constexpr auto last_type = static_cast<uint64_t>(exposition::metric_type::stateset);

void write_statuses(cluster::packer& out, const fleet_report& report) {
  out.number(report.statuses.size());
  for (const auto& [key, status] : report.statuses) {
    out.number(key);
    out.text(encode_status(status));
  }
}

void read_statuses(cluster::unpacker& in, fleet_report& report) {
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    auto key = in.number();
    auto status = decode_status(in.text());
    if (!status) return in.fail();
    report.statuses.emplace_back(key, std::move(*status));
  }
}

void write_families(cluster::packer& out, const series::metadata_table& families) {
  out.number(families.size());
  for (const auto& each : families) {
    out.text(each.family);
    out.number(static_cast<uint64_t>(each.type));
    out.text(each.help);
    out.text(each.unit);
  }
}

series::metadata_ptr read_families(cluster::unpacker& in) {
  auto families = std::make_shared<series::metadata_table>();
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    series::family_metadata family;
    family.family = in.text();
    family.type = static_cast<exposition::metric_type>(in.number_up_to(last_type));
    family.help = in.text();
    family.unit = in.text();
    families->push_back(std::move(family));
  }
  return families;
}

// The tables that there are, then the targets with the number of theirs.
void write_metadata(cluster::packer& out, const fleet_report& report) {
  std::unordered_map<const series::metadata_table*, uint64_t> numbers;
  std::vector<const series::metadata_table*> tables;
  for (const auto& each : report.metadata)
    if (numbers.emplace(each.families.get(), tables.size()).second) tables.push_back(each.families.get());
  out.number(tables.size());
  for (const auto* each : tables) write_families(out, *each);
  out.number(report.metadata.size());
  for (const auto& each : report.metadata) {
    out.number(numbers.at(each.families.get()));
    out.number(each.target->set().size());
    for (auto label : each.target->set()) {
      out.text(label.name);
      out.text(label.value);
    }
  }
}

series::target_labels_ptr read_labels(cluster::unpacker& in) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    std::string name(in.text());
    pairs.emplace_back(std::move(name), in.text());
  }
  return std::make_shared<const series::target_labels>(labels::of(std::move(pairs)));
}

void read_metadata(cluster::unpacker& in, fleet_report& report) {
  std::vector<series::metadata_ptr> tables;
  for (auto left = in.count(); left > 0 && in.good(); --left) tables.push_back(read_families(in));
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    auto table = in.number();
    if (table >= tables.size()) return in.fail();
    report.metadata.push_back({read_labels(in), tables[table]});
  }
}

void write_samples(cluster::packer& out, const fleet_report& report) {
  out.number(report.samples.size());
  for (const auto& each : report.samples) {
    out.text(each.name);
    out.text(each.series);
    out.signed_number(each.timestamp);
    out.number(each.bits);
  }
}

void read_samples(cluster::unpacker& in, fleet_report& report) {
  for (auto left = in.count(); left > 0 && in.good(); --left) {
    series::written_sample sample;
    sample.name = in.text();
    sample.series = in.text();
    sample.timestamp = in.signed_number();
    sample.bits = in.number();
    report.samples.push_back(std::move(sample));
  }
}

template <class Value>
void append(std::vector<Value>& to, std::vector<Value>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

std::string encode_report(const fleet_report& report) {
  std::string bytes;
  cluster::packer out(bytes);
  write_statuses(out, report);
  write_metadata(out, report);
  write_samples(out, report);
  return bytes;
}

result<void> add_encoded(fleet_report& to, std::string_view bytes) {
  fleet_report read;
  cluster::unpacker in(bytes);
  read_statuses(in, read);
  read_metadata(in, read);
  read_samples(in, read);
  if (!in.finished()) return fail(errc::syntax, "malformed report of loops");
  append(to.statuses, read.statuses);
  append(to.metadata, read.metadata);
  append(to.samples, read.samples);
  return {};
}

}  // namespace rollcall
