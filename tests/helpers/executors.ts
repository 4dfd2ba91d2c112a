/** Which executors the tests compare with reference values, and how much of them. */
import { describeError } from '../../common/errors.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import { EXECUTOR_NAMES } from '../../main/engine/exec/registry.ts';

/** Why ggml's library is not here; empty where it is. It comes with node-llama-cpp, which has none for some computers. */
const ggmlProblem = libraryProblem();
if (ggmlProblem) console.info(`Not run on ggml. ${ggmlProblem}`);

function libraryProblem(): string {
  try {
    openGgml();
    return '';
  } catch (error) {
    return describeError(error);
  }
}

/** The executors that compute in float32, which exact values are expected of. OpenVINO rounds to bfloat16: tests/conformance/openvino.test.ts. */
export const EXACT_EXECUTORS = EXECUTOR_NAMES.filter(
  (name) => name !== 'openvino' && !(name === 'ggml' && ggmlProblem),
);
