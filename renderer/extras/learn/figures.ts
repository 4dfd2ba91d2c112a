/** Figures of the learning pages as data: first questions, parts of bars, outcome of the experiment. */
import type { CatalogModel, TextbookPart } from '../../../common/api/contract.ts';
import type { GraphMemory, LessonRun, MemoryAnswer } from '../../../common/extras/learn/calls.ts';
import { count } from '../../../common/words/format.ts';
import { clusterWords as cluster, memoryWords as text } from './text.ts';

/** The first questions of the calculators: the textbook's case, the app's answer to an empty question. */
export const FIRST_MEMORY = {
  billions: 7,
  method: 'full',
  format: 'fp16',
  optimizer: 'adamw',
  masterWeights: false,
  rank: 16,
  targets: 'all',
  batch: 0,
  length: 1024,
  recompute: 'none',
} as const;

export const FIRST_TIME = {
  billions: 7,
  method: 'full',
  rows: 10_000,
  tokensPerRow: 500,
  epochs: 3,
  percentOfPeak: 40,
  recompute: false,
} as const;

/** Of the page about judging. */
export const FIRST_JUDGED = { rows: 100, right: 88 };

/** The first question about cards in parallel: the API's own values. */
export const FIRST_CLUSTER = {
  method: 'full',
  leastCards: 1,
  rows: 10_000,
  tokensPerRow: 500,
  epochs: 3,
  rowsPerCard: 4,
  recompute: true,
  percentOfPeak: 40,
  percentFree: 10,
  gigabytesPerSecond: 25,
  surroundings: 1.1,
  experiments: 10,
} as const;

/** Options of a choice from a table of words, in its order. */
export function choicesOf<Value extends string>(
  words: Readonly<Record<Value, string>>,
): { readonly value: Value; readonly label: string }[] {
  return Object.entries<string>(words).map(([value, label]) => ({ value: value as Value, label }));
}

interface BarPart {
  readonly label: string;
  readonly value: number;
  readonly kind: string;
}

const KINDS: Readonly<Record<TextbookPart, string>> = {
  weights: 'weights',
  adapters: 'adapters',
  gradients: 'gradients',
  master: 'master',
  moments: 'state',
  activations: 'working',
};

/** The parts of the textbook's answer. */
export function textbookParts({ parts }: Pick<MemoryAnswer, 'parts'>): BarPart[] {
  return parts.map(({ part, bytes }) => ({ label: text.parts[part], value: bytes, kind: KINDS[part] }));
}

/** How each part of the textbook's answer comes about, and their sum. */
export function memoryLines(
  { parts, parameters, trainedParameters, totalBytes }: MemoryAnswer,
  { batch, length }: Readonly<Record<'batch' | 'length', number>>,
): string[] {
  const lines = parts.map(({ part, bytes }) => {
    const label = text.parts[part];
    if (part === 'activations') return text.ofTokens(label, batch, length, bytes);
    const weights = part === 'weights' ? parameters : trainedParameters;
    return text.ofWeights(label, weights, bytes / weights, bytes);
  });
  const sum = parts.map(({ part, bytes }) => cluster.part(text.parts[part], bytes)).join(' + ');
  return [...lines, cluster.states(sum, totalBytes)];
}

/** The parts of Fettle's own estimate. */
export function fettleParts(graph: GraphMemory): BarPart[] {
  const words = text.fettleParts;
  return [
    { label: words.weights, value: graph.weightBytes, kind: 'weights' },
    { label: words.state, value: graph.stateBytes, kind: 'state' },
    { label: words.working, value: graph.workingBytes, kind: 'working' },
    { label: words.program, value: graph.programBytes, kind: 'program' },
  ].filter(({ value }) => value > 0);
}

type Result = NonNullable<LessonRun['result']>;

/** Points of a hundred by which the quiz fell. */
export function pointsLost({ quizBefore, quizAfter }: Pick<Result, 'quizBefore' | 'quizAfter'>): number {
  return 100 * (quizBefore - quizAfter);
}

/** The remedy after which most of the quiz was right; null before one has ended. */
export function bestRemedy(runs: readonly LessonRun[]): (LessonRun & { readonly result: Result }) | null {
  const tried = runs.filter(
    (one): one is LessonRun & { readonly result: Result } => one.part === 'remedy' && one.result !== null,
  );
  return tried.toSorted((a, b) => b.result.quizAfter - a.result.quizAfter)[0] ?? null;
}

/** Models of the catalog to choose from, after a size of one's own; instruct versions are left out. */
export function modelOptions(
  catalog: readonly CatalogModel[],
): { readonly value: string; readonly label: string }[] {
  const bases = catalog.filter(({ repo }) => !repo.includes('-Instruct'));
  return [
    { value: '', label: text.ownSize },
    ...bases.map(({ repo, name, parameters }) => ({ value: repo, label: `${name} (${count(parameters)})` })),
  ];
}
