#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <typeindex>

namespace rollcall {

/// Objects that parts of the process share without knowing each other: one of each type, made for whoever asks first,
/// and there until this goes. Safe from any thread.
class shared_objects {
 public:
  template <class Object>
  std::shared_ptr<Object> get() {
    std::lock_guard lock(mutex_);
    auto& object = objects_[typeid(Object)];
    if (!object) object = std::make_shared<Object>();
    return std::static_pointer_cast<Object>(object);
  }

 private:
  std::mutex mutex_;
  std::map<std::type_index, std::shared_ptr<void>> objects_;
};

}  // namespace rollcall
