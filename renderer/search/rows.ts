/** The settings of a search as a table shows them, the best first. */
import type { SettingsSearch, TriedSettings } from '../../common/api/contract.ts';

export interface Row {
  /** Of the candidate, and its place by rank, both counted from 1. */
  readonly number: number;
  readonly place: number;
  readonly settings: TriedSettings['settings'];
  readonly loss: number | null;
  readonly failed: boolean;
  /** How far it was trained when it was compared last. */
  readonly step: number;
  readonly steps: number;
  readonly state: 'best' | 'going' | 'now' | 'out' | 'waiting';
  readonly run: string | null;
}

/** A row for each of the settings. */
export function rowsOf(search: SettingsSearch): Row[] {
  return search.ranking.map((candidate, i) => {
    const { settings, losses, steps, evalEvery, run } = search.tried[candidate]!;
    return {
      number: candidate + 1,
      place: i + 1,
      ...{ settings, steps, run },
      loss: losses.at(-1) ?? null,
      failed: losses.includes(null),
      step: losses.length === 0 ? 0 : evalEvery * 2 ** (losses.length - 1),
      state: stateOf(search, candidate, i),
    };
  });
}

function stateOf(
  { tried, going, current, state }: SettingsSearch,
  candidate: number,
  place: number,
): Row['state'] {
  const { losses } = tried[candidate]!;
  if (state === 'running' && candidate === current) return 'now';
  if (losses.length === 0) return 'waiting';
  if (!going.includes(candidate)) return 'out';
  return place === 0 && state !== 'running' ? 'best' : 'going';
}
