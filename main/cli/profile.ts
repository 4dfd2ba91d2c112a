/** `fettle profile`: where the time of a training step goes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { ProfileResult, ProfileRow } from '../../common/protocol/protocol.ts';
import { madeOf, RUN_SETTINGS } from '../../common/settings/table.ts';
import { profileRun } from '../app/probe.ts';
import { trainHere } from '../app/train-here.ts';
import {
  type Arguments,
  badUsage,
  type Flag,
  flagsOf,
  HELP_FLAG,
  JSON_FLAG,
  wantsJson,
} from './arguments.ts';
import { type Command, EXIT, printOne, type Streams } from './command.ts';
import { withDisplay } from './display.ts';
import { CONFIG_FLAG, configHere } from './train.ts';
import { number, percent, plural, rate } from './words.ts';

const EXAMPLE = 'fettle profile --model models/SmolLM2.gguf --data rows.jsonl --out profiles/first';
const FILES = { trace: 'trace.json', table: 'profile.json' };
const USUAL_STEPS = 3;
const MOST_STEPS = 100;
/** Rows of the printed table; the file has them all. */
const MOST_ROWS = 25;

/** What a line of the printed table adds up, by the word for it. */
const GROUPS = {
  operation: ({ operation }: ProfileRow) => operation || 'copies',
  module: ({ module, operation }: ProfileRow) => module || operation || 'copies',
  layer: ({ layer }: ProfileRow) => (layer === null ? 'no layer' : `layer ${layer}`),
} satisfies Record<string, (row: ProfileRow) => string>;
type Group = keyof typeof GROUPS;

const FLAGS: readonly Flag[] = [
  ...flagsOf(RUN_SETTINGS).map((flag) =>
    flag.name === 'out' ? { ...flag, about: `folder that gets ${Object.values(FILES).join(' and ')}` } : flag,
  ),
  CONFIG_FLAG,
  {
    name: 'steps',
    about: 'steps that count, after a first one that does not',
    group: 'Profile',
    value: 'N',
    fallback: String(USUAL_STEPS),
  },
  {
    name: 'by',
    about: 'what a line of the table adds up',
    group: 'Profile',
    value: Object.keys(GROUPS).join('|'),
    fallback: 'operation',
    alsoCalled: ['group-by', 'sort'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'profile --model PATH --data FILE --out FOLDER [flags of train]',
  about:
    'Takes a few real steps of `fettle train` with the same flags and keeps nothing of them but their times. ' +
    `${FILES.trace} opens in ui.perfetto.dev and chrome://tracing; ${FILES.table} has a row for each operation, module and layer.`,
  examples: [EXAMPLE, `${EXAMPLE} --by module`, `${EXAMPLE} --method qlora --steps 5 --json`],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const steps = stepsOf(args);
  const by = groupOf(args);
  const config = await configHere(args, () => {});
  if (madeOf(config) !== null)
    throw new AppError(
      'bad-config',
      'This run is made of another one, without steps that could be profiled.',
      'Give the settings of a training.',
    );
  const { out } = config;
  await mkdir(out, { recursive: true });
  return await withDisplay(streams, wantsJson(args), async (display, stop) => {
    const trace = join(out, FILES.trace);
    const result = await profileRun(config, { steps, trace }, (short, probe) =>
      trainHere({
        config: short,
        stop,
        probe,
        resume: false,
        emit: (event) => event.event === 'phase' && display?.show(event),
      }),
    );
    await writeFile(join(out, FILES.table), `${JSON.stringify(result)}\n`);
    display?.close();
    printOne(args, streams, result, () => profileText(result, by, out));
    return EXIT.ok;
  });
}

function stepsOf({ values }: Arguments): number {
  const given = values.get('steps') as string | undefined;
  const steps = given === undefined ? USUAL_STEPS : Number(given);
  if (Number.isInteger(steps) && steps >= 1 && steps <= MOST_STEPS) return steps;
  throw badUsage(
    `--steps must be a whole number from 1 to ${MOST_STEPS}; got "${given}".`,
    `For example: ${EXAMPLE} --steps 5`,
  );
}

function groupOf({ values }: Arguments): Group {
  const by = (values.get('by') as string | undefined) ?? 'operation';
  if (Object.hasOwn(GROUPS, by)) return by as Group;
  throw badUsage(
    `--by is ${Object.keys(GROUPS).join(', ')}; got "${by}".`,
    `For example: ${EXAMPLE} --by module`,
  );
}

/** The profile as a person reads it: lines of one group and pass, those that take longest first. */
export function profileText(result: ProfileResult, by: Group, out: string): string {
  const { steps, stepMs, tokens, graphMs, kernelMs, rows } = result;
  const flops = rows.reduce((sum, row) => sum + row.flops, 0);
  const share = (ms: number) => `${percent(ms / stepMs)} of it`;
  const lines = summed(rows, by);
  const table = [
    [by, 'pass', 'count', 'ms', 'share', 'GFLOP/s', 'GB/s'],
    ...lines.slice(0, MOST_ROWS).map((line) => cellsOf(line, stepMs)),
  ];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((cells) => cells[i]!.length)));
  const rest = lines.slice(MOST_ROWS).reduce((sum, { ms }) => sum + ms, 0);
  return [
    `Step        ${(stepMs / 1000).toFixed(2)} s, ${rate(tokens / (stepMs / 1000))} (mean of ${plural(steps, 'step')})`,
    `Operations  ${share(kernelMs)}, ${(flops / kernelMs / 1e6).toFixed(0)} GFLOP/s`,
    `Between     ${share(graphMs - kernelMs)}: what the executor does between operations`,
    `Around      ${share(stepMs - graphMs)}: batches, copies, the update`,
    '',
    ...table.map((cells) =>
      cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 1))).join(' '),
    ),
    ...(rest > 0 ? [`and ${number(lines.length - MOST_ROWS)} more, ${share(rest)}`] : []),
    '',
    `Every row: ${join(out, FILES.table)}. Timeline, for ui.perfetto.dev: ${join(out, FILES.trace)}`,
    '',
  ].join('\n');
}

type Line = Pick<ProfileRow, 'pass' | 'count' | 'ms' | 'flops' | 'bytes'> & { readonly name: string };

function summed(rows: readonly ProfileRow[], by: Group): Line[] {
  const groups = Map.groupBy(rows, (row) => `${GROUPS[by](row)} ${row.pass}`);
  const lines = [...groups.values()].map((own): Line => {
    const sum = (of: (row: ProfileRow) => number) => own.reduce((total, row) => total + of(row), 0);
    return {
      name: GROUPS[by](own[0]!),
      pass: own[0]!.pass,
      count: sum(({ count }) => count),
      ms: sum(({ ms }) => ms),
      flops: sum(({ flops }) => flops),
      bytes: sum(({ bytes }) => bytes),
    };
  });
  return lines.toSorted((a, b) => b.ms - a.ms);
}

function cellsOf({ name, pass, count, ms, flops, bytes }: Line, stepMs: number): string[] {
  const perSecond = (amount: number) => {
    const billions = amount / ms / 1e6;
    return amount === 0 ? '' : billions.toFixed(billions < 10 ? 1 : 0);
  };
  return [
    ...[name, pass, number(count), ms.toFixed(1), percent(ms / stepMs, 1)],
    ...[flops, bytes].map(perSecond),
  ];
}
