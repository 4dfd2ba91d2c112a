/** A graphics card that is lost after some work, by a layer of Vulkan that is built here (lose-device.c). */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { EngineEvent, RescueEvent } from '../../common/protocol/protocol.ts';

const NAME = 'VK_LAYER_FETTLE_lose_device';
const NEGOTIATE = 'vkNegotiateLoaderLayerInterfaceVersion';

/** Builds the layer in `folder`; the environment in which each process loses its device after `submissions`, or null without a C compiler. */
export function losingDevice(folder: string, submissions: number): Record<string, string> | null {
  const library = path.join(folder, 'liblose-device.so');
  const source = path.join(import.meta.dirname, 'lose-device.c');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', library, source], {
    encoding: 'utf8',
  });
  if (built.error) return null;
  if (built.status !== 0) throw new Error(`the layer was not built: ${built.stderr}`);
  const layer = {
    ...{ name: NAME, type: 'GLOBAL', library_path: library, api_version: '1.3.0' },
    ...{
      implementation_version: '1',
      description: 'loses the device',
      functions: { [NEGOTIATE]: NEGOTIATE },
    },
  };
  writeFileSync(path.join(folder, 'layer.json'), JSON.stringify({ file_format_version: '1.2.0', layer }));
  return { VK_LAYER_PATH: folder, VK_INSTANCE_LAYERS: NAME, FETTLE_LOSE_AFTER: String(submissions) };
}

/** Expects two rescues: once more on the card, then with the changes `last`, each from the newest checkpoint. Gives the step that the last one resumes from. */
export function expectLostTwice(events: readonly EngineEvent[], last: object): number {
  const rescues = events.filter((event): event is RescueEvent => event.event === 'rescue');
  expect(rescues.map(({ reason, changes }) => [reason, changes])).toEqual([
    ['device-lost', {}],
    ['device-lost', last],
  ]);
  // the checkpoint of a step may be what is lost
  for (const { failedAfter, resumesFrom } of rescues)
    expect(failedAfter - resumesFrom).toBeLessThanOrEqual(1);
  return rescues[1]!.resumesFrom;
}
