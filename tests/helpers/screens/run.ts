/** The screens of a run: while it trains, its result, the use of the model, its details. */

import type { Page } from 'playwright-core';
import type { RunDetails } from '../../../common/api/contract.ts';
import { keptCounter, keptSorter } from '../fake-api/assessment.ts';
import { type FakeWorld, fakeJob } from '../fake-api/world.ts';
import { button, heading, type Screen, scrollTo, text, toMiddle, toTop } from './screen.ts';

/** Changes a run of the world. */
const run =
  (index: number, change: Partial<RunDetails>) =>
  (world: FakeWorld): void => {
    world.runs = world.runs.map((each, at) => (at === index ? { ...each, ...change } : each));
  };

/** Run 1 with a result. */
const learned =
  (verdict: Pick<RunDetails, 'learned' | 'forgot'>, more: Partial<RunDetails> = {}) =>
  (world: FakeWorld): void => {
    run(1, {
      name: 'Support messages, second try',
      ...{ model: 'Practice model', modelId: 'practice', data: 'support-messages.jsonl' },
      ...{ state: 'done', tags: ['shop', 'second try'], notes: 'Twice the rank of the first.' },
      ...verdict,
      ...more,
    })(world);
    world.jobs = [];
  };
/** Opens what is folded away under that title. */
async function unfold(page: Page, title: string): Promise<void> {
  await page.getByText(title, { exact: true }).click();
  await toTop(page.locator('summary', { hasText: title }));
}
const BEATEN = learned(
  { learned: 'yes', forgot: 'nothing' },
  {
    betterRival: {
      name: 'counter',
      score: { name: 'known', rows: 112, value: 0.85, low: 0.77, high: 0.9 },
      lead: { value: -0.13, low: -0.23, high: -0.03 },
      seconds: 0.4,
    },
  },
);
export const GOOD = learned({ learned: 'yes', forgot: 'nothing' });

/** What a run says at its start that four cards train elsewhere. */
const ELSEWHERE: RunDetails['start'] = {
  ...{ event: 'start', model: 'practice-model', family: 'llama', method: 'lora', out: 'run' },
  ...{ parameters: 4_196_608, trainableParameters: 253_952, layers: 6, rows: 540, heldOutRows: 60 },
  ...{ tokens: 41_000, labelledTokens: 9000, skippedRows: 0, truncatedRows: 0, steps: 152, stepsDone: 0 },
  ...{ executor: 'pytorch', device: '4 x NVIDIA A100-SXM4-80GB', target: 'lab' },
};

/** Run 0 in a state in which no job of it goes on. */
const ended =
  (change: Partial<RunDetails>) =>
  (world: FakeWorld): void => {
    run(0, { ended: world.iso(0), ...change })(world);
    world.jobs = [];
  };

export const runScreens: readonly Screen[] = [
  {
    name: 'training',
    title: 'A training in progress',
    at: 'run/run-0/training',
    ready: text('Best test loss'),
    main: true,
    wide: true,
  },
  {
    name: 'training-pairs',
    title: 'A training on better and worse answers',
    at: 'run/run-0/training',
    world(world) {
      const [{ config }] = world.runs as [RunDetails];
      run(0, { config: { ...config, objective: 'dpo' }, step: 120 })(world);
      world.jobs = [fakeJob('job-1', { step: 120, fraction: 120 / 152, secondsLeft: 63 })];
    },
    act: (page) => toMiddle(text('Better answer preferred')(page)),
    ready: text('Best test loss'),
    main: true,
  },
  {
    name: 'training-samples',
    partOf: 'training',
    title: 'What the model says to your test questions',
    at: 'run/run-0/training',
    async act(page) {
      await text('Best test loss')(page).waitFor();
      await scrollTo(page, 'What the model says');
    },
    ready: heading('What the model says'),
  },
  {
    name: 'training-cancel',
    title: 'Asking before a training is cancelled',
    at: 'run/run-0/training',
    act: (page) => page.getByRole('main').getByRole('button', { name: 'Cancel' }).click(),
    ready: text('Cancel this training?'),
  },
  {
    name: 'training-paused',
    title: 'A paused training',
    at: 'run/run-0/training',
    world(world) {
      run(0, { state: 'paused' })(world);
      world.jobs = [fakeJob('job-1', { state: 'paused', secondsLeft: null })];
    },
    ready: (page) => button(page, 'Resume'),
  },
  {
    name: 'training-waiting',
    title: 'A run that waits for the one before it',
    at: 'run/run-3/training',
    world: run(3, { state: 'waiting', step: 0, started: null, ended: null }),
    ready: text('Starts with the first step.'),
  },
  {
    name: 'training-out-of-memory',
    title: 'A training that ran out of memory, with what helps',
    at: 'run/run-0/training',
    world: ended({
      state: 'failed',
      problem: {
        code: 'out-of-memory',
        message: 'The computer ran out of memory.',
        hint: 'Close other programs, or use shorter rows or a smaller model.',
      },
    }),
    ready: text('The computer ran out of memory.'),
    main: true,
  },
  {
    name: 'training-interrupted',
    title: 'A training that was interrupted, as by a power cut',
    at: 'run/run-0/training',
    world: ended({ state: 'interrupted' }),
    ready: heading('What the model says'),
  },
  {
    name: 'result-learned',
    title: 'A result: it learned and forgot nothing',
    at: 'run/run-1/result',
    world: GOOD,
    ready: text(/^It learned: /),
    main: true,
    wide: true,
  },
  {
    name: 'result-partly',
    title: 'A result: it learned in part, and a prompt does as well',
    at: 'run/run-1/result',
    world: learned({ learned: 'partly', forgot: 'little' }),
    ready: text(/^It learned in part: /),
    main: true,
  },
  {
    name: 'result-not',
    title: 'A result: it did not learn and forgot much',
    at: 'run/run-1/result',
    world: learned({ learned: 'no', forgot: 'much' }),
    ready: heading('What would help most'),
    main: true,
  },
  {
    name: 'result-rival',
    title: 'A result: a simpler way does better',
    at: 'run/run-1/result',
    world: BEATEN,
    ready: text('Use the word counter'),
    main: true,
  },
  {
    name: 'result-rivals',
    words: 480,
    title: 'Simpler ways beside the model',
    at: 'run/run-1/result',
    world: BEATEN,
    async act(page) {
      await unfold(page, 'Figures and ranges');
      await scrollTo(page, 'What it knows');
    },
    ready: heading('Simpler ways'),
  },
  {
    name: 'result-evidence',
    title: 'The evidence: answers side by side',
    at: 'run/run-1/result',
    world: GOOD,
    async act(page) {
      await unfold(page, 'All answers');
      await scrollTo(page, 'Answers side by side');
    },
    ready: heading('Answers side by side'),
    words: 300,
  },
  {
    name: 'result-forgot',
    title: 'What it forgot, by topic',
    at: 'run/run-1/result',
    world: learned({ learned: 'yes', forgot: 'little' }),
    act: (page) => unfold(page, 'What it forgot'),
    ready: heading('What it forgot'),
    words: 360,
  },
  {
    name: 'result-figures',
    title: 'The figures of a result, with their ranges',
    at: 'run/run-1/result',
    world: GOOD,
    act: (page) => unfold(page, 'Figures and ranges'),
    words: 450,
    ready: heading('Scores on test rows'),
  },
  {
    name: 'result-pairs',
    title: 'The figures of a training on better and worse answers',
    at: 'run/run-1/result',
    world(world) {
      const { config } = world.runs[1]!;
      const more = {
        name: 'Polite answers',
        data: 'polite-answers.jsonl',
        config: { ...config, objective: 'dpo' },
      };
      learned({ learned: 'yes', forgot: 'nothing' }, more)(world);
    },
    act: (page) => unfold(page, 'Figures and ranges'),
    ready: heading('Preferences'),
    main: true,
  },
  {
    name: 'result-remedies',
    title: 'What would help most',
    at: 'run/run-1/result',
    world: learned({ learned: 'yes', forgot: 'little' }),
    act: (page) => scrollTo(page, 'What would help most'),
    ready: heading('What would help most'),
    main: true,
  },
  {
    name: 'result-blind',
    title: 'A blind round',
    at: 'run/run-1/result',
    world: GOOD,
    async act(page) {
      await unfold(page, 'Judge for yourself');
      await button(page, 'Start judging').click();
    },
    ready: text('Pair 1 of 10'),
    main: true,
  },
  {
    name: 'result-blind-outcome',
    title: 'The outcome of a blind round',
    at: 'run/run-1/result',
    world: GOOD,
    async act(page) {
      await unfold(page, 'Judge for yourself');
      await button(page, 'Start judging').click();
      for (let pair = 1; pair <= 10; pair += 1) {
        await text(`Pair ${pair} of 10`)(page).waitFor();
        await button(page, pair % 3 ? 'Second is better' : 'Equally good').click();
      }
    },
    ready: text('Another round'),
  },
  {
    name: 'result-not-assessed',
    title: 'A run that has not been compared',
    at: 'run/run-1/result',
    world: learned({ learned: null, forgot: null }),
    ready: text('Not compared yet'),
  },
  {
    name: 'use-chat',
    title: 'Talking to both models',
    at: 'run/run-1/use',
    world: GOOD,
    async act(page) {
      await button(page, 'My parcel is broken.').click();
      await text(/tokens\/s/)(page).waitFor();
    },
    ready: (page) => page.getByText(/12 tokens, /).nth(1),
    main: true,
  },
  {
    name: 'use-sort',
    words: 260,
    title: 'Sorting rows into categories, with scores that were checked',
    at: 'run/run-1/use',
    world: GOOD,
    async act(page) {
      await button(page, 'Check on test rows only').click();
      await scrollTo(page, 'Sort rows');
    },
    ready: text('The categories were checked on test rows.'),
    main: true,
  },
  {
    name: 'use-sorted',
    words: 330,
    title: 'The first rows that were sorted, with those for a person',
    at: 'run/run-1/use',
    world: GOOD,
    async act(page) {
      const content = {
        name: 'mails.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('text\nWhere is it?\n'),
      };
      await page.getByLabel('File with rows to sort').locator('input[type=file]').setInputFiles(content);
      await button(page, 'Start sorting').click();
      await button(page, 'Save table').waitFor();
      await scrollTo(page, 'Sort rows');
    },
    ready: (page) => button(page, 'Save table'),
    main: true,
  },
  {
    name: 'use-counter',
    words: 330,
    title: 'A word counter: sorting with it, the words that decided, and saving it',
    at: 'run/run-counter/use',
    world: (world) => void keptCounter(world, 'support-messages.jsonl'),
    async act(page) {
      const content = {
        name: 'mails.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('text\nWhere is it?\n'),
      };
      await page.getByLabel('File with rows to sort').locator('input[type=file]').setInputFiles(content);
      await button(page, 'Start sorting').click();
      await page.getByRole('switch', { name: 'Show the words that decided' }).click();
      await scrollTo(page, 'Sort rows');
    },
    ready: text(/^Because of: /),
    main: true,
  },
  {
    name: 'use-vectors',
    words: 330,
    title: 'A sorter by vectors: the ways that were tried, and saving it',
    at: 'run/run-sorter/use',
    world: (world) => void keptSorter(world, 'support-messages.jsonl'),
    act: (page) => scrollTo(page, 'Ways that were tried'),
    ready: text('Save with its encoder'),
  },
  {
    name: 'use-save',
    title: 'Saving the model for other programs, with a saved copy',
    at: 'run/run-1/use',
    world(world) {
      learned({ learned: 'yes', forgot: 'nothing' }, { exports: [EXPORT(world.iso(1))] })(world);
    },
    act: (page) => scrollTo(page, 'Save'),
    ready: heading('Saved copies'),
    main: true,
  },
  {
    name: 'use-programs',
    title: 'The model for other programs on this computer',
    at: 'run/run-1/use',
    world: learned({ learned: 'yes', forgot: 'nothing' }),
    async act(page) {
      await button(page, 'Let programs use it').click();
      await scrollTo(page, 'Use in other programs');
    },
    ready: text('3 requests answered.'),
  },
  {
    name: 'use-nothing',
    title: 'No model to use yet',
    at: 'run/run-0/use',
    ready: text('Nothing to use yet'),
  },
  {
    name: 'details',
    title: 'Everything that is needed to repeat a run',
    at: 'run/run-1/details',
    world: GOOD,
    ready: heading('Settings'),
    main: true,
  },
  {
    name: 'details-elsewhere',
    title: 'A run that another computer has trained',
    at: 'run/run-1/details',
    world: learned(
      { learned: 'yes', forgot: 'nothing' },
      { start: ELSEWHERE, executor: 'pytorch', target: 'lab' },
    ),
    ready: heading('Settings'),
    main: true,
  },
  {
    name: 'details-log',
    title: 'Checkpoints, log, answers and deleting',
    at: 'run/run-1/details',
    world: GOOD,
    act: async (page) => {
      await scrollTo(page, 'Checkpoints');
      await page.locator('summary', { hasText: /^Log$/ }).click();
    },
    ready: (page) => page.getByRole('region', { name: 'Log of this run' }),
  },
  {
    name: 'run-menu',
    title: 'What else can be done with a run',
    at: 'run/run-1/result',
    world: GOOD,
    act: (page) => button(page, 'More about this run').click(),
    ready: (page) => page.getByRole('menuitem', { name: 'Rename' }),
  },
  {
    name: 'run-rename',
    title: 'Renaming a run',
    at: 'run/run-1/result',
    world: GOOD,
    async act(page) {
      await button(page, 'More about this run').click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
    },
    ready: text('Rename this run'),
  },
  {
    name: 'run-missing',
    title: 'A run that is gone',
    at: 'run/gone',
    ready: (page) => page.getByRole('main').getByRole('link', { name: /history/i }),
  },
];

const EXPORT = (created: string): RunDetails['exports'][number] => ({
  id: 'export-1',
  created,
  available: true,
  result: {
    ...{ as: 'gguf', adapterOnly: false, type: 'q8_0', bytes: 9.1e6, seconds: 3.1 },
    out: '/home/mo/.local/share/fettle/runs/run-1/exports/support-messages.gguf',
    files: ['support-messages.gguf'],
    name: 'support-messages',
    proof: {
      ...{ by: 'llama.cpp', promptSource: 'held-out rows', prompts: 8, equalAnswers: 8, tokens: 144 },
      ...{
        firstDifference: null,
        maxLogProbDrift: 0.04,
        tokenizerTexts: 60,
        tokenizerAgrees: 60,
        tensors: 86,
      },
    },
    proved: 'llama.cpp loaded it and gave the same answers to 8 of 8 held-out rows as the trained model.',
    notes: [],
    next: [
      {
        about: 'Ollama',
        command:
          'ollama create support-messages -f /home/mo/.local/share/fettle/runs/run-1/exports/support-messages.Modelfile',
      },
    ],
  },
});
