/** Conversations that the fake app has kept. */
import type { Conversation } from '../../../common/api/contract.ts';

const said = (text: string) => ({
  text,
  state: 'done' as const,
  done: { newTokens: 12, tokensPerSecond: 48, stopReason: 'end' },
  problem: null,
});

export function keptConversations(iso: (hours: number) => string): Conversation[] {
  const about = { system: '', temperature: 0, maxNewTokens: 256 };
  const row = (id: string, name: string, hours: number) => ({ id, name, updated: iso(hours) });
  const first = row('kept-1', 'My parcel is broken.', 1);
  const second = row('kept-2', 'Ideas for a reply to Mr Okafor', 30);
  return [
    {
      ...first,
      content: {
        ...{ ...about, name: first.name, of: { runId: 'run-2' }, who: 'both' },
        turns: [
          {
            ...{ user: 'My parcel is broken.', by: 'Product descriptions 2' },
            before: said('I am sorry to hear that. How can I help?'),
            after: said('{"desk":"R17","class":"C"}'),
          },
          {
            ...{ user: 'And in other words?', by: 'Formal tone 3' },
            before: said('Please tell me more about it.'),
            after: said('I regret to hear that your parcel arrived damaged.'),
          },
        ],
      },
    },
    {
      ...second,
      content: {
        ...{ ...about, name: second.name, of: { modelId: 'practice' }, who: 'before' },
        turns: [{ user: second.name, by: 'Practice model', before: said('Dear Mr Okafor'), after: null }],
      },
    },
  ];
}
