#include "tests/oracle/compare.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "server/base/clock.h"
#include "server/base/numbers.h"
#include "tests/oracle/maker.h"
#include "tests/oracle/payload.h"
#include "tests/oracle/reply.h"
#include "tests/oracle/shrink.h"
#include "tests/oracle/tables.h"

namespace nuthatch::oracle {
namespace {

using Verdict = std::optional<std::string>;
using NameSet = std::set<std::string, std::less<>>;

Verdict Wrong(std::string reason) { return reason; }

constexpr size_t kWholeTable = 100;

// Directives that name files, ports and the like of one server.
const NameSet kOwnDirectives = {"port",       "dir",          "logfile",   "pidfile",
                                "unixsocket", "cluster-port", "io-threads"};
// Fields of CLIENT LIST that are figures of one server, or later than Redis 7.0.
const NameSet kOwnClientFields = {"id",      "addr",   "laddr",     "fd",       "age",
                                  "idle",    "qbuf",   "qbuf-free", "argv-mem", "multi-mem",
                                  "rbs",     "rbp",    "obl",       "oll",      "omem",
                                  "tot-mem", "events", "lib-name",  "lib-ver"};

Verdict SameShape(const Reply& ours, const Reply& theirs) {
  if (ours.type == theirs.type && ours.null == theirs.null) return std::nullopt;
  return Wrong("another type of reply");
}

Verdict Near(const Reply& ours, const Reply& theirs, int64_t tolerance) {
  auto a = base::ParseInt64(ours.text);
  auto b = base::ParseInt64(theirs.text);
  if (ours.type != ':' || theirs.type != ':' || !a || !b) return Wrong("not an integer");
  if (*a < 0 || *b < 0) return Wrong("no deadline on one side");
  if (std::llabs(*a - *b) <= tolerance) return std::nullopt;
  return Wrong("beyond the margin");
}

// A deadline that lies in reach of relative times may be off by the margin, any other must agree.
Verdict SameDeadline(const Reply& ours, const Reply& theirs, int64_t unit, int64_t margin_ms) {
  auto deadline = base::ParseInt64(theirs.text);
  if (!deadline) return Wrong("not an integer");
  int64_t from_now = *deadline * unit - base::WallUs() / 1000;
  if (from_now < 0 || from_now > kRelativeMaxMs + margin_ms) return Wrong("another deadline");
  return Near(ours, theirs, unit == 1 ? margin_ms : margin_ms / unit + 1);
}

bool IsStreamId(const Reply& reply) {
  return reply.type == '$' && !reply.text.empty() && reply.text[0] >= '0' && reply.text[0] <= '9' &&
         reply.text.find('-') != std::string::npos;
}

// Whether an element is a time: "idle" or "seen-time" of a consumer, or that of a pending entry
// (ID, consumer if it is the group's, time, count).
bool IsStreamTime(const Reply& whole, size_t i) {
  if (whole.items[i].type != ':' || i == 0) return false;
  const std::string& before = whole.items[i - 1].text;
  if (before == "idle" || before == "seen-time") return true;
  size_t size = whole.items.size();
  return (size == 3 || size == 4) && i + 2 == size && IsStreamId(whole.items[0]) &&
         whole.items[size - 1].type == ':';
}

Verdict SameButTimes(const Reply& ours, const Reply& theirs, int64_t margin_ms) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.text != theirs.text) return Wrong("another value");
  if (ours.items.size() != theirs.items.size()) return Wrong("another number of elements");
  for (size_t i = 0; i < theirs.items.size(); ++i) {
    const Reply& a = ours.items[i];
    const Reply& b = theirs.items[i];
    auto verdict = IsStreamTime(theirs, i) ? Near(a, b, margin_ms) : SameButTimes(a, b, margin_ms);
    if (verdict) return verdict;
  }
  return std::nullopt;
}

std::multiset<std::string> TextsOf(const Reply& reply) {
  std::multiset<std::string> texts;
  for (const Reply& item : reply.items) texts.insert(item.text);
  return texts;
}

Verdict SameMultiset(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (TextsOf(ours) == TextsOf(theirs)) return std::nullopt;
  return Wrong("other elements");
}

// So many integers do not ascend by chance.
constexpr size_t kOrderedIntegers = 12;

bool AscendsByDesign(const Reply& reply) {
  if (reply.items.size() < kOrderedIntegers) return false;
  std::optional<int64_t> last;
  for (const Reply& item : reply.items) {
    auto integer = base::ParseInt64(item.text);
    if (!integer || (last && *integer <= *last)) return false;
    last = integer;
  }
  return true;
}

// Members of a set: an intset's are in order.
Verdict SameMembers(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameMultiset(ours, theirs)) return verdict;
  if (!AscendsByDesign(theirs) || AscendsByDesign(ours)) return std::nullopt;
  return Wrong("not in order");
}

Verdict SamePick(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.items.size() != theirs.items.size()) return Wrong("another number of elements");
  for (size_t i = 0; i < ours.items.size(); ++i) {
    if (auto verdict = SamePick(ours.items[i], theirs.items[i])) return verdict;
  }
  return std::nullopt;
}

Verdict SamePairs(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  using Pairs = std::multiset<std::pair<std::string, std::string>>;
  auto pairs_of = [](const Reply& reply) {
    Pairs pairs;
    for (size_t i = 0; i + 1 < reply.items.size(); i += 2) {
      pairs.emplace(reply.items[i].text, reply.items[i + 1].text);
    }
    return pairs;
  };
  if (ours.items.size() != theirs.items.size()) return Wrong("another number of pairs");
  return pairs_of(ours) == pairs_of(theirs) ? std::nullopt : Wrong("other pairs");
}

Verdict SameScan(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.items.size() != 2 || theirs.items.size() != 2) return Wrong("not a cursor and keys");
  if (!base::ParseInt64(ours.items[0].text)) return Wrong("no cursor");
  return SameShape(ours.items[1], theirs.items[1]);
}

Verdict SameDump(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.text == theirs.text) return std::nullopt;
  auto a = DecodePayload(ours.text);
  auto b = DecodePayload(theirs.text);
  if (!a) return Wrong("not a payload");
  if (!b || a->type != b->type) return Wrong("another type");
  a->Sort();
  b->Sort();
  if (*a != *b) return Wrong("another value");
  if (PayloadVersion(ours.text) != PayloadVersion(theirs.text)) return Wrong("another RDB version");
  return std::nullopt;
}

Verdict SameHello(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.items.size() != theirs.items.size()) return Wrong("other fields");
  for (size_t i = 0; i + 1 < theirs.items.size(); i += 2) {
    const std::string& name = theirs.items[i].text;
    if (ours.items[i].text != name) return Wrong("other fields");
    const Reply& a = ours.items[i + 1];
    const Reply& b = theirs.items[i + 1];
    if (auto verdict = SameShape(a, b)) return Wrong(name + ": " + *verdict);
    if (name == "id" || name == "version") continue;
    if (a.text != b.text || a.items.size() != b.items.size()) return Wrong("another " + name);
  }
  return std::nullopt;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string WithoutOwnFields(std::string_view line) {
  std::string kept;
  for (const std::string& field : Split(line, ' ')) {
    if (kOwnClientFields.contains(field.substr(0, field.find('=')))) continue;
    kept += field + " ";
  }
  return kept;
}

Verdict SameClientLines(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  auto a = Split(ours.text, '\n');
  auto b = Split(theirs.text, '\n');
  if (a.size() != b.size()) return Wrong("another number of clients");
  for (size_t i = 0; i < a.size(); ++i) {
    std::string our = WithoutOwnFields(a[i]);
    std::string their = WithoutOwnFields(b[i]);
    if (our != their) return Wrong(Quote(our) + " for " + Quote(their));
  }
  return std::nullopt;
}

Verdict SameConfig(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  std::map<std::string, std::string> a;
  for (size_t i = 0; i + 1 < ours.items.size(); i += 2) {
    a[ours.items[i].text] = ours.items[i + 1].text;
  }
  std::string wrong;
  for (size_t i = 0; i + 1 < theirs.items.size(); i += 2) {
    const std::string& name = theirs.items[i].text;
    auto it = a.find(name);
    if (it == a.end()) {
      wrong += " lacks " + name;
    } else if (it->second != theirs.items[i + 1].text && !kOwnDirectives.contains(Lower(name))) {
      wrong += " " + name + " is " + Quote(it->second) + " for " + Quote(theirs.items[i + 1].text);
    }
  }
  if (wrong.empty()) return std::nullopt;
  return Wrong("config:" + wrong);
}

Verdict SameCommandList(const Reply& ours, const Reply& theirs, const Catalogue& catalogue) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  NameSet a;
  NameSet b;
  for (const Reply& item : ours.items) {
    if (catalogue.Has(item.text)) a.insert(item.text);
  }
  for (const Reply& item : theirs.items) {
    if (catalogue.Has(item.text)) b.insert(item.text);
  }
  std::string wrong;
  for (const std::string& name : a) {
    if (!b.contains(name)) wrong += " +" + name;
  }
  for (const std::string& name : b) {
    if (!a.contains(name)) wrong += " -" + name;
  }
  if (wrong.empty()) return std::nullopt;
  return Wrong("names:" + wrong);
}

Verdict SameTables(const TableLines& ours, const TableLines& theirs, const Catalogue& catalogue) {
  auto findings = DiffTables(ours, theirs, catalogue);
  if (findings.empty()) return std::nullopt;
  std::string text = std::to_string(findings.size()) + " findings:";
  for (size_t i = 0; i < findings.size() && i < 6; ++i) text += "\n    " + findings[i];
  return Wrong(text);
}

Verdict SameMapKeys(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  std::string wrong;
  for (size_t i = 0; i + 1 < theirs.items.size(); i += 2) {
    if (ours.Find(theirs.items[i].text) == nullptr) wrong += " " + theirs.items[i].text;
  }
  if (wrong.empty()) return std::nullopt;
  return Wrong("lacks:" + wrong);
}

Verdict SameTime(const Reply& ours, const Reply& theirs, int64_t margin_ms) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.items.size() != 2 || theirs.items.size() != 2) return Wrong("not two elements");
  auto a = base::ParseInt64(ours.items[0].text);
  auto b = base::ParseInt64(theirs.items[0].text);
  auto us = base::ParseInt64(ours.items[1].text);
  if (!a || !b || !us || *us < 0 || *us > 999'999) return Wrong("not a time");
  if (std::llabs(*a - *b) > margin_ms / 1000 + 1) return Wrong("beyond the margin");
  return std::nullopt;
}

Verdict SameItems(const Reply& ours, const Reply& theirs) {
  if (ours.items.size() != theirs.items.size()) return Wrong("another number of elements");
  for (size_t i = 0; i < ours.items.size(); ++i) {
    if (ours.items[i].text != theirs.items[i].text) return Wrong("another element");
  }
  return std::nullopt;
}

// "Value at:0x.. refcount:1 encoding:raw serializedlength:5 lru:1 lru_seconds_idle:2", or digests.
Verdict SameDebugObject(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (!theirs.items.empty()) return SameItems(ours, theirs);
  auto a = Split(ours.text, ' ');
  auto b = Split(theirs.text, ' ');
  if (a.size() != b.size()) return Wrong("other fields");
  for (size_t i = 0; i < a.size(); ++i) {
    std::string name = b[i].substr(0, b[i].find(':'));
    if (a[i].substr(0, a[i].find(':')) != name) return Wrong("other fields");
    bool same = name == "encoding" || name == "ql_nodes" || name == "ql_avg_node" ||
                name == "ql_uncompressed_size";
    if (same && a[i] != b[i]) return Wrong("another " + name);
  }
  return std::nullopt;
}

Verdict SameSlowlog(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  if (ours.items.size() != theirs.items.size()) return Wrong("another number of entries");
  for (size_t i = 0; i < ours.items.size(); ++i) {
    const auto& a = ours.items[i].items;
    const auto& b = theirs.items[i].items;
    if (a.size() != b.size() || b.size() < 6) return Wrong("other fields");
    if (a[3].items.size() != b[3].items.size()) return Wrong("other arguments");
    for (size_t k = 0; k < a[3].items.size(); ++k) {
      if (a[3].items[k].text != b[3].items[k].text) return Wrong("other arguments");
    }
    if (a[5].text != b[5].text) return Wrong("another client name");
  }
  return std::nullopt;
}

using Sections = std::map<std::string, std::vector<std::string>>;

Sections InfoSections(std::string_view text) {
  Sections sections;
  std::string section;
  for (std::string& line : Split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with("# ")) {
      section = line.substr(2);
      sections[section];
    } else if (!line.empty()) {
      sections[section].push_back(line.substr(0, line.find(':')));
    }
  }
  return sections;
}

Verdict SameInfo(const Reply& ours, const Reply& theirs) {
  if (auto verdict = SameShape(ours, theirs)) return verdict;
  auto missing = MissingInfoFields(ours.text, theirs.text);
  if (missing.empty()) return std::nullopt;
  std::string text = "lacks:";
  for (const std::string& field : missing) text += " " + field;
  return Wrong(text);
}

}  // namespace

std::vector<std::string> MissingInfoFields(std::string_view ours, std::string_view theirs) {
  std::vector<std::string> missing;
  Sections a = InfoSections(ours);
  for (const auto& [section, fields] : InfoSections(theirs)) {
    auto it = a.find(section);
    if (it == a.end()) {
      missing.push_back("[" + section + "]");
      continue;
    }
    for (const std::string& field : fields) {
      if (std::find(it->second.begin(), it->second.end(), field) == it->second.end()) {
        missing.push_back(fmt::format("{}.{}", section, field));
      }
    }
  }
  return missing;
}

namespace {

// The error for a wrong maxmemory-policy lists the right ones: Redis's first, then those that only
// we have.
bool ListsMorePolicies(std::string_view ours, std::string_view theirs) {
  constexpr std::string_view kEnd = "\r\n";
  if (!theirs.starts_with("-ERR CONFIG SET failed") || !theirs.ends_with(kEnd)) return false;
  if (theirs.find("'maxmemory-policy'") == std::string_view::npos) return false;
  theirs.remove_suffix(kEnd.size());
  return theirs.ends_with(", noeviction") && ours.starts_with(std::string(theirs) + ", volatile-");
}

}  // namespace

Verdict CompareReplies(Mode mode, std::string_view ours, std::string_view theirs,
                       const CompareContext& context) {
  if (ListsMorePolicies(ours, theirs)) return std::nullopt;
  if (mode == Mode::kExact && ours != theirs) return Wrong("other bytes");
  auto a = ParseReply(ours);
  auto b = ParseReply(theirs);
  if (!a || !b) return Wrong("unreadable");
  if (a->is_error() || b->is_error()) {
    if (ours == theirs) return std::nullopt;
    return Wrong("other bytes");
  }
  switch (mode) {
    case Mode::kExact:
      return std::nullopt;
    case Mode::kSeconds:
      return ours == theirs ? std::nullopt : Near(*a, *b, context.margin_ms / 1000 + 1);
    case Mode::kMilliseconds:
      return ours == theirs ? std::nullopt : Near(*a, *b, context.margin_ms);
    case Mode::kDeadlineS:
      return ours == theirs ? std::nullopt : SameDeadline(*a, *b, 1000, context.margin_ms);
    case Mode::kDeadlineMs:
      return ours == theirs ? std::nullopt : SameDeadline(*a, *b, 1, context.margin_ms);
    case Mode::kShape:
    case Mode::kRandomKey:
      return SameShape(*a, *b);
    case Mode::kStreamTimes:
      return SameButTimes(*a, *b, context.margin_ms);
    case Mode::kMultiset:
      return SameMultiset(*a, *b);
    case Mode::kMembers:
      return SameMembers(*a, *b);
    case Mode::kPick:
      return SamePick(*a, *b);
    case Mode::kPairs:
      return SamePairs(*a, *b);
    case Mode::kScan:
      return SameScan(*a, *b);
    case Mode::kDump:
      return ours == theirs ? std::nullopt : SameDump(*a, *b);
    case Mode::kHello:
      return SameHello(*a, *b);
    case Mode::kClientLines:
      return SameClientLines(*a, *b);
    case Mode::kConfigMap:
      return SameConfig(*a, *b);
    case Mode::kInfo:
      return SameInfo(*a, *b);
    case Mode::kCommandList:
      return SameCommandList(*a, *b, *context.catalogue);
    case Mode::kCommandDocs:
      return SameTables(FlattenDocs(*a), FlattenDocs(*b), *context.catalogue);
    case Mode::kCommandInfo:
      // Without names it is the whole table, which the two have in different sizes.
      if (a->items.size() != b->items.size() && b->items.size() < kWholeTable) {
        return Wrong("another number of entries");
      }
      return SameTables(FlattenInfo(*a), FlattenInfo(*b), *context.catalogue);
    case Mode::kMapKeys:
      return SameMapKeys(*a, *b);
    case Mode::kTime:
      return SameTime(*a, *b, context.margin_ms);
    case Mode::kDebugObject:
      return SameDebugObject(*a, *b);
    case Mode::kSlowlog:
      return SameSlowlog(*a, *b);
  }
  return std::nullopt;
}

Verdict CompareExec(std::span<const Argv> commands, std::string_view ours, std::string_view theirs,
                    const CompareContext& context) {
  // The elements of an array; nothing of any other reply.
  auto elements = [](std::string_view reply) {
    std::vector<std::string_view> found;
    if (!reply.starts_with('*')) return found;
    reply.remove_prefix(std::min(reply.find("\r\n") + 2, reply.size()));
    while (!reply.empty()) {
      size_t end = 0;
      if (ReplyScanner().Scan(reply, &end) != ReplyScanner::State::kWhole) return found;
      found.push_back(reply.substr(0, end));
      reply.remove_prefix(end);
    }
    return found;
  };
  auto a = elements(ours);
  auto b = elements(theirs);
  if (a.size() != commands.size() || b.size() != commands.size()) return Wrong("other bytes");
  for (size_t i = 0; i < commands.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (auto verdict = CompareReplies(ModeOf(commands[i]), a[i], b[i], context)) {
      return Wrong("in EXEC, " + AsLine(commands[i]) + ": " + *verdict);
    }
  }
  return std::nullopt;
}

Mode ModeOf(const Argv& argv) {
  const Rule* rule = RuleOf(argv);
  return rule == nullptr ? Mode::kExact : rule->mode;
}

std::optional<Mode> ModeNamed(std::string_view name) {
  static const std::map<std::string_view, Mode> kNames = {
      {"exact", Mode::kExact},
      {"shape", Mode::kShape},
      {"seconds", Mode::kSeconds},
      {"milliseconds", Mode::kMilliseconds},
      {"stream-times", Mode::kStreamTimes},
      {"multiset", Mode::kMultiset},
      {"info", Mode::kInfo},
      {"map-keys", Mode::kMapKeys},
      {"slowlog", Mode::kSlowlog},
      {"client-lines", Mode::kClientLines},
  };
  auto it = kNames.find(name);
  if (it == kNames.end()) return std::nullopt;
  return it->second;
}

}  // namespace nuthatch::oracle
