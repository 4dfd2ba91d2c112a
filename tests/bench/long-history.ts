/**
 * A history as long as people may get it, made up: thousands of runs with thousands of points each. The first few runs go through
 * the store as a training does; the others copy their figures, each with another scale, many in one transaction.
 */
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { EngineEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { parseRunConfig } from '../../main/engine/config/config.ts';
import { openStore, STORE_FILE } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';

export const MODELS = ['SmolLM2-135M', 'Qwen2.5-0.5B', 'Llama-3.2-1B', 'gpt2', 'practice-model'];
const WORDS = [
  ...['support', 'letters', 'recipes', 'poems', 'tickets'],
  ...['school', 'garden', 'invoices', 'chat', 'questions'],
];
const STATES = ['done', 'done', 'failed', 'paused'] as const;
/** Runs whose figures are computed. */
const COMPUTED = 40;
/** Runs of one transaction. */
const TOGETHER = 100;
const EVAL_EVERY = 100;
const COPIES = [
  `insert into metrics select ?, number, at, step, steps, epoch, loss * ?, gradNorm, learningRate, tokens, tokensPerSecond,
    stepMs, rssBytes, secondsLeft, moreJson from metrics where run = ?`,
  'insert into events select ?, number, at, kind, eventJson from events where ? and run = ?',
];

const pick = <T>(list: readonly T[], i: number) => list[i % list.length]!;
const noise = (step: number, i: number) => Math.sin(step * 12.9898 + i) * 0.2;

/**
 * A history of `runs` runs with `points` steps each in a new store in `folder`, of which only the oldest `drawn` have them; gives
 * their ids, the oldest first.
 */
export async function makeLongHistory(
  folder: string,
  runs: number,
  points: number,
  drawn = runs,
): Promise<string[]> {
  const store = await openStore(folder);
  const ids: string[] = [];
  for (let i = 0; i < runs; i++) ids.push(addRun(store, folder, i));
  ids.slice(0, COMPUTED).forEach((id, i) => {
    store.events.add(id, numbered(eventsOf(i, points)));
  });
  store.close();
  copyFigures(path.join(folder, STORE_FILE), Math.min(runs, drawn));
  return ids;
}

function addRun(store: Store, folder: string, i: number): string {
  const out = path.join(folder, 'runs', `run-${i}`);
  const data = pick(WORDS, i);
  const config = parseRunConfig({
    ...{ model: `/models/${pick(MODELS, i)}`, data: `/data/${data}.jsonl`, out, threads: 4 },
    lora: { rank: 2 ** (i % 6) },
  });
  const { id } = store.runs.create({
    name: `${pick(WORDS, i * 7)} ${pick(['first', 'second', 'third'], i)} ${i}`,
    ...{
      state: 'running',
      folder: out,
      modelId: null,
      model: pick(MODELS, i),
      data: `${data}.jsonl`,
      config,
    },
    ...{ prompts: [], machine: {}, versions: {}, from: null },
    created: new Date(1_700_000_000_000 + 60_000 * i).toISOString(),
  });
  const figures = { bestLoss: 1 + noise(i, i), seconds: 100 + i, step: 1000, steps: 1000 };
  store.runs.update(id, { state: pick(STATES, i), notes: `note ${i}`, ...figures });
  return id;
}

/** What an engine says in a run: its steps, and an evaluation now and then. */
export function eventsOf(run: number, points: number): EngineEvent[] {
  return Array.from({ length: points }, (_, at) => at + 1).flatMap((step): EngineEvent[] => {
    const taken = stepOf(run, step, points);
    if (step % EVAL_EVERY > 0) return [taken];
    return [taken, { event: 'eval', step, loss: 2.5 / (1 + step / 100), best: true } as EngineEvent];
  });
}

export function stepOf(run: number, step: number, steps: number): StepEvent {
  return {
    ...{ event: 'step', step, steps, epoch: (3 * step) / steps },
    loss: 3 / (1 + step / 100) + noise(step, run),
    gradNorm: 1 + noise(step, run),
    learningRate: 2e-4 * (1 - step / steps),
    tokens: 1000,
    tokensPerSecond: 1234.5 + noise(step, run),
    stepMs: 800 + noise(step, run),
    rssBytes: 1_900_000_000 + step,
    secondsLeft: steps - step,
  };
}

const numbered = (events: readonly EngineEvent[]) =>
  events.map((event, i) => ({ number: i + 1, at: 1_700_000_000_000 + 800 * i, event }));

function copyFigures(file: string, runs: number): void {
  const sqlite = new Sqlite(file);
  sqlite.pragma('synchronous = NORMAL');
  const keys = sqlite.prepare('select key from runs order by key').pluck().all() as number[];
  const copies = COPIES.map((sql) => sqlite.prepare(sql));
  const copy = sqlite.transaction((from: number) => {
    for (let i = from; i < Math.min(runs, from + TOGETHER); i++)
      for (const statement of copies) statement.run(keys[i], 1 + i / runs, keys[i % COMPUTED]);
  });
  for (let from = COMPUTED; from < runs; from += TOGETHER) copy(from);
  sqlite.pragma('wal_checkpoint(TRUNCATE)');
  sqlite.close();
}
