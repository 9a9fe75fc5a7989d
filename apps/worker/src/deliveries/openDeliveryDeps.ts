import type { ReadTask } from '@darkroom/shared/admission';
import { urlSigner } from '@darkroom/shared/images';
import { publicTask } from '@darkroom/shared/tasks';
import type { Logger, Recorder } from '@darkroom/shared/telemetry';
import { type DispatchDeps, sealOf } from '@darkroom/shared/webhooks';
import type { WorkerConfig } from '../config.ts';
import type { DeliveryDeps } from './deps.ts';
import { createSender } from './send.ts';

type Common = DispatchDeps & {
  readTask: ReadTask;
  metrics: Recorder<'worker'>;
  logger: Logger;
  isClosing: () => boolean;
};

/** What deliveries need of a worker. Pictures are told by URLs that are good for as long as they are kept. */
export function openDeliveryDeps(config: WorkerConfig, common: Common): DeliveryDeps {
  const { keys, baseUrl } = config.signing;
  const { urlOf } = urlSigner(keys, { baseUrl, lifetimeMs: config.retention.tasks_ms, now: common.now });
  return {
    ...common,
    settings: config.delivery,
    sender: createSender(config.webhooks, config.delivery.timeout_ms),
    seal: sealOf(keys),
    showTask: (task) => publicTask(task, urlOf),
    random: Math.random,
  };
}
