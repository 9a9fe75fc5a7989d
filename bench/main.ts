import { parseArgs } from 'node:util';
import { ensureRedisServer } from '@darkroom/cli/redis';
import { Redis } from 'ioredis';
import type { Bench, Plan } from './bench.ts';
import { benches } from './benches.ts';
import { describeMachine, loadNow } from './machine/describeMachine.ts';
import { type Postgres, startPostgres } from './machine/startPostgres.ts';
import { startRedis } from './machine/startRedis.ts';
import { keep } from './report/keep.ts';
import { sectionText } from './report/page.ts';

/** Rounds unless the command says otherwise: fewer say nothing about the spread. */
const rounds = { full: 5, quick: 1 };

const say = (line: string) => process.stdout.write(`${line}\n`);

const usage = `pnpm bench [name…] [--quick] [--rounds N] [--seed N] [--scale SHARE] [--no-keep]

${benches.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')}

--quick    small sizes, one round: proves that it runs; nothing is kept
--scale    a share of the tasks, such as 0.2: a shorter run, which the page says of itself
--no-keep  docs/benchmarks.md stays as it is`;

function readArgs() {
  const { values, positionals } = parseArgs({
    // What stands behind a bare -- is for us as well: pnpm passes it on.
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      scale: { type: 'string', default: '1' },
      'no-keep': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
  if (values.help || unknown.length > 0) {
    say(unknown.length > 0 ? `There is no bench ${unknown.join(', ')}.\n\n${usage}` : usage);
    process.exit(values.help ? 0 : 1);
  }
  const chosen = positionals.length > 0 ? benches.filter(({ name }) => positionals.includes(name)) : benches;
  const count = Number(values.rounds ?? (values.quick ? rounds.quick : rounds.full));
  return {
    chosen,
    quick: values.quick,
    rounds: count,
    seed: Number(values.seed),
    scale: Math.min(1, Number(values.scale)),
    keeps: !values.quick && !values['no-keep'],
  };
}

async function redisVersion(): Promise<string> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  const info = await redis.info('server');
  redis.disconnect();
  await server.stop();
  return /redis_version:(\S+)/.exec(info)![1]!;
}

async function runOne(bench: Bench, plan: Plan, keeps: boolean, stores: Record<string, string>): Promise<void> {
  say(`\n## ${bench.name}: ${bench.about}`);
  const [loadBefore, began] = [loadNow(), performance.now()];
  const sections = await bench.run(plan);
  const minutes = (performance.now() - began) / 60_000;
  for (const section of sections) say(`\n${sectionText(section)}`);
  if (!keeps) return;
  const result = {
    bench: bench.name,
    measured_at: new Date().toISOString(),
    machine: describeMachine(stores),
    load: [loadBefore, loadNow()] as [number, number],
    seed: plan.seed,
    rounds: plan.rounds,
    scale: plan.scale,
    minutes,
    sections,
  };
  keep(
    result,
    benches.map(({ name }) => name),
  );
}

const { chosen, keeps, ...how } = readArgs();
await ensureRedisServer({ env: process.env, say });
const stores: Record<string, string> = { Redis: await redisVersion() };
let started: Promise<Postgres> | undefined;
const postgres = async () => {
  started ??= startPostgres();
  const server = await started;
  stores.PostgreSQL = server.version;
  return server;
};
const { cores, cpu, versions } = describeMachine(stores);
say(`${cores} cores (${cpu}), load ${loadNow().toFixed(1)}, seed ${how.seed}, ${how.rounds} rounds`);
say(
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
);
const began = performance.now();
try {
  for (const bench of chosen) await runOne(bench, { ...how, say, postgres }, keeps, stores);
} finally {
  await (await started)?.stop();
}
say(`\n${chosen.length} benches in ${Math.round((performance.now() - began) / 1000)} s`);
process.exit(0);
