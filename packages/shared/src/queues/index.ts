export {
  addBatchJob,
  addRemovalJob,
  BatchJob,
  type BatchQueue,
  batchQueue,
  batchQueueName,
  removalJobId,
  wakeBatchJob,
} from './batches.ts';
export { setQueueCap } from './cap.ts';
export { couldStart } from './couldStart.ts';
export {
  addDeliveryJobs,
  DeliveryJob,
  type DeliveryQueue,
  deliveryQueue,
  deliveryQueueName,
} from './deliveries.ts';
export { type Band, bands, drawPriorities, type Payer, pullStragglers, removeWaiting } from './fairness.ts';
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
export { type JobNews, showJob } from './showJob.ts';
export {
  mendSweeps,
  scheduleSweeps,
  sweepJobOptions,
  UpkeepJob,
  type UpkeepQueue,
  upkeepQueue,
  upkeepQueueName,
} from './upkeep.ts';
