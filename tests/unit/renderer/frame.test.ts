/** The title of the window: the page, and while a job runs how far it is. */
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { expect, it, vi } from 'vitest';
import type { Job } from '../../../common/api/contract.ts';
import { jobs } from '../../../renderer/state/jobs.svelte.ts';
import Page from '../../../renderer/ui/Page.svelte';

vi.mock('../../../renderer/api.ts', () => ({
  api: {},
  follow: async () => {},
  problemOf: (error: unknown) => error,
}));

const job = (more: Partial<Job>): Job => ({
  ...{
    id: 'a',
    state: 'running',
    kind: 'train',
    runId: 'a',
    name: 'Support messages',
    startAt: null,
    doing: '',
  },
  ...{ fraction: 0.42, step: 1, steps: 2, secondsLeft: null, problem: null },
  ...more,
});
const children = createRawSnippet(() => ({ render: () => '<p></p>' }));
const title = () =>
  /<title>(.*)<\/title>/.exec(render(Page, { props: { title: 'History', children } }).head)?.[1];

it('names the page, and before it what runs', () => {
  jobs.all = [];
  expect(title()).toBe('History · Fettle');
  jobs.all = [job({})];
  expect(title()).toBe('42% – Support messages – Fettle');
  jobs.all = [job({ fraction: null })];
  expect(title()).toBe('History · Fettle');
  jobs.all = [job({ state: 'paused' })];
  expect(title()).toBe('History · Fettle');
});
