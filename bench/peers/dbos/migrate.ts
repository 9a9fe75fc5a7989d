import { DBOS } from '@dbos-inc/dbos-sdk';
import { application, applicationVersion, queueName } from './names.ts';

/** Makes DBOS' tables and its queue in an empty database; a launch does the first, and this one works on nothing. */
export async function migrate(systemDatabaseUrl: string): Promise<void> {
  DBOS.setConfig({ name: application, applicationVersion, systemDatabaseUrl, listenQueues: [], logLevel: 'error' });
  await DBOS.launch();
  await DBOS.registerQueue(queueName);
  await DBOS.shutdown();
}
