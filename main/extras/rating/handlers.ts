import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import {
  createRating,
  exportRating,
  pair,
  rate,
  rating,
  ratingList,
  removeRating,
  undoRating,
} from './ratings.ts';

/** Calls of the rating page: lists of prompts, pairs of answers, and what a person says of them. */
export function ratingCalls(os: Implementer, parts: Parts) {
  const { ratings } = os;
  return {
    list: ratings.list.handler(() => ratingList(parts)),
    create: ratings.create.handler(({ input }) => createRating(parts, input)),
    get: ratings.get.handler(({ input }) => rating(parts, input.id)),
    pair: ratings.pair.handler(({ input, signal }) => pair(parts, input, signal)),
    rate: ratings.rate.handler(({ input }) => rate(parts, input)),
    undo: ratings.undo.handler(({ input }) => undoRating(parts, input.id)),
    export: ratings.export.handler(({ input }) => exportRating(parts, input.id)),
    remove: ratings.remove.handler(({ input }) => removeRating(parts, input.id)),
  };
}
