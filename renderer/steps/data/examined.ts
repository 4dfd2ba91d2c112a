/** What the doctor examines: the data as it is read now, with the limit that holds before the rows have been counted. */
import { lengthLimit } from '../../state/recommend.ts';
import { wizard } from '../../state/wizard.svelte.ts';
import type { Examined } from './doctor.svelte.ts';

/** Null where there is nothing that can be examined; undefined where that is not known yet. */
export function examinedData(): Examined | null | undefined {
  const { data, look, looking, model, newTokens } = wizard;
  const { evalPaths, settings, modelId } = wizard.content;
  if (data === undefined) return null;
  if (looking || (look === null && wizard.lookProblem === null)) return undefined;
  if (look === null || look.problem || look.rows === 0) return null;
  return {
    data,
    ...(evalPaths && { evalPaths }),
    ...(modelId !== undefined && model?.available && { modelId, ...(newTokens && { newTokens }) }),
    maxLength: Number(settings?.maxLength ?? lengthLimit(model)),
  };
}
