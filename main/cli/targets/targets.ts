/** `fettle targets`: other computers that can train, what they have and what they lack. */
import { readFile } from 'node:fs/promises';
import { text as wholeText } from 'node:stream/consumers';
import type { NewTarget } from '../../../common/api/targets.ts';
import { systemError } from '../../../common/errors.ts';
import { defined } from '../../../common/values.ts';
import { addTarget, listTargets, priceTarget, removeTarget, testTarget } from '../../app/targets.ts';
import * as extras from '../../extras/target-flags.ts';
import type { Secrets } from '../../hub/connection.ts';
import { fileSecrets } from '../../serve/web-host.ts';
import type { Store } from '../../store/store.ts';
import type { TargetFacts, TargetSpec } from '../../targets/target.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, onInterrupt, printOne } from '../command.ts';
import { columnsText, withHistory } from '../runs/list.ts';
import { bytes, money, plural, soldAs, within } from '../words.ts';
import { targetFlag as flag, type TargetFlags } from './target-flags.ts';

const others = Object.values<TargetFlags>(extras);

const ADD_FLAGS: readonly Flag[] = [
  flag('ssh', 'user@host, or a name in your ssh configuration', 'HOST', { alsoCalled: ['host'] }),
  {
    name: 'slurm',
    about: 'start jobs with Slurm on that computer',
    group: 'Target',
    alsoCalled: ['sbatch'],
  },
  ...others.map(({ address }) => address),
  flag('port', 'port of ssh', 'N', { fallback: '22' }),
  flag('key', 'key file for ssh', 'FILE', {
    fallback: 'your agent and usual keys',
    alsoCalled: ['identity'],
  }),
  flag('ssh-config', 'another configuration file of ssh', 'FILE'),
  flag('folder', 'where it keeps models and runs there, from the home folder', 'FOLDER', {
    fallback: '.fettle',
  }),
  flag('python', 'Python there that has PyTorch, TRL and PEFT', 'PATH', { fallback: 'one is made, once' }),
  flag('processes', 'processes on a computer', 'N', { fallback: 'one for each card' }),
  flag('price-per-hour', 'its hourly price, in the currency of `fettle settings`', 'N', {
    alsoCalled: ['price', 'cost', 'hourly'],
  }),
  flag('partition', 'partition of Slurm', 'NAME', { group: 'Slurm' }),
  flag('account', 'account of Slurm', 'NAME', { group: 'Slurm' }),
  flag('gpus', 'cards of a computer', 'N', { group: 'Slurm' }),
  flag('memory', 'main memory of a computer, in GB', 'N', {
    group: 'Slurm',
    fallback: 'what the cluster gives',
    alsoCalled: ['mem', 'ram'],
  }),
  flag('nodes', 'computers', 'N', { group: 'Slurm', fallback: '1' }),
  flag('minutes', 'longest time of a job', 'N', { group: 'Slurm' }),
  ...others.flatMap(({ tokenFile, processes }) => [tokenFile, processes]),
];

export const addCommand: Command = {
  usage: `targets add NAME (${['--ssh HOST', ...others.map(({ address }) => `--${address.name} ${address.value}`)].join(' | ')}) [flags]`,
  about: [
    'Names another computer for `fettle submit`. It is reached with your own ssh: connect to it once by hand, so that its key is known.',
    'No password is kept.',
    ...others.map(({ about }) => about),
  ].join(' '),
  examples: [
    'fettle targets add lab --ssh me@gpu.example.org',
    'fettle targets add hpc --ssh login --slurm --gpus 4 --memory 128',
    ...others.map(({ example }) => example),
  ],
  flags: [...ADD_FLAGS, JSON_FLAG, HELP_FLAG],
  positionals: ['NAME'],
  run: (args, streams) =>
    withHistory(streams, async (store) => {
      const spec = specOf(args);
      const token = await tokenGiven(
        others.map(({ tokenFile }) => args.values.get(tokenFile.name)).find(Boolean),
      );
      const added = await addTarget(store, secretsOf(store), { ...spec, token });
      const text = `${added.name} is added. Test it: fettle targets test ${added.name}\n`;
      printOne(args, streams, added, () => text);
      return EXIT.ok;
    }),
};

export const listCommand: Command = {
  usage: 'targets list',
  examples: ['fettle targets list'],
  flags: [JSON_FLAG, HELP_FLAG],
  run: (args, streams) =>
    withHistory(streams, (store) => {
      const all = listTargets(store);
      const rows = all.map(({ name, kind, host, folder, pricePerHour }) => [
        ...[name, kind, host, folder],
        pricePerHour === null ? '' : String(pricePerHour),
      ]);
      const empty = 'There is no target yet. Add one: fettle targets add NAME --ssh HOST';
      const text =
        rows.length === 0
          ? empty
          : columnsText([['NAME', 'KIND', 'HOST', 'FOLDER', 'AN HOUR'], ...rows], 40).join('\n');
      printOne(args, streams, all, () => `${text}\n`);
      return EXIT.ok;
    }),
};

export const removeCommand: Command = {
  usage: 'targets remove NAME',
  about: 'Forgets a target. What lies there stays, and its jobs go on.',
  examples: ['fettle targets remove lab'],
  flags: [HELP_FLAG],
  positionals: ['NAME'],
  run: ({ positionals }, streams) =>
    withHistory(streams, async (store) => {
      await removeTarget(store, secretsOf(store), positionals[0]!);
      streams.out.write(`${positionals[0]} is removed.\n`);
      return EXIT.ok;
    }),
};

export const priceCommand: Command = {
  usage: 'targets price NAME N',
  about:
    'Sets its hourly price, so that `fettle submit` and the plan can tell what a run costs. 0 removes it.',
  examples: ['fettle targets price lab 2.40'],
  flags: [HELP_FLAG],
  positionals: ['NAME', 'N'],
  run: ({ positionals }, streams) =>
    withHistory(streams, (store) => {
      const [name, text] = positionals as [string, string];
      const perHour = Number(text);
      if (text.trim() === '' || !(perHour >= 0 && perHour <= 1e6))
        throw badUsage(`"${text}" is no price.`, `Write: ${priceCommand.examples[0]}`);
      priceTarget(store, name, perHour === 0 ? null : perHour);
      const { currency } = store.settings.get();
      streams.out.write(
        perHour === 0 ? `${name} has no price.\n` : `${name} costs ${money(perHour, currency)} an hour.\n`,
      );
      return EXIT.ok;
    }),
};

export const testCommand: Command = {
  usage: 'targets test NAME',
  about: 'Shows cards, memory, disk and versions of a target, what is missing and how to get it.',
  examples: ['fettle targets test lab'],
  flags: [JSON_FLAG, HELP_FLAG],
  positionals: ['NAME'],
  run: (args, streams) =>
    withHistory(streams, async (store) => {
      const interrupt = onInterrupt(() => {});
      try {
        const facts = await testTarget(store, secretsOf(store), args.positionals[0]!, interrupt.stop);
        printOne(args, streams, facts, () => factsText(facts));
        return facts.missing.length === 0 ? EXIT.ok : EXIT.failed;
      } finally {
        interrupt.release();
      }
    }),
};

/** Secrets of the data folder, as a browser's Fettle keeps them. */
export const secretsOf = ({ folder }: Store): Secrets => fileSecrets(() => folder);

/** The token in a file: as a flag it would be in the list of processes. */
async function tokenGiven(file: unknown): Promise<string | undefined> {
  if (typeof file !== 'string') return undefined;
  try {
    return file === '-' ? await wholeText(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw systemError(error as NodeJS.ErrnoException, file);
  }
}

function specOf({ values, positionals }: Arguments): NewTarget {
  const text = (name: string) => values.get(name) as string | undefined;
  const numberOf = (name: string) => {
    const given = text(name);
    if (given === undefined) return undefined;
    if (given.trim() !== '' && Number.isFinite(Number(given))) return Number(given);
    throw badUsage(`--${name} must be a number; got "${given}".`, `Write --${name} 4.`);
  };
  const ways: readonly { kind: TargetSpec['kind']; flag: string }[] = [
    { kind: values.get('slurm') === true ? 'slurm' : 'ssh', flag: 'ssh' },
    ...others.map(({ kind, address }) => ({ kind, flag: address.name })),
  ];
  const [way, ...more] = ways.filter(({ flag }) => text(flag) !== undefined);
  if (!way || more.length > 0) {
    const flags = ways.map(({ flag }) => `--${flag}`);
    throw badUsage(
      way ? `${flags.join(' and ')} exclude each other.` : `${flags.join(' or ')} is missing.`,
      `For example: ${addCommand.examples[0]}`,
    );
  }
  return {
    name: positionals[0]!,
    kind: way.kind,
    host: text(way.flag)!,
    ...defined({
      port: numberOf('port'),
      key: text('key'),
      sshConfig: text('ssh-config'),
      folder: text('folder'),
      python: text('python'),
      processes:
        numberOf('processes') ??
        others.map(({ processes }) => numberOf(processes.name)).find((one) => one !== undefined),
      pricePerHour: numberOf('price-per-hour'),
      partition: text('partition'),
      account: text('account'),
      gpus: numberOf('gpus'),
      memory: numberOf('memory'),
      nodes: numberOf('nodes'),
      minutes: numberOf('minutes'),
    }),
  };
}

function factsText({
  cards,
  cores,
  memoryBytes,
  freeDiskBytes,
  python,
  packages,
  missing,
}: TargetFacts): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  const rows: readonly (readonly [string, string])[] = [
    [
      'Cards',
      cards.map((card) => `${card.name}, ${bytes(card.bytes)}${soldAs(card.bytes)}`).join('; ') || 'none',
    ],
    ['Processor', plural(cores, 'core')],
    ['Memory', memoryBytes === null ? 'not known' : bytes(memoryBytes)],
    ['Free disk', freeDiskBytes === null ? 'not known' : bytes(freeDiskBytes)],
    ['Python', python ?? 'made at the first training'],
    ...(python === null ? [] : [['Packages', versions.join(', ')] as const]),
    ...missing.map((one) => ['Missing', one] as const),
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(10)} ${within(value, ' '.repeat(11))}`).join('\n')}\n`;
}
