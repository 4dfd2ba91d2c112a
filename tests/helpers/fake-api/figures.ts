/** What a run would take, as the planner says it: the real graphs of its model, over the made-up rows, on the made-up computer. */
import path from 'node:path';
import type { PlanFigures } from '../../../common/api/contract.ts';
import type { RunPlan } from '../../../common/protocol/protocol.ts';
import { nestedSettings } from '../../../common/settings/form.ts';
import { knownTargets } from '../../../main/app/elsewhere.ts';
import { figuresOf } from '../../../main/app/plan.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { openExecutor } from '../../../main/engine/exec/registry.ts';
import { halvesPromised, isMostlyHalved } from '../../../main/engine/load/halved-weights.ts';
import { openModel } from '../../../main/engine/load/open-model.ts';
import type { JsonObject } from '../../../main/engine/models/config-reader.ts';
import { outline } from '../../../main/engine/models/model.ts';
import { readModel } from '../../../main/engine/models/registry.ts';
import type { KnownModel } from '../../../main/engine/pricing/pricing.ts';
import { priceRun, stepFacts } from '../../../main/engine/pricing/run-price.ts';
import { arrangeRows } from '../../../main/engine/step/arrange-rows.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { cardAt, devicesOf } from '../../../main/plan/devices.ts';
import { catalogModel } from '../../../main/plan/situation-for.ts';
import { fakeHardware } from './hardware.ts';
import { THREADS } from './rates.ts';
import { cutRows, evenRows, ROW_COUNT, rowProfile } from './rows.ts';
import type { FakeWorld } from './world.ts';

/** Rows of a file to measure on, and general rows that may be mixed in: how many, and tokens of each. */
const HELD_OUT_FILE = [60, 80] as const;
const GENERAL = [1000, 60] as const;

export type FakeComputer = Pick<FakeWorld, 'facts' | 'settings' | 'local'> &
  Partial<Pick<FakeWorld, 'targets'>>;

export interface FakeRun {
  readonly modelId: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly evalPaths?: readonly string[] | undefined;
}

const models = new Map<string, Promise<KnownModel>>();
/** By all that a plan depends on: several hosts and screens of a process ask for the same ones. */
const plans = new Map<string, Promise<RunPlan>>();

/** The shapes of a model of the list; one whose shape is not known is taken for the practice model. */
export function fakeModel(id: string, computer: Pick<FakeWorld, 'local'>): Promise<KnownModel> {
  const repo = repoOf(id, computer);
  const known = models.get(repo) ?? modelOf(repo);
  models.set(repo, known);
  return known;
}

function repoOf(id: string, { local }: Pick<FakeWorld, 'local'>): string {
  return local.find((one) => one.id === id)?.repo ?? 'practice';
}

async function modelOf(repo: string): Promise<KnownModel> {
  const found = catalogModel(repo);
  if (found && 'config' in found) {
    const config = found.config as JsonObject;
    const model = readModel(config);
    const shapes = outline(model);
    return { config, model, outline: shapes, halves: halvesPromised(config, shapes) };
  }
  const opened = await openModel(path.join(resourcesFolder(), 'practice-model'));
  await opened.store.close();
  return opened;
}

/** The figures of a run with `settings`, by the names of run.json. Throws an `AppError` for wrong ones. */
export async function fakeFigures(run: FakeRun, computer: FakeComputer): Promise<PlanFigures> {
  const { facts, settings } = computer;
  const asked = { threads: THREADS, ...run.settings, model: run.modelId, data: 'rows', out: 'run' };
  const config = parseRunConfig(nestedSettings(asked));
  const plan = await knownPlan(config, run, computer);
  const { watts, pricePerKwh } = settings;
  const residuals = { memory: [], step: [] };
  const { rates, hardware = fakeHardware, freeMemory: freeBytes } = facts;
  const grounds = { rates, platform: 'linux', probe: null, residuals, watts, pricePerKwh };
  const devices = devicesOf(hardware, { rates, ranOn: new Set() });
  const card = config.device === 'auto' ? null : cardAt({ ...config, device: config.device }, devices);
  const targets = knownTargets(computer.targets ?? [], [], settings.currency);
  const around = { freeBytes, card, targets };
  return figuresOf(plan, config, { ...grounds, device: plan.device ?? 'cpu' }, around);
}

function knownPlan(config: RunConfig, run: FakeRun, computer: FakeComputer): Promise<RunPlan> {
  const key = JSON.stringify([config, run.evalPaths, repoOf(run.modelId, computer)]);
  const known =
    plans.get(key) ?? fakeModel(run.modelId, computer).then((opened) => planOf(config, run, opened));
  plans.set(key, known);
  return known;
}

async function planOf(config: RunConfig, { evalPaths }: FakeRun, opened: KnownModel): Promise<RunPlan> {
  const executor = await openExecutor(config.executor, { ...config, pricesOnly: true });
  const limit = Math.min(config.maxLength, opened.model.maxPositions);
  const store = cutRows(limit);
  const data = arrangeRows(config, opened, {
    store,
    evalStore: evalPaths === undefined ? null : evenRows(...HELD_OUT_FILE),
    replayStore: config.replay > 0 ? evenRows(...GENERAL) : null,
  });
  const { run, step } = priceRun(config, { opened, executor, data });
  return {
    ...run,
    task: 'json',
    rows: data.rows.length,
    heldOutRows: data.heldOutRows.length,
    tokens: data.training.plan(0).tokens,
    labelledTokens: data.labelledTokens,
    contextLength: opened.model.maxPositions,
    isHalved: isMostlyHalved(opened),
    lengths: rowProfile,
    leftOut: { unreadable: 0, tooLong: ROW_COUNT - store.count, empty: 0 },
    ...stepFacts(step, opened, data),
  };
}
