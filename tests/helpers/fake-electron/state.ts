/** What the fake Electron knows of itself: how far it is, how a test wants it, and everything that it was asked to do. */
import { EventEmitter } from 'node:events';

/** How a test wants this Electron; given as JSON in FAKE_ELECTRON. */
export interface FakeSettings {
  readonly packaged?: boolean;
  /** Another instance has the lock. */
  readonly second?: boolean;
  /** The language of the system. */
  readonly locale?: string;
  readonly keyring?: string;
  /** false: there are no notifications. */
  readonly notices?: boolean;
  readonly displays?: readonly Area[];
}
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Asked {
  readonly what: string;
  readonly with: unknown;
}

export const settings: FakeSettings = JSON.parse(process.env.FAKE_ELECTRON ?? '{}');
export const asked: Asked[] = [];
/** Dialogs wait here for the answer of a test. */
export const dialogs = new EventEmitter();

let phase: 'evaluating' | 'ready' = 'evaluating';

/** Keeps what was asked, and tells the test. */
export function note(what: string, detail: unknown = null): void {
  const entry = { what, with: plain(detail) };
  asked.push(entry);
  process.send?.({ asked: entry });
}

/** What can be sent to the test of `value`: functions and objects of Electron are named only. */
function plain(value: unknown): unknown {
  return value === undefined
    ? null
    : JSON.parse(
        JSON.stringify(value, (_, part) => {
          if (typeof part === 'function') return '(function)';
          return part instanceof EventEmitter ? `(${part.constructor.name})` : part;
        }) ?? 'null',
      );
}

export const isReady = () => phase === 'ready';
export const becomeReady = () => {
  phase = 'ready';
};

/** Refuses what Electron refuses before it is ready. */
export function needReady(what: string): void {
  if (!isReady()) throw new Error(`${what} before the app is ready`);
}

/** Refuses what Electron refuses once it is ready. */
export function needEarly(what: string): void {
  if (isReady()) throw new Error(`${what} after the app is ready`);
}
