/** What simpler ways get where answers are no closed set: free text, short answers, JSON and calls of tools. */
import type { Rival, TaskKind } from '../../../../common/protocol/protocol.ts';
import type { AnsweredText } from '../answered-text.ts';
import { copiedPart } from '../assess/edits.ts';
import { differenceOf, estimateOf, scoreName, scoreOf } from '../assess/scores.ts';
import type { Slots } from '../assess/slots.ts';
import { canonical, parseObject, type Task, tally } from '../assess/task.ts';
import { countedLabels, countedLists } from './lists.ts';
import { mostAlike, templateAnswers } from './templates.ts';
import { nearestLabels } from './word-counts.ts';

/** What ways learn from. */
export interface LearningMaterial {
  readonly task: Task;
  /** Where prompts or answers are lists of attributes. */
  readonly slots: Slots | null;
  readonly taught: readonly AnsweredText[];
}

/** Of each text what a way says; null where it makes no sense. */
type Way = (learning: LearningMaterial & { readonly texts: readonly string[] }) => readonly string[] | null;

const WAYS = {
  counter: (learning) => {
    if (learning.task.kind === 'json') return countedFields(learning);
    const { slots, taught, texts } = learning;
    return slots?.side === 'answer' ? countedLists(slots, taught, texts) : null;
  },
  copy: copied,
  template: ({ slots, taught, texts }) =>
    slots?.side === 'text' ? templateAnswers(slots, taught, texts) : null,
  nearest: ({ taught, texts }) =>
    nearestLabels(
      taught.map(({ text, answer }) => ({ text, label: answer })),
      texts,
    ),
  frequent: ({ taught, texts }) => {
    const [[answer] = ['']] = tally(taught.map((row) => row.answer.trim()));
    return texts.map(() => answer);
  },
  typical: ({ taught, texts }) => {
    const answers = taught.map(({ answer }) => answer);
    const answer = mostAlike(answers.slice(0, TYPICAL.tried), answers.slice(0, TYPICAL.compared));
    return texts.map(() => answer);
  },
} satisfies Readonly<Record<string, Way>>;

/** Answers that are tried as the most typical one, and those that they are compared with. */
const TYPICAL = { tried: 30, compared: 100 };

const WAYS_OF: Readonly<Partial<Record<TaskKind, readonly (keyof typeof WAYS)[]>>> = {
  free: ['counter', 'copy', 'template', 'nearest', 'typical'],
  short: ['copy', 'template', 'nearest', 'frequent'],
  json: ['counter', 'nearest', 'frequent'],
  calls: ['nearest', 'frequent'],
  label: ['nearest', 'frequent'],
};

/** The score of each way on the rows `asked`, and how far the trained model with its `scores` of the same rows is ahead. */
export function openRivals(
  learning: LearningMaterial,
  asked: readonly AnsweredText[],
  scores: readonly number[],
  seed: number,
): Rival[] {
  const { task } = learning;
  if (learning.taught.length === 0 || asked.length === 0) return [];
  const texts = asked.map(({ text }) => text);
  return (WAYS_OF[task.kind] ?? []).flatMap((name) => {
    const started = performance.now();
    const way: Way = WAYS[name];
    const said = way({ ...learning, texts });
    if (!said) return [];
    const own = said.map((text, i) => scoreOf(task, text, asked[i]!));
    const score = { name: scoreName(task), rows: own.length, ...estimateOf(task, own, seed) };
    const seconds = (performance.now() - started) / 1000;
    return [{ name, score, lead: differenceOf(task, own, scores, seed), seconds }];
  });
}

/** The question, or its last line: what is the better answer to training rows. */
function copied({ task, taught, texts }: Parameters<Way>[0]): string[] {
  const alike = (text: string, answer: string) => scoreOf(task, text, { text, answer });
  return texts.map(task.edited ?? copiedPart(taught, alike).part);
}

/** Of JSON answers each field apart: by word counts, where its values come back. */
function countedFields({ task, taught, texts }: Parameters<Way>[0]): string[] {
  return fieldAnswers(task, taught, texts, countedLabels).map((object) => JSON.stringify(object));
}

/** Of each text the object whose fields `labelsOf` finds one by one. */
export function fieldAnswers(
  { fields }: Pick<Task, 'fields'>,
  taught: readonly AnsweredText[],
  texts: readonly string[],
  labelsOf: typeof countedLabels,
): readonly Readonly<Record<string, unknown>>[] {
  const objects = taught.map(({ answer }) => parseObject(answer));
  const said: Record<string, unknown>[] = texts.map(() => ({}));
  for (const { name } of fields) {
    const values = new Map(objects.map((object) => [canonical(object?.[name]), object?.[name]] as const));
    const rows = taught.map(({ text }, i) => ({ text, label: canonical(objects[i]?.[name]) }));
    const labels = labelsOf(rows, texts);
    labels.forEach((label, i) => {
      const value = values.get(label);
      if (value !== undefined) said[i]![name] = value;
    });
  }
  return said;
}
