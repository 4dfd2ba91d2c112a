/** Searches of settings of the fake app: made-up losses, ranked by the real rules. */
import { implement } from '@orpc/server';
import type { TriedSettings } from '../../../common/api/contract.ts';
import { contract } from '../../../common/api/contract.ts';
import type { SettingsSearch } from '../../../common/extras/search/calls.ts';
import { candidatesOf } from '../../../main/extras/search/halving.ts';
import { restSeconds, searchSeconds, standingOf } from '../../../main/extras/search/settings-search.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const LOSSES = [[1.42, 1.31], [1.35, 1.22, 1.14], [1.9], [1.38, 1.27, 1.19], [null], [1.61]] as const;

function tried(count: number, losses: readonly (readonly (number | null)[])[]): TriedSettings[] {
  const base = { learningRate: 2e-4, 'lora.rank': 16, epochs: 3 };
  return candidatesOf(base, { count, seed: 1 }).map((settings, i) => ({
    ...{ settings, steps: 114, evalEvery: 10, losses: losses[i] ?? [] },
    run: losses[i] ? `run-${i + 1}` : null,
    cost: { start: 4, step: 1.4, evaluation: 3 },
  }));
}

/** One that goes on, or is done. */
export function fakeSearch(world: FakeWorld, state: SettingsSearch['state']): SettingsSearch {
  const isDone = state === 'done';
  const all = tried(6, isDone ? LOSSES : LOSSES.map((losses) => losses.slice(0, 1)).slice(0, 4));
  const { going, ranking, next } = standingOf(all);
  return {
    ...{ id: 'search-1', name: 'Support messages', created: world.iso(2), state, problem: null },
    ...{ tried: all, going, ranking, current: next?.candidate ?? null },
    ...{ secondsLeft: searchSeconds(all), trainsBest: false },
  };
}

const searchesIn = (world: FakeWorld) => (world.extras.search ?? []) as readonly SettingsSearch[];

/** Sets the searches of a world. */
export function setSearches(world: FakeWorld, searches: readonly SettingsSearch[]): void {
  world.extras.search = searches;
}

export function fakeSearches(
  world: FakeWorld,
  changing: <T>(get: () => T, signal: AbortSignal | undefined) => AsyncGenerator<T>,
) {
  const os = implement(contract).search;
  const change = (id: string, state: SettingsSearch['state']) => {
    setSearches(
      world,
      searchesIn(world).map((one) => (one.id === id ? { ...one, state } : one)),
    );
  };
  return {
    plan: os.plan.handler(({ input }) => {
      const all = tried(input.tries, []);
      return { tried: all, seconds: searchSeconds(all), restSeconds: restSeconds(all) };
    }),
    start: os.start.handler(() => {
      setSearches(world, [fakeSearch(world, 'running')]);
      return { id: 'search-1' };
    }),
    watch: os.watch.handler(async function* ({ signal }) {
      yield* changing(() => searchesIn(world), signal);
    }),
    stop: os.stop.handler(({ input }) => change(input.id, 'stopped')),
    resume: os.resume.handler(({ input }) => change(input.id, 'running')),
    draft: os.draft.handler(() => {
      const content = { name: 'Support messages, again', modelId: 'practice' };
      const draft = { id: `draft-${Date.now()}`, updated: world.iso(0), content };
      world.drafts = [draft, ...world.drafts];
      return draft;
    }),
    trainBest: os.trainBest.handler(() => ({ runId: 'run-0' })),
    forget: os.forget.handler(({ input }) => {
      setSearches(
        world,
        searchesIn(world).filter(({ id }) => id !== input.id),
      );
    }),
  };
}
