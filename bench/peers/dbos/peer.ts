import { DBOSClient } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import type { Peer } from '../peer.ts';
import type { Picture } from '../work.ts';
import { migrate } from './migrate.ts';
import { application, applicationVersion, queueName, workflowName } from './names.ts';

export const dbos: Peer = {
  name: 'dbos',
  how: 'a workflow whose submission, queries and download are steps; it sleeps durably in between',
  store: 'postgres',
  program: new URL('./worker.ts', import.meta.url),
  async open(storeUrl) {
    await migrate(storeUrl);
    const client = await DBOSClient.create({ systemDatabaseUrl: storeUrl, applicationName: application });
    const reader = new pg.Client(storeUrl);
    await reader.connect();
    const wanted = { queueName, workflowName, appVersion: applicationVersion };
    return {
      async add({ prompt }) {
        return (await client.enqueue(wanted, prompt)).workflowID;
      },
      async finished() {
        const { rows } = await reader.query(
          `SELECT count(*) AS count FROM dbos.workflow_status WHERE status = 'SUCCESS' AND queue_name = $1`,
          [queueName],
        );
        return Number(rows[0].count);
      },
      async pictureOf(id) {
        const status = await client.retrieveWorkflow<Picture>(id).getStatus();
        return (status?.output as Picture | undefined)?.file;
      },
      async close() {
        await reader.end();
        await client.destroy();
      },
    };
  },
};
