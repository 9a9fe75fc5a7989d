import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, readFileSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { endWithUs } from './endWithUs.ts';

export type Postgres = {
  pid: number;
  version: string;
  /** Makes an empty database. @returns its URL */
  createDatabase(name: string): Promise<string>;
  /** Removes a database and whoever is still connected to it. */
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
};

/** Debian's own: it is installed from there where it is missing. */
const debianPackage = 'postgresql';

/**
 * Settings beside its defaults: memory for a small machine, room for every contestant's pool, and the statement counts.
 * What makes it durable (`fsync`, `synchronous_commit`, `full_page_writes`) stays as it is.
 */
const settings = ['shared_buffers=512MB', 'max_connections=200', 'shared_preload_libraries=pg_stat_statements'];

/** Looks, 100 ms apart, until connections are cut that stay. */
const leavingTries = 30;

/** Starts a PostgreSQL with a folder and a port of its own. @throws Error saying what to install where there is none */
export async function startPostgres(): Promise<Postgres> {
  const bin = (await findBin()) ?? (await install());
  const user = ordinaryUser();
  const dir = mkdtempSync(join(tmpdir(), 'darkroom-postgres-'));
  if (user) chownSync(dir, user.uid, user.gid);
  await run(
    join(bin, 'initdb'),
    ['-D', join(dir, 'data'), '-U', 'bench', '--auth=trust', '-E', 'UTF8', '--locale=C'],
    user,
  );
  const port = await freePort();
  const args = ['-D', join(dir, 'data'), '-p', String(port), '-k', dir, '-c', 'listen_addresses=127.0.0.1'];
  const child = spawn(join(bin, 'postgres'), [...args, ...settings.flatMap((one) => ['-c', one])], {
    ...user,
    cwd: dir,
    stdio: 'ignore',
  });
  child.once('exit', endWithUs(child.pid!));
  const urlOf = (database: string) => `postgres://bench@127.0.0.1:${port}/${database}`;
  const admin = await connected(urlOf('postgres'));
  // Every database is made from this one.
  const template = await connected(urlOf('template1'));
  await template.query('CREATE EXTENSION pg_stat_statements');
  await template.end();
  const { rows } = await admin.query('SHOW server_version');
  return {
    pid: child.pid!,
    version: String(rows[0].server_version).split(' ')[0]!,
    async createDatabase(name) {
      await admin.query(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async dropDatabase(name) {
      // Whoever has just been ended is still leaving.
      for (let tries = 0; tries < leavingTries; tries++) {
        const { rows } = await admin.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [name]);
        if (rows.length === 0) break;
        await sleep(100);
      }
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
    async stop() {
      await admin.end();
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function findBin(): Promise<string | undefined> {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ];
  for (const folder of folders) {
    const has = (name: string) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      );
    if ((await has('postgres')) && (await has('initdb'))) return folder;
  }
  return undefined;
}

async function install(): Promise<string> {
  const canInstall =
    process.getuid?.() === 0 &&
    (await access('/usr/bin/apt-get').then(
      () => true,
      () => false,
    ));
  if (canInstall) {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '-y', '--no-install-recommends', debianPackage]);
  }
  const bin = canInstall ? await findBin() : undefined;
  if (!bin) throw new Error(`There is no PostgreSQL: install it (Debian: apt install ${debianPackage}).`);
  return bin;
}

/** PostgreSQL refuses to run as root. @returns whom it runs as; undefined where we are somebody ordinary */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = lines.find((one) => one.startsWith('postgres:')) ?? lines.find((one) => one.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined) throw new Error('PostgreSQL needs a user that is not root, such as nobody.');
  return { uid: Number(uid), gid: Number(gid) };
}

async function run(command: string, args: string[], user?: { uid: number; gid: number }): Promise<void> {
  const child = spawn(command, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

async function connected(url: string): Promise<pg.Client> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(100);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
