/** Reads Electron's archives: two lengths, a JSON tree of what is where, and then the files one after the other. */
import { readFileSync } from 'node:fs';

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
  readonly size?: number;
  /** Where it begins after the header; missing for a file that lies beside the archive. */
  readonly offset?: string;
  readonly unpacked?: boolean;
}

const HEADER_AT = 8;
const JSON_AT = 16;

/** The paths of all files in the archive `file`, those that lie beside it included. */
export function filesIn(file: string): string[] {
  return list(open(file).root, '');
}

/** The bytes of all files in the archive and beside it. */
export function sizeOf(file: string): number {
  const sum = ({ files, size = 0 }: Entry): number =>
    files ? Object.values(files).reduce((total, entry) => total + sum(entry), 0) : size;
  return sum(open(file).root);
}

/** The bytes of a file in the archive. */
export function contentIn(file: string, name: string): Buffer {
  const { bytes, root, begin } = open(file);
  const entry = name.split('/').reduce<Entry | undefined>((folder, part) => folder?.files?.[part], root);
  if (entry?.offset === undefined) throw new Error(`${name} is not in ${file}`);
  const at = begin + Number(entry.offset);
  return bytes.subarray(at, at + (entry.size ?? 0));
}

function open(file: string): { bytes: Buffer; root: Entry; begin: number } {
  const bytes = readFileSync(file);
  const header = bytes.subarray(JSON_AT, JSON_AT + bytes.readUInt32LE(12)).toString('utf8');
  return { bytes, root: JSON.parse(header) as Entry, begin: HEADER_AT + bytes.readUInt32LE(4) };
}

function list(entry: Entry, path: string): string[] {
  if (!entry.files) return [path];
  return Object.entries(entry.files).flatMap(([name, inner]) =>
    list(inner, path === '' ? name : `${path}/${name}`),
  );
}
