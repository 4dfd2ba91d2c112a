/** The parts of `npm run tensorflow-library` that need neither network nor compiler; .ci/run makes a real folder. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PYPI, pipIndex } from '../../scripts/tensorflow-library/pip-index.ts';
import { RECIPE } from '../../scripts/tensorflow-library/recipe.ts';
import { targetOf, unpackWheel } from '../../scripts/tensorflow-library/unpack.ts';
import { bringWheel, linkIn } from '../../scripts/tensorflow-library/wheel.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-library-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

describe('the index', () => {
  it('is the one of the environment, else of pip’s files, else the Python Package Index', () => {
    const user = written(
      'user.conf',
      '[list]\nindex-url = http://no/\n[global]\nindex-url = http://user/x/\n',
    );
    const site = written(
      'site.conf',
      '[global]\nindex_url: http://site\n[download]\nindex-url=http://mine/\n',
    );
    expect(pipIndex({ PIP_INDEX_URL: 'http://env/simple/' }, [user])).toBe('http://env/simple');
    expect(pipIndex({}, [path.join(folder, 'none'), user, site])).toBe('http://user/x');
    expect(pipIndex({}, [site, user])).toBe('http://mine');
    expect(pipIndex({}, [written('empty.conf', '[global]\ntimeout = 3\n')])).toBe(PYPI);
  });

  it('may answer in JSON or with a page of links', () => {
    const file = 'a_b-1+x-any.whl';
    const json = JSON.stringify({
      files: [
        { filename: 'c.whl', url: 'c' },
        { filename: file, url: '../it' },
      ],
    });
    expect(linkIn(json, file)).toBe('../it');
    const page = `<a href="/other/x${file}">x</a>\n<a class=1 href='../../p/a_b-1%2Bx-any.whl?k=1&amp;l=2#sha256=00'>${file}</a>`;
    expect(linkIn(page, file)).toBe('../../p/a_b-1%2Bx-any.whl?k=1&l=2');
    expect(linkIn('<html>', file)).toBeNull();
  });
});

describe('the wheel', () => {
  const CONTENT = Buffer.from('a wheel');
  const wheel = {
    ...{ package: 'pack', file: 'pack-1-any.whl', bytes: CONTENT.length },
    sha256: createHash('sha256').update(CONTENT).digest('hex'),
  };
  const page = `<a href="../files/${wheel.file}#sha256=x">${wheel.file}</a>`;
  const asked: { url: string | undefined; sign: string | undefined }[] = [];
  let server: http.Server;
  let origin: string;
  let answers: Record<string, string | Buffer>;

  beforeEach(async () => {
    answers = { '/simple/pack/': page, [`/simple/files/${wheel.file}`]: CONTENT };
    server = http.createServer(({ url, headers }, response) => {
      asked.push({ url, sign: headers.authorization });
      const answer = answers[url ?? ''];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    asked.length = 0;
  });
  afterEach(() => void server.close());

  it('comes from where the index says, with the index’s password, once', async () => {
    const index = `http://me:p%40ss@${origin}/simple`;
    const file = await bringWheel(wheel, folder, index);
    expect(fs.readFileSync(file)).toEqual(CONTENT);
    const sign = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(asked).toEqual([
      { url: '/simple/pack/', sign },
      { url: `/simple/files/${wheel.file}`, sign },
    ]);
    await bringWheel(wheel, folder, index);
    expect(asked).toHaveLength(2);
    expect(fs.readdirSync(folder)).toEqual([wheel.file]);
  });

  it('is refused with other content, and not kept', async () => {
    answers[`/simple/files/${wheel.file}`] = 'another';
    const bringing = bringWheel(wheel, folder, `http://me:secret@${origin}/simple`);
    await expect(bringing).rejects.toMatchObject({
      code: 'wheel-damaged',
      hint: expect.not.stringContaining('secret'),
    });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('that cannot be had ends in words without the password', async () => {
    answers['/simple/pack/'] = '<p>nothing</p>';
    const index = `http://me:secret@${origin}/simple`;
    await expect(bringWheel(wheel, folder, index)).rejects.toMatchObject({
      code: 'wheel-missing',
      message: `http://${origin}/simple does not list ${wheel.file}.`,
    });
    answers = {};
    await expect(bringWheel(wheel, folder, index)).rejects.toMatchObject({
      code: 'index-unreachable',
      message: `http://${origin}/simple/pack/ cannot be had: the answer was 404.`,
    });
    server.close();
    server.closeAllConnections();
    await expect(bringWheel(wheel, folder, index)).rejects.toMatchObject({ code: 'index-unreachable' });
  });
});

describe('unpacking', () => {
  it('takes the libraries and the binding’s headers, and nothing else', async () => {
    const large = new Uint8Array(3_000_000).map((_, i) => (i * i) % 251);
    const files = {
      'tensorflow/libtensorflow_cc.so.2': large,
      'tensorflow/libtensorflow_framework.so.2': strToU8('framework'),
      'tensorflow/python/libtensorflow_cc.so.2': strToU8('another'),
      'tensorflow/include/tensorflow/c/eager/c_api.h': strToU8('header'),
      'tensorflow/include/tensorflow/c/eager/c_api_experimental.cc': strToU8('source'),
      'tensorflow/include/tensorflow/c/experimental/x.h': strToU8('other header'),
    };
    const file = path.join(folder, 'x.whl');
    fs.writeFileSync(file, zipSync(files));
    const into = path.join(folder, 'into');
    await unpackWheel(file, into, RECIPE);
    const found = fs
      .readdirSync(into, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile());
    expect(
      found.map(({ parentPath, name }) => path.relative(into, path.join(parentPath, name))).sort(),
    ).toEqual([
      'include/tensorflow/c/eager/c_api.h',
      'lib/libtensorflow_cc.so.2',
      'lib/libtensorflow_framework.so.2',
    ]);
    expect(fs.readFileSync(path.join(into, 'lib/libtensorflow_cc.so.2')).equals(large)).toBe(true);
  });

  it('fails where a library is missing', async () => {
    const file = path.join(folder, 'x.whl');
    fs.writeFileSync(file, zipSync({ 'tensorflow/libtensorflow_framework.so.2': strToU8('x') }));
    await expect(unpackWheel(file, folder, RECIPE)).rejects.toMatchObject({ code: 'wheel-strange' });
  });

  it('knows the headers that the binding includes', () => {
    const included = ['tensorflow/c/c_api.h', 'tsl/c/tsl_status.h', 'tsl/platform/ctstring_internal.h'];
    for (const name of included)
      expect(targetOf(`tensorflow/include/${name}`, RECIPE)).toBe(path.join('include', name));
    expect(targetOf('tensorflow/include/tsl/platform/env.h', RECIPE)).toBeNull();
  });
});
