/**
 * Every call on a file refused as systems do: a full, failing, slow or read-only disk, no rights, no more open files, and a clock that
 * jumps. Work ends with a sentence, leaves nothing half and no file open, and ends with the same bytes once the fault is gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, systemError } from '../../common/errors.ts';
import { tinyModel } from '../helpers/hub.ts';
import { startHubServer } from '../helpers/hub-server.ts';
import { seeded } from '../helpers/random.ts';
import { type Attack, inWords, type Size } from './attack.ts';
import { type Act, openIn, refusalOf, type Watcher, watched } from './disk.ts';
import { hubFaults } from './hub-faults.ts';
import type { Operation } from './operation.ts';
import { endProcess, HUB_VARIABLE, halfFiles, leftovers, OPERATIONS } from './operations.ts';
import { openPlace, type Place } from './place.ts';

/** What the system may say to which calls. */
const REFUSALS: Readonly<Record<string, readonly Act[]>> = {
  ENOSPC: ['create', 'write', 'sync', 'make'],
  EIO: ['open', 'read', 'write', 'sync', 'rename', 'list'],
  EACCES: ['open', 'create', 'make', 'rename', 'remove', 'list'],
  EROFS: ['create', 'make', 'rename', 'remove'],
  EMFILE: ['open', 'create', 'list'],
};

const [CLOSING_POLLS, POLL_MS] = [40, 50];

/** Moments of each refusal of each operation. */
const MOMENTS = { short: 1, long: 12 } as const;
const SHORT = ['training', 'import'];
/** Days by which the clock jumps. */
const JUMPS = { short: [-400, 400], long: [-400, -1, 1, 400] } as const;

export const faults: Attack = {
  name: 'faults',
  async run({ size, seed, only, folder, row }) {
    const random = seeded(seed);
    const hub = await startHubServer([tinyModel()]);
    process.env[HUB_VARIABLE] = hub.url;
    try {
      for (const operation of OPERATIONS.filter(
        ({ name }) => only(name) && (size === 'long' || SHORT.includes(name)),
      )) {
        const place = await openPlace(operation, folder);
        await row(operation.name, () => starved(operation, place, size, random));
        place.remove();
      }
    } finally {
      await hub.close();
    }
    if (only('a Hub that fails')) await row('a Hub that fails', () => hubFaults(folder, size));
  },
};

/** Counts the acts of each kind in a folder. */
class Counter implements Watcher {
  readonly counts = new Map<Act, number>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  before(act: Act, file: string): void {
    if (file.startsWith(this.#folder)) this.counts.set(act, (this.counts.get(act) ?? 0) + 1);
  }
}

/** Refuses the act of number `first` of those that `code` may meet, or all from there on. */
class Refuser implements Watcher {
  /** What was refused so far. */
  readonly refused = new Set<Act>();
  #count = 0;
  readonly #options: {
    readonly code: string;
    readonly folder: string;
    readonly first: number;
    readonly isLasting: boolean;
  };

  constructor(options: {
    readonly code: string;
    readonly folder: string;
    readonly first: number;
    readonly isLasting: boolean;
  }) {
    this.#options = options;
  }

  before(act: Act, file: string): void {
    const { code, folder, first, isLasting } = this.#options;
    if (!file.startsWith(folder) || !REFUSALS[code]!.includes(act)) return;
    const at = this.#count++;
    if (at !== first && !(isLasting && at > first)) return;
    this.refused.add(act);
    throw refusalOf(code, act, file);
  }
}

async function starved(operation: Operation, place: Place, size: Size, random: () => number) {
  place.reset();
  const counter = new Counter(place.work);
  const expected = await watched(counter, () => operation.run(place.work));
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let cases = 0;
  /** `mayLeave`: what can't be removed either stays. */
  const attempt = async (what: string, work: () => Promise<string>, mayLeave = () => false) => {
    cases++;
    place.reset();
    const open = openIn(place.work);
    const result = await work().then(
      (made) => (made === expected ? 'went on' : 'other bytes'),
      (error: unknown) => problemOf(error) ?? 'refused',
    );
    const ended = ['went on', 'refused'].includes(result) ? result : 'failed';
    counts.set(ended, (counts.get(ended) ?? 0) + 1);
    const found = ended === 'failed' ? [result] : [];
    const left = () => openIn(place.work).filter((file) => !open.includes(file));
    // what goes on side by side ends a moment after the first that fails
    for (let i = 0; i < CLOSING_POLLS && left().length > 0; i++) await sleep(POLL_MS);
    for (const file of left()) found.push(`${file} stays open`);
    found.push(...(await halfFiles(place.work)));
    endProcess(place.work);
    const again = await operation.run(place.work).catch((error: unknown) => {
      // what could not be removed is named, and the person removes it
      const isNamed = mayLeave() && error instanceof AppError && error.code === 'file-exists';
      return isNamed ? expected : `afterwards it fails: ${(error as Error).stack}`;
    });
    if (again !== expected) found.push(again.startsWith('afterwards') ? again : 'afterwards: other bytes');
    if (!mayLeave()) found.push(...leftovers(place.work));
    failures.push(...found.map((one) => `${what}: ${one}`));
  };
  for (const [code, acts] of Object.entries(REFUSALS)) {
    const all = acts.reduce((sum, act) => sum + (counter.counts.get(act) ?? 0), 0);
    for (let i = 0; i < Math.min(MOMENTS[size], all); i++) {
      const [first, isLasting] = [Math.floor(random() * all), random() < 0.5];
      const refuser = new Refuser({ code, folder: place.work, first, isLasting });
      const what = `${code} ${isLasting ? 'from' : 'at'} act ${first} of ${all}`;
      await attempt(
        what,
        () => watched(refuser, () => operation.run(place.work)),
        () => isLasting || refuser.refused.has('remove') || refuser.refused.has('list'),
      );
    }
  }
  await attempt('a slow disk', () => watched({ delayMs: 5 }, () => operation.run(place.work)));
  for (const days of JUMPS[size])
    await attempt(`a clock that jumps by ${days} days`, () =>
      withJump(days, () => operation.run(place.work)),
    );
  return { cases, outcome: inWords(counts), failures };
}

/** What is wrong with an error; null for one that a person can act on. */
function problemOf(thrown: unknown): string | null {
  const error = systemError(thrown);
  if (error instanceof AppError && !/undefined|internal:/.test(error.message)) return null;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const DAY_MS = 86_400_000;

/** `work` while the clock jumps at its third reading. */
async function withJump<T>(days: number, work: () => Promise<T>): Promise<T> {
  const real = Date.now;
  let readings = 0;
  Date.now = () => real() + (++readings > 2 ? days * DAY_MS : 0);
  try {
    return await work();
  } finally {
    Date.now = real;
  }
}
