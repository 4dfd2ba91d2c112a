/**
 * What must not change for a resumed run to give the numbers of an uninterrupted one: files, rows, and the
 * settings whose rows say so. All else (learning rate, length, how often it is measured and saved, recompute) may.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../../common/errors.ts';
import { settingsOfResume } from '../../../common/settings/table.ts';
import { say } from '../../../common/words/language.ts';
import { bundledName } from '../../paths.ts';
import type { RunConfig } from '../config/config.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { RunData } from '../step/run-data.ts';

export interface RunIdentity {
  readonly model: string;
  readonly data: string;
  /** What the tokenizer and its chat template make of the rows. */
  readonly tokens: string;
  readonly settings: string;
  /** Of a model that comes with Fettle: its files get other times wherever the program is put. */
  readonly bundled?: string;
}

export async function identityOf(
  config: RunConfig,
  opened: OpenedModel,
  data: Pick<RunData, 'store' | 'evalStore' | 'replayStore'>,
): Promise<RunIdentity> {
  const files = filesOf(opened.store);
  const stores = [data.store, data.evalStore, data.replayStore].filter((store) => store !== null);
  const tokens = createHash('sha256');
  for (const { hashes } of stores) tokens.update(hashes);
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

/**
 * A layerwise update, which older checkpoints list, may change: like a limit on the norm it concerns
 * clipping.
 */
function settingsOf({ settings }: RunIdentity): Settings {
  const { layerwiseUpdate: _, ...others } = JSON.parse(settings) as Settings;
  return others;
}

function changedSettings(saved: Settings, now: Settings): string {
  const names = [...new Set([...Object.keys(saved), ...Object.keys(now)])];
  const changed = names.filter((name) => JSON.stringify(saved[name]) !== JSON.stringify(now[name]));
  const method = changed.includes('method') ? ['method'] : changed;
  return method
    .map((name) => say`${name} was ${shown(saved[name])} and is now ${shown(now[name])}`)
    .join(', ');
}

function shown(value: unknown): string {
  return value === undefined ? say`not set` : typeof value === 'string' ? value : JSON.stringify(value);
}
