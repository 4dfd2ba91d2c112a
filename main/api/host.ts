/** The program that shows Fettle: what it is, and what it can do on the person's behalf. */
import type { HostInfo } from '../../common/api/contract.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

export function hostCalls(os: Implementer, { host, store }: Parts) {
  const info = (): HostInfo => ({
    ...host.info(),
    dataFolder: store.folder,
    storeNotice: store.notice,
  });
  return {
    info: os.host.info.handler(info),
    reveal: os.host.reveal.handler(({ input }) => host.reveal(input.path)),
    openLink: os.host.openLink.handler(({ input }) => host.openLink(input.url)),
    quit: os.host.quit.handler(() => host.quit()),
  };
}
