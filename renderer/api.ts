/**
 * The one way from the pages to the app: the typed client of the contract, streams that survive a lost
 * connection, and the few things in which an Electron window and a browser tab differ (dropped files,
 * dialogs, the file manager).
 */
import { createORPCClient, DynamicLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract, PickKind } from '../common/api/contract.ts';
import { bridge, currentLink, post } from './connection.svelte.ts';
import { ConnectionLost } from './problem.ts';
import { picker } from './state/layers.svelte.ts';
import { sleep } from './streams.ts';

export { connection } from './connection.svelte.ts';
export { isAborted, problemOf } from './problem.ts';
export { follow } from './streams.ts';

type Api = ContractRouterClient<Contract>;

export const api: Api = createORPCClient(new DynamicLink(({ signal }) => currentLink(signal)));

/** Whether the host can show a file in the system's file manager; a browser downloads it instead. */
export const canReveal = bridge !== null;

/** The path of a dropped or chosen file on Fettle's computer; a browser sends its bytes there first. */
export async function upload(file: File): Promise<string> {
  const here = bridge?.pathOf(file);
  if (here) {
    await api.files.open({ what: 'data', paths: [here] });
    return here;
  }
  if (bridge) return (await api.files.keep({ name: file.name, content: file })).path;
  const address = new URL('upload', document.baseURI);
  address.hash = '';
  address.searchParams.set('name', file.name);
  const answer = await post(address, file).catch(() => {
    throw new ConnectionLost();
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok && isPath(content)) return content.path;
  throw uploadProblem(answer.status, content);
}

function isPath(value: unknown): value is { path: string } {
  return typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';
}

function uploadProblem(status: number, content: unknown): unknown {
  if (typeof content === 'object' && content !== null && 'message' in content)
    return { code: 'upload', hint: '', ...content };
  return new Error(`${status}`);
}

/** Paths that the person picked, with the system's dialog where there is one; empty when they did not. */
export async function pickPath(what: PickKind, suggest?: string): Promise<readonly string[]> {
  const { dialogs } = await api.host.info();
  if (dialogs) return api.files.pick(suggest === undefined ? { what } : { what, suggest });
  const paths = await picker.ask(what, suggest);
  if (paths.length > 0) await api.files.open({ what, paths: [...paths] });
  return paths;
}

/** Saves the export of a run to the computer of the browser, however large it is. */
export async function downloadExport(run: string, what: string): Promise<void> {
  save(await downloadAddress(run, what), '');
}

/** Shows the report of a run in a tab of its own, with the browser's dialog for printing. */
export async function printReport(run: string): Promise<void> {
  // at once, or the browser takes it for an advertisement
  const tab = window.open('', '_blank');
  if (!tab) return;
  tab.location.replace(await downloadAddress(run, 'report'));
  while (!tab.closed && (tab.location.href === 'about:blank' || tab.document.readyState !== 'complete'))
    await sleep(50);
  if (!tab.closed) tab.print();
}

/** An address of the web host that is good for a minute. */
async function downloadAddress(run: string, what: string): Promise<string> {
  const address = new URL('download', document.baseURI);
  address.hash = '';
  address.search = new URLSearchParams({ run, what }).toString();
  const answer = await post(address, '').catch(() => {
    throw new ConnectionLost();
  });
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok && isPath(content)) return new URL(content.path, document.baseURI).href;
  throw uploadProblem(answer.status, content);
}

function save(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

/** Hands bytes to the person as a file, through the browser's own download. */
export function download(content: Blob | string, name: string, type = 'text/plain;charset=utf-8'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const address = URL.createObjectURL(blob);
  save(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
