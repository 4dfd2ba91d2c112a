/** What simpler ways get where answers are no closed set, against answers that are known beforehand. */
import { describe, expect, it } from 'vitest';
import type { AnsweredText } from '../../../../../main/engine/eval/answered-text.ts';
import { slotsOf } from '../../../../../main/engine/eval/assess/slots.ts';
import { chrf, detectTask } from '../../../../../main/engine/eval/assess/task.ts';
import { openRivals } from '../../../../../main/engine/eval/rivals/open-rivals.ts';
import { mostAlike, templateAnswers } from '../../../../../main/engine/eval/rivals/templates.ts';

const PLACES = ['The Eagle', 'Blue Spice', 'Cotto', 'Zizzi', 'Aromi', 'The Mill', 'Wildwood'];
const FOODS = ['French', 'Thai', 'Greek'];
const described = (i: number): AnsweredText => {
  const [name, food, kids] = [PLACES[i % 7]!, FOODS[i % 3]!, i % 2 === 0 ? 'yes' : 'no'];
  return {
    text: `name[${name}], food[${food}], kids[${kids}]`,
    answer: `${name} is a quiet place that serves ${food} food and ${kids === 'yes' ? 'welcomes' : 'does not welcome'} children.`,
  };
};
const rows = (from: number, count: number, of: (i: number) => AnsweredText) =>
  Array.from({ length: count }, (_, i) => of(from + i));
const ways = (taught: readonly AnsweredText[], asked: readonly AnsweredText[], scores: readonly number[]) => {
  const task = detectTask(taught.map(({ answer }) => answer));
  const rivals = openRivals({ task, slots: slotsOf(taught), taught }, asked, scores, 1);
  return { kind: task.kind, ...Object.fromEntries(rivals.map((one) => [one.name, one])) } as {
    kind: string;
  } & Partial<Record<string, (typeof rivals)[number]>>;
};

describe('simpler ways to free text', () => {
  it('fill the best template with values that no training row combines', () => {
    // a place with a food that it does not have in the training rows
    const taught = rows(0, 14, described);
    const asked = [described(15)];
    const found = ways(taught, asked, [0.5]);
    expect(found.kind).toBe('free');
    expect(found.template).toMatchObject({ score: { name: 'similarity', rows: 1, value: 1 } });
    expect(found.template!.lead.value).toBeCloseTo(-0.5);
    expect(found.copy!.score.value).toBeCloseTo(chrf(asked[0]!.text, asked[0]!.answer), 10);
    expect(found.copy!.score.value).toBeLessThan(0.6);
  });

  it('tell what is no slot in the words of a row that says the same', () => {
    const taught = rows(0, 42, described);
    const slots = slotsOf(taught)!;
    expect(templateAnswers(slots, taught, ['name[Cotto], food[Thai], kids[no]'])).toEqual([
      'Cotto is a quiet place that serves Thai food and does not welcome children.',
    ]);
    // no template without its values
    expect(templateAnswers(slots, taught, ['food[Thai]'])).toEqual(['']);
  });

  it('take lists of attributes out of sentences, each by words or as it stands there', () => {
    const listed = (i: number): AnsweredText => {
      const [name, kids] = [PLACES[i % 7]!, i % 2 === 0 ? 'yes' : 'no'];
      return {
        text: `You may like ${name}, which ${kids === 'yes' ? 'welcomes' : 'turns away'} the little ones.`,
        answer: `name[${name}], kids[${kids}], and so on, as in all the other rows of it`,
      };
    };
    const asked = rows(28, 7, listed);
    const found = ways(
      rows(0, 28, listed),
      asked,
      asked.map(() => 0),
    );
    expect(found.kind).toBe('free');
    expect(found.counter!.score.value).toBe(1);
    expect(found.template).toBeUndefined();
  });

  it('copy the last line where that is the better answer to training rows', () => {
    const line = (i: number): AnsweredText => {
      const last = `The meeting number ${i} was moved to another day of the week.`;
      return {
        text: `Repeat the last line of this letter to me, please, word for word.\n${last}`,
        answer: last,
      };
    };
    const found = ways(rows(0, 20, line), rows(50, 5, line), [1, 1, 1, 1, 0]);
    expect(found.copy!.score.value).toBe(1);
    expect(found.copy!.lead.value).toBeCloseTo(-0.2);
    expect(found.template).toBeUndefined();
    expect(Object.keys(found).sort()).toEqual(['copy', 'kind', 'nearest', 'typical']);
  });

  it('take the text that is most similar to the others as the typical one', () => {
    expect(mostAlike(['red blue', 'red blue green', 'blue green', 'xyz'])).toBe('red blue green');
    expect(mostAlike([])).toBe('');
  });
});

describe('simpler ways to other answers', () => {
  it('count words for each field of JSON answers, of which there are too many to choose among', () => {
    const order = (i: number): AnsweredText => ({
      text: `${['red', 'blue'][i % 2]} chair, order ${1000 + i}`,
      answer: JSON.stringify({ colour: ['red', 'blue'][i % 2], order: 1000 + i, kind: 'order' }),
    });
    const asked = rows(300, 10, order);
    const found = ways(
      rows(0, 150, order),
      asked,
      asked.map(() => 1),
    );
    expect(found.kind).toBe('json');
    // the colour is right and the number is not; what is always the same does not count
    expect(found.counter).toMatchObject({ score: { name: 'fields', value: 0.5, rows: 10 } });
    expect(found.counter!.lead.value).toBeCloseTo(0.5);
    expect(found.frequent!.score.value).toBeLessThanOrEqual(0.5);
  });

  it('repeat calls of similar rows', () => {
    const call = (room: string) =>
      `<tool_call>{"name": "light", "arguments": {"room": "${room}"}}</tool_call>`;
    const ask = (i: number): AnsweredText => {
      const room = ['hall', 'attic', 'hall'][i % 3]!;
      return { text: `light in the ${room}, number ${i}`, answer: call(room) };
    };
    const found = ways(rows(0, 30, ask), rows(60, 3, ask), [1, 1, 0]);
    expect(found.nearest).toMatchObject({ score: { name: 'calls', value: 1, rows: 3 } });
    expect(found.frequent!.score.value).toBeCloseTo(2 / 3);
    expect(Object.keys(found).sort()).toEqual(['frequent', 'kind', 'nearest']);
  });

  it('are none without rows to learn from', () => {
    const task = detectTask(['some free text that has more than eight words in it, twice', 'another']);
    expect(openRivals({ task, slots: null, taught: [] }, [described(1)], [1], 1)).toEqual([]);
    expect(openRivals({ task, slots: null, taught: [described(1)] }, [], [], 1)).toEqual([]);
  });
});
