/** `fettle runs show`: one run, with everything that is needed to repeat it. */
import type { RunDetails } from '../../../common/api/contract.ts';
import { flatSettings, valueText } from '../../api/differences.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { HELP_FLAG, JSON_FLAG } from '../flags.ts';
import { bytes, number, plural, shellWord, within } from '../words.ts';
import { pickRuns, withHistory } from './history.ts';
import { dateText, lossText, timeText } from './words.ts';

export const command: Command = {
  usage: 'runs show ID [flags]',
  about:
    'ID is what `fettle runs list` shows, or the beginning of it. With --json it prints one object with everything.',
  examples: ['fettle runs show 3f2a91c0', 'fettle runs show 3f2 --json'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['ID'],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const [run] = pickRuns(store, args.positionals);
      streams.out.write(
        args.values.get('json') === true ? `${JSON.stringify(run)}\n` : `${showText(run!)}\n`,
      );
      return EXIT.ok;
    }),
};

/** A run as a person reads it: what came of it first. */
export function showText(run: RunDetails): string {
  const facts: (readonly [string, string] | null)[] = [
    ['Run', `${run.name} (${run.id})`],
    ['State', stateText(run)],
    run.verdict && ['Verdict', run.verdict.sentence],
    run.problem && ['Problem', `${run.problem.message} ${run.problem.hint}`.trim()],
    ['Model', `${run.model}${run.start ? `, ${number(run.start.parameters)} weights` : ''}`],
    [
      'Data',
      `${run.data}${run.start ? `, ${plural(run.start.rows, 'row')} and ${number(run.start.heldOutRows)} held out` : ''}`,
    ],
    run.bestLoss === null ? null : ['Loss', `${lossBefore(run)}${lossText(run.bestLoss)} on held-out rows`],
    ['Time', timeText(run.seconds)],
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
  const settings = Object.entries(flatSettings(run.config))
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

function nextSteps({ state, folder, done }: RunDetails): string[] {
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
