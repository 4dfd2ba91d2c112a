/** Finding in the fake app: one folder that two encoders have read, and what each way finds in it. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { FoundBy, IndexedFolder } from '../../../common/extras/find/calls.ts';
import type { Measured } from '../../../common/extras/find/vectors.ts';

const FOLDER = '/home/mo/Documents/town';

const passage = (path: string, text: string, score: number) => ({
  ...{ passage: text.length, path, text, score, heading: 'Dogs › Fees', page: 3, row: null },
});

const FOUND: readonly FoundBy[] = [
  {
    encoder: null,
    ms: 2,
    passages: [
      passage(
        'rules/dogs.pdf',
        'The tax for a dog is 90 euros a year. It is due on the first of March.',
        7.31,
      ),
    ],
  },
  {
    encoder: 'all-MiniLM-L6-v2',
    ms: 14,
    passages: [
      passage('rules/dogs.pdf', 'Owners pay 90 euros a year. It is due on the first of March.', 0.68),
      passage('letters.csv', 'How much is it to keep a puppy?', 0.51),
    ],
  },
];

const scores = (ndcg10: number, recall10: number) => ({
  ...{ questions: 150, ndcg10, recall10, recall100: 1, mrr: ndcg10 },
});

const MEASURED: Measured = {
  ...{ out: '/home/mo/runs/town/model', bytes: 91e6, seconds: 64, kind: 'ranked', findings: [], mined: 0 },
  ...{ rows: { taught: 500, held: 150, unreadable: 0 }, steps: 16, plannedSteps: 16 },
  ...{ losses: { first: 0.8, last: 0.1 }, order: null },
  general: { before: 0.94, after: 0.93, lost: { value: 0.01, low: 0.001, high: 0.02 }, forgot: 'little' },
  took: {
    price: { seconds: 40, measuringSeconds: 12, bytes: 1.1e9, tokensPerSecond: 2400 },
    ...{ stepSeconds: 42, tokens: 48_000, secondsToFirstStep: 4, peakBytes: 1e9 },
    energy: { wattHours: 0.1, isMeasured: false },
  },
  found: {
    passages: 647,
    by: [
      { encoder: null, ...scores(0.56, 0.84) },
      { encoder: 'before', ...scores(0.35, 0.66) },
      { encoder: 'after', ...scores(0.88, 0.97) },
    ],
    chance: scores(0.01, 0.02),
  },
  score: { name: 'found', rows: 150, value: 0.88, low: 0.84, high: 0.91 },
  rival: {
    name: 'bm25',
    score: { name: 'found', rows: 150, value: 0.56, low: 0.5, high: 0.61 },
    ...{ lead: { value: 0.32, low: 0.26, high: 0.38 }, seconds: null },
  },
};

export function fakeFind() {
  const os = implement(contract).find;
  let folders: IndexedFolder[] = [
    {
      ...{ id: '0123456789abcdef', folder: FOLDER, files: 41, passages: 5264, bytes: 4e6 },
      encoders: ['all-MiniLM-L6-v2'],
    },
  ];
  return {
    readers: os.readers.handler(() => ({
      encoders: [
        { name: 'all-MiniLM-L6-v2', path: '/home/mo/models/MiniLM', bytes: 91e6 },
        {
          ...{ name: 'Town questions', path: '/home/mo/runs/town/model', bytes: 91e6 },
          trained: { model: '/home/mo/models/MiniLM', after: 0.88, before: 0.56 },
        },
      ],
      rerankers: [
        {
          ...{ name: 'Town order', path: '/home/mo/runs/order/model', bytes: 92e6 },
          trained: { model: '/home/mo/models/MiniLM', after: 0.72, before: 0.56 },
        },
      ],
    })),
    train: os.train.handler(async function* () {
      yield { kind: 'progress', doing: 'Training', fraction: 0.4 } as const;
      yield { kind: 'price', price: MEASURED.took.price } as const;
      yield { kind: 'result', runId: 'no-run', measured: MEASURED } as const;
    }),
    finishTraining: os.finishTraining.handler(() => {}),
    trained: os.trained.handler(() => MEASURED),
    folders: os.folders.handler(() => folders),
    index: os.index.handler(async function* ({ input }) {
      const names = {
        '/home/mo/models/MiniLM': 'all-MiniLM-L6-v2',
        '/home/mo/runs/town/model': 'Town questions',
      };
      const encoder = names[input.encoders[0] as keyof typeof names] ?? '';
      yield { kind: 'files', name: 'rules/dogs.pdf', done: 4e5, total: 4e6 } as const;
      yield { kind: 'passages', encoder, done: 256, total: 5264, seconds: 2, left: 39 } as const;
      const unread = input.isLook ? { passages: 64, seconds: 1, left: 5200, secondsLeft: 65 } : null;
      const read = [{ encoder, ...(unread ?? { passages: 5200, seconds: 65, left: 0, secondsLeft: 0 }) }];
      const leftOut = [{ path: 'scan.pdf', why: "scan.pdf can't be read: its pages are pictures." }];
      const id = folders[0]?.id ?? '';
      yield { kind: 'done', id, files: 41, passages: 5264, leftOut, isEnglish: true, read } as const;
    }),
    ask: os.ask.handler(() => FOUND),
    inFile: os.inFile.handler(() => ({
      ...{ file: `${FOLDER}/rules/dogs.pdf`, isWhole: false },
      passages: [passage('', 'Dogs need a tag.', 0), ...FOUND[1]!.passages],
    })),
    remove: os.remove.handler(({ input }) => {
      folders = folders.filter(({ id }) => id !== input.id);
    }),
  };
}
