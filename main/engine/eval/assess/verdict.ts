/** From figures to a verdict by the rules of docs/verdict.md: `VerdictFigures` is all that is looked at. */

import type {
  Estimate,
  Forgot,
  Lack,
  Learned,
  Score,
  Verdict,
} from '../../../../common/protocol/protocol.ts';
import { isGradual, NARROW, rowsToNarrow } from '../../../../common/scores.ts';
import { isFixedForm } from '../../../../common/settings/forgetting.ts';
import { abilityChange } from '../../../../common/words/abilities.ts';
import { number, percent, plural } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { knowsOwnRows, readCourse } from './course.ts';
import { closedWords, knewClosed, learnedClosed } from './verdict-closed.ts';
import { LEARNED, RULES, type VerdictFigures } from './verdict-figures.ts';
import {
  bestRival,
  betterRival,
  isGood,
  isRival,
  type Prompted,
  promptedWords,
  rivalWords,
} from './verdict-rivals.ts';

export function judge(figures: VerdictFigures): Verdict {
  const learned = learnedFrom(figures);
  const forgot = forgotFrom(figures);
  const rivals = learned === 'unknown' ? [] : figures.prompted.filter((one) => isRival(one, figures));
  const prompted = rivals.sort((a, b) => b.score - a.score)[0];
  return {
    learned,
    forgot,
    score: scoreOf(figures),
    memorised: figures.memorised,
    promptingIsEnough: prompted !== undefined && isGood(prompted.score, figures),
    betterRival: betterRival(figures),
    rival: bestRival(figures.rivals),
    lack: lackFrom(learned, figures),
    sentence: `${learnedWords(learned, figures)}${marks().gap}${forgotWords(forgot, figures)}`,
    remarks: remarksOn(figures, { learned, forgot }, prompted),
  };
}

/** The trained model's score: of pairs by what it prefers, of a closed set by what it knows, else by what it answers. */
function scoreOf({ preference, closed, score, loss }: VerdictFigures): Score | null {
  if (preference) return named('preferred', preference.rows, preference.after);
  if (closed) return named('known', closed.known.after.rows, closed.known.after);
  if (score) return named(score.name, score.rows, score.after);
  return loss && named('perplexity', loss.rows, loss.perplexity);
}

function named(name: Score['name'], rows: number, { value, low, high }: Estimate): Score {
  return { name, rows, value, low, high };
}

function learnedFrom(figures: VerdictFigures): Learned {
  const { task, preference, score, closed, loss } = figures;
  if (preference) {
    if (preference.rows < RULES.fewestRows) return 'unknown';
    if (!(preference.gain.low > 0)) return 'no';
    return preference.after.low > RULES.preferredLow ? 'yes' : 'partly';
  }
  if (closed) return learnedClosed(closed);
  const rows = (task === 'text' ? loss : score)?.rows ?? 0;
  if (rows < RULES.fewestRows) return 'unknown';
  const fell = loss !== null && loss.change.high < 0 ? -loss.change.value / loss.before : 0;
  if (!score) {
    if (fell >= RULES.textLossFall) return 'yes';
    return fell >= RULES.someTextLossFall ? 'partly' : 'no';
  }
  if (!(score.gain.low > 0)) return 'no';
  const rest = score.gain.value / Math.max(1e-9, 1 - score.before.value);
  const enough = isGradual(score.name)
    ? score.gain.value >= RULES.similarityGain && fell >= RULES.lossFall
    : score.after.value >= RULES.rightIsEnough || rest >= RULES.shareOfTheRest;
  return enough ? 'yes' : 'partly';
}

/** Whether the base model could do it before: then nothing is lacking. */
function knewIt(figures: VerdictFigures): boolean {
  const { preference, score, closed } = figures;
  if (preference) return preference.before.value >= RULES.perfect;
  if (closed) return knewClosed(closed);
  if (!score || isGradual(score.name)) return false;
  return score.before.value >= RULES.perfect && score.after.value >= RULES.perfect;
}

/** What a training that did not teach enough lacks most; null where it did, or where that cannot be told. */
function lackFrom(learned: Learned, figures: VerdictFigures): Lack | null {
  const { loss, fit, course, memorised } = figures;
  if ((learned !== 'no' && learned !== 'partly') || knewIt(figures)) return null;
  const { rose, falls, turned } = readCourse(course);
  if ((loss && loss.change.low > 0) || rose) return 'rate';
  if (falls) return 'passes';
  if (memorised || knowsOwnRows(fit) || turned) return 'rows';
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

function learnedWords(learned: Learned, figures: VerdictFigures): string {
  const { preference, score, closed, loss } = figures;
  if (learned === 'unknown') return say`Can't tell whether it learned: ${fewWords(figures)}.`;
  const it = said(LEARNED[learned]);
  if (preference) {
    const { after, before, rows } = preference;
    const words = say`it prefers the better answer of ${percent(after.value)} of ${plural(rows, 'test pair')} (${percent(after.low)} to ${percent(after.high)}), of ${percent(before.value)} before`;
    return sentence(it, words);
  }
  if (closed) return closedWords(closed);
  if (!score) return sentence(it, lossWords(loss));
  const [now, then] = [percent(score.after.value), percent(score.before.value)];
  if (!isGradual(score.name)) {
    const words = knewIt(figures) ? say`It learned nothing new` : it;
    if (score.whole) {
      const whole = say`every field right in ${percent(score.whole.value)}`;
      const fields = say`${now} of fields right in ${plural(score.rows, 'test row')}, ${then} before`;
      return sentence(words, `${fields}${marks().semicolon}${whole}`);
    }
    if (score.name === 'calls') {
      const [low, high] = [percent(score.after.low), percent(score.after.high)];
      const calls = say`the right call in ${now} of ${plural(score.rows, 'test row')} (${low} to ${high}), in ${then} before`;
      return sentence(words, calls);
    }
    return sentence(words, say`${now} of test rows right, ${then} before`);
  }
  if (score.name === 'changes')
    return sentence(it, say`its changes are ${now} like yours (SARI), ${then} before`);
  return learned === 'no'
    ? sentence(it, say`its answers are no closer to yours, similarity ${now}, ${then} before`)
    : sentence(it, say`its answers are closer to yours, similarity ${now}, ${then} before`);
}

/** A finding, and what it rests on. */
function sentence(finding: string, words: string): string {
  return `${finding}${marks().colon}${words}${marks().end}`;
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
  return sentence(said(FORGOT[forgot]), found.join(marks().comma));
}

function remarksOn(
  figures: VerdictFigures,
  { learned, forgot }: Pick<Verdict, 'learned' | 'forgot'>,
  prompted: Prompted | undefined,
): string[] {
  const remarks: string[] = [];
  if ((forgot === 'little' || forgot === 'much') && isFixedForm(figures.task))
    remarks.push(say`What it forgot matters only if you also chat with it.`);
  const fallen = (figures.abilities ?? []).filter(({ fell }) => fell);
  if (fallen.length > 0) remarks.push(say`Clearly worse: ${fallen.map(abilityChange).join(marks().comma)}.`);
  if (figures.slots) {
    const { before, after, invented } = figures.slots;
    remarks.push(
      say`It names ${percent(after)} of the values that it should, ${percent(before)} before; ${percent(invented)} of those that it names are invented.`,
    );
  }
  const score = scoreOf(figures);
  const prompting = prompted ? promptedWords(prompted, figures) : null;
  if (prompting) remarks.push(prompting);
  // said once, where it is the best of the simpler ways
  const isSaid = prompting && prompted?.variant === 'prompt' && bestRival(figures.rivals)?.name === 'prompt';
  const rival = learned === 'unknown' || isSaid ? null : rivalWords(figures, score);
  if (rival) remarks.push(rival);
  const { gain } = figures.closed?.known ?? figures.score ?? {};
  if (gain && gain.high < 0)
    remarks.push(say`The trained model answers test rows worse than the base model.`);
  if (figures.memorised)
    remarks.push(say`It memorised training rows: it does much better on them than on new rows.`);
  const rows = figures.closed?.known.after.rows ?? figures.score?.rows ?? figures.loss?.rows ?? 0;
  if (learned !== 'unknown') remarks.push(...widthWords(figures, score, rows));
  return remarks;
}

/** How wide the interval of the score is, and what makes it narrow; none where it is. */
function widthWords({ available = 0 }: VerdictFigures, score: Score | null, rows: number): string[] {
  if (!score || score.name === 'perplexity')
    return rows < 30 ? [say`With ${plural(rows, 'test row')}, these figures are uncertain.`] : [];
  const points = Math.round(100 * (score.high - score.low));
  if (points <= 100 * NARROW) return [];
  const more = rowsToNarrow(score, score.rows) - score.rows;
  const range = say`The score's range spans ${points} points`;
  return [
    available >= score.rows + more
      ? say`${range}. A thorough comparison narrows it to ${100 * NARROW}.`
      : say`${range}: ${number(more)} more test rows would narrow it to ${100 * NARROW}.`,
  ];
}

function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value >= 1000) return number(value);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return number(value, digits);
}
