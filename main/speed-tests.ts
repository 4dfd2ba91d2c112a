/** What the self-tests of quick ways to compute gave on this computer (engine/session/speed-test.ts), each in a file. */
import { writeFileSync } from 'node:fs';
import type { QuickWay, SpeedTest } from '../common/protocol/protocol.ts';
import { parsedJson } from '../common/values.ts';
import { makeFolder } from './folders.ts';
import { cacheFolder, speedTestFile } from './paths.ts';
import { processorName, readText } from './processes.ts';
import { versions } from './versions.ts';

/** What a test holds for, besides the version of its library. */
const thisComputer = (): Pick<SpeedTest, 'fettle' | 'processor'> => ({
  fettle: versions().fettle,
  processor: processorName(),
});

/** Of what computes in 8 bits, which comes with Fettle. */
export const int8Version = (): string => `onnxruntime ${versions()['onnxruntime-node'] ?? ''}`;

const UNKNOWN = { lossError: null, gradientError: null, progressError: null, gain: null };

/** A test of now as it is kept; `found`: what it gave, and of which version. */
export function speedTestOf(found: Partial<SpeedTest> & Pick<SpeedTest, 'problem'>): SpeedTest {
  return { version: '', ...thisComputer(), ...UNKNOWN, ...found, measured: new Date().toISOString() };
}

/** The result on this processor with this Fettle and, as far as it is named, that version of the library. Null: there is none. */
export function keptSpeedTest(
  way: QuickWay,
  version = way === 'int8' ? int8Version() : '',
): SpeedTest | null {
  const found = parsedJson(readText(speedTestFile(way)) ?? '') as SpeedTest | null | undefined;
  const { fettle, processor } = thisComputer();
  const isOfThis = found?.fettle === fettle && found.processor === processor;
  return isOfThis && found.version?.startsWith(version) && !isDoubtful(found) ? found : null;
}

const DAY_MS = 86_400_000;

/** What was right and no quicker may have met a busy computer: another day it is tried again. */
function isDoubtful({ problem, gain, measured }: SpeedTest): boolean {
  return problem !== null && gain !== null && Date.now() - Date.parse(measured) > DAY_MS;
}

export function keepSpeedTest(way: QuickWay, found: SpeedTest): void {
  makeFolder(cacheFolder());
  writeFileSync(speedTestFile(way), `${JSON.stringify(found)}\n`);
}
