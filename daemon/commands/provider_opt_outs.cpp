// moodline provider opt-outs: a provider's own list of STOPs against ours, both ways.
#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/commands/command.hpp"
#include "daemon/records/csv.hpp"

namespace moodline::commands {
namespace {

struct ListArgs {
  std::string name, file, column;
  bool international = false, apply = false;
};

Result<std::string> list_in(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fault("no_such_file", "cannot read \"" + path + "\"; is the path right?");
  std::ostringstream bytes;
  bytes << in.rdbuf();
  // JSON carries text: what a spreadsheet saved as UTF-16 is turned here.
  return records::utf8_from(bytes.str());
}

std::int64_t count_of(const json::object& o, std::string_view name) {
  const auto* v = o.if_contains(name);
  return v == nullptr ? 0 : v->to_number<std::int64_t>();
}

// What the differences ask of the admin.
void say_what_next(const json::object& o) {
  const bool applied = o.at("applied").as_bool();
  const auto theirs = count_of(o, "on_theirs_alone");
  const auto gone = count_of(o, "their_block_gone");
  if (theirs > 0) {
    std::cout << "\nOn theirs alone: " << theirs
              << (applied ? " now on ours too: nothing goes there any more.\n"
                          : " would be refused by the provider. --apply takes them over: they "
                            "count as opted out,\nand nothing goes there any more.\n");
  }
  if (!o.at("people_on_ours_alone").as_array().empty()) {
    std::cout << "\nOn ours alone: we send them nothing, whatever the provider would let through. "
                 "Where others of\nyour house send through the same account, block these numbers "
                 "there too.\n";
  }
  if (gone > 0) {
    std::cout << "\nTheir block is gone for " << gone
              << (applied ? ": our own stays until they text START.\n"
                          : ": --apply keeps them as opted out with us, until they text START.\n");
  }
  if (!o.at("lines_without_a_number").as_array().empty()) {
    std::cout << "\nLines without a number were passed over, so nobody is taken for gone from "
                 "their list. Mend them and\ntry again.\n";
  }
  if (!applied && theirs == 0 && gone == 0) std::cout << "\nThere is nothing to apply.\n";
}

}  // namespace

void add_provider_opt_outs(CLI::App& provider, Common& c) {
  auto* cmd = provider.add_subcommand(
      "opt-outs", "compare the provider's own list of STOPs with ours, and take it over");
  auto a = std::make_shared<ListArgs>();
  cmd->add_option("name", a->name, "the provider's name in service.yaml")->required();
  cmd->add_option("file", a->file, "its list: CSV, one number a line, or its API's JSON")
      ->required();
  cmd->add_option("--column", a->column, "column with the numbers that opted out");
  cmd->add_flag("--international", a->international, "the numbers have a country code but no plus");
  cmd->add_flag("--apply", a->apply, "write it down; else it only says what differs");
  cmd->footer("Example: moodline provider opt-outs texts opt-outs.csv --column 'Phone'");
  cmd->callback([&c, a] {
    const auto list = list_in(a->file);
    if (!list) return show(c, tl::unexpected(list.error()));
    const auto result = act(c, "person.opt_outs",
                            {{"provider", a->name},
                             {"list", *list},
                             {"column", a->column},
                             {"international", a->international},
                             {"apply", a->apply}});
    show(c, result);
    if (result && !c.json) say_what_next(result->as_object());
  });
}

}  // namespace moodline::commands
