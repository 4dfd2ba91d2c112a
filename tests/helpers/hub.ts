/** A hub part of the app on a fresh data folder, with the real store and the engine's real look at a model. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Download } from '../../common/api/contract.ts';
import { inspectModel } from '../../main/engine/load/inspect.ts';
import { HUB_TOKEN, type Tuning } from '../../main/hub/connection.ts';
import { type Hub, type HubOptions, openHub } from '../../main/hub/hub.ts';
import type { EngineCalls } from '../../main/runs/engine-calls.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import type { ServedModel } from './hub-server.ts';

export const RESOURCES = path.join(import.meta.dirname, '..', '..', 'resources');

/** Small and impatient, so that files of some kilobytes come in many ranges. */
export const QUICK: Partial<Tuning> = {
  rangeBytes: 32 * 1024,
  tries: 3,
  backOffMs: 1,
  stallMs: 60_000,
  recordMs: 20,
  reportMs: 1,
  spareBytes: 0,
};

export interface HubPart {
  readonly hub: Hub;
  readonly store: Store;
  readonly folder: string;
  /** Opens the part again on the same data, as a new start of the app does. */
  again(): Promise<HubPart>;
  close(): Promise<void>;
}

export interface PartOptions {
  readonly hubUrl: string;
  readonly token?: string;
  readonly folder?: string;
  readonly more?: Partial<HubOptions>;
}

export async function openPart(options: PartOptions): Promise<HubPart> {
  const folder = options.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-hub-'));
  const store = await openStore(folder);
  const secrets = {
    get: async (name: string) => (name === HUB_TOKEN ? (options.token ?? null) : null),
    set: async () => {},
  };
  const engine = { inspect: inspectModel } as unknown as EngineCalls;
  const hub = openHub({
    store,
    engine,
    host: { secrets },
    hubUrl: options.hubUrl,
    tuning: QUICK,
    ...options.more,
  });
  const close = async () => {
    await hub.close();
    store.close();
  };
  return {
    ...{ hub, store, folder, close },
    async again() {
      await close();
      return await openPart({ ...options, folder });
    },
  };
}

/** The list of downloads once `isRight` says so. */
export async function downloadsWhen(
  hub: Hub,
  isRight: (all: readonly Download[]) => boolean,
): Promise<readonly Download[]> {
  for await (const all of hub.downloads()) if (isRight(all)) return all;
  throw new Error('the list of downloads ended');
}

/** The only download once it has come to an end, good or bad. */
export async function ended(hub: Hub): Promise<Download> {
  const all = await downloadsWhen(hub, ([first]) => first?.state === 'done' || first?.state === 'failed');
  return all[0]!;
}

/** The tiny model of the resources as a model on the Hub, with its weights as a large file. */
export function tinyModel(more: Partial<ServedModel> = {}): ServedModel {
  const folder = path.join(RESOURCES, 'tiny-model');
  const names = ['README.md', 'config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
  const files = Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(folder, name))]));
  return { repo: 'someone/tiny', files, large: ['model.safetensors'], licence: 'apache-2.0', ...more };
}
