/** What to say where detection finds no rows to train on, or not surely: what came, and the `--map` that would settle it. */
import { AppError } from '../../errors.ts';
import type { Candidate, Detection } from './detect.ts';
import { excerpt } from './json-excerpt.ts';
import { mapFlag } from './mapping.ts';

/** What to say of pairs of a chosen and a rejected answer. */
export function preferenceError(file: string, { mapping }: Candidate): AppError {
  const withoutPrompt = mapping.messages === undefined && mapping.prompt === undefined;
  const flag = withoutPrompt ? '--map prompt=COLUMN,answer=chosen' : mapFlag(mapping);
  return new AppError(
    'data-schema',
    `${file} is preference data: each row has a chosen and a rejected answer. Fettle trains on answers, not on preferences.`,
    `To train on the chosen answers, write ${flag}`,
  );
}

/** What to say where it is not clear which columns are what; shows them, and what to write. */
export function unclearError(file: string, detection: Detection): AppError {
  const columns = detection.columns.map(
    ({ name, example }) => `${name} ("${excerpt(example).slice(0, 40)}")`,
  );
  const ideas = [detection, ...detection.alternatives]
    .filter(({ kind }) => kind !== 'preference')
    .slice(0, 3);
  return new AppError(
    'data-schema',
    `${file}: it is not clear which columns are the question and the answer. It has ${columns.slice(0, 12).join(', ')}.`,
    `Say it with --map. Perhaps: ${ideas.map(({ mapping }) => mapFlag(mapping)).join('  or  ')}`,
  );
}
