#include "tests/oracle/garbage.h"

#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include <sys/socket.h>

#include "server/base/random.h"
#include "tests/oracle/link.h"

namespace nuthatch::oracle {
namespace {

using namespace std::string_view_literals;

constexpr std::array kBits = {
    "\r\n"sv,        "\r"sv,
    "\n"sv,          "*"sv,
    "$"sv,           "*0\r\n"sv,
    "*-1\r\n"sv,     "$-1\r\n"sv,
    "$0\r\n"sv,      "*1\r\n"sv,
    "\""sv,          "'"sv,
    "\\x41"sv,       " "sv,
    "-"sv,           "+"sv,
    "9"sv,           "0"sv,
    "99999999999"sv, "2147483648"sv,
    "\t"sv,          "PING\r\n"sv,
    "*2\r\n"sv,      "$4\r\nPING"sv,
    "\xff"sv,        "9223372036854775808"sv,
    "\\"sv,          ":1\r\n"sv,
};

constexpr std::array kWords = {"a"sv,        "b"sv,         "{t}1"sv,      "howdy"sv,
                               "10"sv,       "-5"sv,        ""sv,          "line\r\n"sv,
                               "\xff\xfe"sv, "two words"sv, "\"quoted\""sv};

class Garbage {
 public:
  Garbage(Duel* duel, uint64_t seed) : duel_(duel), random_(seed) {}

  std::string Make() {
    std::string bytes;
    for (size_t i = 1 + random_.Below(5); i > 0; --i) {
      Argv argv = Call();
      random_.Below(5) == 0 ? AppendInline(argv, &bytes) : AppendCommand(argv, &bytes);
    }
    if (random_.Below(10) > 0) {
      for (size_t i = 1 + random_.Below(3); i > 0; --i) Damage(&bytes);
    }
    return bytes;
  }

  // What differs on fresh connections, or nothing.
  std::optional<Difference> Try(const std::string& bytes) {
    auto twins = duel_->Twins(0);
    for (Link* link : twins) {
      link->Forget();
      link->WriteSome(bytes);
      shutdown(link->fd(), SHUT_WR);
    }
    Difference difference;
    std::string* answers[2] = {&difference.ours, &difference.theirs};
    for (size_t i = 0; i < 2; ++i) {
      bool closed = ReadUntilClosed(twins[i], duel_->options().timeout_ms);
      *answers[i] = std::string(twins[i]->rest()) + (closed ? "" : " (still open)");
    }
    if (!duel_->Reopen(0).ok()) difference.reason = "can't connect any more";
    if (difference.ours == difference.theirs && difference.reason.empty()) return std::nullopt;
    if (KnownToReferenceOnly(difference.ours)) return std::nullopt;
    return difference;
  }

  // Drops ever smaller spans as long as the answers differ from a fresh start.
  std::string Shrink(std::string bytes) {
    if (!Fails(bytes)) return bytes;
    for (size_t span = bytes.size() / 2; span > 0; span /= 2) {
      for (size_t begin = 0; begin + span <= bytes.size();) {
        std::string candidate = bytes;
        candidate.erase(begin, span);
        if (Fails(candidate)) {
          bytes = std::move(candidate);
        } else {
          begin += span;
        }
      }
    }
    return bytes;
  }

 private:
  bool Fails(const std::string& bytes) { return duel_->Reset().ok() && Try(bytes).has_value(); }

  // Whether chance made the name of a command that the tested server does not have yet.
  bool KnownToReferenceOnly(std::string_view answer) {
    static constexpr std::string_view kText = "unknown command '";
    for (size_t at = 0; (at = answer.find(kText, at)) != std::string_view::npos;) {
      at += kText.size();
      std::string name = Lower(answer.substr(at, answer.substr(at).find('\'')));
      if (duel_->catalogue().only_reference.contains(name)) return true;
    }
    return false;
  }

  std::string Word() { return std::string(kWords[random_.Below(kWords.size())]); }

  Argv Call() {
    switch (random_.Below(8)) {
      case 0:
        return {"PING"};
      case 1:
        return {"ECHO", Word()};
      case 2:
        return {"GET", Word()};
      case 3:
        return {"INCR", Word()};
      case 4:
        return {"MSET", Word(), Word(), Word(), Word()};
      case 5:
        return {"MGET", Word(), Word()};
      case 6:
        return {"DEL", Word()};
      default:
        return {"SET", Word(), Word()};
    }
  }

  void Damage(std::string* bytes) {
    if (bytes->empty()) return;
    size_t at = random_.Below(bytes->size());
    switch (random_.Below(6)) {
      case 0: {
        auto flipped = static_cast<char>((*bytes)[at] ^ (1 << random_.Below(8)));
        if (flipped != '\0') (*bytes)[at] = flipped;
        return;
      }
      case 1:
        bytes->erase(at, 1 + random_.Below(3));
        return;
      case 2:
        bytes->resize(at);
        return;
      case 3:
        bytes->insert(at, bytes->substr(at, 1 + random_.Below(12)));
        return;
      default:
        bytes->insert(at, kBits[random_.Below(kBits.size())]);
    }
  }

  Duel* duel_;
  base::Random random_;
};

}  // namespace

base::Result<GarbageResult> RunGarbage(Duel* duel, uint64_t seed, size_t count,
                                       size_t max_differences) {
  auto reset = duel->Reset();
  if (!reset.ok()) return base::Error(reset.error());
  Garbage garbage(duel, seed);
  GarbageResult result;
  while (result.cases < count && result.differences < max_differences) {
    ++result.cases;
    std::string bytes = garbage.Make();
    if (!garbage.Try(bytes)) continue;
    ++result.differences;
    bytes = garbage.Shrink(std::move(bytes));
    reset = duel->Reset();
    if (!reset.ok()) return base::Error(reset.error());
    auto difference = garbage.Try(bytes);
    std::printf("\nDIFFERENCE damaged bytes%s\n@raw-close %s\n", difference ? "" : " (once)",
                Quote(bytes, bytes.size()).c_str());
    if (!difference) continue;
    std::printf("# tested:    %s\n# reference: %s\n", Quote(difference->ours).c_str(),
                Quote(difference->theirs).c_str());
  }
  if (auto state = duel->CheckState()) {
    ++result.differences;
    std::printf("DIFFERENCE in the keys after damaged bytes: %s\n", state->reason.c_str());
  }
  return result;
}

}  // namespace nuthatch::oracle
