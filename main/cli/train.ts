/** `fettle train`: fine-tunes a model, showing how it goes. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Why } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { EngineEvent, QuickWay } from '../../common/protocol/protocol.ts';
import { withoutChoice } from '../../common/settings/computing.ts';
import { settingsElsewhere } from '../../common/settings/elsewhere.ts';
import { nestedSettings } from '../../common/settings/form.ts';
import { whyWords } from '../../common/settings/reasons.ts';
import { isForProcessor, madeOf, RUN_SETTINGS, withImplied } from '../../common/settings/table.ts';
import { rateText, shellWord } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { type Ruled, ruledFor } from '../app/ruled.ts';
import { trainRecorded } from '../app/train-here.ts';
import { askHere, type EngineAhead, engineAhead } from '../app/work-here.ts';
import { parseRunConfig, RUN_FILE, type RunConfig, savedSettings } from '../engine/config/config.ts';
import type { DeviceWish } from '../plan/device-choice.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';
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
import { namedSettings, readSettings, type SettingsFile, settle } from './settings.ts';
import { number, percent, plural } from './words.ts';

const EXAMPLE = 'fettle train --model models/SmolLM2.gguf --data rows.jsonl --out runs/first';

/** A file of settings, for whatever is about a run that does not exist yet. */
export const CONFIG_FLAG: Flag = {
  name: 'config',
  value: 'FILE',
  about: `JSON file of settings, named as in ${RUN_FILE}; flags win`,
  group: 'Files',
  alsoCalled: ['settings', 'params'],
};

const FLAGS: readonly Flag[] = [
  ...flagsOf(RUN_SETTINGS),
  CONFIG_FLAG,
  {
    name: 'resume',
    about: "resume from the newest checkpoint in --out, with that run's settings",
    group: 'Files',
    alsoCalled: ['continue', 'resume-from-checkpoint'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'train --model PATH --data FILE --out FOLDER [flags]',
  about:
    'Rows come from JSON Lines, JSON, CSV, Parquet, Excel or text; `fettle data show` shows how a file is read. ' +
    'Ctrl-C finishes the step, saves and says how to resume; a second Ctrl-C ends at once.',
  examples: [EXAMPLE, 'fettle train --out runs/first --resume', 'fettle train --config run.json --rank 8'],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const note = (text: string) => !wantsJson(args) && streams.err.write(`${text}\n`);
  const started: { ahead?: EngineAhead } = {};
  try {
    const config = await configHere(args, note, TRAIN, (given) => {
      // it loads its modules and opens the model while this process looks at rows and computer
      started.ahead = engineAhead(given);
    });
    const resume = args.values.get('resume') === true;
    return await trainTo(config, { resume, json: wantsJson(args), ...started }, streams);
  } finally {
    started.ahead?.drop();
  }
}

/** The configuration of a run that is made here: as ruled, on the device and in the number format that are chosen for it. `onGiven` hears first of what is named. */
export async function configHere(
  args: Arguments,
  note: (text: string) => unknown,
  command = TRAIN,
  onGiven: (config: RunConfig) => void = () => {},
): Promise<RunConfig> {
  const given = await trainConfig(args, command);
  onGiven(given);
  return await askHere(async (engine) => {
    // the rules wait for another process meanwhile
    const choosing = isOpen(given, args) ? choosingHere() : null;
    choosing?.catch(() => {});
    const asked = await ruledConfig(args, note, { command, engine });
    return await onDevice(asked, args, note, { engine, choosing });
  });
}

/** Whether device or number format are to be chosen. */
function isOpen(config: RunConfig, args: Arguments): boolean {
  const isResumed = args.values.get('resume') === true;
  const isNamed = config.device !== 'auto' && (isResumed || config.precision !== 'auto');
  // what takes no training has no steps that would be quicker elsewhere; before there was a choice, `auto` was the processor
  return madeOf(config) === null && !isNamed && (!isResumed || args.values.has('device'));
}

/** What chooses, and what it looks at: hundreds of modules, which a run whose device is named does without. */
async function choosingHere() {
  const [{ chooseFor }, { knownHere }, { hardwareHere }] = await Promise.all([
    import('../app/device-choice.ts'),
    import('../app/grounds.ts'),
    import('./hardware.ts'),
  ]);
  const hardware = hardwareHere();
  hardware.catch(() => {});
  return { chooseFor, known: await knownHere(), hardware };
}

interface Trained {
  readonly resume: boolean;
  readonly json: boolean;
  readonly ahead?: EngineAhead;
  /** What is said at Ctrl-C where that does not end the training. */
  readonly onStop?: string;
}

/** Makes the run of `config` in a process of its own, showing how it goes, and keeps it in the history; gives the exit code. */
export async function trainTo(
  config: RunConfig,
  { resume, json, ahead, onStop }: Trained,
  streams: Streams,
): Promise<number> {
  const display = openDisplay(streams, json);
  let isComparing = false;
  let hasBegun = false;
  let isSkipped = false;
  const interrupt = onInterrupt(() => {
    if (onStop && !isComparing) return display.note(onStop);
    const isTraining = hasBegun
      ? say`Finishing this step, then saving. Press Ctrl-C again to end at once.`
      : say`Stopping. Press Ctrl-C again to end at once.`;
    display.note(isComparing ? say`Skipping the comparison. Press Ctrl-C again to end at once.` : isTraining);
  });
  const emit = (event: EngineEvent) => {
    hasBegun ||= event.event === 'start';
    if (event.event === 'phase' && event.phase === 'assess' && !isComparing) {
      isComparing = true;
      if (!json) display.note(say`The result is written. Ctrl-C skips the comparison with the base model.`);
    }
    isSkipped ||= event.event === 'warning' && event.code === 'not-assessed';
    display.show(event);
  };
  try {
    const startedAt = performance.timeOrigin;
    const request = {
      config,
      emit,
      stop: interrupt.stop,
      resume,
      startedAt,
      ...(ahead && { fork: ahead.fork }),
    };
    const end = await trainRecorded(request, { warn: display.note });
    if (isSkipped && !json)
      display.note(say`To compare later: ${`fettle assess --run ${shellWord(config.out)}`}`);
    return end.event === 'stopped' ? EXIT.interrupted : EXIT.ok;
  } finally {
    display.close();
    interrupt.release();
  }
}

/** Where and in what numbers a run that leaves it open is computed; one that goes on stays as it was. */
async function onDevice(
  config: RunConfig,
  args: Arguments,
  note: (text: string) => unknown,
  { engine, choosing }: { engine: EngineCalls; choosing: ReturnType<typeof choosingHere> | null },
): Promise<RunConfig> {
  const isResumed = args.values.get('resume') === true;
  if (!choosing) {
    const isLeftOpen = isResumed && madeOf(config) === null && config.device === 'auto';
    return isLeftOpen ? { ...config, device: 'cpu', deviceWhy: 'As the run had it before.' } : config;
  }
  const asked = await askedBy(args, config);
  const { chooseFor, known, hardware } = await choosing;
  const { config: chosen, precisionWhy } = await chooseFor(config, asked, {
    known,
    hardware,
    isResumed,
    engine,
    planOf: (one) => engine.plan(one),
    onTest: (way) => note(TESTING[way]),
  });
  if (precisionWhy !== null) note(numbersText(precisionWhy));
  return chosen;
}

/** Said before a test, which takes some seconds. */
export const TESTING: Readonly<Record<QuickWay, string>> = {
  int8: 'Testing products in 8 bits on this computer, once',
  openvino: 'Testing the speed pack on this computer, once',
};

/** In what numbers a run computes and why, in two lines. */
function numbersText(why: Why): string {
  const other = why.key === 'precision-int8' || why.key === 'precision-int8-full';
  return `Numbers  ${whyWords(why)}${other ? '\n         --precision f32 keeps 32 bits' : ''}`;
}

/** What of the device and the executor a person has named; the rest is chosen. */
export async function askedBy(args: Arguments, config: RunConfig): Promise<DeviceWish> {
  const { device, executor } = config;
  const file = args.values.get('config');
  const settings = typeof file === 'string' ? withoutChoice((await readSettings(file)).settings) : {};
  // a continued run keeps its engine, unless its device is chosen anew
  const isKept = args.values.get('resume') === true && (!args.values.has('device') || executor !== 'ort');
  const isNamed = args.values.has('executor') || settings.executor !== undefined;
  return {
    ...(device !== 'auto' && { device }),
    ...((isNamed || device !== 'auto' || isKept) && { executor }),
    onlyProcessor: isForProcessor(config),
    isExact: config.precision === 'f32',
  };
}

/** A command that trains, as its errors name it. */
interface TrainingCommand {
  readonly name: string;
  readonly example: string;
  readonly flags: readonly Flag[];
}

const TRAIN: TrainingCommand = { name: 'train', example: EXAMPLE, flags: FLAGS };

/** The configuration that `args` stand for: the saved run with --resume, then --config, then the flags; what they leave open has fixed values. */
export async function trainConfig(args: Arguments, command = TRAIN): Promise<RunConfig> {
  const files = await settingsFiles(args);
  const settled = settle(args, command.flags, files, command, parseRunConfig);
  if (madeOf(settled) !== null) refuseTrainingFlags(args);
  refuseUnused(args, settled);
  return settled;
}

/** The same for a run that begins: what files and flags leave open is chosen by the rules of the plan, and `note` hears what that is. */
export async function ruledConfig(
  args: Arguments,
  note: (text: string) => unknown,
  {
    command = TRAIN,
    engine,
    isElsewhere = false,
  }: { readonly command?: typeof TRAIN; readonly engine?: EngineCalls; readonly isElsewhere?: boolean } = {},
): Promise<RunConfig> {
  const settled = await trainConfig(args, command);
  if (madeOf(settled) !== null || args.values.get('resume') === true) return settled;
  const files = await settingsFiles(args);
  const named = namedSettings(args, command.flags, files);
  const chosen = await (engine
    ? ruledFor(settled, named, engine)
    : askHere((one) => ruledFor(settled, named, one)));
  const rules = isElsewhere ? settingsElsewhere(chosen, {}) : chosen;
  if (Object.keys(rules).length > 0) note(ruledText(rules));
  return settle(args, command.flags, [rulesFile(rules), ...files], command, parseRunConfig);
}

async function settingsFiles(args: Arguments): Promise<SettingsFile[]> {
  const files: SettingsFile[] = [];
  const config = args.values.get('config');
  if (typeof config === 'string') files.push(openly(await readSettings(config)));
  if (args.values.get('resume') === true) {
    const saved = await savedRun(args.values.get('out') ?? files[0]?.settings.out);
    const isNamed = args.values.has('device') || files[0]?.settings.device !== undefined;
    files.unshift(isNamed ? openly(saved) : saved);
  }
  return files;
}

/** Values of the rules as a file beneath all others. */
export function rulesFile(rules: Ruled): SettingsFile {
  return { name: 'the rules of the plan', settings: nestedSettings(rules) as SettingsFile['settings'] };
}

/** What was chosen, in two lines. */
function ruledText(rules: Ruled): string {
  const { learningRate, epochs, tokensPerMicroBatch, gradientAccumulation } = rules;
  const { warmupRatio, look, 'lora.rank': rank, keepActivations, replay, shareBeginnings } = rules;
  const step = Number(tokensPerMicroBatch) * Number(gradientAccumulation);
  const chosen = [
    learningRate !== undefined && `learning rate ${rateText(Number(learningRate))}`,
    epochs !== undefined && plural(Number(epochs), 'pass', 'passes'),
    Number.isFinite(step) && `${number(step)} tokens a step`,
    rank !== undefined && `rank ${rank}`,
    warmupRatio !== undefined && `warm-up ${percent(Number(warmupRatio))}`,
    keepActivations === true && 'what frozen layers put out kept for later passes',
    Number(replay) > 0 && `${percent(Number(replay))} general rows against forgetting`,
  ];
  const rest = shareBeginnings === true ? 'what rows begin with computed once' : 'batches';
  const words = chosen.filter((one) => one !== false).join(', ') || rest;
  const first = look
    ? '\n         No rate was tested on such a model and such rows: three are tried first, in a tenth of the time'
    : '';
  return `Settings ${words}\n         chosen for this model and these rows, as by \`fettle plan --propose\`; flags win${first}`;
}

/** A file of settings without what Fettle chose for the run that it is of. */
export const openly = (file: SettingsFile): SettingsFile => ({
  ...file,
  settings: withoutChoice(file.settings),
});

/** What is made of another run, without training, has no settings of one. */
function refuseTrainingFlags(args: Arguments): void {
  const isOfTraining = (name: string) =>
    FLAGS.some((one) => one.name === name && one.setting && !one.setting.untrained);
  const flag = [...args.values.keys()].find(isOfTraining);
  if (flag === undefined) return;
  throw new AppError(
    'bad-config',
    `--${flag} is a setting of a training, and this run is made of another one without training.`,
    `Leave out --${flag}.`,
  );
}

/** What a person names and has no effect is refused, rather than ignored in silence. */
function refuseUnused(args: Arguments, settled: RunConfig): void {
  for (const { name, setting } of FLAGS) {
    const refusal = args.values.has(name) && setting?.unused?.(args.values.get(name), withImplied(settled));
    if (!refusal) continue;
    const [message, hint] = refusal.map((text) =>
      text.replace(/\{([\w.]+)\}/g, (_, key: string) => `--${flagName(key)}`),
    );
    throw new AppError('bad-config', message!, hint!);
  }
}

async function savedRun(out: unknown): Promise<SettingsFile> {
  if (typeof out !== 'string') {
    throw badUsage(
      '--resume needs the folder of the run.',
      'For example: fettle train --out runs/first --resume',
    );
  }
  const path = join(out, RUN_FILE);
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) {
    const saved = await readSettings(path);
    return { ...saved, settings: savedSettings(saved.settings) as typeof saved.settings };
  }
  throw new AppError(
    'no-run',
    `There is no run to resume in ${out}: it holds no ${RUN_FILE}.`,
    'Leave out --resume to begin a run there, or name the folder of an earlier one with --out.',
  );
}
