import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Ended } from './folder.ts';
import { makeFolder, ROOT, runToEnd } from './folder.ts';

/** The binary of the project's own Node below node_modules, where this process runs under it. */
const OWN_NODE = process.execPath.split(/node_modules[\\/]/)[1];

/** Another Node of this machine than the project's own: the first on PATH. */
const machineNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file) && realpathSync(file) !== realpathSync(process.execPath));

/** The Nodes that can start the project here. */
const starters = [process.execPath, ...(machineNode === undefined ? [] : [machineNode])];

const versionOf = (node: string): string =>
  spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();

/** Tells whether a Node runs TypeScript files without a flag. */
const runsTypeScript = (node: string): boolean =>
  spawnSync(node, ['-p', 'process.features.typescript'], { encoding: 'utf8' }).stdout === 'strip\n';

/** Stands for npm: notes its arguments, and installs this process's Node as the project's own. */
const NPM = `
const { appendFileSync, existsSync, mkdirSync, rmSync, symlinkSync } = require('node:fs');
const { dirname } = require('node:path');
appendFileSync('installs.log', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('broken-registry')) process.exit(1);
rmSync('node_modules', { recursive: true, force: true });
const own = 'node_modules/' + process.env.OWN_NODE;
mkdirSync(dirname(own), { recursive: true });
symlinkSync(process.env.OWN_NODE_FROM, own);
console.log('added 1 package');
`;

const LOCK = {
  lockfileVersion: 3,
  packages: {
    '': { name: 'tiny' },
    'node_modules/one': { version: '1.0.0', integrity: 'sha512-one' },
    'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['none'] },
  },
};

const makeProject = (t: TestContext, files: Readonly<Record<string, string>> = {}): string =>
  makeFolder(t, {
    'scripts/run.mjs': readFileSync(join(ROOT, 'scripts/run.mjs'), 'utf8'),
    'package-lock.json': JSON.stringify(LOCK),
    'npm/npm-cli.js': NPM,
    'npm/package.json': '{}',
    'package.json': '{}',
    'hello.ts': "const name: string = 'world';\nconsole.log('hello', name);\n",
    ...files,
  });

const environmentOf = (project: string): Readonly<Record<string, string>> => ({
  npm_execpath: join(project, 'npm/npm-cli.js'),
  OWN_NODE: OWN_NODE ?? 'some-node/bin/node',
  OWN_NODE_FROM: process.execPath,
});

const start = (project: string, args: readonly string[], node = process.execPath): Promise<Ended> =>
  runToEnd(node, [join(project, 'scripts/run.mjs'), ...args], {
    cwd: project,
    env: environmentOf(project),
  });

const installsOf = (project: string): readonly string[] =>
  existsSync(join(project, 'installs.log'))
    ? readFileSync(join(project, 'installs.log'), 'utf8').trim().split('\n')
    : [];

/** Writes npm's own record of what it installed. */
const writeRecord = (project: string, packages: object): void =>
  writeFileSync(join(project, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));

const skip = OWN_NODE === undefined ? "this is not the project's own Node" : false;

for (const node of starters) {
  describe(`started by Node ${versionOf(node)}`, { skip }, () => {
    test('the first start installs the packages, the second does not', async (t) => {
      const project = makeProject(t);

      const first = await start(project, ['hello.ts'], node);
      const second = await start(project, ['hello.ts'], node);

      assert.deepEqual([first.code, first.stdout], [0, 'hello world\n']);
      assert.match(first.stderr, /^rungwise: installing the packages .*\nadded 1 package\n$/);
      assert.deepEqual([second.code, second.stdout, second.stderr], [0, 'hello world\n', '']);
      assert.deepEqual(installsOf(project), [
        'ci --include=dev --include=optional --engine-strict=false --ignore-scripts --loglevel=error',
      ]);
    });

    test("the file runs under the project's own Node, which its children find as node", async (t) => {
      const project = makeProject(t, {
        'which.ts': `
          import { execSync } from 'node:child_process';
          const child = String(execSync('node -p process.version')).trim();
          console.log(JSON.stringify([process.version, child, process.execArgv]));`,
      });

      const { stdout } = await start(project, ['which.ts'], node);

      const flag = '--disable-warning=ExperimentalWarning';
      assert.deepEqual(JSON.parse(stdout), [process.version, process.version, [flag]]);
    });

    test('a binary that does not start is passed over', async (t) => {
      const project = makeProject(t);
      await start(project, ['hello.ts']);
      const own = join(project, 'node_modules', OWN_NODE ?? '');
      rmSync(own);
      writeFileSync(own, '#!/no/such/loader\n', { mode: 0o755 });

      const ended = await start(project, ['hello.ts'], node);

      if (runsTypeScript(node)) {
        assert.deepEqual([ended.code, ended.stdout], [0, 'hello world\n']);
      } else {
        assert.deepEqual([ended.code, ended.stdout], [1, '']);
        assert.match(ended.stderr, /^rungwise: .* is too old: install Node 24 .*\n$/);
      }
    });
  });
}

describe('packages', { skip }, () => {
  test('a changed lock file makes the next start install again', async (t) => {
    const project = makeProject(t);
    await start(project, ['hello.ts']);
    writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ ...LOCK, name: 'new' }));

    await start(project, ['hello.ts']);

    assert.equal(installsOf(project).length, 2);
  });

  test('an install by hand that has everything the lock file asks for is kept', async (t) => {
    const project = makeProject(t);
    await start(project, ['hello.ts']);
    rmSync(join(project, 'node_modules/.rungwise-stamp'));
    const { 'node_modules/one': one } = LOCK.packages;
    writeRecord(project, { 'node_modules/one': one });

    await start(project, ['hello.ts']);

    assert.equal(installsOf(project).length, 1);
  });

  test('an install by hand of another version is made anew', async (t) => {
    const project = makeProject(t);
    await start(project, ['hello.ts']);
    rmSync(join(project, 'node_modules/.rungwise-stamp'));
    const { 'node_modules/one': one } = LOCK.packages;
    writeRecord(project, { 'node_modules/one': { ...one, version: '0.9.0' } });

    await start(project, ['hello.ts']);

    assert.equal(installsOf(project).length, 2);
  });

  test('two starts at the same time install once', async (t) => {
    const project = makeProject(t);

    const both = await Promise.all([start(project, ['hello.ts']), start(project, ['hello.ts'])]);

    assert.deepEqual(
      both.map(({ stdout }) => stdout),
      ['hello world\n', 'hello world\n'],
    );
    assert.equal(installsOf(project).length, 1);
    assert.equal(existsSync(join(project, '.install-lock')), false);
  });

  test('an install lock whose process is gone holds nobody up', async (t) => {
    const project = makeProject(t);
    const gone = spawnSync(process.execPath, ['--version']).pid;
    writeFileSync(join(project, '.install-lock'), String(gone));

    const { code } = await start(project, ['hello.ts']);

    assert.equal(code, 0);
  });

  test('an install that fails says so in one line, and the next start tries again', async (t) => {
    const project = makeProject(t, { 'broken-registry': '' });

    const failed = await start(project, ['hello.ts']);
    rmSync(join(project, 'broken-registry'));
    const again = await start(project, ['hello.ts']);

    assert.deepEqual([failed.code, failed.stdout], [1, '']);
    assert.match(failed.stderr, /\nrungwise: "npm ci" failed: .*\n$/);
    assert.equal(again.code, 0);
  });

  test('npm itself installs development and optional packages in production too', async (t) => {
    const wanted = {
      devDependencies: { dev: 'file:dev' },
      optionalDependencies: { opt: 'file:opt' },
    };
    const packages = {
      '': wanted,
      dev: { version: '1.0.0', dev: true },
      opt: { version: '1.0.0', optional: true },
      'node_modules/dev': { resolved: 'dev', link: true },
      'node_modules/opt': { resolved: 'opt', link: true },
    };
    const project = makeProject(t, {
      'package.json': JSON.stringify(wanted),
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
      'dev/package.json': '{"name": "dev", "version": "1.0.0"}',
      'opt/package.json': '{"name": "opt", "version": "1.0.0"}',
    });

    const ended = await runToEnd(process.execPath, ['scripts/run.mjs', 'hello.ts'], {
      cwd: project,
      env: {
        npm_execpath: undefined,
        NODE_ENV: 'production',
        npm_config_omit: 'dev optional',
        npm_config_ignore_scripts: 'true',
      },
    });

    assert.equal(ended.stdout, 'hello world\n', ended.stderr);
    assert.ok(existsSync(join(project, 'node_modules/dev/package.json')));
    assert.ok(existsSync(join(project, 'node_modules/opt/package.json')));
  });
});

describe('the started file', { skip }, () => {
  test('gets its arguments as they are, in any current directory', async (t) => {
    const project = makeProject(t, {
      'sub/args.ts': 'console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)]));',
    });
    const elsewhere = makeFolder(t, {});
    const script = join(project, 'scripts/run.mjs');
    const args = ['--', '-x', 'a b', '*', '$HOME', ''];

    const { stdout } = await runToEnd(process.execPath, [script, 'sub/args.ts', ...args], {
      cwd: elsewhere,
      env: environmentOf(project),
    });

    assert.deepEqual(JSON.parse(stdout), [elsewhere, ...args]);
  });

  test('may have options of Node before it', async (t) => {
    const project = makeProject(t, {
      'one.test.ts': "import { test } from 'node:test';\ntest('one', () => undefined);\n",
    });

    const { code, stdout } = await runToEnd(
      process.execPath,
      ['scripts/run.mjs', '--test', '--test-reporter=tap', 'one.test.ts'],
      { cwd: project, env: { ...environmentOf(project), NODE_TEST_CONTEXT: undefined } },
    );

    assert.equal(code, 0);
    assert.match(stdout, /^# pass 1$/m);
  });

  test('ends with its own exit code', async (t) => {
    const project = makeProject(t, { 'exit.ts': 'process.exitCode = 7;' });

    const { code } = await start(project, ['exit.ts']);

    assert.equal(code, 7);
  });

  test('ends by its own signal', async (t) => {
    const project = makeProject(t, { 'end.ts': "process.kill(process.pid, 'SIGKILL');" });

    const { code, signal } = await start(project, ['end.ts']);

    assert.deepEqual([code, signal], [null, 'SIGKILL']);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`gets a ${signal} that the starter is sent, and may end as it likes`, async (t) => {
      const project = makeProject(t, {
        'wait.ts': `
          process.on('${signal}', () => {
            console.log('got ${signal}');
            process.exit(9);
          });
          setInterval(() => undefined, 1000);
          console.log('ready');`,
      });
      const child = spawn(process.execPath, ['scripts/run.mjs', 'wait.ts'], {
        cwd: project,
        env: { ...process.env, ...environmentOf(project) },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child.stdout.once('data', () => child.kill(signal));

      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);

      assert.equal(output, `ready\ngot ${signal}\n`);
      assert.equal(code, 9);
    });
  }

  test('has to be named', async (t) => {
    const { code, stderr } = await start(makeProject(t), []);

    assert.equal(code, 1);
    assert.match(stderr, /^rungwise: which file\?/);
  });
});
