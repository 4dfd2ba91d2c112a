/**
 * Whether TensorFlow.js can use TensorFlow's own library here. Of an installed package only loading it tells, and
 * one that does not fit may end the process or hang, so a process of its own loads it. The TensorFlow pack was
 * checked file by file, and needs no more than a processor with AVX. docs/hardware.md lists what can be missing.
 */

import path from 'node:path';
import { TENSORFLOW } from '../../../common/extras/tensorflow/library.ts';
import { parsedJson } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { type Card, type Finding, fails, type Ways, works } from '../../hardware/graphics/card.ts';
import type { ExtraLibrary } from '../../hardware/library.ts';
import type { Ran, World } from '../../hardware/probe/world.ts';
import { type CudaNeeds, driverHindrance, makerOf, partsText } from './nvidia-driver.ts';

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
  /** The library is that of the pack, or would be. */
  readonly pack?: 'tensorflow';
}

/** TensorFlow's own library, for the executor TensorFlow.js. */
export const tensorFlow: ExtraLibrary<TensorFlowFacts> = {
  name: 'TensorFlow',
  ask: askTensorFlow,
  notKnown: () => say`Whether TensorFlow’s library loads is not known.`,
  access: tfjsAccess,
  command: 'fettle devices get tensorflow',
  byHand: 'Install @tensorflow/tfjs-node-gpu (or tfjs-node) in a folder and name that in FETTLE_TFJS_HOME.',
};

const wasm = () => say`TensorFlow.js computes with WebAssembly here, on one core.`;
const again = () => say`Install the package again, with an internet connection.`;

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
  if (found === null) return await askPack(world);
  if (world.nodeCommand === null)
    return missing(say`${found.name} is installed. Loading was not tried in this window.`, null, false);
  const args = ['-e', SCRIPT, found.folder];
  return judged(found, await world.run(world.nodeCommand, args, LOADING_MS));
}

/** The library without a package: in the folder that FETTLE_TFJS_HOME names, else in the pack. */
async function askPack(world: World): Promise<TensorFlowFacts> {
  const home = world.env.FETTLE_TFJS_HOME;
  const inHome = home !== undefined && (await world.list(home)).includes(TENSORFLOW.library);
  const state = inHome ? 'ready' : await world.platformPack('tensorflow');
  if (state === null)
    return missing(
      `${wasm()}${marks().gap}${absent(home)}${marks().gap}${say`There is no TensorFlow pack for this system.`}`,
      say`Fettle works without it.`,
      false,
    );
  if (!/\bavx\b/.test((await world.read('/proc/cpuinfo')) ?? ''))
    return missing(
      `${wasm()}${marks().gap}${say`TensorFlow’s library needs a processor with AVX.`}`,
      null,
      false,
    );
  const ways = { onCard: false, wasTried: false, ...(inHome ? {} : { pack: 'tensorflow' as const }) };
  if (state !== 'ready')
    return {
      ...ways,
      usable: false,
      fix: say`Fettle works without it.`,
      reason: `${wasm()}${marks().gap}${state === 'absent' ? absent(home) : say`The TensorFlow pack is outdated or damaged.`}`,
    };
  const reason = inHome
    ? say`TensorFlow’s library is in ${home} and computes on the processor.`
    : say`The TensorFlow pack is ready and computes on the processor.`;
  return { ...ways, usable: true, reason, fix: null };
}

function absent(home: string | undefined): string {
  const [first, second] = TENSORFLOW.packages;
  return home
    ? say`The folder chosen for TensorFlow’s library, ${home}, has neither it nor ${first} nor ${second}.`
    : say`TensorFlow’s library is not installed.`;
}

/** The folder of a package: in the one that FETTLE_TFJS_HOME names, or among Fettle's own. */
function packagePlace(
  { env, packageFolder }: Pick<World, 'env' | 'packageFolder'>,
  name: string,
): string | null {
  const home = env.FETTLE_TFJS_HOME;
  return (home ? packageFolder(name, path.join(home, 'node_modules')) : null) ?? packageFolder(name);
}

interface Found {
  readonly name: string;
  readonly folder: string;
}

function packageOf(world: World): Found | null {
  for (const name of TENSORFLOW.packages) {
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
    return missing(
      `${say`${name} did not load within ${LOADING_MS / 1000} s and was stopped.`}${marks().gap}${wasm()}`,
      null,
    );
  if (ran.kind !== 'done')
    return missing(
      `${say`${name} is installed, but no process could be started to try it.`}${marks().gap}${wasm()}`,
      null,
      false,
    );
  const loaded = ran.code === 0 ? loadedFrom(ran.stdout) : null;
  if (loaded !== null) return loads(name, loaded, ran.stderr);
  const { why, fix } = hindrance(ran);
  return missing(
    `${say`${name} is installed in ${folder}, but doesn’t load: ${why}`}${marks().gap}${wasm()}`,
    fix,
  );
}

interface Loaded {
  readonly version: string;
  readonly library: string;
  readonly card: boolean;
}

function loadedFrom(stdout: string): Loaded | null {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const loaded = parsedJson(last) as (Loaded & { readonly sum: unknown }) | null | undefined;
  // four sums of two products of ones
  return loaded?.sum === 8 ? loaded : null;
}

function loads(name: string, { version, library, card }: Loaded, stderr: string): TensorFlowFacts {
  const words = card
    ? say`${name} ${version} loads, with TensorFlow ${library}, and computes on the card.`
    : say`${name} ${version} loads, with TensorFlow ${library}, and computes on the processor.`;
  const lacks = /Could not (?:load|find) (?:dynamic library '([^']+)'|cuda drivers)/.exec(stderr);
  const why = lacks
    ? `${marks().gap}${lacks[1] ? say`It did not find ${lacks[1]}.` : say`It found no driver for CUDA.`}`
    : '';
  const lacksCard = !card && name.endsWith('-gpu');
  return {
    usable: true,
    onCard: card,
    wasTried: true,
    reason: `${words}${lacksCard ? why : ''}`,
    fix: lacksCard
      ? say`For the card it needs NVIDIA’s driver, CUDA 11.2 and cuDNN 8.1. Install them yourself.`
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
    () => ({ why: say`its library was not downloaded when it was installed.`, fix: again() }),
  ],
  [
    /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/,
    ([, library = '']) => ({ why: say`${library} is missing.`, fix: again() }),
  ],
  [
    /version [`']?((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)/,
    ([, version = '']) => ({ why: say`it needs ${version}, and this system is older.`, fix: null }),
  ],
  [
    /The specified module could not be found/,
    () => ({
      why: say`tensorflow.dll or a library that it needs is missing.`,
      fix: say`Copy tensorflow.dll from the package’s deps/lib folder to its lib/napi-v8 folder.`,
    }),
  ],
  [
    /Cannot find module '([^']+)'/,
    ([, module = '']) => ({
      why: say`the module ${module} is missing.`,
      fix: say`Install the package again.`,
    }),
  ],
];

/** Signals of processes that used an instruction which the processor does not have, and of those that crashed. */
function hindrance({ code, stderr }: Extract<Ran, { kind: 'done' }>): { why: string; fix: string | null } {
  for (const [pattern, explain] of FAILURES) {
    const found = pattern.exec(stderr);
    if (found) return explain(found);
  }
  const line = /^(?:\w*Error|Error[^:]*): (.+)$/m.exec(stderr)?.[1]?.trim().replace(/\.$/, '');
  if (line) return { why: `“${line.slice(0, 160)}”.`, fix: null };
  if (code === -1 || code > 128 || /illegal instruction|AVX/i.test(stderr))
    return { why: say`it crashed. TensorFlow’s library needs a processor with AVX.`, fix: null };
  return { why: say`its process ended with code ${code}.`, fix: null };
}

/** For CUDA 11, which tfjs-node-gpu's TensorFlow is built with. */
const CUDA_11: CudaNeeds = { linux: '450.80', wsl: '450', win32: '452.39', computeCapability: 3.5 };

/** Whether the package for cards computes on this one; `tensorFlow`: what came of loading it, null where nobody knows. */
export function tfjsAccess(
  card: Card,
  ways: Ways,
  tensorFlow: TensorFlowFacts | null,
  world: Pick<World, 'env' | 'packageFolder'>,
): Finding {
  if (card.vendor !== 'nvidia')
    return fails(say`TensorFlow.js uses NVIDIA cards only, and this one is from ${makerOf(card)}.`);
  if ((ways.platform !== 'linux' && ways.platform !== 'win32') || ways.arch !== 'x64')
    return fails(
      say`TensorFlow.js uses cards on Linux and Windows with x64 processors only, and this is ${ways.platform}-${ways.arch}.`,
    );
  const hindrance = driverHindrance(card, ways, CUDA_11);
  if (hindrance !== null) return hindrance;
  if (packagePlace(world, TENSORFLOW.packages[0]) === null)
    return fails(
      say`The driver is ready, but the package @tensorflow/tfjs-node-gpu is not installed.`,
      say`Install the package. It downloads TensorFlow’s library.`,
    );
  if (tensorFlow?.onCard) return works(tensorFlow.reason + partsText(card));
  if (tensorFlow?.wasTried) return fails(tensorFlow.reason, tensorFlow.fix);
  return works(
    say`Driver ${card.driverVersion ?? ''} and @tensorflow/tfjs-node-gpu are installed. Loading was not tried.` +
      partsText(card),
  );
}
