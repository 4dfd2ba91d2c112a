/** The settings that "my own settings" offers in the list of what is proposed; every other one is under "All settings". */
import type { PlanField, PlanSettings } from '../../../common/api/contract.ts';
import { plan as text } from '../../text/wizard-plan.ts';

export interface Changeable {
  /** By the names of run.json. */
  readonly name: string;
  readonly range: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly whole: boolean;
  };
}

const whole = (min: number, max: number, step = 1) => ({ min, max, step, whole: true });

export const CHANGEABLE: Readonly<Partial<Record<PlanField, Changeable>>> = {
  learningRate: { name: 'learningRate', range: { min: 1e-12, max: 10, step: 1e-5, whole: false } },
  epochs: { name: 'epochs', range: { min: 0.001, max: 100_000, step: 1, whole: false } },
  rank: { name: 'lora.rank', range: whole(1, 4096, 8) },
  maxLength: { name: 'maxLength', range: whole(8, 1_048_576, 64) },
  tokensPerMicroBatch: { name: 'tokensPerMicroBatch', range: whole(8, 1_048_576, 64) },
  gradientAccumulation: { name: 'gradientAccumulation', range: whole(1, 65_536) },
};

/** A setting that is one of a few values. */
export interface Choosable {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** The option that holds now. */
  readonly value: string;
  readonly hint: string | undefined;
  /** The option that a setting of the person's is, which may be newer than what holds; what holds where there is none. */
  readonly shown: (own: unknown) => string;
  /** What an option is in run.json. */
  readonly setting: (option: string) => string | number | boolean;
  /** Settings of the person's that do not go with an option, by the names of run.json. */
  readonly without: (option: string) => readonly string[];
}

type ChoiceField = keyof typeof text.choices;

/** What the engine refuses beside an option: of 8 bits there are no values to choose, and layer by layer each block is computed again. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  'bits 8': ['quant'],
  'layerwiseUpdate layerwise': ['recompute', 'precision'],
  'masterBits 16': ['precision'],
};

/** The choice that a setting is with the others as they are; null where there is none to make. */
export function choiceOf(field: PlanField, settings: PlanSettings): Choosable | null {
  if (!isChoiceField(field) || !isOpen(field, settings)) return null;
  const labels: Readonly<Record<string, string>> = text.choices[field];
  // numbers come first among the keys of an object, the smaller ones before the larger
  const names = field === 'masterBits' ? ['32', '16'] : Object.keys(labels);
  return {
    options: names.map((value) => ({ value, label: labels[value] ?? value })),
    value: optionOf(field, settings),
    hint: text.choiceHints[field],
    shown: (own) => names.find((option) => settingOf(field, option) === own) ?? optionOf(field, settings),
    setting: (option) => settingOf(field, option),
    without: (option) => WITHOUT[`${field} ${option}`] ?? [],
  };
}

function optionOf(field: ChoiceField, settings: PlanSettings): string {
  if (field === 'layerwiseUpdate') return settings.layerwiseUpdate ? 'layerwise' : 'whole';
  return String(settings[field] ?? 32);
}

function settingOf(field: ChoiceField, option: string): string | number | boolean {
  if (field === 'layerwiseUpdate') return option === 'layerwise';
  return /^\d+$/.test(option) ? Number(option) : option;
}

function isChoiceField(field: PlanField): field is ChoiceField {
  return field in text.choices;
}

/** Whether the run has a choice there: what is for the processor, or for a card that can, is offered only there. */
function isOpen(
  field: ChoiceField,
  { method, bits, quant, device, executor, precision }: PlanSettings,
): boolean {
  const isOnProcessor = device === 'cpu';
  switch (field) {
    // there the state lives on the card, whose update has no moments in 8 bits
    case 'optimizer':
      return device !== 'webgpu';
    case 'bits':
      return method === 'qlora' && bits !== null;
    case 'quant':
      return quant === 'nf4' || (quant === 'int' && isOnProcessor);
    case 'precision':
      return hasPrecision({ device, executor, precision });
    case 'masterBits':
    case 'layerwiseUpdate':
      return method === 'full' && isOnProcessor && executor === 'ort';
    default:
      return true;
  }
}

/** Whether products in 16 bits are worth a word: on WebGPU, or where they have been asked for. */
export function hasPrecision({
  device,
  executor,
  precision,
}: Pick<PlanSettings, 'device' | 'executor' | 'precision'>): boolean {
  return precision === 'f16' || (device === 'webgpu' && executor === 'ort');
}

/** Whether a method has such a setting: full fine-tuning has no adapters, and QLoRA alone has codes. */
export function hasField(field: PlanField, settings: PlanSettings): boolean {
  const { method, rank, quant } = settings;
  switch (field) {
    case 'rank':
      return rank !== null;
    case 'bits':
      return method !== 'full';
    case 'quant':
      return quant !== null;
    case 'precision':
      return hasPrecision(settings);
    case 'masterBits':
    case 'layerwiseUpdate':
      return method === 'full';
    default:
      return true;
  }
}
