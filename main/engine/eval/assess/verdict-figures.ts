/** What a verdict looks at, and the thresholds of its rules. */
import type {
  AbilityScore,
  AssessResult,
  ClosedFigures,
  Estimate,
  Learned,
  PreferenceResult,
  Rival,
  TaskKind,
  Variant,
} from '../../../../common/protocol/protocol.ts';
import { decidingOf } from '../../../../common/scores.ts';
import { type AnswerScoreName, scoreName } from './scores.ts';
import type { Task } from './task.ts';

export interface VerdictFigures {
  readonly task: TaskKind;
  /** Of pairs of a better and a worse answer: it decides where it is there. */
  readonly preference?: PreferenceResult | null;
  /** The deciding score before and after, 0 to 1, and the gain; null without answers. */
  readonly score: {
    readonly name: AnswerScoreName;
    readonly rows: number;
    readonly before: Estimate;
    readonly after: Estimate;
    readonly gain: Estimate;
    /** Of JSON, rows with every field right. */
    readonly whole?: Estimate | undefined;
  } | null;
  /** Of answers from a closed set, what each model knows apart from how it says it: then this decides. */
  readonly closed?: ClosedFigures | null;
  /** What simpler ways get. */
  readonly rivals?: readonly Rival[];
  /** Of sentences made from attributes: the share of wanted values that each model names, and what the trained one invents. */
  readonly slots?: { readonly before: number; readonly after: number; readonly invented: number } | null;
  /** Test rows that a thorough comparison would ask; 0 where this was one. */
  readonly available?: number;
  /** Held-out loss in nats; `change` is after minus before. Null without held-out rows. */
  readonly loss: {
    readonly rows: number;
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
    /** Of the trained model. */
    readonly perplexity: Estimate;
  } | null;
  /** Prompted variants of the base model: their score, and how far the trained model is above it. */
  readonly prompted: readonly {
    readonly variant: Extract<Variant, 'system' | 'prompt'>;
    readonly score: number;
    readonly gain: Estimate;
  }[];
  /** The general quiz as rates; null where it was not asked. */
  readonly quiz: {
    readonly items: number;
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
  } | null;
  /** By ability, where the base model has it; none where that was not asked. */
  readonly abilities?: readonly AbilityScore[];
  /** Loss on general passages in nats, and that of a model that knows nothing: log of the vocabulary. */
  readonly passages: {
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
    readonly ignorant: number;
  } | null;
  readonly memorised: boolean | null;
  /** Loss of the trained model on training rows and on held-out rows; null without held-out rows. */
  readonly fit: { readonly training: Estimate; readonly heldOut: Estimate } | null;
  /** Held-out losses in the course of training, the first before it; none of a blend. */
  readonly course: readonly number[];
}

/** The thresholds of the rules, in one place; docs/verdict.md says why. */
export const RULES = {
  fewestRows: 10,
  rightIsEnough: 0.6,
  preferredLow: 0.6,
  shareOfTheRest: 0.5,
  similarIsEnough: 0.5,
  changesAreEnough: 0.4,
  similarityGain: 0.05,
  perfect: 0.95,
  rivalLead: 0.02,
  lossFall: 0.1,
  someTextLossFall: 0.02,
  textLossFall: 0.05,
  courseMoves: 0.05,
  ownRows: 0.5,
  knownItems: 8,
  ignorance: 0.9,
  quizMuch: 0.1,
  passagesSome: 0.05,
  passagesMuch: 0.22,
} as const;

export const LEARNED: Readonly<Record<Exclude<Learned, 'unknown'>, string>> = {
  yes: 'It learned this',
  partly: 'It learned this in part',
  no: "It didn't learn this",
};

/** The deciding scores as the verdict wants them. */
export function deciding(
  task: Pick<Task, 'kind' | 'edited'>,
  answers: AssessResult['answers'],
  rivals: readonly Rival[] = [],
): Pick<VerdictFigures, 'score' | 'prompted' | 'slots'> {
  const of = (name: string) => answers?.variants.find(({ variant }) => variant === name);
  const [before, after] = [of('before'), of('after')];
  if (!answers || !before || !after) return { score: null, prompted: [] };
  const value = (one: typeof before) => decidingOf(answers, one)!;
  // of a closed set by what it knows, as the model is judged
  const known = rivals.find(({ name, score }) => name === 'prompt' && score.name === 'known');
  const prompted = (['system', 'prompt'] as const).flatMap((variant) => {
    const one = of(variant);
    if (variant === 'prompt' && known) return [{ variant, score: known.score.value, gain: known.lead }];
    return one ? [{ variant, score: value(one).value, gain: one.gain }] : [];
  });
  return {
    score: {
      name: scoreName(task),
      rows: after.rows,
      before: value(before),
      after: value(after),
      gain: before.gain,
      ...(answers.score === 'fields' && { whole: after.right }),
    },
    prompted,
    slots:
      before.slotsPresent && after.slotsPresent
        ? {
            before: before.slotsPresent.value,
            after: after.slotsPresent.value,
            invented: after.slotsInvented?.value ?? 0,
          }
        : null,
  };
}
