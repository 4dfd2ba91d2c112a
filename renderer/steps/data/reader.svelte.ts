/**
 * Reads the chosen data for the wizard: a look at the rows at each change of how they are read, and a look at the file that is
 * measured on. Only the newest look counts; the one before is given up.
 */
import type { DataChoice } from '../../../common/api/contract.ts';
import { api, isAborted, problemOf } from '../../api.ts';
import { wizard } from '../../state/wizard.svelte.ts';

const AFTER_MS = 250;

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
    setTimeout(() => void this.#look(data, current.signal), isOther ? 0 : AFTER_MS);
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
