/** What the command palette offers besides runs: pages, models, and actions that fit the moment. */
import BookOpen from '@lucide/svelte/icons/book-open';
import Boxes from '@lucide/svelte/icons/boxes';
import Moon from '@lucide/svelte/icons/moon';
import Pause from '@lucide/svelte/icons/pause';
import Play from '@lucide/svelte/icons/play';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Sun from '@lucide/svelte/icons/sun';
import SunMoon from '@lucide/svelte/icons/sun-moon';
import { api } from '../api.ts';
import { router } from '../router.svelte.ts';
import { jobs } from '../state/jobs.svelte.ts';
import { models } from '../state/models.svelte.ts';
import type { Command } from '../state/palette.svelte.ts';
import { settings } from '../state/settings.svelte.ts';
import { toasts } from '../state/toasts.svelte.ts';
import { frame } from '../text/frame.ts';
import { navPages } from './nav.ts';

const words = frame.palette;

export function pageCommands(): Command[] {
  const pages = navPages.map(
    ({ id, label, icon }): Command => ({ id: `page-${id}`, label, icon, run: () => router.go(id) }),
  );
  return [
    ...pages,
    { id: 'page-glossary', label: words.glossary, icon: BookOpen, run: () => router.go('learn', 'glossary') },
  ];
}

export function modelCommands(): Command[] {
  return models.local.map((model) => ({
    id: `model-${model.id}`,
    label: model.name,
    icon: Boxes,
    words: `${model.family} ${model.repo ?? ''}`,
    run: () => router.go('models'),
  }));
}

/** Actions: the job in front, the theme, how much is shown. */
export function actionCommands(): Command[] {
  const { theme, allSettings } = settings.value;
  const themes = [
    { id: 'light', label: words.light, icon: Sun },
    { id: 'dark', label: words.dark, icon: Moon },
    { id: 'system', label: words.system, icon: SunMoon },
  ] as const;
  return [
    ...jobCommands(),
    ...themes
      .filter(({ id }) => id !== theme)
      .map(
        ({ id, label, icon }): Command => ({
          id: `theme-${id}`,
          label,
          icon,
          run: () => void settings.set({ theme: id }),
        }),
      ),
    {
      id: 'all-settings',
      label: allSettings ? words.hideAll : words.showAll,
      icon: SlidersHorizontal,
      run: () => void settings.set({ allSettings: !allSettings }),
    },
  ];
}

function jobCommands(): Command[] {
  const job = jobs.foremost;
  if (!job) return [];
  const { id, name, runId } = job;
  const attempt = (call: Promise<unknown>) => call.catch((error: unknown) => toasts.problem(error));
  const open = { id: 'job-open', label: words.openJob(name), icon: Play, run: () => router.go('run', runId) };
  if (job.state === 'running' && job.kind === 'train')
    return [
      {
        id: 'job-pause',
        label: words.pause(name),
        icon: Pause,
        run: () => void attempt(api.jobs.pause({ id })),
      },
      open,
    ];
  if (job.state === 'paused')
    return [
      {
        id: 'job-resume',
        label: words.resume(name),
        icon: Play,
        run: () => void attempt(api.jobs.resume({ id })),
      },
      open,
    ];
  return [open];
}
