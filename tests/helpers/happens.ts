/** Waits for what is to happen. */
import { vi } from 'vitest';
import { WAIT_MS } from './limits.ts';

/** Resolves with the answer of `check` once it no longer throws. */
export const happens = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: WAIT_MS, interval: 20 });
