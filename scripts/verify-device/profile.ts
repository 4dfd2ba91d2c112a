/** Which provider of onnxruntime ran which node, from the profile that it writes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface ProfiledNode {
  /** "MatMul". */
  readonly operation: string;
  /** "CPUExecutionProvider", without its ending. */
  readonly provider: string;
}

/** Runs `work` with a prefix for profiles, and gives the nodes of all profiles that were written. */
export async function profiled(work: (prefix: string) => Promise<void>): Promise<ProfiledNode[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-profile-'));
  try {
    await work(path.join(folder, 'p'));
    return fs
      .readdirSync(folder)
      .flatMap((name) => nodesIn(fs.readFileSync(path.join(folder, name), 'utf8')));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The nodes of one profile, each as often as it ran. */
export function nodesIn(text: string): ProfiledNode[] {
  const events = JSON.parse(text) as { cat?: string; name?: string; args?: Record<string, unknown> }[];
  return events.flatMap(({ cat, name, args }) =>
    cat === 'Node' && name?.endsWith('_kernel_time') && typeof args?.provider === 'string'
      ? [{ operation: String(args.op_name), provider: args.provider.replace('ExecutionProvider', '') }]
      : [],
  );
}

/** How many nodes each provider ran. */
export function countBy(
  nodes: readonly ProfiledNode[],
  key: keyof ProfiledNode,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const node of nodes) counts[node[key]] = (counts[node[key]] ?? 0) + 1;
  return counts;
}
