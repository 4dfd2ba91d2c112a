/** A folder in the shape of Electron's download for this system, with a stand-in for its program: enough for packing, not for running. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What stands before the fuses in every Electron, so that they can be found. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSE_COUNT = 9;

/** Writes it into `folder`. */
export function writeElectronStub(folder: string): void {
  mkdirSync(path.join(folder, 'resources'), { recursive: true });
  mkdirSync(path.join(folder, 'locales'));
  const wire = Buffer.from([1, FUSE_COUNT, ...Buffer.from('101100001')]);
  const program = Buffer.concat([Buffer.alloc(4096, 7), Buffer.from(SENTINEL), wire, Buffer.alloc(512, 7)]);
  writeFileSync(path.join(folder, 'electron'), program, { mode: 0o755 });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'chrome_100_percent.pak'])
    writeFileSync(path.join(folder, name), `${name} of the stub\n`);
  for (const name of ['de', 'en-GB', 'en-US', 'es', 'es-419', 'fr', 'it', 'ja', 'zh-CN', 'zh-TW'])
    writeFileSync(path.join(folder, 'locales', `${name}.pak`), name);
  writeFileSync(path.join(folder, 'resources', 'default_app.asar'), emptyArchive());
}

/** An archive without files: the length of the header's length, the header's length, and the header. */
function emptyArchive(): Buffer {
  const json = Buffer.from('{"files":{}}');
  const numbers = [4, json.length + 8, json.length + 4, json.length];
  return Buffer.concat([...numbers.map(uint32), json]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
