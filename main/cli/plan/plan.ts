/** `fettle plan`: what a training would take, before it begins, and what the planner would choose for it. */
import type { PlanEstimate, PlanWish } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { madeOf, RUN_SETTINGS } from '../../../common/settings/table.ts';
import { NOWHERE, planHere } from '../../app/plan-here.ts';
import { probeRun } from '../../app/probe.ts';
import { type Ruled, ruledFor } from '../../app/ruled.ts';
import { trainHere } from '../../app/train-here.ts';
import { askHere } from '../../app/work-here.ts';
import { parseRunConfig, type RunConfig } from '../../engine/config/config.ts';
import type { Probe } from '../../plan/estimate.ts';
import {
  type Arguments,
  badUsage,
  type Flag,
  flagsOf,
  HELP_FLAG,
  JSON_FLAG,
  wantsJson,
} from '../arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../command.ts';
import { costFlags, costsOf } from '../costs.ts';
import { withDisplay } from '../display.ts';
import { hardwareHere } from '../hardware.ts';
import {
  absolutePaths,
  namedSettings,
  readSettings,
  type Settings,
  type SettingsFile,
  settle,
} from '../settings.ts';
import { askedBy, CONFIG_FLAG, openly, rulesFile, TESTING } from '../train.ts';
import { duration } from '../words.ts';

const EXAMPLE = 'fettle plan --model models/SmolLM2.gguf --data rows.jsonl';
const WISHES = ['best-quality', 'tonight'];
/** As in the window. */
const USUAL_HOURS = 8;
const MOST_HOURS = 1000;

const FLAGS: readonly Flag[] = [
  ...flagsOf(RUN_SETTINGS).map(withoutFolder),
  CONFIG_FLAG,
  {
    name: 'propose',
    about: 'compare the methods, choose what flags leave open, and say why',
    group: 'Plan',
    alsoCalled: ['search', 'suggest', 'recommend'],
  },
  {
    name: 'wish',
    about: 'propose the best settings, or those that finish in time',
    group: 'Plan',
    value: WISHES.join('|'),
    fallback: WISHES[0]!,
  },
  {
    name: 'hours',
    about: 'with --wish tonight: hours until the run must end',
    group: 'Plan',
    value: 'N',
    fallback: String(USUAL_HOURS),
    alsoCalled: ['within', 'time-limit', 'max-time'],
  },
  ...costFlags('Plan', 'as in `fettle settings`'),
  {
    name: 'probe',
    about: 'run three steps for real, and use their figures',
    group: 'Plan',
    alsoCalled: ['try', 'measure', 'test-run'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

/** A plan writes nothing, so the folder of the run may be left out. */
function withoutFolder(flag: Flag): Flag {
  return flag.name === 'out' ? { ...flag, required: false, about: 'as for train; can be left out' } : flag;
}

export const command: Command = {
  usage: 'plan --model PATH --data FILE [flags of train] [--propose] [--probe]',
  about:
    'The figures are those of `fettle train` with the same flags; --propose chooses what they leave open. ' +
    'Times need a measurement: `fettle hardware --bench`, or --probe. If a run does not fit, it says what would.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --propose --wish tonight --hours 6`,
    `${EXAMPLE} --method full --probe`,
    `${EXAMPLE} --max-length 512 --json`,
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const { config: given, named, with: withRules } = await planConfig(args);
  const wish = wishOf(args);
  const costs = await costsOf(args, EXAMPLE);
  return await withDisplay(streams, wantsJson(args), async (display, stop) => {
    const note = (text: string) => display?.note(text);
    const probe = (one: RunConfig, figures: PlanEstimate) => probed(one, figures, stop, note);
    const asked = await askedBy(args, given);
    const found = await askHere(async (engine) => {
      engine.startPlanner();
      const config = withRules(await ruledFor(given, named, engine));
      const question = {
        config,
        named,
        wish,
        costs,
        asked,
        probe: args.values.get('probe') === true ? probe : null,
      };
      return planHere(question, {
        engine,
        stop,
        onTest: (way) => note(TESTING[way]),
        hardware: hardwareHere(),
        complete: (settings) => absolutePaths(parseRunConfig(settings)),
        emit: (event) => display?.show(event),
      });
    });
    for (const warning of found.warnings) display?.show({ event: 'warning', ...warning });
    display?.close();
    const { trainCommand } = await import('./proposal-text.ts');
    const { planJson, planText } = await import('./text.ts');
    const command = found.fitting && trainCommand(found.fitting, named);
    const width = Math.min(120, Math.max(60, streams.out.columns ?? 100));
    printOne(args, streams, planJson(found, command), () => planText(found, command, width));
    return EXIT.ok;
  });
}

interface Planned {
  readonly config: RunConfig;
  readonly named: Settings;
  /** The configuration with the values of rules beneath what is named. */
  with(rules: Ruled): RunConfig;
}

/** The settings of a training that does not take place, whose folder is nowhere; and those of them that somebody has named. */
async function planConfig(args: Arguments): Promise<Planned> {
  const file = args.values.get('config');
  const files = typeof file === 'string' ? [openly(await readSettings(file))] : [];
  const nowhere = { settings: NOWHERE, name: 'fettle plan' };
  const words = { name: 'plan', example: EXAMPLE };
  const over = (under: readonly SettingsFile[]) =>
    settle(args, FLAGS, [...under, nowhere, ...files], words, parseRunConfig);
  const config = over([]);
  if (madeOf(config) === null)
    return {
      config,
      named: namedSettings(args, FLAGS, files),
      with: (rules) => over([rulesFile(rules)]),
    };
  const message = `${file} makes a run of another one, without a training that could be planned.`;
  throw new AppError('bad-config', message, 'Make it: it takes about as long as loading the model.');
}

/** What is wished of a proposal; null where none is asked for. */
function wishOf({ values }: Arguments): PlanWish | null {
  const wish = values.get('wish') as string | undefined;
  const given = values.get('hours') as string | undefined;
  const hours = given === undefined ? USUAL_HOURS : Number(given);
  if (wish !== undefined && !WISHES.includes(wish))
    throw badUsage(
      `--wish is ${WISHES.join(' or ')}; got "${wish}".`,
      `For example: ${EXAMPLE} --wish tonight`,
    );
  if (!(hours > 0 && hours <= MOST_HOURS))
    throw badUsage(
      `--hours must be a number from 0.1 to ${MOST_HOURS}; got "${given}".`,
      'For example: --wish tonight --hours 8',
    );
  if (given !== undefined && wish !== 'tonight')
    throw badUsage('--hours is for a run that has to end in time.', `Write --wish tonight --hours ${given}.`);
  if (wish === 'tonight') return { kind: 'tonight', hours };
  return wish !== undefined || values.get('propose') === true ? { kind: 'best' } : null;
}

async function probed(
  config: RunConfig,
  { probeSeconds }: PlanEstimate,
  stop: AbortSignal,
  note: (text: string) => void,
): Promise<Probe> {
  const long = probeSeconds === null ? 'how long that is shows only now' : `about ${duration(probeSeconds)}`;
  note(`Taking three steps and one evaluation: ${long}`);
  return probeRun(config, (short, probe) =>
    trainHere({ config: short, emit: () => {}, stop, resume: false, probe }),
  );
}
