/** Answers that share steps: who has a place when, how much of prompts a step reads, and what a client that leaves costs. */
import { expect, test } from 'vitest';
import { SharedSteps, type Turn } from '../../../../main/engine/chat/shared-steps.ts';

const STAYS = new AbortController().signal;

/** Places by numbers, and what each turn did in which step. */
function shared(places: number, more = 0) {
  const log: string[] = [];
  let step = 0;
  const steps = new SharedSteps<number>(
    Array.from({ length: places }, (_, i) => i),
    async () => Array.from({ length: more }, (_, i) => places + i),
    () => step++,
  );
  /** Reads a prompt of so many tokens, then says so many. */
  const answer = (name: string, prompt: number, said: number): Turn<number> =>
    async function* (place, room) {
      for (let left = prompt; left > 0; ) {
        const block = room(left);
        if (block > 0) log.push(`${step} ${name} reads ${block}`);
        left -= block;
        yield;
      }
      for (let i = 0; i < said; i++) {
        log.push(`${step} ${name} says in ${place}`);
        yield;
      }
    };
  return { steps, answer, log };
}

test('sixteen answers are made in as many steps as one', async () => {
  const { steps, answer, log } = shared(2, 14);
  await Promise.all(Array.from({ length: 16 }, (_, i) => steps.take(() => 0, STAYS, answer(`a${i}`, 4, 5))));
  const numbers = log.map((line) => Number.parseInt(line, 10));
  const said = log.filter((line) => line.includes('says'));
  expect(said).toHaveLength(80);
  expect(Math.max(...numbers) - Math.min(...numbers) + 1).toBe(6);
  // the first token of each comes in the same step
  expect(new Set(said.slice(0, 16).map((line) => line.split(' ')[1])).size).toBe(16);
});

test('beside others a long prompt is read in parts, and they go on in each', async () => {
  const { steps, answer, log } = shared(2);
  await Promise.all([
    steps.take(() => 0, STAYS, answer('long', 500, 1)),
    steps.take(() => 0, STAYS, answer('short', 1, 6)),
  ]);
  const reads = log
    .filter((line) => line.includes('long reads'))
    .map((line) => Number(line.split(' ').at(-1)));
  expect(Math.max(...reads)).toBeLessThanOrEqual(128);
  const first = log.findIndex((line) => line.includes('short says'));
  expect(first).toBeLessThan(log.findLastIndex((line) => line.includes('long reads')));
});

test('those that find no place wait for it, in order', async () => {
  const { steps, answer, log } = shared(1);
  await Promise.all(['first', 'second'].map((name) => steps.take(() => 0, STAYS, answer(name, 0, 2))));
  expect(log.map((line) => line.split(' ')[1])).toEqual(['first', 'first', 'second', 'second']);
});

test('an answer takes the place that is worth most to it', async () => {
  const { steps, answer, log } = shared(3);
  await steps.take((place) => [5, 9, 7][place]!, STAYS, answer('one', 0, 1));
  expect(log).toEqual(['1 one says in 1']);
});

test('a client that leaves gives its place free, and one that waited is never begun', async () => {
  const { steps, answer, log } = shared(1);
  const leaves = new AbortController();
  const endless: Turn<number> = async function* () {
    for (let said = 0; ; said++) {
      if (said === 3) leaves.abort(new Error('left'));
      yield;
    }
  };
  const ends = Promise.allSettled([
    steps.take(() => 0, leaves.signal, endless),
    steps.take(() => 0, leaves.signal, answer('waits', 0, 1)),
    steps.take(() => 0, STAYS, answer('next', 0, 1)),
  ]);
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(log.map((line) => line.split(' ')[1])).toEqual(['next']);
});

test('what fails fails alone', async () => {
  const { steps, answer, log } = shared(2);
  // biome-ignore lint/correctness/useYield: it fails before
  const broken: Turn<number> = async function* () {
    throw new Error('broken');
  };
  const [bad, good] = await Promise.allSettled([
    steps.take(() => 0, STAYS, broken),
    steps.take(() => 0, STAYS, answer('good', 0, 2)),
  ]);
  expect(bad).toMatchObject({ reason: { message: 'broken' } });
  expect([good!.status, log.length]).toEqual(['fulfilled', 2]);
  // its place is free again
  await Promise.all(['a', 'b'].map((name) => steps.take(() => 0, STAYS, answer(name, 0, 1))));
});
