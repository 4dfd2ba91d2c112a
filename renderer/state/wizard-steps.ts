/**
 * The steps of the wizard as rules: which are answered, which of the later ones a changed answer touches, and what a step needs before the
 * person can go on. Pure, so that the rules can be read and tested without a page.
 */
import type { DataChoice, DraftContent, LocalModel } from '../../common/api/contract.ts';
import { SAMPLES } from '../../common/settings/suits.ts';

export const STEPS = ['computer', 'goal', 'model', 'data', 'plan', 'sorter'] as const;
export type StepId = (typeof STEPS)[number];

/** The order of steps. To sort, rows come first: the quick way needs no model that writes. */
const ORDER: readonly StepId[] = ['computer', 'goal', 'model', 'data', 'plan'];
const SORTING: readonly StepId[] = ['computer', 'goal', 'data', 'sorter', 'model', 'plan'];

const ASKED: readonly StepId[] = ['computer', 'goal', 'model', 'data', 'sorter', 'plan'];

/** The steps of a run in their order. With another goal a sorter is a step where the person asked for one; a repeated run needs none. */
export function stepsOf({ goal, from, step, sorterId }: DraftContent): readonly StepId[] {
  if (goal === 'sort' && from === undefined) return SORTING;
  return step === 'sorter' || sorterId !== undefined ? ASKED : ORDER;
}

export type StepState = 'todo' | 'done' | 'attention';

/** Why a step wants another look; the words are in words/en/pages/wizard.json. */
type Concern =
  | { readonly kind: 'touched'; readonly by: StepId }
  | { readonly kind: 'model-gone' | 'data-unreadable' | 'no-rows' | 'harm' | 'memory' };

/** What is known beside the answers; null where it is not known (yet). */
export interface Findings {
  /** Whether the chosen model is on this computer. */
  readonly modelAvailable: boolean | null;
  readonly dataFailed: boolean;
  /** Rows that can be trained on. */
  readonly rows: number | null;
  /** Findings of the doctor that do harm. */
  readonly harms: number;
  /** Whether the person has seen the plan's figures. */
  readonly planSeen: boolean;
  readonly tooBig: boolean;
  /** Steps whose answer a later change has touched, and by which step. */
  readonly touched: Readonly<Partial<Record<StepId, StepId>>>;
}

/**
 * Later answers that depend on the answer of a step. The goal decides what rows should look like, the model how rows are read and what
 * training costs, the data how long it takes and which settings suit.
 */
const DEPENDENTS: Readonly<Record<StepId, readonly StepId[]>> = {
  computer: [],
  goal: ['data', 'plan'],
  model: ['data', 'plan'],
  data: ['sorter', 'plan'],
  plan: [],
  sorter: [],
};

const IS_ANSWERED: Readonly<Record<StepId, (content: DraftContent, findings: Findings) => boolean>> = {
  computer: ({ computerSeen }) => computerSeen === true,
  goal: ({ goal }) => goal !== undefined,
  model: ({ modelId }) => modelId !== undefined,
  data: ({ data }) => data !== undefined,
  plan: (_, { planSeen }) => planSeen,
  sorter: ({ sorterId }) => sorterId !== undefined,
};

/** Whether a step has an answer, good or not. */
function isAnswered(step: StepId, content: DraftContent, findings: Findings): boolean {
  return IS_ANSWERED[step](content, findings);
}

/** The later, already answered steps that a changed answer of `step` touches. */
export function touchedBy(step: StepId, content: DraftContent, findings: Findings): StepId[] {
  const order = stepsOf(content);
  return DEPENDENTS[step].filter(
    (later) => order.indexOf(later) > order.indexOf(step) && isAnswered(later, content, findings),
  );
}

/** Why an answered step needs attention; the gravest reason, or null. */
export function concernOf(step: StepId, content: DraftContent, findings: Findings): Concern | null {
  if (!isAnswered(step, content, findings)) return null;
  const own = ownConcern(step, findings);
  if (own) return own;
  const by = findings.touched[step];
  return by === undefined ? null : { kind: 'touched', by };
}

function ownConcern(step: StepId, findings: Findings): Concern | null {
  if (step === 'model' && findings.modelAvailable === false) return { kind: 'model-gone' };
  if (step === 'data' && findings.dataFailed) return { kind: 'data-unreadable' };
  if (step === 'data' && findings.rows === 0) return { kind: 'no-rows' };
  if (step === 'data' && findings.harms > 0) return { kind: 'harm' };
  if (step === 'plan' && findings.tooBig) return { kind: 'memory' };
  return null;
}

export function stateOf(step: StepId, content: DraftContent, findings: Findings): StepState {
  if (!isAnswered(step, content, findings)) return 'todo';
  return concernOf(step, content, findings) === null ? 'done' : 'attention';
}

/** What a run cannot start without; the first step that lacks it, or null. */
export function missingStep(content: DraftContent, findings: Findings): StepId | null {
  if (content.modelId === undefined || findings.modelAvailable === false) return 'model';
  if (content.data === undefined || findings.dataFailed || findings.rows === 0) return 'data';
  return null;
}

export function nextStep(step: StepId, content: DraftContent): StepId {
  const order = stepsOf(content);
  return order[Math.min(order.indexOf(step) + 1, order.length - 1)]!;
}

/** The one before it; undefined for the first. */
export function previousStep(step: StepId, content: DraftContent): StepId | undefined {
  const order = stepsOf(content);
  return order[order.indexOf(step) - 1];
}

export function isStep(value: string | undefined): value is StepId {
  return STEPS.some((step) => step === value);
}

/** Whether a draft holds anything that is worth offering again. */
export function isWorthKeeping({ goal, modelId, data, from }: DraftContent): boolean {
  return goal !== undefined || modelId !== undefined || data !== undefined || from !== undefined;
}

/**
 * The data as it is read from now on: the mended file where the doctor has made one. Its rows are in a form that needs no columns to be
 * named; the system message is for rows that have none, so it is given along.
 */
export function dataInUse({ data, mended }: DraftContent): DataChoice | undefined {
  if (data === undefined || mended === undefined) return data;
  return { paths: [mended.out], ...(data.system !== undefined && { system: data.system }) };
}

/** Whether a change is one of the model or of the rows, for which nothing of a proposal holds any more. */
export function isOtherRun(before: DraftContent, after: DraftContent): boolean {
  const parts = ({ modelId, data, mended, evalPaths, from }: DraftContent) =>
    JSON.stringify([modelId, data, mended?.out, evalPaths, from]);
  return parts(before) !== parts(after);
}

/** Whether a change is one of the rows, for which a sorter has to be trained again. */
export function areOtherRows(before: DraftContent, after: DraftContent): boolean {
  const parts = ({ data, mended, evalPaths, sorterColumns, sorterSingle }: DraftContent) =>
    JSON.stringify([data, mended?.out, evalPaths, sorterColumns, sorterSingle]);
  return parts(before) !== parts(after);
}

/** The practice model reads so many tokens. */
const PRACTICE_LENGTH = 256;
const USUAL_LENGTH = 1024;

/** The limit on tokens of a row before the rows have been counted. */
export function lengthLimit(model: Pick<LocalModel, 'source'> | null): number {
  return model?.source === 'practice' ? PRACTICE_LENGTH : USUAL_LENGTH;
}

/** How a sample data set is read. */
export function sampleChoice(sample: { readonly name: string; readonly path: string }): DataChoice {
  const system = SAMPLES[sample.name]?.system;
  return { paths: [sample.path], ...(system !== undefined && { system }) };
}

/** The last part of a path, in either system's spelling. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast(Boolean) ?? path;
}

/** Files as they are called in a line: the first one's name, and how many there are. */
export function dataName(paths: readonly string[]): string {
  const first = fileName(paths[0] ?? '');
  return paths.length > 1 ? `${first} +${paths.length - 1}` : first;
}
