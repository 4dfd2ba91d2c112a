/** `fettle devices`: on what a training can compute here, and where not, why and what to do; and what can be got for it. */

import type { GraphicsCard, Hardware } from '../../../common/api/contract.ts';
import { capitalised } from '../../../common/values.ts';
import { type Pack, type PackState, packBytes, packState, packsFor } from '../../packs/pack.ts';
import { packsFolder, resourcesFolder } from '../../paths.ts';
import { type Arguments, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../command.ts';
import { accessText, hardwareWithWebgpu, libraryRows, row, WAYS } from '../hardware.ts';
import { bytes } from '../words.ts';
import { getText, TITLES } from './packs.ts';

export const command: Command = {
  usage: 'devices [flags]',
  about: 'Shows the processor, each graphics card with the ways to compute on it, and the packs.',
  examples: ['fettle devices', 'fettle devices --json', 'fettle devices get vulkan'],
  flags: [JSON_FLAG, HELP_FLAG],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const known = packsFor(resourcesFolder());
  const [hardware, ...states] = await Promise.all([
    hardwareWithWebgpu(),
    ...known.map((pack) => packState(packsFolder(), pack)),
  ]);
  const packs = known.map((pack, i): StatedPack => ({ pack, state: states[i]! }));
  const width = Math.min(120, Math.max(60, streams.out.columns ?? 100));
  const found = {
    processor: hardware.processor.name,
    cards: hardware.graphics.map(({ name, driver, access }) => ({ name, driver, access })),
    libraries: hardware.libraries,
    packs: packs.map(({ pack, state }) => {
      const { download, disk } = packBytes(pack);
      return { name: pack.name, ...state, downloadBytes: download, diskBytes: disk };
    }),
  };
  printOne(args, streams, found, () => `${devicesText(hardware, packs, width)}\n`);
  return EXIT.ok;
}

interface StatedPack {
  readonly pack: Pack;
  readonly state: PackState;
}

/** Devices and packs as a person reads them, at most `width` columns wide. */
export function devicesText(hardware: Hardware, packs: readonly StatedPack[], width: number): string {
  const { processor, graphics } = hardware;
  const usable = Object.fromEntries(Object.entries(hardware.libraries).filter(([, facts]) => facts.usable));
  return [
    ...row('Processor', `${processor.name}: always usable`, width),
    ...(graphics.length === 0 ? row('Graphics', 'no graphics card was found', width) : []),
    ...graphics.flatMap((card) => ['', ...cardLines(card, width)]),
    ...libraryRows({ libraries: usable }).flatMap(([name, text]) => ['', ...row(name, text, width)]),
    ...packs.flatMap((one) => ['', ...row(titleOf(one.pack), packText(one), width)]),
  ].join('\n');
}

function cardLines(card: GraphicsCard, width: number): string[] {
  const driver = card.driver === null ? 'no driver' : `driver ${card.driver}`;
  const ways = card.access.flatMap((access) => row(`  ${WAYS[access.through]}`, accessText(access), width));
  return [...row('Graphics', `${card.name}, ${driver}`, width), ...ways];
}

const titleOf = ({ name }: Pack) => capitalised(TITLES[name]);

function packText({ pack, state }: StatedPack): string {
  const { download, disk } = packBytes(pack);
  const get = getText(pack.name);
  switch (state.kind) {
    case 'ready':
      return `ready: ${pack.contents}; ${bytes(state.bytes)} in ${state.folder}`;
    case 'outdated':
      return `made for ${pack.name} ${state.release || 'of another version'}, and this is ${pack.release} -> ${get}`;
    case 'damaged':
      return `damaged: ${state.file} is not as it was -> ${get}`;
    default: {
      const here = state.partBytes > 0 ? `, ${bytes(state.partBytes)} of that are here` : '';
      return `not here: ${pack.contents}; ${bytes(download)} to download${here}, ${bytes(disk)} on the disk -> ${get}`;
    }
  }
}
