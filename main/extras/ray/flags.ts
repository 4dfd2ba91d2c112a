import { targetFlag as flag, type TargetFlags } from '../../cli/targets/target-flags.ts';

export const rayFlags: TargetFlags = {
  kind: 'ray',
  address: flag('ray', 'a Ray cluster, by the address of its dashboard', 'URL', {
    alsoCalled: ['dashboard'],
  }),
  tokenFile: flag('token-file', 'file with the token of the cluster; - reads it from stdin', 'FILE', {
    group: 'Ray',
    alsoCalled: ['token', 'auth-token'],
  }),
  processes: flag('workers', 'processes in all', 'N', { group: 'Ray', fallback: 'one for each card' }),
  about:
    'A Ray cluster is reached over https, or through a tunnel on this computer; its token is kept in a file that only you can read.',
  example: 'fettle targets add ray --ray https://head.example.org:8265 --token-file token.txt',
};
