import type { AcceptDeps } from '@darkroom/shared/admission';
import type { EnabledModel } from '@darkroom/shared/channels';
import type { UrlSigner } from '@darkroom/shared/images';
import type { ClientKey } from '@darkroom/shared/keys';
import type { BatchQueue, DeliveryQueue } from '@darkroom/shared/queues';
import type { TaskRecord } from '@darkroom/shared/tasks';
import type { Exposition, Recorder } from '@darkroom/shared/telemetry';
import type { Seal } from '@darkroom/shared/webhooks';
import type { channelShower } from './admin/channels.ts';
import type { EventHub } from './events/hub.ts';
import type { Tellings } from './events/tellings.ts';
import type { fileUse } from './routes/batches.ts';
import type { FindTask } from './routes/findTask.ts';
import type { WebhookDeps } from './routes/webhookEndpoints.ts';
import type { Waiters } from './waiting/waiters.ts';

/** All that the API stands on. */
export type AppDeps = AcceptDeps &
  WebhookDeps & {
    clients: readonly ClientKey[];
    models: ReadonlyMap<string, EnabledModel>;
    admin: { password: string | undefined; boardWrite: boolean };
    bodyBytesMax: number;
    /** where clients reach the API */
    publicUrl: string;
    syncWaitMs: number;
    batches: BatchQueue;
    deliveries: DeliveryQueue;
    events: EventHub;
    seal: Seal;
    noteEnd: (task: TaskRecord) => Promise<void>;
    /** longest line of a batch's input file, bytes */
    lineBytesMax: number;
    retentionMs: number;
    metrics: Recorder<'api'>;
    waiters: Waiters;
    signer: UrlSigner;
    /** what a scrape is answered with */
    expose: () => Promise<Exposition>;
    isDraining: () => boolean;
  };

/** What a route may be made with. */
export type Deps = AppDeps & {
  isInUse: ReturnType<typeof fileUse>;
  findTask: FindTask;
  showChannel: ReturnType<typeof channelShower>;
  tellings: Tellings;
};
