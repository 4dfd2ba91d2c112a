/** The computer: its facts, what is free now, a short measurement. */
import { setTimeout } from 'node:timers/promises';
import type { ComputerFacts, ComputerNow } from '../../preload/contract.ts';
import { AppError } from '../errors.ts';
import { computerFacts, loadMeter } from '../hardware/facts.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

const NOW_MS = 3000;

/** Calls about the computer; `nowMs` is the time between two looks at what is free. */
export function computerCalls(os: Implementer, { store, engine, supervisor }: Parts, nowMs = NOW_MS) {
  const facts = () => computerFacts(store.folder, store.hardware.latest()?.speed ?? null);

  /** Beside a training it would measure what that leaves. */
  async function measure(): Promise<ComputerFacts> {
    const going = supervisor.list().find(({ state }) => state === 'running' || state === 'starting');
    if (going)
      throw new AppError(
        'computer-busy',
        `“${going.name}” uses the computer now, so its speed cannot be measured.`,
        'Pause it, or measure when it has ended.',
      );
    const flops = await engine.speed();
    const report = { ...(await facts()), speed: { flops, measured: new Date().toISOString() } };
    store.hardware.add(report);
    return report;
  }

  return {
    facts: os.computer.facts.handler(facts),
    now: os.computer.now.handler(({ signal }) => everyFew(nowMs, signal)),
    measure: os.computer.measure.handler(measure),
  };
}

async function* everyFew(ms: number, signal: AbortSignal | undefined): AsyncGenerator<ComputerNow> {
  const look = loadMeter();
  while (!signal?.aborted) {
    yield look();
    await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
  }
}
