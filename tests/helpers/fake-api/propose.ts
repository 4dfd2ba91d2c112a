/** The fake API's proposals: those of the real planner, over the fake figures and rows whose lengths are made up. */

import type { ChosenPlan, ChosenRequest, Proposal, ProposeRequest } from '../../../common/api/contract.ts';
import { PRICED_EXECUTOR } from '../../../main/app/plan-cache.ts';
import { isMethod, planSettingsOf, runSettingsOf } from '../../../main/plan/defaults.ts';
import { devicesOf } from '../../../main/plan/devices.ts';
import { propose, proposeFor } from '../../../main/plan/propose.ts';
import { askedOf, type Price } from '../../../main/plan/search.ts';
import { executorsFor, type Situation } from '../../../main/plan/situation.ts';
import { catalogPeaks } from '../../../main/plan/situation-for.ts';
import { type FakeComputer, fakeFigures, fakeModel } from './figures.ts';
import { fakeHardware } from './hardware.ts';
import { fakeGrounds, fakePrices } from './needs.ts';
import { ROW_COUNT, rowProfile } from './rows.ts';
import type { FakeWorld } from './world.ts';

/** By which other models are priced. */
const LIKE_ROWS = { count: 200, tokens: 256, labelled: 100 };

export interface PlanningComputer extends FakeComputer {
  readonly catalog: FakeWorld['catalog'];
}

export async function fakeProposal(request: ProposeRequest, computer: PlanningComputer): Promise<Proposal> {
  return propose(
    await situationOf(request, computer),
    priceOf(request, computer),
    (repos, planned) => {
      const grounds = fakeGrounds(computer).of(PRICED_EXECUTOR, planned.device);
      return catalogPeaks(repos, planned, LIKE_ROWS, { pricesOf: fakePrices().of, grounds });
    },
    request.settings,
  );
}

export async function fakeChosen(request: ChosenRequest, computer: PlanningComputer): Promise<ChosenPlan> {
  const { method, modelId, evalPaths, settings } = request;
  const situation = await situationOf(request, computer);
  const { planned, isProven } = await proposeFor(method, situation, priceOf(request, computer), settings);
  const run = { modelId, evalPaths, settings: planned.runSettings };
  return { method, planned, figures: await fakeFigures(run, computer), isBest: isProven };
}

function priceOf({ modelId, evalPaths, settings }: ProposeRequest, computer: PlanningComputer): Price {
  return async (planned) => {
    const run = { modelId, evalPaths, settings: runSettingsOf(planned, settings) };
    const { estimate, trainableParameters } = await fakeFigures(run, computer);
    const { neededBytes: peakBytes, totalSeconds, peakVramBytes } = estimate;
    return { peakBytes, totalSeconds, peakVramBytes, trainableParameters };
  };
}

async function situationOf(
  { modelId, settings, wish, goal, evalPaths, from }: ProposeRequest,
  computer: PlanningComputer,
): Promise<Situation> {
  const { facts, catalog } = computer;
  const { outline, model } = await fakeModel(modelId, computer);
  const own = planSettingsOf(settings);
  const { hardware = fakeHardware, rates, freeMemory, totalMemory } = facts;
  const devices = devicesOf(hardware, { rates, ranOn: new Set() });
  const kept = { epochs: 3, learningRate: 2e-4, maxLength: 256, ...own };
  return {
    model: { parameters: outline.parameterCount, contextLength: model.maxPositions },
    ...{ rows: ROW_COUNT, profile: rowProfile, hasHeldOutFile: evalPaths !== undefined, wish },
    goal: goal ?? null,
    ...{ devices, executors: executorsFor(devices, askedOf({ own }), freeMemory) },
    totalBytes: totalMemory,
    own: { ...own, ...(isMethod(settings.method) && { method: settings.method }) },
    ...(from !== undefined && { repeats: { lora: kept, qlora: kept, full: kept } }),
    catalog: catalog.map(({ name, repo, localId, parameters }) => ({ name, repo, localId, parameters })),
  };
}
