/** Something that cannot happen has happened: a defect of ours. Fails what it touches loudly instead of going on. */
export class InvariantBroken extends Error {
  override name = 'InvariantBroken';
}
