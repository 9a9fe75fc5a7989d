export { setQueueCap } from './cap.ts';
export {
  addGenerationJobs,
  GenerationJob,
  type GenerationProgress,
  type GenerationQueue,
  generationQueue,
  generationQueueName,
  type NewJobs,
} from './generation.ts';
