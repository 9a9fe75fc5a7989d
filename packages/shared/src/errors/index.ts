export { InvariantBroken } from './InvariantBroken.ts';
export { fieldProblem, Problem, type ProblemField } from './Problem.ts';
export { type ProblemCode, type ProblemKind, problems } from './problems.ts';
export { refuseProto } from './refuseProto.ts';
export {
  type TaskError,
  type TaskErrorCode,
  TaskFailed,
  taskError,
  taskErrors,
  type UpstreamSaid,
} from './taskErrors.ts';
