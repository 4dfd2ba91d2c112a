/** ggml, which computes on the cards of all vendors: whether its library for them is here, and which of them it sees. */

import type { GgmlCard, LibraryFacts, WebGpuAnswer } from '../../common/api/contract.ts';
import { measure, number } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { type Card, type Finding, fails, type Ways, works } from './graphics/card.ts';
import { isNamed } from './graphics/webgpu.ts';
import type { ExtraLibrary } from './library.ts';
import type { World } from './probe/world.ts';

export const ggmlLibrary: ExtraLibrary = {
  name: 'ggml',
  ask,
  seen,
  notKnown: () => say`Whether ggml’s library is here is not known.`,
  access,
  command: 'fettle devices get vulkan',
  byHand: '',
};

const NEWEST = () => say`Install the newest driver from the card’s maker, then check again.`;

/** The pack, a folder of the person's own, or what a Mac has without one. */
async function ask(world: World): Promise<LibraryFacts> {
  if (world.env.FETTLE_GGML_HOME)
    return { usable: true, reason: say`ggml’s library for graphics cards is here.`, fix: null };
  const state = await world.platformPack('ggml');
  const fix = say`Get the Vulkan pack.`;
  if (state === 'ready')
    return { usable: true, reason: say`ggml’s library for graphics cards is here.`, fix: null, pack: 'ggml' };
  if (state === 'absent')
    return { usable: false, reason: say`ggml’s library for graphics cards is not here.`, fix, pack: 'ggml' };
  if (state !== null)
    return { usable: false, reason: say`The Vulkan pack is outdated or damaged.`, fix, pack: 'ggml' };
  return world.platform === 'darwin' && world.arch === 'arm64'
    ? { usable: true, reason: say`ggml’s library for graphics cards is here.`, fix: null }
    : { usable: false, reason: say`There is no Vulkan pack for this system.`, fix: null };
}

function seen(facts: LibraryFacts, { ggml = [] }: WebGpuAnswer): LibraryFacts {
  if (!facts.usable) return facts;
  if (ggml.length === 0)
    return { ...facts, usable: false, reason: say`ggml sees no graphics card.`, fix: NEWEST() };
  return { ...facts, cards: ggml, reason: say`ggml sees ${ggml.map(inWords).join(marks().comma)}.` };
}

function inWords({ name, description, kind, totalBytes, freeBytes }: GgmlCard): string {
  const gigabytes = (bytes: number) => measure(number(bytes / 1e9, 1), 'GB');
  const [total, free] = [gigabytes(totalBytes), gigabytes(freeBytes)];
  return kind === 'integrated'
    ? say`${description} (${name}, part of the processor, ${free} of ${total} free)`
    : say`${description} (${name}, ${free} of ${total} free)`;
}

function access(card: Card, { webgpu, cardsOf }: Ways, facts: LibraryFacts | null): Finding {
  if (!facts?.usable) return fails(facts?.reason ?? ggmlLibrary.notKnown(), facts?.fix ?? null);
  if (!webgpu?.ggml) return works(say`ggml’s library for graphics cards is here.`);
  const found =
    webgpu.ggml.find(({ description }) => isNamed(card, description)) ??
    (webgpu.ggml.length === 1 && cardsOf(card.vendor) === 1 ? webgpu.ggml[0] : undefined);
  return found ? works(say`ggml sees ${inWords(found)}.`) : fails(say`ggml doesn’t see this card.`, NEWEST());
}
