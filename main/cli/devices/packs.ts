/** `fettle devices get PACK` downloads a pack, and stopped resumes the next time; `test` tries the speed pack, `remove` deletes a pack. */

import type { ExtraPack } from '../../../common/extras/pack.ts';
import * as extras from '../../../common/extras/packs.ts';
import type { SpeedTest } from '../../../common/protocol/protocol.ts';
import { workHere } from '../../app/work-here.ts';
import { freeBytes } from '../../folders.ts';
import { Connection, TUNING } from '../../hub/connection.ts';
import { installPack, type PackProgress } from '../../packs/install.ts';
import { type Pack, type PackName, packBytes, packState, packsFor, removePack } from '../../packs/pack.ts';
import { packsFolder, resourcesFolder } from '../../paths.ts';
import type { Store } from '../../store/store.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../arguments.ts';
import { type Command, EXIT, onInterrupt, printOne, type Streams } from '../command.ts';
import { withHistory } from '../runs/list.ts';
import { bytes, duration, isTerminal, number, percent, printable } from '../words.ts';

const EXTRAS: readonly ExtraPack[] = Object.values<ExtraPack>(extras);

/** Words of the extras' packs by their names. */
function extraWords<T>(of: (pack: ExtraPack, name: string) => T): Readonly<Record<keyof typeof extras, T>> {
  const words = Object.entries<ExtraPack>(extras).map(([name, pack]) => [name, of(pack, name)]);
  return Object.fromEntries(words) as Record<keyof typeof extras, T>;
}

const FLAGS: readonly Flag[] = [JSON_FLAG, HELP_FLAG];

export const getCommand: Command = {
  usage: 'devices get PACK [flags]',
  about:
    'Downloads a pack and checks every file. There are: ' +
    `${['speed, the speed pack for processors (about 60 MB)', 'vulkan, ggml’s library for graphics cards (27 MB)', ...EXTRAS.map(({ about }) => about)].join('; ')}. ` +
    'No Python and no CUDA toolkit is needed. After Ctrl-C the next call resumes.',
  examples: ['fettle devices get vulkan', 'fettle devices get speed'],
  flags: FLAGS,
  positionals: ['PACK'],
  run: (args, streams) => withHistory(streams, (store) => get(store, args, streams)),
};

async function get(store: Store, args: Arguments, streams: Streams): Promise<number> {
  const place = placeOf(args.positionals[0] ?? '');
  const json = wantsJson(args);
  const { pack, packs } = place;
  const before = await packState(packs, pack);
  if (before.kind !== 'ready' && !json) streams.err.write(announcement(place));
  const folder = await install(store, place, json ? null : streams);
  const { disk } = packBytes(pack);
  const isNew = before.kind !== 'ready';
  const next = isNew ? (NEXT[pack.name] ?? '') : '';
  const text = `The ${TITLES[pack.name]} is ${isNew ? 'ready' : 'here already'}: ${bytes(disk)} in ${folder}${next}`;
  printOne(args, streams, { pack: pack.name, folder, bytes: disk, new: isNew }, () => `${text}\n`);
  return EXIT.ok;
}

/** What to do with a pack that has just come. */
const NEXT: Readonly<Partial<Record<PackName, string>>> = {
  openvino: '\nTest it: fettle devices test speed',
  ggml: '\nMeasure your card: fettle hardware --bench --device ggml. Untested on a real card: fettle devices shows what it sees.',
  ...extraWords(({ next }) => `\n${next}`),
};

function announcement({ pack, packs }: Place): string {
  const { download, disk } = packBytes(pack);
  const licences = new Map(pack.archives.map(({ licence }) => [licence.name, licence.url]));
  return [
    `Getting the ${TITLES[pack.name]}: ${bytes(download)} to download, ${bytes(disk)} on the disk, into ${packs}.`,
    ...pack.archives.map((each) => `  ${each.package} ${each.version}, ${each.licence.name}`),
    'By getting it you accept these licences:',
    ...[...licences].map(([name, url]) => `  ${name}: ${url}`),
    '',
  ].join('\n');
}

async function install(store: Store, { pack, packs }: Place, streams: Streams | null): Promise<string> {
  const connection = new Connection({
    settings: store.settings,
    // neither the index nor npm wants a token
    secrets: { get: async () => null, set: async () => {} },
    tuning: TUNING,
  });
  const interrupt = onInterrupt(() => streams?.err.write('\nStopping; what has arrived is kept.\n'));
  const line = streams && progressLine(streams);
  try {
    return await installPack({
      pack,
      packs,
      connection,
      tuning: TUNING,
      signal: interrupt.stop,
      freeBytes,
      onProgress: (progress) => line?.show(progress),
    });
  } finally {
    line?.close();
    interrupt.release();
    await connection.close();
  }
}

const LINE_MS = { terminal: 200, log: 10_000 };

/** One line that is redrawn on a terminal; in a log, a line every ten seconds. */
function progressLine({ err }: Streams): { show(progress: PackProgress): void; close(): void } {
  const redraws = isTerminal(err, process.env);
  const began = Date.now();
  let shown = 0;
  let first: number | null = null;
  return {
    show(progress) {
      first ??= progress.bytes;
      const now = Date.now();
      if (now - shown < (redraws ? LINE_MS.terminal : LINE_MS.log)) return;
      shown = now;
      const text = lineText(progress, (progress.bytes - first) / ((now - began) / 1000));
      err.write(redraws ? `\r\u001b[2K${text}` : `${text}\n`);
    },
    close() {
      if (redraws && shown > 0) err.write('\r\u001b[2K');
    },
  };
}

function lineText({ doing, bytes: here, totalBytes }: PackProgress, perSecond: number): string {
  const percent = `${Math.floor((100 * here) / totalBytes)}%`;
  if (doing === 'unpacking') return `${percent}  unpacking`;
  const pace =
    perSecond > 0 ? `  ${bytes(perSecond)}/s  ${duration((totalBytes - here) / perSecond)} left` : '';
  return `${percent}  ${bytes(here)} of ${bytes(totalBytes)}${pace}`;
}

export const removeCommand: Command = {
  usage: 'devices remove PACK [flags]',
  about: 'Deletes a pack, complete or not.',
  examples: ['fettle devices remove vulkan', 'fettle devices remove speed'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['PACK'],
  run: remove,
};

async function remove(args: Arguments, streams: Streams): Promise<number> {
  const { pack, packs } = placeOf(args.positionals[0] ?? '');
  const freedBytes = await removePack(packs, pack.name);
  const title = TITLES[pack.name];
  const text =
    freedBytes === 0 ? `There was no ${title}.` : `Deleted the ${title}, ${bytes(freedBytes)} freed.`;
  printOne(args, streams, { pack: pack.name, freedBytes }, () => `${text}\n`);
  return EXIT.ok;
}

export const testCommand: Command = {
  usage: 'devices test speed [flags]',
  about:
    'Computes a small training step with the speed pack and with onnxruntime: whether loss and gradients agree, and how much faster it is. ' +
    'Training uses the pack only after this has passed. Exits with 5 where it has not.',
  examples: ['fettle devices test speed'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['PACK'],
  run: test,
};

async function test(args: Arguments, streams: Streams): Promise<number> {
  const { pack } = placeOf(args.positionals[0] ?? '');
  if (pack.name !== 'openvino')
    throw badUsage(
      `The ${TITLES[pack.name]} has no test of its own.`,
      'Ask whether it can be used: fettle hardware',
    );
  const interrupt = onInterrupt(() => streams.err.write('\nStopping.\n'));
  try {
    const found = await workHere('speedTest', 'openvino', { stop: interrupt.stop });
    printOne(args, streams, found, () => `${testText(found)}\n`);
    return found.problem === null ? EXIT.ok : EXIT.resources;
  } finally {
    interrupt.release();
  }
}

/** What the test gave, in a sentence or two. */
function testText({ gain, lossError, gradientError, progressError, problem, processor }: SpeedTest): string {
  if (problem !== null) return `The speed pack is not used on ${printable(processor)}: ${problem}`;
  const share = (value: number | null) => percent(value, 2);
  return (
    `The speed pack computes a step ${number(gain ?? 1, 1)} times as fast as onnxruntime on ${printable(processor)}.\n` +
    `The loss differs by ${share(lossError)}, gradients by up to ${share(gradientError)}, the progress of a first step by ${share(progressError)}. Train with it: --executor openvino`
  );
}

export interface Place {
  readonly pack: Pack;
  /** The folder of all packs. */
  readonly packs: string;
}

/** What each pack is called in a sentence. */
export const TITLES: Readonly<Record<PackName, string>> = {
  openvino: 'speed pack',
  ggml: 'Vulkan pack',
  ...extraWords(({ title }) => title),
};

/** What people call the packs. */
const CALLED: Readonly<Record<PackName, string>> = {
  openvino: 'speed',
  ggml: 'vulkan',
  ...extraWords((_, name) => name),
};

/** The command that gets the pack. */
export const getText = (name: PackName): string => `fettle devices get ${CALLED[name]}`;

/** The pack called `name`, by its product's name too. Throws `AppError('bad-usage')` where there is no such pack for this system. */
export function placeOf(name: string): Place {
  const all = packsFor(resourcesFolder());
  const pack = all.find((one) => CALLED[one.name] === name || one.name === name);
  if (pack) return { pack, packs: packsFolder() };
  const names = all.map((one) => CALLED[one.name]).join(', ');
  throw badUsage(`There is no pack "${name}" for this computer.`, `There are: ${names}.`);
}
