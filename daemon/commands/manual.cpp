// moodline man, moodline completion: manual pages and bash completion from the same tree of
// commands that --help prints, so that they cannot differ. Run when the package is built.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/commands/command.hpp"

namespace moodline::commands {
namespace {

constexpr const char* exit_codes =
    ".SH EXIT STATUS\n.TP\n0\ndone\n.TP\n1\nrefused, or a test failed; the message says "
    "why\n.TP\n2\n"
    "wrong usage\n.TP\n69\nthe daemon or the store cannot be reached\n.TP\n78\nthe configuration "
    "has "
    "problems\n";

// roff: a backslash starts a request, a dot or quote at the start of a line too, a hyphen is a
// minus only when escaped.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::vector<const CLI::App*> shown_subcommands(const CLI::App& app) {
  std::vector<const CLI::App*> out;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (!sub->get_group().empty()) out.push_back(sub);
  }
  return out;
}

std::string title_of(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& word : path) out += (out.empty() ? "" : "-") + word;
  return out;
}

std::string words_of(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& word : path) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string options_of(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* o : app.get_options()) {
    const bool flag = o->get_expected_max() == 0;
    out +=
        fmt::format(".TP\n\\fB{}\\fR{}\n{}{}\n", roff(o->get_name(false, true)),
                    flag || o->get_positional() ? "" : " \\fI" + roff(o->get_type_name()) + "\\fR",
                    roff(o->get_description()), o->get_required() ? " (needed)" : "");
  }
  return out;
}

std::string page_of(const CLI::App& app, const std::vector<std::string>& path) {
  std::string synopsis = words_of(path);
  for (const CLI::Option* o : app.get_options()) {
    if (o->get_positional()) {
      const std::string name = o->get_name(true);
      synopsis += o->get_required() ? " " + name : " [" + name + "]";
    }
  }
  const auto subs = shown_subcommands(app);
  std::string out = fmt::format(
      ".TH {} 1 \"\" \"moodline {}\" \"Moodline\"\n.SH NAME\n{} \\- {}\n.SH "
      "SYNOPSIS\n\\fB{}\\fR{}\n",
      roff(title_of(path)), MOODLINE_VERSION, roff(title_of(path)), roff(app.get_description()),
      roff(synopsis), subs.empty() ? " [OPTIONS]" : " [OPTIONS] COMMAND");
  if (!subs.empty()) {
    out += ".SH COMMANDS\n";
    for (const CLI::App* sub : subs) {
      out +=
          fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(sub->get_name()), roff(sub->get_description()));
    }
  }
  out += ".SH OPTIONS\n" + options_of(app);
  if (!app.get_footer().empty()) {
    std::string footer = app.get_footer();
    if (footer.starts_with("Example: ")) footer.erase(0, 9);
    out += fmt::format(".SH EXAMPLE\n.nf\n{}\n.fi\n", roff(footer));
  }
  out += exit_codes;
  if (path.size() > 1) out += ".SH SEE ALSO\n.BR moodline (1)\n";
  return out;
}

bool write_pages(const CLI::App& app, std::vector<std::string> path,
                 const std::filesystem::path& dir, int& written) {
  std::ofstream out(dir / (title_of(path) + ".1"));
  out << page_of(app, path);
  if (!out.flush()) return false;
  ++written;
  for (const CLI::App* sub : shown_subcommands(app)) {
    auto below = path;
    below.push_back(sub->get_name());
    if (!write_pages(*sub, below, dir, written)) return false;
  }
  return true;
}

void completions(const CLI::App& app, const std::string& path, std::string& cases) {
  std::string words;
  for (const CLI::App* sub : shown_subcommands(app)) words += sub->get_name() + " ";
  for (const CLI::Option* o : app.get_options()) {
    for (const std::string& name : o->get_lnames()) words += "--" + name + " ";
  }
  while (!words.empty() && words.back() == ' ') words.pop_back();
  cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, words);
  for (const CLI::App* sub : shown_subcommands(app)) {
    completions(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), cases);
  }
}

std::string completion_script(const CLI::App& app) {
  std::string cases;
  completions(app, "", cases);
  return "# bash completion of moodline; made by `moodline completion`.\n"
         "_moodline() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" words=\"\" i word\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    word=\"${COMP_WORDS[i]}\"\n"
         "    case \"$word\" in\n"
         "      --config|--socket|--languages|--credentials) ((i++)) ;;\n"
         "      -*) ;;\n"
         "      *) path=\"${path:+$path }$word\" ;;\n"
         "    esac\n"
         "  done\n"
         "  case \"$path\" in\n" +
         cases +
         "    *) words=\"\" ;;\n"
         "  esac\n"
         "  if [[ -n \"$words\" ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  fi\n"
         "  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
         "}\n"
         "complete -o filenames -F _moodline moodline\n";
}

}  // namespace

void add_manual(CLI::App& app, Common& c) {
  // An empty group hides a command from --help: these two are for whoever packages.
  auto* man = app.add_subcommand("man", "write every manual page into a folder")->group("");
  auto dir = std::make_shared<std::string>();
  man->add_option("folder", *dir, "must exist")->required();
  man->footer("Example: moodline man /usr/share/man/man1");
  man->callback([&app, &c, dir] {
    int written = 0;
    if (!write_pages(app, {"moodline"}, *dir, written)) {
      show(c, fault("cannot_write", "the pages cannot be written into " + *dir));
      return;
    }
    std::cout << written << " pages written\n";
  });
  auto* completion = app.add_subcommand("completion", "print the bash completion")->group("");
  completion->footer(
      "Example: moodline completion > /usr/share/bash-completion/completions/moodline");
  completion->callback([&app] { std::cout << completion_script(app); });
}

}  // namespace moodline::commands
