// The FHIR export as other people's validators judge it: the official R4 JSON schema, and npm fhir
// (the schema alone takes an Observation without a status). Usage: node fhir.mjs BUNDLE.json
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const require = createRequire(import.meta.url);
const JSONSchemaValidator = require('@asymmetrik/fhir-json-schema-validator');
const {Fhir} = require('fhir');
const bundle = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let failed = 0;
const expect = (condition, what) => {
  console.log(`  ${condition ? 'ok ' : 'NOT'} ${what}`);
  if (!condition) failed += 1;
};

const schema = new JSONSchemaValidator();
const fhir = new Fhir();
const judge = resource => [
  ...(schema.validate(resource) || []).map(e => e.message),
  ...fhir.validate(resource, {errorOnUnexpected: true}).messages
    .filter(m => m.severity === 'error' || m.severity === 'fatal').map(m => `${m.location}: ${m.message}`)];

expect(bundle.entry.length > 1, 'the bundle holds something');
const found = judge(bundle);
expect(found.length === 0, `the bundle is valid ${found.slice(0, 5).join('; ')}`);
for (const {resource} of bundle.entry) {
  const bad = judge(resource);
  if (bad.length > 0) expect(false, `${resource.resourceType}: ${bad.slice(0, 3).join('; ')}`);
}
// The judges can say no.
const broken = structuredClone(bundle.entry[1].resource);
delete broken.status;
expect(judge(broken).length > 0, 'an Observation without a status is refused');
const odd = structuredClone(bundle.entry[1].resource);
odd.effectiveDateTime = 'yesterday';
expect(judge(odd).length > 0, 'and one with no real date');
process.exit(failed === 0 ? 0 : 1);
