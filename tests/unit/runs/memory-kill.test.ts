/** What Linux tells of its kills, from made-up files of the system. */
import { describe, expect, it } from 'vitest';
import { killCount, watchMemory } from '../../../main/runs/fork.ts';

type Files = Record<string, string>;
const reader = (files: Files) => (path: string) => files[path] ?? null;
const events = (kills: number) => `low 0\nhigh 3\nmax 17\noom 2\noom_kill ${kills}\noom_group_kill 9\n`;
const meminfo = (total: number, free: number) =>
  `MemTotal:  ${total} kB\nMemFree: 7 kB\nMemAvailable:  ${free} kB\n`;
const pressure = (avg: string) =>
  `some avg10=${avg} avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 total=0\n`;

describe('the kills of the kernel', () => {
  it.each<[string, Files, number | null]>([
    [
      'in a control group of version 2',
      { '/proc/self/cgroup': '0::/user/app\n', '/sys/fs/cgroup/user/app/memory.events': events(4) },
      4,
    ],
    ['in a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.events': events(1) }, 1],
    [
      'in a group of version 1',
      {
        '/proc/self/cgroup': '5:cpu:/\n4:memory,hugetlb:/job\n0::/\n',
        '/sys/fs/cgroup/memory/job/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 6\n',
        '/proc/vmstat': 'oom_kill 99\n',
      },
      6,
    ],
    [
      'of the whole machine where groups are not counted',
      { '/proc/self/cgroup': '0::/user\n', '/proc/vmstat': 'nr_free 1\noom_kill 12\n' },
      12,
    ],
    ['on a system that does not count', {}, null],
  ])('are counted %s', (_, files, count) => {
    expect(killCount(reader(files))).toBe(count);
  });

  it('are told from other kills by what was counted meanwhile', () => {
    const files: Files = { '/proc/vmstat': 'oom_kill 3\n', '/proc/meminfo': meminfo(1000, 500) };
    const watch = watchMemory(reader(files));
    expect(watch.wasKilled()).toBe(false);
    files['/proc/vmstat'] = 'oom_kill 4\n';
    expect(watch.wasKilled()).toBe(true);
    expect(watchMemory(reader({})).wasKilled()).toBeNull();
  });

  it('need not be the kernel’s own where memory is as good as gone', () => {
    const files: Files = { '/proc/vmstat': 'oom_kill 3\n', '/proc/meminfo': meminfo(1000, 20) };
    expect(watchMemory(reader(files)).wasKilled()).toBe(true);
    const calm = { ...files, '/proc/meminfo': meminfo(1000, 500), '/proc/pressure/memory': pressure('0.40') };
    expect(watchMemory(reader(calm)).wasKilled()).toBe(false);
    const pressed = { ...calm, '/proc/pressure/memory': pressure('23.10') };
    expect(watchMemory(reader(pressed)).wasKilled()).toBe(true);
  });
});
