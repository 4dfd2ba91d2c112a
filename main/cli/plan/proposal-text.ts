/**
 * A proposal as a person reads it: the methods side by side, the settings with their reasons, what would fit where nothing does, and the
 * command that trains so.
 */
import type {
  LocalModel,
  MethodPlan,
  Nearest,
  PlanField,
  PlanFit,
  PlanMethod,
  PlannedMethod,
  PlanWish,
  Proposal,
} from '../../../common/api/contract.ts';
import { fieldsFrom } from '../../../common/settings/plan.ts';
import { nearestWords, whyWords } from '../../../common/settings/reasons.ts';
import { RUN_SETTINGS, valueAt } from '../../../common/settings/table.ts';
import { changedSettings } from '../../app/run-config.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { ruledNames } from '../../plan/defaults.ts';
import { type Flag, flagName, flagsOf } from '../arguments.ts';
import { hanging, wrap } from '../help.ts';
import type { Settings } from '../settings.ts';
import { about, bytes, count, plain, typed } from '../words.ts';

const LEFT = 9;
const METHODS: Readonly<Record<PlanMethod, string>> = { full: 'full', lora: 'LoRA', qlora: 'QLoRA' };
const FITS: Readonly<Record<PlanFit, string>> = {
  comfortable: 'fits',
  tight: 'is tight',
  'too-big': 'does not fit',
};

/** Full, LoRA and QLoRA, each with what it takes and why it is or is not recommended. */
export function methodLines(proposal: Proposal, parameters: number, width: number): string[] {
  const { methods, recommended, freeBytes, wish } = proposal;
  const head = `each with the settings that suit it best here; ${bytes(freeBytes)} of memory are free`;
  const none =
    recommended === null ? entry('', 'No method fits into the free memory of this computer.', width) : [];
  return [
    ...entry('Methods', head, width),
    ...wishLines(wish, methods, width),
    ...methods.flatMap((one) => methodLine(one, parameters, width)),
    ...none,
  ];
}

function wishLines(wish: PlanWish, methods: readonly MethodPlan[], width: number): string[] {
  if (wish.kind === 'best') return [];
  const isKnown = methods.some(({ planned }) => planned.inTime !== null);
  const unknown = isKnown ? '' : ': whether that is kept is not known before this computer is measured';
  const hours = `${wish.hours} ${wish.hours === 1 ? 'hour' : 'hours'}`;
  return entry('', `to end within ${hours}, even where it is slower than expected${unknown}`, width);
}

function methodLine({ method, recommended, why, planned }: MethodPlan, parameters: number, width: number) {
  const { price, fit, inTime } = planned;
  const { peakBytes, peakVramBytes, totalSeconds, trainableParameters } = price;
  const said = [
    `${bytes(peakBytes.value)} needed: it ${FITS[fit]}`,
    ...(peakVramBytes ? [`${bytes(peakVramBytes.value)} of the card's memory`] : []),
    totalSeconds === null ? 'time not known' : about(totalSeconds.value),
    ...(inTime === false ? ['too slow'] : []),
    ...(trainableParameters === undefined
      ? []
      : [`${count(trainableParameters)} of ${count(parameters)} weights trained`]),
  ].join('; ');
  const place = ' '.repeat(LEFT);
  const mark = recommended ? 'Recommended. ' : '';
  return [
    ...hanging(`${place}${METHODS[method].padEnd(6)} `, said, width),
    ...hanging(`${place}${' '.repeat(7)}`, mark + whyWords(why), width),
  ];
}

/** In the order in which they are read; the method has its reason above. */
const FIELDS = fieldsFrom(
  ...(['device', 'executor', 'rank', 'maxLength', 'tokensPerMicroBatch', 'gradientAccumulation'] as const),
  ...(['epochs', 'learningRate', 'weightDecay', 'warmupRatio', 'heldOut'] as const),
);
const VALUE = 30;

/** Each proposed setting by its flag, and why it is what it is. */
export function settingLines(method: PlanMethod, planned: PlannedMethod, width: number): string[] {
  const { settings } = planned;
  const rows = FIELDS.flatMap((field) => {
    const lines = wrap(whyWords(planned.whys[field]), width - LEFT - VALUE);
    // a number of steps wins over the share
    const holds = field === 'warmupRatio' && settings.warmupSteps !== undefined ? 'warmupSteps' : field;
    return lines.map((line, i) => {
      const setting = i === 0 ? `${flagName(holds)} ${valueText(settings[holds])}` : '';
      return `${' '.repeat(LEFT)}${setting.padEnd(VALUE)}${line}`;
    });
  });
  return [...entry('Settings', `of ${METHODS[method]}, and why`, width), ...rows];
}

function valueText(value: PlannedMethod['settings'][PlanField | 'warmupSteps']): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'number' ? plain(value) : (value ?? '–');
}

/** What would fit where this does not, each with its flags. */
export function nearestLines(
  nearest: readonly Nearest[],
  models: readonly LocalModel[],
  width: number,
): string[] {
  const lines = nearest.flatMap((one, i) =>
    entry(i === 0 ? 'Nearest' : '', `${nearestWords(one)}${flagsFor(one, models)}`, width),
  );
  const hasFlags = nearest.some(({ kind }) => kind !== 'close-programs');
  return hasFlags
    ? [...lines, ...entry('', 'Add such a flag and --propose, which finds the rest.', width)]
    : lines;
}

function flagsFor(one: Nearest, models: readonly LocalModel[]): string {
  switch (one.kind) {
    case 'close-programs':
      return '';
    case 'method':
      return ` (--method ${one.method})`;
    case 'length':
      return ` (--max-length ${one.maxLength} --tokens-per-micro-batch ${one.maxLength})`;
    case 'micro-batch':
      return ` (--tokens-per-micro-batch ${one.tokens})`;
    case 'rank':
      return ` (--rank ${one.rank})`;
    case 'model':
      return ` (--model ${placeOf(one.localId, models) ?? `with a download of ${one.repo}`}, --method ${one.method})`;
  }
}

/** A name at the left and words beside it. */
function entry(name: string, text: string, width: number): string[] {
  return hanging(name.padEnd(LEFT), text, width);
}

/** Where a model of the catalog lies on this computer; null where it does not. */
function placeOf(localId: string | null, models: readonly LocalModel[]): string | null {
  return models.find(({ id }) => id === localId)?.path ?? null;
}

/** Named as the person has named them, not by their full paths. */
const AS_NAMED = [
  ...['model', 'data', 'evalData', 'replayData', 'map', 'promptTemplate', 'system', 'sheet', 'samplePrompts'],
];
/** Where the run would be: the person's own choice, so a place that says what it is. */
const OUT = 'runs/first';

/** The command for `config`, whose files are called as in `named`. */
export function trainCommand(config: RunConfig, named: Settings): string {
  const { replayData: _, ...others } = config;
  const settings = changedSettings(others);
  const files = AS_NAMED.filter((name) => named[name] !== undefined).map((name) => [name, named[name]]);
  // `fettle train` would choose these itself, and perhaps not as here
  const ruled = ruledNames(config.method)
    .map((name) => [name, valueAt(config, name)] as const)
    .filter(([, value]) => value !== undefined);
  const all = {
    ...Object.fromEntries(files),
    out: OUT,
    ...settings,
    ...Object.fromEntries(ruled),
  } as Settings;
  const flags = flagsOf(RUN_SETTINGS);
  const words = Object.entries(all).flatMap(([name, value]) =>
    wordsOf(flags.find(({ setting }) => setting?.name === name)!, value),
  );
  return ['npx fettle train', ...words].join(' ');
}

/** `--rank 8`, `--no-packing`, or a flag several times. */
function wordsOf({ name, value: placeholder, repeats }: Flag, value: unknown): string[] {
  if (placeholder === undefined) return [value === false ? `--no-${name}` : `--${name}`];
  const values = Array.isArray(value) ? (repeats ? value : [value.join(',')]) : [value];
  return values.map((one) => `--${name} ${typed(typeof one === 'number' ? plain(one) : String(one))}`);
}
