/** `fettle runs show`: one run, with everything that is needed to repeat it; `fettle runs compare`: in what runs differ, and what that did. */
import type { RunDetails } from '../../../common/api/contract.ts';
import { nextWithReader } from '../../../common/settings/reading-runs.ts';
import { isSorter } from '../../../common/settings/sorters.ts';
import { flattened } from '../../../common/values.ts';
import { shellWord } from '../../../common/words/format.ts';
import { energyWords, leftOutWords } from '../../../common/words/run.ts';
import { scoreRange, scoreText, shortScore } from '../../../common/words/scores.ts';
import { differences, pickRuns, testRowsDiffer, valueText } from '../../app/history.ts';
import { badUsage, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, printOne } from '../command.ts';
import { bytes, number, plural, within } from '../words.ts';
import {
  columnsText,
  dateText,
  ID_CHARS,
  lossText,
  simplerText,
  timeText,
  verdictText,
  withHistory,
} from './list.ts';

export const command: Command = {
  usage: 'runs show ID [flags]',
  about: 'ID is an id of `fettle runs list`, or its beginning.',
  examples: ['fettle runs show 3f2a91c0', 'fettle runs show 3f2 --json'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['ID'],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const [run] = pickRuns(store, args.positionals);
      printOne(args, streams, run, () => `${showText(run!)}\n`);
      return EXIT.ok;
    }),
};

/** A run as a person reads it: what came of it first. */
export function showText(run: RunDetails): string {
  const left = leftOutWords(run.start?.leftOut);
  const facts: (readonly [string, string] | null)[] = [
    ['Run', `${run.name} (${run.id})`],
    ['State', stateText(run)],
    run.verdict && ['Verdict', run.verdict.sentence],
    run.verdict || run.score ? ['Score', run.score ? scoreText(run.score) : 'not measured'] : null,
    run.verdict || run.rival ? ['Simpler way', simplerText(run)] : null,
    run.verdict || run.forgot === null ? null : ['Forgot', verdictText(run)],
    run.problem && ['Problem', `${run.problem.message} ${run.problem.hint}`.trim()],
    ['Model', `${run.model}${run.start ? `, ${number(run.start.parameters)} weights` : ''}`],
    [
      'Data',
      `${run.data}${run.start ? `, ${plural(run.start.rows, 'row')} and ${number(run.start.heldOutRows)} held out` : ''}${left && `; ${left}`}`,
    ],
    run.bestLoss === null ? null : ['Loss', `${lossBefore(run)}${lossText(run.bestLoss)} on held-out rows`],
    ['Time', timeText(run.seconds)],
    run.done && energyWords(run.done) ? ['Energy', energyWords(run.done)] : null,
    ['Made', dateText(run.created)],
    ['Folder', `${run.folder} (${bytes(run.bytes)})`],
    run.tags.length > 0 ? ['Tags', run.tags.join(', ')] : null,
    run.notes === '' ? null : ['Notes', run.notes],
    ...run.checkpoints.map(
      ({ step, path: file, bytes: size }) =>
        ['Saved', `step ${number(step)}: ${file} (${bytes(size)})`] as const,
    ),
    ...run.exports.map(
      ({ result, available }) =>
        [
          'Exported',
          `${result.out} (${result.as}, ${result.type})${available ? '' : ', not there any more'}`,
        ] as const,
    ),
  ];
  const settings = Object.entries(flattened(run.config))
    .map(([name, value]) => [name, valueText(value)] as const)
    .filter(([, text]) => text !== '');
  const machine = Object.entries({ ...run.machine, ...run.versions }).map(
    ([name, value]) => [name, valueText(value)] as const,
  );
  return [
    ...table(facts.filter((fact) => fact !== null)),
    ...section('Settings', settings),
    ...section('Made with', machine),
    ...nextSteps(run),
  ].join('\n');
}

function stateText({ state, step, steps, done }: RunDetails): string {
  const reached = steps === null ? '' : `, ${number(step)} of ${plural(steps, 'step')}`;
  return `${state}${reached}${done?.reason === 'early-stopping' ? ', as the held-out loss no longer fell' : ''}`;
}

function nextSteps(run: RunDetails): string[] {
  const { state, folder, done, method } = run;
  const ofReader = nextWithReader(run);
  if (ofReader) return ['', ...ofReader];
  if (isSorter({ method }))
    return [
      '',
      'To use it:',
      `  fettle classify --run ${shellWord(folder)} --data rows.csv --out sorted.csv`,
    ];
  if (done)
    return ['', 'To use it:', `  fettle export --run ${shellWord(folder)} --as gguf --out model.gguf`];
  if (state === 'running' || state === 'waiting') return [];
  return ['', 'To resume:', `  fettle train --out ${shellWord(folder)} --resume`];
}

function lossBefore({ done }: RunDetails): string {
  return done?.heldOutLossBefore == null ? '' : `${lossText(done.heldOutLossBefore)} -> `;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...table(rows).map((line) => `  ${line}`)];
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => name.padEnd(width) + within(text, ' '.repeat(width)));
}

const MOST = 8;
const COMPARE_EXAMPLE = 'fettle runs compare 3f2a91c0 77d01b4e';
const CELL_CHARS = 40;
const DIFFERENT_ROWS =
  'These runs were measured on different test rows, so their losses and verdicts do not compare. Give both the same --eval-data.';

export const compareCommand: Command = {
  usage: 'runs compare ID ID… [flags]',
  about: `Two to ${MOST} runs side by side: differing settings, losses, verdicts.`,
  examples: [COMPARE_EXAMPLE],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['ID…'],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const runs = pickRuns(store, args.positionals);
      if (runs.length < 2 || runs.length > MOST)
        throw badUsage(
          `Two to ${MOST} different runs can be compared; got ${runs.length}.`,
          `For example: ${COMPARE_EXAMPLE}`,
        );
      const found = {
        runs,
        differences: differences(runs.map(({ config }) => config)),
        testRowsDiffer: testRowsDiffer(runs),
      };
      printOne(args, streams, found, () => `${compareText(runs)}\n`);
      return EXIT.ok;
    }),
};

function compareText(runs: readonly RunDetails[]): string {
  const settings = differences(runs.map(({ config }) => config));
  const row = (name: string, of: (run: RunDetails) => string) => [name, ...runs.map(of)];
  const outcome = [
    row('Run', ({ name }) => name),
    row('Id', ({ id }) => id.slice(0, ID_CHARS)),
    row('State', ({ state }) => state),
    row('Loss before', ({ done }) => lossText(done?.heldOutLossBefore ?? null)),
    row('Lowest loss', ({ bestLoss }) => lossText(bestLoss)),
    row('Verdict', verdictText),
    row('Score', ({ score }) => (score ? shortScore(score) : 'not measured')),
    row('  range', ({ score }) => (score ? scoreRange(score) : '')),
    row('Simpler way', simplerText),
    row('Time', ({ seconds }) => timeText(seconds)),
  ];
  const different = settings.map(({ name, values }) => [name, ...values]);
  const lines = columnsText([...outcome, ...different], CELL_CHARS);
  const [above, below] = [lines.slice(0, outcome.length), lines.slice(outcome.length)];
  return [
    ...above,
    ...(testRowsDiffer(runs) ? ['', DIFFERENT_ROWS] : []),
    '',
    below.length > 0 ? 'Settings that differ' : 'All settings are the same.',
    ...below,
  ].join('\n');
}
