import { describe, expect, it } from 'vitest';
import { Edits, withSystem } from '../../../renderer/steps/data/edits.svelte.ts';

const pair = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];

describe('edits of rows', () => {
  it('count new rows only once something stands in them', () => {
    const edits = new Edits({ paths: ['/d.csv'] });
    const [first, second] = [edits.add(), edits.add()];
    expect([first, second, edits.count, edits.size]).toEqual([0, 1, 2, 0]);
    edits.write(second, pair('One?', '1'));
    expect([edits.size, edits.state(second)]).toEqual([1, 'added']);
    expect(edits.edits).toEqual({ changes: [], added: [{ kind: 'completion', turns: pair('One?', '1') }] });
    edits.remove(first);
    expect([edits.count, edits.turns(0)]).toEqual([1, pair('One?', '1')]);
  });

  it('of rows that are there are changes until they are as they were, and can go and come back', () => {
    const edits = new Edits({ paths: ['/d.csv'] });
    edits.total = 3;
    edits.write(1, pair('Two?', '2'));
    edits.remove(2);
    expect([edits.state(0), edits.state(1), edits.state(2)]).toEqual([null, 'changed', 'removed']);
    expect(edits.edits.changes).toEqual([
      { row: 1, turns: pair('Two?', '2') },
      { row: 2, turns: null },
    ]);
    edits.putBack(2);
    expect([edits.state(2), edits.size]).toEqual([null, 1]);
  });

  it('of rows that were looked for list those and the new ones', async () => {
    const edits = new Edits({ paths: ['/d.csv'] });
    edits.total = 30;
    edits.only = [4, 9];
    const added = edits.add();
    expect([edits.listed, edits.count, added]).toEqual([3, 31, 30]);
    edits.only = null;
    expect(edits.listed).toBe(31);
  });

  it('put a system message in front, and take an empty one out', () => {
    const turns = withSystem(pair('a', 'b'), 'Count.');
    expect(turns.map(({ role }) => role)).toEqual(['system', 'user', 'assistant']);
    expect(withSystem(turns, '')).toEqual(pair('a', 'b'));
  });
});
