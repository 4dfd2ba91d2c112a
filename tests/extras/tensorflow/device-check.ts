import type { DeviceCheck } from '../device-check.ts';
import { leaksOfTraining, TRAININGS } from './tfjs-leaks.ts';

export const tfjs: DeviceCheck = {
  title: 'with TensorFlow.js on',
  help: 'TensorFlow.js on the backend that loads',
  trainings: TRAININGS,
  leaksOfTraining: (training, steps) => leaksOfTraining(training as (typeof TRAININGS)[number], steps),
};
