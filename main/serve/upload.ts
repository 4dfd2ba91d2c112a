/** Dropped and chosen files of a browser: their bytes come here and go to the disk as they come. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { placeFor } from '../api/files.ts';
import { freeDiskOf } from '../hardware/facts.ts';
import { answer, refuse } from './answers.ts';

/** So much room is left on the disk for what the computer does besides. */
const SPARE_BYTES = 1e9;

export interface UploadOptions {
  /** The folder that files go to. */
  readonly uploads: string;
  /** Free bytes on the disk of a folder; null where that is not known. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

class TooLarge extends Error {}

/** Writes the body of `request` to a new file called `name`, and answers with its path. */
export async function receiveFile(
  request: IncomingMessage,
  response: ServerResponse,
  name: string | null,
  { uploads, freeBytes = freeDiskOf }: UploadOptions,
): Promise<void> {
  if (!name) return refuse(response, 400, 'no-name', 'The file has no name.', 'Choose it again.');
  await mkdir(uploads, { recursive: true });
  const free = await freeBytes(uploads);
  const limit = free === null ? Number.POSITIVE_INFINITY : Math.max(0, free - SPARE_BYTES);
  if (Number(request.headers['content-length'] ?? 0) > limit) return refuseLarge(request, response, limit);
  const file = await placeFor(uploads, name);
  try {
    const temporary = `${file}.part`;
    await pipeline(
      request,
      atMost(limit),
      createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true }),
    );
    await rename(temporary, file);
  } catch (error) {
    await rm(path.dirname(file), { recursive: true, force: true });
    if (error instanceof TooLarge) return refuseLarge(request, response, limit);
    // the browser has gone away: there is nobody to answer to
    if (request.destroyed && !request.complete) return;
    throw error;
  }
  answer(response, 200, { path: file });
}

/** Lets bytes pass until they are more than `limit`. */
function atMost(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(new TooLarge());
      else done(null, chunk);
    },
  });
}

function refuseLarge(request: IncomingMessage, response: ServerResponse, limit: number): void {
  const room = limit >= 1e6 ? `${Math.floor(limit / 1e6)} MB` : 'nothing';
  const message = `The file is too large for the disk of the data folder: ${room} can be taken.`;
  refuse(response, 413, 'disk-full', message, 'Free some space, or move the data folder to another disk.', {
    connection: 'close',
  });
  // the rest of the body is not wanted, and would hold the connection
  response.once('finish', () => request.destroy());
}
