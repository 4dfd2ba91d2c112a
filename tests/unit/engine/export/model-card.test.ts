/** A model card says what is known, and nothing about what is not. */
import { describe, expect, it } from 'vitest';
import { type CardFacts, modelCard } from '../../../../main/engine/export/model-card.ts';

const FACTS: CardFacts = {
  name: 'SmolLM2-first',
  baseModel: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  licence: 'apache-2.0',
  tags: ['fettle', 'lora', 'yes'],
  form: 'gguf',
  type: 'q8_0',
  settings: [
    ['method', 'lora'],
    ['data', 'a|b.jsonl'],
  ],
  data: { hash: 'ab12', rows: 90, heldOutRows: 10 },
  scores: [
    { name: 'loss on held-out rows', before: '4.4370', after: '0.1090' },
    { name: 'valid JSON', before: null, after: '100.0%' },
  ],
  verdict: 'learned: yes',
  proof: '5 of 5 answers equal.',
  file: 'SmolLM2-first-q8_0.gguf',
};

describe('a model card', () => {
  it('begins with front matter that YAML reads as it is meant', () => {
    expect(modelCard(FACTS).split('\n').slice(0, 10)).toEqual([
      '---',
      'base_model: HuggingFaceTB/SmolLM2-135M-Instruct',
      'license: apache-2.0',
      'library_name: gguf',
      'pipeline_tag: text-generation',
      'tags:',
      '- fettle',
      '- lora',
      '- "yes"',
      '---',
    ]);
    expect(modelCard({ ...FACTS, baseModel: 'a: b' })).toContain('base_model: "a: b"\n');
  });

  it('tells settings, data, scores, verdict, proof and use', () => {
    const card = modelCard(FACTS);
    for (const part of [
      '| method | lora |',
      '| data | a\\|b.jsonl |',
      '| rows | 90 trained on, 10 held out |',
      '`ab12`',
      '| loss on held-out rows | 4.4370 | 0.1090 |',
      '| valid JSON |  | 100.0% |',
      'learned: yes',
      '5 of 5 answers equal.',
      'ollama create smollm2-first -f Modelfile',
    ])
      expect(card).toContain(part);
  });

  it('leaves out what was not measured, and says that the licence is not known', () => {
    const card = modelCard({
      ...FACTS,
      ...{ baseModel: null, licence: null, settings: [], data: null, scores: [], verdict: null },
    });
    expect(card).not.toMatch(
      /base_model|license:|How it was trained|How well it does|SHA-256|null|undefined/,
    );
    expect(card).toContain('look at where it comes from');
  });

  it.each([
    ['peft', 'PeftModel.from_pretrained(base, ".")'],
    ['safetensors', 'AutoTokenizer.from_pretrained(".")'],
    ['gguf-adapter', '--lora SmolLM2-first-q8_0.gguf'],
  ] as const)('of the form %s shows how it is loaded', (form, code) => {
    expect(modelCard({ ...FACTS, form })).toContain(code);
  });
});
