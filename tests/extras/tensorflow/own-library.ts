/** The folder with TensorFlow's own library that FETTLE_TFJS_HOME names for the tests; empty where it names none (home.ts). */
export const LIBRARY = process.env.FETTLE_TEST_TFJS_HOME ?? '';
