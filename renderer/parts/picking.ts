/** Which files each kind of picking offers. */
import type { FolderEntry, PickKind } from '../../common/api/contract.ts';

const DATA = /\.(csv|tsv|jsonl?|ndjson|parquet|xlsx|txt|md)(\.gz)?$/i;

const FITS: Record<PickKind, (name: string) => boolean> = {
  data: (name) => DATA.test(name),
  gguf: (name) => /\.gguf$/i.test(name),
  'model-folder': () => false,
  folder: () => false,
  save: () => true,
};

/** Whether a file can be chosen. */
export function choosable(what: PickKind, entry: FolderEntry): boolean {
  return entry.kind === 'file' && FITS[what](entry.name);
}
