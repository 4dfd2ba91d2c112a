/** Reads an archive piece by piece, by its name a zip file (a wheel of the Python Package Index) or a gzipped tar file (a package of npm). */
import { Gunzip, Unzip, type UnzipFile, UnzipInflate } from 'fflate';

/** Hears the bytes of a member in pieces; null: it is read over. */
export type Sink = ((bytes: Uint8Array) => void) | null;

/** What takes the bytes of the archive `file`, in order; `sinkOf` is asked once for each member. It throws where the archive is damaged. */
export function unpacker(file: string, sinkOf: (path: string) => Sink): (piece: Uint8Array) => void {
  return file.endsWith('.tgz') ? untar(sinkOf) : unzip(sinkOf);
}

function unzip(sinkOf: (path: string) => Sink): (piece: Uint8Array) => void {
  const reader = new Unzip((entry: UnzipFile) => {
    const sink = sinkOf(entry.name);
    entry.ondata = (error, bytes) => {
      if (error) throw error;
      sink?.(bytes);
    };
    // left alone, an entry would be kept in memory
    entry.start();
  });
  reader.register(UnzipInflate);
  return (piece) => reader.push(piece);
}

/** A member begins at a multiple of it, after as many bytes that describe it. */
const BLOCK = 512;
/** Where its name, its size in octal digits and the folders before its name stand. */
const [NAME, SIZE, FOLDERS] = [
  [0, 100],
  [124, 136],
  [345, 500],
] as const;

function untar(sinkOf: (path: string) => Sink): (piece: Uint8Array) => void {
  const head = new Uint8Array(BLOCK);
  let filled = 0;
  let [left, padding] = [0, 0];
  let sink: Sink = null;
  const take = (piece: Uint8Array) => {
    for (let at = 0; at < piece.length; ) {
      const now = piece.subarray(at, at + (left || padding || BLOCK - filled));
      at += now.length;
      if (left > 0) {
        sink?.(now);
        left -= now.length;
      } else if (padding > 0) padding -= now.length;
      else {
        head.set(now, filled);
        filled = (filled + now.length) % BLOCK;
        if (filled > 0) continue;
        const [path, size] = described(head);
        sink = path === '' ? null : sinkOf(path);
        left = size;
        padding = (BLOCK - (size % BLOCK)) % BLOCK;
      }
    }
  };
  const reader = new Gunzip(take);
  return (piece) => reader.push(piece);
}

function described(head: Uint8Array): [path: string, size: number] {
  const [name, size, folders] = [NAME, SIZE, FOLDERS].map(([from, to]) =>
    Buffer.from(head.subarray(from, to)).toString('latin1').split('\0')[0]!.trim(),
  );
  const bytes = Number.parseInt(size || '0', 8);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`a member of ${size} bytes`);
  return [folders ? `${folders}/${name}` : name!, bytes];
}
