/**
 * `npm run tensorflow-library -- --to FOLDER`: makes a folder in which TensorFlow.js loads TensorFlow's own
 * library, for `--executor tfjs` under Linux on x64 (FETTLE_TFJS_HOME=FOLDER): the npm package without its
 * install script, which would download from a host that many computers do not reach, the library out of a
 * Python wheel, and the binding between the two, built here. A folder that is made already is tried and left
 * as it is. Exit code: 0 when it loads, 1 when something is missing, which is said, 2 for a wrong option.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, describeError } from '../../common/errors.ts';
import { askTensorFlow } from '../../main/hardware/probe/tensorflow.ts';
import { freeDiskOf, realWorld } from '../../main/hardware/probe/world.ts';
import { pipIndex } from './pip-index.ts';
import { RECIPE, ROOM_BYTES } from './recipe.ts';
import { unpackWheel } from './unpack.ts';
import { bringWheel } from './wheel.ts';

const STAMP = 'made.json';
const NAME = 'fettle-tensorflow-library';
const PACKAGE = path.join('node_modules', '@tensorflow', 'tfjs-node');
/** The newest version of Node's binary interface that the package looks for. */
const NODE_API = 8;
const LOADING_MS = 60_000;

interface MakeOptions {
  readonly folder: string;
  /** Hears what is done next. */
  readonly say: (text: string) => void;
}

/** The folder, made where it is not there yet; the result says what loads. Throws an AppError for what is missing. */
async function makeLibrary({ folder, say }: MakeOptions): Promise<string> {
  await requireComputer();
  await requireFolder(folder);
  if (await isMade(folder)) return await loads(folder);
  await requireRoom(folder);
  const release = await hold(folder);
  try {
    await fs.rm(path.join(folder, STAMP), { force: true });
    say(`TensorFlow.js from npm, and TensorFlow ${RECIPE.tensorflow} (207 MB) from ${host(pipIndex())}`);
    // npm would go on for minutes after the wheel could not be had
    const stop = new AbortController();
    const [wheel] = await Promise.all([
      bringWheel(RECIPE.wheel, folder, pipIndex()),
      installPackage(folder, stop.signal),
    ]).catch((error: unknown) => {
      stop.abort();
      throw error;
    });
    say('unpacking the library, and building what binds the two');
    await unpackWheel(wheel, path.join(folder, PACKAGE, 'deps'), RECIPE);
    await build(folder);
    const words = await loads(folder);
    await fs.writeFile(path.join(folder, STAMP), `${JSON.stringify(recipeText())}\n`);
    await fs.rm(wheel);
    return words;
  } finally {
    await release();
  }
}

const host = (address: string) => new URL(address).host;
const recipeText = () => ({ recipe: RECIPE.version, wheel: RECIPE.wheel.sha256 });

async function isMade(folder: string): Promise<boolean> {
  const text = await fs.readFile(path.join(folder, STAMP), 'utf8').catch(() => '');
  return text.trim() === JSON.stringify(recipeText());
}

async function requireComputer(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new AppError(
      'tensorflow-platform',
      `This is for Linux on x64, and here is ${process.platform}-${process.arch}.`,
      'Run npm install @tensorflow/tfjs-node in an empty folder: it downloads the library itself. docs/devices.md says more.',
    );
  const version = await run('g++', ['--version']).catch(() => null);
  if (version === null)
    throw new AppError(
      'tensorflow-compiler',
      'g++ is not installed, which builds what binds TensorFlow.js to TensorFlow’s library.',
      'Install it (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++) and try again.',
    );
}

/** npm deletes what is in a folder's node_modules: only an empty folder, or one that was made here, is taken. */
async function requireFolder(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  const names = await fs.readdir(folder);
  const text = await fs.readFile(path.join(folder, 'package.json'), 'utf8').catch(() => '{}');
  const isOurs = text.includes(`"name": "${NAME}"`);
  const isEmpty = names.every((name) => name === RECIPE.wheel.file);
  if (isOurs || isEmpty) return;
  throw new AppError(
    'tensorflow-folder',
    `${folder} holds other things.`,
    'Name a folder that is empty or new.',
  );
}

async function requireRoom(folder: string): Promise<void> {
  const free = await freeDiskOf(folder);
  if (free === null || free >= ROOM_BYTES) return;
  throw new AppError(
    'disk-full',
    `The disk of ${folder} has ${(free / 1e9).toFixed(1)} GB free, and ${(ROOM_BYTES / 1e9).toFixed(1)} GB are needed.`,
    'Name a folder on another disk, or make room.',
  );
}

/** Two at once would delete each other's files. What a killed process held is free. */
async function hold(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'process');
  const pid = Number(await fs.readFile(file, 'utf8').catch(() => '0'));
  if (pid > 0 && (await fs.stat(`/proc/${pid}`).catch(() => null)) !== null)
    throw new AppError('tensorflow-busy', `Process ${pid} is making ${folder}.`, 'Wait until it has ended.');
  await fs.writeFile(file, `${process.pid}`);
  return () => fs.rm(file, { force: true });
}

async function installPackage(folder: string, signal: AbortSignal): Promise<void> {
  for (const name of ['package.json', 'package-lock.json'])
    await fs.copyFile(path.join(import.meta.dirname, 'package', name), path.join(folder, name));
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...args] = [
    ...npm,
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await run(command!, args, { cwd: folder, signal }).catch((error: Error) => {
    throw new AppError(
      'tensorflow-package',
      `npm could not install @tensorflow/tfjs-node in ${folder}: ${error.message}`,
      'Check the connection, and the registry in npm’s settings (npm config get registry).',
    );
  });
}

async function build(folder: string): Promise<void> {
  const at = (...names: string[]) => path.join(folder, PACKAGE, ...names);
  const out = at('lib', `napi-v${NODE_API}`, 'tfjs_binding.node');
  await fs.mkdir(path.dirname(out), { recursive: true });
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => at('binding', name));
  const includes = [at('deps', 'include'), path.join(folder, 'node_modules', 'node-api-headers', 'include')];
  const args = [
    '-O2',
    '-std=c++17',
    '-shared',
    '-fPIC',
    '-w',
    `-DNAPI_VERSION=${NODE_API}`,
    ...includes.map((include) => `-I${include}`),
    ...sources,
    '-o',
    out,
    `-L${at('deps', 'lib')}`,
    ...RECIPE.libraries.map((name) => `-l:${name}`),
    // found beside the package, wherever the folder is moved to
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
  await run('g++', args).catch((error: Error) => {
    throw new AppError(
      'tensorflow-build',
      `g++ could not build the binding: ${error.message}`,
      'It needs a g++ that knows C++17 (8 or newer), with the headers of the standard library.',
    );
  });
}

/** The words of the capability check, which loads the package in a process of its own and computes with it. */
async function loads(folder: string): Promise<string> {
  const world = realWorld();
  const facts = await askTensorFlow({
    ...world,
    env: { ...process.env, FETTLE_TFJS_HOME: folder },
    run: (command, args) => world.run(command, args, LOADING_MS),
  });
  if (facts.usable) return facts.reason;
  throw new AppError('tensorflow-fails', facts.reason, facts.fix ?? '');
}

/** What a command prints. Throws an Error with the end of what it complains of. */
async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal } = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, wrong] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    wrong = (wrong + text).slice(-2000);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  if ((await promise) !== 0) throw new Error(wrong.trim() || `${command} ended badly`);
  return out;
}

const HELP = `npm run tensorflow-library -- --to FOLDER
  FOLDER   new, empty or made by this; it takes 0.9 GB, and 1.2 GB while it is made`;

async function main(): Promise<number> {
  const to = read();
  if (to === null) return 2;
  // npm starts scripts in the repository's folder; a path is meant from where it was typed
  const folder = path.resolve(process.env.INIT_CWD ?? '', to);
  try {
    const words = await makeLibrary({ folder, say: (text) => console.log(text) });
    console.log(`${words}\nFETTLE_TFJS_HOME=${folder}`);
    return 0;
  } catch (error) {
    console.error(describeError(error));
    return 1;
  }
}

function read(): string | null {
  try {
    const { values } = parseArgs({ options: { to: { type: 'string' } } });
    if (values.to) return values.to;
    throw new Error('Where the folder is to be is not said.');
  } catch (error) {
    console.error(`${describeError(error)}\n\n${HELP}`);
    return null;
  }
}

process.exit(await main());
