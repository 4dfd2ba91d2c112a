/** The fake API's proposals: those of the real planner, over the fake figures and rows whose lengths are made up. */
import { propose } from '../../../main/plan/propose.ts';
import { isMethod, planSettingsOf, runSettingsOf } from '../../../main/plan/run-settings.ts';
import type { Situation } from '../../../main/plan/situation.ts';
import type { CatalogModel, Proposal, ProposeRequest } from '../../../preload/contract.ts';
import { profileOf } from '../fake-price.ts';
import { fakeFigures } from './data.ts';
import { fakePrices } from './needs.ts';
import type { FakeWorld } from './world.ts';

const ROWS = 500;
/** By which other models are priced. */
const LIKE_ROWS = { count: 200, tokens: 256, labelled: 100 };
/** Most rows have 30 to 150 tokens, some up to 310. */
const PROFILE = profileOf(
  Array.from({ length: ROWS }, (_, i) => (i % 25 === 0 ? 160 + ((i * 7) % 151) : 30 + ((i * 13) % 121))),
);

export interface FakeComputer extends Pick<FakeWorld, 'facts' | 'settings'> {
  readonly parameters: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly catalog: readonly CatalogModel[];
}

export async function fakeProposal(
  { settings, wish, goal, evalPaths, from }: ProposeRequest,
  computer: FakeComputer,
): Promise<Proposal> {
  const { parameters, freeBytes, totalBytes, catalog } = computer;
  const own = planSettingsOf(settings);
  const kept = { epochs: 3, learningRate: 2e-4, maxLength: 256, ...own };
  const situation: Situation = {
    model: { parameters, contextLength: 8192 },
    ...{ rows: ROWS, profile: PROFILE, hasHeldOutFile: evalPaths !== undefined, wish },
    goal: goal ?? null,
    executors: [{ name: 'ort', freeBytes }],
    totalBytes,
    levers: ['qlora'],
    own: { ...own, ...(isMethod(settings.method) && { method: settings.method }) },
    ...(from !== undefined && { repeats: { lora: kept, qlora: kept, full: kept } }),
    catalog: catalog.map(({ name, repo, localId, parameters: size }) => ({
      name,
      repo,
      localId,
      parameters: size,
    })),
  };
  return propose(
    situation,
    (planned) => {
      const { estimate, trainableParameters } = fakeFigures(runSettingsOf(planned, settings));
      return {
        ...{ peakBytes: estimate.neededBytes, totalSeconds: estimate.totalSeconds, trainableParameters },
      };
    },
    (repos, planned) => fakePrices(computer).peaks(repos, planned, LIKE_ROWS),
    settings,
  );
}
