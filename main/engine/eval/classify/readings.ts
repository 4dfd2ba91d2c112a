/** What has to be read of several answers, where what they share is read once. */
import type { Follower } from '../cached-decoder.ts';

export type Ids = readonly number[];

/** What a model has to read to tell how likely each of several answers is. */
export interface Readings {
  /** Tokens that all answers begin with; each goes on. */
  readonly trunk: Ids;
  /** What is read behind it, each for one answer or for several that begin alike, and tokens that may follow there. */
  readonly branches: readonly { readonly ids: Ids; readonly followers: readonly Follower[] }[];
  /** For each answer its first token behind the trunk, and where the others stand among the followers of a branch. */
  readonly steps: readonly {
    readonly id: number;
    readonly branch: number;
    readonly places: readonly number[];
  }[];
}

export function readingsOf(answers: readonly Ids[]): Readings {
  const [first = []] = answers;
  let shared = 0;
  const shortest = Math.min(...answers.map(({ length }) => length));
  while (shared < shortest - 1 && answers.every((ids) => ids[shared] === first[shared])) shared++;
  const rests = answers.map((ids) => ids.slice(shared));
  const branches: { ids: Ids; followers: Follower[] }[] = [];
  // the longest first: what others begin with is read once
  for (const ids of rests.map((rest) => rest.slice(0, -1)).toSorted((a, b) => b.length - a.length))
    if (ids.length > 0 && !branches.some((one) => begins(one.ids, ids)))
      branches.push({ ids, followers: [] });
  const steps = rests.map((rest) => {
    const branch = branches.findIndex((one) => begins(one.ids, rest.slice(0, -1)));
    const places = rest.slice(1).map((id, after) => placeOf(branches[branch]!.followers, { after, id }));
    return { id: rest[0]!, branch, places };
  });
  return { trunk: first.slice(0, shared), branches, steps };
}

function begins(text: Ids, beginning: Ids): boolean {
  return beginning.length <= text.length && beginning.every((id, i) => id === text[i]);
}

/** Where `wanted` stands among `followers`; it is added where it is missing. */
function placeOf(followers: Follower[], wanted: Follower): number {
  const place = followers.findIndex(({ after, id }) => after === wanted.after && id === wanted.id);
  return place >= 0 ? place : followers.push(wanted) - 1;
}
