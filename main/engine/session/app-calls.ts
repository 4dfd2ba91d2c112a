/**
 * What the application asks the engine for besides training: a table of calls. Each loads what it needs when it is asked
 * first, so that a look at a file does not wait for the code that computes.
 */

import type { CallEvent, EngineCallName } from '../../../common/protocol/protocol.ts';
import {
  parseAssessConfig,
  parseDataConfig,
  parseDoctorConfig,
  parseExportConfig,
  parseRunConfig,
} from '../config/config.ts';
import { nestedSettings, settingInfos } from './app-settings.ts';

export interface CallIo {
  emit(event: CallEvent): void;
  readonly stop: AbortSignal;
}

type Work = (input: unknown, io: CallIo) => unknown;

const session = () => import('./session.ts');
const planner = async () => (await import('./planner/planner.ts')).livePlanner;

export const CALLS: Readonly<Record<EngineCallName, Work>> = {
  look: async (input, io) => (await import('./app-look.ts')).look(parseDataConfig(input), io),
  preview: async (input, io) =>
    (await import('./app-preview.ts')).preview(nestedSettings(input) as never, io),
  check: async (input, io) => (await session()).checkData(parseDoctorConfig(nestedSettings(input)), io),
  undo: async (input, { stop }) => (await session()).undoData({ ...(input as Undo), signal: stop }),
  split: async (input) =>
    (await import('../data/rows/split.ts')).heldOutCount(...(input as [number, number])),
  inspect: async (input) => (await session()).inspect(input as string),
  plan: async (input, io) => (await planner()).plan(parseRunConfig(input), io),
  planTraining: async (input, io) => (await planner()).plan(parseRunConfig(input), io, 'training'),
  planRows: async (input, io) => (await planner()).rows(parseRunConfig(input), io),
  prices: async (input, { stop }) => (await import('./prices.ts')).pricesOf(input as never, stop),
  bench: async (input, io) => (await import('./app-bench.ts')).benchmark(input as never, io),
  adapters: async () => (await import('./app-adapters.ts')).adapters(),
  generate: async (input, io) => (await import('./app-generate.ts')).generate(input as never, io),
  close: async () => (await import('./open-models.ts')).closeModels(),
  blind: async (input, io) => (await import('./app-blind.ts')).blind(input as never, io),
  judge: async (input) => (await import('./app-blind.ts')).judge(input as never),
  parseRun: (input) => parseRunConfig(nestedSettings(input)),
  parseExport: (input) => parseExportConfig(input),
  parseAssess: (input) => parseAssessConfig(input),
  settings: () => settingInfos(),
  assess: async (input, io) => (await session()).assess(parseAssessConfig(input), io),
  export: async (input, io) => (await session()).exportRun(parseExportConfig(input), io),
};

/** Calls that compute nothing and wait for no other one. */
export const QUICK_CALLS: ReadonlySet<EngineCallName> = new Set([
  'parseRun',
  'parseExport',
  'parseAssess',
  'settings',
  'split',
]);

interface Undo {
  readonly file: string;
  readonly out: string;
}
