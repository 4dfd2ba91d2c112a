/** What lies above every page: short messages, the command palette, the dialog that picks a path. */
import type { LucideIcon } from '@lucide/svelte';
import type { PickKind, Problem } from '../../common/api/contract.ts';
import { copyOf, isAborted, problemOf } from '../problem.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly hint: string;
  readonly tone: 'neutral' | 'bad';
  readonly undo: (() => void | Promise<void>) | null;
  /** Where more about it is. */
  readonly href: string | null;
  /** What can be copied for a report. */
  readonly report: string | null;
}

interface ToastOptions {
  readonly undo?: (() => void | Promise<void>) | undefined;
  readonly href?: string | undefined;
  /** How long it stays, in seconds; 0: until it is closed. */
  readonly seconds?: number | undefined;
}

const SAY_SECONDS = 5;
const UNDO_SECONDS = 10;
const PROBLEM_SECONDS = 12;
const MOST = 4;

export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #last = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Says a text; with `undo` a button beside it, for ten seconds. */
  say(text: string, { undo, href, seconds }: ToastOptions = {}): void {
    const stays = seconds ?? (undo ? UNDO_SECONDS : SAY_SECONDS);
    this.#add(
      { text, hint: '', tone: 'neutral', undo: undo ?? null, href: href ?? null, report: null },
      stays,
    );
  }

  /** Shows what was thrown; nothing where the page itself gave a call up. */
  problem(error: unknown): void {
    if (isAborted(error)) return;
    const problem: Problem = problemOf(error);
    const { message: text, hint, details } = problem;
    const report = details === undefined ? null : copyOf(problem);
    // what is to be copied stays until it is closed
    const seconds = report === null ? PROBLEM_SECONDS : 0;
    this.#add({ text, hint, tone: 'bad', undo: null, href: null, report }, seconds);
  }

  async undo(toast: Toast): Promise<void> {
    this.close(toast.id);
    try {
      await toast.undo?.();
    } catch (error) {
      this.problem(error);
    }
  }

  close(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, 'id'>, seconds: number): void {
    this.#last += 1;
    const id = this.#last;
    const same = this.list.find(
      (each) => each.text === toast.text && each.undo === null && toast.undo === null,
    );
    if (same) this.close(same.id);
    for (const old of this.list.slice(0, Math.max(0, this.list.length - MOST + 1))) this.close(old.id);
    this.list = [...this.list, { ...toast, id }];
    if (seconds > 0)
      this.#timers.set(
        id,
        setTimeout(() => this.close(id), seconds * 1000),
      );
  }
}

export const toasts = new Toasts();

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon | undefined;
  /** Other words by which it is found. */
  readonly words?: string | undefined;
  readonly run: () => void;
}

export const palette = $state({ open: false });

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

  /** Answers with a file whose path was typed, where a file was asked for; the asker judges its content. */
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
