import { call } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConversationContent } from '../../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { openStore } from '../../../main/store/open.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
beforeEach(async () => {
  opened = await testParts();
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

const content = (more: Partial<ConversationContent> = {}): ConversationContent => ({
  ...{ name: 'Hello', of: { modelId: 'practice' }, system: '', who: 'before', temperature: 0 },
  ...{ maxNewTokens: 256, turns: [] },
  ...more,
});
const turn = (user: string) => ({
  ...{ user, by: 'Practice model', after: null },
  before: { text: 'Hi', state: 'done' as const, done: null, problem: null },
});

it('keeps conversations, the newest first, also for the next process', async () => {
  const { id } = await call(router.conversations.save, { content: content() });
  const other = await call(router.conversations.save, { content: content({ name: 'Other' }) });
  expect(other.id).not.toBe(id);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const changed = content({ name: 'Renamed', turns: [turn('Hello'), turn('And?')] });
  expect(await call(router.conversations.save, { id, content: changed })).toMatchObject({ id });
  const list = await call(router.conversations.list, undefined);
  expect(list.map(({ name }) => name)).toEqual(['Renamed', 'Other']);
  const again = await openStore(opened.folder);
  expect(again.conversations.find(id)).toMatchObject({ name: 'Renamed', content: changed });
  again.close();
});

it('forgets one, and says so to whoever asks for it', async () => {
  const { id } = await call(router.conversations.save, { content: content() });
  await call(router.conversations.remove, { id });
  await expect(call(router.conversations.get, { id })).rejects.toMatchObject({
    data: { code: 'no-conversation' },
  });
  expect(await call(router.conversations.list, undefined)).toEqual([]);
});

it('refuses what no page would send', async () => {
  const wrong = [{ name: '' }, { temperature: 99 }, { turns: [{ user: 'x' }] }, { of: {} }];
  for (const change of wrong)
    await expect(
      call(router.conversations.save, { content: { ...content(), ...change } as never }),
    ).rejects.toThrow();
  expect(await call(router.conversations.list, undefined)).toEqual([]);
});
