/** `fettle devices`: on what a training can compute here, and where not, why and what to do; and what can be got for it. */
import type { GraphicsCard, Hardware } from '../../../common/api/contract.ts';
import { type PackManifest, type PackState, packBytes, packState } from '../../packs/pack.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, Streams } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { accessText, hardwareWithWebgpu, WAYS } from '../hardware.ts';
import { wrap } from '../help.ts';
import { bytes, printable } from '../words.ts';
import { placeOf } from './nvidia.ts';

export const command: Command = {
  usage: 'devices [flags]',
  about: 'Shows the processor, each graphics card with the ways to compute on it, and the NVIDIA pack.',
  examples: ['fettle devices', 'fettle devices --json', 'fettle devices get nvidia'],
  flags: [JSON_FLAG, HELP_FLAG],
  run,
};

async function run({ values }: Arguments, streams: Streams): Promise<number> {
  const { manifest, packs } = placeOf('nvidia');
  const [hardware, pack] = await Promise.all([hardwareWithWebgpu(), packState(packs, manifest)]);
  const width = Math.min(120, Math.max(60, streams.out.columns ?? 100));
  const { download, disk } = packBytes(manifest);
  const found = {
    processor: hardware.processor.name,
    cards: hardware.graphics.map(({ name, driver, access }) => ({ name, driver, access })),
    packs: [{ name: 'nvidia', ...pack, downloadBytes: download, diskBytes: disk }],
  };
  streams.out.write(
    values.get('json') === true
      ? `${JSON.stringify(found)}\n`
      : `${devicesText(hardware, pack, manifest, width)}\n`,
  );
  return EXIT.ok;
}

/** Devices and packs as a person reads them, at most `width` columns wide. */
export function devicesText(
  hardware: Hardware,
  pack: PackState,
  manifest: PackManifest,
  width: number,
): string {
  const { processor, graphics } = hardware;
  const isBegun = pack.kind !== 'absent' || pack.partBytes > 0;
  const isUseful = graphics.some(({ vendor }) => vendor === 'nvidia') || isBegun;
  return [
    ...row('Processor', `${processor.name}: always usable`, width),
    ...(graphics.length === 0 ? row('Graphics', 'no graphics card was found', width) : []),
    ...graphics.flatMap((card) => ['', ...cardLines(card, width)]),
    ...(isUseful ? ['', ...row('NVIDIA pack', packText(pack, manifest), width)] : []),
  ].join('\n');
}

function cardLines(card: GraphicsCard, width: number): string[] {
  const driver = card.driver === null ? 'no driver' : `driver ${card.driver}`;
  const ways = card.access.flatMap((access) => row(`  ${WAYS[access.through]}`, accessText(access), width));
  return [...row('Graphics', `${card.name}, ${driver}`, width), ...ways];
}

function packText(pack: PackState, manifest: PackManifest): string {
  const { download, disk } = packBytes(manifest);
  const what = `onnxruntime ${manifest.onnxruntime}, CUDA ${manifest.cuda}`;
  const get = 'fettle devices get nvidia';
  switch (pack.kind) {
    case 'ready':
      return `ready: ${what}; ${bytes(pack.bytes)} in ${pack.folder}`;
    case 'outdated':
      return `made for onnxruntime ${pack.onnxruntime || 'of another version'}, and this is ${manifest.onnxruntime} -> ${get}`;
    case 'damaged':
      return `damaged: ${pack.file} is not as it was -> ${get}`;
    default: {
      const here = pack.partBytes > 0 ? `, ${bytes(pack.partBytes)} of that are here` : '';
      return `not here: ${what}; ${bytes(download)} to download${here}, ${bytes(disk)} on the disk -> ${get}`;
    }
  }
}

const LEFT = 17;

function row(name: string, text: string, width: number): string[] {
  return wrap(printable(text), width - LEFT).map((line, i) => `${(i === 0 ? name : '').padEnd(LEFT)}${line}`);
}
