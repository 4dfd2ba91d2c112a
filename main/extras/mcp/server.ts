/** The server that an assistant talks to: tools by the table, folders by grant, work that goes on after an answer, and a log of it all. */
import {
  type CallToolResult,
  fromJsonSchema,
  type InputRequiredResult,
  McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Flag } from '../../cli/arguments.ts';
import type { CommandEntry } from '../../cli/command.ts';
import type { Log } from '../../log.ts';
import { described } from '../../runs/problems.ts';
import { versions } from '../../versions.ts';
import { checkSize, commandLine, pathsIn, requireThere } from './calls.ts';
import { Granting } from './granting.ts';
import type { Grants } from './grants.ts';
import type { Job, Jobs } from './jobs.ts';
import { type Given, type JsonSchema, schemaOf } from './schema.ts';
import { entryOf, TOOLS, type Tool } from './tools.ts';

const INSTRUCTIONS =
  'Fettle fine-tunes language models on this computer; no row leaves it. The way from a file and a wish to a model: check_computer, look_at_data, ' +
  'check_data; for categories sort_in_seconds first; plan, train, follow until the verdict, chat, export. Many wishes need no training: say so. ' +
  'Only granted folders can be used. A call that takes longer than wait_seconds goes on as a job: follow it.';

/** Most arguments in one call. */
const MOST_ELEMENTS = 1000;
const WAIT = { name: 'wait_seconds', usual: 45, most: 600 };
const WAIT_PROPERTY = {
  type: 'number',
  minimum: 0,
  maximum: WAIT.most,
  description: `seconds to wait for the end; then it goes on as a job (default: ${WAIT.usual})`,
};
const JOB_SCHEMA: JsonSchema = {
  type: 'object',
  properties: { job: { type: 'string', description: 'such as job-1' }, [WAIT.name]: WAIT_PROPERTY },
  required: ['job'],
  additionalProperties: false,
};

interface Parts {
  readonly grants: Grants;
  readonly jobs: Jobs;
  readonly log: Pick<Log, 'note'>;
  /** All that there are. */
  readonly commands: readonly CommandEntry[];
  /** The models on this computer, in lines. */
  models(): Promise<string>;
}

type Answer = CallToolResult | InputRequiredResult;

/** A server for one client. */
export async function mcpServer(parts: Parts): Promise<McpServer> {
  const info = { name: 'fettle', title: 'Fettle', version: versions().fettle };
  const server = new McpServer(info, { instructions: INSTRUCTIONS, maxToolInputElements: MOST_ELEMENTS });
  const add = (
    { name, title, about, readsOnly }: Pick<Tool, 'name' | 'title' | 'about' | 'readsOnly'>,
    schema: JsonSchema,
    answer: (given: Given, ctx: ServerContext) => Answer | Promise<Answer>,
  ) =>
    server.registerTool(
      name,
      {
        title,
        description: about,
        // the library has a type for each word of a schema; ours are made by zod when it runs
        inputSchema: fromJsonSchema<Given>(schema as never),
        annotations: { readOnlyHint: readsOnly === true, destructiveHint: false, openWorldHint: false },
      },
      async (given: Given, ctx: ServerContext) => {
        parts.log.note(`mcp: ${name} ${JSON.stringify(given).slice(0, 2000)}`);
        try {
          checkSize(given);
          return await answer(given, ctx);
        } catch (error) {
          const { message, hint } = described(error);
          parts.log.note(`mcp: ${name} refused: ${message}`);
          return failed([message, hint].filter(Boolean).join(' '));
        }
      },
    );
  const granting = new Granting(parts.grants, () => server.server.getClientCapabilities());
  for (const tool of TOOLS) {
    const { flags } = (await entryOf(tool, parts.commands).load()).command;
    const answer = (given: Given, ctx: ServerContext) => call({ tool, flags, granting, parts }, given, ctx);
    add(tool, toolSchema(tool, flags), answer);
  }
  add(
    {
      name: 'follow',
      title: 'Follow work',
      about: 'Waits for a job, with progress, and gives what it said last and its result.',
      readsOnly: true,
    },
    JOB_SCHEMA,
    async (given, ctx) => awaited(parts.jobs.find(String(given.job)), given, ctx),
  );
  add(
    {
      name: 'stop',
      title: 'Stop work',
      about:
        'Ends a job. A training finishes its step and saves; train with resume and the same out continues it.',
    },
    JOB_SCHEMA,
    async (given, ctx) => {
      const job = parts.jobs.find(String(given.job));
      job.stop();
      return await awaited(job, given, ctx);
    },
  );
  return server;
}

/** Arguments of a tool: its flags, files without a flag, and how long to wait. */
export function toolSchema({ flags: names, required, positional }: Tool, flags: readonly Flag[]): JsonSchema {
  const { properties, required: needed, ...rest } = schemaOf(flags, names, required);
  const files = positional && {
    [positional.name]: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: positional.about,
    },
  };
  return {
    ...rest,
    properties: { ...files, ...properties, [WAIT.name]: WAIT_PROPERTY },
    required: [...(positional ? [positional.name] : []), ...needed],
  };
}

interface Called {
  readonly tool: Tool;
  readonly flags: readonly Flag[];
  readonly granting: Granting;
  readonly parts: Parts;
}

async function call(
  { tool, flags, granting, parts }: Called,
  all: Given,
  ctx: ServerContext,
): Promise<Answer> {
  const { grants, jobs } = parts;
  const { [WAIT.name]: _, ...given } = all;
  const paths = await pathsIn(tool, flags, given, grants);
  const asking = granting.askFor(paths, ctx);
  if (asking) return asking;
  requireThere(paths, grants);
  const argv = await commandLine(tool, flags, given, grants);
  const answer = await awaited(jobs.start(tool.name, argv), all, ctx);
  if (!tool.listsModels || answer.isError) return answer;
  return { content: [...answer.content, text(await parts.models())] };
}

/** Waits for a job as long as the call says, telling how it goes; a call that the client gives up stops its job. */
async function awaited(job: Job, given: Given, { mcpReq }: ServerContext): Promise<CallToolResult> {
  const token = mcpReq._meta?.progressToken;
  const seconds = Number(given[WAIT.name] ?? WAIT.usual);
  let progress = 0;
  const tell = (message: string) => {
    const params = { progressToken: token!, progress: ++progress, message };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
  const unheard = token === undefined ? () => {} : job.onLine(tell);
  // clients give a call up that says nothing for a minute
  const beat = setInterval(() => token !== undefined && tell(job.said.at(-1) ?? job.tool), BEAT_MS);
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    late = setTimeout(resolve, 1000 * seconds);
  });
  const stop = () => job.stop();
  mcpReq.signal.addEventListener('abort', stop);
  try {
    await Promise.race([job.ended, timeout]);
  } finally {
    clearInterval(beat);
    clearTimeout(late);
    unheard();
    mcpReq.signal.removeEventListener('abort', stop);
  }
  return answerOf(job);
}

const BEAT_MS = 10_000;
/** An assistant reads so much of one answer; files have the rest. */
const MOST_ANSWER = 30_000;

function answerOf({ id, tool, code, said, out }: Job): CallToolResult {
  if (code === null) {
    const newest = said.slice(-8).join('\n');
    return { content: [text(`${id} (${tool}) goes on. Call follow with it.\n${newest}`.trim())] };
  }
  const words = [out.trim() === '' || code !== 0 ? said.join('\n') : '', out.trim()]
    .filter(Boolean)
    .join('\n');
  const whole = words === '' ? `${tool} ended with code ${code}.` : words;
  const shown =
    whole.length <= MOST_ANSWER ? whole : `${whole.slice(0, MOST_ANSWER)}\n… (${whole.length} characters)`;
  return { content: [text(shown)], ...(code !== 0 && { isError: true }) };
}

const text = (words: string) => ({ type: 'text', text: words }) as const;
const failed = (words: string): CallToolResult => ({ content: [text(words)], isError: true });
