/** Packs: libraries that are downloaded on request, for NVIDIA's cards and for quicker products. Bytes are bytes. */
import { z } from 'zod';
import { api, gives, streams } from './base.ts';
import type { Problem } from './runs.ts';

const PackName = z.enum(['nvidia', 'openvino']);
const named = z.object({ name: PackName });

export interface PackNow {
  readonly name: z.output<typeof PackName>;
  /** `outdated`: made for another version of its library; `damaged`: a file is missing or has another size. */
  readonly state: 'absent' | 'downloading' | 'unpacking' | 'ready' | 'outdated' | 'damaged';
  /** Of `downloadBytes`, those that have arrived, also of a download that was stopped; while it is unpacked, those that were. */
  readonly bytes: number;
  readonly downloadBytes: number;
  /** What it takes on the disk at the end. */
  readonly diskBytes: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Why the last try ended. */
  readonly problem: Problem | null;
  /** Products and their versions. */
  readonly contents: string;
  /** What the test of the speed pack gave on this computer (engine/session/speed-test.ts): how many times as fast, or why it is not used. */
  readonly test: { readonly gain: number | null; readonly problem: string | null } | null;
  readonly licences: readonly { readonly name: string; readonly url: string }[];
}

export const devices = {
  /** The pack now, and again at each change. */
  pack: api.input(named).output(streams<PackNow>()),
  /** Begins the download, or goes on with it; does nothing while it goes on. */
  getPack: api.input(named).output(gives<void>()),
  /** Stops it; what has arrived stays. */
  stopPack: api.input(named).output(gives<void>()),
  /** Tests the speed pack on this computer, for some seconds. */
  testPack: api.output(gives<void>()),
  removePack: api.input(named).output(gives<{ readonly freedBytes: number }>()),
};
