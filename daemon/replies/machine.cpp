#include "daemon/replies/machine.hpp"

#include <algorithm>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

using rules::TokenKind;

constexpr std::size_t copy_bytes_min = 12;  // shorter texts of ours are not looked for inside

struct MachineReader {
  const Message& m;
  const Tongues& tongues;
  const Context& context;
  MachineResult result;

  [[nodiscard]] const Items& items() const { return m.items; }
  Verdict machine(std::string_view rule, std::size_t from, std::size_t to) const {
    Verdict v = unclear(rule, m.span_of(from, to), Ask::none);
    v.auto_reply = true;
    return v;
  }
  [[nodiscard]] bool is_quote(std::uint32_t token) const {
    const auto& t = m.text.tokens[token];
    return t.kind == TokenKind::punct && m.text.view(t) == "\"";
  }
  // The first quote mark at or after a token, and the last one of the text.
  [[nodiscard]] std::optional<std::pair<std::uint32_t, std::uint32_t>> quote_after(
      std::uint32_t from) const {
    std::optional<std::uint32_t> open;
    std::optional<std::uint32_t> close;
    for (std::uint32_t i = from; i < m.text.tokens.size(); ++i) {
      if (!is_quote(i)) continue;
      if (!open) {
        open = i;
      } else {
        close = i;
      }
    }
    if (!open || !close) return std::nullopt;
    return std::pair{*open, *close};
  }
  // `Liked "…"`, `Reacted 👍 to "…"`, `👍 to “…”`: the form, then a quote to the end.
  std::optional<Verdict> reaction() const {
    std::size_t at = 0;
    while (at < items().size() && at < 2 && items()[at].kind == Item::Kind::emoji) ++at;
    // The form ends where the quote begins: "👍 to “To erase …”" holds two "to".
    std::uint32_t quote = 0;
    while (quote < m.text.tokens.size() && !is_quote(quote)) ++quote;
    Items head;
    for (const Item& item : items()) {
      if (item.first < quote) head.push_back(item);
    }
    for (std::size_t start = 0; start <= at && start < head.size(); ++start) {
      for (const L list : {L::machine_reactions, L::machine_unreactions}) {
        const auto hit = tongues.match_any_language(list, head, start, Sep::dash);
        if (!hit || (hit.end != head.size() && head.size() != items().size())) continue;
        const std::uint32_t next = items()[hit.end - 1].last;
        const bool quoted = next < m.text.tokens.size() && is_quote(next) && quote_to_end(next);
        const bool pictured = hit.end >= items().size() && items().size() <= 6 &&
                              hit.end - start >= 2 && (start > 0 || has_emoji());
        if (quoted || pictured) {
          Verdict v = machine("machine.reaction", 0, items().size());
          v.reaction = true;
          return v;
        }
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] bool has_emoji() const {
    return std::any_of(items().begin(), items().end(),
                       [](const Item& i) { return i.kind == Item::Kind::emoji; });
  }
  // Nothing but marks, pictures or two short words (with "…" cut quotes) after the closing quote.
  [[nodiscard]] bool quote_to_end(std::uint32_t open) const {
    const auto quote = quote_after(open);
    if (!quote) return m.text.tokens.size() - open > 3;  // the phone cut the closing mark off
    std::size_t words = 0;
    for (std::uint32_t i = quote->second + 1; i < m.text.tokens.size(); ++i) {
      if (m.text.tokens[i].kind == TokenKind::digits) return false;
      words += m.text.tokens[i].kind == TokenKind::word ? 1 : 0;
    }
    return words <= 2;
  }
  // The quote of an edit is the message; everything else is skipped.
  bool edit() {
    const auto hit = items().empty()
                         ? PatternMatch{}
                         : tongues.match_any_language(L::machine_edits, items(), 0, Sep::dash);
    if (!hit) return false;
    const std::uint32_t next = items()[hit.end - 1].last;
    const auto quote = quote_after(next);
    if (!quote || quote->first != next) return false;
    const auto size = static_cast<std::uint32_t>(m.text.text.size());
    result.skip.emplace_back(0, m.text.tokens[quote->first].end);
    result.skip.emplace_back(m.text.tokens[quote->second].begin, size);
    result.edited = true;
    return true;
  }
  std::optional<Verdict> whole() {
    for (std::size_t i = 0; i < items().size(); ++i) {
      const bool start = i == 0 || items()[i].sep >= Sep::comma;
      if (start) {
        const auto hit = tongues.match_any_language(L::machine_whole, items(), i, Sep::line);
        if (hit && i == 0 && hit.end >= items().size()) return machine("machine.whole", i, hit.end);
      }
      const auto frame = tongues.match_any_language(L::machine_frames, items(), i, Sep::stop);
      if (frame) return machine("machine.frame", i, frame.end);
      const auto unsure = tongues.match_any_language(L::machine_unsure, items(), i, Sep::stop);
      if (unsure) {  // a person may say it too: words of risk beside it decide
        result.unsure = true;
        return machine("machine.frame", i, unsure.end);
      }
    }
    return std::nullopt;
  }
  // Copies of our own texts, and what a signature or a quoting app puts around a message.
  std::optional<Verdict> copies() {
    const std::string& text = m.text.text;
    for (const std::string& sent : context.sent) {
      const std::string ours = rules::normalise(sent).text;
      if (ours.size() < copy_bytes_min) continue;
      for (std::size_t at = text.find(ours); at != std::string::npos;
           at = text.find(ours, at + ours.size())) {
        result.skip.emplace_back(static_cast<std::uint32_t>(at),
                                 static_cast<std::uint32_t>(at + ours.size()));
      }
    }
    if (result.skip.empty()) return std::nullopt;
    const bool all = std::all_of(m.text.tokens.begin(), m.text.tokens.end(), [&](const auto& t) {
      return t.kind == TokenKind::punct || t.kind == TokenKind::newline || skipped(t.begin);
    });
    if (all) return machine("machine.copy", 0, items().size());
    return foreign_reaction();
  }
  // A few words of any language around our own text in quotes, and no number: a phone's reaction
  // in a wording that no pack holds. Not sure enough to keep the words from the safety scan.
  std::optional<Verdict> foreign_reaction() {
    constexpr std::size_t words_max = 5;
    std::size_t words = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < m.text.tokens.size(); ++i) {
      const auto& t = m.text.tokens[i];
      if (skipped(t.begin)) continue;
      const bool before_copy = i + 1 < m.text.tokens.size() && skipped(m.text.tokens[i + 1].begin);
      quoted |= before_copy && is_quote(static_cast<std::uint32_t>(i));
      if (t.kind == TokenKind::digits || t.kind == TokenKind::fraction) return std::nullopt;
      words += t.kind == TokenKind::word ? 1 : 0;
    }
    const bool number = std::any_of(items().begin(), items().end(), [&](const Item& i) {
      return i.kind == Item::Kind::number && !skipped(m.text.tokens[i.first].begin);
    });
    if (!quoted || number || words > words_max) return std::nullopt;
    Verdict v = machine("machine.foreign_reaction", 0, items().size());
    v.reaction = true;
    result.unsure = true;
    return v;
  }
  [[nodiscard]] bool skipped(std::uint32_t byte) const {
    return std::any_of(result.skip.begin(), result.skip.end(),
                       [&](const auto& r) { return byte >= r.first && byte < r.second; });
  }
  // "Sent from my iPhone 14" and what follows it; "On 3 March 2026 … wrote:" and quoted lines.
  [[nodiscard]] bool all_quoted() const {
    bool line_start = true;
    for (const auto& t : m.text.tokens) {
      if (line_start && t.kind != TokenKind::newline && m.text.view(t) != ">") return false;
      line_start = t.kind == TokenKind::newline;
    }
    return true;
  }
  // Where the token's line ends; the text's end when nothing but marks comes after it.
  [[nodiscard]] std::uint32_t line_end(std::uint32_t token) const {
    const auto size = static_cast<std::uint32_t>(m.text.text.size());
    const auto& tokens = m.text.tokens;
    while (token < tokens.size() && tokens[token].kind != TokenKind::newline) ++token;
    for (std::uint32_t i = token; i < tokens.size(); ++i) {
      const bool says = tokens[i].kind != TokenKind::newline && tokens[i].kind != TokenKind::punct;
      if (says) return tokens[token].begin;
    }
    return size;
  }
  // "-- " on a line of its own, after some text: the mail programs' sign for a signature.
  [[nodiscard]] std::optional<std::uint32_t> dash_line() const {
    const auto& tokens = m.text.tokens;
    for (std::size_t t = 1; t < tokens.size(); ++t) {
      if (tokens[t - 1].kind != TokenKind::newline) continue;
      std::size_t end = t;
      std::size_t dashes = 0;
      while (end < tokens.size() && tokens[end].kind == TokenKind::punct) {
        dashes += m.text.view(tokens[end]).size();
        if (m.text.view(tokens[end]).find_first_not_of("-_") != std::string_view::npos) break;
        ++end;
      }
      const bool line = end < tokens.size() && tokens[end].kind == TokenKind::newline;
      if (end > t && dashes >= 2 && line) return tokens[t].begin;
    }
    return std::nullopt;
  }
  void signatures() {
    const auto size = static_cast<std::uint32_t>(m.text.text.size());
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (i > 0 && items()[i].sep < Sep::stop) continue;
      if (!tongues.match_any_language(L::machine_signatures, items(), i, Sep::dash)) continue;
      // A signature that opens the text is a line of its own; what follows it is the message.
      const std::uint32_t line = i == 0 ? line_end(items()[i].first) : size;
      result.skip.emplace_back(m.text.tokens[items()[i].first].begin, line);
      return;
    }
    if (const auto dashes = dash_line()) {
      result.skip.emplace_back(*dashes, size);
      return;
    }
    // Lines that begin with '>' are quoted, where anything else is said.
    if (all_quoted()) return;
    for (std::size_t t = 0; t < m.text.tokens.size(); ++t) {
      const auto& token = m.text.tokens[t];
      const bool line_start = t == 0 || m.text.tokens[t - 1].kind == TokenKind::newline;
      if (!line_start || token.kind != TokenKind::punct || m.text.view(token) != ">") continue;
      std::size_t end = t;
      while (end < m.text.tokens.size() && m.text.tokens[end].kind != TokenKind::newline) ++end;
      result.skip.emplace_back(token.begin,
                               end < m.text.tokens.size() ? m.text.tokens[end].begin : size);
    }
  }
  MachineResult run() {
    if (items().empty()) return result;
    if (edit()) return result;
    if (auto v = reaction()) {
      result.decided = std::move(v);
    } else if (auto copy = copies()) {
      result.decided = std::move(copy);
    } else if (auto text = whole()) {
      result.decided = std::move(text);
    } else {
      signatures();
    }
    return result;
  }
};

}  // namespace

MachineResult read_machine(const Message& plain, const Tongues& tongues, const Context& context) {
  return MachineReader{plain, tongues, context, {}}.run();
}

}  // namespace moodline::replies
