/** Addresses and their segments, in both directions. */
import { describe, expect, it } from 'vitest';
import { hrefOf, parsePath } from '../../../renderer/router.svelte.ts';

describe('addresses', () => {
  it.each([
    ['', []],
    ['#', []],
    ['#/', []],
    ['#/run/abc', ['run', 'abc']],
    ['#run/abc/', ['run', 'abc']],
    ['#/learn/what%20is', ['learn', 'what is']],
    ['#/a//b', ['a', 'b']],
    ['#/broken%', ['broken%']],
  ])('%s', (hash, path) => expect(parsePath(hash)).toEqual(path));

  it('come back as they were, whatever a segment holds', () => {
    const segments = ['compare', 'a,b', 'x/y', '100 %', 'grüße', '#?&'];
    expect(parsePath(hrefOf(segments))).toEqual(segments);
    expect(hrefOf(['run', 7])).toBe('#/run/7');
  });
});
