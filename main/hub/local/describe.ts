/** What the store remembers of a model: the engine looks at it, and refuses what it cannot train. */
import { createHash } from 'node:crypto';
import type { LocalModel } from '../../../preload/contract.ts';
import type { EngineCalls } from '../../api/parts.ts';
import type { InspectResult } from '../../engine/protocol.ts';
import { AppError } from '../../errors.ts';
import { FAMILIES, FAMILY_WORDS } from '../families.ts';

/** What the engine cannot tell. */
export type Origin = Pick<LocalModel, 'name' | 'source' | 'repo' | 'revision'> & {
  readonly licence?: string | null;
};

/** Looks at the model at `path`. Throws an AppError for one that Fettle cannot train, with the reason. */
export async function describeModel(engine: EngineCalls, path: string, origin: Origin): Promise<LocalModel> {
  const found = await engine.inspect(path);
  refuse(found);
  const { name, source, repo, revision, licence } = origin;
  return {
    id: modelId(repo === null ? path : `${repo}@${revision}`),
    path,
    ...{ name, source, repo, revision },
    family: found.family,
    format: found.format,
    parameters: found.parameters,
    bytes: found.files.reduce((sum, { bytes }) => sum + bytes, 0),
    licence: licence ?? found.licence,
    hasChatTemplate: found.template !== null,
    added: new Date().toISOString(),
    available: true,
  };
}

/** The same model gets the same id when it is added again. */
function modelId(key: string): string {
  return `m-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

function refuse({ family, tokenizer, tokenizerProblem, path }: InspectResult): void {
  if (!(FAMILIES as readonly string[]).includes(family))
    throw new AppError(
      'model-unsupported',
      `${path} is a model of the family ${family}; Fettle trains ${FAMILY_WORDS}.`,
      'Choose a model of one of these families.',
    );
  if (tokenizer === null)
    throw new AppError(
      'tokenizer-missing',
      tokenizerProblem ?? `${path} has no tokenizer, without which it reads no text.`,
      'Download the whole model: tokenizer.json belongs beside config.json.',
    );
}
