/** A teaching of the fake API: half of its texts are answered, and two wait for a person. */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { OpenRow, Teaching } from '../../../common/extras/teacher/calls.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const ANSWERS = ['Card lost', 'Card arrival', 'Exchange rate', 'Refund', 'Top-up failed', 'Transfer pending'];
const choices = (first: string, second: string) => [
  { answer: first, votes: 2 },
  { answer: second, votes: 1 },
  ...ANSWERS.filter((one) => one !== first && one !== second).map((answer) => ({ answer, votes: 0 })),
];
const OPEN: readonly OpenRow[] = [
  {
    ...{ row: 3, text: 'I changed euros yesterday and got less than the app had shown.', agreement: 2 / 3 },
    choices: choices('Exchange rate', 'Transfer pending'),
    like: null,
  },
  {
    ...{
      row: 8,
      text: 'My new card was posted last week, but it never came. Can someone use it?',
      agreement: 2 / 3,
    },
    choices: choices('Card arrival', 'Card lost'),
    like: null,
  },
];

const VARIED: readonly OpenRow[] = [
  {
    ...{ row: 2, text: 'Why is my refund from the shoe shop still not on my account?', agreement: 2 / 3 },
    choices: choices('Refund', 'Transfer pending'),
    like: { text: 'I sent a jacket back, when do I get my money?', answer: 'Refund' },
  },
];

export function fakeTeacher(world: Pick<FakeWorld, 'iso'>) {
  const os = implement(contract).teacher;
  const counts = { examples: 30, taken: 354, decided: 23, leftOut: 1, open: 2, unanswered: 80 };
  const forecast = { write: 0, answer: 80, seconds: 240, tokens: 96_000 };
  let all: Teaching[] = [
    {
      ...{ vary: null, price: null, forecast },
      ...{ id: 'd4e5f6', name: 'Bank mails', created: world.iso(1), texts: 500, answered: 420, decided: 24 },
      ...{ kind: 'categories', answers: ANSWERS, samples: 3, isAway: false, counts, next: OPEN },
      teacher: 'qwen3:8b, http://127.0.0.1:11434/v1',
    },
    {
      ...{ id: 'e5f6a7', name: 'sorted', created: world.iso(2), texts: 150, answered: 5, decided: 0 },
      ...{ kind: 'categories', answers: ANSWERS, samples: 3, isAway: false, next: VARIED },
      ...{ vary: 5, price: 2, forecast: { write: 145, answer: 145, seconds: 660, tokens: 402_000 } },
      counts: { examples: 30, taken: 4, decided: 0, leftOut: 0, open: 1, unanswered: 0 },
      teacher: 'qwen3:8b, http://127.0.0.1:11434/v1',
    },
  ];
  const of = (id: string) => {
    const found = all.find((one) => one.id === id);
    if (found) return found;
    const data = { code: 'no-teaching', hint: 'Choose another, or start again.' };
    const message = 'This teaching is not here any more, or can’t be read.';
    throw new ORPCError('PROBLEM', { status: 422, message, data, defined: true });
  };
  const change = (id: string, by: 1 | -1) => {
    const { next, decided, ...one } = of(id);
    const kept = by > 0 ? next.slice(1) : OPEN;
    const more = { decided: one.counts.decided + by, open: kept.length };
    const then = { ...one, next: kept, decided: decided + by, counts: { ...one.counts, ...more } };
    all = all.map((each) => (each.id === id ? then : each));
    return then;
  };
  return {
    list: os.list.handler(() => all),
    create: os.create.handler(() => ({ id: 'd4e5f6' })),
    get: os.get.handler(({ input }) => of(input.id)),
    ask: os.ask.handler(async function* ({ input }) {
      const total = of(input.id).texts;
      yield { step: 'answer', done: total, total, secondsLeft: 0, tokensLeft: 0, failed: 0, problem: null };
    }),
    decide: os.decide.handler(({ input }) => change(input.id, 1)),
    undo: os.undo.handler(({ input }) => change(input.id, -1)),
    export: os.export.handler(() => ({
      ...{ path: '/home/mo/.local/share/fettle/uploads/mails.jsonl', rows: 407 },
      content: '{"prompt":"Where is my card?","completion":"Card arrival","fettle_origin":"person"}\n',
    })),
    remove: os.remove.handler(({ input }) => {
      all = all.filter(({ id }) => id !== input.id);
    }),
  };
}
