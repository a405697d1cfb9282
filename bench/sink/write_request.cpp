#include "bench/sink/write_request.hpp"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <snappy.h>
#include <xxhash.h>

#include <bit>

namespace rollcall::bench {

namespace {

/// The bits of Prometheus's staleness marker, a NaN.
constexpr uint64_t stale_bits = 0x7ff0000000000002;

/// Field 1 of a label with the text "__name__".
constexpr std::string_view name_field = "\x0a\x08__name__";

bool is_report_name(std::string_view name) { return name == "up" || name.starts_with("scrape_"); }

/// Whether the encoded label is the name of a series that tells of a scrape.
bool names_report(std::string_view label) {
  if (!label.starts_with(name_field)) return false;
  protozero::pbf_reader value(label.data() + name_field.size(), label.size() - name_field.size());
  if (!value.next(2, protozero::pbf_wire_type::length_delimited)) return false;
  auto name = value.get_view();
  return is_report_name({name.data(), name.size()});
}

void read_sample(protozero::data_view bytes, observed_sample& sample) {
  protozero::pbf_reader reader(bytes);
  while (reader.next()) {
    if (reader.tag_and_type() == protozero::tag_and_type(1, protozero::pbf_wire_type::fixed64)) {
      sample.is_stale = std::bit_cast<uint64_t>(reader.get_double()) == stale_bits;
    } else if (reader.tag_and_type() == protozero::tag_and_type(2, protozero::pbf_wire_type::varint)) {
      sample.timestamp = reader.get_int64();
    } else {
      reader.skip();
    }
  }
}

void read_series(protozero::data_view bytes, observed_request& request) {
  uint64_t series = 0;
  bool is_report = false;
  size_t first = request.samples.size();
  protozero::pbf_reader reader(bytes);
  while (reader.next()) {
    if (reader.wire_type() != protozero::pbf_wire_type::length_delimited) {
      reader.skip();
      continue;
    }
    // Reading the value makes the reader forget the tag.
    auto tag = reader.tag();
    auto view = reader.get_view();
    switch (tag) {
      case 1:
        series += XXH3_64bits(view.data(), view.size());
        is_report = is_report || names_report({view.data(), view.size()});
        break;
      case 2:
        read_sample(view, request.samples.emplace_back());
        break;
      case 3:
        ++request.exemplars;
        break;
      case 4:
        ++request.histograms;
        break;
      default:
        break;
    }
  }
  for (size_t i = first; i < request.samples.size(); ++i) {
    request.samples[i].series = series;
    request.samples[i].is_report = is_report;
  }
}

}  // namespace

result<const observed_request*> write_request_reader::read(std::string_view body) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &size)) {
    return fail(errc::syntax, "the body is not a snappy block");
  }
  if (size > plain_bytes_max_)
    return fail(errc::limit_exceeded, "the body inflates to " + std::to_string(size) + " bytes");
  if (plain_.size() < size) plain_.resize(size);
  if (!snappy::RawUncompress(body.data(), body.size(), plain_.data())) {
    return fail(errc::syntax, "the body is a damaged snappy block");
  }
  request_.samples.clear();
  request_.exemplars = request_.histograms = request_.metadata = 0;
  try {
    protozero::pbf_reader reader(plain_.data(), size);
    while (reader.next()) {
      if (reader.tag_and_type() == protozero::tag_and_type(1, protozero::pbf_wire_type::length_delimited)) {
        read_series(reader.get_view(), request_);
      } else {
        request_.metadata += reader.tag() == 3;
        reader.skip();
      }
    }
  } catch (const protozero::exception& problem) {
    return fail(errc::syntax, std::string("the body is not a WriteRequest: ") + problem.what());
  }
  return &request_;
}

}  // namespace rollcall::bench
