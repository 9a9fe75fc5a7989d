export { setQueueCap } from './cap.ts';
export {
  addGenerationJobs,
  GenerationJob,
  type GenerationProgress,
  type GenerationQueue,
  generationQueue,
  generationQueueName,
  type NewJobs,
  removeGenerationJobs,
} from './generation.ts';
export { oldestWaiting } from './oldestWaiting.ts';
export {
  scheduleSweeps,
  sweepJobOptions,
  UpkeepJob,
  type UpkeepQueue,
  upkeepQueue,
  upkeepQueueName,
} from './upkeep.ts';
