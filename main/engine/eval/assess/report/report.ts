/** The report of a run as one HTML file that needs no Fettle, loads nothing and runs no script. */

import path from 'node:path';
import type { AssessResult, Forgot, Learned, Remedy } from '../../../../../common/protocol/protocol.ts';
import { capitalised, flattened } from '../../../../../common/values.ts';
import { date, dateTime, duration } from '../../../../../common/words/format.ts';
import { language, said, say } from '../../../../../common/words/language.ts';
import { marks } from '../../../../../common/words/marks.ts';
import { REMEDIES, remedyFacts } from '../../../../../common/words/run.ts';
import { Html, html } from './html.ts';
import {
  answersSection,
  closedSection,
  examplesSection,
  forgettingSection,
  lossSection,
  type Metric,
  memorisationSection,
  preferenceSection,
  rivalsSection,
} from './sections.ts';

export const TRAINED: Readonly<Record<AssessResult['method'], string>> = {
  lora: 'adapter (LoRA)',
  qlora: 'adapter on a quantised model (QLoRA)',
  full: 'full fine-tuning',
};

/** The name of a run as its folder tells it: what tells folders apart is no part of it. */
function titleOf(folder: string): string {
  const words = path
    .basename(folder)
    .replace(/-[0-9a-f]{6}$/, '')
    .replaceAll('-', ' ');
  return capitalised(words);
}

export function reportHtml(result: AssessResult, metrics: readonly Metric[]): string {
  const title = titleOf(result.run);
  const page = html`<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${title}</title><style>${new Html(STYLES)}</style></head>
<body><main><header><h1>${title}</h1><p>${path.basename(result.model)}, ${said(TRAINED[result.method])}, ${date(result.created)}</p></header>
${verdictSection(result)}
${preferenceSection(result)}
${closedSection(result)}
${rivalsSection(result)}
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

export const LEARNED: Readonly<Record<Learned, readonly [mark: string, word: string, style: string]>> = {
  yes: ['✓', 'It learned', 'good'],
  partly: ['~', 'It learned in part', 'fair'],
  no: ['✗', "It didn't learn this", 'bad'],
  unknown: ['?', 'Learning not measured', 'open'],
};

export const FORGOT: Readonly<Record<Forgot, readonly [mark: string, word: string, style: string]>> = {
  nothing: ['✓', 'It forgot nothing measurable', 'good'],
  little: ['~', 'It forgot a little', 'fair'],
  much: ['✗', 'It forgot much', 'bad'],
  unknown: ['?', 'Forgetting not measured', 'open'],
};

function verdictSection({ verdict, notes }: AssessResult): Html {
  const badges = [LEARNED[verdict.learned], FORGOT[verdict.forgot]];
  return html`<section class="verdict"><div class="badges">${badges.map(([mark, word, style]) => html`<span class="badge ${style}">${mark} ${said(word)}</span>`)}</div>
<p class="sentence">${verdict.sentence.replaceAll(' -> ', ' → ')}</p>
${verdict.remarks.length > 0 && html`<ul class="remarks">${verdict.remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}
${notes.map((note) => html`<p class="soft">${note}</p>`)}</section>`;
}

function remediesSection({ remedies }: AssessResult): Html | null {
  if (remedies.length === 0) return null;
  return html`<section><h2>${say`What would help most`}</h2>
${remedies.map((remedy) => html`<h3>${said(REMEDIES[remedy.name] ?? remedy.name)}</h3><p>${remedy.why}</p><p class="soft">${remedyFacts(remedy)}</p>${mixedRows(remedy)}`)}</section>`;
}

/** The rows of a remedy, each with its category and the one that it was taken for. */
function mixedRows({ rows = [] }: Remedy): Html | '' {
  if (rows.length === 0) return '';
  const head = html`<tr><th>${say`Row`}</th><th>${say`Category`}</th><th>${say`Taken for`}</th></tr>`;
  return html`<div class="wide"><table><thead>${head}</thead><tbody>${rows.map(({ text, answer, given }) => html`<tr><td>${text}</td><td>${answer}</td><td>${given}</td></tr>`)}</tbody></table></div>`;
}

function methodSection(result: AssessResult): Html {
  const trained = result.trainingSeconds === null ? '' : duration(result.trainingSeconds);
  const facts: [string, string][] = [
    [say`Kind of answers`, `${result.task.kind}: ${result.task.reason}`],
    [say`Compared`, `${dateTime(result.created)}, ${duration(result.seconds)}`],
    ...(trained === '' ? [] : [[say`Training took`, trained] as [string, string]]),
    [say`Run`, result.run],
    [say`Model`, result.model],
    [say`Model (checksum)`, result.modelKey],
    [say`Rows (checksum)`, result.dataHash],
    [
      say`Versions`,
      Object.entries(result.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(marks().comma),
    ],
  ];
  const settings = Object.entries(flattened(result.settings)).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const table = (rows: readonly [string, string][]) =>
    html`<div class="wide"><table class="facts"><tbody>${rows.map(([name, value]) => html`<tr><td>${name}</td><td><code>${value}</code></td></tr>`)}</tbody></table></div>`;
  return html`<section><h2>${say`Details`}</h2>
<p>${say`Each model gave its most likely answer. Ranges are 95% intervals: Wilson for rates, bootstrap over rows for losses and similarity; differences are paired by row.`}</p>
${table(facts)}<details><summary>${say`Settings of the training`}</summary>${table(settings)}</details></section>`;
}

/** The report's style sheet: light and dark from one set of colours, from a phone to a wide screen. */
const STYLES = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --text: #1b1f27; --soft: #5a6372; --line: #dde1e8;
  --before: #8b93a3; --other: #b58a3a; --after: #2462c9; --good: #1a7f4b; --fair: #8a6100; --bad: #b3261e; --code: #f0f2f5; }
@media (prefers-color-scheme: dark) { :root { --page: #14171c; --card: #1c2027; --text: #e7eaef; --soft: #9aa4b4; --line: #323943;
  --before: #7d8798; --other: #c99d4d; --after: #6ea3ff; --good: #5cc98e; --fair: #e0b24c; --bad: #ff8a80; --code: #262c35; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header p, .soft, small { color: var(--soft); }
small { font-size: .85em; }
h1 { font-size: 1.1rem; font-weight: 600; margin: 0; color: var(--soft); overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; font-weight: 600; margin: 0 0 .75rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 72ch; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1.25rem; margin: 1rem 0; }
.verdict p.sentence { font-size: 1.25rem; line-height: 1.4; font-weight: 600; margin: .75rem 0; max-width: none; }
.badges { display: flex; flex-wrap: wrap; gap: .5rem; }
.badge { border: 1px solid currentColor; border-radius: 999px; padding: .15rem .75rem; font-weight: 600; }
.good { color: var(--good); } .fair { color: var(--fair); } .bad { color: var(--bad); } .open { color: var(--soft); }
ul.remarks { padding-left: 1.2rem; margin: .5rem 0 0; }
.bars { display: grid; gap: .4rem; margin: .5rem 0 1rem; }
.bar { display: grid; grid-template-columns: 15rem 1fr 7.5rem; gap: .75rem; align-items: center; }
.bar .figure { text-align: right; white-space: nowrap; }
.track { width: 100%; height: 18px; display: block; overflow: visible; }
.track.pair { height: 16px; }
.back { fill: var(--code); }
.before .fill, .fill.before, .swatch.before { fill: var(--before); background: var(--before); }
.other .fill, .swatch.other { fill: var(--other); background: var(--other); }
.after .fill, .fill.after, .swatch.after { fill: var(--after); background: var(--after); }
.whisker { stroke: var(--text); stroke-width: 1.5; }
.swatch, .key::before { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; vertical-align: -.1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
td.n, th.n { text-align: right; white-space: nowrap; }
table.confusion { width: auto; } table.confusion th { white-space: nowrap; } table.confusion td { text-align: right; min-width: 2.6rem; }
table.confusion td.hit { font-weight: 600; }
.plot { margin: 1rem 0; }
.plot figcaption { font-size: .9rem; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-bottom: .5rem; }
.plot .axis { color: var(--soft); }
.key::before { content: ""; margin-right: .35rem; height: .2rem; width: 1.2rem; vertical-align: .2rem; }
.key.training::before { background: var(--before); } .key.held-out::before { background: var(--after); }
.area { display: grid; grid-template: 15rem / 3rem 1fr; }
.area svg { width: 100%; height: 100%; overflow: visible; }
.y { position: relative; } .y span { position: absolute; right: .5rem; transform: translateY(-50%); font-size: .8rem; color: var(--soft); }
.x { display: flex; justify-content: space-between; margin-left: 3rem; font-size: .8rem; color: var(--soft); padding-top: .25rem; }
.plot line, .plot polyline, .plot path { vector-effect: non-scaling-stroke; fill: none; }
.grid { stroke: var(--line); stroke-width: 1; }
polyline.training { stroke: var(--before); stroke-width: 1.2; opacity: .7; }
polyline.held-out { stroke: var(--after); stroke-width: 2; }
.dot { stroke: var(--after); stroke-width: 7; stroke-linecap: round; }
.said { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .95rem; }
.case { border-top: 1px solid var(--line); padding: .9rem 0; }
.case:first-of-type { border-top: 0; padding-top: .25rem; }
.case dl { display: grid; grid-template-columns: 11rem 1fr; gap: .25rem .75rem; margin: .5rem 0 0; }
.case dt { color: var(--soft); } .case dd { margin: 0; min-width: 0; }
details { margin-top: .75rem; } summary { cursor: pointer; color: var(--soft); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875rem; }
pre { background: var(--code); border-radius: 6px; padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
table.facts code { overflow-wrap: anywhere; } table.fields .range { display: block; }
@media (max-width: 40rem) {
  th.n { white-space: normal; } .range { display: block; } td, th { padding: .35rem .25rem; } table { font-size: .85rem; } td:first-child, th:first-child { padding-left: 0; }
  main { padding: .75rem .6rem 3rem; } section { padding: 1rem .85rem; }
  .bar { grid-template-columns: 1fr auto; gap: .15rem .75rem; margin-bottom: .35rem; } .bar .track { grid-column: 1 / 3; grid-row: 2; }
  .case dl { grid-template-columns: 1fr; gap: .1rem; } .case dd { margin-bottom: .4rem; }
  .verdict p.sentence { font-size: 1.1rem; } .area { grid-template-rows: 11rem; }
}
@page { size: A4; margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --text: #1b1f27; --soft: #4a5260; --line: #cfd4dc;
    --before: #8b93a3; --other: #b58a3a; --after: #2462c9; --good: #1a7f4b; --fair: #8a6100; --bad: #b3261e; --code: #f0f2f5; }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .9rem 0 0; }
  h2, h3, .case > .said { break-after: avoid; } .bar, .case, .plot, tr, .verdict { break-inside: avoid; } thead { display: table-header-group; }
  .wide { overflow: visible; } details { display: none; }
}
`;
