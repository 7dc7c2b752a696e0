#!/usr/bin/env node
// Stands in for pm2, which is too large for the tests: start, delete and jlist of one process each,
// which is real and is started again when it ends, as pm2 does. Its files are in PM2_HOME.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const home = process.env.PM2_HOME;
mkdirSync(home, { recursive: true });
const [verb, ...args] = process.argv.slice(2);
const option = name => args[args.indexOf(name) + 1];
const file = name => join(home, `${name}.json`);
const read = name => JSON.parse(readFileSync(file(name), 'utf8'));
const alive = pid => { try { process.kill(pid, 0); return true; } catch { return false; } };
const sleep = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function write(entry) {
  writeFileSync(`${file(entry.name)}.${process.pid}`, JSON.stringify(entry));
  renameSync(`${file(entry.name)}.${process.pid}`, file(entry.name));
}

function watch(name, main, cwd) {
  const log = join(home, `${name}.log`);
  const entry = { name, watcher: process.pid, pid: 0, pm2_env: { status: 'launching', restart_time: 0, pm_cwd: cwd, pm_exec_path: main, pm_out_log_path: log, pm_err_log_path: log } };
  let child;
  const begin = () => {
    child = spawn(process.execPath, [main], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    entry.pid = child.pid;
    Object.assign(entry.pm2_env, { status: 'online', pm_uptime: Date.now() });
    write(entry);
    for (const out of [child.stdout, child.stderr]) {
      createInterface({ input: out }).on('line', line => appendFileSync(log, `${new Date().toISOString()}: ${line}\n`));
    }
    child.on('exit', () => {
      entry.pm2_env.restart_time += 1;
      entry.pm2_env.status = entry.pm2_env.restart_time < 15 ? 'launching' : 'errored';
      write(entry);
      if (entry.pm2_env.status === 'launching') setTimeout(begin, 100);
    });
  };
  process.on('SIGTERM', () => {
    child.removeAllListeners('exit');
    child.on('exit', () => { rmSync(file(name), { force: true }); process.exit(0); });
    child.kill();
    if (child.exitCode !== null || child.signalCode !== null) { rmSync(file(name), { force: true }); process.exit(0); }
  });
  appendFileSync(log, '');
  begin();
  setInterval(() => {}, 1 << 30);
}

switch (verb) {
  case 'start': {
    const name = option('--name');
    const err = openSync(join(home, 'watch.log'), 'a');
    spawn(process.execPath, [fileURLToPath(import.meta.url), 'watch', name, args[0], option('--cwd')], { detached: true, stdio: ['ignore', err, err] }).unref();
    for (let i = 0; i < 600 && !existsSync(file(name)); i++) sleep(50);
    break;
  }
  case 'watch': watch(...args); break;
  case 'delete': {
    const { watcher } = read(args[0]);
    if (alive(watcher)) process.kill(watcher);
    for (let i = 0; i < 600 && alive(watcher); i++) sleep(50);
    rmSync(file(args[0]), { force: true });
    break;
  }
  case 'jlist':
    console.log(JSON.stringify(readdirSync(home).filter(name => name.endsWith('.json')).map(name => read(name.slice(0, -5))).filter(one => alive(one.watcher))));
    break;
  default: process.exit(64);
}
