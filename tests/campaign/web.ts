/** What other programs, pages and people may send to the web host and to the endpoint of a model. */
import type { Attack } from './attack.ts';
import { attackEndpoint } from './web/endpoint.ts';
import { attackHost } from './web/host.ts';

export const web: Attack = {
  name: 'web',
  async run({ only, folder, row }) {
    const things = { 'web host': () => attackHost(), endpoint: () => attackEndpoint(folder) };
    for (const [thing, attack] of Object.entries(things)) if (only(thing)) await row(thing, attack);
  },
};
