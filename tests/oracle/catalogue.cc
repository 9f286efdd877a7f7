#include "tests/oracle/catalogue.h"

#include <algorithm>
#include <cctype>

namespace nuthatch::oracle {
namespace {

Argument::Type TypeOf(std::string_view text) {
  using Type = Argument::Type;
  static const std::map<std::string, Type, std::less<>> kTypes = {
      {"string", Type::kString}, {"integer", Type::kInteger},      {"double", Type::kDouble},
      {"key", Type::kKey},       {"pattern", Type::kPattern},      {"unix-time", Type::kUnixTime},
      {"oneof", Type::kOneOf},   {"pure-token", Type::kPureToken}, {"block", Type::kBlock},
  };
  auto it = kTypes.find(text);
  return it == kTypes.end() ? Type::kString : it->second;
}

std::vector<Argument> ReadArguments(const Reply* list) {
  std::vector<Argument> arguments;
  if (list == nullptr) return arguments;
  for (const Reply& item : list->items) {
    Argument argument;
    if (const Reply* name = item.Find("name")) argument.name = name->text;
    if (const Reply* type = item.Find("type")) argument.type = TypeOf(type->text);
    if (const Reply* token = item.Find("token")) argument.token = token->text;
    if (const Reply* flags = item.Find("flags")) {
      for (const Reply& flag : flags->items) {
        argument.optional |= flag.text == "optional";
        argument.multiple |= flag.text == "multiple";
        argument.multiple_token |= flag.text == "multiple_token";
      }
    }
    argument.children = ReadArguments(item.Find("arguments"));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

// Adds what a COMMAND DOCS reply (or its "subcommands") tells.
void ReadDocs(const Reply& docs, CommandMap* commands) {
  for (size_t i = 0; i + 1 < docs.items.size(); i += 2) {
    Command command;
    command.name = Lower(docs.items[i].text);
    command.arguments = ReadArguments(docs.items[i + 1].Find("arguments"));
    if (const Reply* subcommands = docs.items[i + 1].Find("subcommands")) {
      command.container = true;
      ReadDocs(*subcommands, commands);
    }
    commands->emplace(command.name, std::move(command));
  }
}

}  // namespace

base::Result<Catalogue> LoadCatalogue(Link* tested, Link* reference) {
  auto list = Call(tested, {"COMMAND", "LIST"});
  if (!list.ok()) return base::Error("tested server: " + list.error());
  if (list.value().is_error()) return base::Error("tested server: " + list.value().text);
  auto tested_docs = Call(tested, {"COMMAND", "DOCS"});
  auto reference_docs = Call(reference, {"COMMAND", "DOCS"});
  if (!tested_docs.ok() || tested_docs.value().is_error()) {
    return base::Error("the tested server has no COMMAND DOCS");
  }
  if (!reference_docs.ok()) return base::Error(reference_docs.error());
  CommandMap ours;
  CommandMap theirs;
  ReadDocs(tested_docs.value(), &ours);
  ReadDocs(reference_docs.value(), &theirs);
  for (const Reply& name : list.value().items) ours.emplace(Lower(name.text), Command());
  Catalogue catalogue;
  for (auto& [name, command] : theirs) {
    if (ours.contains(name)) {
      catalogue.commands.emplace(name, std::move(command));
    } else {
      catalogue.only_reference.insert(name);
    }
  }
  for (const auto& [name, command] : ours) {
    if (!catalogue.commands.contains(name)) catalogue.only_tested.insert(name);
  }
  return catalogue;
}

Argv CallWords(std::string_view name) {
  size_t bar = name.find('|');
  if (bar == std::string_view::npos) return {std::string(name)};
  return {std::string(name.substr(0, bar)), std::string(name.substr(bar + 1))};
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace nuthatch::oracle
