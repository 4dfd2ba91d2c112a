import { afterAll, describe, expect, test } from 'vitest';
import { RULE_LANGUAGES } from '../../../common/extras/rules/languages.ts';
import type { JudgedRow, Rule } from '../../../common/extras/rules/rules.ts';
import { RuleJudge } from '../../../main/engine/extras/rules/judges.ts';
import { openRules } from '../../../main/engine/extras/rules/judging.ts';

const ROW: JudgedRow = { question: 'What?', answer: '{"name": "Zizzi", "stars": 5}' };

async function said(rules: Rule | readonly Rule[], answer: string, row: Partial<JudgedRow> = {}) {
  const judge = await openRules([rules].flat());
  return judge(answer, { ...ROW, ...row });
}
const passes = async (...asked: Parameters<typeof said>) => (await said(...asked)).passes;

describe('rules without code', () => {
  test('JSON alone, and JSON that follows a schema', async () => {
    const schema = JSON.stringify({
      type: 'object',
      properties: { name: { type: 'string' }, stars: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['name', 'stars'],
      additionalProperties: false,
    });
    const rule: Rule = { kind: 'json', schema };
    expect(await passes({ kind: 'json' }, ' {"a": [1]}\n')).toBe(true);
    expect(await said({ kind: 'json' }, 'Here: {"a": 1}')).toMatchObject({ passes: false, score: 0 });
    expect(await said(rule, '{"name": "Zizzi", "stars": 5}')).toEqual({ passes: true, score: 1, reason: '' });
    const wrong = await said(rule, '{"name": "Zizzi", "stars": 9}');
    expect(wrong).toMatchObject({ passes: false, score: 0.5 });
    expect(wrong.reason).toContain('stars');
    expect(await passes(rule, '{"name": "Zizzi", "stars": 5, "more": 1}')).toBe(false);
  });

  test('the row’s own answer: JSON by its values, field by field; texts but for case and marks', async () => {
    const rule: Rule = { kind: 'equals' };
    expect(await passes(rule, '{"stars":5,"name":"Zizzi"}')).toBe(true);
    expect(await said(rule, '{"stars":4,"name":"Zizzi"}')).toMatchObject({ passes: false, score: 0.5 });
    expect(await said(rule, 'Zizzi')).toMatchObject({ passes: false, score: 0 });
    expect(await passes(rule, ' card  LOST. ', { answer: 'Card lost' })).toBe(true);
    await expect(said(rule, 'a', { answer: undefined as never })).rejects.toMatchObject({ code: 'bad-rule' });
  });

  test('words in it, a pattern, a number', async () => {
    expect(await passes({ kind: 'contains', text: 'Best Regards' }, 'Yours, best regards, A.')).toBe(true);
    expect(await passes({ kind: 'contains', text: 'regards' }, 'Bye')).toBe(false);
    expect(await passes({ kind: 'matches', pattern: '^[A-Z]{2}-\\d+$' }, ' AB-17\n')).toBe(true);
    expect(await passes({ kind: 'matches', pattern: '^[A-Z]{2}-\\d+$' }, 'It is AB-17')).toBe(false);
    expect(await passes({ kind: 'number', least: 0, most: 2000 }, 'So it is 1,250.5 in all.')).toBe(true);
    expect(await passes({ kind: 'number', least: 0, most: 1000 }, 'So it is 1,250.5 in all.')).toBe(false);
    expect(await passes({ kind: 'number' }, '2 + 2 = 4', { answer: '4' })).toBe(true);
    expect(await passes({ kind: 'number' }, 'none', { answer: '4' })).toBe(false);
  });

  test('a length, near ones scoring better', async () => {
    const rule: Rule = { kind: 'words', least: 4, most: 6 };
    expect(await passes(rule, 'one two three four')).toBe(true);
    const [far, near] = [await said(rule, 'one'), await said(rule, 'one two three')];
    expect(near.passes).toBe(false);
    expect(near.score).toBeGreaterThan(far.score);
    expect(await passes({ kind: 'characters', most: 3 }, '日本語')).toBe(true);
    await expect(said({ kind: 'words' }, 'one')).rejects.toMatchObject({ code: 'bad-rule' });
  });

  test('a language, and calls of tools', async () => {
    const german = 'Wir haben Ihre Karte heute gesperrt und senden Ihnen eine neue zu.';
    expect(await passes({ kind: 'language', language: 'de' }, german)).toBe(true);
    expect(await passes({ kind: 'language', language: 'en' }, german)).toBe(false);
    await expect(said({ kind: 'language', language: 'qq' }, german)).rejects.toMatchObject({
      code: 'bad-rule',
    });
    const call = '<tool_call>\n{"name": "light", "arguments": {"room": "hall"}}\n</tool_call>';
    expect(await passes({ kind: 'tool' }, call, { answer: call })).toBe(true);
    const other = call.replace('hall', 'attic');
    expect(await said({ kind: 'tool' }, other, { answer: call })).toMatchObject({
      passes: false,
      score: 0.5,
    });
    expect(await passes({ kind: 'tool', name: 'light' }, other)).toBe(true);
    expect(await passes({ kind: 'tool', name: 'light' }, 'light')).toBe(false);
  });

  test('the languages to choose from are those of the detector', async () => {
    const { eld } = await import('eld/small');
    expect([...RULE_LANGUAGES].sort()).toEqual(Object.values(eld.info().Languages).sort());
  });

  test('all rules must hold, and the score is their mean', async () => {
    const rules: Rule[] = [{ kind: 'json' }, { kind: 'characters', most: 5 }];
    expect(await passes(rules, '[1]')).toBe(true);
    const half = await said(rules, '[1, 2, 3]');
    expect(half).toMatchObject({ passes: false });
    expect(half.score).toBeCloseTo((1 + 5 / 9) / 2);
  });

  test('rules that can’t be are refused by name', async () => {
    for (const rule of [
      { kind: 'matches', pattern: '(' },
      { kind: 'json', schema: 'no' },
      { kind: 'json', schema: '{"if": {}, "then": {}}' },
      { kind: 'number', least: 5, most: 1 },
      { kind: 'words', least: 12, most: 1 },
      { kind: 'script', code: '42' },
      { kind: 'script', code: '(answer) => {' },
    ] satisfies Rule[])
      await expect(openRules([rule])).rejects.toMatchObject({ code: 'bad-rule' });
  });
});

describe('a function of one’s own', () => {
  test('gives a truth, a score, or both with a reason; as an expression or a module', async () => {
    const by = (code: string): Rule => ({ kind: 'script', code });
    expect(await passes(by('(answer, row) => answer === row.question'), 'What?')).toBe(true);
    expect(await passes(by('function rule(answer) { return answer.length > 3 }'), 'ab')).toBe(false);
    expect(await said(by('export default (answer) => ({ score: 0.25, reason: "too plain" })'), 'x')).toEqual({
      ...{ passes: false, score: 0.25, reason: 'too plain' },
    });
    expect(await said(by('(answer) => JSON.parse(answer).ok'), 'rubbish')).toMatchObject({ passes: false });
  });

  test('what it gives instead is refused', async () => {
    for (const code of ['() => {}', '() => 7', '() => "yes"', '() => NaN', 'async () => true'])
      await expect(said({ kind: 'script', code }, 'x')).rejects.toMatchObject({ code: 'bad-rule' });
  });

  test('has no way out, and no memory of the answer before', async () => {
    const names = `['process', 'require', 'fetch', 'globalThis.process', 'WebAssembly', 'setTimeout', 'std', 'os']`;
    const code = `() => ${names}.every((name) => { try { return typeof eval(name) === 'undefined' } catch { return true } })`;
    expect(await passes({ kind: 'script', code }, 'x')).toBe(true);
    const wayOut = `() => { try { return typeof (() => {}).constructor('return process')() === 'undefined' } catch { return true } }`;
    expect(await passes({ kind: 'script', code: wayOut }, 'x')).toBe(true);
    await expect(
      openRules([{ kind: 'script', code: 'import fs from "fs"; export default () => true' }]),
    ).rejects.toMatchObject({
      code: 'bad-rule',
    });
    const judge = await openRules([
      { kind: 'script', code: '() => { globalThis.n = (globalThis.n ?? 0) + 1; return globalThis.n === 1 }' },
    ]);
    expect([judge('a', ROW).passes, judge('b', ROW).passes]).toEqual([true, true]);
  });
});

describe('limits', () => {
  const open: RuleJudge[] = [];
  const judgeBy = async (rule: Rule) => {
    const judge = await RuleJudge.open([rule]);
    open.push(judge);
    return judge;
  };
  afterAll(() => Promise.all(open.map((judge) => judge.close())));

  test('one answer at which a rule loops fails, the next is judged', async () => {
    const judge = await judgeBy({ kind: 'script', code: '(a) => { while (a === "loop"); return true }' });
    expect(await judge.judge('loop', ROW)).toMatchObject({ passes: false, score: 0 });
    expect(await judge.judge('fine', ROW)).toMatchObject({ passes: true });
  });

  test('so does one at which it eats memory', async () => {
    const code = '(a) => { const all = []; while (a === "eat") all.push(new Uint8Array(1e7)); return true }';
    const judge = await judgeBy({ kind: 'script', code });
    expect((await judge.judge('eat', ROW)).reason).toContain('MB');
    expect(await judge.judge('fine', ROW)).toMatchObject({ passes: true });
  });

  test('a catastrophic pattern ends with its thread, and judging goes on', async () => {
    const judge = await judgeBy({ kind: 'matches', pattern: '^(a+)+$' });
    expect((await judge.judge(`${'a'.repeat(60)}!`, ROW)).reason).toContain('longer');
    expect(await judge.judge('aaa', ROW)).toMatchObject({ passes: true });
  }, 20_000);

  test('a rule that loops on every answer is refused', async () => {
    const judge = await judgeBy({ kind: 'script', code: '() => { for (;;); }' });
    for (let i = 0; i < 4; i++) expect(await judge.judge('x', ROW)).toMatchObject({ passes: false });
    await expect(judge.judge('x', ROW)).rejects.toMatchObject({ code: 'rule-limit' });
  }, 20_000);

  test('a wrong rule is told on opening, a wrong value at once', async () => {
    await expect(judgeBy({ kind: 'matches', pattern: '[' })).rejects.toMatchObject({ code: 'bad-rule' });
    const judge = await judgeBy({ kind: 'script', code: '() => 5' });
    await expect(judge.judge('x', ROW)).rejects.toMatchObject({ code: 'bad-rule' });
  });
});
