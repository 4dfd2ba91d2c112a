/** Which training rows stand as examples in a prompt: few, fitting the model's context, every label as often. */
import { Rng, streamSeed } from '../../data/rows/rng.ts';
import type { AskedRow } from './prompts.ts';
import { labelOf } from './scores.ts';
import type { Task } from './task.ts';

/** The most examples of a prompt. */
export const MOST_EXAMPLES = 8;

export interface Candidate {
  readonly row: AskedRow;
  /** Tokens of its question and answer. */
  readonly tokens: number;
}

/**
 * Up to eight examples that together have at most `room` tokens, in random order by `seed`: the longest quarter of the
 * candidates is left out, and labels take turns.
 */
export function chooseExamples(
  task: Task,
  candidates: readonly Candidate[],
  room: number,
  seed: number,
): AskedRow[] {
  const lengths = candidates.map(({ tokens }) => tokens).sort((a, b) => a - b);
  const longest = lengths[Math.ceil(0.75 * (lengths.length - 1))] ?? 0;
  const fitting = shuffled(
    candidates.filter(({ tokens }) => tokens <= longest),
    seed,
  );
  const chosen: Candidate[] = [];
  let left = room;
  for (const candidate of inTurns(task, fitting)) {
    if (chosen.length === MOST_EXAMPLES) break;
    if (candidate.tokens > left) continue;
    chosen.push(candidate);
    left -= candidate.tokens;
  }
  return shuffled(chosen, seed + 1).map(({ row }) => row);
}

/** The candidates so that every label comes once before any comes twice. */
function inTurns(task: Task, candidates: readonly Candidate[]): Candidate[] {
  const byLabel = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const label = task.labels.length > 0 ? (labelOf(task, candidate.row.answer) ?? '') : '';
    byLabel.set(label, [...(byLabel.get(label) ?? []), candidate]);
  }
  const rounds = Math.max(0, ...[...byLabel.values()].map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) =>
    [...byLabel.values()].flatMap((group) => group[round] ?? []),
  ).flat();
}

/** A seeded shuffle of a copy. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = Uint32Array.from({ length: items.length }, (_, i) => i);
  Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(order);
  return Array.from(order, (i) => items[i]!);
}
