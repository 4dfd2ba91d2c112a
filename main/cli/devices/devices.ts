/** The commands about what can compute here, `fettle devices …`: each has a file of its own in devices/. */
import type { CommandEntry } from '../command.ts';

/** The two words first: `devices` alone is a command, too. */
export const DEVICES_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'devices get',
    summary: 'get the libraries that computing on cards of NVIDIA needs',
    alsoCalled: ['devices install', 'devices add', 'devices download', 'cuda', 'nvidia'],
    load: () => import('./get.ts'),
  },
  {
    name: 'devices remove',
    summary: 'delete these libraries',
    alsoCalled: ['devices rm', 'devices delete', 'devices uninstall'],
    load: () => import('./remove.ts'),
  },
  {
    name: 'devices',
    summary: 'show what training can compute on here, and why not on the rest',
    alsoCalled: ['device', 'accelerators'],
    load: () => import('./list.ts'),
  },
];
