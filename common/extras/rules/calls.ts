/** Learning from a rule: questions, the rules that check answers, and the rounds in which a model practises. */
import { z } from 'zod';
import { api, filePaths, gives, id, type Problem, streams } from '../../api/base.ts';
import type { DrillState, JudgedAnswer } from './drill.ts';
import { Rules } from './rules.ts';

const asked = z.object({ paths: filePaths, modelId: id, rules: Rules });

export const NewDrill = asked.extend({
  name: z.string().trim().min(1).max(120),
  samples: z.int().min(2).max(64).default(8),
});
export type NewDrill = z.output<typeof NewDrill>;

/** An answer with its question, to read. */
export interface ReadAnswer extends JudgedAnswer {
  readonly question: string;
}

export interface DrillRow {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  /** Questions to practise on, and to test with. */
  readonly practice: number;
  readonly test: number;
  readonly samples: number;
  readonly model: string;
  readonly state: DrillState;
  /** What goes on now, with a share from 0 to 1 where it is known; null where nothing does. */
  readonly doing: DrillDoing | null;
  readonly problem: Problem | null;
}

export interface DrillDoing {
  readonly step: 'test' | 'practise' | 'train';
  readonly round: number;
  readonly fraction: number | null;
  readonly secondsLeft: number | null;
}

export const drills = {
  /** All of them, the newest first, whenever something changes. */
  watch: api.output(streams<readonly DrillRow[]>()),
  /** Answers to a few questions, each judged; nothing is kept. */
  try: api.input(asked).output(streams<ReadAnswer>()),
  create: api.input(NewDrill).output(gives<{ readonly id: string }>()),
  start: api.input(z.object({ id })).output(gives<void>()),
  /** Nothing is lost: it continues where it is. */
  stop: api.input(z.object({ id })).output(gives<void>()),
  /** Answers of the last round, some that pass and some that don't. */
  answers: api.input(z.object({ id })).output(gives<readonly ReadAnswer[]>()),
  remove: api.input(z.object({ id })).output(gives<void>()),
};
