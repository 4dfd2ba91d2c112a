/** Words of scores that the terminal, the report and the pages share: the one score of a run, simpler ways, and what answers are measured by. */
import type { Accuracy, AssessResult, Rival, Score, VariantScores } from '../protocol/protocol.ts';
import { figure, number, percent, plural } from './format.ts';
import { said, say } from './language.ts';

/** Right ones with their count and interval: 87% of 112 test rows (79% to 92%). `of`: what was counted. */
export function accuracyText({ rows, ...share }: Accuracy, of = 'test row'): string {
  const [low, high] = [percent(share.low), percent(share.high)];
  return say`${percent(share.value)} of ${plural(rows, of)} (${low} to ${high})`;
}

/** What a score says, as a table names it; translated where it is shown. */
export const SCORES: Readonly<Record<Score['name'], string>> = {
  known: 'Knows the answer',
  sets: 'Finds exactly the right categories',
  right: 'Right answers',
  fields: 'Right fields',
  calls: 'Right calls',
  similarity: 'Similarity (chrF)',
  changes: 'Changes like yours (SARI)',
  preferred: 'Prefers the better answer',
  perplexity: 'Perplexity',
  found: 'Finds the right passage (NDCG@10)',
};

/** The figure alone: 87%, a perplexity of 12.4, or an nDCG of 0.87. */
export function scoreValue({ name, value }: Pick<Score, 'name' | 'value'>): string {
  if (name === 'found') return number(value, 2);
  return name === 'perplexity' ? figure(value) : percent(value);
}

/** The one score of a run with its name, its rows and its interval: Right answers: 87% (79% to 92% on 112 test rows). */
export function scoreText(score: Score): string {
  return say`${said(SCORES[score.name])}: ${scoreValue(score)} (${scoreRange(score)})`;
}

/** Its interval and its rows: 79% to 92% on 112 test rows. */
export function scoreRange({ name, rows, low, high }: Score): string {
  const of = (value: number) => scoreValue({ name, value });
  const tested =
    name === 'found'
      ? plural(rows, 'test question')
      : plural(rows, name === 'preferred' ? 'test pair' : 'test row');
  return say`${of(low)} to ${of(high)} on ${tested}`;
}

/** The same within a sentence: 87% right, similarity 43%. */
export function shortScore(score: Pick<Score, 'name' | 'value'>): string {
  const value = scoreValue(score);
  if (score.name === 'similarity') return say`similarity ${value}`;
  if (score.name === 'changes') return say`changes ${value} like yours`;
  if (score.name === 'perplexity') return say`perplexity ${value}`;
  if (score.name === 'found') return say`NDCG@10 ${value}`;
  return score.name === 'fields' ? say`${value} of fields right` : say`${value} right`;
}

/** Simpler ways to the same answers; translated where they are shown. */
export const RIVALS: Readonly<Record<Rival['name'], string>> = {
  counter: 'Word counts',
  vectors: 'Sorting by sentence vectors',
  nearest: 'The answer of the most similar training row',
  frequent: 'Always the most frequent answer',
  typical: 'Always the most typical answer',
  copy: 'Copying the question',
  template: 'A template with the values filled in',
  examples: 'The base model with examples in its prompt',
  prompt: 'The base model with the best prompt',
  bm25: 'Finding by words (BM25)',
  encoder: 'The encoder before training',
};

export function rivalName(name: Rival['name']): string {
  return said(RIVALS[name]);
}

/** What a simpler way that is ahead gets, beside the model's score. */
export function rivalText({ name, score }: Rival, ours: Score): string {
  return say`${rivalName(name)}: ${shortScore(score)}. This model: ${shortScore(ours)}. Use that instead, or train longer.`;
}

/** What answers are measured by, as a table names it. */
export const MEASURES = {
  right: 'Right answers',
  toolRight: 'Right tool',
  labelRight: 'Right category',
  fieldsRight: 'Right fields',
  validJson: 'Valid JSON',
  sari: 'Changes like yours (SARI)',
  chrf: 'Similarity to your answers (chrF)',
  slotsPresent: 'Wanted values named',
  slotsInvented: 'Invented among the named values',
} as const;

export type MeasureId = keyof typeof MEASURES & keyof VariantScores;

/** What a right answer is called where it is more than that. */
export const RIGHT: Readonly<Partial<Record<AssessResult['task']['kind'], string>>> = {
  json: 'Every field right',
  calls: 'Right tool and arguments',
  free: 'Exactly as wanted',
};

interface Measure {
  readonly id: MeasureId;
  readonly label: string;
}

/** The measures that at least one of the variants has; what says the same twice is left out. */
export function measuresOf({ answers, task }: Pick<AssessResult, 'answers' | 'task'>): Measure[] {
  const label = (id: MeasureId) => {
    if (id === 'labelRight' && task.labelField !== null) return say`Right ${task.labelField}`;
    return said((id === 'right' && RIGHT[task.kind]) || MEASURES[id]);
  };
  return (Object.keys(MEASURES) as MeasureId[])
    .filter((id) => answers?.variants.some((variant) => variant[id] !== undefined) ?? false)
    .filter((id) => !(id === 'labelRight' && task.kind === 'label'))
    .map((id) => ({ id, label: label(id) }));
}
