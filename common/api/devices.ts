/** What is got afterwards to compute on a device: the libraries for NVIDIA's cards. Bytes are bytes. */
import { api, gives, streams } from './base.ts';
import type { Problem } from './runs.ts';

export interface NvidiaPack {
  /** `outdated`: made for another version of onnxruntime; `damaged`: a file is missing or has another size. */
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
  readonly onnxruntime: string;
  readonly cuda: string;
  readonly oldestDriver: string;
  readonly licences: readonly { readonly name: string; readonly url: string }[];
}

export const devices = {
  /** The pack now, and again at each change. */
  nvidia: api.output(streams<NvidiaPack>()),
  /** Begins the download, or goes on with it; does nothing while it goes on. */
  getNvidia: api.output(gives<void>()),
  /** Stops it; what has arrived stays. */
  stopNvidia: api.output(gives<void>()),
  removeNvidia: api.output(gives<{ readonly freedBytes: number }>()),
};
