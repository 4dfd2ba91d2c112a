/** The report's sections on loss, memorisation and forgetting. */
import type {
  AssessResult,
  BrokenItem,
  ForgettingFigures,
  LossFigures,
} from '../../../../../common/protocol/protocol.ts';
import type { Metric } from '../../../train/metrics.ts';
import { type Html, html } from './html.ts';
import { bars, curves, pairBars } from './plots.ts';
import { clipped, counted, minus, number, numberRange, percentRange } from './words.ts';

/** Loss before and after, and its course during training. */
export function lossSection({ loss }: AssessResult, metrics: readonly Metric[]): Html | null {
  const training = metrics.flatMap((one) => (one.event === 'step' ? [{ x: one.step, y: one.loss }] : []));
  const heldOut = metrics.flatMap((one) => (one.event === 'eval' ? [{ x: one.step, y: one.loss }] : []));
  const plot = curves({ training, heldOut, xLabel: 'steps', yLabel: 'loss' });
  if (!loss && !plot) return null;
  return html`<section><h2>Loss</h2>
<p>How surprised the model is by the wanted answers, in nats a token; perplexity is the same as a number of choices. Lower is better.</p>
${loss && lossTable(loss, 'row')}${plot}</section>`;
}

/** Whether it recites what it was trained on. */
export function memorisationSection({ memorisation }: AssessResult): Html | null {
  if (!memorisation) return null;
  const { trainingLoss, heldOutLoss, overlap, memorised, note } = memorisation;
  const word = {
    true: 'Yes, more than it should.',
    false: 'No sign of it.',
    null: 'Cannot be told for this kind of answers.',
  }[String(memorised) as 'true' | 'false' | 'null'];
  const rows: [string, Html, Html][] = [
    ['Loss of the trained model', numberRange(trainingLoss), numberRange(heldOutLoss)],
  ];
  if (overlap) {
    rows.push([
      'Answers exactly as wanted',
      percentRange(overlap.exactTraining),
      percentRange(overlap.exactHeldOut),
    ]);
    rows.push([
      'Longest run of words in common',
      percentRange(overlap.runTraining),
      percentRange(overlap.runHeldOut),
    ]);
  }
  return html`<section><h2>Does it know rows by heart?</h2><p><strong>${word}</strong> ${note}</p>
<div class="wide"><table><thead><tr><th></th><th class="n">rows it was trained on</th><th class="n">held-out rows</th></tr></thead><tbody>
${rows.map(([name, training, held]) => html`<tr><td>${name}</td><td class="n">${training}</td><td class="n">${held}</td></tr>`)}</tbody></table></div></section>`;
}

/** General questions and texts before and after, by topic, and the items that broke. */
export function forgettingSection({ forgetting }: AssessResult): Html | null {
  if (!forgetting || (!forgetting.quiz && !forgetting.passages)) return null;
  const source =
    forgetting.source === 'model'
      ? "the model's own questions and texts"
      : 'general questions and texts that come with Fettle';
  return html`<section><h2>What it forgot</h2><p>Both models were given ${source}, which have nothing to do with the training rows.</p>
${forgetting.quiz && quizPart(forgetting.quiz)}
${forgetting.passages && passagesPart(forgetting.passages, forgetting.passageTopics)}
${forgetting.quiz && brokenPart(forgetting.quiz.broke)}</section>`;
}

function lossTable(figures: LossFigures, noun: 'row' | 'text'): Html {
  return html`<div class="wide"><table><thead><tr><th>${counted(figures.rows, noun)}, ${counted(figures.labelledTokens, 'token')}</th><th class="n">before</th><th class="n">after</th><th class="n">change</th></tr></thead><tbody>
<tr><td>Loss</td><td class="n">${numberRange(figures.before)}</td><td class="n">${numberRange(figures.after)}</td><td class="n">${numberRange(figures.change)}</td></tr>
<tr><td>Perplexity</td><td class="n">${numberRange(figures.perplexityBefore)}</td><td class="n">${numberRange(figures.perplexityAfter)}</td><td class="n">× ${number(Math.exp(figures.change.value))}</td></tr></tbody></table></div>`;
}

function quizPart({ total, topics, change, mended, broke }: NonNullable<ForgettingFigures['quiz']>): Html {
  const points = (share: number) => minus(String(Math.round(100 * share)));
  return html`<h3>Quiz of ${counted(total.items, 'question')}</h3>
${bars([
  { name: 'Untouched model', estimate: total.before, kind: 'before' },
  { name: 'Trained model', estimate: total.after, kind: 'after' },
])}
<p>Change: ${points(change.value)} points (${points(change.low)} to ${points(change.high)}). ${counted(broke.length, 'item')} broke, ${counted(mended, 'item')} got right that had been wrong.</p>
${topics.length > 1 && html`<h3>By topic <small><span class="swatch before"></span> before <span class="swatch after"></span> after</small></h3><div class="bars">${topics.map(({ topic, items, before, after }) => pairBars(topic, `(${items})`, before.value, after.value))}</div><p class="soft"><small>A topic has few questions: a difference of one or two may be luck.</small></p>`}`;
}

function passagesPart(figures: LossFigures, topics: ForgettingFigures['passageTopics']): Html {
  return html`<h3>General texts</h3>${lossTable(figures, 'text')}
${topics.length > 1 && html`<details><summary>Perplexity by topic</summary><div class="wide"><table><thead><tr><th>Topic</th><th class="n">before</th><th class="n">after</th></tr></thead><tbody>${topics.map(({ topic, before, after }) => html`<tr><td>${topic}</td><td class="n">${number(Math.exp(before))}</td><td class="n">${number(Math.exp(after))}</td></tr>`)}</tbody></table></div></details>`}`;
}

function brokenPart(broke: readonly BrokenItem[]): Html | null {
  if (broke.length === 0) return null;
  const one = ({ topic, question, accepted, before, after }: BrokenItem) =>
    html`<div class="case"><p class="said">${clipped(question)} <small>${topic}</small></p><dl>${accepted.length > 0 && html`<dt>Right would be</dt><dd class="said">${clipped(accepted.slice(0, 4).join(' / '))}</dd>`}<dt>Before <small class="good">✓ right</small></dt><dd class="said">${clipped(before)}</dd><dt>After <small class="bad">✗ wrong</small></dt><dd class="said">${clipped(after) || '(nothing)'}</dd></dl></div>`;
  return html`<h3>Right before, wrong now</h3>${broke.slice(0, 5).map(one)}${broke.length > 5 && html`<details><summary>${counted(broke.length - 5, 'more item')}</summary>${broke.slice(5).map(one)}</details>`}`;
}
