/**
 * Lets onnxruntime-node find the NVIDIA pack without a file written into the installed program. It looks for providers
 * beside its own library, so that is loaded first through a link in a folder with links to the pack's libraries. CUDA's
 * libraries are loaded by full path: the system's loader takes what is loaded already (docs/decisions/0022).
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { AppError, internal } from '../../../../common/errors.ts';
import { said, say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { cacheFolder, packsFolder } from '../../../paths.ts';

const PROVIDERS = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;
const OWN = 'libonnxruntime.so.1';
/** Comes with NVIDIA's driver, and is found as the system finds libraries. */
const DRIVER = 'libcuda.so.1';
/** `RTLD_NODELETE` of Linux: Node closes what is no module of its own, but this keeps it loaded. */
const NO_DELETE = 0x1000;

interface Label {
  readonly onnxruntime: string;
  readonly preload: readonly string[];
}

export interface FoundPack {
  /** Where its libraries are. */
  readonly folder: string;
  /** Names of the libraries of CUDA, each after those that it needs. */
  readonly preload: readonly string[];
}

/** The pack, where there is one for this onnxruntime; its files were checked when it was made. */
export function findPack(packs = packsFolder()): FoundPack | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = path.join(packs, 'nvidia');
  const label = readLabel(path.join(folder, 'pack.json'));
  if (label === null || label.onnxruntime !== ortVersion()) return null;
  return { folder, preload: label.preload };
}

function readLabel(file: string): Label | null {
  try {
    const label = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Label>;
    return typeof label.onnxruntime === 'string' && Array.isArray(label.preload) ? (label as Label) : null;
  } catch {
    return null;
  }
}

let linked: string | null = null;

/**
 * To be called before onnxruntime-node is loaded in this process, whatever it will compute on: later it is too late. Does nothing
 * where there is no pack.
 */
export function loadBesidePack(pack: FoundPack | null = findPack()): void {
  if (pack === null || linked !== null) return;
  linked = linkFolder(pack.folder);
  preload(path.join(linked, OWN));
}

/**
 * Loads the driver and the pack's libraries of CUDA, so that what is missing is said in words; onnxruntime says only that it failed.
 * Throws an AppError with what to do. The provider is left to onnxruntime: loaded without it, it takes the process down.
 */
export function loadCuda(pack: FoundPack | null = findPack()): void {
  if (pack === null)
    throw new AppError(
      'device-pack-missing',
      say`The NVIDIA pack, which computes on this card, is not here yet.`,
      say`Get it on the page “Your computer”.`,
    );
  // sums of products in the rounding of all other devices, as the reference values need it; said once, before cuBLAS is there
  process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  if (linked === null) throw internal('onnxruntime was loaded before the NVIDIA pack was looked for');
  inWords([DRIVER, ...pack.preload.map((name) => path.join(pack.folder, name))]);
}

/** What keeps the provider from loading, after onnxruntime has failed to do so; null where it cannot be told. */
export function providerProblem(): AppError | null {
  if (linked === null) return null;
  try {
    inWords([path.join(linked, PROVIDERS[1])]);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  return null;
}

function inWords(files: readonly string[]): void {
  for (const file of files) {
    try {
      preload(file, os.constants.dlopen.RTLD_LAZY | os.constants.dlopen.RTLD_GLOBAL);
    } catch (error) {
      throw explainCuda(error) ?? error;
    }
  }
}

/** Loads a library that is no module of Node: it stays loaded, and Node's complaint that it is none means that all went well. */
function preload(file: string, flags: number = os.constants.dlopen.RTLD_LAZY): void {
  try {
    process.dlopen({ exports: {} }, file, flags | NO_DELETE);
  } catch (error) {
    if (!/did not self-register/i.test((error as Error).message)) throw error;
  }
}

/** A folder of links for this program and this pack: two Fettles side by side have one each. */
function linkFolder(pack: string): string {
  const own = path.join(ortFolder(), 'bin', 'napi-v6', 'linux', process.arch, OWN);
  const targets = [own, ...PROVIDERS.map((name) => path.join(pack, name))];
  const key = createHash('sha256').update(targets.join('\n')).digest('hex').slice(0, 16);
  const folder = path.join(cacheFolder(), 'onnxruntime', key);
  fs.mkdirSync(folder, { recursive: true });
  for (const target of targets) link(target, path.join(folder, path.basename(target)));
  return folder;
}

/** Another process may make the same link at this moment. */
function link(target: string, place: string): void {
  try {
    fs.symlinkSync(target, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (fs.readlinkSync(place) !== target) throw internal(`${place} is not the link that it should be`);
  }
}

const require = createRequire(import.meta.url);

/** The package's folder; in the desktop app its native code lies beside the archive. */
function ortFolder(): string {
  const found = path.dirname(fs.realpathSync(require.resolve('onnxruntime-node/package.json')));
  return found.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');
}

function ortVersion(): string {
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}

// What goes wrong on the way to a card, in words with a next step. Texts come from the system's loader, CUDA and onnxruntime.

const GET_DRIVER = 'Install NVIDIA’s driver 580 or newer, then restart the computer.';
const AGAIN = 'Remove the NVIDIA pack and get it again.';
const PROCESSOR = 'Until then, train on the processor.';

/** CUDA's numbers of errors (`cudaError_t`) that people can do something about. */
export const CUDA: Readonly<Record<number, readonly [code: string, message: string, hint: string]>> = {
  2: [
    'out-of-memory',
    'The graphics card is out of memory.',
    'Close programs that use the card, or use shorter rows. Then resume.',
  ],
  35: ['device-driver-old', 'The graphics driver is too old for CUDA 13.', GET_DRIVER],
  46: [
    'device-busy',
    'Another program keeps the graphics card for itself.',
    'End that program. Until then, train on the processor.',
  ],
  100: [
    'device-missing',
    'NVIDIA’s driver has no card that Fettle may use.',
    'In a container, start it with access to the card. Until then, train on the processor.',
  ],
  101: ['device-missing', 'The chosen graphics card is not there.', PROCESSOR],
  209: [
    'device-unsupported',
    'The graphics card is too old.',
    'Cards from RTX 20, GTX 16 and T4 on work (compute capability 7.5). Train on the processor.',
  ],
  700: [
    'device-lost',
    'The graphics card stopped after a memory error.',
    'Resume. If it happens again, report it.',
  ],
  719: [
    'device-lost',
    'The graphics card stopped while computing.',
    'Resume. If it happens again, check its temperature and power supply.',
  ],
  802: [
    'device-driver-broken',
    'NVIDIA’s driver is not ready.',
    'Restart the computer. On servers with NVSwitch, start nvidia-fabricmanager.',
  ],
  803: [
    'device-driver-broken',
    'The graphics driver was updated but not restarted.',
    'Restart the computer.',
  ],
  804: [
    'device-driver-broken',
    'The driver’s files for newer CUDA don’t work with this card.',
    'Remove the package cuda-compat, or install a newer driver.',
  ],
  999: ['device-lost', 'NVIDIA’s driver failed, perhaps after the computer slept.', 'Restart the computer.'],
};

/** The error in words; null where `error` says nothing of CUDA that is known. */
export function explainCuda(error: unknown): AppError | null {
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  const number = Number(/CUDA (?:failure|error) (\d+)/i.exec(text)?.[1] ?? Number.NaN);
  const known = CUDA[number];
  if (known) return new AppError(known[0], said(known[1]), said(known[2]), options);
  const missing = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/.exec(text)?.[1];
  if (missing === 'libcuda.so.1')
    return new AppError(
      'device-driver-missing',
      say`NVIDIA’s driver is not installed.`,
      `${said(GET_DRIVER)} ${said(PROCESSOR)}`,
      options,
    );
  if (missing !== undefined)
    return new AppError(
      'pack-damaged',
      say`The NVIDIA pack is incomplete: ${missing} is missing.`,
      said(AGAIN),
      options,
    );
  if (/undefined symbol|version `[^']+' not found|invalid ELF header|file too short/.test(text))
    return new AppError(
      'pack-damaged',
      say`A library of the NVIDIA pack doesn't load: ${text}.`,
      said(AGAIN),
      options,
    );
  if (/CUDNN|cuDNN/.test(text))
    return new AppError(
      'device-unsupported',
      say`This training needs cuDNN, which the NVIDIA pack doesn't have.`,
      `${say`This is a bug: report it with the text below.`}${marks().gap}${said(PROCESSOR)}\n${text.slice(0, 500)}`,
      options,
    );
  if (/CUDA|CUBLAS/.test(text))
    return new AppError(
      'device-failed',
      say`The graphics card can't be used: ${text.slice(0, 500)}`,
      `${say`Restart the computer and try again.`}${marks().gap}${said(PROCESSOR)}`,
      options,
    );
  return null;
}
