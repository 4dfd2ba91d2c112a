/** What the test of the speed pack gave here (engine/session/speed-test.ts), read from the file in which the engine keeps it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SpeedTest } from '../../common/protocol/protocol.ts';
import { packsFolder, speedTestFile } from '../paths.ts';
import { processorName } from '../processes.ts';
import { LABEL, packFolder } from './pack.ts';

/** The result on this processor; with `release`, only that of this version. Null: there is none. */
export function keptSpeedTest(release = ''): SpeedTest | null {
  try {
    const found = JSON.parse(readFileSync(speedTestFile(), 'utf8')) as SpeedTest;
    return found.processor === processorName() && found.openvino.startsWith(release) ? found : null;
  } catch {
    return null;
  }
}

/** How many times as fast a step is with OpenVINO, where that is here and has passed its test; else null. */
export function speedPackGain(): number | null {
  const isHere =
    Boolean(process.env.FETTLE_OPENVINO_HOME) ||
    existsSync(path.join(packFolder(packsFolder(), 'openvino'), LABEL));
  const found = isHere ? keptSpeedTest() : null;
  return found?.problem === null ? found.gain : null;
}
