import type { Told } from '../history/history.ts';
import type { Check, Finding } from './finding.ts';
import { doublesAreMarked, moneyIsAccountedFor, pricesAreRight, submissionsAreTold } from './money.ts';
import { deliveredIsStored, picturesAreRight, storageIsOwned } from './pictures.ts';
import { everythingEnds, nobodySeesItGoBack, nothingIsLost, oneTaskPerOrder, partsTakeLegalPaths } from './tasks.ts';
import { batchesAreWhole, everyEndIsTold, streamsHaveNoGap } from './told.ts';
import { keysAreOwned, logsAreClean, theStormWasOne } from './traces.ts';

/** Every promise that a history is judged by. */
export const checks = {
  nothingIsLost,
  everythingEnds,
  oneTaskPerOrder,
  nobodySeesItGoBack,
  partsTakeLegalPaths,
  doublesAreMarked,
  submissionsAreTold,
  moneyIsAccountedFor,
  pricesAreRight,
  picturesAreRight,
  deliveredIsStored,
  storageIsOwned,
  everyEndIsTold,
  streamsHaveNoGap,
  batchesAreWhole,
  logsAreClean,
  keysAreOwned,
  theStormWasOne,
} satisfies Record<string, Check>;

/** Judges a history, by itself alone. */
export function check(history: Told): Finding[] {
  return Object.entries(checks).flatMap(([name, judge]) => judge(history).map((what) => ({ check: name, what })));
}
