/** Rules and words for answers from a closed set: by what a model knows, apart from how it says it. */

import type { ClosedFigures, Learned } from '../../../../common/protocol/protocol.ts';
import { tellsForm } from '../../../../common/scores.ts';
import { percent, plural } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { LEARNED, RULES } from './verdict-figures.ts';

/** Whether answers took the wanted form, and now mostly have it. */
function learnedForm({ form }: ClosedFigures): boolean {
  return form.gain.low > 0 && form.after.value >= RULES.rightIsEnough;
}

/** Of answers from a closed set: by what it knows, and where that did not clearly grow by the form. */
export function learnedClosed(closed: ClosedFigures): Learned {
  const { before, after, gain } = closed.known;
  if (after.rows < RULES.fewestRows) return 'unknown';
  if (!(gain.low > 0)) {
    if (!learnedForm(closed)) return 'no';
    return after.value >= RULES.rightIsEnough ? 'yes' : 'partly';
  }
  const rest = gain.value / Math.max(1e-9, 1 - before.value);
  const enough = after.value >= RULES.rightIsEnough || rest >= RULES.shareOfTheRest;
  return enough && closed.form.after.value >= RULES.rightIsEnough ? 'yes' : 'partly';
}

/** Whether the base model knew it before, in this form. */
export function knewClosed(closed: ClosedFigures): boolean {
  const { before, after } = closed.known;
  return !learnedForm(closed) && before.value >= RULES.perfect && after.value >= RULES.perfect;
}

/** What it knew and knows, and beside it how often its answers have the wanted form. */
export function closedWords(closed: ClosedFigures): string {
  const { before, after, gain } = closed.known;
  const { form } = closed;
  const learned = learnedClosed(closed);
  const isForm = !(gain.low > 0) && learned !== 'no';
  const lead = isForm
    ? say`It learned the form`
    : knewClosed(closed)
      ? say`It learned nothing new`
      : said(LEARNED[learned as Exclude<Learned, 'unknown'>]);
  const rows = plural(after.rows, 'test row');
  const knows = say`it knew the answer to ${percent(before.value)} of ${rows} and now knows ${percent(after.value)}`;
  const written = plural(form.after.rows, 'written answer');
  const formed = say`the form was right in ${percent(form.before.value)}, now in ${percent(form.after.value)} of ${written}`;
  const { colon, semicolon, end } = marks();
  return `${lead}${colon}${knows}${tellsForm(closed) ? `${semicolon}${formed}` : ''}${end}`;
}
