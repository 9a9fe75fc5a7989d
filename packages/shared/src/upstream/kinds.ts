import type { UpstreamClient, UpstreamSettings } from './client.ts';
import { nanoTasksClient } from './nano-tasks/nanoTasksClient.ts';

/** The client of a channel's upstream, by the channel's kind. A further kind is one folder and one line below. */
export function upstreamClient(settings: UpstreamSettings): UpstreamClient {
  switch (settings.channel.kind) {
    case 'nano-tasks':
      return nanoTasksClient(settings);
  }
}
