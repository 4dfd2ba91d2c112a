/**
 * `npm run openvino-library -- --to FOLDER`, and the same with ggml and tensorflow: a pack's libraries in a folder of one's own, for the tests
 * (FETTLE_OPENVINO_HOME, FETTLE_GGML_HOME or FETTLE_TFJS_HOME is the folder that it prints). One that has them is left as it is. Exit code: 0 when they are
 * there, 1 when not, which is said.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../common/errors.ts';
import { DEFAULT_SETTINGS } from '../common/settings/app.ts';
import { freeBytes } from '../main/folders.ts';
import { Connection, TUNING } from '../main/hub/connection.ts';
import { installPack } from '../main/packs/install.ts';
import { PACK_NAMES, readPack } from '../main/packs/pack.ts';
import { resourcesFolder } from '../main/paths.ts';

const { values, positionals } = parseArgs({ options: { to: { type: 'string' } }, allowPositionals: true });
const name = PACK_NAMES.find((one) => one === positionals[0]);
const pack = name === undefined ? null : readPack(resourcesFolder(), name);
if (!values.to || pack === null) {
  const problem = name ? 'There is no such pack for this computer.' : `Which? ${PACK_NAMES.join(' or ')}`;
  console.error(values.to ? problem : 'Where to? --to FOLDER');
  process.exit(1);
}
const connection = new Connection({
  settings: { get: () => DEFAULT_SETTINGS, set: () => DEFAULT_SETTINGS },
  secrets: { get: async () => null, set: async () => {} },
  tuning: TUNING,
});
try {
  // npm starts scripts in the repository's folder; a path is meant from where it was typed
  const packs = path.resolve(process.env.INIT_CWD ?? '', values.to);
  const folder = await installPack({
    pack,
    packs,
    connection,
    tuning: TUNING,
    freeBytes,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  console.log(folder);
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
} finally {
  await connection.close();
}
