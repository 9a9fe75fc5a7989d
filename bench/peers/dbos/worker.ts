import { DBOS } from '@dbos-inc/dbos-sdk';
import { readSettings, workOf } from '../work.ts';
import { application, applicationVersion, queueName, workflowName } from './names.ts';

/** DBOS Transact as its guide has it: what has an effect is a step, and the workflow's sleep survives a crash. */
const settings = readSettings(process.env);
const work = workOf(settings);

/** Its default of 10 connections, doubled: thousands of workflows write a step at the same time. */
const systemDatabasePoolSize = 20;

DBOS.registerWorkflow(
  async (prompt: string) => {
    const id = DBOS.workflowID!;
    const upstreamId = await DBOS.runStep(() => work.submit(id, prompt), { name: 'submit' });
    for (;;) {
      await DBOS.sleep(settings.pollMs);
      // A step's result is kept as JSON, which has no `undefined`.
      const url = await DBOS.runStep(async () => (await work.ask(upstreamId)) ?? null, { name: 'ask' });
      if (url !== null) return DBOS.runStep(() => work.keep(id, url), { name: 'keep' });
    }
  },
  { name: workflowName },
);
DBOS.setConfig({
  name: application,
  applicationVersion,
  systemDatabaseUrl: settings.storeUrl,
  systemDatabasePoolSize,
  logLevel: 'error',
});
await DBOS.launch();
await DBOS.registerQueue(queueName, { workerConcurrency: settings.inFlight });
process.once('SIGTERM', () => process.exit(0));
process.stdout.write('ready\n');
