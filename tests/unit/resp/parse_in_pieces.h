// Feeds a RequestParser in pieces, as a connection would that moves its bytes at each read.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/unit/resp/reference_parser.h"

namespace nuthatch::resp {

// Delivers `input` cut at the offsets `cuts` (ascending). At each delivery what is not consumed
// stands in a new block of exactly its size, so that a sanitizer sees a read beyond it.
// `broken` says what rule of the interface was not kept, if any.
inline ParseOutcome ParseInPieces(const std::string& input, const RequestParser::Limits& limits,
                                  std::span<const size_t> cuts, std::string* broken) {
  ParseOutcome outcome;
  RequestParser parser;
  std::vector<std::string_view> args;
  std::string rest;
  size_t delivered = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    size_t upto = i < cuts.size() ? cuts[i] : input.size();
    rest.append(input, delivered, upto - delivered);
    delivered = upto;
    auto block = std::make_unique<char[]>(rest.size());
    if (!rest.empty()) std::memcpy(block.get(), rest.data(), rest.size());
    size_t used = 0;
    while (true) {
      args.assign(1, "sentinel");
      size_t consumed = 0;
      auto status = parser.Next(block.get() + used, rest.size() - used, limits, &consumed, &args);
      if (args.empty() || args[0] != "sentinel") *broken = "args in front were touched";
      if (status == RequestParser::Status::kCommand) {
        if (consumed == 0) *broken = "a command took no bytes";
        outcome.commands.emplace_back(args.begin() + 1, args.end());
        used += consumed;
        continue;
      }
      if (consumed != 0 || args.size() != 1) *broken = "no command, but bytes or args";
      if (status == RequestParser::Status::kError) {
        outcome.error = parser.error();
        outcome.consumed += used;
        return outcome;
      }
      if (parser.wanted() != 0 && parser.wanted() <= rest.size() - used) {
        *broken = "wants what it has";
      }
      break;
    }
    outcome.consumed += used;
    rest.erase(0, used);
  }
  return outcome;
}

}  // namespace nuthatch::resp
