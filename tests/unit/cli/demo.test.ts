/** What the demo says before it begins, and the first page of the app: both explain codes that stand in the sample alone. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { practiceExample, practiceRows } from '../../../main/app/practice.ts';
import { intro } from '../../../main/cli/demo.ts';
import { welcome as english } from '../../../renderer/text/help.ts';
import { textsIn } from '../../../renderer/text/texts.ts';

const { welcome: german } = (await textsIn('de')) as { welcome: typeof english };

interface Answer {
  readonly desk: string;
  readonly class: string;
}

const answers = readFileSync(practiceRows().data, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    return JSON.parse(messages.at(-1)!.content) as Answer;
  });
const valuesOf = (key: keyof Answer) => [...new Set(answers.map((answer) => answer[key]))].sort();

describe('the codes of the sample', () => {
  it('are explained by the demo, each of them, with a test message and its answer', async () => {
    const example = await practiceExample();
    const text = intro(example).join('\n');
    expect(text.match(/\bR\d\d\b(?= \w)/g)).toEqual(valuesOf('desk'));
    expect([...text.matchAll(/class (\w):/g)].map(([, name]) => name)).toEqual(valuesOf('class'));
    expect(text).toContain(example.wanted);
    expect(path.basename(practiceRows().evalData)).toBe('support-messages.held-out.jsonl');
  });

  it.each([english, german])('are those of the first page: $exampleAnswer', (page) => {
    const [desk, name] = page.exampleAnswer.match(/\b[A-Z]\d*\b/g)!;
    expect(valuesOf('desk')).toContain(desk);
    expect(valuesOf('class')).toContain(name);
    for (const code of [desk!, name!]) expect(page.exampleNote).toMatch(new RegExp(`\\b${code}\\b`));
  });
});
