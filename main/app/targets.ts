/** Other computers that can train: which a person has named, and runs that are trained there. */

import path from 'node:path';
import type { LocalModel } from '../../common/api/contract.ts';
import { type NewTarget, TargetSpec } from '../../common/api/targets.ts';
import { AppError } from '../../common/errors.ts';
import { differsElsewhere, refusedElsewhere } from '../../common/settings/elsewhere.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { isElsewhere } from '../elsewhere.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Secrets } from '../hub/connection.ts';
import type { Fork } from '../runs/engine-link.ts';
import type { Store } from '../store/store.ts';
import { openTarget, requireAddress } from '../targets/kinds.ts';
import { jobOf, newPlace, noteStop, type Place, readPlace, writePlace } from '../targets/place.ts';
import type { Target, TargetFacts } from '../targets/target.ts';
import { forkElsewhere } from '../targets/target-job.ts';

const KEY = 'targets';
type Kept = Pick<Store, 'kept'>;
/** Among the host's secrets. */
const tokenOf = (name: string) => `token of ${name}`;

export function listTargets(store: Kept): readonly TargetSpec[] {
  return store.kept.get<TargetSpec[]>(KEY) ?? [];
}

/** Keeps a target, and its token where it has one; one of the same name is replaced. Throws `AppError('bad-config')`. */
export async function addTarget(
  store: Kept,
  secrets: Secrets,
  { token, ...given }: NewTarget & { readonly token?: string | undefined },
): Promise<TargetSpec> {
  const parsed = TargetSpec.safeParse({
    ...given,
    // from the home folder, where commands begin
    folder: given.folder?.replace(/^~\//, '').replace(/\/+$/, ''),
  });
  if (!parsed.success) {
    const wrong = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(marks().comma);
    throw new AppError(
      'bad-config',
      say`This target can’t be used: ${wrong} isn’t valid.`,
      say`Names have small letters, digits and hyphens. A computer is user@host, or a name that ssh knows.`,
    );
  }
  requireAddress(given);
  const others = listTargets(store).filter(({ name }) => name !== given.name);
  // never that of an earlier one, which may have been somewhere else
  await secrets.set(tokenOf(given.name), token?.trim() || null);
  store.kept.set(
    KEY,
    [...others, parsed.data].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  return parsed.data;
}

/** Tests a target, and keeps which cards it has. Throws `AppError('target-not-found')`. */
export async function testTarget(
  store: Kept,
  secrets: Secrets,
  name: string,
  signal?: AbortSignal,
): Promise<TargetFacts> {
  const facts = await targetNamed(store, secrets, name).test(signal);
  change(store, name, { cards: [...facts.cards] });
  return facts;
}

/** What an hour there costs; null: not said. Throws `AppError('target-not-found')`. */
export function priceTarget(store: Kept, name: string, perHour: number | null): TargetSpec {
  return change(store, name, { pricePerHour: perHour });
}

function change(
  store: Kept,
  name: string,
  to: Partial<Pick<TargetSpec, 'cards' | 'pricePerHour'>>,
): TargetSpec {
  const changed = { ...targetSpec(store, name), ...to };
  store.kept.set(
    KEY,
    listTargets(store).map((one) => (one.name === name ? changed : one)),
  );
  return changed;
}

/** Forgets a target and its token. What lies there stays, and its jobs go on. Throws `AppError('target-not-found')`. */
export async function removeTarget(store: Kept, secrets: Secrets, name: string): Promise<void> {
  targetSpec(store, name);
  await secrets.set(tokenOf(name), null);
  store.kept.set(
    KEY,
    listTargets(store).filter((one) => one.name !== name),
  );
}

/** Throws `AppError('target-not-found')`. */
export function targetNamed(store: Kept, secrets: Secrets, name: string): Target {
  return openTarget(targetSpec(store, name), () => secrets.get(tokenOf(name)));
}

/** What is kept of a target. Throws `AppError('target-not-found')`. */
export function targetSpec(store: Kept, name: string): TargetSpec {
  const all = listTargets(store);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const known = all.map((one) => one.name).join(marks().comma);
  throw new AppError(
    'target-not-found',
    say`There is no target called ${name}.`,
    known ? say`There is ${known}.` : say`Add one in the settings first.`,
  );
}

/** How errors call a setting: its flag, or its name in the application. */
type Naming = (setting: string) => string;

/** Throws `AppError('bad-config')` where a run with these settings can't be trained elsewhere; gives what will differ there. */
export function requireElsewhere(config: RunConfig, nameOf: Naming): readonly string[] {
  const named = (text: string) => text.replace(/\{([\w.]+)\}/g, (_, key: string) => nameOf(key));
  const refused = refusedElsewhere(config).map(named);
  if (refused.length === 0) return differsElsewhere(config).map(named);
  throw new AppError('bad-config', `${refused.join('.\n')}.`, say`Change it, or train on this computer.`);
}

/** The model's place on the Hub from `owner/name@revision`. Throws `AppError('bad-usage')`. */
export function hubModel(text: string): NonNullable<Place['hub']> {
  const match = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text);
  if (match) return { name: match[1]!, revision: match[2] ?? 'main' };
  throw new AppError('bad-usage', `"${text}" is no model on the Hub.`, 'Write owner/name@revision.');
}

/** Where the Hub has a model of this computer in the form that PyTorch reads; null where it has to be sent. */
export function onHub({
  repo,
  revision,
  path: file,
}: Pick<LocalModel, 'repo' | 'revision' | 'path'>): Place['hub'] {
  return repo === null || revision === null || file.endsWith('.gguf') ? null : { name: repo, revision };
}

/** Says in the run's new folder that `target` trains it. */
export function placeElsewhere(folder: string, target: string, hub: Place['hub']): void {
  writePlace(path.resolve(folder), newPlace(target, hub));
}

/** What starts the training of the run in `folder` where that is elsewhere; null for one of this computer. */
export function forkFor(
  store: Kept,
  folder: string,
  {
    fork,
    secrets,
    onStop,
  }: { readonly fork: Fork; readonly secrets: Secrets; readonly onStop?: 'end' | 'leave' },
): Fork | null {
  if (!isElsewhere(folder)) return null;
  return forkElsewhere(folder, {
    fork,
    targetOf: (name) => targetNamed(store, secrets, name),
    ...(onStop && { onStop }),
  });
}

/** Asks the job of the run in `folder` to save and end. Throws `AppError('no-run')`. */
export async function stopElsewhere(store: Kept, secrets: Secrets, folder: string): Promise<void> {
  const place = readPlace(folder);
  if (!place?.folder || (place.job === null && !place.isStarted))
    throw new AppError(
      'no-run',
      `No other computer trains a run in ${folder}.`,
      'Name the folder of a submitted run.',
    );
  const target = targetNamed(store, secrets, place.target);
  // before it is asked: a job in a queue ends at once
  noteStop(folder, place);
  await target.ask(jobOf(place), 'STOP');
}
