/** A request to pick a path, where the host has no dialog of the system: parts/PathDialog.svelte answers it. */
import type { PickKind } from '../../common/api/contract.ts';

interface Request {
  readonly what: PickKind;
  readonly suggest: string | undefined;
  readonly answer: (paths: readonly string[]) => void;
}

export class Picker {
  request = $state.raw<Request | null>(null);

  /** Resolves with the picked paths; with none when the dialog is closed or another one is asked for. */
  ask(what: PickKind, suggest?: string): Promise<readonly string[]> {
    this.answer([]);
    return new Promise((resolve) => {
      this.request = { what, suggest, answer: resolve };
    });
  }

  /** Answers with a file whose path was typed or pasted, where a file was asked for; whoever asked judges what is in it. */
  take(file: string): boolean {
    const what = this.request?.what ?? 'folder';
    if (what === 'folder' || what === 'save') return false;
    this.answer([file]);
    return true;
  }

  answer(paths: readonly string[]): void {
    const { request } = this;
    this.request = null;
    request?.answer(paths);
  }
}

export const picker = new Picker();
