/** The growth of a step's time as small pictures for docs/performance.md, readable on light and on dark pages. */
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
<style>
text{font:11px sans-serif;fill:#57606a}.axis{stroke:#8c959f}.line{stroke:#3d4fc4;fill:none;stroke-width:2}.dot{fill:#3d4fc4}.straight{stroke:#8c959f;stroke-dasharray:3 3}
@media(prefers-color-scheme:dark){text{fill:#9da7b3}.line{stroke:#8f9dff}.dot{fill:#8f9dff}}
</style>
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
