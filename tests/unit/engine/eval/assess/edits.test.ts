/** Texts with changes: found by rows, and judged by what was kept, deleted and added. */
import { describe, expect, it } from 'vitest';
import { editedPart, sari } from '../../../../../main/engine/eval/assess/edits.ts';
import { decidingScore, scoreName, scoreOf } from '../../../../../main/engine/eval/assess/scores.ts';
import { chrf, taskOfRows } from '../../../../../main/engine/eval/assess/task.ts';
import { openRivals } from '../../../../../main/engine/eval/rivals/open-rivals.ts';

const SOURCE = 'About 95 species are currently accepted .';

describe('sari', () => {
  it('is the mean of what was kept, deleted and added, order by order', () => {
    // one word: kept a, b for a; deleted c for b, c; added d for d. Two: ab for none; bc for ab, bc; bd for ad. Three: none; abc for abc; abd for none
    const orders = [2 / 3 + 2 / 3 + 1, 0 + 2 / 3 + 0, 1 + 1 + 0];
    expect(sari('a b c', 'a b d', 'a d')).toBeCloseTo(orders.reduce((sum, one) => sum + one) / 9, 12);
  });

  it('is 1 for the wanted text, also where nothing was to be changed', () => {
    expect(sari(SOURCE, 'About 95 are accepted .', 'About 95 are accepted .')).toBe(1);
    expect(sari(SOURCE, SOURCE, SOURCE)).toBe(1);
    expect(sari('', '', '')).toBe(1);
  });

  it('gives the unchanged text only what it rightly keeps', () => {
    const copied = sari(SOURCE, SOURCE, 'About 95 species are now accepted .');
    expect(chrf(SOURCE, 'About 95 species are now accepted .')).toBeGreaterThan(0.7);
    expect(copied).toBeLessThan(1 / 3);
    expect(copied).toBeGreaterThan(0);
  });

  it('counts capital letters, signs, and each character of Chinese and Japanese', () => {
    expect(sari('paris is nice', 'Paris is nice.', 'Paris is nice.')).toBe(1);
    expect(sari('paris is nice', 'paris is nice', 'Paris is nice.')).toBeLessThan(0.4);
    expect(sari('他昨天来了', '他昨天到了', '他昨天到了。')).toBeGreaterThan(
      sari('他昨天来了', '他昨天来了', '他昨天到了。'),
    );
  });
});

/** Sentences in which one word is another. */
const edited = Array.from({ length: 40 }, (_, i) => ({
  text: `Please kindly utilise door number ${i} of the building when you arrive at night, and ring.`,
  answer: `Please use door number ${i} of the building when you arrive at night, and ring.`,
}));

describe('rows with changed questions', () => {
  it('are told from rows with other answers', () => {
    expect(editedPart(edited, chrf)).not.toBeNull();
    const answers = edited.map(({ text }, i) => ({
      text,
      answer: `Thank you for writing; our office number ${i} will call you back soon.`,
    }));
    expect(editedPart(answers, chrf)).toBeNull();
    expect(taskOfRows(answers)).toMatchObject({ kind: 'free' });
    expect(taskOfRows(answers).edited).toBeUndefined();
  });

  it('are found below an instruction, whose words are no changes', () => {
    const below = edited.map(({ text, answer }) => ({
      text: `Write the following sentence so that everybody understands it at once, without any long word in it:\n${text}`,
      answer,
    }));
    const task = taskOfRows(below);
    expect(task.edited?.(below[3]!.text)).toBe(edited[3]!.text);
    expect(scoreOf(task, edited[3]!.text, below[3]!)).toBeCloseTo(
      scoreOf(taskOfRows(edited), edited[3]!.text, edited[3]!),
      12,
    );
  });

  it('are judged by their changes, so that copying is no good answer', () => {
    const task = taskOfRows(edited);
    expect([decidingScore(task), scoreName(task)]).toEqual(['sari', 'changes']);
    const right = edited.map(() => 1);
    const copy = openRivals({ task, slots: null, taught: edited }, edited.slice(0, 20), right, 1).find(
      ({ name }) => name === 'copy',
    )!;
    expect(copy.score).toMatchObject({ name: 'changes', rows: 20 });
    expect(copy.score.value).toBeLessThan(0.4);
    expect(copy.lead.low).toBeGreaterThan(0.5);
  });
});
