export {
  addGenerationJobs,
  GenerationJob,
  type GenerationProgress,
  type GenerationQueue,
  generationQueue,
  generationQueueName,
} from './generation.ts';
