/** Where a run stands, as its checkpoint tells it, and what must not change for it to go on. */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { settingOf, settingsOfResume } from '../../../common/settings/table.ts';
import { say } from '../../../common/words/language.ts';
import { bundledName } from '../../paths.ts';
import { COUNTED_EPOCHS, type RunConfig } from '../config/config.ts';
import { shorten } from '../io/json-scan.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { RunData } from '../step/run-data.ts';

const count = z.int().min(0);
const loss = z.number().nullable();
const isJsonObject = (text: string) => {
  try {
    return /^\s*\{/.test(text) && JSON.parse(text) !== null;
  } catch {
    return false;
  }
};

/** Everything besides tensors that a run needs to go on, and what it must be to be believed: a wrong one would go on with other rows. */
const CURSOR = z.object({
  step: count,
  epoch: count,
  epochStep: count,
  trainedTokens: count,
  trainSeconds: z.number().min(0),
  /** What the training has taken so far; older checkpoints, and those of cards, don't tell. */
  energy: z.object({ joules: z.number().min(0), isMeasured: z.boolean() }).exactOptional(),
  /** Training loss of the last step. */
  lastLoss: loss,
  heldOutLoss: loss,
  heldOutLossBefore: loss,
  bestLoss: loss,
  /** The last step whose weights were measured; -1 before the first evaluation. */
  evaluatedStep: z.int().min(-1),
  bestStep: count,
  evaluationsSinceBest: count,
  /** Micro-batches of each section of rows that was entered, where they are tokenised section by section. */
  sectionBatches: z.array(count).readonly().exactOptional(),
  /** Of gradients in float16, with the steps since it was changed; a run that was in float32 has none. */
  lossScale: z.object({ scale: z.number().positive(), steadySteps: count }).exactOptional(),
  /** Squared gradient norms of each part of the gradients in the last step, where they are used one by one. */
  squares: z.array(z.number().min(0)).readonly().exactOptional(),
  /** Loss of each held-out row, before training, at the best evaluation and at the last, with its tokens; older checkpoints lack some. */
  rowLosses: z
    .object({
      labelled: z.array(count).exactOptional(),
      before: z.array(z.number()).exactOptional(),
      best: z.array(z.number()),
      last: z.array(z.number()),
    })
    .exactOptional(),
  /**
   * What must not change for a resumed run to give the numbers of an uninterrupted one: files, rows, and the settings whose rows say so. All
   * else (learning rate, length, how often it is measured and saved, recompute) may.
   */
  identity: z.object({
    model: z.string(),
    data: z.string(),
    /** What the tokenizer and its chat template make of the rows. */
    tokens: z.string(),
    /** Of a model that comes with Fettle: its files get other times wherever the program is put. */
    bundled: z.string().exactOptional(),
    settings: z.string().refine(isJsonObject),
  }),
});

/** The cursor of a run under way. */
export type RunningCursor = z.infer<typeof CURSOR>;
export type Cursor = Readonly<RunningCursor>;
export type RunIdentity = Cursor['identity'];
export type SavedScale = NonNullable<Cursor['lossScale']>;

export async function identityOf(
  config: RunConfig,
  opened: OpenedModel,
  data: Pick<RunData, 'store' | 'evalStore' | 'replayStore'>,
): Promise<RunIdentity> {
  const files = filesOf(opened.store);
  const stores = [data.store, data.evalStore, data.replayStore].filter((store) => store !== null);
  const tokens = createHash('sha256');
  for (const { hashes } of stores) for (const words of hashes) tokens.update(words);
  return {
    model: await cacheKeyOf(files),
    ...(files.every((file) => bundledName(file) !== file) && {
      bundled: await cacheKeyOf(files, { timed: false }),
    }),
    data: stores.map(({ contentHash }) => contentHash).join(),
    tokens: tokens.digest('hex'),
    settings: JSON.stringify(sorted(settingsOfResume(config))),
  };
}

/** Throws `AppError('resume-mismatch')` that names what differs between a checkpoint and the run. */
export function checkIdentity(saved: RunIdentity, now: RunIdentity): void {
  const [before, after] = [settingsOf(saved), settingsOf(now)];
  if (JSON.stringify(before) !== JSON.stringify(after)) throw mismatch(changedSettings(before, after));
  const isSameBundled = saved.bundled !== undefined && saved.bundled === now.bundled;
  if (saved.model !== now.model && !isSameBundled) throw mismatch(say`the model's files have changed`);
  if (saved.data !== now.data) throw mismatch(say`the rows have changed`);
  if (saved.tokens !== now.tokens) throw mismatch(say`its tokenizer or chat template has changed`);
}

function mismatch(what: string): AppError {
  return new AppError(
    'resume-mismatch',
    say`This run can't be resumed: ${what}.`,
    say`Restore what it was started with, or start a new run.`,
  );
}

type Settings = Readonly<Record<string, unknown>>;

/** By their names: equal settings are equal texts. */
function sorted(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Those that must not change; older checkpoints list others, too. */
function settingsOf({ settings }: RunIdentity): Settings {
  const saved = Object.entries(JSON.parse(settings) as Settings);
  return Object.fromEntries(saved.filter(([name]) => settingOf(name)?.resumed ?? !settingOf(name)));
}

function changedSettings(saved: Settings, now: Settings): string {
  const names = [...new Set([...Object.keys(saved), ...Object.keys(now)])];
  const changed = names.filter((name) => JSON.stringify(saved[name]) !== JSON.stringify(now[name]));
  const method = changed.includes('method') ? ['method'] : changed;
  return method
    .map((name) => say`${name} was ${quote(saved[name])} and is now ${quote(now[name])}`)
    .join(', ');
}

function quote(value: unknown): string {
  return value === undefined ? say`not set` : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Where a run stands before its first step. */
export function newCursor(identity: RunIdentity): Cursor {
  return {
    step: 0,
    epoch: 0,
    epochStep: 0,
    trainedTokens: 0,
    trainSeconds: 0,
    lastLoss: null,
    evaluatedStep: -1,
    heldOutLoss: null,
    heldOutLossBefore: null,
    bestLoss: null,
    bestStep: 0,
    evaluationsSinceBest: 0,
    identity,
  };
}

/** Reads a saved cursor; what is wrong with one is thrown as the error that `wrong` makes of it. */
export function parseCursor(text: string, wrong: (what: string) => Error): Cursor {
  let cursor: Cursor;
  try {
    cursor = JSON.parse(text) as Cursor;
  } catch {
    throw wrong('that part is not JSON');
  }
  const issue = CURSOR.safeParse(cursor).error?.issues[0];
  if (issue) throw wrong(valueAt(cursor, issue.path));
  return cursor;
}

/** `"step" is -1`. */
function valueAt(cursor: unknown, keys: readonly PropertyKey[]): string {
  const value = keys.reduce((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], cursor);
  const name = keys.length === 0 ? 'it' : `"${keys.join('.')}"`;
  return value === undefined ? `${name} is missing` : `${name} is ${shorten(JSON.stringify(value), 40)}`;
}

/** Throws what `wrong` makes of it where the epoch and the steps in it are not what so many steps come to. */
export function checkPlace(
  { step, epoch, epochStep }: Cursor,
  { stepsInEpoch }: { stepsInEpoch(epoch: number): number },
  wrong: (what: string) => Error,
): void {
  // counting the steps of an epoch packs its rows: in longer runs not all are counted
  if (epoch > COUNTED_EPOCHS) return;
  let before = 0;
  for (let done = 0; done < epoch && before <= step; done++) before += stepsInEpoch(done);
  if (before + epochStep === step && epochStep < stepsInEpoch(epoch)) return;
  throw wrong(`step ${step} is not step ${epochStep} of epoch ${epoch}`);
}
