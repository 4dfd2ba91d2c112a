/** Small pictures for docs/performance.md and docs/tasks.md, readable on light and on dark pages. */
import fs from 'node:fs';
import path from 'node:path';
import { type Measured, valuesOf } from './figures.ts';
import { median } from './rounds.ts';

const PLOTS: Readonly<Record<string, string>> = {
  'growth-tokens': 'tokens of a step',
  'growth-length': 'tokens of a row',
  'growth-layers': 'layers',
};
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [320, 200, 40, 36, 12, 16];

type Results = Readonly<Record<string, { readonly measured: readonly Measured[] }>>;

/** Writes a picture of each case of growth in `results` into `folder`. */
export function writePlots(folder: string, results: Results): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, label] of Object.entries(PLOTS)) {
    const points = (results[name]?.measured ?? []).flatMap((one): Point[] => {
      const seconds = valuesOf(one, 'stepSeconds');
      return seconds.length > 0 ? [[Number(one.name), median(seconds)]] : [];
    });
    if (points.length > 1) fs.writeFileSync(path.join(folder, `${name}.svg`), plot(points, label));
  }
}

const STYLE = `<style>
text{font:11px sans-serif;fill:#57606a}.axis{stroke:#8c959f}.line{stroke:#3d4fc4;fill:none;stroke-width:2}.dot{fill:#3d4fc4}.straight{stroke:#8c959f;stroke-dasharray:3 3}
@media(prefers-color-scheme:dark){text{fill:#9da7b3}.line{stroke:#8f9dff}.dot{fill:#8f9dff}}
</style>`;

type Point = readonly [size: number, seconds: number];

function plot(points: readonly Point[], label: string): string {
  const most = Math.max(...points.map(([size]) => size));
  const slowest = Math.max(...points.map(([, seconds]) => seconds));
  const x = (size: number) => LEFT + ((WIDTH - LEFT - RIGHT) * size) / most;
  const y = (seconds: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * seconds) / (1.1 * slowest);
  const at = (value: number) => value.toFixed(1);
  const path = points.map(([size, seconds], i) => `${i ? 'L' : 'M'}${at(x(size))} ${at(y(seconds))}`);
  const [first, last] = [points[0]!, points.at(-1)!];
  const slope = (last[1] - first[1]) / (last[0] - first[0]);
  const lineAt = (size: number) => first[1] + slope * (size - first[0]);
  const ticks = [0, slowest / 2, slowest];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Seconds of a step by ${label}">
${STYLE}
<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none"/>
<path class="straight" d="M${at(x(0))} ${at(y(Math.max(0, lineAt(0))))}L${at(x(most))} ${at(y(lineAt(most)))}"/>
<path class="line" d="${path.join('')}"/>
${points.map(([size, seconds]) => `<circle class="dot" cx="${at(x(size))}" cy="${at(y(seconds))}" r="3"/>`).join('')}
${points.map(([size]) => `<text x="${at(x(size))}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle">${size.toLocaleString('en')}</text>`).join('')}
${ticks.map((seconds) => `<text x="${LEFT - 5}" y="${at(y(seconds) + 4)}" text-anchor="end">${seconds.toFixed(1)} s</text>`).join('')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${label}</text>
</svg>
`;
}

/** A score with its interval, and the time that it took. */
export interface Scored {
  readonly label: string;
  readonly seconds: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const [WIDE, HIGH, SCORE_LEFT, LABELS_RIGHT] = [440, 240, 44, 130];

/** Scores in percent against seconds, each ten times as long as far from the one before. */
export function scatter(about: string, score: string, points: readonly Scored[]): string {
  const decades = points.map(({ seconds }) => Math.log10(Math.max(1, seconds)));
  const [first, last] = [Math.floor(Math.min(...decades)), Math.max(1, Math.ceil(Math.max(...decades)))];
  const right = WIDE - LABELS_RIGHT;
  const x = (seconds: number) =>
    SCORE_LEFT +
    ((right - SCORE_LEFT) * (Math.log10(Math.max(1, seconds)) - first)) / Math.max(1, last - first);
  const y = (share: number) => HIGH - BOTTOM - (HIGH - BOTTOM - TOP) * share;
  const at = (value: number) => value.toFixed(1);
  const ticks = Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) => 10 ** (first + i));
  const places = spread(points.map(({ value }) => y(value) + 4));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label="${about}: ${score}, in percent, against seconds">
${STYLE}
<path class="axis" d="M${SCORE_LEFT} ${TOP}V${HIGH - BOTTOM}H${right}" fill="none"/>
${points.map(({ seconds, low, high }) => `<path class="line" d="M${at(x(seconds))} ${at(y(low))}V${at(y(high))}"/>`).join('')}
${points.map(({ seconds, value }) => `<circle class="dot" cx="${at(x(seconds))}" cy="${at(y(value))}" r="3"/>`).join('')}
${points.map(({ label, seconds, value }, i) => `<path class="straight" d="M${at(x(seconds) + 4)} ${at(y(value))}L${right + 6} ${at(places[i]! - 4)}"/><text x="${right + 9}" y="${at(places[i]!)}">${label}</text>`).join('')}
${[0, 0.25, 0.5, 0.75, 1].map((share) => `<text x="${SCORE_LEFT - 5}" y="${at(y(share) + 4)}" text-anchor="end">${100 * share} %</text>`).join('')}
${ticks.map((seconds) => `<text x="${at(x(seconds))}" y="${HIGH - BOTTOM + 14}" text-anchor="middle">${seconds.toLocaleString('en')} s</text>`).join('')}
<text x="${(SCORE_LEFT + right) / 2}" y="${HIGH - 5}" text-anchor="middle">seconds to learn</text>
</svg>
`;
}

const LINE_HEIGHT = 13;

/** Heights of lines of text near wanted ones, so that none covers another and all are in the picture. */
function spread(wanted: readonly number[]): number[] {
  const order = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  order.forEach((line, i) => {
    const above = i === 0 ? TOP - LINE_HEIGHT : places[order[i - 1]!]!;
    places[line] = Math.max(places[line]!, above + LINE_HEIGHT);
  });
  order.toReversed().forEach((line, i, all) => {
    const below = i === 0 ? HIGH : places[all[i - 1]!]!;
    places[line] = Math.min(places[line]!, below - LINE_HEIGHT);
  });
  return places;
}
