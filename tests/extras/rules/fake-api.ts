/** A practice of the fake API: two rounds are over, and the third learns. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { DrillRow, ReadAnswer } from '../../../common/extras/rules/calls.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const answer = (row: number, text: string, reason: string): ReadAnswer => ({
  ...{ row, sample: 0, text, passes: reason === '', score: reason === '' ? 1 : 0, reason },
  question: 'Taste of Cambridge is a coffee shop by the river. Write that as JSON.',
});
const ANSWERS = [
  answer(1, '{"name": "Taste of Cambridge", "eatType": "coffee shop"}', ''),
  answer(2, 'Here is the JSON: {"name": "Taste of Cambridge"}', 'It isn’t JSON.'),
];
const round = (number: number, passed: number, practised: number, rows: number) => ({
  ...{ number, kind: 'answers' as const, rows, run: 'run-1', test: { passed, of: 25 } },
  practised: { passed: practised, of: 600, score: practised / 600 },
});

export function fakeDrills(world: Pick<FakeWorld, 'iso'>) {
  const os = implement(contract).drills;
  const one: DrillRow = {
    ...{ id: 'a1b2c3', name: 'Restaurants', created: world.iso(1), practice: 75, test: 25, samples: 8 },
    ...{ model: 'SmolLM2 135M', problem: null },
    state: {
      ...{ before: { passed: 3, of: 25 }, best: 2, isDone: false, advice: null },
      rounds: [round(1, 11, 96, 41), round(2, 18, 324, 66)],
    },
    doing: { step: 'train', round: 3, fraction: null, secondsLeft: 240 },
  };
  let all: DrillRow[] = [one];
  const change = (more: Partial<DrillRow>) => {
    all = all.map((row) => ({ ...row, ...more }));
  };
  return {
    watch: os.watch.handler(async function* () {
      yield all;
    }),
    try: os.try.handler(async function* () {
      yield* ANSWERS;
    }),
    create: os.create.handler(() => ({ id: one.id })),
    start: os.start.handler(() => change({ doing: one.doing })),
    stop: os.stop.handler(() => change({ doing: null })),
    answers: os.answers.handler(() => ANSWERS),
    remove: os.remove.handler(() => {
      all = [];
    }),
  };
}
