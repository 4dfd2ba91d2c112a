/** What stands behind the figures of a plan. */
import { render } from 'svelte/server';
import { expect, it, vi } from 'vitest';
import { bytes } from '../../../common/words/format.ts';
import Details from '../../../renderer/steps/plan/Details.svelte';
import { plan as words } from '../../../renderer/text/text.ts';
import { fakeFigures } from '../../helpers/fake-api/figures.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';

vi.mock('../../../renderer/api.ts', () => ({
  api: {},
  follow: async () => {},
  problemOf: (error: unknown) => error,
}));

const about = { proposal: null, busy: false, method: 'lora', request: null, onretry: () => {} } as const;

async function textOf(settings: Record<string, unknown>) {
  const figures = await fakeFigures({ modelId: 'practice', settings }, fakeWorld({ still: true }));
  const { body } = render(Details, { props: { figures, ...about } });
  return { figures, text: body.replace(/<[^>]*>/g, '') };
}

it('names the disk that kept activations take, where a run keeps them', async () => {
  const { figures, text } = await textOf({ 'lora.layers': 'last-1', keepActivations: true, epochs: 3 });
  const { frozen } = figures.work;
  expect(frozen!.bytes).toBeGreaterThan(0);
  expect(text).toContain(words.kept(frozen!.bytes));
  expect(text).toContain(bytes(frozen!.bytes));
  expect((await textOf({ epochs: 3 })).text).not.toContain(bytes(frozen!.bytes));
});
