/** A process that gets a pack, to be killed in the middle. Arguments: the packs' folder, the manifest as a file. */
import fs from 'node:fs';
import { installServed } from './pack.ts';

const [packs, manifest] = process.argv.slice(2) as [string, string];
await installServed(JSON.parse(fs.readFileSync(manifest, 'utf8')), packs);
