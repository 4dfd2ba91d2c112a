import { afterEach, describe, expect, test, vi } from 'vitest';
import { createChatTemplate, formatDate } from '../../../../../main/engine/data/tokens/chat-template.ts';
import type { Message } from '../../../../../main/rows/messages.ts';
import { readGolden } from '../../../../helpers/tokenizer-families.ts';

const ASK: Message[] = [{ role: 'user', content: 'Hi "you" & <me>\u00e9' }];
const render = (source: string, messages = ASK, options = {}) =>
  createChatTemplate(source, { bos_token: '<s>', eos_token: '</s>' }).render(messages, options);

describe('the environment of Transformers', () => {
  test('blocks take their line with them, expressions do not', () => {
    expect(
      render(
        '{% for m in messages %}\n  {% if m.role == "user" %}\n{{ m.role }}\n  {% endif %}\n{% endfor %}\nend\n',
      ),
    ).toBe('user\nend');
  });

  test('special tokens, generation prompt, tools that are none, and further variables', () => {
    const source =
      '{{ bos_token }}|{{ eos_token }}|{{ add_generation_prompt }}|{{ tools is none }}|{{ pad_token is defined }}|{{ enable_thinking is defined and enable_thinking is false }}';
    expect(render(source)).toBe('<s>|</s>|False|True|False|False');
    expect(render(source, ASK, { addGenerationPrompt: true, variables: { enable_thinking: false } })).toBe(
      '<s>|</s>|True|True|False|True',
    );
  });

  test('tojson leaves Unicode and HTML alone', () => {
    expect(render('{{ messages[0].content | tojson }}')).toBe('"Hi \\"you\\" & <me>\u00e9"');
  });

  test('generation blocks leave no trace', () => {
    expect(render('{% generation %}{{ messages[0].role }}{% endgeneration %}')).toBe('user');
  });

  test('attributes that a message lacks are undefined to selectattr and rejectattr', () => {
    const count = (filter: string) => render(`{{ messages | ${filter} | list | length }}`);
    expect(count('selectattr("tool_calls", "undefined")')).toBe('1');
    expect(count("selectattr( 'role' , 'undefined' )")).toBe('0');
    expect(count('rejectattr("tool_calls", "undefined")')).toBe('0');
    expect(count('rejectattr("role", "undefined")')).toBe('1');
    expect(count('selectattr("tool_calls", "defined")')).toBe('0');
  });

  test('values are written and texts cut as Python does it', () => {
    const all =
      '{{ true }} {{ none }} {{ [true, none, "it\'s", 1.0, ("a", 2)] }} {{ {"k": false} }} {{ "a" ~ none ~ true }}';
    expect(render(all)).toBe(`True None [True, None, "it's", 1.0, ('a', 2)] {'k': False} aNoneTrue`);
    expect(render('{% set x = 1 %}{% macro f() %}{% endmacro %}|{{ missing }}|')).toBe('||');
    const text = { variables: { x: '\n\u0085 x \ufeff\n' } };
    expect(render('{{ x.lstrip("\\n") | tojson }}', ASK, text)).toBe('"\u0085 x \ufeff\\n"');
    expect(render('{{ x.strip() ~ "|" ~ x | trim }}', ASK, text)).toBe('x \ufeff|x \ufeff');
    expect(
      render(
        '{{ "xxyx".strip("x") ~ "xay".rstrip("ya") ~ "ab".removeprefix("a") ~ "ab".removesuffix("b") }}',
      ),
    ).toBe('yxba');
    const pair = { variables: { x: '\u{1f601}\u{1f600}a\u{1f600}' } };
    expect(render('{{ x.strip("\u{1f600}") }}', ASK, pair)).toBe('\u{1f601}\u{1f600}a');
    expect(render('{{ "banana".find("n") }}{{ "banana".count("an") }}{{ "x".find("n") }}')).toBe('22-1');
  });

  test('range, and dates in English', () => {
    expect(
      render('{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 1, -2) %}{{ i }}{% endfor %}'),
    ).toBe('01253');
    expect(render('{{ strftime_now("%Y") }}')).toBe(String(new Date().getFullYear()));
    const date = new Date(2024, 2, 5, 14, 7, 9);
    expect(formatDate(date, '%d %b %Y, %B %A %a %H:%M:%S %I %p %y-%m 100%% %Q')).toBe(
      '05 Mar 2024, March Tuesday Tue 14:07:09 02 PM 24-03 100% %Q',
    );
  });
});

describe('templates as newer families write them', () => {
  interface Rendering {
    readonly template: string;
    readonly chat: string;
    readonly rendered?: string;
    readonly error?: string;
  }
  const { now, messages, records } = readGolden<{
    readonly now: string;
    readonly messages: Record<string, Message[]>;
    readonly records: Rendering[];
  }>('templates');
  afterEach(() => void vi.useRealTimers());

  test('give what Transformers gives: dates, JSON with its options, calls, filters, tests', () => {
    vi.useFakeTimers({ now: new Date(now) });
    for (const { template, chat, rendered, error } of records) {
      if (error === undefined) expect(render(template, messages[chat])).toBe(rendered);
      else expect(() => render(template, messages[chat])).toThrow(error);
    }
    expect(records).toHaveLength(18);
  });
});

describe('a template without a place for instructions', () => {
  const turns = '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}';
  const refusing = `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}${turns}`;
  const silent = turns.replace('messages %}', "messages if m.role != 'system' %}");
  const system: Message = { role: 'system', content: 'Be brief.' };

  test.each([
    ['refuses them', refusing],
    ['drops them', silent],
  ])('that %s gets them before the first question', (_, source) => {
    expect(createChatTemplate(source, {}).foldsSystem()).toBe(true);
    expect(render(source, [system, ...ASK])).toBe(`<user>Be brief.\n\n${ASK[0]!.content}`);
    expect(render(source, [system])).toBe('<user>Be brief.');
    expect(render(source)).toBe(`<user>${ASK[0]!.content}`);
  });

  test('one with a place keeps them there, and a broken one says what is wrong', () => {
    expect(createChatTemplate(turns, {}).foldsSystem()).toBe(false);
    expect(render(turns, [system, ...ASK])).toContain('<system>Be brief.<user>');
    const broken = `${refusing}{{ messages | shell }}`;
    expect(createChatTemplate(broken, {}).foldsSystem()).toBe(false);
    expect(() => render(broken, [system, ...ASK])).toThrow('no system');
  });
});

describe('errors', () => {
  const error = (source: string, messages = ASK) => {
    try {
      return render(source, messages);
    } catch (thrown) {
      return thrown;
    }
  };

  test('a template that rejects the conversation speaks for itself', () => {
    const source =
      "{% if messages[0].role == 'assistant' %}{{ raise_exception('The user speaks first') }}{% endif %}";
    const messages: Message[] = [{ role: 'assistant', content: 'x' }, ...ASK];
    expect(error(source, messages)).toMatchObject({
      name: 'AppError',
      code: 'chat-template.refused',
      message: expect.stringContaining('The user speaks first'),
      hint: expect.stringContaining('assistant, user'),
    });
    expect(error(source)).toBe('');
  });

  test.each([
    ['unclosed', '{% for m in messages %}'],
    ['no expression', '{{ }}'],
    ['an unknown function', '{{ open("/etc/passwd") }}'],
    ['an unknown filter', '{{ messages | shell }}'],
    ['the way to the constructor', '{{ messages.constructor.constructor("return process")() }}'],
  ])('%s', (_what, source) => {
    expect(error(source)).toMatchObject({ name: 'AppError', code: 'chat-template.invalid' });
  });

  test('a broken template does not stop the loading, only the rendering', () => {
    expect(createChatTemplate('{% for', {}).source).toBe('{% for');
  });
});
