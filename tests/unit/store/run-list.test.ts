import { describe, expect, it } from 'vitest';
import { matchQuery, searchText } from '../../../main/store/run-list.ts';
import { ALL, configOf, makeRun, newFolder, opened } from './made-up.ts';

describe('matchQuery', () => {
  it.each([
    ['support', '"support"*'],
    ['  two   words ', '"two"* AND "words"*'],
    ['lora rank 8', '"lora"* AND ("rank 8" OR {name notes model data tags} : ("rank"* AND "8"*))'],
    ['"quoted', '"""quoted"*'],
    ['AND OR NOT NEAR', '"AND"* AND "OR"* AND "NOT"* AND "NEAR"*'],
    ['name:x', '"name:x"*'],
    ['', null],
    ['  ', null],
    ['" * ( ) : ^ -', null],
    ['\0', null],
  ])('%j becomes %j', (text, query) => {
    expect(matchQuery(text)).toBe(query);
  });
});

describe('searchText', () => {
  it('has names and values, and of paths only their end', () => {
    const config = {
      model: '/home/ann/models/SmolLM2',
      lora: { rank: 8, targets: ['q', 'v'] },
      out: null,
      on: true,
    };
    expect(searchText(config)).toBe('model SmolLM2 lora rank 8 targets q v out  on true');
  });
});

describe('searching runs', () => {
  const ODD = [
    '"',
    '""',
    "'",
    '*',
    '(',
    ')',
    'a OR',
    'NOT',
    'NEAR(',
    'a NEAR b',
    'name:',
    'name:a',
    '^a',
    '-a',
    '+a',
    'a*b',
    '{a}',
    'a AND (b OR',
    '\\',
    '%',
    '_',
    ';drop table runs;--',
    '\0',
    'a\0b',
    '😀',
    '💡 idea',
    'ﷺ',
    '\u200b',
    '\ud800',
    'x'.repeat(500),
    '"a" "b',
    'col : a',
    '1e999',
    '= "',
    ':-)',
    'C:\\Users\\Ann',
    '/home/ann',
    'a" 8',
    'it\'s 8"',
    'try 2',
    'naïve café',
    '東京',
    '💩"*',
  ];

  it('takes anything without complaint', async () => {
    const store = await opened(newFolder());
    makeRun(store, 'a run');
    for (const text of ODD) expect([0, 1]).toContain(store.runs.list({ ...ALL, search: text }).total);
  });

  it('finds a run by what a person typed into it, to the letter', async () => {
    const store = await opened(newFolder());
    makeRun(store, 'other');
    const names = ODD.filter(
      (text) => matchQuery(text) !== null && !/[\0\ud800\ufdfa]|^(NOT|a OR|1e999)$/u.test(text),
    );
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const { id } = makeRun(store, name);
      const found = store.runs.list({ ...ALL, search: name }).rows.map((row) => row.id);
      expect([name, found.includes(id)]).toEqual([name, true]);
    }
  });

  it('looks at name, notes, tags, model, data and settings, at beginnings of words, whatever case or accent', async () => {
    const store = await opened(newFolder());
    const { id } = makeRun(store, 'Zürich Support', {
      config: configOf('/elsewhere/out', { lora: { rank: 8 }, learningRate: 3e-4, system: 'Sort politely.' }),
    });
    makeRun(store, 'another', {
      model: 'Qwen',
      data: 'tickets.csv',
      config: configOf('/x', { model: '/models/Qwen', data: '/tickets.csv', lora: { rank: 16 } }),
    });
    store.runs.update(id, { notes: 'second try, lower rate', tags: ['favourite', 'good one'] });
    const found = (search: string) => store.runs.list({ ...ALL, search }).rows.map((row) => row.id);
    for (const text of [
      'zurich',
      'SUPP',
      'lower',
      'favour',
      'good',
      'zurich supp lower',
      'second low',
      'smol',
      'rank 8',
      'learningrate 0.0003',
      'polite',
      'supp lower',
    ])
      expect([text, found(text)]).toEqual([text, [id]]);
    for (const text of ['upport', 'zurich qwen', 'rank 9', 'nowhere'])
      expect([text, found(text)]).toEqual([text, []]);
  });

  it('finds parts of names in scripts without spaces', async () => {
    const store = await opened(newFolder());
    const { id } = makeRun(store, '客服消息分类 v2', { config: configOf('/elsewhere/out') });
    const other = makeRun(store, '問い合わせの仕分け', { config: configOf('/x') });
    const found = (search: string) => store.runs.list({ ...ALL, search }).rows.map((row) => row.id);
    for (const text of ['客服', '消息', '分类', '分类 v2', '消息分类'])
      expect([text, found(text)]).toEqual([text, [id]]);
    expect(found('仕分け')).toEqual([other.id]);
    expect([found('类分'), found('服务')]).toEqual([[], []]);
  });

  it('forgets what is not there any more', async () => {
    const store = await opened(newFolder());
    const config = configOf('/elsewhere/out');
    const [{ id }, gone] = [makeRun(store, 'before', { config }), makeRun(store, 'gone before', { config })];
    store.runs.update(id, { name: 'after', tags: ['x'] });
    await store.runs.purge([gone.id]);
    const next = makeRun(store, 'next', { config });
    const found = (search: string) => store.runs.list({ ...ALL, search }).rows.map((row) => row.id);
    expect([found('before'), found('gone'), found('after'), found('next')]).toEqual([
      [],
      [],
      [id],
      [next.id],
    ]);
  });
});
