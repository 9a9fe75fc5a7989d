import getPort, { portNumbers } from 'get-port';
import { CannotGoOn } from '../cannotGoOn.ts';

/** The API's port where none is given, and how many after it are tried. */
const usual = 8080;
const tried = 100;

/**
 * The port that the API will listen on.
 * @param given PORT; empty or undefined means none, 0 any free one
 * @throws CannotGoOn when the given one is taken or is no port
 */
export async function choosePort(given: string | undefined, say: (message: string) => void): Promise<number> {
  if (!given) {
    const port = await getPort({ port: portNumbers(usual, usual + tried) });
    if (port !== usual) say(`port ${usual} is taken, ${port} it is; PORT chooses another`);
    return port;
  }
  const wanted = Number(given);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new CannotGoOn('PORT is not a number from 0 to 65535.');
  const port = await getPort({ port: wanted });
  if (wanted !== 0 && port !== wanted) throw new CannotGoOn(`Port ${wanted} is taken; set PORT to a free one.`);
  return port;
}
