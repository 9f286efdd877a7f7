#include "tests/oracle/script.h"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>

#include <unistd.h>

#include "tests/oracle/shrink.h"

namespace nuthatch::oracle {
namespace {

constexpr char kOpen[] = " (still open)";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads what follows a backslash inside of double quotes; `*i` stands on the backslash.
char Escaped(std::string_view line, size_t* i) {
  if (*i + 3 < line.size() && line[*i + 1] == 'x' && HexValue(line[*i + 2]) >= 0 &&
      HexValue(line[*i + 3]) >= 0) {
    *i += 3;
    return static_cast<char>(HexValue(line[*i - 1]) * 16 + HexValue(line[*i]));
  }
  char c = line[++*i];
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    default:
      return c;
  }
}

// One run of a file.
class Script {
 public:
  Script(Duel* duel, std::string path) : duel_(duel), path_(std::move(path)) {}

  base::Result<ScriptResult> Run() {
    std::ifstream file(path_);
    if (!file) return base::Error("can't read " + path_);
    auto reset = duel_->Reset();
    if (!reset.ok()) return base::Error(reset.error());
    std::string line;
    while (!over_ && std::getline(file, line)) {
      ++line_number_;
      while (!line.empty() && line.back() == ' ') line.pop_back();
      if (line.empty() || line[0] == '#') continue;
      auto words = line.starts_with("@inline") ? Argv{"@inline"} : SplitLine(line);
      if (!words) return base::Error(path_ + ":" + std::to_string(line_number_) + ": bad quotes");
      auto done = line[0] == '@' ? Directive(*words, line) : Command(*words, ModeOf(*words));
      if (!done.ok()) return base::Error(done.error());
    }
    CheckState();
    return std::move(result_);
  }

 private:
  base::Result<void> Directive(const Argv& words, const std::string& line) {
    const std::string& name = words[0];
    Argv rest(words.begin() + 1, words.end());
    if (name == "@conn") {
      connection_ = static_cast<size_t>(std::atoi(rest.at(0).c_str())) % 3;
    } else if (name == "@reopen") {
      return duel_->Reopen(connection_);
    } else if (name == "@raw") {
      return Send(rest.at(1), rest.at(1), static_cast<size_t>(std::atoi(rest.at(0).c_str())),
                  Mode::kExact, {line});
    } else if (name == "@raw-close") {
      return SendAndClose(rest.at(0), line);
    } else if (name == "@inline") {
      std::string text = line.substr(std::min(line.size(), name.size() + 1)) + "\r\n";
      return Send(text, text, 1, Mode::kExact, {line});
    } else if (name == "@scan") {
      return RunStep(rest, true);
    } else if (name == "@mode") {
      auto mode = ModeNamed(rest.at(0));
      if (!mode) return base::Error(path_ + ": no mode " + rest[0]);
      return Command(Argv(rest.begin() + 1, rest.end()), *mode);
    } else if (name == "@save") {
      saved_[rest.at(0)] = {last_[0], last_[1]};
    } else if (name == "@wait") {
      usleep(static_cast<useconds_t>(std::atoi(rest.at(0).c_str())) * 1000);
    } else if (name == "@blocked") {
      AwaitBlocked(rest.at(0));
    } else if (name == "@uncounted") {
      duel_->LeaveOutChanges(std::atoi(rest.at(0).c_str()));
    } else if (name == "@state") {
      CheckState();
    } else if (name == "@info") {
      as_note_ = true;
      auto done = Command(rest, Mode::kInfo);
      as_note_ = false;
      return done;
    } else if (name == "@resp") {
      over_ = std::atoi(rest.at(0).c_str()) != duel_->options().resp;
    } else {
      return base::Error(path_ + ": no directive " + name);
    }
    return {};
  }

  // A step that the duel runs in several exchanges.
  base::Result<void> RunStep(const Argv& argv, bool scan_loop) {
    Step step;
    step.argv = argv;
    step.connection = static_cast<uint8_t>(connection_);
    step.scan_loop = scan_loop;
    ++result_.commands;
    if (auto difference = duel_->Run({&step, 1})) Report(argv, *difference);
    return {};
  }

  base::Result<void> Command(const Argv& argv, Mode mode) {
    if (mode == Mode::kPick) return RunStep(argv, false);
    std::string out[2];
    for (size_t i = 0; i < 2; ++i) {
      Argv own = argv;
      for (std::string& word : own) {
        auto it = word.starts_with('$') ? saved_.find(word.substr(1)) : saved_.end();
        if (it != saved_.end()) word = it->second[i];
      }
      AppendCommand(i == 0 ? Planted(duel_->options().plant, own) : own, &out[i]);
    }
    return Send(out[0], out[1], 1, mode, argv);
  }

  base::Result<void> Send(std::string_view to_tested, std::string_view to_reference, size_t want,
                          Mode mode, const Argv& argv) {
    auto twins = duel_->Twins(connection_);
    Traffic sides[2] = {{twins[0], to_tested, want, {}, {}},
                        {twins[1], to_reference, want, {}, {}}};
    duel_->Converse(sides);
    result_.commands += want;
    bool reopen = false;
    for (size_t k = 0; k < std::max<size_t>(want, 1); ++k) {
      Difference difference;
      difference.ours = k < sides[0].replies.size() ? sides[0].replies[k] : sides[0].problem;
      difference.theirs = k < sides[1].replies.size() ? sides[1].replies[k] : sides[1].problem;
      bool cut_off = !sides[0].problem.empty() || !sides[1].problem.empty();
      reopen |= cut_off;
      if (cut_off && difference.ours != difference.theirs) {
        difference.reason = "no reply";
        Report(argv, difference);
      } else if (k < want) {
        auto verdict = duel_->Judge(connection_, argv, mode, difference.ours, difference.theirs);
        if (verdict) {
          difference.reason = *verdict;
          Report(argv, difference);
        }
        for (size_t i = 0; i < 2; ++i) {
          auto reply = ParseReply(i == 0 ? difference.ours : difference.theirs);
          last_[i] = reply ? reply->text : "";
        }
      }
    }
    return reopen ? duel_->Reopen(connection_) : base::Result<void>();
  }

  base::Result<void> SendAndClose(std::string_view bytes, const std::string& line) {
    Difference difference;
    std::string* replies[2] = {&difference.ours, &difference.theirs};
    auto twins = duel_->Twins(connection_);
    ++result_.commands;
    for (size_t i = 0; i < 2; ++i) {
      twins[i]->Forget();
      twins[i]->WriteSome(bytes);
      bool closed = ReadUntilClosed(twins[i], duel_->options().timeout_ms);
      *replies[i] = std::string(twins[i]->rest()) + (closed ? "" : kOpen);
    }
    if (difference.theirs.ends_with(kOpen)) {
      difference.reason = "the script is wrong: the reference does not close";
      Report({line}, difference);
    } else if (difference.ours != difference.theirs) {
      difference.reason = "other bytes before the close";
      Report({line}, difference);
    }
    return duel_->Reopen(connection_);
  }

  void AwaitBlocked(const std::string& count) {
    const std::string field = "blocked_clients:" + count + "\r\n";
    for (Link* control : duel_->Controls()) {
      std::string text;
      for (int i = 0; i < duel_->options().timeout_ms && text.find(field) == std::string::npos;
           ++i) {
        auto info = Call(control, {"INFO", "clients"});
        if (!info.ok()) break;
        text = info.value().text;
        usleep(1000);
      }
      if (text.find(field) != std::string::npos) continue;
      Difference difference;
      difference.reason = "not so many clients are blocked";
      (control == duel_->Controls()[0] ? difference.ours : difference.theirs) = text;
      Report({"@blocked", count}, difference);
    }
  }

  void CheckState() {
    if (auto difference = duel_->CheckState()) Report(difference->argv, *difference);
  }

  void Report(const Argv& argv, const Difference& difference) {
    std::string text = path_.substr(path_.rfind('/') + 1) + ":" + std::to_string(line_number_) +
                       ": " + AsLine(argv) + "\n  " + difference.reason;
    if (!as_note_) {
      text +=
          "\n  tested:    " + Quote(difference.ours) + "\n  reference: " + Quote(difference.theirs);
    }
    (as_note_ ? result_.notes : result_.differences).push_back(std::move(text));
  }

  Duel* duel_;
  std::string path_;
  size_t line_number_ = 0;
  size_t connection_ = 0;
  bool over_ = false;
  bool as_note_ = false;
  std::string last_[2];
  std::map<std::string, std::array<std::string, 2>> saved_;
  ScriptResult result_;
};

}  // namespace

std::optional<Argv> SplitLine(std::string_view line) {
  Argv words;
  size_t i = 0;
  while (true) {
    while (i < line.size() && line[i] == ' ') ++i;
    if (i >= line.size()) return words;
    std::string word;
    char quote = 0;
    for (; i < line.size(); ++i) {
      char c = line[i];
      if (quote == 0 && c == ' ') break;
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote == '"' && c == '\\' && i + 1 < line.size()) {
        word += Escaped(line, &i);
      } else {
        word += c;
      }
    }
    if (quote != 0) return std::nullopt;
    words.push_back(std::move(word));
  }
}

base::Result<ScriptResult> RunScript(Duel* duel, const std::string& path) {
  return Script(duel, path).Run();
}

}  // namespace nuthatch::oracle
