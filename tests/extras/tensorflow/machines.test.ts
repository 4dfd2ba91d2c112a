/** What is said of TensorFlow's library on whole computers of the fixtures. */
import { describe, expect, it } from 'vitest';
import { hardwareText } from '../../../main/cli/hardware.ts';
import { probeHardware } from '../../../main/hardware/hardware.ts';
import { machine } from '../../helpers/machines.ts';

const hardwareOf = (name: string) => {
  const { world, folder } = machine(name);
  return probeHardware({ folder, world });
};

describe('the way of a card through TensorFlow.js', () => {
  it.each([
    ['amd-apu', 'NVIDIA cards only'],
    ['dgx-spark', 'linux-arm64'],
    ['gtx-1060', 'tfjs-node-gpu is not installed'],
    ['nouveau', 'nouveau'],
    ['windows-desktop', 'tfjs-node-gpu is not installed'],
    ['windows-japanese', 'basic driver'],
    ['rtx-4090', 'Loading was not tried', true],
  ])('%s: %s', async (name, words, isUsable = false) => {
    const { graphics } = await hardwareOf(name);
    const found = graphics[0]!.access.find(({ through }) => through === 'tfjs-cuda')!;
    expect(found.usable).toBe(isUsable);
    expect(found.reason).toContain(words);
  });
});

describe('fettle hardware', () => {
  const textOf = async (name: string) => hardwareText(await hardwareOf(name), 400).replace(/ {2,}/g, ' ');

  it('says how the library is got: by the pack, or by hand', async () => {
    expect(await textOf('rtx-3060-laptop')).toContain(
      '\nTensorFlow TensorFlow.js computes with WebAssembly here, on one core. TensorFlow’s library is not installed. -> Fettle works without it. Get it: fettle devices get tensorflow\n',
    );
    const windows = await textOf('windows-desktop');
    expect(windows).toContain('FETTLE_TFJS_HOME');
    expect(windows).not.toContain('get tensorflow');
  });

  it('names the command that asks for its card', async () => {
    expect(await textOf('rtx-4090')).toContain('Choose it with --executor tfjs.');
  });
});
