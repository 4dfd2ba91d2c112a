/** Decides, before a large download begins, what it fetches; what could not be trained afterwards is refused here. */
import { AppError } from '../../errors.ts';
import { damaged } from '../errors.ts';
import { type ModelKind, unsuitableKind } from '../families.ts';
import type { Connection } from '../net/connection.ts';
import { type RemoteFile, type RemoteModel, remoteModel } from '../remote.ts';
import { chooseWeights, smallFiles } from './choose.ts';
import { matches } from './hash.ts';

export interface Plan {
  readonly repo: string;
  readonly revision: string;
  readonly licence: string | null;
  /** What is asked for as the model once all is here: a name in the folder, null for the folder itself. */
  readonly gguf: string | null;
  /** Small ones first. */
  readonly files: readonly RemoteFile[];
}

/** Asks the Hub about `repo`. Throws an AppError with the reason for a model that Fettle could not use. */
export async function planDownload(
  connection: Connection,
  repo: string,
  revision: string | undefined,
): Promise<Plan> {
  const model = await remoteModel(connection, repo, revision);
  refuse(model.repo, model.kind);
  const read = (file: RemoteFile) => readSmall(connection, model, file);
  const weights = await chooseWeights(model.repo, model.files, read);
  const config = model.files.find(({ path }) => path === 'config.json');
  if (weights.format === 'safetensors') {
    if (!config)
      throw new AppError(
        'model-incomplete',
        `${model.repo} has no config.json, which says how its weights belong together.`,
        'Choose another model.',
      );
    refuse(model.repo, parse(await read(config)));
  }
  return {
    repo: model.repo,
    revision: model.revision,
    licence: model.licence,
    gguf: weights.format === 'gguf' ? weights.files[0].path : null,
    files: [...smallFiles(model.files, weights.format), ...weights.files],
  };
}

function refuse(repo: string, kind: ModelKind): void {
  const reason = unsuitableKind(kind);
  if (reason !== null)
    throw new AppError('model-unsupported', `${repo} cannot be trained. ${reason}`, 'Choose another model.');
}

function parse(text: string): ModelKind {
  try {
    return (JSON.parse(text) ?? {}) as ModelKind;
  } catch {
    return {};
  }
}

/** A file's text, checked like every other file. */
async function readSmall(
  connection: Connection,
  { repo, revision }: RemoteModel,
  file: RemoteFile,
): Promise<string> {
  const url = connection.fileUrl(repo, revision, file.path);
  if (file.bytes > MOST_READ_BYTES)
    throw new AppError(
      'hub-model-unsafe',
      `${file.path} of ${repo} is far too large.`,
      'Choose another model.',
    );
  const about = { what: `Reading ${file.path} of ${repo}`, repo };
  const { bytes } = await connection.read(url, { 'accept-encoding': 'identity' }, about, MOST_READ_BYTES);
  if (matches(file, [bytes])) return bytes.toString('utf8');
  throw damaged(file.path, repo);
}

const MOST_READ_BYTES = 50_000_000;
