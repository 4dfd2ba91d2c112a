/**
 * `npm run campaign`: attacks on Fettle, seeded and bounded, with a table of figures. Without flags the long form runs, which takes
 * hours; `--short` is what CI runs. `--only fuzz,kills:train` picks attacks and what they attack, `--keep` puts the table into
 * docs/reliability.md. The exit code is 1 where anything failed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Attack, type Figures, type Size, tableOf, timed } from './attack.ts';
import { faults } from './faults.ts';
import { fuzz } from './fuzz.ts';
import { kills } from './kills.ts';
import { soak } from './soak.ts';
import { web } from './web.ts';

export const ATTACKS: readonly Attack[] = [fuzz, web, faults, kills, soak];

const PAGE = path.join(import.meta.dirname, '..', '..', 'docs', 'reliability.md');

interface CampaignOptions {
  readonly size: Size;
  readonly seed: number;
  /** `attack` or `attack:thing`; empty: all. */
  readonly only: readonly string[];
  note(text: string): void;
  /** After each row: the long form takes hours, and what was found stays when it is stopped. */
  onRow?(row: Row): void;
}

type Row = Figures & { readonly attack: string };

export async function campaign({ size, seed, only, note, onRow }: CampaignOptions): Promise<Row[]> {
  const wanted = ATTACKS.filter(
    ({ name }) => only.length === 0 || only.some((one) => one.split(':')[0] === name),
  );
  const rows: Row[] = [];
  for (const attack of wanted) {
    const folder = mkdtempSync(path.join(os.tmpdir(), `fettle-${attack.name}-`));
    const things = only.flatMap((one) =>
      one.startsWith(`${attack.name}:`) ? [one.slice(attack.name.length + 1)] : [],
    );
    const isWanted = (thing: string) => things.length === 0 || things.includes(thing);
    const row = async (thing: string, work: Parameters<typeof timed>[1]) => {
      const done = { attack: attack.name, ...(await timed(thing, work)) };
      rows.push(done);
      note(
        `${attack.name} ${thing}: ${done.outcome}, ${done.failures.length} failures, ${Math.round(done.seconds)} s`,
      );
      for (const failure of done.failures) note(`  ${failure}`);
      onRow?.(done);
    };
    try {
      await attack.run({ size, seed, only: isWanted, folder, row, note });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return rows;
}

/**
 * The code that was attacked: git's names of the folders `main/` and `common/`, which follow from what is in them and stay the same in
 * any history. `git rev-parse HEAD:main HEAD:common` gives those of another state.
 */
function codeNow(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const names = git('rev-parse', 'HEAD:main', 'HEAD:common').split('\n');
  const isChanged = git('status', '--porcelain', 'main', 'common') !== '';
  return names.map((name) => name.slice(0, 8)).join(' ') + (isChanged ? ' and changes' : '');
}

/** Puts a row into the table of the page, replacing that of the same thing, with the code and the day that it is of. */
function keep(row: Row, seed: number, code: string): void {
  const text = readFileSync(PAGE, 'utf8');
  const [start, end] = [text.indexOf(BEGINS) + BEGINS.length, text.indexOf('<!-- end -->')];
  const lines = new Map<string, string>();
  for (const line of text
    .slice(start, end)
    .split('\n')
    .filter((one) => /^\| (?!attack)/.test(one)))
    lines.set(keyOf(line), line);
  for (const line of tableOf([row]).split('\n').slice(2, -1))
    lines.set(keyOf(line), `${line} ${code} | ${new Date().toISOString().slice(0, 10)} | ${seed} |`);
  const order = ATTACKS.map(({ name }) => name);
  const sorted = [...lines.values()].toSorted(
    (a, b) => order.indexOf(attackOf(a)) - order.indexOf(attackOf(b)),
  );
  const head =
    '| attack | on | cases | ended | failures | time | code | day | seed |\n|---|---|---|---|---|---|---|---|---|';
  writeFileSync(PAGE, `${text.slice(0, start)}${[head, ...sorted].join('\n')}\n${text.slice(end)}`);
}

const BEGINS = '<!-- table: campaign, kept by hand -->\n';
const cellsOf = (line: string) => line.split('|').map((cell) => cell.trim());
const attackOf = (line: string) => cellsOf(line)[1]!;
const keyOf = (line: string) => cellsOf(line).slice(1, 3).join(': ');

async function main(): Promise<void> {
  // most of the start of a process is the compiling of modules, and there are thousands of processes
  process.env.NODE_COMPILE_CACHE ??= path.join(os.tmpdir(), 'node-compile-cache');
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [seed, only] = [Number(values.seed), values.only.split(',').filter(Boolean)];
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  const code = codeNow();
  const onRow = (row: Row) => values.keep && keep(row, seed, code);
  const rows = await campaign({ size: values.short ? 'short' : 'long', seed, only, note, onRow });
  process.stdout.write(`${tableOf(rows)}\n`);
  process.exitCode = rows.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

if (import.meta.main) await main();
