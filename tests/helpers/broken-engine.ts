/** The engine with an `inspect` that breaks on demand: it loops, or leaves something behind that nobody awaits. */
import { setTimeout } from 'node:timers/promises';
import type { CallIo } from '../../main/engine/session/call-row.ts';
import { CALLS } from '../../main/engine/session/calls.ts';

async function breakLater(): Promise<void> {
  await setTimeout(200);
  throw new Error('the second column is damaged');
}

const BREAKS: Readonly<Record<string, () => unknown>> = {
  // one that leaves the core to others
  loop: () => {
    for (const cell = new Int32Array(new SharedArrayBuffer(4)); ; ) Atomics.wait(cell, 0, 0, 10);
  },
  leave: () => {
    void breakLater();
  },
  wait: () => setTimeout(1000),
};

Object.assign(CALLS, {
  inspect: async (model: string, { emit }: CallIo) => {
    emit({ event: 'phase', phase: 'load' });
    await BREAKS[model]?.();
    return model;
  },
});
await import('../../main/engine/entry.ts');
