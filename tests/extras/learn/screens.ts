import {
  button,
  choose,
  heading,
  type Screen,
  scrollTo,
  text,
  toMiddle,
  toTop,
} from '../../helpers/screens/screen.ts';
import { showCourse, showLesson } from './fake-api.ts';

export const learnScreens: readonly Screen[] = [
  {
    name: 'learn',
    title: 'Learn: what fine-tuning is',
    at: 'learn/fine-tuning',
    ready: heading('What fine-tuning is'),
    main: true,
  },
  {
    name: 'learn-ways',
    title: 'Learn: what rows can show',
    at: 'learn/ways',
    ready: heading('Better and worse answers'),
  },
  {
    name: 'learn-memory',
    title: 'Learn: the textbook case of memory',
    at: 'learn/memory',
    ready: text('Moments of the optimizer'),
    main: true,
    wide: true,
  },
  {
    name: 'learn-memory-graph',
    title: "Learn: the textbook beside Fettle's own estimate",
    at: 'learn/memory',
    async act(page) {
      await text('Moments of the optimizer')(page).waitFor();
      await choose(page, 'Model', /Practice model/);
      await choose(page, 'Method', 'LoRA');
      await page.getByLabel('Rows at once').fill('4');
      await choose(page, 'Optimizer', 'SGD with momentum');
      // the same names in every language
      await text(/AdamW, .* SGD/)(page).waitFor();
      await toMiddle(text(/^Fettle's estimate for /)(page));
    },
    ready: text(/^Fettle's estimate for /),
  },
  {
    name: 'learn-time',
    title: 'Learn: time and cost side by side',
    at: 'learn/time',
    async act(page) {
      await text('NVIDIA A100 80 GB')(page).waitFor();
      await scrollTo(page, 'From operations to hours');
    },
    ready: text('NVIDIA A100 80 GB'),
    main: true,
  },
  {
    name: 'learn-time-cost',
    partOf: 'learn-time',
    title: 'Learn: what a training takes on graphics cards and on this computer',
    at: 'learn/time',
    async act(page) {
      await text('NVIDIA A100 80 GB')(page).waitFor();
      await toTop(page.getByRole('table').first());
    },
    ready: text('NVIDIA A100 80 GB'),
  },
  {
    name: 'learn-cards',
    title: 'Learn: large models on several cards, with the arithmetic of one',
    at: 'learn/time',
    async act(page) {
      await text('NVIDIA A100 80 GB')(page).waitFor();
      await button(page, 'Llama 2 70B').click();
      await text('The arithmetic for Llama 2 70B')(page).waitFor();
      await toTop(page.getByRole('table', { name: 'Trainings of large models' }));
    },
    ready: text('The arithmetic for Llama 2 70B'),
  },
  {
    name: 'learn-forgetting',
    title: 'Learn: the experiment before it is begun',
    at: 'learn/forgetting',
    ready: (page) => button(page, 'Train it too hard'),
  },
  {
    name: 'learn-forgetting-running',
    title: 'Learn: the experiment while it trains',
    at: 'learn/forgetting',
    world(world) {
      showLesson(world, 'running');
    },
    async act(page) {
      await text('Too hard')(page).waitFor();
      await scrollTo(page, 'An experiment');
    },
    ready: (page) => page.getByRole('progressbar').first(),
  },
  {
    name: 'learn-forgetting-done',
    title: 'Learn: the result of the experiment',
    at: 'learn/forgetting',
    world(world) {
      world.jobs = [];
      showLesson(world, 'done');
    },
    async act(page) {
      await text(/points of the quiz lost/)(page).waitFor();
      await scrollTo(page, 'An experiment');
    },
    ready: text(/kept most/),
    main: true,
  },
  {
    name: 'learn-lora',
    title: 'Learn: how LoRA changes that',
    at: 'learn/lora',
    ready: text(/The adapter has/),
    main: true,
  },
  {
    name: 'learn-lora-size',
    partOf: 'learn-lora',
    title: 'Learn: the size of an adapter beside its matrix',
    at: 'learn/lora',
    act: (page) => toMiddle(text(/The adapter has/)(page)),
    ready: text(/The adapter has/),
  },
  {
    name: 'learn-qlora',
    partOf: 'learn-lora',
    title: 'Learn: quantisation, and what it does to memory',
    at: 'learn/lora',
    async act(page) {
      await text('QLoRA, weights in 4 bits')(page).waitFor();
      await scrollTo(page, 'Quantising what does not change');
    },
    ready: text('QLoRA, weights in 4 bits'),
    main: true,
  },
  {
    name: 'learn-qlora-memory',
    partOf: 'learn-lora',
    title: 'Learn: what full fine-tuning, LoRA and QLoRA need of memory',
    at: 'learn/lora',
    act: (page) => toMiddle(text('QLoRA, weights in 4 bits')(page)),
    ready: text('QLoRA, weights in 4 bits'),
  },
  {
    name: 'learn-judging',
    title: 'Learn: how much of a figure is luck',
    at: 'learn/judging',
    ready: text(/^The range is/),
  },
  {
    name: 'course',
    title: 'The course, with two lessons done',
    at: 'learn/course',
    world(world) {
      showCourse(world, {
        tuning: { predicted: 'few-most', answers: ['style'] },
        memory: { predicted: 'twice', answers: ['weights', 'activations'] },
        time: { predicted: 'two-thirds', answers: [] },
      });
    },
    ready: text('Your answers are kept on this computer.'),
    main: true,
  },
  {
    name: 'course-predict',
    title: 'A lesson of the course before a prediction',
    at: 'learn/course/lora',
    ready: text('Predict first. The rest of the lesson comes then.'),
  },
  {
    name: 'course-lesson',
    title: 'A lesson of the course, its experiment and a wrong answer',
    at: 'learn/course/forgetting',
    world(world) {
      world.jobs = [];
      showLesson(world, 'done');
      showCourse(world, { forgetting: { predicted: 'half', answers: ['more-passes'] } });
    },
    async act(page) {
      await text(/points of the quiz lost/)(page).waitFor();
      await scrollTo(page, 'What happened');
    },
    ready: text('Not right. Try another answer.'),
    main: true,
  },
  {
    name: 'course-teacher',
    title: 'The course: plans, worksheet and solutions for teachers',
    at: 'learn/course/teacher',
    ready: heading('Solutions'),
    main: true,
  },
];
