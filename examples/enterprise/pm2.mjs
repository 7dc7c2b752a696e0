// What a run changes and asks of an application under pm2. pm2's own exit code says little: a crash
// loop starts well, and an application that is reloaded may keep its former environment. So this
// looks at `pm2 jlist` and at the application's health.
//   check    exits with 0 when the process of APP runs in RELEASE, with 1 when it runs elsewhere or
//            not at all, with 2 when it is there and not online
//   apply    starts RELEASE in its place and waits until it is healthy; STATE keeps what ran before
//   revert   starts what ran before, if anything did, and waits until that is healthy
//   steady   fails unless APP has another pid than before, is online, keeps its pid for WITHIN
//            seconds without a restart, and is healthy
//   restart  starts the running release anew, and waits until it is healthy
//   log      prints the lines that the running process has written in the last WITHIN seconds
// HEALTH is asked for PATIENCE seconds. PM2 is the program; MAIN, the application's script, is relative to the release.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { APP, RELEASE, STATE, HEALTH, PM2 = 'pm2', MAIN = 'dist/main.js' } = process.env;
const WITHIN = Number(process.env.WITHIN ?? 30);
const PATIENCE = Number(process.env.PATIENCE ?? 60);
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BELAY_')));

const pm2 = (...args) => execFileSync(PM2, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
const fail = (message, code = 1) => { console.error(message); process.exit(code); };

function running() {
  const printed = pm2('jlist');
  // pm2 may print notices of its own before the list
  const found = JSON.parse(printed.slice(printed.indexOf('[{') < 0 ? printed.lastIndexOf('[]') : printed.indexOf('[{')))
    .filter(one => one.name === APP);
  if (found.length > 1) fail(`${found.length} processes are called ${APP}; this is for one`, 3);
  return found[0];
}

const directory = one => existsSync(one.pm2_env.pm_cwd) ? realpathSync(one.pm2_env.pm_cwd) : one.pm2_env.pm_cwd;
const isIn = (one, release) => one !== undefined && existsSync(release) && directory(one) === realpathSync(release);
const isOnline = one => one?.pm2_env.status === 'online';
const before = () => existsSync(STATE) ? JSON.parse(readFileSync(STATE, 'utf8')) : undefined;

async function start(release) {
  if (running()) pm2('delete', APP);
  pm2('start', join(release, MAIN), '--name', APP, '--cwd', release, '--time');
  await healthy();
}

async function healthy() {
  let last;
  for (const end = Date.now() + PATIENCE * 1000; Date.now() < end; await sleep(500)) {
    try {
      const answer = await fetch(HEALTH, { signal: AbortSignal.timeout(5_000) });
      if (answer.ok) return;
      last = `status ${answer.status}`;
    } catch (failure) {
      last = failure.cause?.code ?? failure.message;
    }
    if (running()?.pm2_env.status === 'errored') fail(`${APP} crashes: pm2 has given it up after ${running().pm2_env.restart_time} restarts`);
  }
  fail(`${APP} is not healthy after ${PATIENCE} s: ${last}`);
}

async function steady() {
  const first = running();
  if (!isOnline(first)) fail(`${APP} is ${first?.pm2_env.status ?? 'not there'}`);
  if (first.pid === before()?.pid) fail(`${APP} still has the pid ${first.pid} from before`);
  for (const end = Date.now() + WITHIN * 1000; Date.now() < end; await sleep(500)) {
    const now = running();
    if (!isOnline(now) || now.pid !== first.pid || now.pm2_env.restart_time !== first.pm2_env.restart_time) {
      fail(`${APP} crashes: it is ${now?.pm2_env.status ?? 'gone'}, with ${(now?.pm2_env.restart_time ?? 0) - first.pm2_env.restart_time} restart(s) within ${WITHIN} s`);
    }
  }
  await healthy();
  console.log(`${APP} runs steadily with pid ${first.pid}, before it was ${before()?.pid ?? 'none'}`);
}

// The time at the beginning of a line: of pm2 --time, or of NestJS's own logger. Lines without one
// belong to the line before.
function time(line) {
  const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?)/.exec(line);
  const nest = /^\[Nest\] \d+ +- (\d\d\/\d\d\/\d{4}, \d+:\d\d:\d\d [AP]M)/.exec(line);
  return iso || nest ? Date.parse((iso ?? nest)[1]) : NaN;
}

function log() {
  const one = running();
  if (!isOnline(one)) fail(`${APP} is ${one?.pm2_env.status ?? 'not there'}`);
  // pm2's times have whole seconds, so the second of the start counts as before it
  const since = Math.max(Date.now() - WITHIN * 1000, one.pm2_env.pm_uptime);
  for (const file of new Set([one.pm2_env.pm_out_log_path, one.pm2_env.pm_err_log_path])) {
    let recent = false;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const at = time(line);
      if (!Number.isNaN(at)) recent = at >= since;
      if (recent && line !== '') console.log(line);
    }
  }
}

switch (process.argv[2]) {
  case 'check': {
    const one = running();
    process.exit(isIn(one, RELEASE) ? (isOnline(one) ? 0 : 2) : 1);
  }
  case 'apply': {
    const one = running();
    if (!existsSync(STATE) && !isIn(one, RELEASE)) {
      const kept = one && isOnline(one) ? { pid: one.pid, release: directory(one) } : {};
      writeFileSync(`${STATE}.new`, JSON.stringify(kept), { mode: 0o600 });
      renameSync(`${STATE}.new`, STATE);
    }
    await start(RELEASE);
    break;
  }
  case 'revert': {
    const former = before();
    const one = running();
    if (former?.release && !(isIn(one, former.release) && isOnline(one))) await start(former.release);
    else if (former?.release) await healthy();
    else if (isIn(one, RELEASE)) pm2('delete', APP);
    rmSync(STATE, { force: true });
    break;
  }
  case 'steady': await steady(); break;
  case 'restart': {
    const one = running();
    if (!one) fail(`${APP} is not there`);
    await start(directory(one));
    break;
  }
  case 'log': log(); break;
  default: fail('one of check, apply, revert, steady, restart, log', 64);
}
