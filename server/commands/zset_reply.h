// How members of sorted sets are replied: alone, or with their scores: one behind the other in
// RESP2, in pairs in RESP3.
//
// On the stack of a command. Lets a long reply breathe.
#pragma once

#include <cstddef>
#include <string_view>

#include "server/runtime/context.h"

namespace nuthatch::commands {

enum class ScoreForm : uint8_t { kNone, kFlat, kPairs };

inline ScoreForm ScoreFormOf(const runtime::CommandContext& context, bool with_scores) {
  if (!with_scores) return ScoreForm::kNone;
  return context.caller().protocol >= 3 ? ScoreForm::kPairs : ScoreForm::kFlat;
}

class MembersReply {
 public:
  // Begins the array of `count` members.
  MembersReply(runtime::CommandContext& context, size_t count, ScoreForm form)
      : context_(context), form_(form) {
    context.reply().Array(form == ScoreForm::kFlat ? 2 * count : count);
  }
  // To be called `count` times; also as the visitor of a walk through a set.
  void operator()(std::string_view member, double score) {
    resp::ReplyWriter& reply = context_.reply();
    if (form_ == ScoreForm::kPairs) reply.Array(2);
    reply.Bulk(member);
    if (form_ != ScoreForm::kNone) reply.Double(score);
    if (++members_ % kMembersBetweenBreaths == 0) context_.Breathe();
  }

 private:
  static constexpr size_t kMembersBetweenBreaths = 4096;

  runtime::CommandContext& context_;
  ScoreForm form_;
  size_t members_ = 0;
};

}  // namespace nuthatch::commands
