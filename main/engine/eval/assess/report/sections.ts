/** The report's sections: answers to held-out rows, examples, loss, memorisation and forgetting. */

import type {
  AbilityFigures,
  AnsweredRow,
  AnswerFigures,
  AssessResult,
  BrokenItem,
  Compared,
  Confusion,
  Estimate,
  EvalEvent,
  ForgettingFigures,
  LossFigures,
  StepEvent,
  VariantScores,
} from '../../../../../common/protocol/protocol.ts';
import { gainOf, tellsForm } from '../../../../../common/scores.ts';
import { abilityName, lackingText, topicName } from '../../../../../common/words/abilities.ts';
import { percent, plural } from '../../../../../common/words/format.ts';
import { said, say } from '../../../../../common/words/language.ts';
import { marks } from '../../../../../common/words/marks.ts';
import { type MeasureId, measuresOf, rivalName, SCORES } from '../../../../../common/words/scores.ts';
import {
  type Bar,
  bars,
  clipped,
  curves,
  type Html,
  html,
  minus,
  number,
  numberRange,
  pairBars,
  percentRange,
  VARIANT_NAMES,
} from './html.ts';

export function answersSection({ answers, task }: AssessResult): Html | null {
  if (!answers) return null;
  const { variants, missing } = answers;
  return html`<section><h2>${say`Scores on test rows`}</h2>
<p>${say`The same ${plural(answers.rows, 'row')}, which no model was trained on, answered by each.`}${marks().gap}${helpWords(answers)}</p>
${measuresOf({ answers, task }).map(({ id, label }) => html`<h3>${label}</h3>${bars(variants.flatMap((one) => barOf(one, id)))}`)}
<p class="soft"><small>${say`Thin lines are 95% intervals: the true figure probably lies within.`}</small></p>
${gainTable(answers)}
${missing.map((why) => html`<p class="soft">${why}</p>`)}
${fieldTable(variants)}
${answers.confusion && confusionTables(answers.confusion, task.labelField)}
${systemPrompt(answers)}${bestPrompt(answers)}</section>`;
}

/** Of answers from a closed set: what each model knows, and beside it how often its own answers have the form. */
export function closedSection({ closed }: AssessResult): Html | null {
  if (!closed) return null;
  const { answers, known, fields, form } = closed;
  const chart = (title: string, { before, after, gain }: Compared) =>
    html`<h3>${title}</h3>${bars([
      { name: said(VARIANT_NAMES.before), estimate: before, kind: 'before' },
      { name: said(VARIANT_NAMES.after), estimate: after, kind: 'after' },
    ])}<p class="soft">${changeText(gain)}</p>`;
  const rows = known.after.rows;
  return html`<section><h2>${say`What it knows`}</h2>
<p>${say`Both models chose the likeliest of ${plural(answers, 'allowed answer')} for ${plural(rows, 'test row')}. Whether a model writes such an answer by itself is its form.`}</p>
${[known, ...fields].map((one) => chart(one.after.key === null ? say`Knows the answer` : say`Knows ${one.after.key}`, one))}
${tellsForm(closed) && chart(say`Right form, of ${plural(form.after.rows, 'written answer')}`, form)}</section>`;
}

/** What simpler ways get beside the trained model, by the score of the run. */
export function rivalsSection({ rivals = [], verdict: { score } }: AssessResult): Html | null {
  if (rivals.length === 0 || !score) return null;
  return html`<section><h2>${say`Simpler ways`}</h2><h3>${said(SCORES[score.name])}</h3>${bars([
    { name: said(VARIANT_NAMES.after), estimate: score, kind: 'after' },
    ...rivals
      .toSorted((a, b) => b.score.value - a.score.value)
      .map(({ name, score: own }) => ({
        name: own.rows < score.rows ? `${rivalName(name)} (${plural(own.rows, 'row')})` : rivalName(name),
        estimate: own,
        kind: 'before' as const,
      })),
  ])}<p class="soft">${say`Trained on the same rows, and asked the same test rows.`}</p></section>`;
}

function changeText({ value, low, high }: Estimate): string {
  const points = (share: number) => minus((100 * share).toFixed(0));
  return say`Change: ${points(value)} points (${points(low)} to ${points(high)}).`;
}

/** Of a run over better and worse answers: how often each model prefers the better one. */
export function preferenceSection({ preference }: AssessResult): Html | null {
  if (!preference) return null;
  const { rows, before, after, gain } = preference;
  return html`<section><h2>${say`Preferences`}</h2>
<p>${say`Of ${plural(rows, 'test pair')}, how often the better answer is the likelier one.`}</p>
${bars([
  { name: said(VARIANT_NAMES.before), estimate: before, kind: 'before' },
  { name: said(VARIANT_NAMES.after), estimate: after, kind: 'after' },
])}
<p class="soft">${changeText(gain)}</p></section>`;
}

/** Some of the held-out rows with all answers: what is new, and what is still wrong. */
export function examplesSection({ answers }: AssessResult): Html | null {
  if (!answers || answers.answered.length === 0) return null;
  const [shown, rest] = chosenExamples(answers.answered);
  const example = (row: AnsweredRow) => exampleOf(row, answers.score);
  return html`<section><h2>${say`Examples`}</h2>
<p class="soft">${say`Test rows: first some that got better, then some that are still wrong.`}</p>
${shown.map(example)}
${rest.length > 0 && html`<details><summary>${plural(rest.length, 'more row')}</summary>${rest.slice(0, 200).map(example)}</details>`}</section>`;
}

function chosenExamples(rows: readonly AnsweredRow[]): [AnsweredRow[], AnsweredRow[]] {
  const better = rows
    .filter((row) => gainOf(row) > 0)
    .toSorted((a, b) => gainOf(b) - gainOf(a))
    .slice(0, 4);
  const wrong = rows
    .filter((row) => !better.includes(row) && (row.scores.after ?? 0) < 1)
    .toSorted((a, b) => (a.scores.after ?? 0) - (b.scores.after ?? 0))
    .slice(0, 4);
  const shown = [...better, ...wrong];
  const filled = shown.length > 0 ? shown : rows.slice(0, 4);
  return [filled, rows.filter((row) => !filled.includes(row))];
}

/** What an answer is that is neither right nor wrong. */
const PARTLY: Readonly<Record<AnswerFigures['score'], (share: string) => string>> = {
  right: (share) => say`${share} right`,
  fields: (share) => say`${share} of fields right`,
  chrf: (share) => say`${share} similar`,
  sari: (share) => say`changes ${share} like yours`,
};

function exampleOf({ prompt, wanted, answers, scores }: AnsweredRow, by: AnswerFigures['score']): Html {
  const mark = (score: number | undefined) => {
    if (score === undefined) return null;
    if (score === 1) return html` <small class="good">✓ ${say`right`}</small>`;
    return score === 0
      ? html` <small class="bad">✗ ${say`wrong`}</small>`
      : html` <small>${PARTLY[by](percent(score))}</small>`;
  };
  const given = (['before', 'system', 'examples', 'prompt', 'after'] as const).filter(
    (variant) => answers[variant] !== undefined,
  );
  return html`<div class="case"><p class="said">${clipped(prompt)}</p><dl><dt>${say`Wanted`}</dt><dd class="said">${clipped(wanted)}</dd>${given.map(
    (variant) =>
      html`<dt>${said(SHORT_NAMES[variant])}${mark(scores[variant])}</dt><dd class="said">${clipped(answers[variant]!) || html`<span class="soft">${say`(no answer)`}</span>`}</dd>`,
  )}</dl></div>`;
}

export const SHORT_NAMES = {
  before: 'Before',
  system: 'With instructions',
  examples: 'With examples',
  prompt: 'With the best prompt',
  after: 'After',
} as const;

function barOf(one: VariantScores, key: MeasureId): Bar[] {
  const estimate = one[key];
  if (!estimate) return [];
  const kind = one.variant === 'before' || one.variant === 'after' ? one.variant : 'other';
  return [{ name: said(VARIANT_NAMES[one.variant]), estimate, kind }];
}

/** What the base model got to help it: a good prompt may do as well as a training. */
function helpWords({ examples, prompt, variants }: AnswerFigures): string {
  const has = (name: string) => variants.some(({ variant }) => variant === name);
  return [
    ...(has('system') ? [say`One base model also got instructions.`] : []),
    ...(has('examples') ? [say`One also got ${plural(examples, 'example')} in its prompt.`] : []),
    ...(has('prompt') && prompt
      ? [say`One got the best of ${plural(Math.max(1, prompt.tried), 'prompt')}.`]
      : []),
  ].join(marks().gap);
}

function gainTable({ variants, score }: AnswerFigures): Html {
  const others = variants.filter(({ variant }) => variant !== 'after');
  const word = score === 'chrf' ? say`Similarity, points` : say`Right, points`;
  const points = (share: number) => minus(`${share > 0 ? '+' : ''}${Math.round(100 * share)}`);
  const lengths = variants.some(({ lengthRatio }) => lengthRatio !== undefined);
  return html`<div class="wide"><table><thead><tr><th>${say`Trained model against`}</th><th class="n">${word}</th><th class="n">${say`95% interval`}</th><th class="n">${say`Rows`}</th></tr></thead><tbody>
${others.map(({ variant, gain, rows }) => html`<tr><td>${said(VARIANT_NAMES[variant])}</td><td class="n">${points(gain.value)}</td><td class="n">${say`${points(gain.low)} to ${points(gain.high)}`}</td><td class="n">${rows}</td></tr>`)}</tbody></table></div>
${lengths && html`<p class="soft">${say`Length compared with your answers`}${marks().colon}${variants.map(({ variant, lengthRatio }) => `${said(VARIANT_NAMES[variant])} ${number(lengthRatio ?? 0)}`).join(marks().comma)}</p>`}`;
}

function fieldTable(variants: readonly VariantScores[]): Html | null {
  const names = Object.keys(variants.find(({ variant }) => variant === 'after')?.fields ?? {});
  if (names.length === 0) return null;
  return html`<h3>${say`Field by field`}</h3><div class="wide"><table class="fields"><thead><tr><th>${say`Field`}</th>${variants.map(({ variant }) => html`<th class="n">${said(SHORT_NAMES[variant])}</th>`)}</tr></thead><tbody>
${names.map((name) => html`<tr><td><code>${name}</code></td>${variants.map(({ fields }) => html`<td class="n">${fields?.[name] ? percentRange(fields[name]) : '–'}</td>`)}</tr>`)}</tbody></table></div>`;
}

function confusionTables(confusion: NonNullable<AnswerFigures['confusion']>, field: string | null): Html {
  return html`<h3>${say`Mix-ups`}${field === null ? '' : ` (${field})`}</h3><p class="soft">${say`Each line is a wanted category, each column one that the trained model gave.`}</p>${confusionTable(confusion.after)}
<details><summary>${say`The same for the base model`}</summary>${confusionTable(confusion.before)}</details>`;
}

function confusionTable({ labels, counts }: Confusion): Html {
  const total = (column: number) => counts.reduce((sum, row) => sum + row[column]!, 0);
  const wantedRows = [...labels.keys()].filter((row) => counts[row]!.some((count) => count > 0));
  const used = [...labels.keys(), labels.length].filter(
    (column) => total(column) > 0 || wantedRows.includes(column),
  );
  const most = Math.max(1, ...counts.flat());
  const shade = (count: number, hit: boolean) =>
    count === 0
      ? ''
      : `background:color-mix(in srgb, var(--${hit ? 'after' : 'bad'}) ${Math.round(10 + (35 * count) / most)}%, transparent)`;
  return html`<div class="wide"><table class="confusion"><thead><tr><th>${say`Wanted`}</th>${used.map((column) => html`<th class="n">${labels[column] ?? say`none of them`}</th>`)}</tr></thead><tbody>
${wantedRows.map(
  (row) =>
    html`<tr><th>${labels[row]}</th>${used.map((column) => html`<td class="${row === column ? 'hit' : ''}" style="${shade(counts[row]![column]!, row === column)}">${counts[row]![column]! || html`<span class="soft">·</span>`}</td>`)}</tr>`,
)}</tbody></table></div>`;
}

function systemPrompt({ systemPrompt: text, variants }: AnswerFigures): Html | null {
  if (!variants.some(({ variant }) => variant === 'system')) return null;
  return html`<details><summary>${say`Instructions for the base model`}</summary><pre>${text}</pre></details>`;
}

function bestPrompt({ prompt }: AnswerFigures): Html | null {
  if (!prompt) return null;
  return html`<details><summary>${say`Best prompt for the base model`}</summary><pre>${prompt.text}</pre></details>`;
}

/** What was noted of a step or of an evaluation. */
export type Metric = StepEvent | EvalEvent;

/** Loss before and after, and its course during training. */
export function lossSection({ loss }: AssessResult, metrics: readonly Metric[]): Html | null {
  const training = metrics.flatMap((one) => (one.event === 'step' ? [{ x: one.step, y: one.loss }] : []));
  const heldOut = metrics.flatMap((one) => (one.event === 'eval' ? [{ x: one.step, y: one.loss }] : []));
  const plot = curves({ training, heldOut, xLabel: say`Step`, yLabel: say`Loss` });
  if (!loss && !plot) return null;
  return html`<section><h2>${say`Loss`}</h2>
<p>${say`How much your answers surprise the model. Lower is better.`}</p>
${loss && lossTable(loss, 'test row')}${plot}</section>`;
}

export function memorisationSection({ memorisation }: AssessResult): Html | null {
  if (!memorisation) return null;
  const { trainingLoss, heldOutLoss, overlap, memorised, note } = memorisation;
  const word = {
    true: say`Yes, it memorised rows.`,
    false: say`No sign of it.`,
    null: say`Short answers can't show it.`,
  }[String(memorised) as 'true' | 'false' | 'null'];
  const rows: [string, Html, Html][] = [
    [say`Loss of the trained model`, numberRange(trainingLoss), numberRange(heldOutLoss)],
  ];
  if (overlap) {
    rows.push([
      say`Answers exactly as wanted`,
      percentRange(overlap.exactTraining),
      percentRange(overlap.exactHeldOut),
    ]);
    rows.push([
      say`Longest shared run of words`,
      percentRange(overlap.runTraining),
      percentRange(overlap.runHeldOut),
    ]);
  }
  return html`<section><h2>${say`Memorised rows`}</h2><p><strong>${word}</strong> ${note}</p>
<div class="wide"><table><thead><tr><th></th><th class="n">${say`Training rows`}</th><th class="n">${say`Test rows`}</th></tr></thead><tbody>
${rows.map(([name, training, held]) => html`<tr><td>${name}</td><td class="n">${training}</td><td class="n">${held}</td></tr>`)}</tbody></table></div></section>`;
}

/** General questions and texts before and after, by topic, and the items that broke. */
export function forgettingSection({ forgetting }: AssessResult): Html | null {
  if (!forgetting || !(forgetting.quiz || forgetting.passages || forgetting.abilities)) return null;
  const lead =
    forgetting.source === 'model'
      ? say`Both models answered the model's own general questions, unrelated to your rows.`
      : say`Both models answered general questions, unrelated to your rows.`;
  return html`<section><h2>${say`What it forgot`}</h2><p>${lead}</p>
${forgetting.quiz && quizPart(forgetting.quiz)}
${forgetting.abilities && abilitiesPart(forgetting.abilities)}
${forgetting.passages && passagesPart(forgetting.passages, forgetting.passageTopics)}
${forgetting.quiz && brokenPart(forgetting.quiz.broke)}</section>`;
}

function lossTable(figures: LossFigures, one: 'test row' | 'general text'): Html {
  return html`<div class="wide"><table><thead><tr><th>${plural(figures.rows, one)}, ${plural(figures.labelledTokens, 'token')}</th><th class="n">${say`Before`}</th><th class="n">${say`After`}</th><th class="n">${say`Change`}</th></tr></thead><tbody>
<tr><td>${say`Loss`}</td><td class="n">${numberRange(figures.before)}</td><td class="n">${numberRange(figures.after)}</td><td class="n">${numberRange(figures.change)}</td></tr>
<tr><td>${say`Perplexity`}</td><td class="n">${numberRange(figures.perplexityBefore)}</td><td class="n">${numberRange(figures.perplexityAfter)}</td><td class="n">× ${number(Math.exp(figures.change.value))}</td></tr></tbody></table></div>`;
}

function quizPart({ total, topics, change, mended, broke }: NonNullable<ForgettingFigures['quiz']>): Html {
  const points = (share: number) => minus(String(Math.round(100 * share)));
  return html`<h3>${say`Quiz of ${plural(total.items, 'question')}`}</h3>
${bars([
  { name: said(VARIANT_NAMES.before), estimate: total.before, kind: 'before' },
  { name: said(VARIANT_NAMES.after), estimate: total.after, kind: 'after' },
])}
<p>${say`Change: ${points(change.value)} points (${points(change.low)} to ${points(change.high)}).`}${marks().gap}${say`${plural(broke.length, 'answer')} got worse, ${mended} got better.`}</p>
${topics.length > 1 && html`<h3>${say`By topic`} <small><span class="swatch before"></span> ${say`Before`} <span class="swatch after"></span> ${say`After`}</small></h3><div class="bars">${topics.map(({ topic, items, before, after }) => pairBars(topicName(topic), `(${items})`, before.value, after.value))}</div><p class="soft"><small>${say`A topic has few questions: a difference of one or two may be luck.`}</small></p>`}`;
}

/** Each ability before and after, with intervals; and what the base model never could. */
function abilitiesPart(abilities: AbilityFigures): Html {
  const lacking = lackingText(abilities);
  return html`<h3>${say`By ability`}</h3>
${abilities.measured.map(
  ({ name, items, before, after, change }) =>
    html`<h4>${abilityName(name)} <small>${plural(items, 'question')}</small></h4>${bars([
      { name: said(VARIANT_NAMES.before), estimate: before, kind: 'before' },
      { name: said(VARIANT_NAMES.after), estimate: after, kind: 'after' },
    ])}<p class="soft"><small>${changeText(change)}</small></p>`,
)}
${lacking && html`<p class="soft">${lacking}</p>`}`;
}

function passagesPart(figures: LossFigures, topics: ForgettingFigures['passageTopics']): Html {
  return html`<h3>${say`General texts`}</h3>${lossTable(figures, 'general text')}
${topics.length > 1 && html`<details><summary>${say`Perplexity by topic`}</summary><div class="wide"><table><thead><tr><th>${say`Topic`}</th><th class="n">${say`Before`}</th><th class="n">${say`After`}</th></tr></thead><tbody>${topics.map(({ topic, before, after }) => html`<tr><td>${topicName(topic)}</td><td class="n">${number(Math.exp(before))}</td><td class="n">${number(Math.exp(after))}</td></tr>`)}</tbody></table></div></details>`}`;
}

function brokenPart(broke: readonly BrokenItem[]): Html | null {
  if (broke.length === 0) return null;
  const one = ({ topic, question, accepted, before, after }: BrokenItem) =>
    html`<div class="case"><p class="said">${clipped(question)} <small>${topicName(topic)}</small></p><dl>${accepted.length > 0 && html`<dt>${say`Right answer`}</dt><dd class="said">${clipped(accepted.slice(0, 4).join(' / '))}</dd>`}<dt>${say`Before`} <small class="good">✓ ${say`right`}</small></dt><dd class="said">${clipped(before)}</dd><dt>${say`After`} <small class="bad">✗ ${say`wrong`}</small></dt><dd class="said">${clipped(after) || say`(no answer)`}</dd></dl></div>`;
  return html`<h3>${say`Right before, wrong now`}</h3>${broke.slice(0, 5).map(one)}${broke.length > 5 && html`<details><summary>${plural(broke.length - 5, 'more question')}</summary>${broke.slice(5).map(one)}</details>`}`;
}
