/** The models to choose from: those on this computer and those of the catalog as one list, and the few to show first. */
import type { CatalogModel, LocalModel, ModelNeed, Skill } from '../../common/api/contract.ts';
import { GOALS, type GoalId, MODELS, SKILLS, suitsPractice } from '../../common/settings/suits.ts';
import { firstMethod, fitsAtAll } from '../state/models.svelte.ts';

export interface ModelEntry {
  readonly key: string;
  readonly name: string;
  readonly parameters: number;
  /** What it takes on the disk or to download. */
  readonly bytes: number;
  readonly licence: string | null;
  readonly isPractice: boolean;
  /** What its template has a place for; null where nobody has looked. */
  readonly skills: readonly Skill[] | null;
  /** Where it is on this computer; null where it has to be downloaded. */
  readonly local: LocalModel | null;
  readonly catalog: CatalogModel | null;
}

/** Both lists as one: a model of the catalog that is here is one entry. Local ones first, the newest before others. */
export function entriesOf(local: readonly LocalModel[], catalog: readonly CatalogModel[]): ModelEntry[] {
  const here = local
    .toSorted((a, b) => b.added.localeCompare(a.added))
    .map((model): ModelEntry => {
      const known = catalog.find(({ localId }) => localId === model.id) ?? null;
      return {
        ...common(model),
        key: model.id,
        isPractice: model.source === 'practice',
        skills: model.skills ?? known?.skills ?? null,
        local: model,
        catalog: known,
      };
    });
  const others = catalog
    .filter(({ localId }) => !local.some(({ id }) => id === localId))
    .toSorted((a, b) => a.parameters - b.parameters)
    .map(
      (model): ModelEntry => ({
        ...common(model),
        key: model.repo,
        isPractice: false,
        skills: model.skills,
        local: null,
        catalog: model,
      }),
    );
  return [...here, ...others];
}

function common({ name, parameters, bytes, licence }: LocalModel | CatalogModel) {
  return { name, parameters, bytes, licence };
}

/** Longer than an evening nobody waits for the usual thousand examples. Seconds. */
const MOST_SECONDS = 4 * 3600;

type NeedOf = (entry: ModelEntry) => ModelNeed | null | undefined;

/**
 * The best model for a goal that fits comfortably and trains in an evening; one that is here, unless a download would write much better.
 * Null while that is not known, or where none fits.
 */
export function recommended(
  entries: readonly ModelEntry[],
  goal: GoalId | undefined,
  needOf: NeedOf,
): ModelEntry | null {
  const timed = (some: readonly ModelEntry[]) =>
    some.flatMap((entry) => {
      const need = needOf(entry);
      const fit = need ? need[firstMethod(need)] : null;
      return fit?.fits === 'comfortable' ? [{ entry, seconds: fit.seconds?.value ?? 0 }] : [];
    });
  const inTime = ({ seconds }: { seconds: number }) => seconds <= MOST_SECONDS;
  const comfortable = timed(forGoal(entries, goal));
  const best = comfortable.find(inTime) ?? comfortable.at(-1);
  // small models sort as well as large ones
  const enough = goal === 'sort' ? 0 : WELL_ENOUGH * (best?.entry.parameters ?? 0);
  const here = timed(hereFor(entries, goal)).find((one) => inTime(one) && one.entry.parameters >= enough);
  return (here ?? best)?.entry ?? null;
}

/** Models on this computer that learn the goal as those of the catalog do, in its order, then the largest first. */
function hereFor(entries: readonly ModelEntry[], goal: GoalId = GOALS[0]): ModelEntry[] {
  const known = forGoal(entries, goal);
  const least = Math.min(...known.map(({ parameters }) => parameters));
  const skill = SKILLS[goal];
  const fitting = entries.filter(
    ({ local, isPractice, parameters, skills }) =>
      local?.available &&
      !isPractice &&
      parameters >= LEAST_SHARE * least &&
      (goal === 'continue' || local.hasChatTemplate) &&
      (skill === undefined || skills?.includes(skill)),
  );
  const listed = known.filter((entry) => fitting.includes(entry));
  const others = fitting.filter((entry) => !listed.includes(entry));
  return [...listed, ...others.toSorted((a, b) => b.parameters - a.parameters)];
}

/** With so many of the weights of another a model writes nearly as well. */
const WELL_ENOUGH = 0.5;
/** The same model counts a few weights more or less by its file. */
const LEAST_SHARE = 0.9;

/** Models of the catalog that learn the goal, the best first. */
function forGoal(entries: readonly ModelEntry[], goal: GoalId = GOALS[0]): ModelEntry[] {
  return MODELS[goal].flatMap((repo) => entries.find(({ catalog }) => catalog?.repo === repo) ?? []);
}

const FEW = 4;

/** A model for the goal that has the skill; the recommended one, or else the smallest. */
export function skilled(
  entries: readonly ModelEntry[],
  goal: GoalId,
  skill: Skill,
  best: ModelEntry | null,
): ModelEntry | null {
  if (best?.skills?.includes(skill)) return best;
  return forGoal(entries, goal).findLast(({ skills }) => skills?.includes(skill)) ?? null;
}

/** The few to show first: the practice model where it suits the goal, what is recommended, what is here, others for the goal. */
export function fewOf(
  entries: readonly ModelEntry[],
  goal: GoalId = GOALS[0],
  { best, chosen, needOf }: { best: ModelEntry | null; chosen: string | undefined; needOf: NeedOf },
): ModelEntry[] {
  const fits = (entry: ModelEntry) => {
    const need = needOf(entry);
    return !need || fitsAtAll(need);
  };
  const practice = suitsPractice(goal) ? entries.filter(({ isPractice }) => isPractice) : [];
  const here = entries.filter(({ local, isPractice }) => local?.available && !isPractice);
  const others = forGoal(entries, goal).filter(fits);
  const few = [...new Set([...practice, ...(best ? [best] : []), ...here, ...others])].slice(0, FEW);
  const own = entries.find(({ local }) => local !== null && local.id === chosen);
  return own === undefined || few.includes(own) ? few : [own, ...few.slice(0, FEW - 1)];
}

/** All of them, the practice model last where it does not suit the goal. */
export function allOf(entries: readonly ModelEntry[], goal: GoalId = GOALS[0]): ModelEntry[] {
  const isLast = ({ isPractice }: ModelEntry) => isPractice && !suitsPractice(goal);
  return entries.toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)));
}

/** How a usual line loads, where no download has shown better. Bytes a second. */
const USUAL_BYTES_PER_SECOND = 50e6 / 8;

/** Seconds to download so many bytes; `measured`: of a download that goes on. */
export function downloadSeconds(bytes: number, measured: number | null | undefined): number {
  return bytes / (measured || USUAL_BYTES_PER_SECOND);
}
