/** The addresses of OpenAI's tuning interface that are answered here, each with its work. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answers } from './answers.ts';
import { MOST_UPLOAD, type Uploads } from './files.ts';
import type { TuningJobs } from './jobs.ts';
import { JobRequest } from './request.ts';
import { jsonOf, parsed, Refusal, send } from './wire.ts';

export interface Desk {
  readonly uploads: Uploads;
  readonly jobs: TuningJobs;
  readonly answers: Answers;
  /** What `/v1/models` lists. */
  models(): readonly { readonly id: string; readonly created: number }[];
}

interface Asked {
  readonly id: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type Work = (desk: Desk, asked: Asked) => unknown;

const JOB = '/v1/fine_tuning/jobs/:id';

/** A path with `:id` in it takes any name there. What a work gives is sent as JSON; nothing, where it has answered itself. */
const ROUTES: Readonly<Record<string, Work>> = {
  'POST /v1/files': async ({ uploads }, { request }) => {
    const form = await formOf(request);
    const [file, purpose] = [form.get('file'), form.get('purpose')];
    if (!(file instanceof File)) throw new Refusal(400, 'invalid_request', 'file: It is missing.');
    return await uploads.add(file, String(purpose ?? ''));
  },
  'GET /v1/files': async ({ uploads }, { query }) => paged(await uploads.list(), query),
  'GET /v1/files/:id': ({ uploads }, { id }) => uploads.find(id),
  'GET /v1/files/:id/content': async ({ uploads }, { id, response }) => {
    const content = await uploads.content(id);
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    await pipeline(content, response);
  },
  'DELETE /v1/files/:id': async ({ uploads }, { id }) => {
    await uploads.remove(id);
    return { id, object: 'file', deleted: true };
  },
  'POST /v1/fine_tuning/jobs': async ({ jobs }, { request }) =>
    await jobs.create(parsed(JobRequest, await jsonOf(request))),
  'GET /v1/fine_tuning/jobs': ({ jobs }, { query }) => paged(jobs.list(), query),
  [`GET ${JOB}`]: ({ jobs }, { id }) => jobs.find(id),
  [`GET ${JOB}/events`]: ({ jobs }, { id, query }) => paged(jobs.events(id), query),
  [`GET ${JOB}/checkpoints`]: ({ jobs }, { id, query }) =>
    paged(jobs.checkpoints(id) as { readonly id: string }[], query),
  [`POST ${JOB}/cancel`]: ({ jobs }, { id }) => jobs.end(id, 'cancelled'),
  [`POST ${JOB}/pause`]: ({ jobs }, { id }) => jobs.end(id, 'paused'),
  [`POST ${JOB}/resume`]: ({ jobs }, { id }) => jobs.resume(id),
  'GET /v1/models': ({ models }) => ({ object: 'list', data: models().map(modelObject) }),
  'GET /v1/models/:id': ({ models }, { id }) => {
    const model = models().find((one) => one.id === id);
    if (model) return modelObject(model);
    throw new Refusal(404, 'model_not_found', `There is no model ${id.slice(0, 100)}.`);
  },
  'POST /v1/chat/completions': async ({ answers }, { request, response }) =>
    await answers.answer('/v1/chat/completions', await jsonOf(request), response),
};

/** Answers a request that was let in. Throws a Refusal. */
export async function answerRoute(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams: query } = new URL(`http://host${request.url ?? '/'}`);
  const found = routeOf(`${request.method} ${pathname}`);
  if (!found) throw new Refusal(404, 'not_found', `There is no ${request.method} ${pathname} here.`);
  const result = await found.work(desk, { id: found.id, query, request, response });
  if (result !== undefined) send(response, 200, result as object);
}

function routeOf(asked: string): { readonly work: Work; readonly id: string } | null {
  for (const [pattern, work] of Object.entries(ROUTES)) {
    const match = new RegExp(`^${pattern.replace(':id', '([^/]+)')}$`).exec(asked);
    if (match) return { work, id: named(match[1] ?? '') };
  }
  return null;
}

function named(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'invalid_request', 'The address is not well formed.');
  }
}

const modelObject = ({ id, created }: { readonly id: string; readonly created: number }) => ({
  id,
  created,
  object: 'model',
  owned_by: 'this-computer',
});

const MOST_LISTED = 100;

/** A page of a list, from the one after `after` on. */
function paged<One extends { readonly id: string }>(all: readonly One[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 20);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 10_000))
    throw new Refusal(400, 'invalid_request', 'limit: A number from 1 to 10000.');
  const after = query.get('after');
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + Math.min(limit, MOST_LISTED));
  const has_more = from + data.length < all.length;
  return { object: 'list', data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** The fields of an upload. Throws a Refusal where it is none, or too large. */
async function formOf(request: IncomingMessage): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data'))
    throw new Refusal(400, 'invalid_request', 'A file is sent as multipart/form-data.');
  const tooLarge = new Refusal(413, 'too_large', `A file may have ${MOST_UPLOAD / 1e6} MB.`);
  // a client that says how much comes is refused before any of it is read
  if (Number(request.headers['content-length'] ?? 0) > MOST_UPLOAD) throw tooLarge;
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_UPLOAD) throw tooLarge;
      yield chunk;
    }
  };
  const body = Readable.toWeb(Readable.from(counted())) as ReadableStream;
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch (error) {
    if (bytes > MOST_UPLOAD) throw tooLarge;
    throw error instanceof Refusal
      ? error
      : new Refusal(400, 'invalid_request', 'The upload ended early, or is not well formed.');
  }
}
