// Rows to records and back, driven by tables.hpp: no SQL for a record is written by hand.
#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "daemon/store/codec.hpp"
#include "daemon/store/keys.hpp"
#include "daemon/store/seal.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/tables.hpp"

namespace moodline::store {

/// What rows are sealed and hashed with.
struct Vault {
  KeyStore& keys;
  KeyRingPtr lookup;
  [[nodiscard]] std::string hash(std::string_view e164) const {
    return number_hash(lookup->newest(), *lookup->find(lookup->newest()), e164);
  }
};

inline std::string qualified(std::string_view table, std::string_view column) {
  std::string out(table);
  out += '.';
  out += column;
  return out;
}

/// Collects column names.
struct Columns {
  std::vector<std::string> read, written;
  template <class T>
  void plain(std::string_view name, T&) {
    both(name);
  }
  void ref(std::string_view name, const RowId&) { both(name); }
  template <class T>
  void sealed(std::string_view name, T&) {
    both(name);
  }
  void hash(std::string_view name, const std::string&) { written.emplace_back(name); }

 private:
  void both(std::string_view name) {
    read.emplace_back(name);
    written.emplace_back(name);
  }
};

/// The key of one row, fetched once.
class RowKey {
 public:
  RowKey(Vault& vault) : vault_(vault) {}
  const unsigned char* of(RowId person) {
    if (!have_) vault_.keys.get(person, key_);
    have_ = true;
    return key_.bytes;
  }

 private:
  Vault& vault_;
  KeyCopy key_;
  bool have_ = false;
};

/// Binds a record's fields in the order of their columns.
template <class R>
struct Binder {
  Stmt& s;
  Vault& vault;
  RowId owner;
  RowKey key{vault};

  template <class T>
  void plain(std::string_view, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      s.bind(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      s.bind(static_cast<std::int64_t>(value));
    } else {
      other(value);
    }
  }
  void ref(std::string_view, RowId id) {
    if (id == 0) {
      s.null();
    } else {
      s.bind(id);
    }
  }
  template <class T>
  void sealed(std::string_view name, const T& value) {
    const std::string clear = encode(value);
    if (clear.empty()) {
      s.null();
    } else {
      s.blob(seal(key.of(owner), owner, qualified(Table<R>::name, name), clear));
    }
  }
  void hash(std::string_view, const std::string& e164) {
    if (e164.empty()) {
      s.null();
    } else {
      s.blob(vault.hash(e164));
    }
  }

 private:
  void other(const std::string& value) { s.text(value); }
  void other(Instant value) { s.bind(value.ms); }
  void other(LocalDate value) { s.bind(value.days); }
  void other(TimeOfDay value) { s.bind(value.s); }
  template <class T>
  void other(const std::optional<T>& value) {
    if (value) {
      other(*value);
    } else {
      s.null();
    }
  }
  template <class T>
  void other(const T& value) {
    s.text(encode(value));
  }
};

/// Reads a row's columns into a record, from column `at` on.
template <class R>
struct Reader {
  Stmt& s;
  Vault& vault;
  const R& record;
  int at;
  RowKey key{vault};

  template <class T>
  void plain(std::string_view, T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(s.i64(at++));
    } else if constexpr (std::is_same_v<T, bool>) {
      value = s.i64(at++) != 0;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(s.i64(at++));
    } else {
      other(value);
    }
  }
  void ref(std::string_view, RowId& id) { id = s.i64(at++); }
  template <class T>
  void sealed(std::string_view name, T& value) {
    const std::string_view bytes = s.bytes(at++);
    const RowId owner = Table<R>::owner(record);
    std::string clear;
    if (!bytes.empty())
      clear = unseal(key.of(owner), owner, qualified(Table<R>::name, name), bytes);
    if (!clear.empty()) decode(clear, value);
  }
  void hash(std::string_view, const std::string&) {}

 private:
  void other(std::string& value) { value = s.bytes(at++); }
  void other(Instant& value) { value.ms = s.i64(at++); }
  void other(LocalDate& value) { value.days = static_cast<std::int32_t>(s.i64(at++)); }
  void other(TimeOfDay& value) { value.s = static_cast<std::int32_t>(s.i64(at++)); }
  template <class T>
  void other(std::optional<T>& value) {
    value.reset();
    if (s.is_null(at)) {
      ++at;
      return;
    }
    other(value.emplace());
  }
  template <class T>
  void other(T& value) {
    decode(s.bytes(at++), value);
  }
};

template <class R>
Columns columns_of() {
  Columns names;
  R record{};
  Table<R>::each(names, record);
  return names;
}

/// Records whose id is given by the store.
template <class R>
constexpr bool has_row_id = requires(R r) {
  { r.id } -> std::same_as<RowId&>;
};

/// "SELECT id, a, b FROM t".
template <class R>
const std::string& select_sql() {
  static const std::string sql = [] {
    std::string out = has_row_id<R> ? "SELECT id" : "SELECT ";
    bool first = !has_row_id<R>;
    for (const auto& c : columns_of<R>().read) {
      if (!first) out += ", ";
      first = false;
      out += c;
    }
    return out + " FROM " + std::string(Table<R>::name);
  }();
  return sql;
}

template <class R>
const std::string& insert_sql() {
  static const std::string sql = [] {
    std::string names = has_row_id<R> ? "id" : "", marks = has_row_id<R> ? "?" : "";
    for (const auto& c : columns_of<R>().written) {
      if (!names.empty()) {
        names += ", ";
        marks += ", ";
      }
      names += c;
      marks += "?";
    }
    return "INSERT INTO " + std::string(Table<R>::name) + "(" + names + ") VALUES(" + marks + ")";
  }();
  return sql;
}

/// Replaces a row that has the same key columns.
template <class R>
const std::string& upsert_sql(std::string_view key_columns) {
  static const std::string sql = [&] {
    std::string out =
        insert_sql<R>() + " ON CONFLICT(" + std::string(key_columns) + ") DO UPDATE SET ";
    bool first = true;
    for (const auto& c : columns_of<R>().written) {
      if (!first) out += ", ";
      first = false;
      out += c + " = excluded." + c;
    }
    return out;
  }();
  return sql;
}

template <class R>
const std::string& update_sql() {
  static const std::string sql = [] {
    std::string out = "UPDATE " + std::string(Table<R>::name) + " SET ";
    bool first = true;
    for (const auto& c : columns_of<R>().written) {
      if (!first) out += ", ";
      first = false;
      out += c + " = ?";
    }
    return out + " WHERE id = ?";
  }();
  return sql;
}

template <class R>
void bind_record(Stmt& s, Vault& vault, const R& record) {
  Binder<R> binder{s, vault, Table<R>::owner(record)};
  Table<R>::each(binder, record);
}

template <class R>
R read_record(Stmt& s, Vault& vault) {
  R record{};
  int at = 0;
  if constexpr (has_row_id<R>) record.id = s.i64(at++);
  Reader<R> reader{s, vault, record, at};
  Table<R>::each(reader, record);
  return record;
}

}  // namespace moodline::store
