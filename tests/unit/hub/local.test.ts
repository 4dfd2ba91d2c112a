import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelOf } from '../../../main/app/run-config.ts';
import { ended, type HubPart, openPart, RESOURCES, tinyModel } from '../../helpers/hub.ts';
import { commitOf, startHubServer } from '../../helpers/hub-server.ts';
import { writeTinyEncoder } from '../../helpers/tiny-encoder.ts';

const TINY = path.join(RESOURCES, 'tiny-model');
let part: HubPart;
let work: string;

beforeEach(async () => {
  work = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-models-'));
  part = await openPart({ hubUrl: 'http://127.0.0.1:9' });
});

afterEach(async () => {
  await part.close();
  for (const folder of [work, part.folder]) fs.rmSync(folder, { recursive: true });
});

/** A folder with files of these contents. */
function folder(name: string, files: Readonly<Record<string, string>>): string {
  const made = path.join(work, name);
  fs.mkdirSync(made, { recursive: true });
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(made, file), text);
  return made;
}

function copyOfTiny(name = 'my-model'): string {
  const made = path.join(work, name);
  fs.cpSync(TINY, made, { recursive: true });
  return made;
}

describe('adding', () => {
  it('a folder, which is remembered with what the engine finds', async () => {
    const made = copyOfTiny();
    const model = await part.hub.add(made);
    expect(model).toMatchObject({
      name: 'my-model',
      path: made,
      source: 'folder',
      format: 'safetensors',
      family: 'llama',
      repo: null,
      revision: null,
      available: true,
    });
    expect(model.parameters).toBeGreaterThan(60_000);
    expect(part.store.models.find(model.id)).toEqual(model);
  });

  it('a GGUF file of an encoder, which reads', async () => {
    const file = path.join(import.meta.dirname, '../../golden/data/encoder-gguf/modernbert.gguf');
    const reader = await part.hub.add(file);
    expect(reader).toMatchObject({ name: 'modernbert', family: 'modernbert', format: 'gguf', reads: true });
    expect((await part.hub.encoders()).local).toEqual([reader]);
    await part.hub.remove(reader.id, false);
  });

  it('a folder of an encoder, which then stands among those that read alone', async () => {
    const reader = await part.hub.add(await writeTinyEncoder(path.join(work, 'reader')));
    expect(reader).toMatchObject({ name: 'reader', family: 'bert', reads: true, hasChatTemplate: false });
    expect(part.store.models.list().map(({ id }) => id)).not.toContain(reader.id);
    const { local, catalog } = await part.hub.encoders();
    expect(local).toEqual([reader]);
    expect(catalog.every(({ localId }) => localId === null)).toBe(true);
    const [known] = catalog;
    const renamed = { ...reader, name: known!.repo };
    part.store.models.save(renamed);
    expect((await part.hub.encoders()).catalog[0]).toMatchObject({ repo: known!.repo, localId: reader.id });
    expect(() => modelOf(part, reader.id)).toThrow(expect.objectContaining({ code: 'model-reads' }));
    expect(modelOf(part, reader.id, { mayRead: true })).toEqual(renamed);
  });

  it.each(['model.safetensors', 'config.json'])('the folder of its file %s', async (file) => {
    const made = copyOfTiny();
    expect((await part.hub.add(path.join(made, file))).path).toBe(made);
  });

  it('the same model by another way gives the one that is known', async () => {
    const made = copyOfTiny();
    const first = await part.hub.add(made);
    fs.symlinkSync(made, path.join(work, 'link'));
    for (const way of [
      made,
      path.join(work, 'link'),
      path.join(work, 'link', 'config.json'),
      `${made}/../my-model`,
    ])
      expect((await part.hub.add(way)).id).toBe(first.id);
    expect(part.store.models.list().filter(({ source }) => source === 'folder')).toHaveLength(1);
  });

  it('takes the name out of the Hugging Face cache', async () => {
    const made = copyOfTiny('models--someone--tiny/snapshots/0123');
    expect((await part.hub.add(made)).name).toBe('someone/tiny');
  });

  it('a model whose files are gone is not available', async () => {
    const made = copyOfTiny();
    const { id } = await part.hub.add(made);
    fs.rmSync(made, { recursive: true });
    expect(part.store.models.find(id)!.available).toBe(false);
  });

  const config = '{"model_type": "llama"}';
  const refusals: readonly (readonly [string, Readonly<Record<string, string>>, string, RegExp])[] = [
    [
      'pickled weights',
      { 'config.json': config, 'pytorch_model.bin': 'x' },
      'weights-pickled',
      /run any code while loading/,
    ],
    [
      'an adapter',
      { 'adapter_config.json': '{"base_model_name_or_path": "a/b"}', 'adapter_model.safetensors': 'x' },
      'model-is-adapter',
      /: a\/b\.$/,
    ],
    ['several GGUF files', { 'a.gguf': 'x', 'b.gguf': 'x' }, 'model-ambiguous', /such as a\.gguf/],
    [
      'another family',
      { 'config.json': '{"model_type": "mamba"}', 'model.safetensors': 'x' },
      'unsupported-model',
      /mamba/,
    ],
    [
      'a model that writes nothing, with what it is for',
      { 'config.json': '{"model_type": "distilbert"}', 'model.safetensors': 'x' },
      'unsupported-model',
      /reads texts and writes none.*\n.*sorting and finding texts/,
    ],
    ['nothing of a model', { 'notes.txt': 'x' }, 'file-not-found', /config\.json/],
  ];
  it.each(refusals)('refuses %s', async (name, files, code, words) => {
    const error = await part.hub
      .add(folder(name, files))
      .catch((caught: { message: string; hint: string }) => caught);
    expect(error).toMatchObject({ code });
    const { message, hint } = error as { message: string; hint: string };
    expect(`${message}\n${hint}`).toMatch(words);
    expect(part.store.models.list().filter(({ source }) => source !== 'practice')).toEqual([]);
  });

  it('refuses files by what they are', async () => {
    const made = folder('files', { 'a.pt': 'x', 'notes.txt': 'x', 'm-00001-of-00002.gguf': 'x' });
    await expect(part.hub.add(path.join(made, 'a.pt'))).rejects.toMatchObject({ code: 'weights-pickled' });
    await expect(part.hub.add(path.join(made, 'notes.txt'))).rejects.toMatchObject({
      code: 'model-unsupported',
    });
    await expect(part.hub.add(path.join(made, 'm-00001-of-00002.gguf'))).rejects.toMatchObject({
      code: 'gguf-unsupported',
    });
    await expect(part.hub.add(path.join(made, 'none'))).rejects.toMatchObject({ code: 'model-not-found' });
  });

  it('refuses a model without a tokenizer', async () => {
    const made = copyOfTiny();
    fs.rmSync(path.join(made, 'tokenizer.json'));
    await expect(part.hub.add(made)).rejects.toMatchObject({ code: 'tokenizer-missing' });
  });
});

describe('the practice model', () => {
  it('is there from the start, and found when it is added', async () => {
    const [model] = part.store.models.list();
    expect(model).toMatchObject({ id: 'practice', source: 'practice', family: 'llama', available: true });
    expect(model!.hasChatTemplate).toBe(true);
    expect((await part.hub.add(path.join(RESOURCES, 'practice-model'))).id).toBe('practice');
  });

  it('has the facts that the engine finds', async () => {
    const found = (await import('../../../main/engine/load/inspect.ts')).inspectModel;
    const { parameters, family, licence, files, skills } = await found(
      path.join(RESOURCES, 'practice-model'),
    );
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    expect(part.store.models.find('practice')).toMatchObject({ parameters, family, licence, bytes, skills });
  });

  it('cannot be removed, and "downloads" at once', async () => {
    await expect(part.hub.remove('practice', true)).rejects.toMatchObject({ code: 'model-bundled' });
    const done = await part.hub.download('fettle/practice-model');
    expect(done).toMatchObject({ state: 'done', modelId: 'practice' });
  });

  it('keeps the day on which it was added when the app starts again', async () => {
    const { added } = part.store.models.find('practice')!;
    part = await part.again();
    expect(part.store.models.find('practice')!.added).toBe(added);
  });
});

describe('removing', () => {
  it('never touches files that Fettle did not download', async () => {
    const made = copyOfTiny();
    const { id } = await part.hub.add(made);
    expect(await part.hub.remove(id, true)).toBe(0);
    expect(fs.existsSync(path.join(made, 'model.safetensors'))).toBe(true);
    expect(part.store.models.find(id)).toBeNull();
    await expect(part.hub.remove(id, true)).rejects.toMatchObject({ code: 'no-model' });
  });

  it('deletes what it downloaded only when told to, and only there', async () => {
    const server = await startHubServer([tinyModel()]);
    const mine = await openPart({ hubUrl: server.url });
    await mine.hub.download('someone/tiny');
    const model = mine.store.models.find((await ended(mine.hub)).modelId!)!;
    const elsewhere = { ...model, id: 'elsewhere', path: copyOfTiny() };
    mine.store.models.save(elsewhere);
    expect(await mine.hub.remove('elsewhere', true)).toBe(0);
    expect(fs.existsSync(elsewhere.path)).toBe(true);
    expect(await mine.hub.remove(model.id, false)).toBe(0);
    expect(fs.existsSync(model.path)).toBe(true);
    mine.store.models.save(model);
    expect(await mine.hub.remove(model.id, true)).toBeGreaterThan(model.bytes);
    expect(fs.readdirSync(path.join(mine.folder, 'models'))).toEqual([]);
    await mine.close();
    await server.close();
    fs.rmSync(mine.folder, { recursive: true });
  });

  it('a removed model can be downloaded again', async () => {
    const model = tinyModel();
    const server = await startHubServer([model]);
    const mine = await openPart({ hubUrl: server.url });
    await mine.hub.download(model.repo);
    const { modelId } = await ended(mine.hub);
    await mine.hub.remove(modelId!, true);
    expect((await mine.hub.download(model.repo)).state).not.toBe('done');
    expect((await ended(mine.hub)).modelId).toBe(modelId);
    const [entry] = (await mine.hub.catalog()).filter(({ repo }) => repo === model.repo);
    expect(entry).toBeUndefined();
    expect(fs.existsSync(path.join(mine.folder, 'models', 'someone--tiny', commitOf(model)))).toBe(true);
    await mine.close();
    await server.close();
    fs.rmSync(mine.folder, { recursive: true });
  });
});
