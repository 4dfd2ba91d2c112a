/** The settings of a plan under the names of run.json, `lora.rank` with a dot, and back. */
import type {
  PlanDevice,
  PlanMethod,
  PlanOptimizer,
  PlanPrecision,
  PlanQuant,
  PlanRecompute,
  PlanSettings,
} from '../../common/api/contract.ts';

type RunSettings = Readonly<Record<string, unknown>>;

const NUMBERS = {
  'lora.rank': 'rank',
  maxLength: 'maxLength',
  tokensPerMicroBatch: 'tokensPerMicroBatch',
  gradientAccumulation: 'gradientAccumulation',
  epochs: 'epochs',
  learningRate: 'learningRate',
  weightDecay: 'weightDecay',
  warmupRatio: 'warmupRatio',
  warmupSteps: 'warmupSteps',
  maxSteps: 'maxSteps',
  heldOut: 'heldOut',
} as const satisfies Readonly<Record<string, keyof PlanSettings>>;

/** What a run is asked for: what else the person has set, and over it the settings of a plan. */
export function runSettingsOf(settings: PlanSettings, own: RunSettings = {}): Record<string, unknown> {
  const numbers = Object.entries(NUMBERS).flatMap(([name, field]): [string, unknown][] =>
    settings[field] == null ? [] : [[name, settings[field]]],
  );
  const { method, executor, device } = settings;
  return { ...own, ...Object.fromEntries(numbers), device, executor, ...unusual(settings), method };
}

/** What saves memory, where it is not as a run has it anyway. */
export function unusual({
  recompute,
  optimizer,
  bits = null,
  quant = null,
  precision = 'f32',
  masterBits = null,
  layerwiseUpdate = false,
}: Pick<PlanSettings, 'recompute' | 'optimizer'> & {
  readonly [Field in 'bits' | 'quant' | 'precision' | 'masterBits' | 'layerwiseUpdate']?:
    | PlanSettings[Field]
    | undefined;
}) {
  return {
    ...(recompute !== 'none' && { recompute }),
    ...(optimizer !== 'adamw' && { optimizer }),
    ...(bits !== null && bits !== 4 && { bits }),
    ...(quant === 'nf4' && { quant }),
    ...(precision === 'f16' && { precision }),
    ...(masterBits !== null && { masterBits }),
    ...(layerwiseUpdate && { layerwiseUpdate }),
  };
}

/** The settings of a plan among those of a run, given flat or as a tree; what is not a number there is for the engine to refuse. */
export function planSettingsOf(run: RunSettings): Partial<PlanSettings> {
  const lora = run.lora as RunSettings | undefined;
  const numbers = Object.entries(NUMBERS).flatMap(([name, field]): [string, number][] => {
    const value = run[name] ?? (field === 'rank' ? lora?.rank : undefined);
    return typeof value === 'number' ? [[field, value]] : [];
  });
  return {
    ...Object.fromEntries(numbers),
    ...(typeof run.executor === 'string' && { executor: run.executor }),
    ...(isDevice(run.device) && run.deviceWhy === undefined && { device: run.device }),
    ...(isRecompute(run.recompute) && { recompute: run.recompute }),
    ...(isOptimizer(run.optimizer) && { optimizer: run.optimizer }),
    ...((run.bits === 4 || run.bits === 8 || run.bits === 16) && { bits: run.bits }),
    ...(isQuant(run.quant) && { quant: run.quant }),
    ...(isPrecision(run.precision) && { precision: run.precision }),
    ...(run.masterBits === 16 && { masterBits: run.masterBits }),
    ...(run.masterBits === 32 && { masterBits: null }),
    ...(typeof run.layerwiseUpdate === 'boolean' && { layerwiseUpdate: run.layerwiseUpdate }),
  };
}

const DEVICES: readonly PlanDevice[] = ['cpu', 'webgpu', 'cuda', 'dml'];

/** A device by its name; `auto` is none. */
export function isDevice(value: unknown): value is PlanDevice {
  return DEVICES.some((device) => device === value);
}

const RECOMPUTES: readonly PlanRecompute[] = ['none', 'attention', 'third', 'half', 'block'];

function isRecompute(value: unknown): value is PlanRecompute {
  return RECOMPUTES.some((what) => what === value);
}

const OPTIMIZERS: readonly PlanOptimizer[] = ['adamw', 'adamw-8bit'];

function isOptimizer(value: unknown): value is PlanOptimizer {
  return OPTIMIZERS.some((optimizer) => optimizer === value);
}

const QUANTS: readonly PlanQuant[] = ['int', 'nf4'];

function isQuant(value: unknown): value is PlanQuant {
  return QUANTS.some((quant) => quant === value);
}

const PRECISIONS: readonly PlanPrecision[] = ['f32', 'f16'];

/** A precision by its name; `auto` is none. */
function isPrecision(value: unknown): value is PlanPrecision {
  return PRECISIONS.some((precision) => precision === value);
}

const METHODS: readonly PlanMethod[] = ['full', 'lora', 'qlora'];

/** Whether a value names a method. */
export function isMethod(value: unknown): value is PlanMethod {
  return METHODS.some((method) => method === value);
}
