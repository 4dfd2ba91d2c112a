/** What the files of a model ask to be computed ends in time and memory, whatever they hold. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createChatTemplate } from '../../../../../main/engine/data/tokens/chat-template.ts';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Message } from '../../../../../main/rows/messages.ts';
import { processorTime } from '../../../../helpers/processor-time.ts';
import { byteTokenizerJson, FAMILIES, familyFolder } from '../../../../helpers/tokenizer-families.ts';

const SECONDS = 10;
const MEGABYTES = 700;

const times = (count: number, body: string) => `{% for i in range(${count}) %}${body}{% endfor %}`;
const LONG = `{% set ns = namespace(s="a") %}${times(20, '{% set ns.s = ns.s + ns.s %}')}`;
const MANY = '{% set many = range(100000) %}';

const TEMPLATES: Readonly<Record<string, string>> = {
  'a text that doubles': `{% set ns = namespace(s="a") %}${times(40, '{% set ns.s = ns.s + ns.s %}')}{{ ns.s }}`,
  'a text that doubles and is searched': `{% set ns = namespace(s="a") %}${times(40, '{% set ns.s = ns.s ~ ns.s %}{{ "b" in ns.s }}')}`,
  'blocks that double': `{% set x = "a" %}${'{% set x %}{{ x }}{{ x }}{% endset %}'.repeat(40)}{{ "b" in x }}`,
  'a list that doubles': `{% set ns = namespace(l=[1]) %}${times(40, '{% set ns.l = ns.l + ns.l %}')}`,
  'a list within lists': `{% set ns = namespace(l=[1]) %}${times(40, '{% set ns.l = [ns.l, ns.l] %}')}{{ ns.l | tojson }}`,
  'a list of a namespace that grows later': `${LONG}{% set a = namespace(x="") %}{% set ns.l = [a] %}${times(10, '{% set ns.l = ns.l + ns.l %}')}{% set a.x = ns.s %}{{ ns.l }}`,
  'a namespace within itself': '{% set a = namespace(x=1) %}{% set a.x = a %}{{ a }}',
  'many long texts':
    LONG + Array.from({ length: 3000 }, (_, i) => `{% set v${i} = ns.s ~ ${i} %}{{ "b" in v${i} }}`).join(''),
  'loops within loops': times(100_000, times(100_000, times(100_000, ''))),
  'empty loops over a list': `${MANY}${times(100_000, '{% for b in many %}{% endfor %}')}`,
  'a macro that calls itself twice':
    '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(99) }}',
  'a macro made over and over': times(100_000, `{% macro m() %}${'{{ 1 }}'.repeat(30_000)}{% endmacro %}`),
  'names looked up through many scopes': `{% macro f(n) %}{% for i in [1] %}{% if n > 0 %}{{ f(n - 1) }}{% else %}${times(100_000, '{{ messages and messages }}')}{% endif %}{% endfor %}{% endmacro %}{{ f(60) }}`,
  'many arguments': `${MANY}{% macro m() %}{{ varargs | length }}{% endmacro %}${times(100_000, '{{ m(*many) }}')}`,
  'replacing by a method': `${LONG}{{ ns.s.replace("a", ns.s[:400]) }}`,
  'replacing by a method under another name': `${LONG}{% set f = ns.s.replace %}{{ f("a", ns.s[:400]) }}`,
  'replacing by a filter': `${LONG}{{ ns.s | replace("a", ns.s[:400]) }}`,
  'replacing with arguments from a list': `${LONG}{{ ns.s | replace(*["a", ns.s[:400]]) }}`,
  'replacing in a block': `{% filter replace("a", "${'b'.repeat(400)}") %}${LONG}{{ ns.s }}{% endfilter %}`,
  'joining letters': `${LONG}{{ ns.s | join(ns.s[:400]) }}`,
  'joining by a named argument': `${LONG}{{ range(400) | join(**{"separator": ns.s}) }}`,
  indenting: '{{ "a\\nb\\nc\\nd" | indent(100000000) }}',
  'indented JSON': '{{ messages | tojson(indent=50000000) }}',
  'a default for every item': `${LONG}{% set ns.l = [{"a": 1}] %}${times(14, '{% set ns.l = ns.l + ns.l %}')}{{ ns.l | map(attribute="b", default=ns.s) | join }}`,
  'searching for a long text': `${LONG}{% set p = "b" ~ ns.s[:500000] %}${times(100, '{{ p in ns.s }}{{ ns.s.split(p) | length }}')}`,
  'searching a long list': `${MANY}${times(100_000, '{{ -1 in many }}')}`,
  'splitting into letters': `${LONG}${times(1000, '{{ ns.s.split("a") | length }}')}`,
  'cutting a long text': `${LONG}${times(1000, '{{ ns.s[0:1] }}')}`,
  'sorting long texts': `${LONG}{% set l = [ns.s ~ "a", ns.s ~ "b"] %}${times(1000, '{{ l | sort | length }}')}`,
  'a long form of a date': `{{ strftime_now("${'%B'.repeat(100_000)}") }}`,
  'a long list': times(1_000_000_000, 'x'),
  'a source of spaces': `${' '.repeat(400_000)}x`,
  'a source that is long': '{{ 1 }}'.repeat(100_000),
  'a source that is deep': `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`,
};

/** Runs in a process of its own, whose memory is then known: processor time, megabytes and the code of the error. */
const RENDER = `
const { createChatTemplate } = await import(process.argv[1]);
let source = '';
for await (const part of process.stdin) source += part;
const before = process.cpuUsage();
let code = 'none';
try { createChatTemplate(source, {}).render([{ role: 'user', content: 'Hi' }]); } catch (error) { code = error.code; }
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ code, seconds: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1024 }));`;

describe('chat templates', () => {
  test.each(Object.entries(TEMPLATES))('%s', (_what, source) => {
    const module = new URL('../../../../../main/engine/data/tokens/chat-template.ts', import.meta.url).href;
    const args = ['--input-type=module', '-e', RENDER, module];
    const out = execFileSync(process.execPath, args, { input: source, encoding: 'utf8' });
    const { code, seconds, megabytes } = JSON.parse(out);
    expect(code).toBe('model-file.too-much');
    expect(seconds).toBeLessThan(SECONDS);
    expect(megabytes).toBeLessThan(MEGABYTES);
  });

  test('one that went beyond its limits is not run again', () => {
    const template = createChatTemplate(times(100_000, times(100_000, 'x')), {});
    const render = () => template.render([]);
    expect(render).toThrow(/chat template of this model takes too long/);
    const seconds = processorTime();
    expect(render).toThrow(/chat template of this model takes too long/);
    expect(seconds()).toBeLessThan(0.1);
  });

  test.each(FAMILIES)('a conversation of 2 MB in 1,000 turns is within the limits of %s', async (family) => {
    const { chat } = await loadTokenizer(familyFolder(family));
    if (chat === null) return;
    const turns = Array.from({ length: 1000 }, (_, i): Message => {
      return { role: i % 2 === 0 ? 'user' : 'assistant', content: `${i}: ${'some words, '.repeat(200)}` };
    });
    const text = chat.render(turns);
    expect(text.split('some words,').length).toBe(200_001);
  });

  test('so is a text gathered turn by turn', () => {
    const source =
      '{% set ns = namespace(s="") %}{% for m in messages %}{% set ns.s = ns.s + m.content | trim + eos_token %}{% endfor %}{{ ns.s }}';
    const turns = Array.from(
      { length: 500 },
      (): Message => ({ role: 'user', content: 'word '.repeat(200) }),
    );
    expect(createChatTemplate(source, { eos_token: '.' }).render(turns).length).toBe(500 * 1000);
  });
});

const pattern = (Regex: string) => ({
  pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
});
const replaces = (count: number, one: unknown, content: string) =>
  Array.from({ length: count }, () => ({ type: 'Replace', pattern: one, content }));
const CATASTROPHE = { Regex: '(a+)+$' };
const ADDED = { id: 256, normalized: false, special: true };

const TOKENIZERS: Readonly<Record<string, readonly [code: string, parts: object]>> = {
  'nested repeats': ['model-file.too-much', pattern('(a+)+$')],
  'counted repeats': ['model-file.too-much', pattern('((a{1,100}){1,100}){1,100}b')],
  'a deep pattern': ['tokenizer.invalid', pattern(`${'('.repeat(4000)}a${')*'.repeat(4000)}`)],
  'a normalizer': [
    'model-file.too-much',
    { normalizer: { type: 'Replace', pattern: CATASTROPHE, content: 'x' } },
  ],
  'a decoder': [
    'model-file.too-much',
    { decoder: { type: 'Sequence', decoders: [{ type: 'Fuse' }, ...replaces(1, CATASTROPHE, 'x')] } },
  ],
  'an added token that is normalised': [
    'model-file.too-much',
    {
      normalizer: { type: 'Replace', pattern: CATASTROPHE, content: 'x' },
      added_tokens: [{ id: 256, content: `${'a'.repeat(50)}!`, normalized: true }],
    },
  ],
  'a replacement of a megabyte': [
    'tokenizer.invalid',
    { normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(1e6) } },
  ],
  'replacements that multiply': [
    'model-file.too-much',
    { normalizer: { type: 'Sequence', normalizers: replaces(40, { String: 'a' }, 'aaaaaaaaaa') } },
  ],
  'replacements of nothing': [
    'model-file.too-much',
    { normalizer: { type: 'Sequence', normalizers: replaces(40, { Regex: '' }, 'xx') } },
  ],
  'replacements that multiply in the decoder': [
    'model-file.too-much',
    { decoder: { type: 'Sequence', decoders: replaces(40, { String: 'a' }, 'aaaaaaaa') } },
  ],
  'bytes of bytes': [
    'model-file.too-much',
    {
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: Array.from({ length: 60 }, () => ({ type: 'ByteLevel', use_regex: false })),
      },
    },
  ],
  'a hundred thousand stages': [
    'tokenizer.invalid',
    { normalizer: { type: 'Sequence', normalizers: Array(1e5).fill({ type: 'NFC' }) } },
  ],
  'a mark of a megabyte': [
    'tokenizer.invalid',
    { pre_tokenizer: { type: 'Metaspace', replacement: '_'.repeat(1e6) } },
  ],
  'many tokens around every text': [
    'tokenizer.invalid',
    {
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: 'x' } }, { Sequence: {} }],
        special_tokens: { x: { ids: Array(500).fill(5) } },
      },
    },
  ],
  'a long added token': ['tokenizer.invalid', { added_tokens: [{ ...ADDED, content: 'a'.repeat(1e6) }] }],
};

async function tokenizerOf(parts: object) {
  return await tokenizerFrom(JSON.stringify({ ...byteTokenizerJson(), ...parts }));
}

async function tokenizerFrom(json: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fettle-too-much-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'tokenizer.json'), json);
  return await loadTokenizer(folder);
}

describe('tokenizers', () => {
  test.each(Object.entries(TOKENIZERS))('%s', async (_what, [code, parts]) => {
    const text = `${'a'.repeat(50)}! and é`;
    const use = async () => {
      const tokenizer = await tokenizerOf(parts);
      tokenizer.decode(tokenizer.encode(text));
    };
    const seconds = processorTime();
    await expect(use()).rejects.toMatchObject({ name: 'AppError', code });
    expect(seconds()).toBeLessThan(SECONDS);
  });

  test('a merge within a hundred thousand lists', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const json = JSON.stringify(byteTokenizerJson()).replace('"merges":[]', `"merges":[${deep}]`);
    await expect(tokenizerFrom(json)).rejects.toMatchObject({ code: 'tokenizer.invalid' });
  });

  test('an added token that takes the spaces before it passes over them once', async () => {
    const tokenizer = await tokenizerOf({ added_tokens: [{ ...ADDED, content: ' ', lstrip: true }] });
    const seconds = processorTime();
    expect(tokenizer.encode(' '.repeat(200_000)).length).toBe(200_000);
    expect(seconds()).toBeLessThan(SECONDS);
  });

  test('a pattern of no family cuts as it says', async () => {
    const tokenizer = await tokenizerOf(pattern('(?:[a-c]\\d?)+'));
    expect(tokenizer.decode(tokenizer.encode('abc1,xyz'))).toBe('abc1,xyz');
  });
});
