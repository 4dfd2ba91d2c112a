/**
 * Held-out rows that are in the training rows as well. With a file of their own both are compared; without one the rows
 * are split as a run would do it. A run keeps equal rows on one side, near ones it does not.
 */
import { splitRows } from '../../rows/split.ts';
import type { Conclusion, CorpusCheck, FindingKind, Pair } from '../finding.ts';
import type { Study } from '../study.ts';

/** Fewer leaking rows than this move the held-out score by less than its own margin. */
const MILD_SHARE = 0.05;

const KIND: FindingKind = {
  code: 'leaks',
  title: 'Held-out rows that leak from training',
  severity: 'harm',
  why: 'The held-out score then measures memory: it promises more than the model can do with new questions.',
  rule: 'A held-out row equals a training row, or nearly so by the rule of near duplicates. Without --eval-data the rows are split with the seed and share given, by their content: which rows a run holds out may differ, how many leak hardly does. Less than 5% of the held-out rows are only a warning.',
  fix: {
    name: 'leaks',
    does: 'leaves the training rows out that are in --eval-data as well, word for word',
    safe: true,
  },
};

export const leaks: CorpusCheck = {
  kind: KIND,
  conclude: (study) =>
    study.evaluation ? leaksInto(study, study.evaluation) : leaksOfSplit(study, study.settings),
};

function leaksInto(study: Study, evaluation: Study): Conclusion | null {
  const { corpus, gone } = study;
  const index = evaluation.leaderIndex();
  const leader = evaluation.nearLeader;
  const touched = new Map<number, number>();
  const drop: number[] = [];
  let reworded = 0;
  for (let row = 0; row < corpus.rows; row++) {
    if (gone[row]) continue;
    const held = index.find(corpus, row);
    if (held < 0) continue;
    if (corpus.words[row] === evaluation.corpus.words[held]) drop.push(row);
    else reworded++;
    if (!touched.has(leader[held]!)) touched.set(leader[held]!, row);
  }
  if (drop.length + reworded === 0) return null;
  const rows = leader.reduce((sum, first) => sum + (touched.has(first) ? 1 : 0), 0);
  const examples = [...touched].slice(0, 3).map(([held, row]): Pair => {
    return { row, beside: { row: held, of: 'eval' } };
  });
  const repeated = `${rows} of ${evaluation.corpus.rows} held-out rows are in the training data; ${drop.length} training rows repeat them.`;
  const kept = `${reworded} more differ from one in a word: they may be facts of their own, and the fix keeps them.`;
  return {
    rows: drop.length + reworded,
    examples,
    ...(drop.length > 0 && { drop: Uint32Array.from(drop) }),
    detail: reworded > 0 ? `${repeated} ${kept}` : repeated,
  };
}

function leaksOfSplit(study: Study, { heldOut, seed }: { heldOut: number; seed: number }): Conclusion | null {
  const { corpus, nearLeader, firstEqual } = study;
  if (heldOut === 0 || (heldOut >= 1 && heldOut >= corpus.rows)) return null;
  const hashes = new Uint32Array(2 * corpus.rows);
  for (let row = 0; row < corpus.rows; row++) {
    hashes[2 * row] = corpus.content.low[row]!;
    hashes[2 * row + 1] = corpus.content.high[row]!;
  }
  const split = splitRows(corpus.rows, { heldOut, seed, hashes });
  const trained = new Map<number, number>();
  for (const row of split.train) if (!trained.has(nearLeader[row]!)) trained.set(nearLeader[row]!, row);
  const leaking = [...split.heldOut].filter((row) => trained.has(nearLeader[row]!));
  if (leaking.length === 0) return null;
  const examples = leaking
    .filter((row) => firstEqual[row] === row)
    .slice(0, 3)
    .map((row): Pair => ({ row, beside: { row: trained.get(nearLeader[row]!)!, of: 'data' } }));
  const detail = `About ${leaking.length} of the ${split.heldOut.length} rows that a run would hold out nearly equal one that it trains on: see the near duplicates.`;
  const isMild = leaking.length < MILD_SHARE * split.heldOut.length;
  return { rows: leaking.length, examples, detail, ...(isMild && { severity: 'warning' as const }) };
}
