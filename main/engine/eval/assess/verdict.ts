/** From figures to a verdict by the rules of docs/verdict.md: `VerdictFigures` is all that is looked at. */
import type {
  Accuracy,
  AssessResult,
  ClosedFigures,
  Estimate,
  Forgot,
  Lack,
  Learned,
  PreferenceResult,
  Rival,
  TaskKind,
  Variant,
  Verdict,
} from '../../../../common/protocol/protocol.ts';
import { isFixedForm } from '../../../../common/settings/forgetting.ts';
import { number, percent, plural } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';

export interface VerdictFigures {
  readonly task: TaskKind;
  /** Of pairs of a better and a worse answer: it decides where it is there. */
  readonly preference?: PreferenceResult | null;
  /** The deciding score before and after, 0 to 1, and the gain; null without answers. */
  readonly score: {
    readonly kind: 'right' | 'chrf';
    readonly rows: number;
    readonly before: Estimate;
    readonly after: Estimate;
    readonly gain: Estimate;
  } | null;
  /** Of answers from a closed set, what each model knows apart from how it says it: then this decides. */
  readonly closed?: ClosedFigures | null;
  /** Held-out loss in nats; `change` is after minus before. Null without held-out rows. */
  readonly loss: {
    readonly rows: number;
    readonly before: number;
    readonly after: number;
    readonly change: Estimate;
  } | null;
  /** Prompted variants of the base model: their score, and how far the trained model is above it. */
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

export function judge(figures: VerdictFigures): Verdict {
  const learned = learnedFrom(figures);
  const forgot = forgotFrom(figures);
  const rivals = learned === 'unknown' ? [] : figures.prompted.filter((one) => isRival(one, figures));
  const prompted = rivals.sort((a, b) => b.score - a.score)[0];
  return {
    learned,
    forgot,
    accuracy: accuracyOf(figures),
    memorised: figures.memorised,
    promptingIsEnough: prompted !== undefined && isGood(prompted.score, figures),
    betterRival: betterRival(figures),
    lack: lackFrom(learned, figures),
    sentence: `${learnedWords(learned, figures)} ${forgotWords(forgot, figures)}`,
    remarks: remarksOn(figures, { learned, forgot }, prompted),
  };
}

/** The best of the simpler ways, where it is right more often than the trained model by two points. */
function betterRival({ closed }: VerdictFigures): Rival | null {
  const best = bestRival(closed);
  return best && best.lead.value <= -RULES.rivalLead ? best : null;
}

function bestRival(closed: ClosedFigures | null | undefined): Rival | null {
  const rivals = closed?.rivals ?? [];
  return rivals.toSorted((a, b) => b.accuracy.value - a.accuracy.value)[0] ?? null;
}

export const RIVALS: Readonly<Record<Rival['name'], string>> = {
  counter: 'Counting words',
  nearest: 'The answer of the most similar training row',
  frequent: 'Always the most frequent answer',
};

/** What a simpler way gets, where it comes close to the trained model or beats it. */
function rivalWords({ closed }: VerdictFigures): string | null {
  const best = bestRival(closed);
  if (!closed || !best || best.lead.value >= RULES.rivalLead) return null;
  const name = said(RIVALS[best.name]);
  const [its, ours] = [percent(best.accuracy.value), percent(closed.known.after.value)];
  return best.lead.value <= -RULES.rivalLead
    ? say`${name} gets ${its} right, this model ${ours}: use that instead, or train longer.`
    : say`${name} gets about as many right (${its}), in seconds.`;
}

type Prompted = VerdictFigures['prompted'][number];

/** Whether the prompt helps the base model, and the trained one is not clearly ahead of it. */
function isRival({ score, gain }: Prompted, figures: VerdictFigures): boolean {
  return gain.low <= 0 && figures.score !== null && score > figures.score.before.value;
}

/** Whether a score is good in itself, whatever it is compared with. */
function isGood(value: number, { score }: VerdictFigures): boolean {
  return value >= (score?.kind === 'chrf' ? RULES.similarIsEnough : RULES.rightIsEnough);
}

/** How many rows the trained model gets right: of a closed set by what it knows, else by what it answers. */
function accuracyOf({ closed, score }: VerdictFigures): Accuracy | null {
  if (closed) return closed.known.after;
  return score?.kind === 'right' ? { key: null, rows: score.rows, ...score.after } : null;
}

/** Whether answers took the wanted form, and now mostly have it. */
function learnedForm({ closed }: VerdictFigures): boolean {
  return closed != null && closed.form.gain.low > 0 && closed.form.after.value >= RULES.rightIsEnough;
}

/** Of answers from a closed set: by what it knows, and where that did not clearly grow by the form. */
function learnedOf(closed: ClosedFigures, figures: VerdictFigures): Learned {
  const { before, after, gain } = closed.known;
  if (after.rows < RULES.fewestRows) return 'unknown';
  if (!(gain.low > 0)) {
    if (!learnedForm(figures)) return 'no';
    return after.value >= RULES.rightIsEnough ? 'yes' : 'partly';
  }
  const rest = gain.value / Math.max(1e-9, 1 - before.value);
  const enough = after.value >= RULES.rightIsEnough || rest >= RULES.shareOfTheRest;
  return enough && closed.form.after.value >= RULES.rightIsEnough ? 'yes' : 'partly';
}

function learnedFrom(figures: VerdictFigures): Learned {
  const { task, preference, score, closed, loss } = figures;
  if (preference) {
    if (preference.rows < RULES.fewestRows) return 'unknown';
    if (!(preference.gain.low > 0)) return 'no';
    return preference.after.low > RULES.preferredLow ? 'yes' : 'partly';
  }
  if (closed) return learnedOf(closed, figures);
  const rows = (task === 'text' ? loss : score)?.rows ?? 0;
  if (rows < RULES.fewestRows) return 'unknown';
  const fell = loss !== null && loss.change.high < 0 ? -loss.change.value / loss.before : 0;
  if (!score) {
    if (fell >= RULES.textLossFall) return 'yes';
    return fell >= RULES.someTextLossFall ? 'partly' : 'no';
  }
  if (!(score.gain.low > 0)) return 'no';
  const rest = score.gain.value / Math.max(1e-9, 1 - score.before.value);
  const enough =
    score.kind === 'chrf'
      ? score.gain.value >= RULES.similarityGain && fell >= RULES.lossFall
      : score.after.value >= RULES.rightIsEnough || rest >= RULES.shareOfTheRest;
  return enough ? 'yes' : 'partly';
}

/** Whether the base model could do it before: then nothing is lacking. */
function knewIt(figures: VerdictFigures): boolean {
  const { preference, score, closed } = figures;
  if (preference) return preference.before.value >= RULES.perfect;
  if (closed) {
    const { before, after } = closed.known;
    return !learnedForm(figures) && before.value >= RULES.perfect && after.value >= RULES.perfect;
  }
  if (score?.kind !== 'right') return false;
  return score.before.value >= RULES.perfect && score.after.value >= RULES.perfect;
}

/** What a training that did not teach enough lacks most; null where it did, or where that cannot be told. */
function lackFrom(learned: Learned, figures: VerdictFigures): Lack | null {
  const { loss, fit, course, memorised } = figures;
  if ((learned !== 'no' && learned !== 'partly') || knewIt(figures)) return null;
  const [first = 0, last = 0] = [course[0], course.at(-1)];
  const lowest = course.length > 0 ? Math.min(...course) : 0;
  const middle = course[Math.floor((course.length - 1) / 2)] ?? 0;
  const [less, more] = [1 - RULES.courseMoves, 1 + RULES.courseMoves];
  if ((loss && loss.change.low > 0) || last > more * first) return 'rate';
  const falls = last === lowest && last <= less * middle;
  if (course.length > 1 && (falls || lowest > less * first)) return 'passes';
  const knowsRows = fit !== null && fit.training.high < RULES.ownRows * fit.heldOut.low;
  if (memorised || knowsRows || last > more * lowest) return 'rows';
  return 'model';
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

export const LEARNED: Readonly<Record<Exclude<Learned, 'unknown'>, string>> = {
  yes: 'It learned this',
  partly: 'It learned this in part',
  no: "It didn't learn this",
};

function learnedWords(learned: Learned, figures: VerdictFigures): string {
  const { task, preference, score, closed, loss } = figures;
  if (learned === 'unknown') return say`Can't tell whether it learned: ${fewWords(figures)}.`;
  const it = said(LEARNED[learned]);
  if (preference) {
    const { after, before, rows } = preference;
    const words = say`it prefers the better answer of ${percent(after.value)} of ${plural(rows, 'test pair')} (${percent(after.low)} to ${percent(after.high)}), of ${percent(before.value)} before`;
    return `${it}: ${words}.`;
  }
  if (closed) return closedWords(closed, figures);
  if (!score) return `${it}: ${lossWords(loss)}.`;
  const [now, then] = [percent(score.after.value), percent(score.before.value)];
  if (score.kind === 'right') {
    const words = knewIt(figures) ? say`It learned nothing new` : it;
    if (task === 'calls') {
      const [low, high] = [percent(score.after.low), percent(score.after.high)];
      return `${words}: ${say`the right call in ${now} of ${plural(score.rows, 'test row')} (${low} to ${high}), in ${then} before`}.`;
    }
    return `${words}: ${say`${now} of test rows right, ${then} before`}.`;
  }
  return learned === 'no'
    ? `${it}: ${say`its answers are no closer to yours, similarity ${now}, ${then} before`}.`
    : `${it}: ${say`its answers are closer to yours, similarity ${now}, ${then} before`}.`;
}

/** What it knew and knows, and beside it how often its answers have the wanted form. */
function closedWords(closed: ClosedFigures, figures: VerdictFigures): string {
  const { before, after, gain } = closed.known;
  const { form } = closed;
  const learned = learnedOf(closed, figures);
  const isForm = !(gain.low > 0) && learned !== 'no';
  const lead = isForm
    ? say`It learned the form`
    : knewIt(figures)
      ? say`It learned nothing new`
      : said(LEARNED[learned as Exclude<Learned, 'unknown'>]);
  const rows = plural(after.rows, 'test row');
  const knows = say`it knew the answer to ${percent(before.value)} of ${rows} and now knows ${percent(after.value)}`;
  return `${lead}: ${knows}; ${say`the form was right in ${percent(form.before.value)}, now in ${percent(form.after.value)}`}.`;
}

function fewWords({ preference, closed, score, loss }: VerdictFigures): string {
  const rows = preference?.rows ?? closed?.known.after.rows ?? score?.rows ?? loss?.rows ?? 0;
  if (rows >= RULES.fewestRows) return say`no test row could be asked`;
  if (rows === 0) return say`there are no test rows`;
  return rows === 1 ? say`there is only one test row` : say`there are only ${rows} test rows`;
}

function lossWords(loss: VerdictFigures['loss']): string {
  if (!loss) return say`no loss was measured`;
  return say`perplexity on test rows ${short(Math.exp(loss.after))}, ${short(Math.exp(loss.before))} before`;
}

export const FORGOT: Readonly<Record<Exclude<Forgot, 'unknown'>, string>> = {
  nothing: 'It forgot nothing measurable',
  little: 'It forgot a little',
  much: 'It forgot much',
};

function forgotWords(forgot: Forgot, { quiz, passages }: VerdictFigures): string {
  const found: string[] = [];
  if (quiz) found.push(say`general quiz ${percent(quiz.after)} right, ${percent(quiz.before)} before`);
  const fell = quiz !== null && quiz.change.high < 0;
  if (passages && !fell)
    found.push(
      say`perplexity on general text ${short(Math.exp(passages.after))}, ${short(Math.exp(passages.before))} before`,
    );
  if (forgot === 'unknown') {
    const why = quiz
      ? say`the base model got only ${percent(quiz.before)} of the general quiz right`
      : (found[0] ?? say`nothing general was measured`);
    return say`Can't tell what it forgot: ${why}.`;
  }
  return `${said(FORGOT[forgot])}: ${found.join(', ')}.`;
}

export const PROMPTED: Readonly<Record<Prompted['variant'], string>> = {
  system: 'a system prompt',
  examples: 'a few examples in its prompt',
};

function remarksOn(
  figures: VerdictFigures,
  { learned, forgot }: Pick<Verdict, 'learned' | 'forgot'>,
  prompted: Prompted | undefined,
): string[] {
  const remarks: string[] = [];
  if ((forgot === 'little' || forgot === 'much') && isFixedForm(figures.task))
    remarks.push(say`What it forgot matters only if you also chat with it.`);
  if (prompted) {
    const { score, gain, variant } = prompted;
    const figure =
      figures.score?.kind === 'right' ? say`${percent(score)} right` : say`similarity ${percent(score)}`;
    const prompt = said(PROMPTED[variant]);
    const words =
      gain.high < 0
        ? say`The base model with ${prompt} does better (${figure})`
        : say`The base model with ${prompt} does about as well (${figure})`;
    if (isGood(score, figures)) remarks.push(say`${words}: prompting is enough.`);
    else if (!isGood(figures.score!.after.value, figures)) remarks.push(say`${words}, but neither is good.`);
  }
  const rival = learned === 'unknown' ? null : rivalWords(figures);
  if (rival) remarks.push(rival);
  const { gain } = figures.closed?.known ?? figures.score ?? {};
  if (gain && gain.high < 0)
    remarks.push(say`The trained model answers test rows worse than the base model.`);
  if (figures.memorised)
    remarks.push(say`It memorised training rows: it does much better on them than on new rows.`);
  const rows = figures.closed?.known.after.rows ?? figures.score?.rows ?? figures.loss?.rows ?? 0;
  if (learned !== 'unknown' && rows < 30)
    remarks.push(say`With ${plural(rows, 'test row')}, these figures are uncertain.`);
  return remarks;
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value >= 1000) return number(value);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return number(value, digits);
}

/** The deciding scores as the verdict wants them. */
export function deciding(answers: AssessResult['answers']): Pick<VerdictFigures, 'score' | 'prompted'> {
  const of = (name: string) => answers?.variants.find(({ variant }) => variant === name);
  const [before, after] = [of('before'), of('after')];
  if (!answers || !before || !after) return { score: null, prompted: [] };
  const value = (one: typeof before) => (answers.score === 'chrf' ? one.chrf! : one.right!);
  const prompted = (['system', 'examples'] as const).flatMap((variant) => {
    const one = of(variant);
    return one ? [{ variant, score: value(one).value, gain: one.gain }] : [];
  });
  return {
    score: {
      kind: answers.score,
      rows: after.rows,
      before: value(before),
      after: value(after),
      gain: before.gain,
    },
    prompted,
  };
}
