// Whether an env file sets what the application needs. Prints names, never values.
//   variables.mjs FILE NAME NAME=value NAME|OTHER NAME?
// NAME must have a value, NAME=value that one, one of NAME|OTHER must have one; NAME? is only told.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

const [file, ...wanted] = process.argv.slice(2);
const set = parseEnv(readFileSync(file, 'utf8'));
const has = name => (set[name] ?? '').trim() !== '';
const missing = [];
for (const one of wanted) {
  const [name, value] = one.split('=', 2);
  if (one.endsWith('?')) {
    console.log(`${one.slice(0, -1)}: ${has(one.slice(0, -1)) ? 'set' : 'not set, and optional'}`);
  } else if (value !== undefined ? set[name] !== value : !name.split('|').some(has)) {
    missing.push(value !== undefined ? `${name} is not ${value}` : `${name.replaceAll('|', ' or ')} is not set`);
  } else {
    console.log(`${name.split('|').filter(has).join(', ')}: set`);
  }
}
if (missing.length > 0) {
  console.error(`${file}: ${missing.join('; ')}`);
  process.exit(1);
}
