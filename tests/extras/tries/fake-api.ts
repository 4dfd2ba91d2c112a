/** Tries of the fake app: the half learns more than the quarter. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { TriesResult } from '../../../common/extras/tries/result.ts';
import { runOf } from '../../helpers/fake-api/jobs.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const at = (rows: number, value: number, low: number, high: number, isClose: boolean) => ({
  ...{ rows, accuracy: { value, low, high }, isClose },
});

export const FAKE_TRIES: TriesResult = {
  score: 'known',
  asked: 112,
  points: [
    { rows: 100, score: 0.64 },
    { rows: 200, score: 0.76 },
    { rows: 400, score: 0.87 },
  ],
  forecasts: [
    at(400, 0.86, 0.79, 0.91, true),
    at(800, 0.91, 0.83, 0.95, true),
    at(1600, 0.94, 0.78, 0.98, false),
  ],
  seconds: 240,
};

export function fakeTries(world: FakeWorld) {
  const os = implement(contract).tries;
  const done = new Map<string, TriesResult>();
  return {
    known: os.known.handler(({ input }) => done.get(runOf(world, input.runId).id) ?? null),
    start: os.start.handler(async function* ({ input }) {
      yield { kind: 'price', price: { rows: [100, 200], asked: 112, seconds: 240 } } as const;
      yield { kind: 'progress', doing: 'Learning from a quarter of the rows', fraction: 0.2 } as const;
      done.set(input.runId, FAKE_TRIES);
      yield { kind: 'result', result: FAKE_TRIES } as const;
    }),
    stop: os.stop.handler(() => {}),
  };
}
