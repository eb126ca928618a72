// yaml-cpp's events become nodes; everything it would let pass is refused here.
#include "config/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace moodline::config {
namespace {

/// Byte offsets of lines, to turn yaml-cpp's byte columns into the characters an editor counts.
class Lines {
 public:
  Lines(std::string_view file, std::string_view bytes) : file_(file), bytes_(bytes) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') starts_.push_back(i + 1);
    }
  }
  [[nodiscard]] Place at(const YAML::Mark& mark) const {
    if (mark.is_null()) return {std::string(file_), 1, 1};
    return at(static_cast<std::size_t>(std::max(mark.line, 0)),
              static_cast<std::size_t>(std::max(mark.column, 0)));
  }
  [[nodiscard]] Place at(std::size_t line, std::size_t byte_column) const {
    if (line < starts_.size()) {
      // Asked from left to right: counting goes on where it stopped, or long lines cost squares.
      if (line != line_ || byte_column < bytes_counted_) {
        line_ = line;
        bytes_counted_ = 0;
        column_ = 1;
      }
      for (; bytes_counted_ < byte_column && starts_[line] + bytes_counted_ < bytes_.size();
           ++bytes_counted_) {
        const char c = bytes_[starts_[line] + bytes_counted_];
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column_;
      }
    }
    return {std::string(file_), static_cast<int>(line) + 1, line < starts_.size() ? column_ : 1};
  }
  [[nodiscard]] Place at_byte(std::size_t offset) const {
    const auto it = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = static_cast<std::size_t>(it - starts_.begin()) - 1;
    return at(line, offset - starts_[line]);
  }

 private:
  std::string_view file_;
  std::string_view bytes_;
  std::vector<std::size_t> starts_;
  mutable std::size_t line_ = 0;
  mutable std::size_t bytes_counted_ = 0;
  mutable int column_ = 1;
};

/// Length of the valid UTF-8 sequence at `i`, or 0.
std::size_t utf8_length(std::string_view s, std::size_t i) {
  const auto at = [&](std::size_t k) {
    return k < s.size() ? static_cast<unsigned char>(s[k]) : 0U;
  };
  const unsigned c = at(i);
  const auto more = [&](std::size_t k) { return (at(k) & 0xC0U) == 0x80U; };
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return more(i + 1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    if (!more(i + 1) || !more(i + 2)) return 0;
    const unsigned second = at(i + 1);
    return (c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) ? 0 : 3;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    if (!more(i + 1) || !more(i + 2) || !more(i + 3)) return 0;
    const unsigned second = at(i + 1);
    return (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F) ? 0 : 4;
  }
  return 0;
}

/// Bytes that no file of ours holds. False where parsing on would only add noise.
bool check_bytes(std::string_view bytes, const Lines& lines, Problems& problems) {
  if (bytes.size() > yaml_bytes_max) {
    problems.add(lines.at(0, 0), "", fmt::format("has {} bytes", bytes.size()),
                 fmt::format("split it, files go to {}", yaml_bytes_max));
    return false;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    problems.add(lines.at(0, 0), "", "begins with a byte order mark", "save it as plain UTF-8");
    return false;
  }
  bool good = true;
  bool indent = true;
  bool tab_told = false;
  for (std::size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    const std::size_t n = utf8_length(bytes, i);
    if (n == 0) {
      problems.add(lines.at_byte(i), "", "has bytes that are not UTF-8", "save it as UTF-8");
      return false;
    }
    if (c == '\t' && indent && !tab_told) {
      problems.add(lines.at_byte(i), "", "has a tab in the indentation", "indent with spaces");
      tab_told = true;
      good = false;
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
      problems.add(lines.at_byte(i), "", "has a control character", "remove it");
      return false;
    }
    if (c == '\n') {
      indent = true;
    } else if (c != ' ' && c != '\t') {
      indent = false;
    }
    i += n;
  }
  return good;
}

/// Thrown out of yaml-cpp when a bound is passed; never leaves this file.
struct TooMuch {
  Place place;
  std::string what;
};

class Builder : public YAML::EventHandler {
 public:
  Builder(const Lines& lines, Problems& problems) : lines_(lines), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse(mark, "?", anchor);
    put(make(NodeKind::empty, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.add(lines_.at(mark), next_path(), "uses an alias (*name)",
                  "write the value out where it is needed");
    Node n = make(NodeKind::empty, mark);
    n.bad = true;
    put(std::move(n));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse(mark, tag, anchor);
    Node n = make(NodeKind::scalar, mark);
    n.text = value;
    n.quoted = tag == "!";
    if (!n.quoted) {
      const bool short_key =
          takes_key() && value.size() == 1;  // n: and y: mislead no reader we know
      if (const auto trap = short_key ? std::nullopt : plain_trap(value)) {
        problems_.add(n.place, n.path, trap->what, trap->cure);
        n.bad = true;
      }
    }
    put(std::move(n));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(NodeKind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(NodeKind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  std::optional<Node> take() { return std::move(root_); }

 private:
  struct Frame {
    Node node;
    bool has_key = false;
    std::string key;
    Place key_place;
    bool drop = false;  // the value of a repeated key: read, then left out
  };

  [[nodiscard]] bool takes_key() const {
    return !stack_.empty() && stack_.back().node.kind == NodeKind::map && !stack_.back().has_key;
  }

  [[nodiscard]] std::string next_path() const {
    if (stack_.empty()) return "";
    const Frame& f = stack_.back();
    if (f.node.kind == NodeKind::list) {
      return fmt::format("{}[{}]", f.node.path, f.node.items.size());
    }
    if (!f.has_key) return f.node.path;
    return f.node.path.empty() ? f.key : f.node.path + "." + f.key;
  }

  Node make(NodeKind kind, const YAML::Mark& mark) {
    if (++nodes_ > yaml_nodes_max) {
      throw TooMuch{lines_.at(mark), fmt::format("has over {} values", yaml_nodes_max)};
    }
    Node n;
    n.kind = kind;
    n.place = lines_.at(mark);
    n.path = next_path();
    return n;
  }

  void refuse(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      problems_.add(lines_.at(mark), next_path(), "has an anchor (&name)",
                    "write the value out where it is needed");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      problems_.add(lines_.at(mark), next_path(), "has a tag (!name)", "write the value alone");
    }
  }

  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse(mark, tag, anchor);
    if (stack_.size() >= yaml_depth_max) {
      throw TooMuch{lines_.at(mark), fmt::format("is nested over {} deep", yaml_depth_max)};
    }
    Frame f;
    f.node = make(kind, mark);
    stack_.push_back(std::move(f));
  }

  void close() {
    Node n = std::move(stack_.back().node);
    stack_.pop_back();
    put(std::move(n));
  }

  void put(Node n) {
    if (stack_.empty()) {
      root_ = std::move(n);
      return;
    }
    Frame& f = stack_.back();
    if (f.node.kind == NodeKind::list) {
      f.node.items.push_back(std::move(n));
    } else if (!f.has_key) {
      take_key(f, n);
    } else {
      f.has_key = false;
      if (!f.drop) f.node.entries.push_back({f.key, f.key_place, std::move(n)});
    }
  }

  void take_key(Frame& f, const Node& n) {
    f.has_key = true;
    f.key_place = n.place;
    f.key = n.text;
    f.drop = false;
    if (n.kind != NodeKind::scalar) {
      if (!n.bad)
        problems_.add(n.place, n.path, "has a key that is not a word", "write a plain key");
      f.drop = true;
    } else if (!n.quoted && n.text == "<<") {
      problems_.add(n.place, n.path, "uses a merge key (<<)", "write the keys out");
      f.drop = true;
    } else if (const Node* first = f.node.find(n.text)) {
      problems_.add(
          n.place, next_path(),
          fmt::format("key {} stands twice, first on line {}", quote(n.text), first->place.line),
          "keep one of them");
      f.drop = true;
    }
  }

  const Lines& lines_;
  Problems& problems_;
  std::vector<Frame> stack_;
  std::optional<Node> root_;
  std::size_t nodes_ = 0;
};

/// yaml-cpp's words for a syntax error, with what usually mends it.
std::pair<std::string, std::string> syntax_words(const std::string& message) {
  if (message.find("end of map") != std::string::npos) {
    return {"is not YAML: a line does not fit the mapping around it",
            "check the indentation, and quote texts that hold \": \" or begin with a sign"};
  }
  if (message.find("end of sequence") != std::string::npos) {
    return {"is not YAML: a list does not end as it began", "check its brackets and indentation"};
  }
  if (message.find("illegal map value") != std::string::npos) {
    return {"is not YAML: a second \":\" stands on this line", "put the text in quotes"};
  }
  return {"is not YAML: " + message, "check quotes, brackets and indentation here"};
}
}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& e : entries) {
    if (e.key == key) return &e.value;
  }
  return nullptr;
}

std::optional<Node> read_yaml(std::string_view file, std::string_view bytes, Problems& problems) {
  const Lines lines(file, bytes);
  if (!check_bytes(bytes, lines, problems)) return std::nullopt;
  std::istringstream in{std::string(bytes)};
  Builder builder(lines, problems);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
      problems.add(lines.at(0, 0), "", "is empty", "write its keys, or remove the file");
      return std::nullopt;
    }
    Builder second(lines, problems);
    if (parser && parser.HandleNextDocument(second)) {
      const auto rest = second.take();
      problems.add(rest ? rest->place : lines.at(0, 0), "", "holds several documents (---)",
                   "keep one document a file");
    }
  } catch (const TooMuch& e) {
    problems.add(e.place, "", e.what, "write less, or split the file");
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    const auto [what, cure] = syntax_words(e.msg);
    problems.add(lines.at(e.mark), "", what, cure);
    return std::nullopt;
  }
  return builder.take();
}

Node substitute(const Node& node, const std::vector<Substitution>& values, Problems& problems) {
  Node out = node;
  if (out.kind == NodeKind::scalar && !out.quoted && out.text.starts_with('$')) {
    const std::string name = out.text.substr(1);
    const auto it = std::find_if(values.begin(), values.end(),
                                 [&](const Substitution& s) { return s.name == name; });
    if (it == values.end()) {
      std::vector<std::string> known;
      for (const Substitution& s : values) known.push_back("$" + s.name);
      problems.add(out.place, out.path, fmt::format("{} is not one of the rule's params", out.text),
                   known.empty() ? "declare it under params, or write the number"
                                 : suggestion(out.text, known));
      out.bad = true;
    } else {
      out.text = it->text;
    }
  }
  for (Node& item : out.items) item = substitute(item, values, problems);
  for (Entry& entry : out.entries) entry.value = substitute(entry.value, values, problems);
  return out;
}

}  // namespace moodline::config
