// Records out: everything held about one person as JSON or CSV, a FHIR R4 Bundle of Observations,
// and a pseudonymous table for an evaluation of the service. Thread: the store's.
#pragma once
#include <boost/json/object.hpp>
#include <string>

#include "daemon/checkins/setting.hpp"

namespace moodline::records {

/// Everything held about this person, as an object; nothing left out but keys.
boost::json::object person_data(store::ReadTx& tx, const checkins::Setting& s,
                                const store::Person& person);
/// The same as text, indented.
std::string person_json(store::ReadTx& tx, const checkins::Setting& s, const store::Person& person);
/// One row an entry: kind,at,day,name,value,detail. Byte-order mark first, for spreadsheets.
std::string person_csv(store::ReadTx& tx, const checkins::Setting& s, const store::Person& person);

/// A FHIR R4 Bundle (collection): a Patient by pseudonym and an Observation a reading. Blood
/// pressure as LOINC 85354-9 with its two parts; every other measure under a code of this service.
boost::json::object fhir_bundle(store::ReadTx& tx, const checkins::Setting& s,
                                const store::Person& person);

/// One row a person, erased ones too where something of them is left: nothing that names anybody.
/// Pseudonyms are drawn once and kept, sealed, with each record: they can be followed between two
/// exports, whatever keys change, and never turned back without the store.
std::string evaluation_csv(store::Tx& tx, Dice& dice);

}  // namespace moodline::records
