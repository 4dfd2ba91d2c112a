/**
 * Reads and examines the wizard's data: a look at the rows at each change of how they are read, and the data check. Repairs are always made
 * from the person's own file, so that each can be undone.
 */

import type { DataChoice, DoctorReport, NewTokens, Problem } from '../../../common/api/contract.ts';
import { marks } from '../../../common/words/marks.ts';
import { api, isAborted, problemOf } from '../../api.ts';
import { toasts } from '../../state/layers.svelte.ts';
import { wizard } from '../../state/wizard.svelte.ts';
import { lengthLimit } from '../../state/wizard-steps.ts';
import { dataText } from '../../text/text.ts';

const READ_AFTER_MS = 250;

class Reader {
  #seen = '';
  #seenHeldOut = '';
  #current = new AbortController();

  /** Looks at `data` again where it differs from what was looked at last. */
  follow(data: DataChoice | undefined): void {
    const key = JSON.stringify(data ?? null);
    const isKnown =
      data === undefined || wizard.look !== null || wizard.lookProblem !== null || wizard.looking;
    if (key === this.#seen && isKnown) return;
    const isOther = !isKnown || JSON.stringify(data?.paths) !== JSON.stringify(keyPaths(this.#seen));
    this.#seen = key;
    this.#current.abort();
    if (isOther) wizard.look = null;
    wizard.lookProblem = null;
    wizard.looking = data !== undefined;
    if (data === undefined) return;
    const current = new AbortController();
    this.#current = current;
    setTimeout(() => void this.#look(data, current.signal), isOther ? 0 : READ_AFTER_MS);
  }

  /** The same for the rows that are measured on; how they are read follows the data. */
  followHeldOut(choice: DataChoice | undefined): void {
    const key = JSON.stringify(choice ?? null);
    if (key === this.#seenHeldOut && (choice === undefined || wizard.heldOutLook !== null)) return;
    this.#seenHeldOut = key;
    wizard.heldOutLook = null;
    if (choice === undefined) return;
    void api.data.look(choice).then(
      (look) => {
        if (key === this.#seenHeldOut) wizard.heldOutLook = look;
      },
      () => {},
    );
  }

  retry(): void {
    this.#seen = '';
    this.follow(wizard.data);
  }

  async #look(data: DataChoice, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const look = await api.data.look(data, { signal });
      if (signal.aborted) return;
      wizard.look = look;
      wizard.looking = false;
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      wizard.lookProblem = problemOf(error);
      wizard.looking = false;
    }
  }
}

function keyPaths(key: string): readonly string[] | undefined {
  return key === '' ? undefined : (JSON.parse(key) as DataChoice | null)?.paths;
}

export const reader = new Reader();

const EXAMINE_AFTER_MS = 400;

/** What a check depends on. */
interface Examined {
  readonly data: DataChoice;
  readonly evalPaths?: string[];
  readonly modelId?: string;
  readonly newTokens?: NewTokens;
  readonly maxLength?: number;
}

/** What the button of a fix says. */
export function fixLabel(name: string): string {
  return dataText.fixes[name] ?? dataText.fix;
}

class Doctor {
  running = $state(false);
  fraction = $state<number | null>(null);
  detail = $state('');
  problem = $state.raw<Problem | null>(null);
  /** The fix that is being made or undone. */
  busy = $state('');
  #seen = '';
  #current = new AbortController();

  /** Examines again where what the check depends on has changed; `null`: nothing to examine. */
  follow(examined: Examined | null): void {
    const key = JSON.stringify(examined);
    const isKnown = examined === null || wizard.report !== null || this.problem !== null || this.running;
    if (key === this.#seen && isKnown) return;
    this.#seen = key;
    this.#current.abort();
    this.running = examined !== null;
    this.problem = null;
    if (examined === null) {
      wizard.report = null;
      return;
    }
    const current = new AbortController();
    this.#current = current;
    setTimeout(() => void this.#check(examined, current.signal), EXAMINE_AFTER_MS);
  }

  again(examined: Examined | null): void {
    this.#seen = '';
    this.follow(examined);
  }

  /** Makes one more fix, or several. */
  fix(...names: string[]): Promise<void> {
    return this.#repair(
      [...new Set([...(wizard.content.mended?.fixes ?? []), ...names])],
      names[0] ?? '',
      (report) => {
        const repair = report.repair;
        if (repair)
          toasts.say(dataText.fixed(repair.keptRows, repair.changedRows, repair.droppedRows), {
            undo: () => this.undo(...names),
          });
      },
    );
  }

  /** Takes fixes back; without names all of them. */
  async undo(...names: string[]): Promise<void> {
    const fixes = wizard.content.mended?.fixes ?? [];
    const rest = names.length === 0 ? [] : fixes.filter((fix) => !names.includes(fix));
    if (rest.length > 0)
      return this.#repair(rest, names[0] ?? '', () =>
        toasts.say(dataText.undoneOne(names.map(fixLabel).join(marks().comma))),
      );
    wizard.change('data', { mended: undefined });
    toasts.say(dataText.undone);
  }

  async #repair(fixes: string[], busy: string, done: (report: DoctorReport) => void): Promise<void> {
    const { data, evalPaths, modelId } = wizard.content;
    const { newTokens } = wizard;
    if (data === undefined) return;
    this.busy = busy;
    try {
      const report = await api.data.fix({
        data,
        fixes,
        maxLength: Number(wizard.settings.maxLength ?? lengthLimit(wizard.model)),
        ...(evalPaths && { evalPaths }),
        ...(modelId !== undefined && { modelId, ...(newTokens && { newTokens }) }),
      });
      const out = report.repair?.out;
      // the person may have chosen other data meanwhile
      if (out && wizard.content.data === data) {
        wizard.change('data', { mended: { out, fixes } });
        done(report);
      }
    } catch (error) {
      toasts.problem(error);
    } finally {
      this.busy = '';
    }
  }

  async #check(examined: Examined, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.fraction = null;
    this.detail = '';
    try {
      for await (const progress of await api.data.check(examined, { signal })) {
        if (signal.aborted) return;
        if (progress.kind === 'report') wizard.report = progress.report;
        else {
          this.fraction = progress.fraction;
          this.detail = progress.detail;
        }
      }
    } catch (error) {
      if (signal.aborted || isAborted(error)) return;
      this.problem = problemOf(error);
      wizard.report = null;
    }
    if (!signal.aborted) this.running = false;
  }
}

export const doctor = new Doctor();

/** Null where there is nothing that can be examined; undefined where that is not known yet. */
export function examinedData(): Examined | null | undefined {
  const { data, look, looking, model, newTokens } = wizard;
  const { evalPaths, settings, modelId } = wizard.content;
  if (data === undefined) return null;
  if (looking || (look === null && wizard.lookProblem === null)) return undefined;
  if (look === null || look.problem || look.rows === 0) return null;
  return {
    data,
    ...(evalPaths && { evalPaths }),
    ...(modelId !== undefined && model?.available && { modelId, ...(newTokens && { newTokens }) }),
    maxLength: Number(settings?.maxLength ?? lengthLimit(model)),
  };
}
