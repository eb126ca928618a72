// moodline key, backup, restore.
#include <iostream>

#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"
#include "daemon/store/open.hpp"

namespace moodline::commands {
namespace {

void add_key(CLI::App& app, Common& c) {
  auto* key = app.add_subcommand("key", "key files: make one, add a version, rotate");
  key->require_subcommand(1);
  auto* fresh = key->add_subcommand("new", "make a key file readable by its owner only");
  auto path = std::make_shared<std::string>();
  auto purpose = std::make_shared<std::string>("master");
  fresh->add_option("file", *path, "such as /etc/moodline/secrets/moodline-master-key")->required();
  fresh->add_option("--purpose", *purpose, "master or lookup")
      ->check(CLI::IsMember({"master", "lookup"}));
  fresh->footer(
      "Example: moodline key new /etc/moodline/secrets/moodline-lookup-key --purpose lookup");
  fresh->callback([&c, path, purpose] {
    const auto done = store::new_key_file(
        *path, *purpose == "lookup" ? store::KeyPurpose::lookup : store::KeyPurpose::master);
    if (!done) {
      show(c, tl::unexpected(done.error()));
      return;
    }
    show(c, json::value{{"made", *path}});
  });
}

// Rotation: a new version of a key, then every person's key wrapped anew under it.
void add_key_version(CLI::App& key, Common& c) {
  auto* cmd = key.add_subcommand("add", "add the next version to a key file");
  auto path = std::make_shared<std::string>();
  auto purpose = std::make_shared<std::string>("master");
  cmd->add_option("file", *path, "the key file")->required();
  cmd->add_option("--purpose", *purpose, "master or lookup")
      ->check(CLI::IsMember({"master", "lookup"}));
  cmd->footer("Example: moodline key add /etc/moodline/secrets/moodline-master-key");
  cmd->callback([&c, path, purpose] {
    const auto version = store::add_key_version(
        *path, *purpose == "lookup" ? store::KeyPurpose::lookup : store::KeyPurpose::master);
    if (!version) {
      show(c, tl::unexpected(version.error()));
      return;
    }
    show(c, json::value{{"file", *path}, {"version", *version}});
  });
}

/// The store that the configuration names, with its keys; for what needs no running daemon.
Result<store::StoreOptions> options_of(const Common& c) {
  const config::Loaded loaded = config::load(c.config_dir, actors::registries());
  if (!loaded.service) return fault("bad_config", config::to_text(loaded.problems));
  const config::StorePaths& paths = loaded.service->settings.store;
  store::StoreOptions o;
  Fault why;
  o.path = paths.database;
  o.keys_path = paths.keys;
  o.erased_path = paths.erasures;
  o.executor = store::Executor::inline_;
  const auto key = [&](const std::string& name, store::KeyPurpose p) {
    auto k = store::load_key_file(c.credentials_dir + "/" + name, p);
    if (!k) why = k.error();
    return k.value_or(nullptr);
  };
  o.master_key = key(paths.master_secret, store::KeyPurpose::master);
  o.lookup_key = key("moodline-lookup-key", store::KeyPurpose::lookup);
  if (!why.code.empty()) return tl::unexpected(why);
  return o;
}

json::value to_json(const store::BackupReport& r) {
  return {{"schema", r.schema},
          {"persons", r.persons},
          {"messages", r.messages},
          {"replies", r.inbound},
          {"readings", r.readings},
          {"audit_rows", r.audit_rows},
          {"persons_without_key", r.persons_without_key},
          {"keys_copy", r.keys_copy}};
}

void add_rotate(CLI::App& key, Common& c) {
  auto* cmd = key.add_subcommand(
      "rotate", "wrap every person's key under the newest master key; with the daemon stopped");
  cmd->footer(
      "Example: moodline --config /etc/moodline --credentials /etc/moodline/secrets key rotate");
  cmd->callback([&c] {
    const auto o = options_of(c);
    if (!o) return show(c, tl::unexpected(o.error()));
    const auto done = store::rotate_master(*o);
    if (done) {
      show(c, json::value{{"rewrapped", *done}});
    } else {
      show(c, tl::unexpected(done.error()));
    }
  });
}

void add_restore(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("restore", "prove a backup, or put it in the store's place");
  auto path = std::make_shared<std::string>();
  auto check = std::make_shared<bool>(false);
  cmd->add_option("file", *path, "the backup")->required();
  cmd->add_flag("--check", *check, "only prove it: pages, keys, audit chain");
  cmd->footer(
      "Example: moodline --credentials /etc/moodline/secrets restore --check "
      "/var/lib/moodline/backup/2026-03-02.db");
  cmd->callback([&c, path, check] {
    const auto o = options_of(c);
    if (!o) return show(c, tl::unexpected(o.error()));
    const auto report = *check ? store::restore_check(*path, *o) : store::restore(*path, *o);
    if (report) {
      show(c, to_json(*report));
    } else {
      show(c, tl::unexpected(report.error()));
    }
  });
}

void add_backup(CLI::App& app, Common& c) {
  auto* cmd =
      app.add_subcommand("backup", "a verified copy of the store, made by the running daemon");
  auto path = std::make_shared<std::string>();
  cmd->add_option("file", *path, "a whole path that the daemon may write to; must not exist")
      ->required();
  cmd->footer("Example: moodline backup /var/lib/moodline/backup/2026-03-02.db");
  cmd->callback([&c, path] { show(c, act(c, "backup", {{"file", *path}})); });
}

}  // namespace

void add_store(CLI::App& app, Common& c) {
  add_key(app, c);
  add_key_version(*app.get_subcommand("key"), c);
  add_rotate(*app.get_subcommand("key"), c);
  add_backup(app, c);
  add_restore(app, c);
}

}  // namespace moodline::commands
