import { bullmq } from './bullmq/peer.ts';
import { bullmqSteps } from './bullmq-steps/peer.ts';
import { dbos } from './dbos/peer.ts';
import { graphileWorker } from './graphile-worker/peer.ts';
import type { Peer } from './peer.ts';
import { pgBoss } from './pg-boss/peer.ts';

export const peers: readonly Peer[] = [bullmq, bullmqSteps, pgBoss, graphileWorker, dbos];
