#include "tests/unit/runtime/world.h"

#include <algorithm>
#include <charconv>

#include "server/config/edit.h"
#include "server/runtime/context.h"

namespace nuthatch::runtime {
namespace {

World* g_world = nullptr;

size_t Number(std::string_view text) {
  size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The part that owns keys()[i], its time noted.
World::Part& PartOf(CommandContext& context, size_t i) {
  World::Part& part = g_world->part(context.ShardOf(context.key(i).slot));
  if (context.now_ms() < part.last_time) part.time_fell = true;
  part.last_time = context.now_ms();
  return part;
}

void WriteValue(resp::ReplyWriter reply, const World::Part& part, std::string_view name) {
  auto found = part.values.find(name);
  if (found == part.values.end()) {
    reply.Null();
  } else {
    reply.Bulk(found->second);
  }
}

void PutValue(World::Part& part, std::string_view name, std::string_view value) {
  part.values.insert_or_assign(std::string(name), std::string(value));
  part.puts.emplace_back(value);
}

void Ok(CommandContext& context) { context.reply().SimpleString("OK"); }

void Put(CommandContext& context) {
  PutValue(PartOf(context, 0), context.arg(1), context.arg(2));
  Ok(context);
}

void Get(CommandContext& context) {
  WriteValue(context.reply(), PartOf(context, 0), context.arg(1));
}

void MputFragment(CommandContext& context) {
  for (size_t i = 0; i < context.keys().size(); ++i) {
    if (context.Owns(i)) PutValue(PartOf(context, i), context.key(i).name, context.arg(2 * i + 2));
  }
}

// Leaves the replies of this shard's keys, made by `write`.
template <typename Write>
void LeaveReplies(CommandContext& context, Write write) {
  ScatterPart& part = context.part();
  for (size_t i = 0; i < context.keys().size(); ++i) {
    if (!context.Owns(i)) continue;
    write(resp::ReplyWriter(&part.bytes, context.caller().protocol), i);
    part.ends.push_back(part.bytes.size());
  }
}

// The replies of the fragments in the order of the keys.
void CombineReplies(CommandContext& context) {
  context.reply().Array(context.keys().size());
  std::vector<size_t> next(context.parts().size());
  for (const keyspace::Key& key : context.keys()) {
    size_t shard = context.ShardOf(key.slot);
    ScatterPart& part = context.parts()[shard];
    size_t i = next[shard]++;
    size_t begin = i == 0 ? 0 : part.ends[i - 1];
    context.reply().Raw(part.bytes.view().substr(begin, part.ends[i] - begin));
  }
}

void MgetFragment(CommandContext& context) {
  LeaveReplies(context, [&](resp::ReplyWriter reply, size_t i) {
    WriteValue(reply, PartOf(context, i), context.key(i).name);
  });
}

void TimesFragment(CommandContext& context) {
  LeaveReplies(context, [&](resp::ReplyWriter reply, size_t i) {
    PartOf(context, i);
    reply.Integer(context.now_ms());
  });
}

void Time(CommandContext& context) {
  for (size_t i = 0; i < context.keys().size(); ++i) PartOf(context, i);
  context.reply().Integer(context.now_ms());
}

void Copy(CommandContext& context) {
  World::Part& from = PartOf(context, 0);
  auto found = from.values.find(context.arg(1));
  bool there = found != from.values.end();
  if (there) PutValue(PartOf(context, 1), context.arg(2), std::string(found->second));
  context.reply().Integer(there ? 1 : 0);
}

void CountFragment(CommandContext& context) {
  context.part().number =
      static_cast<int64_t>(g_world->part(context.shard().index()).values.size());
}

void CountCombine(CommandContext& context) {
  int64_t sum = 0;
  for (const ScatterPart& part : context.parts()) sum += part.number;
  context.reply().Integer(sum);
}

void Total(CommandContext& context) {
  size_t sum = 0;
  for (size_t i = 0; i < context.node().shard_count(); ++i) sum += g_world->part(i).values.size();
  context.reply().Integer(static_cast<int64_t>(sum));
}

// The values of its key, or of all keys everywhere, whose shards it then holds.
bool SumNeedsAll(std::span<const std::string_view> args) { return args.back() == "all"; }
void Sum(CommandContext& context) {
  if (SumNeedsAll(context.args())) return Total(context);
  context.reply().Integer(static_cast<int64_t>(PartOf(context, 0).values.count(context.arg(1))));
}

void Say(CommandContext& context) { context.reply().Bulk(context.arg(1)); }

void Where_(CommandContext& context) {
  context.reply().Integer(static_cast<int64_t>(context.shard().index()));
}

void Hold(CommandContext& context) {
  size_t gate = Number(context.arg(context.argc() - 1));
  g_world->came(gate).Open();
  g_world->gate(gate).Wait();
  Ok(context);
}

void Hook(CommandContext& context) {
  g_world->hook()();
  Ok(context);
}

void Breathe(CommandContext& context) {
  size_t gate = Number(context.arg(2));
  g_world->came(gate).Open();
  // It owns the keyspace all the while: the value that it finds first must stay.
  World::Part& part = PartOf(context, 0);
  std::string before = part.values.contains(context.arg(1))
                           ? part.values.find(context.arg(1))->second
                           : std::string("none");
  while (!g_world->gate(gate).open()) context.Breathe();
  auto found = part.values.find(context.arg(1));
  bool same = (found == part.values.end() ? "none" : found->second) == before;
  context.reply().SimpleString(same ? "OK" : "CHANGED");
}

void Secure(CommandContext& context) {
  config::ConfigEdit edit(context.node().config());
  CHECK(edit.Set({{"requirepass", context.arg(1)}}, {.local = true}).ok());
  CHECK(!context.node().ReplaceConfig(edit.config()).has_value());
  Ok(context);
}

void Fill(CommandContext& context) {
  context.reply().Bulk(std::string(Number(context.arg(2)), 'x'));
}

void Reply(CommandContext& context) {
  ClientState& client = context.client();
  if (context.arg(1) == "on") {
    client.reply_mode = ReplyMode::kOn;
    Ok(context);
  } else if (context.arg(1) == "off") {
    client.reply_mode = ReplyMode::kOff;
  } else if (client.reply_mode != ReplyMode::kOff) {
    client.reply_mode = ReplyMode::kSkipNext;
  }
}

void Quit(CommandContext& context) {
  context.client().close_after_reply = true;
  Ok(context);
}

constexpr KeySpec Keys(int last, int step) {
  return {.flags = kKeyRW,
          .begin = KeySpec::Begin::kIndex,
          .index = 1,
          .find = KeySpec::Find::kRange,
          .last_key = last,
          .step = step};
}
constexpr KeySpec kOne[] = {Keys(0, 1)};
constexpr KeySpec kTwo[] = {Keys(1, 1)};
constexpr KeySpec kAll[] = {Keys(-1, 1)};
constexpr KeySpec kPairs[] = {Keys(-1, 2)};

constexpr CommandSpec OneKey(std::string_view name, int arity, CommandFn run, uint64_t flags = 0) {
  return {.name = name,
          .arity = arity,
          .flags = flags,
          .key_specs = kOne,
          .where = Where::kByKeys,
          .run = run};
}

constexpr CommandSpec Scatter(std::string_view name, std::span<const KeySpec> keys, uint64_t flags,
                              ScatterFns functions) {
  return {.name = name,
          .arity = -2,
          .flags = flags,
          .key_specs = keys,
          .where = Where::kByKeys,
          .several = Several::kScatter,
          .scatter = functions};
}

constexpr CommandSpec AtHome(std::string_view name, int arity, CommandFn run, uint64_t flags = 0) {
  return {.name = name, .arity = arity, .flags = flags, .where = Where::kHome, .run = run};
}

constexpr CommandSpec kCommands[] = {
    OneKey("put", 3, Put, kWrite),
    OneKey("put!", 3, Put, kWrite | kBarrier),
    OneKey("get", 2, Get, kReadonly),
    OneKey("where", 2, Where_),
    OneKey("time", 2, Time),
    OneKey("hold", 3, Hold),
    OneKey("breathe", 3, Breathe),
    OneKey("login", 2, Time, kNoAuth),
    OneKey("fill", 3, Fill),
    Scatter("mput", kPairs, kWrite | kDenyOom, {.fragment = MputFragment, .combine = Ok}),
    Scatter("mget", kAll, kReadonly, {.fragment = MgetFragment, .combine = CombineReplies}),
    Scatter("times", kAll, 0, {.fragment = TimesFragment, .combine = CombineReplies}),
    {.name = "copy", .arity = 3, .key_specs = kTwo, .where = Where::kByKeys, .run = Copy},
    {.name = "sum",
     .arity = -2,
     .flags = kDenyOom,
     .key_specs = kOne,
     .where = Where::kByKeys,
     .run = Sum,
     .needs_all = SumNeedsAll},
    {.name = "time2", .arity = 3, .key_specs = kTwo, .where = Where::kByKeys, .run = Time},
    {.name = "count",
     .arity = 1,
     .where = Where::kScatterAll,
     .scatter = {.fragment = CountFragment, .combine = CountCombine}},
    {.name = "total", .arity = 1, .where = Where::kRendezvousAll, .run = Total},
    AtHome("say", 2, Say),
    AtHome("here", 1, Where_),
    AtHome("hold!", 2, Hold, kBarrier),
    AtHome("hook!", 1, Hook, kBarrier),
    AtHome("secure", 2, Secure, kNoAuth),
    AtHome("reply", 2, Reply),
    AtHome("quit", 1, Quit, kBarrier | kNoAuth),
};

}  // namespace

World::World(size_t shards) : parts_(shards) {
  CHECK(g_world == nullptr);
  g_world = this;
}

World::~World() { g_world = nullptr; }

std::span<const CommandSpec> World::Commands() { return kCommands; }

}  // namespace nuthatch::runtime
