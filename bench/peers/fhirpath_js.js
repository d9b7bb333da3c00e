// fhirpath.js as a peer of bench/peers/run.py. Reads a request as JSON from
// standard input, writes the answer to standard output:
//   {"tests": [{"expression", "resource"}]}
//     -> {"version", "results": [[{"type", "value"}] or {"error"}]}
//   {"speed": [{"name", "expression", "resource", "model"}], "seconds"}
//     -> {"version", "speed": {name: {"nanoseconds", "gives"} or {"error"}}},
//        of processor time, the best of six rounds
// It runs in its precise mode where exactness is judged, in its default mode,
// which is the faster one, where speed is.
'use strict';
const fs = require('fs');
const fhirpath = require('fhirpath');
const r4 = require('fhirpath/fhir-context/r4');

console.log = console.error;  // trace() speaks; the answer stands alone

const PRECISE = {preciseMath: true, resolveInternalTypes: false};

// {"type", "value"} as the suite spells them.
function item(value, type) {
  const name = type.replace(/^(FHIR|System)\./, '');
  const system = type.startsWith('System.') && name !== 'Quantity';
  let plain = value && value.constructor.name === 'ResourceNode'
    ? value.convertData() : value;
  if (plain !== null && typeof plain === 'object' &&
      Object.getPrototypeOf(plain) === Object.prototype) {
    plain = JSON.stringify(plain);
  }
  return {
    type: system ? name[0].toLowerCase() + name.slice(1) : name,
    value: String(plain),
  };
}

function evaluate(test) {
  const resource = test.resource;
  try {
    const variables = resource === null ? {} : {resource};
    const found = fhirpath.evaluate(resource === null ? {} : resource,
      test.expression, variables, r4, PRECISE);
    // Elements that have only metadata are no values: its own advice.
    const values = found.filter(
      (node) => !(node && typeof node === 'object' &&
        node.constructor.name === 'ResourceNode' && node.data == null));
    const types = fhirpath.types(values);
    return values.map((value, i) => item(value, types[i]));
  } catch (error) {
    return {error: String(error && error.message || error)};
  }
}

function nanoseconds(entry, seconds) {
  const {resource} = entry;
  const model = entry.model === 'r4' ? r4 : undefined;
  const run = fhirpath.compile(entry.expression, model);
  const variables = {resource};
  let count = 1;
  let best = Infinity;
  for (let round = 0; round < 6; ++round) {
    const begin = process.cpuUsage();
    for (let i = 0; i < count; ++i) run(resource, variables);
    const used = process.cpuUsage(begin);
    const took = (used.user + used.system) * 1000;
    if (took < 1e9 * seconds / 10) {  // too short to tell: warm up
      count *= 2;
      --round;
    } else {
      best = Math.min(best, took / count);
    }
  }
  return {
    nanoseconds: best,
    gives: JSON.stringify(run(resource, variables)),
  };
}

// A number with a fraction comes as its text, as the package's manual advises.
const request = JSON.parse(fs.readFileSync(0, 'utf8'), (key, value) =>
  value && value.$decimal !== undefined
    ? fhirpath.FP_Decimal.getDecimal(value.$decimal) : value);
const answer = {version: fhirpath.version.replace(/[^0-9.]/g, '')};
if (request.tests) answer.results = request.tests.map(evaluate);
if (request.speed) {
  answer.speed = {};
  for (const entry of request.speed) {
    try {
      answer.speed[entry.name] = nanoseconds(entry, request.seconds);
    } catch (error) {  // it cannot do this one
      answer.speed[entry.name] = {error: String(error)};
    }
  }
}
process.stdout.write(JSON.stringify(answer));
