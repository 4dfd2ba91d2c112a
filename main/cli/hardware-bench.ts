/**
 * The measuring part of `fettle hardware --bench`: the same engine process, the same report in the store and the same comparison
 * as in the window. Ctrl-C ends it, and nothing is kept of it then.
 */
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../common/errors.ts';
import type { BenchProgress } from '../../common/protocol/protocol.ts';
import { refuseBesideTraining } from '../app/busy.ts';
import { exampleComputer } from '../app/grounds.ts';
import { openHistory } from '../app/history.ts';
import { measureComputer } from '../hardware/measure.ts';
import { planGrid } from '../plan/example-fit.ts';
import { openEngineCalls } from '../runs/engine-calls.ts';
import { forkChild } from '../runs/fork.ts';
import type { Streams } from './command.ts';
import type { Measured } from './hardware-measured.ts';
import { onInterrupt } from './interrupt.ts';
import { isTerminal } from './style.ts';
import { percent } from './words.ts';

/** How long a cancelled engine may take to remove its temporary file. */
const PARTING_MS = 3000;

/** Measures this computer and keeps the report. Throws `AppError('stopped')` after Ctrl-C. */
export async function measureHere({ err }: Streams, device?: string): Promise<Measured> {
  const line = progressLine(err);
  const interrupt = onInterrupt(() => line.say('Stopping. Press Ctrl-C again to end at once.'), {
    computesHere: false,
  });
  let ended: Promise<unknown> = Promise.resolve();
  const engine = openEngineCalls(() => {
    const link = forkChild();
    ended = new Promise((resolve) => link.onExit(resolve));
    return link;
  });
  const store = await openHistory();
  try {
    const mayKeep = () => refuseBesideTraining(store);
    mayKeep();
    const facts = await measureComputer({ store, engine }, line.show, interrupt.stop, {
      mayKeep,
      ...(device !== undefined && { device }),
    });
    const computer = await exampleComputer(store);
    const grid = await planGrid(computer, (cases) => engine.prices(cases, interrupt.stop));
    const { comparison = null, speed } = facts;
    return { comparison, speed, rates: facts.rates!, grid };
  } catch (error) {
    if (!interrupt.stop.aborted) throw error;
    await Promise.race([ended, setTimeout(PARTING_MS)]);
    throw new AppError('stopped', 'The measurement was stopped; nothing was kept of it.', '');
  } finally {
    line.clear();
    engine.close();
    store.close();
    interrupt.release();
  }
}

/** One line that is drawn again and again on a terminal, and nothing elsewhere. */
function progressLine(err: Streams['err']) {
  const redraws = isTerminal(err, process.env);
  const clear = () => redraws && err.write('\r\u001b[K');
  return {
    show({ fraction, doing }: BenchProgress): void {
      const text = `${percent(fraction).padStart(4)}  ${doing}`;
      if (redraws) err.write(`\r\u001b[K${text.slice(0, (err.columns ?? 80) - 1)}`);
    },
    say(text: string): void {
      clear();
      err.write(`${text}\n`);
    },
    clear,
  };
}
