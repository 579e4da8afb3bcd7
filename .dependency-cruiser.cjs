// Which folder may import which: the layers of docs/architecture.md. `npm run check` holds them.

/** What stands behind the ports: the use cases know it by its types at most. */
const ADAPTERS = ['lib/store', 'lib/events'];
/** The port of the store, and where each of its items lives. */
const STORE_PORT = ['lib/store/store.ts', 'lib/store/keys.ts'];

/** How experiments are written into CSV: pure functions. */
const RECORDS = ['cli/show/csv.ts', 'cli/show/experiment-csv.ts'];

/** What draws without a page: the report of the command line has the plots of the dashboard. */
const PLOTS = ['web/plots/options', 'web/plots/data.ts', 'web/plots/render.ts'];

/** Folder → the folders whose files it may import besides its own, or single files. */
const MAY_IMPORT = {
  functions: ['lib/runtime', 'lib/service', 'lib/contract', 'lib/domain'],
  // The local service calls the same handlers as the cloud.
  cli: ['functions', 'lib/runtime', 'lib/service', 'lib/contract', 'lib/domain', ...PLOTS],
  'lib/runtime': ['lib/service', 'lib/contract', 'lib/store', 'lib/events', 'lib/domain'],
  'lib/service': ['lib/contract', 'lib/optimizers', 'lib/matrix', 'lib/domain', ...ADAPTERS],
  'lib/store': ['lib/domain'],
  // The local queue keeps its messages in whatever store it is given.
  'lib/events': [...STORE_PORT, 'lib/domain'],
  'lib/contract': ['lib/matrix', 'lib/domain'],
  'lib/optimizers': ['lib/matrix', 'lib/numerics', 'lib/domain'],
  'lib/matrix': ['lib/numerics', 'lib/domain'],
  'lib/domain': [],
  'lib/numerics': [],
  // The bundle of the dashboard goes into the code of its function.
  infra: ['scripts/build-web.ts'],
  // The types of the answers, which the command line has by name, and how it writes records.
  web: ['lib/contract', 'cli/answers.ts', ...RECORDS, 'examples'],
};

/** Folders whose code is a function of its arguments: no input or output. */
const PURE = ['lib/domain', 'lib/numerics', 'lib/matrix', 'lib/optimizers'];
/** The packages that pure code may use: pure themselves. */
const PURE_PACKAGES = ['fastest-levenshtein', 'ipaddr.js'];

/** Package → the only folders of the service that may import it. */
const ONLY_IN = {
  '@aws-sdk': ['lib/store', 'lib/events', 'lib/runtime'],
  '@smithy': ['lib/store', 'lib/events', 'lib/runtime'],
  zod: ['lib/contract', 'lib/runtime'],
  'zod-openapi': ['lib/contract'],
  yaml: ['lib/contract', 'cli/report'],
  '@huggingface/jinja': ['lib/contract'],
  '@middy': ['lib/runtime'],
};

/** What a team runs; tests, benchmarks, examples and scripts may import everything. */
const SERVICE = '^(lib|functions|cli)/';
const OURS = '^(lib|functions|cli|infra|web|clients|scripts|bench|examples|test)/';

const inside = (places) =>
  places.map((place) =>
    place.endsWith('.ts') ? `^${place.replaceAll('.', '\\.')}$` : `^${place}/`,
  );
const ruleName = (folder) => folder.replace('/', '-');

const layers = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `layer-${ruleName(folder)}`,
  comment: `${folder} may import ${allowed.join(', ') || 'nothing of the other folders'}.`,
  severity: 'error',
  from: { path: inside([folder]) },
  to: { path: OURS, pathNot: inside([folder, ...allowed]) },
}));

const packages = Object.entries(ONLY_IN).map(([name, folders]) => ({
  name: `only-${name.replace('@', '').replace('/', '-')}`,
  comment: `${name} is imported only in ${folders.join(' and ')}.`,
  severity: 'error',
  from: { path: SERVICE, pathNot: inside(folders) },
  to: { path: `node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...packages,
    {
      name: 'service-knows-ports',
      comment:
        'The use cases take the adapters as arguments: of these they import types and ports only.',
      severity: 'error',
      from: { path: '^lib/service/' },
      to: {
        path: inside(ADAPTERS),
        pathNot: inside(STORE_PORT),
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'web-knows-types',
      comment: 'The dashboard runs in a browser: of the contract it imports types only.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(lib|cli)/', pathNot: inside(RECORDS), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-no-node',
      comment: 'The dashboard runs in a browser, which has no modules of Node.',
      severity: 'error',
      from: { path: '^web/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'layer-missing',
      comment: 'Every folder of lib has a row in .dependency-cruiser.cjs.',
      severity: 'error',
      from: { path: '^lib/', pathNot: inside(Object.keys(MAY_IMPORT)) },
      to: {},
    },
    {
      name: 'no-cycle',
      comment: 'No cycles.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-no-packages',
      comment: `Of the packages, pure code may import only ${PURE_PACKAGES.join(', ')}.`,
      severity: 'error',
      from: { path: inside(PURE) },
      to: { path: 'node_modules/', pathNot: PURE_PACKAGES.map((name) => `node_modules/${name}/`) },
    },
    {
      name: 'pure-no-io',
      comment: 'Pure code does no input or output: of Node it may import only assert.',
      severity: 'error',
      from: { path: inside(PURE) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?assert(/strict)?$' },
    },
    {
      name: 'no-dev-package',
      comment: 'A package that runs in the service stands under "dependencies".',
      severity: 'error',
      from: { path: SERVICE },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'The imported file or package is there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Environments of other languages, made by a benchmark.
    exclude: { path: '^bench/\\.cache/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count as well: an arrow is about what a file knows.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
