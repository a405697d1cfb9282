#pragma once

#include "messages/control.hpp"
#include "messages/discovery.hpp"
#include "messages/http.hpp"
#include "messages/io.hpp"
#include "messages/leadership.hpp"
#include "messages/nodes.hpp"
#include "messages/queue.hpp"
#include "messages/scrape.hpp"
#include "messages/web.hpp"
#include "messages/write.hpp"

#include <caf/actor_system_config.hpp>

namespace rollcall {

/// Makes every message of messages/ known to a system that is made with this configuration.
inline void add_message_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::rollcall_http>();
  config.add_message_types<caf::id_block::rollcall_lookup>();
  config.add_message_types<caf::id_block::rollcall_io>();
  config.add_message_types<caf::id_block::rollcall_snapshot>();
  config.add_message_types<caf::id_block::rollcall_discovery>();
  config.add_message_types<caf::id_block::rollcall_failure_log>();
  config.add_message_types<caf::id_block::rollcall_scrape>();
  config.add_message_types<caf::id_block::rollcall_queue>();
  config.add_message_types<caf::id_block::rollcall_write>();
  config.add_message_types<caf::id_block::rollcall_control>();
  config.add_message_types<caf::id_block::rollcall_web>();
  config.add_message_types<caf::id_block::rollcall_cluster>();
  config.add_message_types<caf::id_block::rollcall_fleet>();
  config.add_message_types<caf::id_block::rollcall_nodes>();
  config.add_message_types<caf::id_block::rollcall_leadership>();
}

}  // namespace rollcall
