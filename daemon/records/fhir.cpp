// FHIR R4: https://hl7.org/fhir/R4/observation.html and bundle.html.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "daemon/records/person_data.hpp"
#include "providers/kit/bytes.hpp"

namespace moodline::records {
namespace {

namespace json = boost::json;
namespace kit = providers::kit;
using checkins::Setting;
using store::Person;
using store::Reading;

constexpr const char* own_system = "urn:moodline:measure";
constexpr const char* loinc = "http://loinc.org";
constexpr const char* ucum = "http://unitsofmeasure.org";

// A stable name-based UUID (version 8, RFC 9562) of anything of ours.
std::string urn_of(std::string_view name) {
  std::string hex = kit::to_hex(kit::digest(kit::Digest::sha256, name)).substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<std::size_t>(hex[16] & 3)];
  return fmt::format("urn:uuid:{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(12, 4), hex.substr(16, 4), hex.substr(20, 12));
}

json::value number(Decimal d) {
  if (d.micro % Decimal::one == 0) return json::value(d.micro / Decimal::one);
  return json::value(static_cast<double>(d.micro) / Decimal::one);
}

std::string english(const config::Wording& w, const std::string& fallback) {
  const auto it = w.find("en");
  if (it != w.end()) return it->second;
  return w.empty() ? fallback : w.begin()->second;
}

json::object quantity(Decimal value, std::string_view unit, std::string_view code) {
  json::object q{{"value", number(value)}};
  if (!unit.empty()) q["unit"] = unit;
  if (!code.empty()) {
    q["system"] = ucum;
    q["code"] = code;
  }
  return q;
}

json::object coded(std::string_view system, std::string_view code, std::string_view words) {
  json::object coding{{"system", system}, {"code", code}, {"display", words}};
  return {{"coding", json::array{std::move(coding)}}, {"text", words}};
}

// Readings of one text belong together: the two numbers of a blood pressure.
struct Group {
  const config::Measure* measure = nullptr;
  std::vector<const Reading*> parts;
};

std::vector<Group> groups_of(const Setting& s, const std::vector<Reading>& readings) {
  std::vector<Group> out;
  for (const Reading& r : readings) {
    if (r.corrected_by != 0) continue;
    const auto* m = s.service.measure_of_component(r.component);
    if (m == nullptr) continue;
    const bool pair = m->components.size() > 1;
    if (pair && !out.empty() && out.back().measure == m &&
        out.back().parts.front()->inbound == r.inbound && out.back().parts.front()->at == r.at &&
        out.back().parts.front()->component != r.component) {
      out.back().parts.push_back(&r);
      continue;
    }
    out.push_back({m, {&r}});
  }
  return out;
}

void put_value(json::object& o, const config::Measure& m, const Reading& r) {
  if (r.low_mark) {
    o["dataAbsentReason"] = coded("http://terminology.hl7.org/CodeSystem/data-absent-reason",
                                  "as-text", "low, in words without a number");
    return;
  }
  if (m.shape == config::Shape::yes_no) {
    o["valueBoolean"] = r.value.micro != 0;
    return;
  }
  const std::string unit = english(m.unit, "");
  const bool score = m.shape == config::Shape::scale;
  o["valueQuantity"] = quantity(r.value, score ? "score" : unit, score ? "{score}" : "");
}

json::array pressures(const Group& g) {
  json::array out;
  for (const Reading* r : g.parts) {
    const bool systolic = r->component.ends_with("systolic");
    json::object part{
        {"code", coded(loinc, systolic ? "8480-6" : "8462-4",
                       systolic ? "Systolic blood pressure" : "Diastolic blood pressure")}};
    part["valueQuantity"] = quantity(r->value, "mmHg", "mm[Hg]");
    out.push_back(std::move(part));
  }
  return out;
}

json::object observation(const Group& g, const std::string& patient) {
  const config::Measure& m = *g.measure;
  const Reading& r = *g.parts.front();
  const std::string name = english(m.name, m.id);
  const bool pressure = m.shape == config::Shape::blood_pressure;
  json::object category{{"system", "http://terminology.hl7.org/CodeSystem/observation-category"},
                        {"code", pressure ? "vital-signs" : "survey"}};
  json::object o{{"resourceType", "Observation"}, {"status", r.doubtful ? "preliminary" : "final"}};
  o["category"] = json::array{json::object{{"coding", json::array{std::move(category)}}}};
  o["code"] =
      pressure ? coded(loinc, "85354-9", "Blood pressure panel") : coded(own_system, m.id, name);
  o["subject"] = {{"reference", patient}};
  o["effectiveDateTime"] = to_iso(r.at);
  if (!r.by_other) o["performer"] = json::array{json::object{{"reference", patient}}};
  o["note"] =
      json::array{json::object{{"text", "Reported by text message; not measured by staff."}}};
  if (pressure) {
    o["component"] = pressures(g);
  } else {
    put_value(o, m, r);
  }
  return o;
}

}  // namespace

json::object fhir_bundle(store::ReadTx& tx, const Setting& s, const Person& person) {
  const std::string patient = urn_of("person:" + person.key);
  json::object who{{"resourceType", "Patient"}};
  json::object identifier{{"system", "urn:moodline:person"}, {"value", person.key}};
  who["identifier"] = json::array{std::move(identifier)};
  json::array entries;
  entries.push_back({{"fullUrl", patient}, {"resource", std::move(who)}});
  const auto readings = tx.readings_of(person.id, Instant{0});
  for (const Group& g : groups_of(s, readings)) {
    const std::string name = fmt::format("reading:{}:{}", person.key, g.parts.front()->id);
    entries.push_back({{"fullUrl", urn_of(name)}, {"resource", observation(g, patient)}});
  }
  return {{"resourceType", "Bundle"},
          {"type", "collection"},
          {"timestamp", to_iso(s.now)},
          {"entry", std::move(entries)}};
}

}  // namespace moodline::records
