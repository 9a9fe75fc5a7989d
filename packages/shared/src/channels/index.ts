export { askToSubmit, type Turn, type WaitReason } from './askToSubmit.ts';
export {
  type AmbiguousSubmit,
  type Catalogue,
  type Channel,
  chooseOffer,
  type EnabledModel,
  enabledModels,
  type ModelOffer,
  partSizes,
} from './catalogue.ts';
export { aspectRatios, nanoModels, ratiosOfSize, rulesOf } from './nanoFamily.ts';
export { type CircuitSettings, noteSubmit, type SubmitNote } from './noteSubmit.ts';
export { pauseChannel, readCap, resumeChannel, setCap } from './operateGate.ts';
export { readCatalogue, readUpstreamKeys } from './readCatalogue.ts';
export { type GateState, readGate } from './readGate.ts';
