/** `fettle plan`: what a training would take, before it begins. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  DeviceChoice,
  IfYouHad,
  PlanEstimate,
  PlanFit,
  RangedFigure,
  Span,
} from '../../preload/contract.ts';
import { RunFields } from '../engine/config/schemas.ts';
import { parseRunConfig, type RunConfig } from '../engine/config.ts';
import type { RunPlan } from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import { nameOf } from '../plan/device-choice.ts';
import type { CardFacts } from '../plan/devices.ts';
import { estimate, type Probe } from '../plan/estimate.ts';
import { fitOf, fitOfEstimate } from '../plan/fit.ts';
import { probeRun } from '../runs/probe.ts';
import type { Arguments } from './arguments.ts';
import { chooseHere } from './chosen-device.ts';
import type { Command, Streams } from './command.ts';
import { openDisplay } from './display.ts';
import { EXIT } from './exit-codes.ts';
import { type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './flags.ts';
import { knownGrounds } from './grounds.ts';
import { onInterrupt } from './interrupt.ts';
import { readSettings, settle } from './settings.ts';
import { askedBy, CONFIG_FLAG, withoutChoice } from './train.ts';
import { bytes, count, counted, duration } from './words.ts';

const EXAMPLE = 'fettle plan --model models/SmolLM2.gguf --data rows.jsonl';

const FLAGS: readonly Flag[] = [
  ...flagsOf(RunFields).map(withoutFolder),
  CONFIG_FLAG,
  {
    name: 'probe',
    about: 'take three real steps and one evaluation: what they need replaces the estimate',
    group: 'Plan',
    alsoCalled: ['try', 'measure', 'test-run'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

/** A plan writes nothing, so the folder of the run may be left out. */
function withoutFolder(flag: Flag): Flag {
  return flag.name === 'out'
    ? { ...flag, required: false, about: 'as for train; a plan writes nothing, so it can be left out' }
    : flag;
}

export const command: Command = {
  usage: 'plan --model PATH --data FILE [flags of train] [--probe]',
  about:
    'Memory and time are computed from the very graphs that would run, and corrected by what this computer has really done. ' +
    'Times need a measurement: `fettle hardware --bench`, or --probe.',
  examples: [EXAMPLE, `${EXAMPLE} --method full --probe`, `${EXAMPLE} --max-length 512 --json`],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const given = await planConfig(args);
  const json = args.values.get('json') === true;
  const display = json ? undefined : openDisplay(streams, false);
  const interrupt = onInterrupt(() => display?.note('Stopping. Press Ctrl-C again to end at once.'));
  try {
    const { plan } = await import('../engine/session.ts');
    const planOf = (one: RunConfig) =>
      plan(one, { emit: (event) => display?.show(event), stop: interrupt.stop });
    const chosen = await chooseHere(given, await askedBy(args, given), planOf);
    const { config, choice, card, plan: known, freeBytes: free } = chosen;
    const planned = known ?? (await planOf(config));
    display?.close();
    const probe =
      args.values.get('probe') === true ? await probed(config, interrupt.stop, display?.note) : null;
    const figures = estimate(planned, {
      ...(await knownGrounds(planned.executor, planned.device)),
      probe,
    });
    streams.out.write(
      json
        ? `${JSON.stringify({ ...jsonOf(planned, figures, free, card), choice })}\n`
        : planText(planned, figures, free, { choice, card }),
    );
    return EXIT.ok;
  } finally {
    display?.close();
    interrupt.release();
  }
}

/** The settings of a training that does not take place: its folder is nowhere. */
async function planConfig(args: Arguments): Promise<RunConfig> {
  const file = args.values.get('config');
  const files = typeof file === 'string' ? [withoutChoice(await readSettings(file))] : [];
  const nowhere = { settings: { out: join(tmpdir(), 'fettle-plan') }, file: 'fettle plan' };
  const words = { name: 'plan', example: EXAMPLE };
  const config = settle(args, FLAGS, [nowhere as never, ...files], words, parseRunConfig);
  if (!config.blend) return config;
  const message = `${file} makes a blend of another run, which takes no training that could be planned.`;
  throw new AppError('bad-config', message, 'Make it: it takes about as long as loading the model.');
}

async function probed(config: RunConfig, stop: AbortSignal, note?: (text: string) => void): Promise<Probe> {
  note?.('Taking three steps');
  const { trainInProcess } = await import('./engine-process.ts');
  return probeRun(config, (short, emit) => trainInProcess({ config: short, emit, stop, resume: false }));
}

function jsonOf(plan: RunPlan, figures: PlanEstimate, freeBytes: number, card: CardFacts | null) {
  const { lengths: _, work: __, memory: ___, ...facts } = plan;
  return { ...facts, ...figures, freeBytes, card, fit: fitOfEstimate(figures, { freeBytes, card }) };
}

const FITS: Readonly<Record<PlanFit, string>> = {
  comfortable: 'fits',
  tight: 'is tight',
  'too-big': 'DOES NOT FIT',
};

const RESTS_ON: Readonly<Record<RangedFigure['restsOn'], string>> = {
  formula: 'computed from the graph',
  benchmark: 'from the measured speed of this computer',
  runs: 'corrected by earlier runs on this computer',
  probe: 'measured in three steps',
};

const PART_NAMES: Readonly<Record<string, string>> = {
  program: 'the program itself',
  weights: 'frozen weights',
  adapters: 'trained weights',
  gradients: 'their gradients',
  optimizer: "the optimizer's moments",
  activations: 'activations',
  logits: 'head and loss',
  working: 'working room',
  'mapped-again': 'weights mapped twice (they exist once)',
  start: 'start',
  steps: 'steps',
  evaluation: 'held-out rows',
  checkpoints: 'writing',
  assessment: 'assessment',
};

/** The plan as a person reads it. */
export function planText(
  plan: RunPlan,
  figures: PlanEstimate,
  freeBytes: number,
  {
    choice = null,
    card = null,
  }: { readonly choice?: DeviceChoice | null; readonly card?: CardFacts | null } = {},
): string {
  const { neededBytes, peakRamBytes, peakVramBytes, stepSeconds, totalSeconds, kwh } = figures;
  const parts = figures.memoryParts.filter(({ bytes: part }) => part >= 1e6);
  return [
    `Rows     ${counted(plan.rows, 'row')} to train on, ${count(plan.heldOutRows)} held out; ${counted(plan.steps, 'step')} of ${count(plan.work.batchesPerStep)} x ${count(plan.rowsPerBatch)} x ${counted(plan.rowLength, 'token')}`,
    `Device   ${deviceText(plan)}`,
    ...choiceText(choice),
    `Memory   ${range(neededBytes, bytes)} needed, ${bytes(freeBytes)} free: it ${FITS[fitOf(neededBytes, freeBytes)]} (${RESTS_ON[neededBytes.restsOn]})`,
    `         the process will show ${range(peakRamBytes, bytes)} at its peak:`,
    ...parts.map(({ part, bytes: size }) => `         ${bytes(size).padStart(9)}  ${PART_NAMES[part]}`),
    ...(peakVramBytes
      ? [
          `Card     ${range(peakVramBytes, bytes)} of its memory${cardText(peakVramBytes, card)} (${RESTS_ON[peakVramBytes.restsOn]})`,
        ]
      : []),
    ...(totalSeconds && stepSeconds
      ? [
          `Time     ${range(totalSeconds, duration)} (${RESTS_ON[totalSeconds.restsOn]}); a step ${range(stepSeconds, duration)}`,
          ...figures.timeParts
            .filter(({ seconds }) => seconds >= 0.5)
            .map(({ part, seconds }) => `         ${duration(seconds).padStart(9)}  ${PART_NAMES[part]}`),
        ]
      : [
          peakVramBytes
            ? 'Time     not known: add --probe, or measure the card with `fettle hardware --bench --device`'
            : 'Time     not known: measure this computer with `fettle hardware --bench`, or add --probe',
        ]),
    ...(kwh ? [`Energy   ${kwh.value.toPrecision(2)} kWh`] : []),
    ...rentedText(figures.ifYouHad),
    '',
  ].join('\n');
}

/** What the run computes on. */
function deviceText({ device = 'cpu', threads, executor }: RunPlan): string {
  return device === 'cpu'
    ? `the processor, ${counted(threads, 'thread')} (${executor})`
    : `the graphics card by --device ${device} (${executor})`;
}

/** Why there, and what is said of the other devices that this computer has. */
function choiceText(choice: DeviceChoice | null): string[] {
  if (choice === null) return [];
  const { reason, offers, device, executor } = choice;
  const others = offers.filter(
    (one) => (one.device !== device || one.executor !== executor) && !reason.includes(one.reason.slice(1)),
  );
  const told = others.filter(({ card }) => card !== null || device !== 'cpu');
  const lines = told.map((one) => `${upper(nameOf(one))}: ${one.reason}`);
  return [reason, ...lines].map((line) => `         ${line}`);
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cardText(peak: RangedFigure, card: CardFacts | null): string {
  if (!card || card.isShared || card.freeBytes === null) return '';
  return `, ${bytes(card.freeBytes)} free: it ${FITS[fitOf(peak, card.freeBytes)]}`;
}

/** The same run on cards that are not here; one line where it would be over before a card is rented. */
function rentedText(cards: readonly IfYouHad[]): string[] {
  const [first] = cards;
  if (!first) return [];
  const longest = Math.max(...cards.map(({ seconds }) => seconds.value));
  const allFit = cards.every(({ fits }) => fits);
  if (longest < 60 && allFit) {
    const names = cards.map(({ name }) => name).join(' or ');
    return [`Rented   less than a minute on an ${names}, by published rates; not measured`];
  }
  const { low, high } = first.utilisation;
  return [
    ...cards.map(({ name, seconds, cost, currency, fits, memoryBytes }, index) => {
      const what = fits
        ? `${range(seconds, duration)}, ${price(cost.value)} ${currency}`
        : `does not fit into its ${bytes(memoryBytes)}`;
      return `${index === 0 ? 'Rented   ' : '         '}${name}: ${what}`;
    }),
    `         from the makers' published rates in 16 bits, of which trainings reach ${100 * low} to ${100 * high} %, and prices assumed in ${first.pricesFrom}; not measured`,
  ];
}

function price(value: number): string {
  return value < 0.01 ? 'less than 0.01' : value.toFixed(2);
}

function range({ value, low, high }: Span, words: (value: number) => string): string {
  return `${words(value)} (${words(low)} to ${words(high)})`;
}
