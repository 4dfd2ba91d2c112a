/** Opens the person's browser, where there is one. */
import { spawn } from 'node:child_process';

const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
const ELSEWHERE = ['xdg-open'];

/** Whether somebody sits before a screen of this computer, as far as its surroundings tell. */
export function hasScreen(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  if (platform === 'win32' || platform === 'darwin') return env.SSH_CONNECTION === undefined;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Opens `url`. Others may see it in the list of processes, but a link with a token is used up as soon as it is open. */
export function openBrowser(url: string): void {
  const [program = '', ...rest] = COMMANDS[process.platform] ?? ELSEWHERE;
  const child = spawn(program, [...rest, url], { stdio: 'ignore', detached: true });
  // where there is none, the printed link is what remains
  child.on('error', () => {});
  child.unref();
}
