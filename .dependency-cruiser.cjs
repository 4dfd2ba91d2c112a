/**
 * The import rules of the design, as a check that fails. The tree only stays readable while every folder knows
 * a few others, and a note in a document does not keep it so. Tables first: to allow something, change a table
 * row and say why in docs/decisions/. Type-only imports count like any other unless a rule says otherwise.
 */

const LEAVES = [
  'atomic',
  'changes',
  'connections',
  'elsewhere',
  'energy',
  'folders',
  'gguf-architecture',
  'hugging-face',
  'keyed-server',
  'line-file',
  'locks',
  'log',
  'own-names',
  'paths',
  'processes',
  'rename',
  'requests',
  'speed-tests',
  'versions',
  'watched',
];

/** What each layer of the engine may import from the engine, and whether it reads rows; itself and the leaves are always allowed. */
const LAYERS = {
  ir: [],
  ops: ['ir'],
  passes: ['ir', 'ops'],
  autodiff: ['ir', 'ops', 'passes'],
  exec: ['ir', 'ops', 'passes', 'io', 'extras/executors'],
  io: ['dtype'],
  data: ['dtype', 'io', 'rows'],
  nn: ['ir', 'ops'],
  models: ['ir', 'ops', 'nn', 'tensor-store', 'gguf-types'],
  load: ['dtype', 'exec', 'io', 'models', 'nn', 'data', 'rows', 'config'],
  tasks: ['*', 'load'],
  step: ['*', 'load', 'tasks'],
  eval: ['*', 'load', 'step', 'tasks', 'extras/remedies'],
  chat: ['io', 'data', 'rows', 'load', 'eval', 'config'],
  export: ['*', 'load', 'eval', 'chat'],
  pricing: ['*', 'load', 'step', 'tasks', 'eval', 'extras/step-prices'],
  train: ['*', 'load', 'step', 'tasks', 'eval', 'export', 'pricing', 'extras/steppers'],
  extras: ['*', 'load', 'step', 'tasks', 'eval', 'export', 'chat', 'pricing', 'train', 'session/call-row'],
  bench: ['*', 'load', 'step', 'tasks', 'pricing'],
  session: [
    '*',
    'load',
    'step',
    'tasks',
    'eval',
    'export',
    'chat',
    'pricing',
    'train',
    'bench',
    'extras/calls',
    'extras/call-table',
    'extras/makers',
  ],
  entry: ['session', 'config', 'port'],
  port: [],
  config: [],
};

/** What each folder of engine/data may import from engine/data, beside itself: from tokens to batches. */
const DATA_FOLDERS = {
  tokens: [],
  batches: ['tokens'],
};

/** What each folder of main/rows may import from main/rows, beside itself; `.` stands for reading rows, the files beside the folders. */
const ROWS_FOLDERS = {
  '.': ['readers'],
  readers: ['.'],
  doctor: ['.', 'readers'],
  documents: ['.', 'readers', 'doctor'],
};

/** What `*` stands for: everything that steps and jobs (train, eval, export) are made of. */
const FOUNDATION = [
  'ir',
  'ops',
  'passes',
  'autodiff',
  'exec',
  'io',
  'data',
  'rows',
  'nn',
  'models',
  'config',
];

/** Single files that a layer may see of another one. */
const PARTS = {
  dtype: 'ir/dtype\\.ts$',
  'tensor-store': 'io/tensor-store\\.ts$',
  'gguf-types': 'io/gguf-types\\.ts$',
};

/**
 * What each folder beside the engine may import from main/, the lowest first; itself and the leaves are always allowed, and of the
 * engine what `engine-closed` lets out.
 */
const BELOW_APP = ['store', 'hub', 'packs', 'hardware', 'plan', 'runs', 'targets'];
const MAIN_LAYERS = {
  rows: [],
  store: [],
  hub: ['store'],
  packs: ['store', 'hub'],
  hardware: ['store', 'packs', 'extras/libraries'],
  plan: [],
  runs: ['store', 'hub', 'hardware', 'plan'],
  targets: ['runs', 'extras/targets'],
  app: [...BELOW_APP, 'extras/origins'],
  api: [...BELOW_APP, 'app', 'extras/handlers'],
  extras: [...BELOW_APP, 'app', 'api/router', 'cli'],
  serve: [...BELOW_APP, 'app', 'api'],
  electron: [...BELOW_APP, 'app', 'api', 'serve', 'extras/menu-pages', 'extras/menu-page'],
  cli: [...BELOW_APP, 'app', 'serve', 'extras/commands', 'extras/libraries', 'extras/target-flags'],
};

/** What each part of common/ may import values from, beside itself; types come from anywhere in it. */
const COMMON_LAYERS = {
  errors: ['words/language'],
  protocol: [],
  ranking: [],
  'step-figures': [],
  values: [],
  words: ['errors', 'values', 'extras/words'],
  settings: ['errors', 'values', 'words', 'extras/settings', 'extras/executors', 'extras/reading-runs'],
  api: ['errors', 'values', 'words', 'settings', 'extras/calls', 'extras/packs', 'extras/target-kinds'],
  extras: ['errors', 'ranking', 'values', 'words', 'settings', 'api/base', 'api/data'],
};

/** Packages with native code or a host of their own, and the only places that may import them. */
const QUARANTINE = [
  { name: 'onnxruntime', packages: 'onnxruntime-(node|common|web)', home: '^main/engine/exec/ort/' },
  { name: 'koffi', packages: 'koffi', home: '^main/engine/(exec/(ggml|openvino)|extras/tensorflow)/' },
  { name: 'tfjs', packages: '@tensorflow/[^/]+', home: '^main/engine/extras/tensorflow/' },
  { name: 'llama-cpp', packages: 'node-llama-cpp', home: '^main/engine/chat/' },
  { name: 'quickjs', packages: '(quickjs-emscripten-core|@jitl/[^/]+)', home: '^main/engine/extras/rules/' },
  { name: 'sqlite', packages: 'better-sqlite3', home: '^main/store/' },
  { name: 'systeminformation', packages: 'systeminformation', home: '^main/hardware/' },
  {
    name: 'electron',
    packages: 'electron',
    home: '^(main/electron/|preload/)',
  },
];

/** Packages that are used when they are there: their import may not resolve on this machine. */
const OPTIONAL_PACKAGES = '^@tensorflow/tfjs-node-gpu';

const APP = '^(common|main|preload|renderer)/';
const COMMON = '^common/';
/** What people read, as data. */
const WORDS = '^words/';
const ENGINE = '^main/engine/';
/** Reading, checking and cutting up what people train on: below the engine, which alone uses it. */
const ROWS = '^main/rows/';
const CLI = '^main/cli/';
/** The typed API between what people see and what does the work. */
const CONTRACT = '^common/(api/|extras/calls\\.ts$|extras/[^/]+/calls\\.ts$)';
const LOCAL = '^(common|main|preload|renderer|scripts|tests)/';

/** A layer is a folder or a file of that name; `config/parse.ts` and `config-schema.ts` belong to `config`. */
const layerPath = (layer) => PARTS[layer] ?? `${layer}(\\.ts$|/|-)`;
const enginePath = (layers) => `${ENGINE}(${layers.map(layerPath).join('|')})`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const layerRules = Object.entries(LAYERS).map(([layer, allowed]) => {
  const named = allowed.flatMap((entry) => (entry === '*' ? FOUNDATION : [entry]));
  const visible = [layer, ...named];
  return forbid(
    `layer-${layer}`,
    `engine/${layer} may import from the engine only: ${visible.join(', ')}.`,
    { path: enginePath([layer]) },
    {
      path: `${ENGINE}|${ROWS}`,
      pathNot: visible.includes('rows') ? `${enginePath(visible)}|${ROWS}` : enginePath(visible),
    },
  );
});

const commonPath = (names) => `^common/(${names.join('|')})(\\.ts$|/)`;
const mainPath = (names) => `^main/(${names.join('|')})(\\.ts$|/)`;
const LEAF = `^main/(${LEAVES.join('|')})\\.ts$`;

const mainLayerRules = Object.entries(MAIN_LAYERS).map(([folder, allowed]) =>
  forbid(
    `main-layer-${folder}`,
    `main/${folder} may import from main/ only: ${[folder, ...allowed, 'leaves', 'engine'].join(', ')}.`,
    { path: mainPath([folder]) },
    { path: '^main/', pathNot: `${mainPath([folder, ...allowed])}|${LEAF}|${ENGINE}` },
  ),
);

const DATA = `${ENGINE}data/`;
const dataPath = (folders) => `${DATA}(${folders.join('|')})/`;

const dataRules = [
  forbid(
    'data-unknown-folder',
    'A file directly under engine/data, or a new folder there, needs a row in DATA_FOLDERS: decide what it may see.',
    { path: DATA, pathNot: dataPath(Object.keys(DATA_FOLDERS)) },
    {},
  ),
  ...Object.entries(DATA_FOLDERS).map(([folder, allowed]) =>
    forbid(
      `data-${folder}`,
      `engine/data/${folder} may import from engine/data only: ${[folder, ...allowed].join(', ')}.`,
      { path: dataPath([folder]) },
      { path: DATA, pathNot: dataPath([folder, ...allowed]) },
    ),
  ),
];

const rowsPath = (folders) =>
  folders.map((folder) => (folder === '.' ? `${ROWS}[^/]+$` : `${ROWS}${folder}/`)).join('|');

const rowsRules = [
  forbid(
    'rows-unknown-folder',
    'A new folder in main/rows needs a row in ROWS_FOLDERS: decide what it may see.',
    { path: ROWS, pathNot: rowsPath(Object.keys(ROWS_FOLDERS)) },
    {},
  ),
  forbid(
    'rows-below-engine',
    'Rows know nothing of tokens, graphs and models: the engine gives what it takes, such as an encoder for the doctor.',
    { path: ROWS },
    { path: ENGINE },
  ),
  ...Object.entries(ROWS_FOLDERS).map(([folder, allowed]) =>
    forbid(
      folder === '.' ? 'rows-reading' : `rows-${folder}`,
      `main/rows/${folder} may import from main/rows only: ${[folder, ...allowed].join(', ')}.`,
      { path: rowsPath([folder]) },
      { path: ROWS, pathNot: rowsPath([folder, ...allowed]) },
    ),
  ),
];

const quarantineRules = QUARANTINE.map(({ name, packages, home }) =>
  forbid(
    `quarantine-${name}`,
    `${packages} may be imported only in ${home}, so that the rest runs without it.`,
    { path: APP, pathNot: home },
    { path: `(^|node_modules/)${packages}(/|$)` },
  ),
);

const engineRules = [
  forbid(
    'engine-unknown-layer',
    'A new folder or file directly under main/engine needs a row in LAYERS: decide what it may see.',
    { path: ENGINE, pathNot: enginePath(Object.keys(LAYERS)) },
    {},
  ),
  forbid(
    'engine-only-leaves',
    `The engine runs as its own process: outside itself it sees only common/, but for the API, main/rows/ and main/{${LEAVES.join(',')}}.ts.`,
    { path: ENGINE },
    { path: LOCAL, pathNot: `${ENGINE}|${ROWS}|${LEAF}|^common/(?!api/|extras/)|^common/extras/[^/]+/` },
  ),
  forbid(
    'engine-concrete-executor',
    'Only exec/registry.ts knows concrete executors: ask it for one by name.',
    { path: APP, pathNot: '^main/engine/exec/(registry\\.ts$|[^/]+/)' },
    { path: '^main/engine/exec/[^/]+/' },
  ),
  forbid(
    'engine-executor-sibling',
    'An executor does not know another executor; exec/onnx writes the graphs that two of them read.',
    { path: '^main/engine/exec/([^/]+)/' },
    { path: '^main/engine/exec/[^/]+/', pathNot: '^main/engine/exec/($1|onnx)/' },
  ),
];

const commonRules = [
  forbid(
    'common-is-pure',
    'common/ is loaded in every process and in the window: besides itself and the words it imports zod and ICU messages alone, and the API its contract builder.',
    { path: COMMON },
    {
      path: '.',
      pathNot: `${COMMON}|${WORDS}|^zod(/|$)|node_modules/(zod|@orpc/contract|intl-messageformat)/`,
    },
  ),
  forbid(
    'settings-are-data',
    'The page loads the rows of settings: they are plain data, and engine/config makes their schema.',
    { path: '^common/settings/' },
    { path: '^zod(/|$)|node_modules/zod/' },
  ),
  ...Object.entries(COMMON_LAYERS).map(([folder, allowed]) =>
    forbid(
      `common-${folder}`,
      `common/${folder} may import values from common/ only: ${[folder, ...allowed].join(', ')}.`,
      { path: commonPath([folder]) },
      { path: COMMON, pathNot: commonPath([folder, ...allowed]), dependencyTypesNot: ['type-only'] },
    ),
  ),
];

const boundaryRules = [
  forbid(
    'leaf-imports-leaves',
    'A leaf that anyone may import must not pull in the rest.',
    { path: LEAF },
    { path: LOCAL, pathNot: `${LEAF}|^common/` },
  ),
  forbid(
    'engine-closed',
    'The app sees of the engine only config.ts, the settings, the table of calls and the arithmetic of intervals; it runs jobs in a process of its own.',
    { path: APP, pathNot: `${ENGINE}|${CLI}` },
    {
      path: ENGINE,
      pathNot:
        '^main/engine/(config/config|pricing/pricing|entry|models/registry|session/call-table|eval/assess/statistics)\\.ts$',
    },
  ),
  forbid(
    'engine-types-only',
    'Settings are parsed by the engine, the use cases, the command line and extras; all others import config.ts with `import type`.',
    { path: APP, pathNot: `${ENGINE}|${CLI}|^main/(app|extras)/` },
    { path: '^main/engine/config/config\\.ts$', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'engine-pricing-for-plan',
    'engine/pricing/pricing.ts is the way in for main/plan alone.',
    { path: APP, pathNot: `${ENGINE}|^main/plan/` },
    { path: '^main/engine/pricing/pricing\\.ts$' },
  ),
  forbid(
    'engine-families-for-hub-and-plan',
    'engine/models/registry.ts, the families that Fettle trains, is pure: main/hub and main/plan read it.',
    { path: APP, pathNot: `${ENGINE}|^main/(hub|plan)/` },
    { path: '^main/engine/models/registry\\.ts$' },
  ),
  forbid(
    'engine-entry-for-supervisor',
    'engine/entry.ts is started as a process, by main/runs/supervisor.ts alone.',
    { path: APP, pathNot: '^main/(runs/supervisor|engine/entry)\\.ts$' },
    { path: '^main/engine/entry\\.ts$' },
  ),
  forbid(
    'cli-sees-config',
    'The command line computes nothing in its own process: of the engine it sees config/ alone.',
    { path: CLI },
    { path: ENGINE, pathNot: enginePath(['config']) },
  ),
  forbid(
    'main-not-renderer',
    'Main and the command line know nothing of the preload script and the window.',
    { path: '^main/' },
    { path: '^(renderer|preload)/' },
  ),
  forbid(
    'renderer-sees-common',
    'The window shares common/ with the app, and knows nothing else of it.',
    { path: '^renderer/' },
    { path: '^(main|preload|scripts|tests)/' },
  ),
  forbid(
    'renderer-api-as-types',
    'The window imports common/api with `import type`: what checks inputs stays out of the page.',
    { path: '^renderer/' },
    { path: CONTRACT, dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'renderer-no-node',
    'The window is sandboxed: there is no Node in it.',
    { path: '^renderer/' },
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'preload-only-electron',
    'The preload script is the bridge: electron, nothing else.',
    { path: '^preload/' },
    { path: '.', pathNot: '^electron$|node_modules/electron/' },
  ),
  forbid(
    'app-not-tests',
    'What ships does not import tests or scripts.',
    { path: APP },
    { path: '^(tests|scripts)/' },
  ),
];

/** What can be deleted: a folder of its name in each of these, and a line for it in the registries beside the folders. */
const EXTRAS = '^(common|main|main/engine|renderer|tests)/extras/';
const extraRules = [
  forbid(
    'extras-by-registry',
    'The core meets an extra in the registries alone, the files directly in extras/: so it can be deleted.',
    { path: LOCAL, pathNot: EXTRAS },
    { path: `${EXTRAS}[^/]+/` },
  ),
  forbid(
    'extras-apart',
    'An extra knows no other extra: each can be deleted alone.',
    { path: `${EXTRAS}([^/]+)/` },
    { path: `${EXTRAS}[^/]+/`, pathNot: `${EXTRAS}$2/` },
  ),
];

const packageRules = [
  forbid(
    'no-circular',
    'Two files that need each other are one file, or miss a third.',
    {},
    { circular: true },
  ),
  forbid(
    'no-unresolvable',
    'The import points at nothing: a typing error, or a package that package.json does not name.',
    {},
    { couldNotResolve: true, pathNot: OPTIONAL_PACKAGES },
  ),
  forbid(
    'no-undeclared-package',
    'The package is there only because another one needs it: name it in package.json.',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  forbid(
    'no-dev-package',
    'Main runs from its dependencies; a development package is missing where Fettle is installed.',
    { path: '^(main|preload)/' },
    {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['type-only'],
      pathNot: '(^|node_modules/)electron(/|$)',
    },
  ),
];

module.exports = {
  forbidden: [
    ...layerRules,
    ...mainLayerRules,
    ...dataRules,
    ...rowsRules,
    ...engineRules,
    ...boundaryRules,
    ...commonRules,
    ...quarantineRules,
    ...extraRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^tests/golden/data/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
    skipAnalysisNotInRules: true,
  },
};
