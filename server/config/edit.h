// CONFIG SET: a new snapshot from an old one, all or nothing.
//
// A ConfigEdit belongs to the thread that runs the command. Set() only computes: what a change asks
// of the world (binding a port, entering `dir`, the log level, ...) is its caller's to do, by
// changed(), before the new snapshot is published.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/result.h"
#include "server/config/config.h"

namespace nuthatch::config {

// What a client may do.
struct Caller {
  bool local = false;    // on a unix socket or the loopback interface
  bool loading = false;  // the server is reading a snapshot
};

class ConfigEdit {
 public:
  explicit ConfigEdit(std::shared_ptr<const Config> base);

  // Sets every (name, value). The error is the text of CONFIG SET's error reply behind "-ERR " (or
  // one with a code of its own, which begins "LOADING "); then nothing is changed. REQUIRES: called
  // once.
  base::Result<void> Set(const std::vector<std::pair<std::string_view, std::string_view>>& pairs,
                         const Caller& caller);

  // Names (never aliases) of the directives whose value became another, in the order given.
  const std::vector<std::string_view>& changed() const { return changed_; }
  bool Changed(std::string_view name) const;

  // The new snapshot. REQUIRES: Set() succeeded.
  std::shared_ptr<const Config> config() const { return result_; }

 private:
  std::shared_ptr<const Config> base_;
  std::shared_ptr<const Config> result_;
  std::vector<std::string_view> changed_;
};

// The reply when an applier fails: "CONFIG SET failed (possibly related to argument 'port') - ...".
// `name` as the client wrote it.
std::string SetFailedText(std::string_view name, std::string_view cause);

// Whether the value of `name` must not be shown in the slow log or MONITOR.
bool IsSensitive(std::string_view name);

}  // namespace nuthatch::config
