/** Archives as they come, in pieces of any size: a package of npm. Wheels are those of install.test.ts. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpacker } from '../../../main/packs/unpacked.ts';

/** A member of a tar file: what describes it, and its bytes filled up to whole blocks. */
function member(name: string, content: Buffer, folders = ''): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('ustar', 257);
  head.write(folders, 345);
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

const LIBRARY = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
const TAR = Buffer.concat([
  member('package/LICENSE', Buffer.from('MIT')),
  member('empty', Buffer.alloc(0)),
  member('lib.so', LIBRARY, 'package/bins'),
  member('block', Buffer.alloc(512, 7)),
  Buffer.alloc(1024),
]);

function unpacked(archive: Uint8Array, piece: number): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  const take = unpacker('a.tgz', (name) => {
    if (name === 'block') return null;
    found.set(name, Buffer.alloc(0));
    return (bytes) => void found.set(name, Buffer.concat([found.get(name)!, bytes]));
  });
  for (let at = 0; at < archive.length; at += piece) take(archive.subarray(at, at + piece));
  return found;
}

describe('a package of npm', () => {
  it.each([1, 7, 512, 100_000])('gives its members in pieces of %i bytes', (piece) => {
    const found = unpacked(gzipSync(TAR), piece);
    expect([...found.keys()]).toEqual(['package/LICENSE', 'empty', 'package/bins/lib.so']);
    expect(found.get('package/LICENSE')!.toString()).toBe('MIT');
    expect(found.get('package/bins/lib.so')!.equals(LIBRARY)).toBe(true);
  });

  it('is refused where it is none, or a member has no length', () => {
    expect(() => unpacked(Buffer.from('no archive at all, but text'), 9)).toThrow();
    const broken = Buffer.from(TAR);
    broken.write('zz', 124);
    expect(() => unpacked(gzipSync(broken), 4096)).toThrow('a member of');
  });
});
