/** `fettle submit`: trains on another computer, or writes what such a training needs. */
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { BundleFacts } from '../../common/protocol/protocol.ts';
import { RUN_SETTINGS } from '../../common/settings/table.ts';
import { shellWord } from '../../common/words/format.ts';
import { basisThere, comparison, memoryThere } from '../../common/words/run.ts';
import { writeBundleHere } from '../app/bundles.ts';
import { chooseFor } from '../app/device-choice.ts';
import { estimatesElsewhere } from '../app/elsewhere.ts';
import { readGrounds } from '../app/grounds.ts';
import { openHistory } from '../app/history.ts';
import {
  forkFor,
  hubModel,
  placeElsewhere,
  requireElsewhere,
  stopElsewhere,
  targetSpec,
} from '../app/targets.ts';
import { askHere, forkShown } from '../app/work-here.ts';
import { isElsewhere } from '../elsewhere.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/peak-memory.ts';
import type { Store } from '../store/store.ts';
import {
  type Arguments,
  badUsage,
  type Flag,
  flagName,
  flagsOf,
  HELP_FLAG,
  JSON_FLAG,
  wantsJson,
} from './arguments.ts';
import { type Command, EXIT, onInterrupt, type Streams } from './command.ts';
import { openDisplay } from './display.ts';
import { hardwareHere } from './hardware.ts';
import { secretsOf } from './targets/targets.ts';
import { askedBy, CONFIG_FLAG, ruledConfig, trainTo } from './train.ts';
import { bytes, plainSpaces } from './words.ts';

const FLAGS: readonly Flag[] = [
  ...flagsOf(RUN_SETTINGS),
  CONFIG_FLAG,
  {
    name: 'target',
    value: 'NAME',
    about: 'computer that trains: see `fettle targets`',
    group: 'Target',
    alsoCalled: ['on', 'host', 'cluster', 'remote'],
  },
  {
    name: 'hub-model',
    value: 'NAME@REVISION',
    about: 'model on the Hub, which the target downloads; otherwise its files are sent',
    group: 'Target',
    alsoCalled: ['hf-model', 'model-id'],
  },
  {
    name: 'bundle-only',
    about: 'only write the files into --out, for SkyPilot, Kubernetes or by hand',
    group: 'Target',
    alsoCalled: ['bundle', 'dry-run', 'export-only'],
  },
  {
    name: 'resume',
    about: 'continue the run in --out: watch its job, or start it again',
    group: 'Target',
    alsoCalled: ['attach', 'reattach', 'continue'],
  },
  {
    name: 'stop',
    about: 'stop the job of the run in --out after its step, or take it out of its queue',
    group: 'Target',
    alsoCalled: ['cancel'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'submit --target NAME --model PATH --data FILE --out FOLDER [flags]',
  about:
    'Trains with PyTorch on a computer of `fettle targets`, and assesses the result here. Ctrl-C leaves the training alone: it goes on ' +
    'there, and --resume shows it again.',
  examples: [
    'fettle submit --target lab --model models/SmolLM2 --data rows.jsonl --out runs/far',
    'fettle submit --out runs/far --resume',
    'fettle submit --bundle-only --model models/SmolLM2 --data rows.jsonl --out bundle',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const isGiven = (name: string) => args.values.get(name) === true;
  if (isGiven('stop')) return await stop(args, streams);
  const note = (text: string) => !isGiven('json') && streams.err.write(`${text}\n`);
  const config = await ruledConfig(args, note, { isElsewhere: true });
  if (isGiven('bundle-only')) return await bundle(config, args, streams);
  const store = await openHistory();
  try {
    if (isGiven('resume')) requirePlace(config.out);
    else await place(config, args, streams, store);
    const secrets = secretsOf(store);
    const fork = forkFor(store, config.out, { fork: forkShown, secrets, onStop: 'leave' })!;
    const how = {
      resume: isGiven('resume'),
      json: isGiven('json'),
      ahead: { fork, drop: () => {} },
      onStop: `It goes on there. Watch it again: fettle submit --out ${shellWord(config.out)} --resume`,
    };
    return await trainTo(config, how, streams);
  } finally {
    store.close();
  }
}

const named = (setting: string) => `--${flagName(setting)}`;

/** Says what will be sent to where and what it takes, and that the run is trained there. */
async function place(config: RunConfig, args: Arguments, { err }: Streams, store: Store): Promise<void> {
  const target = args.values.get('target');
  if (typeof target !== 'string')
    throw badUsage('--target is missing.', '`fettle targets list` shows the names. Or write --bundle-only.');
  const { host } = targetSpec(store, target);
  const differs = requireElsewhere(config, named);
  const hub = args.values.get('hub-model');
  const found = typeof hub === 'string' ? hubModel(hub) : null;
  if (isElsewhere(config.out))
    throw new AppError(
      'out-exists',
      `There is a run in ${config.out} already.`,
      'Continue it with --resume, or choose another folder.',
    );
  const model = found ? `downloads ${found.name} at ${found.revision}` : `gets the model’s files from here`;
  err.write(
    `Your rows go to ${host} (${target}), which ${model}.\n${differs.map((text) => `${text}\n`).join('')}`,
  );
  err.write(`${(await compared(config, args, store, target)).map((text) => `${text}\n`).join('')}`);
  placeElsewhere(config.out, target, found);
}

/** The run here and there, in sentences; none where it can't be planned, which its training will say better. */
async function compared(
  config: RunConfig,
  args: Arguments,
  store: Store,
  target: string,
): Promise<readonly string[]> {
  const known = readGrounds(store);
  const asked = await askedBy(args, config);
  try {
    const { chosen, plan } = await askHere(async (engine) => {
      const planOf = (one: RunConfig) => engine.plan(one);
      const chosen = await chooseFor(config, asked, { known, hardware: hardwareHere(), planOf, engine });
      return { chosen, plan: chosen.plan ?? (await planOf(chosen.config)) };
    });
    const figures = estimate(plan, known.of(plan.executor, plan.device));
    const fit = fitOfEstimate(figures, chosen);
    const there = estimatesElsewhere(known.targets, plan, config).find(({ name }) => name === target);
    if (!there) return [];
    const here = { seconds: figures.totalSeconds?.value ?? null, fits: fit !== 'too-big' };
    return [comparison(here, there), basisThere(there), memoryThere(there)]
      .filter((text) => text !== '')
      .map(plainSpaces);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

function requirePlace(out: string): void {
  if (isElsewhere(out)) return;
  throw new AppError(
    'no-run',
    `The run in ${out} is not trained elsewhere.`,
    'Resume it with fettle train --resume.',
  );
}

async function stop(args: Arguments, { out: printed }: Streams): Promise<number> {
  const out = args.values.get('out');
  if (typeof out !== 'string')
    throw badUsage('--stop needs the folder of the run.', 'For example: fettle submit --out runs/far --stop');
  const store = await openHistory();
  try {
    await stopElsewhere(store, secretsOf(store), path.resolve(out));
    printed.write(
      `It saves and ends after its step; one that waits leaves its queue. Continue it: fettle submit --out ${shellWord(out)} --resume\n`,
    );
    return EXIT.ok;
  } finally {
    store.close();
  }
}

async function bundle(config: RunConfig, args: Arguments, streams: Streams): Promise<number> {
  const differs = requireElsewhere(config, named);
  const hub = args.values.get('hub-model');
  const json = wantsJson(args);
  const display = openDisplay(streams, json);
  const interrupt = onInterrupt(() => display.note('Stopping.'));
  let facts: BundleFacts;
  try {
    const order = { config, out: config.out, hub: typeof hub === 'string' ? hubModel(hub) : null };
    facts = await writeBundleHere(order, {
      emit: (event) => 'event' in event && display.show(event),
      stop: interrupt.stop,
    });
  } finally {
    display.close();
    interrupt.release();
  }
  if (json) return EXIT.ok;
  for (const text of differs) streams.err.write(`${text}\n`);
  const size = facts.model?.files.reduce((sum, file) => sum + file.bytes, 0);
  const model = size === undefined ? '' : ` Its model/ has ${bytes(size)}.`;
  streams.out.write(
    `${config.out} trains ${facts.start.rows} rows in ${facts.start.steps} steps: sh ${shellWord(path.join(config.out, 'start.sh'))}.${model}\n`,
  );
  return EXIT.ok;
}
