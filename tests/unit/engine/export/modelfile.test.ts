/** The template that Ollama gets makes the same text of a conversation as the model's own chat template. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createChatTemplate } from '../../../../main/engine/data/tokens/chat-template.ts';
import type { Tokenizer } from '../../../../main/engine/data/tokens/tokenizer-types.ts';
import { goTemplate, modelfile } from '../../../../main/engine/export/modelfile.ts';
import type { Message } from '../../../../main/rows/messages.ts';
import { renderGo } from '../../../helpers/go-template.ts';
import { familyFolder, readGolden } from '../../../helpers/tokenizer-families.ts';

const [BOS, EOS] = ['<s>', '</s>'];

/** A tokenizer with nothing but a template and two special tokens. */
function tokenizerWith(source: string | null): Tokenizer {
  const names = [BOS, EOS, '<|im_end|>'];
  return {
    longestToken: 10,
    vocabSize: 3,
    special: { bos: 0, eos: 1, pad: null, unk: null },
    stopIds: [1, 2],
    chat: source === null ? null : createChatTemplate(source, { bos_token: BOS, eos_token: EOS }),
    encode: () => [],
    decode: (ids) => ids.map((id) => names[id]).join(''),
    idOf: () => undefined,
  };
}

const each = (body: string) => `{% for message in messages %}${body}{% endfor %}`;
const LAST = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const CHATML = each("{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}");
const MISTRAL_ERROR = "{{ raise_exception('Only user and assistant roles are supported!') }}";

/** Templates of the known formats, in the Jinja that models ship. */
const FORMATS: Readonly<Record<string, string>> = {
  ChatML: CHATML + LAST,
  'ChatML with a default system message': `{% if messages[0].role != 'system' %}{{ '<|im_start|>system\\nYou are Q.<|im_end|>\\n' }}{% endif %}${CHATML}${LAST}`,
  'Llama 3': `{{ bos_token }}${each("{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}")}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`,
  'Llama 2': `{% if messages[0].role == 'system' %}{% set rest = messages[1:] %}{% set sys = '<<SYS>>\\n' + messages[0].content + '\\n<</SYS>>\\n\\n' %}{% else %}{% set rest = messages %}{% set sys = '' %}{% endif %}{% for message in rest %}{% if message.role == 'user' %}{{ bos_token + '[INST] ' + (sys if loop.index0 == 0 else '') + message.content + ' [/INST]' }}{% else %}{{ ' ' + message.content + ' ' + eos_token }}{% endif %}{% endfor %}`,
  'Mistral without system messages': `{{ bos_token }}${each(`{% if message.role == 'user' %}{{ '[INST] ' + message.content + ' [/INST]' }}{% elif message.role == 'assistant' %}{{ message.content + eos_token }}{% else %}${MISTRAL_ERROR}{% endif %}`)}`,
  Zephyr: `${each("{{ '<|' + message.role + '|>\\n' + message.content + eos_token + '\\n' }}")}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}`,
  'plain words': each(
    "{% if message.role == 'user' %}{{ 'Question: ' + message.content + '\\nAnswer:' }}{% else %}{{ ' ' + message.content + '\\n' }}{% endif %}",
  ),
};

const say = (role: Message['role'], content: string): Message => ({ role, content });
const TURNS = [
  say('user', 'Where is my parcel?'),
  say('assistant', 'On its way.'),
  say('user', 'And when {will} it "come"?'),
  say('assistant', 'Soon.'),
  say('user', 'Thanks!'),
];
const SYSTEM = say('system', 'Be brief.');
const CONVERSATIONS = [
  TURNS.slice(0, 1),
  TURNS.slice(0, 3),
  TURNS,
  [SYSTEM, ...TURNS.slice(0, 1)],
  [SYSTEM, ...TURNS.slice(0, 3)],
];

/** What Ollama renders: it collects the system message beside the list of messages. */
function ollama(template: string, messages: readonly Message[]): string {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  const list = messages.map(({ role, content }) => ({ Role: role, Content: content }));
  return renderGo(template, { System: system.join('\n\n'), Messages: list });
}

/** What the model was trained on, without the BOS that the runtime writes. */
function trained(tokenizer: Tokenizer, messages: readonly Message[]): string | null {
  try {
    return tokenizer.chat!.render(messages, { addGenerationPrompt: true }).replace(/^<s>/, '');
  } catch {
    return null;
  }
}

describe.each(Object.entries(FORMATS))('the template of %s', (name, source) => {
  it('says in Go what it says in Jinja', () => {
    const tokenizer = tokenizerWith(source);
    const { template, notes } = goTemplate(tokenizer, true);
    expect(template, name).not.toBeNull();
    expect(notes).toEqual([]);
    const rendered = CONVERSATIONS.filter((messages) => trained(tokenizer, messages) !== null);
    expect(rendered.length).toBeGreaterThanOrEqual(3);
    for (const messages of rendered) expect(ollama(template!, messages)).toBe(trained(tokenizer, messages));
  });
});

describe('a template that is less regular', () => {
  it('is left to Ollama, which reads it in the file', () => {
    const counting = `${each("{{ loop.index0 ~ '. ' + message.content + '\\n' }}")}`;
    const { template, notes } = goTemplate(tokenizerWith(counting), true);
    expect(template).toBeNull();
    expect(notes[0]).toContain('Ollama uses the chat template in the GGUF file');
    const broken = goTemplate(tokenizerWith("{{ raise_exception('no') }}"), true);
    expect(broken.template).toBeNull();
  });

  it('is not mistaken for code where its texts look like it', () => {
    const braces = each("{{ '{' + '{ ' + message.content + ' }}' }}");
    expect(goTemplate(tokenizerWith(braces), true).template).toBeNull();
  });

  it('that moves the system message to the last turn is translated, with a note', () => {
    const source = `{{ bos_token }}{% set sys = messages[0].content + '\\n\\n' if messages[0].role == 'system' else '' %}{% set rest = messages[1:] if messages[0].role == 'system' else messages %}{% for message in rest %}{% if message.role == 'user' %}{{ '[INST]' + (sys if loop.last else '') + message.content + '[/INST]' }}{% else %}{{ message.content + eos_token }}{% endif %}{% endfor %}`;
    const tokenizer = tokenizerWith(source);
    const { template, notes } = goTemplate(tokenizer, true);
    expect(notes[0]).toContain('In longer conversations Ollama puts the system message at the start');
    for (const messages of CONVERSATIONS.slice(0, 4))
      expect(ollama(template!, messages)).toBe(trained(tokenizer, messages));
  });
});

describe('templates that models ship', () => {
  it.each(['llama3', 'qwen2_5', 'qwen3', 'mistral_nemo'] as const)('%s', (family) => {
    const config = JSON.parse(readFileSync(path.join(familyFolder(family), 'tokenizer_config.json'), 'utf8'));
    const { bos_token, eos_token } = readGolden(family).special_tokens;
    const tokens = { ...(bos_token && { bos_token }), ...(eos_token && { eos_token }) };
    const chat = createChatTemplate(config.chat_template, tokens);
    const tokenizer: Tokenizer = { ...tokenizerWith(''), chat, decode: () => bos_token ?? '' };
    const { template, notes } = goTemplate(tokenizer, bos_token !== null);
    for (const messages of CONVERSATIONS.slice(0, notes.length > 0 ? 4 : 5)) {
      const jinja = chat.render(messages, { addGenerationPrompt: true });
      expect((bos_token ?? '') + ollama(template!, messages)).toBe(jinja);
    }
  });
});

describe('a Modelfile', () => {
  const lines = (
    options: Partial<Parameters<typeof modelfile>[1]>,
    source: string | null = FORMATS.ChatML!,
  ) => modelfile(tokenizerWith(source), { from: './m.gguf', system: null, addsBos: false, ...options }).text;

  it('names the file, the system message of the rows, and every token that ends an answer', () => {
    const text = lines({ system: 'You sort\nmessages.' });
    expect(text).toContain('\nFROM ./m.gguf\nTEMPLATE """{{ range');
    expect(text).toContain('\nSYSTEM """You sort\nmessages."""\n');
    expect(text).toContain('\nPARAMETER stop "</s>"\nPARAMETER stop "<|im_end|>"\n');
  });

  it('says so where it cannot hold the system message', () => {
    const options = { from: './m.gguf', system: 'Quote with """.', addsBos: false };
    const { text, notes } = modelfile(tokenizerWith(FORMATS.ChatML!), options);
    expect(text).not.toContain('\nSYSTEM');
    expect(notes.join()).toContain('Set it in Ollama');
  });

  it('of an adapter names the base model and the adapter', () => {
    expect(lines({ from: '/models/base.gguf', adapter: './lora.gguf' })).toContain(
      '\nFROM /models/base.gguf\nADAPTER ./lora.gguf\n',
    );
  });

  it('of a base model passes the prompt on', () => {
    expect(lines({}, null)).toContain('\nTEMPLATE """{{ .Prompt }}"""\n');
  });

  it('writes BOS itself where the runtime does not', () => {
    const { template } = goTemplate(tokenizerWith(FORMATS['Llama 3']!), false);
    expect(ollama(template!, TURNS.slice(0, 1)).startsWith('<s><|start_header_id|>user')).toBe(true);
  });
});
