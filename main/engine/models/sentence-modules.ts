/** What follows an encoder, as sentence-transformers lists it in modules.json: pooling, layers behind it, and whether vectors get the length one. */
import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { unsupported } from './config-reader.ts';

/** The file beside a model that lists them. */
export const MODULES = 'modules.json';

export interface SentenceModule {
  /** The last part of its class. */
  readonly kind: string;
  /** Its folder beside the weights. */
  readonly path: string;
}

/** In the order in which they are computed. */
const KNOWN = ['Transformer', 'Pooling', 'Dense', 'Normalize'];

/** The modules in `json`, the content of `file`; one that is not computed is refused by name. */
export function sentenceModules(json: unknown, file: string): readonly SentenceModule[] {
  if (!Array.isArray(json)) throw damagedFile(file);
  const modules = json.map((entry: unknown): SentenceModule => {
    if (!isRecord(entry) || typeof entry.type !== 'string' || typeof entry.path !== 'string')
      throw damagedFile(file);
    // a folder of this name, and no way to another one
    if (!/^[\w-]*$/.test(entry.path)) throw damagedFile(file);
    return { kind: entry.type.split('.').at(-1)!, path: entry.path };
  });
  const other = modules.find(({ kind }) => !KNOWN.includes(kind));
  if (other) throw unsupported(`its vectors go through a module of the type "${other.kind}" (modules.json)`);
  if (modules[0]?.kind !== 'Transformer' || modules[0].path !== '') throw damagedFile(file);
  const places = modules.map(({ kind }) => KNOWN.indexOf(kind));
  if (places.some((place, i) => i > 0 && place < places[i - 1]!))
    throw unsupported('its vectors go through its modules in another order (modules.json)');
  if (modules.some(({ kind, path }) => kind === 'Dense' && path === '')) throw damagedFile(file);
  return modules;
}

export function damagedFile(file: string): AppError {
  return new AppError('bad-model-config', say`${file} is damaged.`, say`Download the model again.`);
}
