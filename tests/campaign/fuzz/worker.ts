/**
 * A process that tries cases of the readers that it is told of, one after the other, and says before each case which one it is: a hang or
 * a crash is then known by its case.
 */
import { writeFileSync } from 'node:fs';
import { peakResidentBytes } from '../../../main/processes.ts';
import { seeded } from '../../helpers/random.ts';
import { ENDS_ITSELF } from '../attack.ts';
import { mutated } from './mutate.ts';
import { type Reader, tried } from './reader.ts';
import { READERS } from './readers.ts';

export interface FuzzWork {
  readonly reader: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly folder: string;
}

/** What a process says: before a case the case, after it how it ended. */
export interface Heard {
  readonly at: number;
  readonly begins?: boolean;
  readonly seed?: string;
  readonly bytes?: Uint8Array;
  readonly ended?: 'read' | 'refused';
  readonly failure?: string;
  /** All cases have ended, and it waits for the next work. */
  readonly isDone?: boolean;
}

const MOST_SECONDS = 10;
const MOST_GROWTH = 1e9;

const say = (heard: Heard) => new Promise((resolve) => process.send!(heard, undefined, undefined, resolve));

let stray: unknown = null;
process.on('unhandledRejection', (reason) => {
  stray = reason;
});
process.on('message', (work) => void tryAll(work as FuzzWork));
process.on('disconnect', () => process.exit(0));

async function tryAll(work: FuzzWork): Promise<void> {
  const reader = READERS.find(({ name }) => name === work.reader)!;
  process.chdir(work.folder);
  const { seeds, read, close } = await reader.open(work.folder);
  for (let at = work.from; at < work.to; at++) {
    const random = seeded(work.seed * 7919 + at);
    const seed = seeds[Math.floor(random() * seeds.length)]!;
    const bytes = mutated(seed, seeds, random);
    await say({ at, begins: true, seed: seed.name, bytes });
    forgetPeak();
    const [memory, cpu] = [peakResidentBytes(), process.cpuUsage()];
    const ended = await tried(() => read(bytes, seed.name));
    const { user, system } = process.cpuUsage(cpu);
    const grown = peakResidentBytes() - memory;
    const failure = failureOf(reader, ended.failure, (user + system) / 1e6, grown);
    await say(failure === null ? { at, ended: ended.how } : { at, failure });
    if (failure !== null && grown > MOST_GROWTH) process.exit(ENDS_ITSELF);
  }
  await close?.();
  // strays that come late would be laid to the next reader
  if (reader.hasStrays) process.exit(0);
  await say({ at: work.to, isDone: true });
}

function failureOf(reader: Reader, thrown: string | null, seconds: number, grown: number): string | null {
  if (thrown !== null) return thrown;
  if (stray !== null && !reader.hasStrays) {
    const reason = stray;
    stray = null;
    return `nobody awaited: ${reason instanceof Error ? reason.stack : reason}`;
  }
  if (seconds > MOST_SECONDS) return `took ${seconds.toFixed(1)} s`;
  return grown > MOST_GROWTH ? `grew by ${(grown / 1e9).toFixed(2)} GB` : null;
}

/** Linux begins to count the peak again where it is told so (proc(5)). */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // then growth is counted from the largest peak so far
  }
}
