/**
 * Whether TensorFlow.js can use TensorFlow's own library here. Only loading it tells, and a library that does
 * not fit may end the process or hang, so a process of its own loads it. docs/hardware.md lists what can be
 * missing.
 */
import path from 'node:path';
import type { Ran, World } from './world.ts';

/** The library has some 900 MB, and a busy computer takes 3 to 5 s to load it. */
const LOADING_MS = 15_000;

/** What was found. `usable`: the library loads; without it WebAssembly computes, which needs nothing. */
export interface TensorFlowFacts {
  readonly usable: boolean;
  /** Whether it loads and computes on a card. */
  readonly onCard: boolean;
  /** Whether a package was there and a process tried to load it. */
  readonly wasTried: boolean;
  readonly reason: string;
  readonly fix: string | null;
}

/** Packages with the library, the better first; the executor looks for the same. */
const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

const WASM = 'TensorFlow.js computes on WebAssembly here, on one core.';
const INSTALL =
  'Install @tensorflow/tfjs-node-gpu (or tfjs-node) in a folder and name that in FETTLE_TFJS_HOME.';
/** It needs no host but those of npm and of Python's packages. */
const SCRIPT_MAKES_ONE =
  ' In Fettle’s source, npm run tensorflow-library -- --to FOLDER makes such a folder.';
const REBUILD =
  'Run npm rebuild with the name of the package and --foreground-scripts in its folder: it loads the library from storage.googleapis.com.';

/** Loads the package in the folder that it is given and prints what it is; the executor prepares its process in the same way. */
const SCRIPT = `
const util = require('util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray = Array.isArray;
const tf = require(process.argv[1]);
const { binding, isUsingGpuDevice } = tf.backend();
const sum = tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).sum().dataSync()[0];
console.log(JSON.stringify({ version: tf.version_core, library: binding.TF_Version, card: isUsingGpuDevice, sum }));
process.exit(0);
`;

/** Asks in a process of its own, for `LOADING_MS` at most; nothing is run where no package is installed. */
export async function askTensorFlow(world: World): Promise<TensorFlowFacts> {
  const found = packageOf(world);
  if (found === null) return notInstalled(world);
  if (world.nodeCommand === null)
    return missing(`${found.name} is installed; whether it loads was not tried in this window.`, null, false);
  const args = ['-e', SCRIPT, found.folder];
  return judged(found, await world.run(world.nodeCommand, args, LOADING_MS));
}

function notInstalled({ env, platform, arch }: World): TensorFlowFacts {
  const home = env.FETTLE_TFJS_HOME;
  const why = home
    ? `${home}, which FETTLE_TFJS_HOME names, has neither ${TENSORFLOW_PACKAGES.join(' nor ')}.`
    : 'TensorFlow’s library is not installed.';
  const isMade = platform === 'linux' && arch === 'x64';
  return missing(`${WASM} ${why}`, isMade ? `${INSTALL}${SCRIPT_MAKES_ONE}` : INSTALL, false);
}

/** The folder of a package: in the one that FETTLE_TFJS_HOME names, or among Fettle's own. */
export function packagePlace({ env, packageFolder }: World, name: string): string | null {
  const home = env.FETTLE_TFJS_HOME;
  return (home ? packageFolder(name, path.join(home, 'node_modules')) : null) ?? packageFolder(name);
}

interface Found {
  readonly name: string;
  readonly folder: string;
}

function packageOf(world: World): Found | null {
  for (const name of TENSORFLOW_PACKAGES) {
    const folder = packagePlace(world, name);
    if (folder !== null) return { name, folder };
  }
  return null;
}

const missing = (reason: string, fix: string | null, wasTried = true): TensorFlowFacts => ({
  usable: false,
  onCard: false,
  wasTried,
  reason,
  fix,
});

function judged({ name, folder }: Found, ran: Ran): TensorFlowFacts {
  if (ran.kind === 'timed-out')
    return missing(`${name} did not load within ${LOADING_MS / 1000} s and was stopped. ${WASM}`, null);
  if (ran.kind !== 'done')
    return missing(`${name} is installed, but no process could be started to try it. ${WASM}`, null, false);
  const loaded = ran.code === 0 ? loadedFrom(ran.stdout) : null;
  if (loaded !== null) return works(name, loaded, ran.stderr);
  const { why, fix } = hindrance(ran);
  return missing(`${name} is installed in ${folder}, but does not load: ${why} ${WASM}`, fix);
}

interface Loaded {
  readonly version: string;
  readonly library: string;
  readonly card: boolean;
}

function loadedFrom(stdout: string): Loaded | null {
  try {
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Loaded & { sum: unknown };
    // four sums of two products of ones
    return said.sum === 8 ? said : null;
  } catch {
    return null;
  }
}

function works(name: string, { version, library, card }: Loaded, stderr: string): TensorFlowFacts {
  const versions = `${name} ${version} loads, with TensorFlow ${library}`;
  const lacks = /Could not (?:load|find) (?:dynamic library '([^']+)'|cuda drivers)/.exec(stderr);
  const why = lacks ? ` ${lacks[1] ? `It did not find ${lacks[1]}.` : 'It found no driver for CUDA.'}` : '';
  const lacksCard = !card && name.endsWith('-gpu');
  return {
    usable: true,
    onCard: card,
    wasTried: true,
    reason: `${versions}, and computes on the ${card ? 'card' : 'processor'}.${lacksCard ? why : ''}`,
    fix: lacksCard
      ? 'For the card it needs NVIDIA’s driver, CUDA 11.2 and cuDNN 8.1, which have to be installed by hand.'
      : null,
  };
}

/** What the texts of failed loads mean, the first that fits. */
const FAILURES: readonly (readonly [
  RegExp,
  (found: RegExpExecArray) => { why: string; fix: string | null },
])[] = [
  [
    /native addon module|tfjs_binding\.node[^\n]*(?:cannot open shared object|no such file)/i,
    () => ({ why: 'its library was not downloaded when it was installed.', fix: REBUILD }),
  ],
  [
    /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/,
    ([, library]) => ({ why: `${library} is missing.`, fix: REBUILD }),
  ],
  [
    /version [`']?((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)/,
    ([, version]) => ({ why: `it needs ${version}, and this system is older.`, fix: null }),
  ],
  [
    /The specified module could not be found/,
    () => ({
      why: 'tensorflow.dll or a library that it needs is missing.',
      fix: 'Copy tensorflow.dll from the package’s deps/lib folder to its lib/napi-v8 folder.',
    }),
  ],
  [
    /Cannot find module '([^']+)'/,
    ([, module]) => ({ why: `the module ${module} is missing.`, fix: 'Install the package anew.' }),
  ],
];

/** Signals of processes that used an instruction which the processor does not have, and of those that crashed. */
function hindrance({ code, stderr }: Extract<Ran, { kind: 'done' }>): { why: string; fix: string | null } {
  for (const [pattern, say] of FAILURES) {
    const found = pattern.exec(stderr);
    if (found) return say(found);
  }
  const line = /^(?:\w*Error|Error[^:]*): (.+)$/m.exec(stderr)?.[1]?.trim().replace(/\.$/, '');
  if (line) return { why: `“${line.slice(0, 160)}”.`, fix: null };
  if (code === -1 || code > 128 || /illegal instruction|AVX/i.test(stderr))
    return { why: 'it ended its process. TensorFlow’s library needs a processor with AVX.', fix: null };
  return { why: `its process ended with code ${code}.`, fix: null };
}
