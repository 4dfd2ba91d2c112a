/** The executors that compute in float32, which exact values are expected of. OpenVINO rounds to bfloat16: tests/conformance/openvino.test.ts. */
import { EXECUTOR_NAMES } from '../../main/engine/exec/registry.ts';

export const EXACT_EXECUTORS = EXECUTOR_NAMES.filter((name) => name !== 'openvino');
