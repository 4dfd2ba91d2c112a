/**
 * What this computer has: every source is asked, they are checked against each other, and what is not known is said to be so. Nothing
 * is measured here. docs/hardware.md tells who is asked and who is believed.
 */
import type { Hardware, ProbeNote, WebGpuAnswer } from '../../preload/contract.ts';
import { diskOf, memoryOf, powerOf, processorOf } from './base.ts';
import { type Collected, collect, LONGEST_MS, notesOf } from './collect.ts';
import { webgpuFacts } from './graphics/adapters.ts';
import { graphicsOf } from './graphics.ts';
import { inWords, type Surroundings, virtualMaker } from './probe/surroundings.ts';
import { realWorld, type World } from './probe/world.ts';

export interface ProbeOptions {
  /** The folder whose disk counts: that of Fettle's data. */
  readonly folder: string;
  /** Whom to ask; the real computer where it is left out. */
  readonly world?: World;
  /** What WebGPU says, from a process that can ask it; it is waited for beside the others. */
  readonly webgpu?: WebGpuAnswer | Promise<WebGpuAnswer> | null;
  /** The longest that any source is waited for. */
  readonly longestMs?: number;
}

/** Everything that can be known of the computer without measuring; takes 8 s at most, and 10 where WebGPU is asked. */
export async function probeHardware({
  folder,
  world = realWorld(),
  webgpu = null,
  longestMs = LONGEST_MS,
}: ProbeOptions): Promise<Hardware> {
  const [collected, answer] = await Promise.all([collect(world, folder, longestMs), webgpu]);
  const around = surroundingsOf(collected);
  const processor = processorOf(world, collected);
  const memory = memoryOf(world, collected);
  const power = powerOf(collected);
  const graphics = await graphicsOf(world, collected, around, answer);
  return {
    system: `${collected.siSystem.facts ?? `${world.node.type} ${world.node.release}`} (${world.arch})`,
    platform: `${world.platform}-${world.arch}`,
    processor: processor.value,
    memory: memory.value,
    disk: diskOf(folder, collected),
    power: power.value,
    graphics: graphics.cards,
    webgpu: webgpuFacts(world.platform, answer),
    tensorFlow: tensorFlowOf(collected),
    inside: inWords(around),
    notes: once([
      ...notesOf(collected),
      ...processor.notes,
      ...memory.notes,
      ...power.notes,
      ...graphics.notes,
      ...translationNotes(collected),
    ]),
  };
}

/** Windows' hypervisor is there on many bare computers too, so that only maker and model decide. */
function surroundingsOf({ around, windows, sysctl }: Collected): Surroundings {
  const found = around.facts ?? { container: null, wsl: null, virtual: null };
  if (windows.facts !== null) return { ...found, virtual: virtualMaker(windows.facts.maker) };
  return sysctl.facts?.isVirtual ? { ...found, virtual: '' } : found;
}

/** The way through TensorFlow's library, which needs no card; a probe that was not waited for knows nothing. */
function tensorFlowOf({ tensorFlow: { facts } }: Collected): Hardware['tensorFlow'] {
  if (facts === null)
    return { usable: false, reason: 'Whether TensorFlow’s library loads is not known.', fix: null };
  const { usable, reason, fix } = facts;
  return { usable, reason, fix };
}

function translationNotes({ sysctl }: Collected): readonly ProbeNote[] {
  if (!sysctl.facts?.isTranslated) return [];
  const message =
    'This is the Fettle for Intel processors, on an Apple processor that imitates one. The Fettle for Apple processors is several times faster.';
  return [{ probe: 'sysctl', kind: 'contradiction', message }];
}

/** Several questions to one source fail for the same reason. */
function once(notes: readonly ProbeNote[]): readonly ProbeNote[] {
  return notes.filter((note, i) => notes.findIndex(({ message }) => message === note.message) === i);
}
