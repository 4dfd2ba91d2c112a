/**
 * The one way from the pages to the app: the typed client of the contract, streams that survive a lost connection, and what differs between
 * an Electron window and a browser tab (dropped files, dialogs, the file manager).
 */
import { createORPCClient, DynamicLink } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract, PickKind } from '../common/api/contract.ts';
import { isRecord } from '../common/values.ts';
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
  return postedPath('upload', { name: file.name }, file);
}

/** The path that the web host answers with when `body` is sent to one of its addresses. */
async function postedPath(name: string, query: Record<string, string>, body: BodyInit): Promise<string> {
  const address = new URL(name, document.baseURI);
  address.search = new URLSearchParams(query).toString();
  const answer = await post(address, body).catch(() => {
    throw new ConnectionLost();
  });
  const content: unknown = await answer.json().catch(() => null);
  if (isRecord(content) && answer.ok && typeof content.path === 'string') return content.path;
  if (isRecord(content) && 'message' in content) throw { code: 'upload', hint: '', ...content };
  throw new Error(`${answer.status}`);
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
  return new URL(await postedPath('download', { run, what }, ''), document.baseURI).href;
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
