#pragma once

#include "actors/discovery/kubernetes_sd/object.hpp"
#include "actors/discovery/kubernetes_sd/resource.hpp"
#include "lib/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::kubernetes {

/// One page of a LIST.
struct list_page {
  std::vector<object_ptr> items;
  std::string version;         ///< Of the whole list.
  std::string continue_token;  ///< What asks for the next page; empty on the last one.
};

enum class event_kind : unsigned char { added, modified, deleted, bookmark, error };

/// One line of a WATCH.
struct watch_event {
  event_kind kind = event_kind::error;
  object_ptr object;    ///< Never null except in an error. Of a bookmark, only the version means anything.
  int code = 0;         ///< HTTP status of an error.
  std::string message;  ///< Of an error.
};

/// Keep of every object only what struct object has room for; the rest is dropped while the text is parsed. Errors:
/// errc::syntax. A field of an unexpected type counts as absent; an object without a name makes the whole an error.
result<list_page> read_list(resource of, std::string_view json);
result<watch_event> read_event(resource of, std::string_view json);

/// The message of a Status object, as an unsuccessful response carries it; the beginning of the text when it is none.
std::string read_status_message(std::string_view body);

}  // namespace rollcall::kubernetes
