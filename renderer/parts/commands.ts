/** What the rail and the palette offer besides runs: pages, models, actions that fit the moment. */
import type { LucideIcon } from '@lucide/svelte';
import BookOpen from '@lucide/svelte/icons/book-open';
import Boxes from '@lucide/svelte/icons/boxes';
import CirclePlus from '@lucide/svelte/icons/circle-plus';
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import Moon from '@lucide/svelte/icons/moon';
import Pause from '@lucide/svelte/icons/pause';
import Play from '@lucide/svelte/icons/play';
import History from '@lucide/svelte/icons/rotate-ccw-clock';
import Settings from '@lucide/svelte/icons/settings';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Sparkles from '@lucide/svelte/icons/sparkles';
import Sun from '@lucide/svelte/icons/sun';
import SunMoon from '@lucide/svelte/icons/sun-moon';
import Trash from '@lucide/svelte/icons/trash';
import { api } from '../api.ts';
import { router } from '../router.svelte.ts';
import { attempt } from '../state/calls.svelte.ts';
import { extraPages } from '../state/extra-pages.ts';
import { jobs } from '../state/jobs.svelte.ts';
import type { Command } from '../state/layers.svelte.ts';
import { models } from '../state/models.svelte.ts';
import { settings } from '../state/settings.svelte.ts';
import { bin, frame } from '../text/text.ts';

export interface NavPage {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** First segments of addresses that belong to it. */
  readonly owns: readonly string[];
}

const corePages: readonly NavPage[] = [
  { id: 'new', label: frame.pages.new, icon: CirclePlus, owns: ['new', 'welcome'] },
  {
    id: 'history',
    label: frame.pages.history,
    icon: History,
    owns: ['history', 'run', 'bin', 'compare'],
  },
  { id: 'chat', label: frame.pages.chat, icon: MessagesSquare, owns: ['chat'] },
  { id: 'models', label: frame.pages.models, icon: Boxes, owns: ['models'] },
  { id: 'settings', label: frame.pages.settings, icon: Settings, owns: ['settings'] },
];

/** Of the core and of the extras, each before the page that it names. */
export const navPages: readonly NavPage[] = corePages.flatMap((page) => [
  ...extraPages
    .filter(({ before }) => before?.page === page.id)
    .map(({ id, label, before }) => ({ id, label, icon: before!.icon, owns: [id] })),
  {
    ...page,
    owns: [...page.owns, ...extraPages.filter(({ under }) => under === page.id).map(({ id }) => id)],
  },
]);

/** At the foot of the rail. */
export const footPages: readonly NavPage[] = [
  { id: 'help', label: frame.pages.help, icon: CircleQuestionMark, owns: ['help', 'glossary'] },
  { id: 'news', label: frame.pages.news, icon: Sparkles, owns: ['news'] },
];

const words = frame.palette;

export function pageCommands(): Command[] {
  const pages = [...navPages, ...footPages].map(
    ({ id, label, icon }): Command => ({ id: `page-${id}`, label, icon, run: () => router.go(id) }),
  );
  return [
    ...pages,
    { id: 'page-glossary', label: words.glossary, icon: BookOpen, run: () => router.go('glossary') },
    { id: 'page-bin', label: bin.title, icon: Trash, run: () => router.go('bin') },
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
  const command = (what: string, label: string, icon: LucideIcon, call: () => Promise<unknown>): Command => ({
    id: `job-${what}`,
    label,
    icon,
    run: () => void attempt(call()),
  });
  const open = { id: 'job-open', label: words.openJob(name), icon: Play, run: () => router.go('run', runId) };
  if (job.state === 'running' && job.kind === 'train')
    return [command('pause', words.pause(name), Pause, () => api.jobs.pause({ id })), open];
  if (job.state === 'paused')
    return [command('resume', words.resume(name), Play, () => api.jobs.resume({ id })), open];
  return [open];
}
