/**
 * What the pages know by themselves before the planner has seen the rows: how many tokens a model reads, and which samples suit
 * a goal. The settings of a run are proposed by the planner (plan.propose).
 */
import type { DataChoice, LocalModel } from '../../common/api/contract.ts';
import type { Goal } from './wizard-steps.ts';

/** The practice model reads so many tokens. */
const PRACTICE_LENGTH = 256;
const USUAL_LENGTH = 1024;

/** The limit on tokens of a row before the rows have been counted. */
export function lengthLimit(model: Pick<LocalModel, 'source'> | null): number {
  return model?.source === 'practice' ? PRACTICE_LENGTH : USUAL_LENGTH;
}

/** Goals that the rows of a sample show; the first one best. */
const SHOWS: Readonly<Record<string, readonly Goal[]>> = {
  'support-messages': ['sort', 'format'],
  'support-answers': ['style', 'knowledge'],
  'formal-tone': ['style'],
  'humorous-tone': ['character', 'style'],
  'plain-language': ['style'],
  'product-descriptions': ['format', 'style'],
  'continued-text': ['continue'],
};

/** How well a sample suits a goal: 0 best, larger is worse, null not at all. */
export function suits(sample: string, goal: Goal | undefined): number | null {
  const place = goal === undefined ? -1 : (SHOWS[sample] ?? []).indexOf(goal);
  return place < 0 ? null : place;
}

/** Samples whose rows say what to do only together with a system message. */
const SYSTEM: Readonly<Record<string, string>> = { 'support-messages': 'Sort the messages of customers.' };

/** How a sample data set is read. */
export function sampleChoice(sample: { readonly name: string; readonly path: string }): DataChoice {
  const system = SYSTEM[sample.name];
  return { paths: [sample.path], ...(system !== undefined && { system }) };
}
