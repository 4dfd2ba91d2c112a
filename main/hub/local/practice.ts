/** The practice model comes with Fettle: it is in the list from the first start, and its path follows where Fettle is installed. */
import fs from 'node:fs';
import path from 'node:path';
import type { LocalModel } from '../../../preload/contract.ts';
import type { Store } from '../../api/parts.ts';
import { internal } from '../../errors.ts';

export const PRACTICE_ID = 'practice';

/** Brings the list up to date with the practice model in `resources`; the list says itself when its files are missing. */
export function keepPracticeModel(store: Store, resources: string): void {
  const folder = path.join(resources, 'practice-model');
  if (!fs.existsSync(path.join(folder, 'model.safetensors'))) return;
  const known = store.models.find(PRACTICE_ID);
  store.models.save({ ...facts(folder), added: known?.added ?? new Date().toISOString() });
}

function facts(folder: string): Omit<LocalModel, 'added'> {
  const json = (name: string) =>
    JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
  const card = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
  const weights = path.join(folder, 'model.safetensors');
  return {
    id: PRACTICE_ID,
    name: 'Practice model',
    family: String(json('config.json').model_type),
    format: 'safetensors',
    path: folder,
    parameters: weightsIn(weights),
    bytes: fs.statSync(weights).size,
    licence: /^license:\s*(\S+)/m.exec(card)?.[1] ?? null,
    source: 'practice',
    ...{ repo: null, revision: null },
    hasChatTemplate: 'chat_template' in json('tokenizer_config.json'),
    available: true,
  };
}

/** Counts the weights by the shapes in a safetensors file's header. */
function weightsIn(file: string): number {
  const handle = fs.openSync(file, 'r');
  try {
    const size = Buffer.alloc(8);
    fs.readSync(handle, size, 0, 8, 0);
    const header = Buffer.alloc(Number(size.readBigUInt64LE()));
    if (fs.readSync(handle, header, 0, header.length, 8) < header.length)
      throw internal('the practice model is cut');
    const { __metadata__: _, ...tensors } = JSON.parse(header.toString('utf8')) as Record<
      string,
      { shape: number[] }
    >;
    return Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  } finally {
    fs.closeSync(handle);
  }
}
