/**
 * What a file holds, judged from a sample: which columns are question and answer, label, text or messages.
 * Each guess has a reason and a confidence; a weak one is only shown, with the `--map` that would settle it.
 */
import { plural } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import type { Mapping } from '../../common/words/mapping.ts';
import {
  type Column,
  columnsOf,
  isAboutRow,
  isColumnName,
  isUnnamedColumn,
  nameFit,
  valueAt,
} from './columns.ts';
import { type FoundSeveral, foundSeveral, separatorOf, severalWords, yesOrNoColumns } from './several.ts';
import type { Fields } from './shapes.ts';

export type SchemaKind =
  | 'messages'
  | 'sharegpt'
  | 'alpaca'
  | 'prompt-completion'
  | 'question-answer'
  | 'label'
  | 'preference'
  | 'text';

export interface Candidate {
  readonly kind: SchemaKind;
  readonly mapping: Mapping;
  /** In plain words. */
  readonly reason: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** Where a text can have several categories. */
  readonly several?: FoundSeveral;
}

export interface Detection extends Candidate {
  /** Other readings, the likeliest first. */
  readonly alternatives: readonly Candidate[];
  readonly columns: readonly Column[];
}

/** Records that are looked at. */
export const SAMPLE_ROWS = 200;
/** From so many on, values that come again and again are categories, whatever their column is called. */
const ROWS_OF_CATEGORIES = 20;
/** Of numbers without a name; DBpedia has 14 classes. */
const MOST_CLASS_NUMBERS = 20;
/** Below this confidence nothing is read; a person has to say what is what. */
export const ENOUGH_CONFIDENCE = 0.5;

/** What `records` hold; undefined where they have no column with text. */
export function detectSchema(records: readonly Fields[]): Detection | undefined {
  const near = detected(records, columnsOf(records));
  // deeper in objects only where nothing else is there: what is about a row lies there as well
  const { candidates, columns } =
    near.candidates.length > 0 ? near : detected(records, columnsOf(records, DEEPEST));
  const [best, ...others] = candidates.toSorted((a, b) => b.confidence - a.confidence);
  if (best === undefined) return undefined;
  const answers = best.kind === 'text' ? yesOrNoColumns(columns, records) : [];
  const several = answers.length > 0 && foundSeveral({ columns: answers, separator: null }, records);
  return {
    ...best,
    ...(several && { several }),
    alternatives: others.filter(({ kind }) => kind !== best.kind),
    columns,
  };
}

/** How records are read whose texts can have several categories each; undefined where they have one at most, or written answers. */
export function detectSeveral(
  records: readonly Fields[],
): (Detection & { readonly several: FoundSeveral }) | undefined {
  const detection = detectSchema(records);
  return detection?.several && { ...detection, several: detection.several };
}

/** Objects in objects in a record. */
const DEEPEST = 3;

function detected(records: readonly Fields[], columns: readonly Column[]) {
  const named = columns.filter((column) => !isIdentifier(column, records.length));
  const usable = named.filter(isText).length >= 2 ? named : columns;
  const candidates = DETECTORS.flatMap((detect) => detect(usable, records.length));
  return { columns, candidates: [...candidates, ...severalCategories(usable, records)] };
}

/** Whether each row has a value of its own, one word with digits (`dev_0`), under a name that says nothing of questions or answers. */
function isIdentifier({ name, distinct, filled, meanWords, example }: Column, rows: number): boolean {
  const isOwn = rows >= ROWS_OF_CATEGORIES && filled === 1 && distinct === rows && meanWords === 1;
  return isOwn && /\d/.test(example) && !isColumnName(name);
}

type Detector = (columns: readonly Column[], rows: number) => Candidate[];

/** Each looks for one convention; the most confident one wins, of equals the first. */
const DETECTORS: readonly Detector[] = [
  preference,
  conversation,
  promptCompletion,
  alpaca,
  questionAnswer,
  labelled,
  runningText,
  guessedPair,
];

function conversation(columns: readonly Column[]): Candidate[] {
  return columns
    .filter(
      (column) => column.conversations > 0.8 && !/^(chosen|rejected|prompt|completion)$/.test(column.name),
    )
    .slice(0, 1)
    .map(({ name, isShareGpt }) => ({
      kind: isShareGpt ? 'sharegpt' : 'messages',
      mapping: { messages: [name] },
      reason: say`“${name}” holds lists of messages`,
      confidence: name === 'messages' || name === 'conversations' ? 1 : 0.97,
    }));
}

function preference(columns: readonly Column[]): Candidate[] {
  const [chosen, rejected] = ['chosen', 'rejected'].map((name) =>
    columns.find((column) => column.name === name),
  );
  if (!chosen || !rejected) return [];
  const prompt = columns.find(({ name }) => nameFit(name, 'question') > 0);
  const mapping =
    chosen.conversations > 0.5
      ? { messages: ['chosen'] }
      : { ...(prompt && { prompt: [prompt.name] }), answer: ['chosen'] };
  const reason = say`it has a chosen and a rejected answer`;
  return [{ kind: 'preference', mapping, reason, confidence: 1 }];
}

function promptCompletion(columns: readonly Column[]): Candidate[] {
  if (!has(columns, 'prompt') || !has(columns, 'completion')) return [];
  const mapping = { ...withSystem(columns), prompt: ['prompt'], answer: ['completion'] };
  return [
    {
      kind: 'prompt-completion',
      mapping,
      reason: say`it has the columns ${listed(['prompt', 'completion'])}`,
      confidence: 1,
    },
  ];
}

function alpaca(columns: readonly Column[]): Candidate[] {
  const answer = ['output', 'response', 'answer', 'completion'].find((name) => has(columns, name));
  if (!has(columns, 'instruction') || answer === undefined) return [];
  const input = ['input', 'context'].filter((name) => has(columns, name)).slice(0, 1);
  const mapping = { ...withSystem(columns), prompt: ['instruction', ...input], answer: [answer] };
  const reason = say`it has the columns ${listed(['instruction', ...input, answer])}`;
  return [{ kind: 'alpaca', mapping, reason, confidence: 0.99 }];
}

/** Question and answer by their names; where only one is known, the other must be the only text that is left. */
function questionAnswer(columns: readonly Column[], rows: number): Candidate[] {
  const usable = columns.filter(isText);
  const answer = bestNamed(usable, 'answer');
  const rest = usable.filter((column) => column.name !== answer?.column.name);
  const question = bestNamed(rest, 'question');
  if (answer && question) return [namedPair(usable, question, answer)];
  const others = rest.filter((column) => !isAboutRow(column.name) && column.numbers < 0.5);
  if (answer) return pairByAnswer(usable, withoutCategories(others, rows), answer);
  return question ? pairByQuestion(rest, others, question) : [];
}

function namedPair(usable: readonly Column[], question: Named, answer: Named): Candidate {
  const context = usable.filter(
    ({ name }) =>
      nameFit(name, 'context') > 0 && name !== question.column.name && name !== answer.column.name,
  );
  const prompt = [...context.slice(0, 1).map(({ name }) => name), question.column.name];
  const doubt = (question.isAlone ? 0 : 0.2) + (answer.isAlone ? 0 : 0.5);
  const confidence = 0.57 + 0.2 * question.fit + 0.2 * answer.fit - doubt;
  const reason = say`“${listed(prompt)}” sounds like the question, “${answer.column.name}” like the answer`;
  const mapping = { ...withSystem(usable), prompt, answer: [answer.column.name] };
  return { kind: 'question-answer', mapping, reason, confidence: rounded(confidence) };
}

function pairByAnswer(usable: readonly Column[], others: readonly Column[], answer: Named): Candidate[] {
  const asked = others.filter(({ name }) => nameFit(name, 'system') === 0);
  // a topic beside a text is rather about the row
  const plain = asked.filter(({ name }) => nameFit(name, 'label') === 0);
  const texts = plain.some(({ name }) => asksSomething(name)) ? plain : asked;
  if (texts.length === 0) return [];
  const known = texts.every(({ name }) => asksSomething(name));
  const confidence = (texts.length === 1 ? 0.8 : known ? 0.65 : 0.35) - (answer.isAlone ? 0 : 0.5);
  const prompt = texts.map(({ name }) => name);
  const reason = say`“${answer.column.name}” sounds like the answer, and the other text is “${listed(prompt)}”`;
  const mapping = { ...withSystem(usable), prompt, answer: [answer.column.name] };
  return [{ kind: 'question-answer', mapping, reason, confidence: rounded(confidence) }];
}

function pairByQuestion(rest: readonly Column[], others: readonly Column[], question: Named): Candidate[] {
  const left = others.filter(({ name }) => name !== question.column.name);
  if (left.length !== 1 || !rest.includes(left[0]!)) return [];
  const answer = left[0]!.name;
  const reason = say`“${question.column.name}” sounds like the question, and the other text is “${answer}”`;
  const mapping = { prompt: [question.column.name], answer: [answer] };
  return [{ kind: 'question-answer', mapping, reason, confidence: 0.7 }];
}

/** Texts with a class each: few different short values, or a column that is called a label. */
function labelled(columns: readonly Column[], rows: number): Candidate[] {
  const label = labelColumn(columns, rows);
  if (label === undefined) return [];
  const others = columns.filter(
    (column) =>
      isText(column) &&
      column.name !== label.column.name &&
      !isAboutRow(column.name) &&
      column.numbers < 0.5 &&
      nameFit(column.name, 'label') === 0,
  );
  // beside a written answer a category is rather about the row than what is asked for
  const unanswered = others.filter(
    (column) => nameFit(column.name, 'answer') < 1 || isCategory(column, rows),
  );
  const isAnswered = unanswered.length > 0 && unanswered.length < others.length;
  const texts = withoutCategories(isAnswered ? unanswered : others, rows);
  if (texts.length === 0) return [];
  const known =
    texts.length === 1 || texts.every((column) => asksSomething(column.name) || isUnnamedColumn(column));
  const { name, distinct } = label.column;
  const prompt = texts.map((column) => column.name);
  return [
    {
      kind: 'label',
      mapping: { prompt, answer: [name] },
      reason: say`“${name}” has only ${plural(distinct, 'different value')}`,
      confidence: rounded(label.confidence - (known ? 0 : 0.25) - (isAnswered ? 0.33 : 0)),
    },
  ];
}

function labelColumn(columns: readonly Column[], rows: number) {
  const fits = columns.filter(isShort).map((column) => {
    const isNamed = nameFit(column.name, 'label') > 0;
    const isFew = hasFewValues(column, rows);
    const text = column.numbers > 0.9 ? 0.03 : 0;
    const isClass = text === 0 || (column === columns[0] && isClassNumber(column));
    const confidence = isNamed
      ? (isFew || rows < 10 ? 0.93 : 0.55) - text
      : isFew && rows >= ROWS_OF_CATEGORIES && isClass
        ? 0.62
        : 0;
    return { column, isNamed, confidence: isAboutRow(column.name) && !isNamed ? 0 : confidence };
  });
  return fits.filter(({ confidence }) => confidence > 0).toSorted((a, b) => b.confidence - a.confidence)[0];
}

/** Texts with several categories each, in one column. */
function severalCategories(columns: readonly Column[], records: readonly Fields[]): Candidate[] {
  const found = columns.flatMap((column) => {
    const separator = isAboutRow(column.name)
      ? null
      : separatorOf(records.map((record) => valueAt(record, column.name)));
    return separator ? [{ column, separator, fit: nameFit(column.name, 'label') }] : [];
  });
  const [best] = found.toSorted((a, b) => b.fit - a.fit);
  const others = columns.filter(
    (column) => isText(column) && !isAboutRow(column.name) && !found.some((one) => one.column === column),
  );
  const isWritten = others.some(
    (column) => nameFit(column.name, 'answer') === 1 && !isCategory(column, records.length),
  );
  const texts = withoutCategories(others, records.length).filter(
    ({ name, numbers }) => numbers < 0.5 && nameFit(name, 'label') === 0,
  );
  if (best === undefined || texts.length === 0 || isWritten) return [];
  const several = foundSeveral({ columns: [best.column.name], separator: best.separator }, records);
  const mapping = { prompt: texts.map(({ name }) => name), answer: [best.column.name] };
  const confidence = best.fit > 0 ? 0.95 : 0.85;
  return [{ kind: 'label', mapping, reason: severalWords(several), confidence, several }];
}

const isShort = ({ texts, filled, meanWords, maxChars }: Column): boolean =>
  texts > 0.8 && filled > 0.5 && meanWords <= 4 && maxChars <= 80;

const hasFewValues = ({ distinct }: Column, rows: number): boolean =>
  distinct <= Math.max(2, Math.min(100, rows * 0.3));

/** Numbers before the texts of a table without names are classes, as in the files of Zhang and others, 2015 (AG News, DBpedia, Yelp). */
const isClassNumber = (column: Column): boolean =>
  isUnnamedColumn(column) && column.distinct >= 2 && column.distinct <= MOST_CLASS_NUMBERS;

/** Whether its values sort the rows, whatever it is called; of few rows nobody knows. */
const isCategory = (column: Column, rows: number): boolean =>
  rows >= ROWS_OF_CATEGORIES && isShort(column) && hasFewValues(column, rows);

/** A channel or a topic is no part of what is asked, where a text is there that could be. */
function withoutCategories(columns: readonly Column[], rows: number): readonly Column[] {
  const texts = columns.filter((column) => !isCategory(column, rows));
  return texts.length > 0 ? texts : columns;
}

function runningText(columns: readonly Column[]): Candidate[] {
  const texts = columns.filter(
    (column) => isText(column) && !isAboutRow(column.name) && column.numbers < 0.5,
  );
  const named = texts.filter(({ name }) => nameFit(name, 'text') > 0 || nameFit(name, 'context') > 0);
  if (texts.length !== 1) {
    const [column] = named;
    if (column === undefined) return [];
    const others = texts.filter((one) => one !== column && nameFit(one.name, 'title') === 0);
    const reason = say`“${column.name}” sounds like text`;
    return [
      { kind: 'text', mapping: { text: [column.name] }, reason, confidence: others.length === 0 ? 0.7 : 0.4 },
    ];
  }
  const { name } = texts[0]!;
  if (nameFit(name, 'answer') > 0 || nameFit(name, 'question') > 0) return [];
  const reason =
    named.length === 1 ? say`“${name}” sounds like text` : say`“${name}” is the only column with text`;
  return [{ kind: 'text', mapping: { text: [name] }, reason, confidence: named.length === 1 ? 0.9 : 0.6 }];
}

/** Nothing but the order of two columns: enough for a suggestion. */
function guessedPair(columns: readonly Column[]): Candidate[] {
  const texts = columns.filter(
    (column) => isText(column) && !isAboutRow(column.name) && column.numbers < 0.5,
  );
  if (texts.length < 2) return [];
  const mapping = { prompt: [texts[0]!.name], answer: [texts.at(-1)!.name] };
  const reason = say`“${texts[0]!.name}” is the first text and “${texts.at(-1)!.name}” the last`;
  return [{ kind: 'question-answer', mapping, reason, confidence: 0.3 }];
}

interface Named {
  readonly column: Column;
  readonly fit: number;
  /** Whether no other column fits as well. */
  readonly isAlone: boolean;
}

function bestNamed(columns: readonly Column[], role: 'question' | 'answer'): Named | undefined {
  const fits = columns
    .map((column) => ({ column, fit: nameFit(column.name, role) }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit);
  const [best, second] = fits;
  return best && { ...best, isAlone: second === undefined || second.fit < best.fit };
}

/** Whether a column of this name is part of what is asked: a subject, a body, an article. */
function asksSomething(name: string): boolean {
  return (['text', 'title', 'context', 'question'] as const).some((role) => nameFit(name, role) > 0);
}

function isText(column: Column): boolean {
  return column.texts > 0.8 && column.filled > 0.3;
}

function has(columns: readonly Column[], name: string): boolean {
  return columns.some((column) => column.name === name && column.filled > 0);
}

function withSystem(columns: readonly Column[]): Pick<Mapping, 'system'> {
  const system = columns.find((column) => nameFit(column.name, 'system') === 1 && isText(column));
  return system ? { system: [system.name] } : {};
}

function rounded(value: number): number {
  return Math.round(Math.max(0, value) * 100) / 100;
}

function listed(words: readonly string[]): string {
  return words.join(' + ');
}
