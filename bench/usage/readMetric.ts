/** Reads metrics of a process. @returns their values, in the order they were asked for */
export async function readMetric(url: string, ...names: string[]): Promise<number[]> {
  const text = await (await fetch(url)).text();
  return names.map((name) => {
    const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`there is no metric ${name}`);
    return Number(value);
  });
}
