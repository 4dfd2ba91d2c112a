/** Encoders on this computer are found with what the catalog knows of them. */
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encoderIn, encodersHere } from '../../../../main/engine/load/find-encoders.ts';
import { writeTinyEncoder } from '../../../helpers/tiny-encoder.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

it('one of the catalog has the prompt that its makers want, and another one none', async () => {
  const cache = path.join(folder, '.cache/huggingface/hub');
  const snapshot = (model: string) =>
    path.join(cache, `models--${model.replace('/', '--')}`, 'snapshots/0123');
  const e5 = await writeTinyEncoder(snapshot('intfloat/multilingual-e5-small'));
  const other = await writeTinyEncoder(snapshot('someone/reader'));
  expect(await encoderIn(e5)).toMatchObject({ name: 'intfloat/multilingual-e5-small', prompt: 'query: ' });
  expect(await encoderIn(other)).not.toHaveProperty('prompt');
  const env = { FETTLE_HOME: path.join(folder, 'home') };
  const found = await encodersHere({ env, platform: 'linux', home: folder });
  expect(found.map(({ name, prompt }) => [name, prompt])).toEqual([
    ['intfloat/multilingual-e5-small', 'query: '],
    ['someone/reader', undefined],
  ]);
});
