#include "tests/oracle/duel.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include <unistd.h>

#include "server/base/clock.h"
#include "tests/oracle/payload.h"
#include "tests/oracle/payload_samples.h"
#include "tests/oracle/rules.h"
#include "tests/oracle/settings.h"

namespace nuthatch::oracle {
namespace {

constexpr size_t kMaxChunk = 1000;
constexpr size_t kMaxScanRounds = 20'000;

// Steps that take several exchanges.
bool IsAlone(const Step& step) { return step.scan_loop || PickerOf(step.argv) != nullptr; }

const char* const kSideNames[] = {"tested", "reference"};

// The first words of an error, digits as '#', so that texts with keys in them fall together.
std::string ClassOf(std::string_view reply) {
  if (reply.empty()) return "nothing";
  std::string name(reply.substr(0, reply[0] == '-' ? 28 : 1));
  for (char& c : name) {
    if (std::isdigit(static_cast<unsigned char>(c))) c = '#';
  }
  return Quote(name);
}

int64_t MsSince(int64_t begin_ns) { return (base::MonotonicNs() - begin_ns) / 1'000'000; }

std::string TextOf(const base::Result<Reply>& reply) {
  return reply.ok() ? reply.value().text : reply.error();
}

}  // namespace

std::string Difference::Signature() const {
  std::string name = argv.empty() ? "" : Lower(argv[0]);
  if (argv.size() > 1 && FindRule(name + "|" + Lower(argv[1])) != nullptr) {
    name += " " + Lower(argv[1]);
  }
  if (in_state) return "state " + name;
  if (FindRule(Lower(argv.empty() ? "" : argv[0])) == nullptr) name = "(no command)";
  return name + " " + ClassOf(ours) + " for " + ClassOf(theirs);
}

base::Result<void> Duel::Open() {
  sides_[0].binary = options_.tested_binary;
  sides_[0].arguments = options_.tested_arguments;
  sides_[0].port = options_.tested_port;
  sides_[1].binary = options_.reference_binary;
  sides_[1].port = options_.reference_port;
  first_start_ns_ = base::MonotonicNs();
  for (size_t i = 0; i < sides_.size(); ++i) {
    auto started = StartSide(i);
    if (!started.ok()) return started;
  }
  auto catalogue = LoadCatalogue(&sides_[0].control, &sides_[1].control);
  if (!catalogue.ok()) return base::Error(catalogue.error());
  catalogue_ = std::move(catalogue.value());
  MakePayloads();
  return Reset();
}

base::Result<void> Duel::StartSide(size_t which) {
  Side& side = sides_[which];
  if (!side.binary.empty()) {
    auto process = ServerProcess::Start(side.binary, side.arguments,
                                        options_.directory + "/" + kSideNames[which]);
    if (!process.ok()) return base::Error(process.error());
    side.process = std::move(process.value());
    side.port = side.process.port();
  }
  auto control = Link::Connect(side.port);
  if (!control.ok()) {
    return base::Error(std::string(kSideNames[which]) + " server: " + control.error());
  }
  side.control = std::move(control.value());
  start_spread_ms_ = MsSince(first_start_ns_);
  return {};
}

std::string Duel::TestedObituary() {
  if (!sides_[0].process.started()) return sides_[0].process.last_words();
  for (int i = 0; i < 20; ++i) {
    if (!sides_[0].process.Alive()) return sides_[0].process.last_words();
    usleep(10'000);
  }
  return "";
}

void Duel::MakePayloads() {
  Link* reference = &sides_[1].control;
  const std::string values[] = {
      "",
      "0",
      "1",
      "-1",
      "127",
      "128",
      "-128",
      "-129",
      "32767",
      "32768",
      "-32768",
      "-32769",
      "2147483647",
      "2147483648",
      "-2147483648",
      "abc",
      "hello world",
      "3.14",
      "007",
      std::string(63, 'x'),
      std::string(64, 'y'),
      std::string(20, 'a'),
      std::string(21, 'a'),
      std::string(500, 'z'),
      std::string("\x00\x01\xff\r\n", 5),
      "9223372036854775807",
      std::string(20'000, 'q'),
      "01234567890123456789012345678901234567890123456789012345678901234567890123456789"};
  for (const std::string& value : values) {
    (void)Call(reference, {"SET", "payload", value});
    auto payload = Call(reference, {"DUMP", "payload"});
    if (payload.ok()) payloads_.push_back(payload.value().text);
  }
  for (const std::vector<Argv>& build : SampleBuilds()) {
    (void)Call(reference, {"DEL", "payload"});
    for (const Argv& argv : build) (void)Call(reference, argv);
    auto payload = Call(reference, {"DUMP", "payload"});
    if (payload.ok()) payloads_.push_back(payload.value().text);
  }
  (void)Call(reference, {"DEL", "payload"});
  for (std::string& value : OldValues()) payloads_.push_back(WithFooter(std::move(value)));
}

base::Result<void> Duel::Reset() {
  for (size_t i = 0; i < sides_.size(); ++i) {
    Side& side = sides_[i];
    bool dead = !side.binary.empty() && !side.process.Alive();
    if (dead || side.control.closed() || side.control.broken()) {
      if (!side.binary.empty()) side.process.Stop();
      auto started = StartSide(i);
      if (!started.ok()) return started;
    }
    side.links.clear();
  }
  slowest_ms_ = 0;
  auto settled = Settle();
  if (!settled.ok()) return settled;
  AwaitClients(1);
  reply_states_.assign(options_.connections, ReplyState::kOn);
  queued_.assign(options_.connections, {});
  for (size_t i = 0; i < options_.connections; ++i) {
    for (Side& side : sides_) side.links.emplace_back();
    auto opened = Reopen(i);
    if (!opened.ok()) return opened;
  }
  MarkChanges();
  return {};
}

// No keys, initial settings, and no expiry in the background: each deadline is met by a look.
base::Result<void> Duel::Settle() {
  for (size_t i = 0; i < sides_.size(); ++i) {
    Link* control = &sides_[i].control;
    auto flushed = Call(control, {"FLUSHALL"});
    if (!flushed.ok() || flushed.value().text != "OK") {
      return base::Error(std::string(kSideNames[i]) + " server: FLUSHALL: " + TextOf(flushed));
    }
    (void)Call(control, {"DEBUG", "SET-ACTIVE-EXPIRE", "0"});
    // A damaged value that is let in ends redis-server sooner or later.
    (void)Call(control, {"CONFIG", "SET", "sanitize-dump-payload", "yes"});
    std::string out;
    for (const Setting& setting : AllSettings()) {
      AppendCommand({"CONFIG", "SET", std::string(setting.name), std::string(setting.initial)},
                    &out);
    }
    Traffic traffic = {control, out, AllSettings().size(), {}, {}};
    Exchange({&traffic, 1}, options_.timeout_ms);
    if (!traffic.problem.empty()) {
      return base::Error(std::string(kSideNames[i]) + " server: CONFIG SET: " + traffic.problem);
    }
  }
  return {};
}

// Waits until both servers have noticed that connections are closed: CLIENT LIST is compared.
void Duel::AwaitClients(size_t count) {
  for (Side& side : sides_) {
    for (int round = 0; round < options_.timeout_ms; ++round) {
      auto list = Call(&side.control, {"CLIENT", "LIST"});
      if (!list.ok() || list.value().is_error()) break;
      const std::string& text = list.value().text;
      if (static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) <= count) break;
      usleep(1000);
    }
  }
}

base::Result<void> Duel::Reopen(size_t connection) {
  reply_states_[connection] = ReplyState::kOn;
  queued_[connection].clear();
  bool replaces = false;
  for (Side& side : sides_) {
    replaces |= side.links[connection].fd() >= 0;
    side.links[connection] = Link();
  }
  if (replaces) AwaitClients(options_.connections);
  for (Side& side : sides_) {
    auto link = Link::Connect(side.port);
    if (!link.ok()) return base::Error(link.error());
    side.links[connection] = std::move(link.value());
    // An answer, so that client ids (the order of CLIENT LIST) follow the order of opening.
    Argv first = options_.resp == 3 ? Argv{"HELLO", "3"} : Argv{"PING"};
    auto answer = Call(&side.links[connection], first);
    if (!answer.ok()) return base::Error(answer.error());
  }
  return {};
}

void Duel::Converse(std::span<Traffic> sides, size_t pieces) {
  const int64_t begin = base::MonotonicNs();
  Exchange(sides, options_.timeout_ms, pieces);
  slowest_ms_ = std::max(slowest_ms_, MsSince(begin));
}

std::optional<Difference> Duel::Run(std::span<const Step> steps) {
  size_t begin = 0;
  while (begin < steps.size()) {
    size_t end = begin + 1;
    while (end < steps.size() && end - begin < kMaxChunk && !steps[end - 1].cut_after &&
           !IsAlone(steps[end - 1]) && !IsAlone(steps[end]) &&
           steps[end].connection == steps[begin].connection) {
      ++end;
    }
    auto chunk = steps.subspan(begin, end - begin);
    auto difference = chunk[0].scan_loop  ? RunScan(chunk[0])
                      : IsAlone(chunk[0]) ? RunPick(chunk[0])
                                          : RunChunk(chunk);
    if (difference) {
      difference->step += begin;
      return difference;
    }
    if (chunk.back().wait_ms > 0) usleep(static_cast<useconds_t>(chunk.back().wait_ms) * 1000);
    begin = end;
  }
  return std::nullopt;
}

// What CLIENT REPLY does to the replies that come.
bool Duel::ExpectsReply(const Argv& argv, ReplyState* state) {
  ReplyState before = *state;
  if (*state == ReplyState::kSkip) *state = ReplyState::kOn;
  if (argv.size() == 3 && argv[0].size() == 6 && Lower(argv[0]) == "client" &&
      Lower(argv[1]) == "reply") {
    std::string word = Lower(argv[2]);
    if (word == "on") {
      *state = ReplyState::kOn;
      return true;
    }
    if (word == "off") {
      *state = ReplyState::kOff;
      return false;
    }
    if (word == "skip") {
      if (before != ReplyState::kOff) *state = ReplyState::kSkip;
      return false;
    }
  }
  return before == ReplyState::kOn;
}

void Duel::Plan(std::span<const Step> chunk, ReplyState* state) {
  out_.clear();
  planted_out_.clear();
  answered_.clear();
  for (size_t i = 0; i < chunk.size(); ++i) {
    const Step& step = chunk[i];
    step.inline_form ? AppendInline(step.argv, &out_) : AppendCommand(step.argv, &out_);
    if (options_.plant != Plant::kNone) {
      AppendCommand(Planted(options_.plant, step.argv), &planted_out_);
    }
    if (ExpectsReply(step.argv, state)) answered_.push_back(i);
  }
}

std::optional<Difference> Duel::RunChunk(std::span<const Step> chunk) {
  size_t connection = chunk[0].connection;
  Plan(chunk, &reply_states_[connection]);
  std::string_view tested_out = options_.plant == Plant::kNone ? out_ : planted_out_;
  auto twins = Twins(connection);
  Traffic sides[2] = {{twins[0], tested_out, answered_.size(), {}, {}},
                      {twins[1], out_, answered_.size(), {}, {}}};
  size_t pieces = out_.size() % 16 == 7 ? 2 + out_.size() % 9 : 1;
  Converse(sides, pieces);
  return CompareChunk(chunk, sides);
}

std::vector<Argv> Duel::NoteQueued(size_t connection, const Argv& argv, std::string_view reply) {
  std::vector<Argv>& queued = queued_[connection];
  // A script's raw bytes are compared as bytes.
  if (argv.empty() || argv[0].starts_with('@')) return {};
  if (reply == "+QUEUED\r\n") {
    queued.push_back(argv);
    return {};
  }
  std::string name = Lower(argv[0]);
  if (name != "exec" && name != "discard" && name != "reset") return {};
  return std::exchange(queued, {});
}

std::optional<std::string> Duel::Judge(size_t connection, const Argv& argv, Mode mode,
                                       std::string_view ours, std::string_view theirs) {
  const std::vector<Argv> executed = NoteQueued(connection, argv, theirs);
  if (executed.empty()) return CompareReplies(mode, ours, theirs, context());
  return ours == theirs ? std::nullopt : CompareExec(executed, ours, theirs, context());
}

std::optional<Difference> Duel::CompareChunk(std::span<const Step> chunk,
                                             std::span<Traffic> sides) {
  for (size_t k = 0; k < answered_.size(); ++k) {
    const Step& step = chunk[answered_[k]];
    std::string_view replies[2];
    for (size_t i = 0; i < 2; ++i) {
      replies[i] = k < sides[i].replies.size() ? sides[i].replies[k] : sides[i].problem;
    }
    bool cut_off = k >= sides[0].replies.size() || k >= sides[1].replies.size();
    if (cut_off && replies[0] == replies[1] && sides[0].link->closed()) {
      // Both closed at the same place: go on with new connections.
      if (Reopen(step.connection).ok()) return std::nullopt;
    }
    if (options_.plant == Plant::kReplyByte && step.argv[0] == "GETRANGE" && !cut_off &&
        replies[0].size() > 14) {
      planted_reply_ = replies[0];
      planted_reply_[planted_reply_.size() - 3] ^= 1;
      replies[0] = planted_reply_;
    }
    if (replies[0] == replies[1] && !cut_off) {
      NoteQueued(step.connection, step.argv, replies[1]);
      continue;
    }
    Difference difference;
    difference.step = answered_[k];
    difference.argv = step.argv;
    difference.ours = replies[0];
    difference.theirs = replies[1];
    difference.reason = "no reply";
    if (!cut_off) {
      auto verdict = Judge(step.connection, step.argv, ModeOf(step.argv), replies[0], replies[1]);
      if (!verdict) {
        auto wrong = CheckRandomKey(step, replies[0]);
        if (!wrong) continue;
        verdict = wrong->reason;
      }
      difference.reason = *verdict;
    }
    return difference;
  }
  for (size_t i = 0; i < 2; ++i) {
    if (sides[i].link->rest().empty()) continue;
    Difference difference;
    difference.step = chunk.size() - 1;
    difference.argv = chunk.back().argv;
    (i == 0 ? difference.ours : difference.theirs) = sides[i].link->rest();
    difference.reason = "bytes behind the last reply";
    return difference;
  }
  return std::nullopt;
}

// The reference must know the key that the tested server picked. RANDOMKEY ends its pipeline, so
// nothing has changed since.
std::optional<Difference> Duel::CheckRandomKey(const Step& step, std::string_view ours) {
  if (ModeOf(step.argv) != Mode::kRandomKey || !step.cut_after) return std::nullopt;
  auto key = ParseReply(ours);
  if (!key || key->null || key->is_error()) return std::nullopt;
  // Not on the step's own link, whose replies are still looked at: the key may be in any database.
  for (int database = 0; database < 16; ++database) {
    bool both = true;
    for (Side& side : sides_) {
      (void)Call(&side.control, {"SELECT", std::to_string(database)});
      auto exists = Call(&side.control, {"EXISTS", key->text});
      both &= exists.ok() && exists.value().text == "1";
    }
    if (both) return std::nullopt;
  }
  Difference difference;
  difference.reason = "a key that does not exist";
  return difference;
}

std::optional<Difference> Duel::RunScan(const Step& step) {
  Difference difference;
  difference.argv = step.argv;
  std::set<std::string> keys[2];
  // SSCAN and its kin have a key before the cursor.
  const size_t cursor = Lower(step.argv[0]) == "scan" ? 1 : 2;
  auto twins = Twins(step.connection);
  for (size_t i = 0; i < 2; ++i) {
    Argv argv = step.argv;
    for (size_t round = 0; round < kMaxScanRounds; ++round) {
      auto reply = Call(twins[i], argv);
      std::string* text = i == 0 ? &difference.ours : &difference.theirs;
      if (!reply.ok()) {
        difference.reason = *text = reply.error();
        return difference;
      }
      if (reply.value().is_error() || reply.value().items.size() != 2) {
        *text = reply.value().text;
        break;
      }
      for (const Reply& key : reply.value().items[1].items) keys[i].insert(key.text);
      argv.at(cursor) = reply.value().items[0].text;
      if (argv[cursor] == "0") break;
      if (round + 1 == kMaxScanRounds) *text = "an endless iteration";
    }
  }
  if (difference.ours == difference.theirs && keys[0] == keys[1]) return std::nullopt;
  difference.reason = "other keys in a full iteration:";
  for (const auto& key : keys[0]) {
    if (!keys[1].contains(key)) difference.reason += " +" + Quote(key);
  }
  for (const auto& key : keys[1]) {
    if (!keys[0].contains(key)) difference.reason += " -" + Quote(key);
  }
  return difference;
}

Argv Planted(Plant plant, const Argv& argv) {
  Argv copy = argv;
  if (argv.empty()) return copy;
  std::string name = Lower(argv[0]);
  if (plant == Plant::kKeepTtl && name == "set" && argv.size() == 4 &&
      Lower(argv[3]) == "keepttl") {
    copy.pop_back();
  }
  if (plant == Plant::kAppend && name == "append" && argv.size() == 3 && argv[2].size() > 8) {
    copy[2].back() = '?';
  }
  return copy;
}

}  // namespace nuthatch::oracle
