import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../common/api/contract.ts';
import { namedPath, programModelAt, programModels } from '../../../main/hub/other-programs.ts';
import type { Surroundings } from '../../../main/paths.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

let temporary: ReturnType<typeof temporaryFolder>;
let home: string;
beforeEach(() => {
  temporary = temporaryFolder();
  home = temporary.folder;
});
afterEach(() => temporary.remove());

const at = (more: Partial<Surroundings> = {}): Surroundings => ({
  env: {},
  platform: 'linux',
  home,
  ...more,
});
const CONTENT = `GGUF${'x'.repeat(1_000_000)}`;

/** The beginning of a GGUF file of that architecture, and as much behind it. */
function ggufOf(architecture: string): string {
  const size = String.fromCharCode(architecture.length);
  return `GGUF\x03\0\0\0${'\0'.repeat(16)}\x14${'\0'.repeat(7)}general.architecture\x08\0\0\0${size}${'\0'.repeat(7)}${architecture}${'x'.repeat(1e6)}`;
}

function put(name: string, content = CONTENT): string {
  const file = path.join(home, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const found = async (known: readonly LocalModel[] = [], where = at()) =>
  (await programModels(known, where))
    .filter(({ path: file }) => file.startsWith(home))
    .map(({ program, name, bytes, reads }) => [program, name, bytes, ...(reads ? ['reads'] : [])]);

const HASH = 'ab'.repeat(32);

function ollama(layers: unknown): void {
  put('.ollama/models/manifests/registry.ollama.ai/library/llama3.2/1b', JSON.stringify({ layers }));
}

describe('models of other programs', () => {
  it('are found where each program keeps them', async () => {
    put('.lmstudio/models/owner/some-GGUF/some-Q4_K_M.gguf');
    put('.cache/llama.cpp/owner_model.gguf');
    put('.cache/llama.cpp/owner_reader.gguf', ggufOf('bert'));
    put('.cache/llama.cpp/owner_unknown-reader.gguf', ggufOf('nomic-bert'));
    put('.local/share/nomic.ai/GPT4All/talks.gguf');
    put('.cache/huggingface/hub/models--HuggingFaceTB--SmolLM2/snapshots/abc/config.json', '{}');
    put('.cache/huggingface/hub/models--HuggingFaceTB--SmolLM2/snapshots/abc/model.safetensors');
    put('.cache/huggingface/hub/models--a--reader/snapshots/abc/config.json', '{"model_type": "bert"}');
    put('.cache/huggingface/hub/models--a--reader/snapshots/abc/model.safetensors');
    put(`.ollama/models/blobs/sha256-${HASH}`);
    ollama([{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${HASH}` }]);
    expect(await found()).toEqual([
      ['LM Studio', 'some-Q4_K_M', CONTENT.length],
      ['Ollama', 'llama3.2:1b', CONTENT.length],
      ['llama.cpp', 'owner_model', CONTENT.length],
      ['llama.cpp', 'owner_reader', ggufOf('bert').length, 'reads'],
      ['Hugging Face', 'a/reader', CONTENT.length, 'reads'],
      ['Hugging Face', 'HuggingFaceTB/SmolLM2', CONTENT.length],
      ['GPT4All', 'talks', CONTENT.length],
    ]);
  });

  it('are left out where they are known, parts, image parts, or not whole', async () => {
    const known = put('.lmstudio/models/a/known.gguf');
    put('.lmstudio/models/a/mmproj-model.gguf');
    put('.lmstudio/models/a/large-00001-of-00002.gguf');
    put('.lmstudio/models/a/begun.gguf', 'GGUF');
    put('.cache/huggingface/hub/models--a--reader/snapshots/abc/config.json', '{"model_type": "distilbert"}');
    put('.cache/huggingface/hub/models--a--reader/snapshots/abc/model.safetensors');
    put('.cache/huggingface/hub/models--a--begun/snapshots/abc/config.json', '{}');
    symlinkSync(
      path.join(home, 'nowhere'),
      path.join(home, '.cache/huggingface/hub/models--a--begun/snapshots/abc/model.safetensors'),
    );
    expect(await found([{ path: known } as LocalModel])).toEqual([]);
  });

  it.each([
    ['no JSON', 'x'],
    ['no list', '{"layers":3}'],
    ['null', 'null'],
    [
      'a way out of the folder',
      JSON.stringify({
        layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: 'sha256:../../../secret' }],
      }),
    ],
  ])('do not follow lists of Ollama with %s', async (_, list) => {
    put('secret');
    put('.ollama/models/manifests/registry.ollama.ai/library/m/1b', list);
    expect(await found()).toEqual([]);
  });

  it('are looked for where the surroundings say, by system', async () => {
    put('elsewhere/hub/models--a--b/snapshots/c/config.json', '{}');
    put('elsewhere/hub/models--a--b/snapshots/c/model.safetensors');
    put('Library/Caches/llama.cpp/one.gguf');
    put('local/nomic.ai/GPT4All/two.gguf');
    const env = { HF_HOME: path.join(home, 'elsewhere'), LOCALAPPDATA: path.join(home, 'local') };
    expect((await found([], at({ env, platform: 'darwin' }))).map(([program]) => program)).toEqual([
      'llama.cpp',
      'Hugging Face',
    ]);
    expect((await found([], at({ env, platform: 'win32' }))).map(([program]) => program)).toEqual([
      'Hugging Face',
      'GPT4All',
    ]);
  });

  it('get a name that a model can be opened by where they have none', async () => {
    const blob = put(`.ollama/models/blobs/sha256-${HASH}`);
    ollama([{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${HASH}` }]);
    const all = await programModels([], at());
    const link = await namedPath(programModelAt(all, blob), path.join(home, 'links'));
    expect(path.basename(link)).toBe('llama3.2-1b.gguf');
    expect(readFileSync(link, 'utf8').slice(0, 4)).toBe('GGUF');
    // again, as after a removal from the list
    expect(await namedPath(programModelAt(all, blob), path.join(home, 'links'))).toBe(link);
    const named = put('.lmstudio/models/a/known.gguf');
    expect(await namedPath({ program: 'p', name: 'n', path: named, bytes: 1 }, home)).toBe(named);
    expect(() => programModelAt(all, named)).toThrow(expect.objectContaining({ code: 'no-model' }));
  });
});
