/** What every attack of the campaign has in common: its sizes, its figures, and the table of them. */

/** `short` runs among the tests, `long` by hand: its table is kept in docs/reliability.md. */
export type Size = 'short' | 'long';

export interface Attack {
  readonly name: string;
  /** Attacks one thing after the other, each with `row`. `only` says which are wanted. */
  run(options: AttackOptions): Promise<void>;
}

export interface AttackOptions {
  readonly size: Size;
  readonly seed: number;
  readonly only: (thing: string) => boolean;
  /** Folder that is removed afterwards. */
  readonly folder: string;
  /** Does `work`, and keeps its figures with the time that it took as the row of `thing`. */
  row(thing: string, work: Work): Promise<void>;
  /** What goes on, for whoever watches. */
  note(text: string): void;
}

type Work = () => Promise<Omit<Figures, 'thing' | 'seconds'>>;

export interface Figures {
  readonly thing: string;
  readonly cases: number;
  /** How the cases ended, in words: "812 read, 188 refused". */
  readonly outcome: string;
  /** What must not have happened, one sentence each. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Runs `work` and gives its figures with the time that it took. */
export async function timed(thing: string, work: Work): Promise<Figures> {
  const start = performance.now();
  const found = await work().catch((error: unknown) => {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { cases: 0, outcome: 'broke off', failures: [`the attack broke off: ${said}`] };
  });
  return { thing, ...found, seconds: (performance.now() - start) / 1000 };
}

/** Counts by name as words, the largest first. */
export function inWords(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  return sorted.map(([name, count]) => `${count.toLocaleString('en')} ${name}`).join(', ');
}

/** A Markdown table of figures. */
export function tableOf(rows: readonly (Figures & { readonly attack: string })[]): string {
  const lines = rows.map(({ attack, thing, cases, outcome, failures, seconds }) =>
    [attack, thing, cases.toLocaleString('en'), outcome, failures.length, `${Math.round(seconds)} s`].join(
      ' | ',
    ),
  );
  const cases = rows.reduce((sum, row) => sum + row.cases, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures.length, 0);
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const total = [
    '**all**',
    '',
    cases.toLocaleString('en'),
    '',
    `**${failures}**`,
    `${Math.round(seconds)} s`,
  ].join(' | ');
  return ['attack | on | cases | ended | failures | time', '|---|---|---|---|---|---|', ...lines, total]
    .map((line) => (line.startsWith('|') ? line : `| ${line} |`))
    .join('\n');
}

/** The exit code of a process of an attack that has told its failure and wants a successor. */
export const ENDS_ITSELF = 3;
