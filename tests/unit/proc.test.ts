import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { peakResidentBytes } from '../../main/proc.ts';

const FILE = path.resolve('main/proc.ts');

/** What a new program says, which takes `bytes` of memory and gives them back. */
function ofChild(bytes: number): number {
  const code = `import { peakResidentBytes } from ${JSON.stringify(`file://${FILE}`)};
    Buffer.alloc(${bytes}, 1); console.log(peakResidentBytes());`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

describe('the peak of a process', () => {
  it('is what it has had at most, also once that is given back', () => {
    const least = ofChild(0);
    expect(least).toBeGreaterThan(20e6);
    const more = ofChild(200e6);
    expect(more - least).toBeGreaterThan(180e6);
    expect(more - least).toBeLessThan(260e6);
  });

  it('is nothing of the process that started it', () => {
    const held = Buffer.alloc(400e6, 1);
    expect(peakResidentBytes()).toBeGreaterThan(400e6);
    expect(ofChild(0)).toBeLessThan(200e6);
    expect(held.length).toBe(400e6);
  });
});
