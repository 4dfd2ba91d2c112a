/**
 * From figures to a verdict, by the rules of docs/verdict.md and by nothing else: no figure is looked at that is not in
 * `VerdictFigures`, so that a table of cases can test all of it.
 */
import type { Estimate, Forgot, Learned, TaskKind, Variant, Verdict } from '../../protocol.ts';

/** Everything that the verdict depends on. */
export interface VerdictFigures {
  readonly task: TaskKind;
  /** The deciding score before and after, 0 to 1, and the gain; null without answers. */
  readonly score: {
    readonly kind: 'right' | 'chrf';
    readonly rows: number;
    readonly before: Estimate;
    readonly after: Estimate;
    readonly gain: Estimate;
  } | null;
  /** Held-out loss in nats; `change` is after minus before. Null without held-out rows. */
  readonly loss: {
    readonly rows: number;
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
  } | null;
  /** Prompted variants of the untouched model: their score, and how far the trained model is above it. */
  readonly prompted: readonly {
    readonly variant: Extract<Variant, 'system' | 'examples'>;
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
  /** Loss on general passages in nats, and the loss of a model that knows nothing: the logarithm of the vocabulary. */
  readonly passages: {
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
    readonly ignorant: number;
  } | null;
  readonly memorised: boolean | null;
}

/** The thresholds of the rules, in one place; docs/verdict.md says why. */
export const RULES = {
  fewestRows: 10,
  rightIsEnough: 0.6,
  shareOfTheRest: 0.5,
  perfect: 0.95,
  lossFall: 0.1,
  someLossFall: 0.02,
  textLossFall: 0.05,
  knownItems: 8,
  ignorance: 0.9,
  quizMuch: 0.1,
  passagesSome: 0.05,
  passagesMuch: 0.22,
} as const;

/** The verdict on `figures`. */
export function judge(figures: VerdictFigures): Verdict {
  const learned = learnedFrom(figures);
  const forgot = forgotFrom(figures);
  const better =
    learned === 'unknown'
      ? undefined
      : figures.prompted.find((one) => one.gain.low <= 0 && helps(one, figures));
  const promptingIsEnough = better !== undefined;
  return {
    learned,
    forgot,
    memorised: figures.memorised,
    promptingIsEnough,
    sentence: `${learnedWords(learned, figures)} ${forgotWords(forgot, figures)}`,
    remarks: remarksOn(figures, learned, better?.variant),
  };
}

/** Whether a prompted variant is worth naming: it is above the untouched model without a prompt. */
function helps({ score }: VerdictFigures['prompted'][number], figures: VerdictFigures): boolean {
  return figures.score !== null && score > figures.score.before.value;
}

function learnedFrom({ task, score, loss }: VerdictFigures): Learned {
  const rows = score?.rows ?? loss?.rows ?? 0;
  if (rows < RULES.fewestRows) return 'unknown';
  const fell = loss !== null && loss.change.high < 0 ? -loss.change.value / loss.before : 0;
  if (task === 'text' || !score) {
    if (fell >= RULES.textLossFall) return 'yes';
    return fell >= RULES.someLossFall ? 'partly' : 'no';
  }
  const gained = score.gain.low > 0;
  const worse = score.gain.high < 0;
  if (score.kind === 'chrf') {
    if (gained && fell >= RULES.lossFall) return 'yes';
    return gained || (fell >= RULES.someLossFall && !worse) ? 'partly' : 'no';
  }
  const rest = score.gain.value / Math.max(1e-9, 1 - score.before.value);
  const enough = score.after.value >= RULES.rightIsEnough || rest >= RULES.shareOfTheRest;
  if (gained && enough) return 'yes';
  return gained || (fell >= RULES.lossFall && !worse) ? 'partly' : 'no';
}

function forgotFrom({ quiz, passages }: VerdictFigures): Forgot {
  const asked = quiz && quiz.before * quiz.items >= RULES.knownItems ? quiz : null;
  const read = passages && passages.before < RULES.ignorance * passages.ignorant ? passages : null;
  if (!asked && !read) return 'unknown';
  const fell = asked !== null && asked.change.high < 0 ? -asked.change.value : 0;
  const rose = read !== null && read.change.low > 0 ? read.change.value : 0;
  if (fell > RULES.quizMuch || rose > RULES.passagesMuch) return 'much';
  return fell > 0 || rose > RULES.passagesSome ? 'little' : 'nothing';
}

const LEARNED: Readonly<Record<Learned, string>> = {
  yes: 'yes',
  partly: 'partly',
  no: 'no',
  unknown: 'cannot tell',
};

function learnedWords(learned: Learned, { score, loss }: VerdictFigures): string {
  const rows = score?.rows ?? loss?.rows ?? 0;
  if (learned === 'unknown') {
    const many = rows === 0 ? 'no row was' : rows === 1 ? 'only one row was' : `only ${rows} rows were`;
    return `Learned: cannot tell, ${many} held out.`;
  }
  if (!score) return `Learned: ${LEARNED[learned]}, ${lossWords(loss)}.`;
  const known =
    score.kind === 'right' && score.before.value >= RULES.perfect && score.after.value >= RULES.perfect;
  if (known) return `Learned: nothing new, ${percents(score)} of held-out rows right.`;
  if (score.kind === 'right') {
    const doubt = Math.round((100 * (score.after.high - score.after.low)) / 2);
    return `Learned: ${LEARNED[learned]}, ${percents(score)} of held-out rows right (±${doubt}).`;
  }
  return `Learned: ${LEARNED[learned]}, likeness to the wanted answers ${percents(score)}, ${lossWords(loss)}.`;
}

function lossWords(loss: VerdictFigures['loss']): string {
  if (!loss) return 'no loss was measured';
  return `perplexity on held-out rows ${short(Math.exp(loss.before))} -> ${short(Math.exp(loss.after))}`;
}

const FORGOT: Readonly<Record<Forgot, string>> = {
  nothing: 'nothing measurable',
  little: 'a little',
  much: 'much',
  unknown: 'cannot tell',
};

function forgotWords(forgot: Forgot, { quiz, passages }: VerdictFigures): string {
  const found: string[] = [];
  if (quiz)
    found.push(`general quiz ${percents({ before: { value: quiz.before }, after: { value: quiz.after } })}`);
  const fell = quiz !== null && quiz.change.high < 0;
  if (passages && !fell)
    found.push(
      `perplexity on general text ${short(Math.exp(passages.before))} -> ${short(Math.exp(passages.after))}`,
    );
  if (forgot === 'unknown' && quiz)
    return `Forgot: cannot tell, the untouched model got only ${percent(quiz.before)} of the general quiz right.`;
  const why = found.length === 0 ? 'nothing general was measured' : found.join(', ');
  return `Forgot: ${FORGOT[forgot]}, ${why}.`;
}

const PROMPTED: Readonly<Record<'system' | 'examples', string>> = {
  system: 'a system prompt',
  examples: 'a few examples in its prompt',
};

function remarksOn(
  figures: VerdictFigures,
  learned: Learned,
  better: 'system' | 'examples' | undefined,
): string[] {
  const remarks: string[] = [];
  if (better) {
    const variant = figures.prompted.find((one) => one.variant === better)!;
    const than = variant.gain.high < 0 ? 'does better' : 'does as well, as far as these rows can tell';
    const figure =
      figures.score?.kind === 'right'
        ? `${percent(variant.score)} right`
        : `likeness ${percent(variant.score)}`;
    remarks.push(`Prompting is enough: the untouched model with ${PROMPTED[better]} ${than} (${figure}).`);
  }
  if (figures.score && figures.score.gain.high < 0)
    remarks.push('The trained model answers held-out rows worse than the untouched one.');
  if (figures.memorised)
    remarks.push('It recites training rows: it is much better on them than on rows that it has not seen.');
  const rows = figures.score?.rows ?? figures.loss?.rows ?? 0;
  if (learned !== 'unknown' && rows < 30)
    remarks.push(`Only ${rows} held-out rows: the figures may be off by as much as the interval says.`);
  return remarks;
}

function percents({ before, after }: Record<'before' | 'after', { readonly value: number }>): string {
  return `${percent(before.value)} -> ${percent(after.value)}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}
