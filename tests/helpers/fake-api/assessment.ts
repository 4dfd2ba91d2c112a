/** An assessment with every part, small enough to read. */
import type { AssessResult, Estimate, RunDetails } from '../../../preload/contract.ts';

const estimate = (value: number, width = 0.1): Estimate => ({
  value,
  low: value - width,
  high: value + width,
});
const confusion = (right: number) => ({
  labels: ['billing', 'damage'],
  counts: [
    [right, 20 - right, 1],
    [4, 30, 0],
  ],
});

/** Shares of right answers after training, and right answers of the quiz, by the verdict. */
const RIGHT_AFTER = { yes: 0.53, partly: 0.24, no: 0.06, unknown: 0.06 } as const;
const QUIZ_AFTER = { nothing: 0.69, little: 0.61, much: 0.42, unknown: 0.69 } as const;
const LEARNED = { yes: 'yes', partly: 'partly', no: 'no', unknown: 'cannot tell' } as const;
const FORGOT = {
  nothing: 'nothing measurable',
  little: 'a little',
  much: 'much',
  unknown: 'cannot tell',
} as const;
const percent = (share: number) => `${Math.round(100 * share)} %`;

/** The assessment of a run, as its verdict in the history says. */
export function fakeAssessment(run: RunDetails): AssessResult {
  const learned = run.learned ?? 'unknown';
  const forgot = run.forgot ?? 'unknown';
  const right = RIGHT_AFTER[learned];
  const quiz = QUIZ_AFTER[forgot];
  const shares = { before: 0.05, system: 0.21, examples: 0.37, after: right };
  const variants = (['before', 'system', 'examples', 'after'] as const).map((variant, index) => ({
    variant,
    rows: 60,
    right: estimate(shares[variant], Math.min(0.1, shares[variant])),
    labelRight: estimate(0.2 + Math.min(index * 0.2, right)),
    validJson: estimate(0.25 * (index + 1) - 0.05, 0.05),
    gain: estimate(right - shares[variant]),
  }));
  const promptingIsEnough = right < shares.examples;
  return {
    version: 1,
    run: run.folder,
    model: '/app/resources/practice-model',
    method: 'lora',
    created: run.ended ?? run.created,
    seconds: 4.8,
    trainingSeconds: 29.6,
    versions: { fettle: '0.1.0' },
    dataHash: 'e08b6398cbfac4ac',
    modelKey: '031d49f152fee90e',
    settings: {},
    task: { kind: 'json', reason: '500 of 500 answers are JSON objects.', labelField: 'topic' },
    verdict: {
      learned,
      forgot,
      memorised: false,
      promptingIsEnough,
      sentence: `Learned: ${LEARNED[learned]}, 5 % -> ${percent(right)} of held-out rows right (±10). Forgot: ${FORGOT[forgot]}, general quiz 69 % -> ${percent(quiz)}.`,
      remarks: promptingIsEnough
        ? [
            'Prompting is enough: the untouched model with a few examples in its prompt does better (37 % right).',
          ]
        : [],
    },
    loss: {
      rows: 60,
      labelledTokens: 1098,
      before: estimate(3.45),
      after: estimate(0.42, 0.04),
      perplexityBefore: estimate(31.5, 3),
      perplexityAfter: estimate(1.52, 0.06),
      change: estimate(-3.03),
    },
    answers: {
      rows: 60,
      score: 'right',
      variants,
      missing: [],
      confusion: { before: confusion(6), after: confusion(18) },
      systemPrompt: 'Sort the messages of customers.',
      examples: 3,
      maxNewTokens: 64,
      answered: ['My parcel is broken.', 'Where is my invoice?', 'I cannot sign in.'].map(
        (prompt, index) => ({
          prompt,
          wanted: '{"topic":"damage","urgent":true}',
          answers: { before: 'I am sorry to hear that.', after: '{"topic":"damage","urgent":true}' },
          scores: { before: 0, after: index === 1 ? 0 : 1 },
        }),
      ),
    },
    memorisation: {
      trainingLoss: estimate(0.31),
      heldOutLoss: estimate(0.42),
      overlap: null,
      memorised: false,
      note: 'The loss on rows it was trained on is close to that on held-out rows.',
    },
    forgetting: {
      source: 'bundled',
      quiz: {
        total: { topic: 'all', items: 120, before: estimate(0.69), after: estimate(quiz) },
        topics: ['Geography', 'Arithmetic', 'Spelling'].map((topic, index) => ({
          topic,
          items: 40,
          before: estimate(0.7 - index * 0.05),
          after: estimate(0.64 - index * 0.09),
        })),
        change: estimate(quiz - 0.69),
        broke: [
          {
            topic: 'Spelling',
            question: 'Spell "rhythm".',
            accepted: ['rhythm'],
            before: 'rhythm',
            after: 'rythm',
          },
        ],
        mended: 3,
      },
      passages: null,
      passageTopics: [],
    },
    remedies: [
      {
        name: 'blend',
        why: 'Keeps 0.7 of what training changed.',
        file: '/runs/remedies/blend.json',
      },
      {
        name: 'replay',
        why: 'Mixing general text in keeps what it knew.',
        file: '/runs/remedies/replay.json',
      },
      {
        name: 'lower-rate',
        why: 'Half the learning rate moves the weights less.',
        file: '/runs/remedies/lower-rate.json',
      },
    ],
    notes: ['60 held-out rows were answered.'],
    report: '/runs/report.html',
  };
}
