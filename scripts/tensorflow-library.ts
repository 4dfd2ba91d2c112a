/**
 * `npm run tensorflow-library -- --to FOLDER`: makes a folder in which TensorFlow.js loads TensorFlow's own library, for `--executor tfjs`
 * under Linux on x64 (FETTLE_TFJS_HOME=FOLDER). A folder that is made already is tried and left as it is. Exit code: 0 when it loads, 1 when
 * something is missing, which is said, 2 for a wrong option.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../common/errors.ts';
import { makeLibrary } from './tensorflow-library/make.ts';

const HELP = `npm run tensorflow-library -- --to FOLDER
  FOLDER   new, empty or made by this; it takes 0.9 GB, and 1.2 GB while it is made`;

process.exit(await main());

async function main(): Promise<number> {
  const to = read();
  if (to === null) return 2;
  // npm starts scripts in the repository's folder; a path is meant from where it was typed
  const folder = path.resolve(process.env.INIT_CWD ?? '', to);
  try {
    const words = await makeLibrary({ folder, say: (text) => console.log(text) });
    console.log(`${words}\nFETTLE_TFJS_HOME=${folder}`);
    return 0;
  } catch (error) {
    console.error(describeError(error));
    return 1;
  }
}

function read(): string | null {
  try {
    const { values } = parseArgs({ options: { to: { type: 'string' } } });
    if (values.to) return values.to;
    throw new Error('Where the folder is to be is not said.');
  } catch (error) {
    console.error(`${describeError(error)}\n\n${HELP}`);
    return null;
  }
}
