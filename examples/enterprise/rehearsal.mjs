// Prints how many days ago the way back was rehearsed.
//   rehearsal.mjs REPORT RUNBOOK ENVIRONMENT
// REPORT is the report of a run (GET /api/runs/<id>/report) of RUNBOOK in ENVIRONMENT that began the
// soak and was rolled back, with a journal that is intact. Anything else is no rehearsal.
import { readFileSync } from 'node:fs';

const [file, runbook, environment] = process.argv.slice(2);
const { run, journal } = JSON.parse(readFileSync(file, 'utf8'));
const problems = [
  [run.runbook === runbook, `it is of ${run.runbook}`],
  [run.environment === environment, `it is of the environment ${run.environment}`],
  [run.status === 'ROLLED_BACK', `that run is ${run.status}`],
  [run.phases.some(phase => phase.activityId === 'Phase_Soak'), 'that run did not get to the soak'],
  [journal.intact === true, 'its journal is not intact'],
].filter(([holds]) => !holds).map(([, problem]) => problem);
if (problems.length > 0) {
  console.error(`${file} is no rehearsal: ${problems.join('; ')}`);
  process.exit(1);
}
console.log(((Date.now() - Date.parse(run.endedAt)) / 86_400_000).toFixed(3));
