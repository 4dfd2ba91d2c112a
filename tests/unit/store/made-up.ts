/** Made-up runs, events and folders for the tests of the store. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach } from 'vitest';
import type { LocalModel, NumberedEvent, RunDetails } from '../../../common/api/contract.ts';
import type { AssessResult, EngineEvent, StepEvent } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../../../main/engine/config/config.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { type OpenOptions, openStore } from '../../../main/store/open.ts';
import type { NewRun, Store } from '../../../main/store/store.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const open = new Set<Store>();
const folders: (() => void)[] = [];

afterEach(() => {
  for (const store of open) store.close();
  open.clear();
  for (const remove of folders.splice(0)) remove();
});

/** An empty folder that is gone after the test. */
export function newFolder(): string {
  const { folder, remove } = temporaryFolder();
  folders.push(remove);
  return fs.realpathSync(folder);
}

/** Opens a store that is closed after the test. */
export async function opened(folder: string, options?: OpenOptions): Promise<Store> {
  const store = await openStore(folder, options);
  open.add(store);
  return store;
}

export function closed(store: Store): void {
  open.delete(store);
  store.close();
}

export const ALL = { sort: 'created', descending: true, offset: 0, limit: 1000 } as const;

export function configOf(out: string, more: Record<string, unknown> = {}): RunConfig {
  return parseRunConfig({ model: '/models/SmolLM2', data: '/data/support.jsonl', out, threads: 1, ...more });
}

/** A run in `runs/<name>` of the store's folder unless another folder is given. */
export function makeRun(store: Store, name: string, more: Partial<NewRun> = {}): RunDetails {
  const folder = more.folder ?? path.join(store.folder, 'runs', name);
  return store.runs.create({
    name,
    state: 'running',
    folder,
    modelId: null,
    model: 'SmolLM2',
    data: 'support.jsonl',
    config: configOf(folder),
    prompts: [],
    machine: { processor: 'abacus' },
    versions: { fettle: '0.1.0' },
    from: null,
    ...more,
  });
}

export function step(number: number, more: Partial<StepEvent> = {}): StepEvent {
  return {
    event: 'step',
    step: number,
    steps: 1000,
    epoch: number / 333,
    loss: 2 - number / 1000,
    gradNorm: 0.1 + 1 / number,
    learningRate: 1e-4 / number,
    tokens: 1000 + number,
    tokensPerSecond: 1234.5678,
    stepMs: 812.25,
    rssBytes: 1_940_000_000,
    secondsLeft: number < 4 ? null : 0.8 * (1000 - number),
    ...more,
  };
}

export function numbered(events: readonly EngineEvent[], first = 1): NumberedEvent[] {
  return events.map((event, i) => ({ number: first + i, at: 1_700_000_000_000 + i, event }));
}

export function evaluation(at: number, loss: number, best = true): EngineEvent {
  return { event: 'eval', step: at, loss, perplexity: Math.exp(loss), labelledTokens: 100, best };
}

export function modelAt(file: string, more: Partial<LocalModel> = {}): LocalModel {
  return {
    id: 'model-1',
    name: 'Tiny',
    family: 'llama',
    format: 'safetensors',
    path: file,
    parameters: 12_345,
    bytes: 49_380,
    licence: null,
    source: 'folder',
    repo: null,
    revision: null,
    hasChatTemplate: true,
    added: '2026-01-02T03:04:05.000Z',
    available: true,
    ...more,
  };
}

export function assessment(run: string): AssessResult {
  return {
    version: 1,
    run,
    model: '/models/SmolLM2',
    method: 'lora',
    created: '2026-01-02T03:04:05.000Z',
    seconds: 3,
    trainingSeconds: 9,
    versions: {},
    dataHash: 'd',
    modelKey: 'm',
    settings: {},
    task: { kind: 'label', reason: 'few answers', labelField: null },
    verdict: {
      learned: 'yes',
      forgot: 'little',
      memorised: null,
      promptingIsEnough: false,
      sentence: 'It learned.',
      remarks: [],
    },
    loss: null,
    answers: null,
    memorisation: null,
    forgetting: null,
    remedies: [],
    notes: [],
    report: path.join(run, 'report.html'),
  };
}

/** Files that a training leaves in its folder, as recovery reads them; returns the folder. */
export function writeRunFolder(folder: string, steps: number, { done = false } = {}): string {
  fs.mkdirSync(path.join(folder, 'checkpoints'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify(configOf(folder)));
  const metrics = Array.from({ length: steps }, (_, i) => step(i + 1));
  const lines = [...metrics, evaluation(steps, 1.5)].map((metric) => JSON.stringify(metric));
  // a killed process leaves half a line
  fs.writeFileSync(path.join(folder, 'metrics.jsonl'), `${lines.join('\n')}\n{"event":"st`);
  fs.writeFileSync(path.join(folder, 'checkpoints', 'step-00000003.safetensors'), 'x'.repeat(10));
  if (done) {
    const result = { event: 'done', steps, reason: 'finished', seconds: 12, out: folder, result: folder };
    fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify(result));
  }
  return folder;
}
