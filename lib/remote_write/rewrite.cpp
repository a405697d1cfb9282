#include "lib/remote_write/rewrite.hpp"

#include "lib/histograms/native_histogram.hpp"
#include "lib/remote_write/symbol_table.hpp"
#include "lib/series/target_labels.hpp"

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <unordered_map>
#include <vector>

namespace rollcall::remote_write {

namespace {

// A field in hand that has another type than it should have makes the whole malformed.
protozero::pbf_reader& of_type(protozero::pbf_reader& field, protozero::pbf_wire_type type) {
  if (field.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception();
  return field;
}
protozero::pbf_reader& delimited(protozero::pbf_reader& field) {
  return of_type(field, protozero::pbf_wire_type::length_delimited);
}

using tag_type = protozero::pbf_tag_type;

// Field numbers of io.prometheus.write.v2.
constexpr tag_type request_symbols = 4;
constexpr tag_type request_series = 5;
constexpr tag_type series_labels = 1;
constexpr tag_type series_samples = 2;
constexpr tag_type series_histograms = 3;
constexpr tag_type series_exemplars = 4;
constexpr tag_type series_metadata = 5;
constexpr tag_type sample_start = 3;
constexpr tag_type histogram_schema = 4;
constexpr tag_type histogram_start = 17;
constexpr tag_type exemplar_labels = 1;
constexpr tag_type metadata_help = 3;
constexpr tag_type metadata_unit = 4;

// Field numbers of prometheus.WriteRequest and its parts.
constexpr tag_type v1_series = 1;
constexpr tag_type v1_labels = 1;
constexpr tag_type v1_samples = 2;
constexpr tag_type v1_exemplars = 3;
constexpr tag_type v1_histograms = 4;

struct unknown_symbol : std::exception {};

struct request_parts {
  std::vector<std::string_view> symbols;
  std::vector<std::string_view> series;

  std::string_view symbol(uint32_t ref) const {
    if (ref >= symbols.size()) throw unknown_symbol();
    return symbols[ref];
  }
};

std::string_view text_of(protozero::data_view view) { return {view.data(), view.size()}; }

constexpr tag_type series_tag(message_kind kind) { return kind == message_kind::v1 ? v1_series : request_series; }

request_parts read(std::string_view message, message_kind kind = message_kind::v2) {
  request_parts parts;
  protozero::pbf_reader fields(message.data(), message.size());
  while (fields.next()) {
    if (kind == message_kind::v2 && fields.tag() == request_symbols) {
      parts.symbols.push_back(text_of(delimited(fields).get_view()));
    } else if (fields.tag() == series_tag(kind)) {
      parts.series.push_back(text_of(delimited(fields).get_view()));
    } else {
      fields.skip();
    }
  }
  return parts;
}

// Calls `use(tag, bytes of the field with its tag, reader at the field)` for each field.
template <class Use>
void for_each_field(std::string_view message, Use use) {
  protozero::pbf_reader fields(message.data(), message.size());
  const char* begin = message.data();
  while (fields.next()) {
    auto here = fields;
    fields.skip();
    const char* end = message.data() + message.size() - fields.length();
    use(here.tag(), std::string_view(begin, static_cast<size_t>(end - begin)), here);
    begin = end;
  }
}

std::string without_field(std::string_view message, tag_type unwanted) {
  std::string kept;
  for_each_field(message, [&](tag_type tag, std::string_view field, protozero::pbf_reader&) {
    if (tag != unwanted) kept += field;
  });
  return kept;
}

bool has_custom_buckets(std::string_view histogram) {
  protozero::pbf_reader fields(histogram.data(), histogram.size());
  return fields.next(histogram_schema) &&
         of_type(fields, protozero::pbf_wire_type::varint).get_sint32() == histograms::custom_buckets_schema;
}

// The pairs of references as fields 1 that each hold a label.
std::string labels_of(protozero::pbf_reader& refs, const request_parts& parts) {
  std::string labels;
  auto all = delimited(refs).get_packed_uint32();
  for (auto at = all.begin(); at != all.end();) {
    auto name = parts.symbol(*at++);
    if (at == all.end()) throw unknown_symbol();
    series::encode_pair(labels, name, parts.symbol(*at++));
  }
  return labels;
}

std::string exemplar_of(std::string_view exemplar, const request_parts& parts) {
  std::string made;
  for_each_field(exemplar, [&](tag_type tag, std::string_view field, protozero::pbf_reader& here) {
    if (tag == exemplar_labels) {
      made += labels_of(here, parts);
    } else {
      made += field;
    }
  });
  return made;
}

void append_series(rewritten_message& out, std::string_view message, const request_parts& parts) {
  std::string labels, items;
  protozero::pbf_writer writer(items);
  for_each_field(message, [&](tag_type tag, std::string_view, protozero::pbf_reader& here) {
    switch (tag) {
      case series_labels:
        labels += labels_of(here, parts);
        break;
      case series_samples:
        writer.add_message(v1_samples, without_field(text_of(delimited(here).get_view()), sample_start));
        break;
      case series_exemplars:
        writer.add_message(v1_exemplars, exemplar_of(text_of(delimited(here).get_view()), parts));
        break;
      case series_histograms:
        if (auto histogram = text_of(delimited(here).get_view()); has_custom_buckets(histogram)) {
          ++out.custom_buckets;
        } else {
          writer.add_message(v1_histograms, without_field(histogram, histogram_start));
        }
        break;
      default:
        break;
    }
  });
  if (!items.empty()) protozero::pbf_writer(out.bytes).add_message(v1_series, labels + items);
}

// References into the strings of one message become such into the table, which gets what is referred to.
class reference_map {
 public:
  reference_map(const request_parts& parts, symbol_table& table)
      : parts_(parts), table_(table), refs_(parts.symbols.size()) {}

  uint32_t operator()(uint32_t ref) {
    auto symbol = parts_.symbol(ref);
    if (refs_[ref] == 0) refs_[ref] = table_.ref_of(symbol);
    return refs_[ref];
  }
  std::string packed(tag_type tag, protozero::pbf_reader& refs) {
    std::vector<uint32_t> mapped;
    for (auto ref : delimited(refs).get_packed_uint32()) mapped.push_back((*this)(ref));
    std::string field;
    protozero::pbf_writer(field).add_packed_uint32(tag, mapped.begin(), mapped.end());
    return field;
  }

 private:
  const request_parts& parts_;
  symbol_table& table_;
  std::vector<uint32_t> refs_;  // 0 for those not looked up yet, and for the empty string
};

std::string mapped_exemplar(std::string_view exemplar, reference_map& map) {
  std::string made;
  for_each_field(exemplar, [&](tag_type tag, std::string_view field, protozero::pbf_reader& here) {
    made += tag == exemplar_labels ? map.packed(tag, here) : std::string(field);
  });
  return made;
}

std::string mapped_metadata(std::string_view metadata, reference_map& map) {
  std::string made;
  for_each_field(metadata, [&](tag_type tag, std::string_view field, protozero::pbf_reader& here) {
    if (tag == metadata_help || tag == metadata_unit) {
      protozero::pbf_writer(made).add_uint32(tag, map(of_type(here, protozero::pbf_wire_type::varint).get_uint32()));
    } else {
      made += field;
    }
  });
  return made;
}

std::string mapped_series(std::string_view message, reference_map& map) {
  std::string made;
  for_each_field(message, [&](tag_type tag, std::string_view field, protozero::pbf_reader& here) {
    if (tag == series_labels) {
      made += map.packed(tag, here);
    } else if (tag == series_exemplars) {
      protozero::pbf_writer(made).add_message(tag, mapped_exemplar(text_of(delimited(here).get_view()), map));
    } else if (tag == series_metadata) {
      protozero::pbf_writer(made).add_message(tag, mapped_metadata(text_of(delimited(here).get_view()), map));
    } else {
      made += field;
    }
  });
  return made;
}

// What tells a series from others of its message.
std::string identity_of(std::string_view series) {
  static_assert(v1_labels == series_labels);
  std::string labels;
  for_each_field(series, [&](tag_type tag, std::string_view field, protozero::pbf_reader&) {
    if (tag == series_labels) labels += field;
  });
  return labels;
}

item_counts items_of(message_kind kind, std::string_view series) {
  bool is_v1 = kind == message_kind::v1;
  item_counts items;
  for_each_field(series, [&](tag_type tag, std::string_view, protozero::pbf_reader&) {
    bool is_histogram = tag == (is_v1 ? v1_histograms : series_histograms);
    bool is_exemplar = tag == (is_v1 ? v1_exemplars : series_exemplars);
    bool is_sample = tag == (is_v1 ? v1_samples : series_samples);
    if (is_sample || is_histogram || is_exemplar) items += item_counts{1, is_histogram, is_exemplar};
  });
  return items;
}

// Some of the series of a message, in one of its own.
class series_selection {
 public:
  series_selection(message_kind kind, const request_parts& parts) : kind_(kind), map_(parts, table_) {}
  series_selection(const series_selection&) = delete;
  series_selection& operator=(const series_selection&) = delete;

  void add(std::string_view series) {
    items_ += items_of(kind_, series);
    protozero::pbf_writer writer(series_);
    if (kind_ == message_kind::v1) {
      writer.add_message(v1_series, series.data(), series.size());
    } else {
      writer.add_message(request_series, mapped_series(series, map_));
    }
  }
  partial_message take() {
    if (kind_ == message_kind::v1) return {std::move(series_), items_};
    return {std::string(table_.encoded()) + series_, items_};
  }

 private:
  message_kind kind_;
  symbol_table table_;
  reference_map map_;
  std::string series_;
  item_counts items_;
};

tl::unexpected<error> no_request() { return fail(errc::syntax, "this is no io.prometheus.write.v2.Request"); }

}  // namespace

result<rewritten_message> as_version_1(std::string_view version_2) try {
  rewritten_message made;
  auto parts = read(version_2);
  for (auto series : parts.series) append_series(made, series, parts);
  return made;
} catch (const unknown_symbol&) {
  return no_request();
} catch (const protozero::exception&) {
  return no_request();
}

result<std::string> join_version_2(std::span<const std::string> messages) try {
  symbol_table table;
  std::string series;
  for (const auto& message : messages) {
    auto parts = read(message);
    reference_map map(parts, table);
    protozero::pbf_writer writer(series);
    for (auto each : parts.series) writer.add_message(request_series, mapped_series(each, map));
  }
  return std::string(table.encoded()) + series;
} catch (const unknown_symbol&) {
  return no_request();
} catch (const protozero::exception&) {
  return no_request();
}

std::optional<std::pair<partial_message, partial_message>> divide_series(message_kind kind,
                                                                         std::string_view message) try {
  auto parts = read(message, kind);
  std::unordered_map<std::string, size_t> ranks;  // of the different series, as they come first
  std::vector<size_t> rank_of;
  for (auto series : parts.series) rank_of.push_back(ranks.emplace(identity_of(series), ranks.size()).first->second);
  if (ranks.size() < 2) return std::nullopt;
  series_selection first(kind, parts), second(kind, parts);
  for (size_t i = 0; i < parts.series.size(); ++i)
    (rank_of[i] < ranks.size() / 2 ? first : second).add(parts.series[i]);
  return std::pair(first.take(), second.take());
} catch (const unknown_symbol&) {
  return std::nullopt;
} catch (const protozero::exception&) {
  return std::nullopt;
}

}  // namespace rollcall::remote_write
