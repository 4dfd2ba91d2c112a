/**
 * The report of a run as one HTML file: it can be sent to somebody, opened in ten years, and read without Fettle. It loads
 * nothing, runs no script, and begins with the verdict.
 */
import path from 'node:path';
import type { AssessResult, Forgot, Learned } from '../../../../../common/protocol/protocol.ts';
import type { Metric } from '../../../train/metrics.ts';
import { answersSection, examplesSection } from './answers-section.ts';
import { forgettingSection, lossSection, memorisationSection } from './evidence-sections.ts';
import { Html, html } from './html.ts';
import { STYLES } from './styles.ts';
import { duration } from './words.ts';

const TRAINED: Readonly<Record<AssessResult['method'], string>> = {
  lora: 'trained with an adapter (LoRA)',
  qlora: 'trained with an adapter beside rounded weights (QLoRA)',
  full: 'all weights trained',
};

/** The whole page. */
export function reportHtml(result: AssessResult, metrics: readonly Metric[]): string {
  const name = path.basename(result.run);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${name}: did it learn, did it forget?</title><style>${new Html(STYLES)}</style></head>
<body><main><header><h1>${name}</h1><p>${path.basename(result.model)}, ${TRAINED[result.method]}, assessed on ${result.created.slice(0, 10)}</p></header>
${verdictSection(result)}
${answersSection(result)}
${examplesSection(result)}
${lossSection(result, metrics)}
${memorisationSection(result)}
${forgettingSection(result)}
${remediesSection(result)}
${methodSection(result)}
</main></body></html>
`;
  return page.text;
}

const LEARNED: Readonly<Record<Learned, readonly [mark: string, word: string, style: string]>> = {
  yes: ['✓', 'It learned', 'good'],
  partly: ['~', 'It learned in part', 'fair'],
  no: ['✗', "It didn't learn this", 'bad'],
  unknown: ['?', 'Cannot tell whether it learned', 'open'],
};

const FORGOT: Readonly<Record<Forgot, readonly [mark: string, word: string, style: string]>> = {
  nothing: ['✓', 'It forgot nothing measurable', 'good'],
  little: ['~', 'It forgot a little', 'fair'],
  much: ['✗', 'It forgot much', 'bad'],
  unknown: ['?', 'Cannot tell what it forgot', 'open'],
};

function verdictSection({ verdict, notes }: AssessResult): Html {
  const badges = [LEARNED[verdict.learned], FORGOT[verdict.forgot]];
  return html`<section class="verdict"><div class="badges">${badges.map(([mark, word, style]) => html`<span class="badge ${style}">${mark} ${word}</span>`)}</div>
<p class="sentence">${verdict.sentence.replaceAll(' -> ', ' → ')}</p>
${verdict.remarks.length > 0 && html`<ul class="remarks">${verdict.remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}
${notes.map((note) => html`<p class="soft">${note}</p>`)}</section>`;
}

function remediesSection({ remedies }: AssessResult): Html | null {
  if (remedies.length === 0) return null;
  return html`<section><h2>What to try</h2><p>The first is the likeliest to help. Each is a new run that changes one thing.</p>
${remedies.map(({ name, why, file }) => html`<h3>${name}</h3><p>${why}</p>${file !== null && html`<pre>fettle train --config ${file}</pre>`}`)}</section>`;
}

function methodSection(result: AssessResult): Html {
  const facts: [string, string][] = [
    ['Task', `${result.task.kind}: ${result.task.reason}`],
    [
      'Time',
      `assessed in ${duration(result.seconds)}${result.trainingSeconds === null ? '' : `, trained in ${duration(result.trainingSeconds)}`}`,
    ],
    ['Run', result.run],
    ['Model', result.model],
    ['Key of the model', result.modelKey],
    ['Hash of the rows', result.dataHash],
    [
      'Versions',
      Object.entries(result.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  const table = (rows: readonly [string, string][]) =>
    html`<div class="wide"><table class="facts"><tbody>${rows.map(([name, value]) => html`<tr><td>${name}</td><td><code>${value}</code></td></tr>`)}</tbody></table></div>`;
  return html`<section><h2>How this was made</h2>
<p>Answers are greedy: the likeliest token each time. Rates have Wilson intervals, losses and likeness bootstrap intervals over rows, differences are paired by row. The rules of the verdict are in docs/verdict.md of Fettle.</p>
${table(facts)}<details><summary>Settings of the training</summary>${table(flat(result.settings))}</details></section>`;
}

/** Settings by their path, such as `lora.rank`. */
function flat(settings: Readonly<Record<string, unknown>>, prefix = ''): [string, string][] {
  return Object.entries(settings).flatMap(([key, value]): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flat(value as Readonly<Record<string, unknown>>, `${prefix}${key}.`)
      : [[`${prefix}${key}`, typeof value === 'string' ? value : JSON.stringify(value)]],
  );
}
