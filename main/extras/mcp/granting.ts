/** How a folder comes to be granted while a client is connected: by the client's roots, or by asking the person through it. */
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type Grants, notGranted } from './grants.ts';
import type { PathArgument } from './schema.ts';

const ROOTS = 'roots';
/** What the person ticks. */
const FIELD = 'grant';

export class Granting {
  readonly #grants: Grants;
  readonly #capabilities: () => ClientCapabilities | undefined;
  #hasAskedForRoots = false;

  constructor(grants: Grants, capabilities: () => ClientCapabilities | undefined) {
    this.#grants = grants;
    this.#capabilities = capabilities;
  }

  /** What the client is to be asked before `paths` can be used; null where all are granted. Throws AppError where one is not and stays so. */
  askFor(paths: readonly PathArgument[], { mcpReq }: ServerContext): InputRequiredResult | null {
    const grants = this.#grants;
    const denied = () => paths.find(({ given, use }) => !grants.allows(given, use))?.given;
    const answers = mcpReq.inputResponses;
    const roots = inputResponse(answers, ROOTS);
    // over HTTP each request has a server of its own
    if (roots.kind === 'roots') {
      this.#hasAskedForRoots = true;
      grants.addRoots(roots.roots);
    }
    const first = denied();
    if (first === undefined) return null;
    const answer = inputResponse(answers, keyOf(grants.folderFor(first)));
    if (answer.kind === 'elicit') {
      if (answer.action !== 'accept' || answer.content?.[FIELD] !== true)
        throw notGranted(first, grants.folderFor(first));
      grants.add(grants.folderFor(first));
    }
    const next = denied();
    if (next === undefined) return null;
    // in the newer protocol each request says what its client can
    const { [CLIENT_CAPABILITIES_META_KEY]: said } = (mcpReq.envelope ?? {}) as Record<string, unknown>;
    const can = (said as ClientCapabilities | undefined) ?? this.#capabilities();
    if (can?.roots && !this.#hasAskedForRoots) {
      this.#hasAskedForRoots = true;
      return inputRequired({ inputRequests: { [ROOTS]: inputRequired.listRoots() } });
    }
    if (!can?.elicitation) throw notGranted(next, grants.folderFor(next));
    return asking(grants.folderFor(next));
  }
}

const keyOf = (folder: string) => `${FIELD} ${folder}`;

function asking(folder: string): InputRequiredResult {
  const question = inputRequired.elicit({
    message: `May the assistant use ${folder} through Fettle? It can read files there and write new ones.`,
    requestedSchema: {
      type: 'object',
      properties: { [FIELD]: { type: 'boolean', title: `Grant ${folder}`, default: false } },
      required: [FIELD],
    },
  });
  return inputRequired({ inputRequests: { [keyOf(folder)]: question } });
}
