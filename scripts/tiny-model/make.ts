/**
 * Makes resources/tiny-model: a Llama-shaped model of 62,000 random weights with a tokenizer whose tokens are bytes. It
 * knows nothing; the demo trains it from nothing until there is a practice model. Run: `node scripts/tiny-model/make.ts`
 * (with a folder, it writes there).
 */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOURCE = path.join(ROOT, 'tests', 'golden', 'data', 'families', 'smollm2');
const TARGET = process.argv[2] ?? path.join(ROOT, 'resources', 'tiny-model');
/** They take the ids of three bytes that text does not contain. */
const SPECIAL = ['<|pad|>', '<|im_start|>', '<|im_end|>'];
const POSITIONS = 512;

const TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

fs.mkdirSync(TARGET, { recursive: true });
const config = JSON.parse(fs.readFileSync(path.join(SOURCE, 'config.json'), 'utf8')) as Record<
  string,
  unknown
>;
write('config.json', { ...config, max_position_embeddings: POSITIONS });
fs.copyFileSync(path.join(SOURCE, 'model.safetensors'), path.join(TARGET, 'model.safetensors'));
write('tokenizer.json', tokenizer());
write('tokenizer_config.json', {
  pad_token: SPECIAL[0],
  bos_token: SPECIAL[1],
  eos_token: SPECIAL[2],
  chat_template: TEMPLATE,
});

function write(name: string, value: unknown): void {
  fs.writeFileSync(path.join(TARGET, name), `${JSON.stringify(value, null, 1)}\n`);
}

function tokenizer(): unknown {
  const vocab: Record<string, number> = {};
  byteCharacters().forEach((character, byte) => {
    vocab[SPECIAL[byte] ?? character] = byte;
  });
  const added = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...added })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: [],
    },
  };
}

/** The printable character that byte-level tokenizers write for each byte: itself, or the next one from U+0100 on. */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}
