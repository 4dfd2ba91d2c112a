/** What `npm run verify:device` asks of extras' executors. */
export { tfjs } from './tensorflow/device-check.ts';
