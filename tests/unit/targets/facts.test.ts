import { describe, expect, it } from 'vitest';
import { factsOf, factsScript, missingPython } from '../../../main/targets/facts.ts';
import { slurm } from '../../../main/targets/schedulers.ts';
import { shellOf } from '../../../main/targets/shell.ts';
import { USUAL_TARGET } from '../../helpers/far-away.ts';

const printed = (...lines: string[]) => `${lines.map((line) => line.replaceAll(' > ', '\t')).join('\n')}\n`;

describe('what a target has', () => {
  it('is read from what its commands print', () => {
    const facts = factsOf(
      printed(
        'card > NVIDIA A100, 81920',
        'card > NVIDIA A100, 81920',
        'cores > 64',
        'memory > 1024',
        'disk > 2048',
        'venv > 3.12.4',
      ),
      [missingPython(USUAL_TARGET)],
    );
    expect(facts.cards).toEqual(Array(2).fill({ name: 'NVIDIA A100', bytes: 80 * 2 ** 30 }));
    expect(facts).toMatchObject({
      cores: 64,
      memoryBytes: 2 ** 20,
      freeDiskBytes: 2 ** 21,
      python: null,
      missing: [],
    });
  });

  it.each([
    ['no Python that makes one', missingPython(USUAL_TARGET), ['cores > 1'], 'Install uv'],
    [
      'a Python without packages',
      missingPython({ ...USUAL_TARGET, python: '/p' }),
      ['python > 3.12.1', 'package > torch > 2'],
      'lacks transformers',
    ],
    ['no Slurm', slurm(USUAL_TARGET).program!.missing, ['uv > yes'], 'sbatch is missing'],
  ])('says what to do about %s', (_, check, lines, words) => {
    expect(factsOf(printed(...lines), [check]).missing).toEqual([expect.stringContaining(words)]);
  });

  it.skipIf(process.platform === 'win32')('can be asked of this computer', async () => {
    const shell = shellOf('here', (script) => ['sh', ['-c', script]]);
    const facts = factsOf(await shell(factsScript("'/nothing/python'", "'.'", 'sbatch')), []);
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.freeDiskBytes).toBeGreaterThan(0);
    expect(facts.python).toBeNull();
  });
});
