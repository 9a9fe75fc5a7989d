export { type AcceptDeps, type Accepted, acceptTask, type Client, type Entry } from './acceptTask.ts';
export { type Admitted, admit } from './admit.ts';
export { beginsNoted } from './beginsNoted.ts';
export { type CancelDeps, cancelRecord, stopCanceled } from './cancelWhole.ts';
export { endsNoted } from './endsNoted.ts';
export { Headroom } from './headroom.ts';
export { formatOf, type Judged, judgeLine, type Runnable, reasonOf } from './judgeLine.ts';
export { judgeReceiver } from './judgeReceiver.ts';
export { type ReadTask, taskReader } from './taskReader.ts';
