/** The computer that Fettle runs on, and the host that shows it: facts, a short measurement, dialogs, settings. */
import { z } from 'zod';
import * as packs from '../extras/packs.ts';
import { MEASURABLE } from '../settings/executors.ts';
import { LANGUAGE_CODES } from '../words/language.ts';
import { api, filePath, filePaths, gives, type Problem, streams } from './base.ts';
import type { Hardware, Rates, RatesComparison } from './hardware.ts';
import type { MethodFit, PlanFit, PlanMethod, RangedFigure } from './plan.ts';

/** What this computer has; figures that could not be found are null. Bytes are bytes. */
export interface ComputerFacts {
  readonly processor: string;
  readonly cores: number;
  readonly threads: number;
  readonly totalMemory: number;
  readonly freeMemory: number;
  /** Of the folder in which Fettle keeps its data. */
  readonly freeDisk: number | null;
  readonly system: string;
  readonly graphics: readonly { readonly name: string; readonly memory: number | null }[];
  /** Whether it runs from a battery now; null where there is none or it is not known. */
  readonly onBattery: boolean | null;
  /** The speed that was measured last, in floating point operations a second, and when (ISO 8601). */
  readonly speed: { readonly flops: number; readonly measured: string } | null;
  /** All that the probes found; left out in reports of versions that did not look. */
  readonly hardware?: Hardware;
  /** What was measured last, and how that compares with the time before; null before there is one. */
  readonly rates: Rates | null;
  readonly comparison: RatesComparison | null;
}

/** What a measurement sends: how far it is and what it does, and at its end the facts with the new rates. */
export type Measuring =
  | { readonly kind: 'progress'; readonly fraction: number; readonly doing: string }
  | { readonly kind: 'facts'; readonly facts: ComputerFacts };

/** Whether a method fits for a model of some size, with what it takes; figures are null where the method does not exist yet. */
export interface GridCell extends Pick<MethodFit, 'vramBytes' | 'seconds' | 'place' | 'lighter'> {
  /** Of the model, as people call it: 135M, 1.7B. */
  readonly size: string;
  readonly parameters: number;
  /** The name of the model that stands for this size. */
  readonly model: string;
  readonly method: PlanMethod;
  readonly peakBytes: RangedFigure | null;
  /** slow: it fits, and a pass over the examples takes days. */
  readonly fits: PlanFit | 'slow' | 'not-yet';
}

/** What this computer can fine-tune, with the memory that is free now. */
export interface Grid {
  /** All methods of a size one after the other, sizes ascending. */
  readonly cells: readonly GridCell[];
  readonly freeBytes: number;
  readonly examples: number;
  readonly tokens: number;
  /** The same in a sentence. */
  readonly sentence: string;
  /** What is counted as computing, in a sentence: the processor, and graphics cards that were measured. */
  readonly basis: string;
}

/** What is free at this moment; sent every few seconds. */
export interface ComputerNow {
  readonly freeMemory: number;
  /** Of all cores, 0 to 1. */
  readonly load: number;
}

/** The program that shows Fettle. */
export interface HostInfo {
  readonly kind: 'electron' | 'web';
  readonly version: string;
  readonly platform: string;
  readonly dataFolder: string;
  /** Whether the host has dialogs of the system for picking files and folders; else `files.browse` serves. */
  readonly dialogs: boolean;
  /** Whether secrets are kept encrypted by the system. */
  readonly keepsSecrets: boolean;
  /** Whether the person can be told that a job has ended: some Linux desktops have no notifications. */
  readonly notifies: boolean;
  readonly versions: Readonly<Record<string, string>>;
  /** What was repaired when the store was opened; null when it was in order. */
  readonly storeNotice: string | null;
  /** The web page of Fettle's source; null where there is none yet. */
  readonly repository: string | null;
}

/** Something that Fettle connects to, and what was asked of it. */
export interface Connected {
  readonly what: string;
  readonly when: string;
  readonly why: string;
  /** Names of hosts; those that begin with a dot mean all below. */
  readonly hosts: readonly string[];
  /** Requests since Fettle started. */
  readonly requests: number;
  /** When the last one was sent (ISO 8601); null: there was none. */
  readonly last: string | null;
}

/** About new versions of Fettle. */
export interface Updates {
  /** Whether to ask the person if Fettle may look for them. */
  readonly ask: boolean;
  /** A version that is newer than this one, with its page; null where none is known. */
  readonly newer: { readonly version: string; readonly page: string } | null;
}

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', ...LANGUAGE_CODES]),
  /** Whether every hyper-parameter is shown. */
  allSettings: z.boolean(),
  /** For the cost of a run: price of a kWh, and the currency it is in. */
  pricePerKwh: z.number().min(0).max(100),
  currency: z.string().min(1).max(8),
  /** Power that the computer draws while it trains, in watts; null: not known. */
  watts: z.number().min(1).max(10_000).nullable(),
  /** Prices of an hour that the person was offered, by the card's id; an assumption where none is here. */
  cardPrices: z.record(z.string().max(40), z.number().min(0).max(10_000)),
  keepAwake: z.boolean(),
  notify: z.boolean(),
  /** Base address of a mirror of the Hugging Face Hub, and of a proxy; null: none. */
  hubMirror: z.url().nullable(),
  proxy: z.url().nullable(),
  /** No connections at all. */
  offline: z.boolean(),
  /** Whether to look for new versions now and then; null: not asked yet. */
  checkUpdates: z.boolean().nullable(),
});
export type Settings = z.output<typeof Settings>;

/** A file or folder on the computer, for hosts without dialogs. */
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: number | null;
}

/** What is picked: something to read, or with `folder` and `save` a place to write to. */
const PickKind = z.enum(['data', 'data-folder', 'model-folder', 'gguf', 'folder', 'save']);
export type PickKind = z.output<typeof PickKind>;

export const computer = {
  facts: api.output(gives<ComputerFacts>()),
  now: api.output(streams<ComputerNow>()),
  /** Measures for 15 to 30 seconds, a graphics card besides where one is named, and remembers the result; nothing is kept of one that was ended. */
  measure: api
    .input(z.object({ device: z.enum(MEASURABLE).optional() }).optional())
    .output(streams<Measuring>()),
  grid: api.output(gives<Grid>()),
};

export const host = {
  info: api.output(gives<HostInfo>()),
  /** The first call of a page: in which language it reads, which is the one that main speaks from now on. Gives what the person has chosen. */
  speak: api.input(z.object({ language: z.enum(LANGUAGE_CODES) })).output(gives<Settings['language']>()),
  /** Shows a file in the file manager; on the web it fails with what to do. */
  reveal: api.input(z.object({ path: filePath })).output(gives<void>()),
  /** All that Fettle connects to, when and why, and what was asked since it started. */
  connections: api.output(gives<readonly Connected[]>()),
  /** Looks for a new version where the person allows it, at most once a day. */
  updates: api.output(gives<Updates>()),
};

export const files = {
  /** Lets the person pick with the system's dialog; an empty list when they did not. */
  pick: api
    .input(z.object({ what: PickKind, suggest: z.string().optional() }))
    .output(gives<readonly string[]>()),
  /** Paths that the person has dropped, typed or chosen in the page: other calls take them only after this one. */
  open: api.input(z.object({ what: PickKind, paths: filePaths })).output(gives<void>()),
  /** What a folder holds; without a path the person's home, and for a file its folder. */
  browse: api.input(z.object({ path: filePath.optional() })).output(
    gives<{
      readonly path: string;
      readonly parent: string | null;
      readonly entries: readonly FolderEntry[];
      /** The file that the path names. */
      readonly file?: FolderEntry | null;
    }>(),
  ),
  /** Keeps pasted text, or the bytes of a dropped file that has no path here, and gives its path. */
  keep: api
    .input(z.object({ name: z.string().min(1).max(200), content: z.union([z.string(), z.instanceof(Blob)]) }))
    .output(gives<{ readonly path: string }>()),
};

export const settings = {
  get: api.output(gives<Settings>()),
  set: api.input(Settings.partial()).output(gives<Settings>()),
  /** Whether a Hub token is kept; the token itself never comes back. */
  hubToken: api.output(gives<{ readonly kept: boolean }>()),
  setHubToken: api
    .input(z.object({ token: z.string().max(400).nullable() }))
    .output(gives<{ readonly kept: boolean }>()),
  moveData: api
    .input(z.object({ to: filePath }))
    .output(streams<{ readonly fraction: number; readonly done: boolean; readonly folder: string }>()),
};

/** Packs: libraries that are downloaded on request, for quicker products, for ggml on cards, and extras'. Bytes are bytes. */

const PackName = z.enum(['openvino', 'ggml', ...(Object.keys(packs) as (keyof typeof packs)[])]);
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
