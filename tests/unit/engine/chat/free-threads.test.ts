/** How many threads compute beside other programs, from the times of the processors. */
import { expect, test } from 'vitest';
import { FreeThreads, type ProcessorTimes } from '../../../../main/engine/chat/free-threads.ts';

/** Threads after a second in which so many processors were idle, and this process used so many. */
function threads(most: number, processors: number, idle: number, own: number, ms = 1000): number {
  const start: ProcessorTimes = { at: 0, idle: 50_000, total: 90_000, own: 700, processors };
  const later = {
    at: ms,
    idle: start.idle + idle * ms,
    total: start.total + processors * ms,
    own: start.own + own * ms,
    processors,
  };
  const times = [start, later];
  return new FreeThreads(most, () => times.shift() ?? later).count();
}

test.each([
  ['a quiet computer', 2, 2, 2, 0, 2],
  ['alone, with both threads busy', 2, 2, 0, 2, 2],
  ['beside one busy program', 2, 2, 0, 1.3, 1],
  ['one thread beside one busy program', 2, 2, 0, 1, 1],
  ['beside many', 2, 2, 0, 0.4, 1],
  ['eight processors, two of them used by others', 8, 8, 6, 0, 6],
  ['more processors than threads', 4, 16, 9, 0, 4],
])('%s', (_, most, processors, idle, own, expected) => {
  expect(threads(most, processors, idle, own)).toBe(expected);
});

test('too short a time says nothing, and where the system tells nothing all threads are used', () => {
  expect(threads(2, 2, 0, 0.1, 100)).toBe(2);
  const silent = { at: 0, idle: 0, total: 0, own: 0, processors: 4 };
  const times = [silent, { ...silent, at: 1000 }];
  expect(new FreeThreads(4, () => times.shift()!).count()).toBe(4);
});

test('the computer itself is read', () => {
  const count = new FreeThreads(3).count();
  expect(count).toBeGreaterThanOrEqual(1);
  expect(count).toBeLessThanOrEqual(3);
});
