/**
 * An assessment with every part. What the models said is made up, over the real quiz and the real messages; scores, intervals, what
 * broke and the verdict are then the engine's own, so that they cannot contradict each other.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  AbilityFigures,
  AssessResult,
  ClassifyResult,
  ClosedFigures,
  Estimate,
  PreferenceResult,
  Rival,
  RunDetails,
  SorterColumn,
  SorterNews,
  SorterResult,
} from '../../../common/api/contract.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { answerFigures } from '../../../main/engine/eval/assess/asking.ts';
import {
  memorisationNote,
  quizFigures,
  quizForVerdict,
} from '../../../main/engine/eval/assess/assess-figures.ts';
import { parseQuiz } from '../../../main/engine/eval/assess/general-quiz.ts';
import { type ClosedErrors, closedErrors } from '../../../main/engine/eval/assess/mixups.ts';
import { remediesFor } from '../../../main/engine/eval/assess/remedies.ts';
import { rate, rateDifference } from '../../../main/engine/eval/assess/statistics.ts';
import { detectTask } from '../../../main/engine/eval/assess/task.ts';
import { judge } from '../../../main/engine/eval/assess/verdict.ts';
import { deciding, type VerdictFigures } from '../../../main/engine/eval/assess/verdict-figures.ts';
import { closedFigures } from '../../../main/engine/eval/classify/closed-set.ts';
import { wordsAndPairs } from '../../../main/engine/eval/rivals/word-counts.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { type FakeWorld, noise } from './world.ts';

type Learned = NonNullable<RunDetails['learned']>;
type Forgot = NonNullable<RunDetails['forgot']>;
type Variant = 'before' | 'system' | 'prompt' | 'after';

/** Messages that were asked, right answers of the untouched model with and without help, and after training by the verdict. */
const ASKED = 100;
/** Pairs of a better and a worse answer, where a run was taught by such. */
const PAIRS = 40;
const RIGHT = { before: 0, system: 4 } as const;
/** Behind the best prompt, by the verdict: it is enough where training taught little. */
const RIGHT_PROMPTED: Readonly<Record<Learned, number>> = { yes: 31, partly: 66, no: 31, unknown: 31 };
const RIGHT_AFTER: Readonly<Record<Learned, number>> = { yes: 82, partly: 28, no: 0, unknown: 0 };
/** Of all test messages those whose likeliest allowed answer is right: of the base model, by the verdict, and of simpler ways as measured. */
const KNOWN_BEFORE = 16;
const KNOWN_AFTER: Readonly<Record<Learned, number>> = { yes: 93, partly: 40, no: 17, unknown: 16 };
/** Of a model that word counts beat. */
const KNOWN_BEATEN = 80;
export const RIVALS_RIGHT = { counter: 90, nearest: 91, frequent: 21 } as const;
const RIVAL_SECONDS = 0.4;
/** The held-out loss before, and after by the verdict. */
const LOSS_BEFORE = 9.87;
const LOSS_AFTER: Readonly<Record<Learned, number>> = { yes: 0.04, partly: 0.9, no: 9.7, unknown: 9.7 };
/** Questions of the quiz that break, of those that were right; of the others some are now right. */
const QUIZ_RIGHT = 244;
const BROKEN: Readonly<Record<Forgot, number>> = { nothing: 5, little: 19, much: 220, unknown: 5 };
const MENDED = 4;

const read = (...names: string[]) => readFileSync(path.join(resourcesFolder(), ...names), 'utf8');
const quiz = parseQuiz(read('practice-model', 'quiz.jsonl'), 'quiz.jsonl');
const messages = (ending: string) =>
  read('samples', `support-messages${ending}.jsonl`)
    .trim()
    .split('\n')
    .map((line) => {
      const { messages: said } = JSON.parse(line) as { messages: { role: 'user'; content: string }[] };
      return { turns: said.slice(0, -1), answer: said.at(-1)!.content };
    });
const learned = messages('');
const heldOut = messages('.held-out');
const asked = heldOut.slice(0, ASKED);
const answersLearned = learned.map(({ answer }) => answer);
const allowed = [...new Set(answersLearned)];
const task = detectTask(answersLearned);

/** The sample's messages as simpler ways read them. */
export const answersFrom = (ending: string) =>
  messages(ending).map(({ turns, answer }) => ({ text: turns.at(-1)!.content, answer }));

/** Whether each of `count` things is among the `chosen` that chance picks; another seed picks others. */
function picked(count: number, chosen: number, seed: number): boolean[] {
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => noise(a + 1000 * seed) - noise(b + 1000 * seed),
  );
  const among = new Set(order.slice(0, chosen));
  return Array.from({ length: count }, (_, i) => among.has(i));
}

/** What a model says that gets so many messages right: of the rest it says prose, or the form with a label wrong. */
function sayings(variant: Variant, right: number): string[] {
  const rights = picked(ASKED, right, 1);
  const saysForm = right > 0 && (variant === 'after' || variant === 'prompt');
  return asked.map(({ answer }, i) => {
    if (rights[i]) return answer;
    return saysForm ? wrongForm(answer, i % 3 === 0) : 'I am sorry to hear that.';
  });
}

/** An answer with the other class, or with another desk. */
function wrongForm(answer: string, hasDesk: boolean): string {
  const { desk, class: kind } = JSON.parse(answer) as { desk: string; class: string };
  const others = task.labels.filter((label) => label !== desk);
  return JSON.stringify(
    hasDesk ? { desk, class: kind === 'A' ? 'C' : 'A' } : { desk: others[answer.length % 3], class: kind },
  );
}

/** What each variant says of itself. */
function saidOf(learned: Learned): Record<Variant, string[]> {
  return {
    before: sayings('before', RIGHT.before),
    system: sayings('system', RIGHT.system),
    prompt: sayings('prompt', RIGHT_PROMPTED[learned]),
    after: sayings('after', RIGHT_AFTER[learned]),
  };
}

function answersOf(said: Record<Variant, string[]>) {
  const questions = {
    ...{ task, rows: asked, maxNewTokens: 64, decision: null, missing: [] },
    systemPrompt: 'Sort the messages of customers.',
    found: { instructions: '', examples: learned.slice(0, 3), tried: 14, rows: 64, seconds: 9 },
    prompts: { plain: [], system: [], prompt: [[]] },
  };
  return answerFigures(questions, said, null, 42);
}

/** Of all test messages the likeliest allowed answer, of a model that has so many right. */
function chosen(right: number): string[] {
  const rights = picked(heldOut.length, right, 1);
  return heldOut.map(({ answer }, i) => (rights[i] ? answer : wrongForm(answer, i % 3 === 0)));
}

/** What both models know. */
function closedOf(after: number, said: Record<Variant, string[]>): ClosedFigures {
  const wanted = heldOut.map(({ answer }) => answer);
  return closedFigures(allowed, { before: chosen(KNOWN_BEFORE), after: chosen(after), wanted }, said);
}

/** What simpler ways get right, beside a model that has so many right. */
function rivalsBeside(after: number): Rival[] {
  const rights = picked(heldOut.length, after, 1);
  return Object.entries(RIVALS_RIGHT).map(([name, right]) => ({
    name: name as keyof typeof RIVALS_RIGHT,
    score: { name: 'known', rows: heldOut.length, ...rate(right, heldOut.length) },
    lead: rateDifference(picked(heldOut.length, right, 5), rights),
    seconds: RIVAL_SECONDS,
  }));
}

const errors = new Map<number, ClosedErrors>();

/** What is mixed up where so many answers are right; it counts the words of all rows, which no screen needs twice. */
function errorsOf(right: number): ClosedErrors {
  const found =
    errors.get(right) ?? closedErrors(allowed, answersFrom(''), answersFrom('.held-out'), chosen(right));
  errors.set(right, found);
  return found;
}

function quizOf(broken: number) {
  const rightBefore = picked(quiz.length, QUIZ_RIGHT, 2);
  const places = (isRight: boolean) => rightBefore.flatMap((right, i) => (right === isRight ? [i] : []));
  const chosen = (from: readonly number[], count: number) => {
    const among = picked(from.length, count, 3);
    return new Set(from.filter((_, i) => among[i]));
  };
  const [breaks, mends] = [chosen(places(true), broken), chosen(places(false), MENDED)];
  const right = (i: number) => quiz[i]!.answers[0]!;
  const before = rightBefore.map((isRight, i) => (isRight ? right(i) : 'I do not know.'));
  const after = before.map((said, i) =>
    breaks.has(i) ? answersLearned[i]! : mends.has(i) ? right(i) : said,
  );
  return quizFigures(quiz, before, after);
}

const estimate = (value: number, width = 0.1): Estimate => ({
  value,
  low: value - width,
  high: value + width,
});
const perplexity = ({ value, low, high }: Estimate): Estimate => ({
  value: Math.exp(value),
  low: Math.exp(low),
  high: Math.exp(high),
});

/** The loss on the messages; `after` is that of the verdict. */
function lossOf(after: number, before = LOSS_BEFORE, rows = ASKED) {
  const [lossBefore, lossAfter] = [estimate(before, 0.2), estimate(after, Math.min(0.1, after / 2))];
  return {
    rows,
    labelledTokens: 17 * rows,
    ...{ before: lossBefore, after: lossAfter },
    perplexityBefore: perplexity(lossBefore),
    perplexityAfter: perplexity(lossAfter),
    change: estimate(after - before),
  };
}

/** Of 40 held-out pairs those whose better answer is preferred before and after. */
function preferenceOf({ before, after }: Readonly<Record<'before' | 'after', number>>): PreferenceResult {
  const [then, now] = [before, after].map((right) => picked(PAIRS, right, 4)) as [boolean[], boolean[]];
  return {
    rows: PAIRS,
    before: rate(before, PAIRS),
    after: rate(after, PAIRS),
    gain: rateDifference(then, now),
  };
}

/** What comes of a sorter while it is trained: word counts, and then an encoder that does better. */
export function fakeRungs(): SorterNews[] {
  const words = { method: 'words', encoder: null } as const;
  const vectors = { method: 'vectors', encoder: 'sentence-transformers/all-MiniLM-L6-v2' } as const;
  const known = (right: number) => ({ key: null, rows: 324, ...rate(right, 324) });
  const gain = { value: 0.065, low: 0.031, high: 0.099 };
  return [
    { kind: 'progress', doing: 'Learning word counts', fraction: null },
    {
      kind: 'rung',
      rung: { ...words, accuracy: known(290), gain: null, seconds: 0.9, folder: 'rungs/1' },
      isBest: true,
    },
    { kind: 'progress', doing: 'Reading with all-MiniLM-L6-v2', fraction: 0.5 },
    { kind: 'rung', rung: { ...vectors, accuracy: known(311), gain, seconds: 4.2 }, isBest: true },
  ];
}

/** The sorter that was trained, of the columns that are named. */
export function fakeSorter(filled: readonly string[] = []): SorterResult {
  const { labels, calibration } = fakeSorted(undefined, undefined, true);
  const { accuracy } = calibration;
  const columns = filled.map(
    (name, i): SorterColumn => ({
      ...{ name, folder: i === 0 ? '' : `columns/${i}`, accuracy, askBelow: i === 0 ? 0.62 : null },
      ...(i === 0 ? { type: 'choice' } : { type: 'score', levels: ['1', '2', '3'] }),
    }),
  );
  const rungs = fakeRungs().flatMap((news) => (news.kind === 'rung' ? [news.rung] : []));
  const config = {
    ...{ method: 'vectors' as const, model: 'sentence-transformers/all-MiniLM-L6-v2', data: 'rows.csv' },
    ...{ encoder: '/models/minilm', rungs, end: { reason: 'all-tried' as const }, out: '/runs/sorter' },
    ...(columns.length > 0 && { columns }),
  };
  return {
    ...{ labels, calibration, config, out: '/runs/sorter', taughtRows: 324, skippedRows: 0 },
    ...{ bytes: 41_000, seconds: 5.4 },
  };
}

/** It in the history. */
export function keptSorter(world: FakeWorld, data: string, filled?: readonly string[]): { runId: string } {
  keptCounter(world, data);
  const runId = 'run-sorter';
  const { config, labels: _, calibration } = fakeSorter(filled);
  const { rows, value, low, high } = calibration.accuracy;
  const sorter: RunDetails = {
    ...world.runs[0]!,
    ...{ id: runId, name: 'messages: sorter', method: 'vectors', model: config.model, seconds: 5.4 },
    score: { name: 'known', rows, value, low, high },
    config: { ...config, data: [data] },
  };
  world.runs = [sorter, ...world.runs.filter(({ id }) => id !== 'run-counter')];
  return { runId };
}

/** A word counter in the history. */
export function keptCounter(world: FakeWorld, data: string): { runId: string } {
  const [first] = world.runs;
  const runId = 'run-counter';
  const counter: RunDetails = {
    ...first!,
    ...{ id: runId, name: 'Support messages: word counter', state: 'done', method: 'words' },
    ...{ model: 'Word counter', modelId: null, data, learned: null, forgot: null, verdict: null },
    ...{ start: null, done: null, bestLoss: null, seconds: 0.6, tags: [], betterRival: null },
    score: { name: 'known', rows: heldOut.length, ...rate(RIVALS_RIGHT.counter, heldOut.length) },
    config: { method: 'words', model: 'words', data: [data], heldOut: 0.1, seed: 42, out: '/runs/counter' },
  };
  world.runs = [counter, ...world.runs.filter(({ id }) => id !== runId)];
  return { runId };
}

/** Of 24 questions each, right before and after. */
const ABILITIES_AFTER: Readonly<
  Record<NonNullable<RunDetails['forgot']>, Readonly<Record<string, [number, number]>>>
> = {
  nothing: { facts: [17, 17], arithmetic: [14, 13], instructions: [15, 15] },
  little: { facts: [17, 13], arithmetic: [14, 12], instructions: [15, 11] },
  much: { facts: [17, 4], arithmetic: [14, 5], instructions: [15, 13] },
  unknown: {},
};

function abilitiesOf(forgot: NonNullable<RunDetails['forgot']>): AbilityFigures | null {
  const all = Object.entries(ABILITIES_AFTER[forgot]);
  if (all.length === 0) return null;
  const rights = (count: number) => Array.from({ length: 24 }, (_, i) => i < count);
  return {
    measured: all.map(([name, [before, after]]) => ({
      ...{ name, items: 24, chance: 0.25, before: rate(before, 24), after: rate(after, 24) },
      change: rateDifference(rights(before), rights(after)),
      fell: before - after > 8,
    })),
    lacking: [{ name: 'words', items: 24, chance: 0.25, before: rate(7, 24) }],
  };
}

/** The assessment of a run, as its verdict in the history says. */
export function fakeAssessment(run: RunDetails): AssessResult {
  const isPairs = run.config.objective === 'dpo';
  const preference = isPairs ? preferenceOf({ before: 21, after: 38 }) : null;
  const said = saidOf(run.learned ?? 'unknown');
  const answers = answersOf(said);
  const known = run.betterRival ? KNOWN_BEATEN : KNOWN_AFTER[run.learned ?? 'unknown'];
  const closed = isPairs ? null : closedOf(known, said);
  const rivals = isPairs ? [] : rivalsBeside(known);
  const quizScores = quizOf(BROKEN[run.forgot ?? 'unknown']);
  const loss = isPairs ? lossOf(2.1, 2.6, PAIRS) : lossOf(LOSS_AFTER[run.learned ?? 'unknown']);
  const figures: VerdictFigures = {
    task: task.kind,
    ...{ preference, closed, rivals },
    ...deciding(task, isPairs ? null : answers),
    loss: {
      ...{ rows: loss.rows, before: loss.before.value, after: loss.after.value, change: loss.change },
      perplexity: loss.perplexityAfter,
    },
    quiz: quizForVerdict(quizScores),
    passages: null,
    abilities: abilitiesOf(run.forgot ?? 'unknown')?.measured ?? [],
    memorised: false,
    fit: null,
    course: [loss.before.value, loss.after.value, loss.after.value],
  };
  const verdict = judge(figures);
  return {
    version: 1,
    run: run.folder,
    model: '/app/resources/practice-model',
    method: run.method as AssessResult['method'],
    created: run.ended ?? run.created,
    seconds: 4.8,
    trainingSeconds: run.seconds,
    versions: { fettle: '0.1.0' },
    dataHash: 'e08b6398cbfac4ac',
    modelKey: '031d49f152fee90e',
    settings: {},
    task: { kind: task.kind, reason: task.reason, labelField: task.field },
    verdict,
    ...{ loss, answers: isPairs ? null : answers },
    ...(preference && { preference }),
    ...(closed && { closed, rivals }),
    memorisation: {
      trainingLoss: estimate(0.9 * loss.after.value, 0.4 * loss.after.value),
      heldOutLoss: loss.after,
      overlap: null,
      memorised: false,
      note: memorisationNote(task.kind),
    },
    forgetting: {
      ...{ source: 'model', quiz: quizScores, passages: null, passageTopics: [] },
      abilities: abilitiesOf(run.forgot ?? 'unknown'),
    },
    remedies: remediesFor({
      ...{ config: parseRunConfig({ model: 'm', data: 'd', out: run.folder }), done: { steps: 100 } },
      ...{ trainingSeconds: run.seconds, verdict, figures, curve: null, parameters: 4e6 },
      course: figures.course.map((one, moved) => ({ moved, loss: one })),
      errors: isPairs ? null : errorsOf(known),
    }).map(({ changes, ownSeconds: _, ...plan }) => ({
      ...plan,
      file: changes && `/runs/remedies/${plan.name}.json`,
    })),
    notes: [`${ASKED} test rows were answered.`],
    report: '/runs/report.html',
  };
}

/** A file whose rows were sorted, or the categories alone. */
export function fakeSorted(
  paths: readonly string[] | undefined,
  threshold = 0.72,
  counts = false,
): ClassifyResult {
  const labels = ['billing', 'damage', 'account', 'delivery'];
  const first = (
    [
      ['I was charged twice for order 4711.', 'billing', 0.97],
      ['The lid of the teapot is cracked.', 'damage', 0.94],
      ['It came late and the box was wet, who pays for that?', 'damage', 0.58],
      ['How do I change my address?', 'account', 0.91],
      ['Nothing has come since Tuesday.', 'delivery', 0.88],
      ['Please look into it.', 'account', 0.41],
    ] as const
  ).map(([text, category, score], i) => ({
    ...{ row: i + 1, text, category, score, asks: score < threshold },
    ...(counts && { words: wordsAndPairs(text).slice(0, 3) }),
  }));
  const scored = { rows: 1240, unsure: 96, threshold, tooLong: 3, unreadable: 1, accuracy: null, first };
  return {
    labels,
    calibration: {
      accuracy: { key: null, rows: 100, ...rate(88, 100) },
      macroF1: 0.863,
      ...{ temperature: 1.64, fitted: 1.64, limit: null, used: true, errorBefore: 0.081, errorAfter: 0.024 },
      sure: { score: 0.72, share: 0.91, right: 0.957 },
      counts: labels.map((_, i) => labels.map((__, j) => (i === j ? 22 : 1))),
      confused: [
        { truth: 'account', given: 'damage', rows: 3 },
        { truth: 'damage', given: 'billing', rows: 2 },
      ],
    },
    scored: paths ? scored : null,
    out: paths ? '/home/mo/.local/share/fettle/runs/run-1/sorted/mails-sorted-a1b2c3.csv' : null,
    seconds: 41,
  };
}
