/** `fettle devices get nvidia` downloads the libraries for NVIDIA's cards, and stopped resumes the next time; `remove` deletes them. */

import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { Connection, TUNING } from '../../hub/connection.ts';
import { installPack, type PackProgress } from '../../packs/install.ts';
import { type PackManifest, packBytes, packState, readManifest, removePack } from '../../packs/pack.ts';
import { packsFolder, resourcesFolder } from '../../paths.ts';
import type { Store } from '../../store/store.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Flag, HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { withHistory } from '../runs/history.ts';
import { isTerminal } from '../style.ts';
import { bytes, duration } from '../words.ts';

const FLAGS: readonly Flag[] = [
  {
    name: 'force',
    about: 'get it even without a card or driver, for example for another computer',
    group: 'Safety',
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const getCommand: Command = {
  usage: 'devices get nvidia [flags]',
  about:
    'Downloads the libraries that NVIDIA cards need, about 0.7 GB, from the Python Package Index, and checks every file. ' +
    "It needs NVIDIA's driver, but no Python and no CUDA toolkit. After Ctrl-C the next call resumes.",
  examples: ['fettle devices get nvidia', 'fettle devices get nvidia --json'],
  flags: FLAGS,
  positionals: ['PACK'],
  run: (args, streams) => withHistory(streams, (store) => get(store, args, streams)),
};

async function get(store: Store, { values, positionals }: Arguments, streams: Streams): Promise<number> {
  const place = placeOf(positionals[0] ?? '');
  const json = values.get('json') === true;
  const before = await packState(place.packs, place.manifest);
  if (before.kind !== 'ready' && values.get('force') !== true) await requireUse(place);
  if (before.kind !== 'ready' && !json) streams.err.write(announcement(place));
  const folder = await install(store, place, json ? null : streams);
  const { disk } = packBytes(place.manifest);
  const isNew = before.kind !== 'ready';
  const text = `The NVIDIA pack is ${isNew ? 'ready' : 'here already'}: ${bytes(disk)} in ${folder}`;
  streams.out.write(
    json ? `${JSON.stringify({ pack: 'nvidia', folder, bytes: disk, new: isNew })}\n` : `${text}\n`,
  );
  return EXIT.ok;
}

/** Nobody is to download 0.7 GB that the computer cannot use. */
async function requireUse({ manifest, packs }: Place): Promise<void> {
  const { probeHardware } = await import('../../hardware/hardware.ts');
  const { graphics } = await probeHardware({ folder: existing(packs) });
  const ways = graphics.map((card) => ({
    card,
    cuda: card.access.find(({ through }) => through === 'cuda'),
  }));
  if (ways.some(({ cuda }) => cuda?.usable || cuda?.pack === 'nvidia')) return;
  const nvidia = ways.find(({ card }) => card.vendor === 'nvidia');
  const why = nvidia?.cuda
    ? `${nvidia.card.name}: ${nvidia.cuda.reason}`
    : 'No card of NVIDIA was found in this computer.';
  throw new AppError(
    'device-missing',
    `The NVIDIA pack would be of no use here. ${why}`,
    `${nvidia?.cuda?.fix ?? `It needs a card of NVIDIA with driver ${manifest.oldestDriver}.`} --force gets it all the same.`,
  );
}

const existing = (packs: string) => path.dirname(packs);

function announcement({ manifest, packs }: Place): string {
  const { download, disk } = packBytes(manifest);
  const licences = new Map(manifest.archives.map(({ licence }) => [licence.name, licence.url]));
  return [
    `Getting the NVIDIA pack: ${bytes(download)} to download, ${bytes(disk)} on the disk, into ${packs}.`,
    ...manifest.archives.map((each) => `  ${each.package} ${each.version}, ${each.licence.name}`),
    'By getting it you accept these licences:',
    ...[...licences].map(([name, url]) => `  ${name}: ${url}`),
    '',
  ].join('\n');
}

async function install(store: Store, { manifest, packs }: Place, streams: Streams | null): Promise<string> {
  const connection = new Connection({
    settings: store.settings,
    // the index wants no token
    secrets: { get: async () => null, set: async () => {} },
    tuning: TUNING,
  });
  const interrupt = onInterrupt(() => streams?.err.write('\nStopping; what has arrived is kept.\n'));
  const line = streams && progressLine(streams);
  try {
    return await installPack({
      manifest,
      packs,
      connection,
      tuning: TUNING,
      signal: interrupt.stop,
      freeBytes: async (folder) => {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
      },
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
  usage: 'devices remove nvidia [flags]',
  about: 'Deletes the pack, complete or not.',
  examples: ['fettle devices remove nvidia'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['PACK'],
  run: remove,
};

async function remove({ values, positionals }: Arguments, streams: Streams): Promise<number> {
  const { packs } = placeOf(positionals[0] ?? '');
  const freedBytes = await removePack(packs);
  const text =
    freedBytes === 0 ? 'There was no NVIDIA pack.' : `Deleted the NVIDIA pack, ${bytes(freedBytes)} freed.`;
  streams.out.write(
    values.get('json') === true ? `${JSON.stringify({ pack: 'nvidia', freedBytes })}\n` : `${text}\n`,
  );
  return EXIT.ok;
}

export interface Place {
  readonly manifest: PackManifest;
  /** The folder of all packs. */
  readonly packs: string;
}

/** The pack called `name`. Throws `AppError('bad-usage')` for any other than nvidia, and where it is of no use. */
export function placeOf(name: string): Place {
  if (name !== 'nvidia')
    throw new AppError('bad-usage', `There is no pack "${name}".`, 'There is one: fettle devices get nvidia');
  return { manifest: readManifest(resourcesFolder()), packs: packsFolder() };
}
