#include "server/runtime/policy_names.h"

#include <string>
#include <vector>

#include "eviction/registry.h"
#include "server/config/directives.h"

namespace nuthatch::runtime {
namespace {

// Redis's eight come first and in its order, so that the numbers are those of MaxmemoryPolicy.
struct Names {
  std::vector<std::string> texts;
  std::vector<config::EnumName> names;
  Names() {
    for (const eviction::PolicyChoice& choice : eviction::PolicyChoices()) {
      texts.push_back(eviction::PolicyName(choice));
    }
    for (size_t i = 0; i < texts.size(); ++i) names.push_back({texts[i], static_cast<int>(i)});
  }
};

}  // namespace

void RegisterPolicyNames() {
  static const Names names;  // config keeps a view of them
  config::SetMaxmemoryPolicies(names.names);
}

}  // namespace nuthatch::runtime
