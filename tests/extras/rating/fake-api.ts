/** Ratings of the fake API: one list that has been begun, whose model always answers the same two things. */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { RatingSet } from '../../../common/extras/rating/calls.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const FIRST =
  'We are sorry that it is late. The lamp comes on Tuesday. Please write to us if you need more help.';
const SECOND = 'You have to wait. The lamp comes on Tuesday. That is all.';

export function fakeRatings(world: Pick<FakeWorld, 'iso'>) {
  const os = implement(contract).ratings;
  let sets: RatingSet[] = [
    {
      id: 'a1b2c3',
      name: 'Customer letters',
      created: world.iso(1),
      answerers: [{ modelId: 'practice' }, { modelId: 'practice' }],
      temperature: 0.8,
      maxNewTokens: 256,
      prompts: Array.from({ length: 40 }, (_, index) => [
        {
          role: 'user' as const,
          content: `Order ${index + 1}: Hello, I am still waiting for the lamp. When does it come?`,
        },
      ]),
      rated: 23,
      skipped: 4,
    },
  ];
  const setOf = (id: string) => {
    const found = sets.find((set) => set.id === id);
    if (found) return found;
    const data = { code: 'no-rating', hint: 'Choose others, or start again.' };
    throw new ORPCError('PROBLEM', {
      status: 422,
      message: 'These ratings are not here any more.',
      data,
      defined: true,
    });
  };
  const change = (id: string, counts: Partial<RatingSet>) => {
    sets = sets.map((set) => (set.id === id ? { ...set, ...counts } : set));
    const { rated, skipped } = setOf(id);
    return { rated, skipped };
  };
  return {
    list: os.list.handler(() => sets.map(({ prompts, ...set }) => ({ ...set, prompts: prompts.length }))),
    create: os.create.handler(({ input: { prompts: _, ...asked } }) => {
      const set = { ...sets[0]!, ...asked, id: `new-${sets.length}`, rated: 0, skipped: 0 } as RatingSet;
      sets = [set, ...sets];
      return set;
    }),
    get: os.get.handler(({ input }) => setOf(input.id)),
    pair: os.pair.handler(async function* ({ input }) {
      const places = input.number % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
      yield { place: places[0], text: FIRST };
      yield { place: places[1], text: SECOND };
    }),
    rate: os.rate.handler(({ input: { id, better } }) => {
      const { rated, skipped } = setOf(id);
      return change(id, better === null ? { skipped: skipped + 1 } : { rated: rated + 1 });
    }),
    undo: os.undo.handler(({ input: { id } }) => {
      const { rated } = setOf(id);
      return {
        ...change(id, { rated: Math.max(0, rated - 1) }),
        answers: rated > 0 ? [FIRST, SECOND] : null,
      };
    }),
    export: os.export.handler(({ input }) => {
      const content = `${JSON.stringify({ prompt: 'Hello', chosen: FIRST, rejected: SECOND })}\n`;
      return {
        path: '/home/mo/.local/share/fettle/uploads/pairs.jsonl',
        rows: setOf(input.id).rated,
        content,
      };
    }),
    remove: os.remove.handler(({ input }) => {
      sets = sets.filter(({ id }) => id !== input.id);
    }),
  };
}
