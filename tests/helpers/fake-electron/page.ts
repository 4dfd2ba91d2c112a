/** What a page in a real browser needs to be the window's page: the built preload script, in a stand-in for its surroundings. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A script for the start of each page. `paths`: where the files that a test drops are, by name. */
export function pageScript(home: string, paths: Readonly<Record<string, string>> = {}): string {
  const preload = readFileSync(path.join(home, 'dist', 'preload.cjs'), 'utf8');
  return `(() => {
    const surroundings = ${surroundings.toString()};
    const { require, process } = surroundings(${JSON.stringify(paths)}, ${JSON.stringify(process.platform)});
    (function (require, process, module, exports) {${preload}
    })(require, process, { exports: {} }, {});
  })();`;
}

/** Runs in the page: the modules that a sandboxed preload script may require. */
function surroundings(paths: Record<string, string>, platform: string) {
  const page = globalThis as unknown as Record<string, unknown> & { location: { host: string } };
  const electron = {
    contextBridge: {
      exposeInMainWorld(name: string, api: unknown) {
        page[name] = api;
      },
    },
    ipcRenderer: {
      postMessage(_channel: string, _message: unknown, [port]: readonly [MessagePortLike]) {
        const socket = new WebSocket(`ws://${page.location.host}/`);
        socket.binaryType = 'arraybuffer';
        const open = new Promise((resolve) => socket.addEventListener('open', resolve));
        port.onmessage = ({ data }) => void open.then(() => socket.send(data));
        socket.onmessage = ({ data }) =>
          port.postMessage(typeof data === 'string' ? data : new Uint8Array(data));
      },
    },
    webUtils: { getPathForFile: ({ name }: { name: string }) => paths[name] ?? '' },
  };
  const require = (name: string) => {
    if (name !== 'electron') throw new Error(`A sandboxed preload script cannot require ${name}`);
    return electron;
  };
  return { require, process: { platform, sandboxed: true } };
}

interface MessagePortLike {
  onmessage: (event: { readonly data: string | Uint8Array<ArrayBuffer> }) => void;
  postMessage(data: unknown): void;
}
